"""A release that was taken back is seen as such in the tracker, and can no longer be read there."""

from __future__ import annotations

import json
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


def test_without_a_tracker_nothing_is_made_and_one_out_of_reach_is_named(tmp_path: Path, monkeypatch) -> None:
    assert mark_withdrawn(Tracker.of(tmp_path, "pilot", environment={}), study="pilot", **SAID) == (0, 0)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = Tracker("http://127.0.0.1:9", "pilot", tmp_path)
    with pytest.raises(NotReady, match="could not be reached"):
        mark_withdrawn(away, study="pilot", **SAID)
