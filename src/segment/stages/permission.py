"""Whether a run may publish: the champion's does, an experiment's does not, and before the first decision one asks.

The event log says which models were decided on; the registry is held against it where a release is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segment.exports.manifest import NAME as MANIFEST
from segment.stages.base import OpenStudy, Stage
from segment.stages.candidate import CANDIDATE, HOLD_BACK
from segment.stages.decisions import decisions_on
from segment.stages.provenance import changed_settings
from segment.stages.publish import PUBLISH, wave_of
from segment.stages.release.ledgers import has_released, ledger_of
from segment.store import read_json
from segment.tracking import registry

#: Stages that make the models a reviewer decides on.
_MAKE = ("discover", "retain")


@dataclass(frozen=True)
class Standing:
    """How the newest models stand to what was decided.

    Parameters
    ----------
    champion
        Decided model -> its version, where the newest is that very version.
    other
        Decided model -> its version, where the newest is another one.
    undecided
        Models that nobody has decided on.
    """

    champion: Mapping[str, int]
    other: Mapping[str, int]
    undecided: tuple[str, ...]

    @property
    def is_decided(self) -> bool:
        """Whether these are the champions, all of them."""
        return bool(self.champion) and not self.other and not self.undecided

    def __str__(self) -> str:
        if self.other:
            told = " and ".join(f"{model} version {number}" for model, number in self.other.items())
            return f"this is a challenger; the champion is {told}"
        if self.undecided:
            return f"nobody has decided on {' and '.join(self.undecided)} yet"
        told = " and ".join(f"{model} version {number}" for model, number in self.champion.items())
        return f"this is the champion ({told})" if told else "the study has no model that anybody could decide on"


def made_models(opened: OpenStudy) -> dict[str, str]:
    """The models of the newest results that a reviewer decides on: name -> digest."""
    files = [opened.receipts / f"{stage}.json" for stage in _MAKE]
    made = {name: str(digest) for file in files if file.is_file() for name, digest in read_json(file)["models"].items()}
    return {name: made[name] for name in registry.MODELS if name in made}


def standing(opened: OpenStudy) -> Standing:
    """How the newest models of a study stand to what was decided."""
    champion: dict[str, int] = {}
    other: dict[str, int] = {}
    undecided: list[str] = []
    for model, digest in made_models(opened).items():
        decided = decisions_on(opened, model)
        if not decided:
            undecided.append(model)
        else:
            (champion if decided[-1].sha256 == digest else other)[model] = decided[-1].version
    return Standing(champion, other, tuple(undecided))


def may_publish(opened: OpenStudy, *, asked: bool) -> bool:
    """Whether the newest results may go to HR.

    The champion's may. A challenger's may not, whoever asks. Where nobody has decided, they may when that is asked for:
    for this run (``asked``), or by the study (``review.publish_undecided``), which speaks for its own settings; with
    other settings only while nothing was published, as nothing can be spoiled then, and for what was published so.
    """
    now, config = standing(opened), opened.config
    if now.other:
        return False
    if now.is_decided or asked:
        return True
    own = not changed_settings(opened.study.overrides)
    return config.review.publish_undecided and (own or not _has_published(opened) or _is_published(opened))


def last_stage(opened: OpenStudy, *, asked: bool) -> Stage:
    """The stage that ends a run: the one that publishes, or the one that holds back."""
    return PUBLISH if may_publish(opened, asked=asked) else HOLD_BACK


def is_held_back(opened: OpenStudy) -> bool:
    """Whether the newest results were held back from HR."""
    file = opened.receipts / f"{HOLD_BACK.name}.json"
    files = read_json(file)["files"] if file.is_file() else {}
    return any(name.startswith(f"{CANDIDATE}/") for name in files)


def _is_published(opened: OpenStudy) -> bool:
    """Whether the release that stands is of this very study: the same settings, data and code, so the same bytes."""
    manifest = opened.workspace / "exports" / wave_of(opened) / MANIFEST
    return manifest.is_file() and read_json(manifest).get("study_digest") == opened.digest


def _has_published(opened: OpenStudy) -> bool:
    return has_released(opened) and bool(ledger_of(opened).entries())
