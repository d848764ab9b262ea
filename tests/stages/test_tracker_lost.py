"""A tracker that is lost on the way, that came late, or whose runs were killed: nothing twice, nothing missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.recovery import tracker_of
from segment.stages.tracking import Recording, track_study
from segment.tracking.mlflow_log import runs_where
from tests.live import free_port, mlflow_server

EVERY = tuple(STAGES_IN_ORDER)
COMPLETE = "The tracker has everything that lies on disk."


def runs_of(opened: OpenStudy) -> dict[str, list[tuple[str, str]]]:
    """Name and status of all runs, by the study run they belong to."""
    tracker = tracker_of(opened)
    client = tracker.client()
    found: dict[str, list[tuple[str, str]]] = {}
    for run in runs_where(client, tracker.experiment_id(client), ""):
        of = run.data.tags.get("study_run", run.info.run_id)
        found.setdefault(of, []).append((run.info.run_name, run.info.status))
    return found


def versions_of(opened: OpenStudy) -> list[tuple[str, int]]:
    found = tracker_of(opened).client().search_model_versions()
    return sorted((version.name.rpartition("-")[2], int(version.version)) for version in found)


def resumed(opened: OpenStudy, said: list[str], *, resume: bool = True) -> str:
    return track_study(
        opened.study.file, resume=resume, tell=said.append, overrides=[*QUIETLY, f"workspace={opened.workspace}"]
    )


QUIETLY: list[str] = []


@pytest.fixture(autouse=True)
def _same_settings(walked: object) -> None:
    QUIETLY[:] = [text for text in walked.overrides if not text.startswith("workspace=")]  # type: ignore[attr-defined]


def again(opened: OpenStudy, *, said: Callable[[str], object]) -> None:
    """A run in which every stage is up to date."""
    recording = Recording.of(opened, tell=said)
    for stage in STAGES_IN_ORDER.values():
        recording.take(run_stage(stage, opened))
    recording.end(failed=False)


def test_a_server_lost_midway_gets_what_is_missing_once(
    copied: OpenStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, said = free_port(), []  # type: ignore[var-annotated]
    (tmp_path / "server").mkdir()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    with mlflow_server(tmp_path / "server", port=port):
        recording = Recording.of(copied, tell=said.append)
        recording.take(run_stage(STAGES_IN_ORDER["prepare"], copied, force=True))
    for name in EVERY[1:]:
        recording.take(run_stage(STAGES_IN_ORDER[name], copied))
    recording.end(failed=False)
    assert "Connection refused" in said[0]
    assert said[0].endswith("the study goes on without it.")
    assert "--resume" in said[-1]
    with mlflow_server(tmp_path / "server", port=port):
        assert resumed(copied, said, resume=False).startswith("The tracker lacks: discover, retain, relate,")
        assert "model segmentation" in resumed(copied, said)
        for _ in range(2):
            assert resumed(copied, said) == COMPLETE
            again(copied, said=said.append)
        (run,) = runs_of(copied).values()
        assert {status for _, status in run} == {"FINISHED"}
        assert set(EVERY) < {name for name, _ in run}
        assert len({name for name, _ in run}) == len(run)
        assert versions_of(copied) == [("retention", 1), ("segmentation", 1)]
    assert not (copied.workspace / "mlflow.db").exists()


def test_a_run_that_finds_its_stages_done_registers_what_was_not_registered(copied: OpenStudy) -> None:
    """Every stage was run by itself, so nothing was ever sent."""
    said: list[str] = []
    again(copied, said=said.append)
    assert versions_of(copied) == [("retention", 1), ("segmentation", 1)]
    (run,) = runs_of(copied).values()
    assert {status for _, status in run} == {"FINISHED"}
    again(copied, said=said.append)
    assert len(runs_of(copied)) == 1
    assert versions_of(copied) == [("retention", 1), ("segmentation", 1)]
    assert said == []


def test_what_was_killed_is_ended_as_such_by_the_next_run(copied: OpenStudy) -> None:
    killed = Recording.of(copied)
    killed.take(run_stage(STAGES_IN_ORDER["relate"], copied, force=True))  # and never ended
    first = str(killed.run.run_id)
    following = Recording.of(copied)
    following.take(run_stage(STAGES_IN_ORDER["publish"], copied, force=True))
    following.end(failed=False)
    assert {status for _, status in runs_of(copied)[first]} == {"KILLED"}
    assert {status for _, status in runs_of(copied)[str(following.run.run_id)]} == {"FINISHED"}


def test_a_damaged_store_is_moved_aside_and_everything_is_sent_again(copied: OpenStudy) -> None:
    said: list[str] = []
    again(copied, said=said.append)
    with closing(sqlite3.connect(copied.workspace / "mlflow.db")) as store:
        store.execute("CREATE TABLE _alembic_tmp_jobs (id INTEGER)")
        store.commit()
    again(copied, said=said.append)
    assert [line.partition(";")[0] for line in said] == [
        f"The store of earlier runs was damaged and is now {copied.workspace / 'mlflow.db.damaged-1'}"
    ]
    assert versions_of(copied) == [("retention", 1), ("segmentation", 1)]


def test_a_store_without_room_is_told_by_its_code_and_the_study_goes_on(
    copied: OpenStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    recording = Recording.of(copied, tell=said.append)

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("segment.tracking.mlflow_log._send_files", full)
    recording.take(run_stage(STAGES_IN_ORDER["publish"], copied, force=True))
    recording.end(failed=False)
    assert said[0] == "The tracker was lost (OSError: No space left on device); the study goes on without it."
    monkeypatch.undo()
    again(copied, said=said.append)
    assert {status for run in runs_of(copied).values() for _, status in run} == {"FINISHED"}
    assert len(runs_of(copied)) == 1
