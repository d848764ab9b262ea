"""The two sides of a comparison: which version of each model, from which run, and that run as the tracker shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from segment.errors import NotReady
from segment.stages.base import OpenStudy
from segment.stages.recovery import tracker_of
from segment.tracking import registry
from segment.tracking.registry import CHALLENGER, CHAMPION, Version
from segment.tracking.seen import SeenRun, find_run, seen_run

#: Released tables that a comparison reads.
TABLES = (
    "segments", "segment_names", "profiles", "stability", "detection", "nearness", "group_results", "typing_tool",
    "evaluation",
)  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One side: its versions and the run behind each, by model. ``title``: champion, challenger, or a run's name."""

    title: str
    versions: Mapping[str, Version] = field(default_factory=dict)
    runs: Mapping[str, SeenRun] = field(default_factory=dict)

    def run_of(self, model: str) -> SeenRun | None:
        """The run that made its version of a model."""
        return self.runs.get(model)

    @property
    def named(self) -> str:
        """The side with its versions, for a tag."""
        told = ", ".join(f"{model} version {one.number}" for model, one in self.versions.items())
        return f"{self.title} ({told})" if told else self.title


def decided_sides(opened: OpenStudy) -> tuple[Side, Side]:
    """The champion of each model, as far as anybody decided, and its challenger.

    Raises
    ------
    NotReady
        Nothing is registered yet.
    """
    tracker, study = tracker_of(opened), opened.config.study
    found = {alias: registry.aliased(tracker, study=study, alias=alias) for alias in (CHAMPION, CHALLENGER)}
    if not found[CHALLENGER]:
        raise NotReady(
            "There is no challenger to compare.", where=str(opened.workspace), advice="run the study first: segment run"
        )
    first, second = (_side(opened, alias, found[alias]) for alias in (CHAMPION, CHALLENGER))
    return first, second


def sides_of_runs(opened: OpenStudy, runs: tuple[str, str]) -> tuple[Side, Side]:
    """Two runs, each with the versions it made, by their ids."""
    tracker, study = tracker_of(opened), opened.config.study
    sides = []
    for told in runs:
        seen = seen_run(tracker, find_run(tracker, told), TABLES)
        versions = {
            model: registry.version_of(tracker, study=study, model=model, number=number)
            for model, number in seen.versions.items()
            if model in registry.MODELS
        }
        title = f"{seen.name} ({seen.run_id[:8]})"
        sides.append(Side(title, versions, dict.fromkeys(registry.MODELS, seen)))
    return sides[0], sides[1]


def _side(opened: OpenStudy, title: str, versions: Mapping[str, Version]) -> Side:
    tracker = tracker_of(opened)
    ids = dict.fromkeys(one.run_id for one in versions.values())
    seen = {run_id: seen_run(tracker, run_id, TABLES) for run_id in ids}
    return Side(title, versions, {model: seen[one.run_id] for model, one in versions.items()})
