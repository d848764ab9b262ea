"""A release that was taken back is seen as such in the tracker, and can no longer be read there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.errors import NotReady
from segment.tracking.mlflow_log import StudyRun, Tracker
from segment.tracking.records import artifact, metric, table
from segment.tracking.withdrawal import WITHDRAWN, mark_withdrawn

SAID = {"by": "A. Reviewer", "reason": "a wrong export", "on": "2026-03-01"}


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    released = tmp_path / "released"
    released.mkdir()
    (released / "segments.json").write_text(json.dumps({"columns": ["segment", "n"], "data": [[0, "120"]]}))
    (released / "note.txt").write_text("released")
    found = Tracker.of(tmp_path, "pilot", environment={})
    for study in ("pilot", "other"):
        run = StudyRun(found, study, {"study": study})
        records = [metric("k", 3), table("segments", "released/segments.json", run="publish")]
        run.log_stage("publish", [*records, artifact("exports", "released/note.txt")], said="3 pages", skipped=False)
        run.end()
    return found


def test_its_runs_say_so_and_hold_none_of_it(tracker: Tracker) -> None:
    assert mark_withdrawn(tracker, study="pilot", **SAID) == (1, 0)
    client = tracker.client()
    experiment = client.get_experiment_by_name("pilot").experiment_id
    runs = client.search_runs([experiment])
    of_it = [run for run in runs if run.data.tags["study"] == "pilot"]
    assert len(of_it) == 2 and all("A. Reviewer: a wrong export" in run.data.tags[WITHDRAWN] for run in of_it)
    assert all(client.list_artifacts(run.info.run_id) == [] for run in of_it)
    (parent,) = (run for run in of_it if "mlflow.parentRunId" not in run.data.tags)
    note = parent.data.tags["mlflow.note.content"]
    assert note.startswith("**Withdrawn** on 2026-03-01 by A. Reviewer") and "3 pages" in note
    others = [run for run in runs if run.data.tags["study"] == "other"]
    assert all(WITHDRAWN not in run.data.tags for run in others)
    assert any(client.list_artifacts(run.info.run_id) for run in others)
    assert mark_withdrawn(tracker, study="pilot", **SAID) == (0, 0)


@pytest.mark.parametrize("how", [shutil.copytree, shutil.move], ids=["copied", "moved"])
def test_a_copied_or_moved_workspace_has_its_own_files_and_no_other(
    tracker: Tracker, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, how: Callable[..., object]
) -> None:
    """The store holds whole addresses: a copy would empty the runs of the first one, and log into it."""
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    place = tmp_path_factory.mktemp("elsewhere") / "work"
    how(tmp_path, place)
    other = Tracker.of(place, "pilot", environment={})
    assert any(place.joinpath("mlartifacts").rglob("note.txt"))
    assert mark_withdrawn(other, study="pilot", **SAID) == (1, 0)
    run = StudyRun(other, "pilot", {"study": "pilot"})
    run.log_stage("publish", [artifact("exports/dossier", "released/note.txt")], said="again", skipped=False)
    run.end()
    client = other.client()
    runs = client.search_runs([client.get_experiment_by_name("pilot").experiment_id])
    assert all(run.info.artifact_uri.startswith(place.as_uri()) for run in runs)
    assert [path.parent.name for path in place.joinpath("mlartifacts").rglob("note.txt")].count("dossier") == 1
    assert len(list(place.joinpath("mlartifacts").rglob("note.txt"))) == 2, "one of the other study, one of now"
    if how is shutil.copytree:
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_without_a_tracker_nothing_is_made_and_one_out_of_reach_is_named(tmp_path: Path, monkeypatch) -> None:
    assert mark_withdrawn(Tracker.of(tmp_path, "pilot", environment={}), study="pilot", **SAID) == (0, 0)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = Tracker("http://127.0.0.1:9", "pilot", tmp_path)
    with pytest.raises(NotReady, match="could not be reached"):
        mark_withdrawn(away, study="pilot", **SAID)
