"""A promotion and a release that were killed: the next command completes them, or nothing has happened."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from segment.errors import RefusedRelease
from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.audit import audit_study
from segment.stages.base import decided_store
from segment.stages.recovery import complete_interrupted, tracker_of
from segment.stages.release.history import withdraw
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.score import promote_model
from segment.stages.tracking import Recording
from segment.store import digest_file, read_json
from segment.tracking import registry
from segment.workspace import transaction
from segment.workspace.transaction import ROOM, pending

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"


def killed(*args: object, **kwargs: object) -> None:
    raise KeyboardInterrupt


STEPS = {
    "nothing was put in place": "segment.workspace.transaction._put",
    "the file lies there and no event says so": "segment.governance.events.EventLog.write",
    "the event says so and the registry does not know": "segment.tracking.registry.promote",
}


@pytest.fixture(scope="module")
def recorded(copied_once: OpenStudy) -> OpenStudy:
    """A study whose first version of the segmentation is registered."""
    recording = Recording.of(copied_once)
    recording.take(run_stage(STAGES_IN_ORDER["discover"], copied_once, force=True))
    recording.end(failed=False)
    return copied_once


@pytest.mark.parametrize("step", STEPS)
def test_a_promotion_that_was_killed_is_completed_in_the_order_file_event_alias(
    walked: Walk, recorded: OpenStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    shutil.copytree(recorded.workspace, tmp_path / "work")
    options = [*walked.overrides, f"workspace={tmp_path / 'work'}"]
    copied = walked.open(f"workspace={tmp_path / 'work'}")
    place, name = decided_store(copied.store.models).model_path("segmentation"), copied.config.study

    def decided() -> list[str]:
        return [event.subject for event in events_of(copied).events() if event.action == "promote"]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(STEPS[step], killed)
        promote_model(walked.file, model="segmentation", version=1, by="A. Boss", reason="stable", overrides=options)
    assert place.is_file() == (step != "nothing was put in place")
    assert len(decided()) == (step == "the event says so and the registry does not know")
    assert pending(copied.workspace) == "promote"
    assert complete_interrupted(copied)
    champion = registry.champion(tracker_of(copied), study=name, model="segmentation")
    assert (champion.number, champion.sha256) == (1, digest_file(place))
    assert read_json(place.with_suffix(".json"))["sha256"] == digest_file(place)
    assert decided() == [champion.name]
    assert not complete_interrupted(copied)


def tables_of(opened: OpenStudy) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (opened.workspace / "released" / WAVE).iterdir()}


def test_a_release_that_was_killed_before_the_data_changed_has_advice_that_works(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written down and never left stays missing, however often others are published: it is taken back."""
    before, named = tables_of(copied), [*walked.overrides, f"workspace={copied.workspace}"]
    other = walked.open(f"workspace={copied.workspace}", "retention.bootstrap=12")
    run_stage(STAGES_IN_ORDER["retain"], other)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("segment.stages.publish._put_out", killed)
        run_stage(STAGES_IN_ORDER["publish"], other, force=True)
    for _ in range(2):
        run_stage(STAGES_IN_ORDER["retain"], copied)
        run_stage(STAGES_IN_ORDER["publish"], copied, force=True)
        with pytest.raises(RefusedRelease, match="no release in the workspace holds it") as refusal:
            audit_study(walked.file, overrides=named)
        assert "data have changed since" in str(refusal.value) and "segment withdraw STUDY" in str(refusal.value)
    withdraw(walked.file, by="A. Officer", reason="publishing was stopped, nobody holds files", overrides=named)
    run_stage(STAGES_IN_ORDER["publish"], copied)
    assert any("could be recovered" in line for line in audit_study(walked.file, overrides=named))
    assert tables_of(copied) == before


def whole(opened: OpenStudy) -> dict[str, bytes]:
    """Every file of a release, after seeing that they belong together."""
    exports, tables = opened.workspace / "exports" / WAVE, opened.workspace / "released" / WAVE
    listed = read_json(exports / "manifest.json")
    there = {p.relative_to(exports).as_posix(): digest_file(p) for p in exports.rglob("*") if p.is_file()}
    assert {name: digest for name, digest in there.items() if name != "manifest.json"} == listed["files"]
    assert {path.stem for path in tables.iterdir()} == set(json.loads((exports / "released.json").read_text()))
    assert listed["chain"][-1] in read_json(opened.workspace / "releases.json")["releases"]
    assert ledger_of(opened).verify() is None
    assert not (opened.workspace / ROOM).exists()
    return {path.relative_to(exports).as_posix(): path.read_bytes() for path in exports.rglob("*") if path.is_file()}


def test_a_release_that_was_killed_is_the_old_one_or_the_new_one(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, before = STAGES_IN_ORDER["publish"], whole(copied)
    other = walked.saying(title={"en": "Another title"}).open(f"workspace={copied.workspace}")

    def stop(owner: object, name: str, at: Callable[..., bool]) -> None:
        real = getattr(owner, name)

        def stopped(*args: object) -> object:
            if at(*args):
                raise KeyboardInterrupt
            return real(*args)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(owner, name, stopped)
            run_stage(publish, other, force=True)

    def grants() -> list[str]:
        return [event.subject for event in events_of(other).events() if event.action == "grant"]

    granted = grants()
    stop(transaction, "save_json", lambda *_: True)  # everything is made, and nothing decided
    assert not complete_interrupted(other)
    assert whole(other) == before
    assert grants() == granted  # what was not handed over is not said to have been
    stop(transaction, "_put", lambda fresh, target, old: "released" in Path(str(target)).parts)
    assert pending(other.workspace) == "publish"
    assert complete_interrupted(other)
    assert not complete_interrupted(other)
    assert sorted(set(grants())) == ["cards", "segments"]
    assert grants() == [*granted, "segments", "cards"]  # once each
    after = whole(other)
    assert b"Another title" in after["report.en.html"]
    assert before != after
    run_stage(publish, other, force=True)
    assert whole(other).keys() == after.keys()
