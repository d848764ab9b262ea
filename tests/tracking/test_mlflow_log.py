"""The log of a study: parents and children, what may be sent, and the registry's decisions."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from segment.errors import InvalidInput, NotReady, Refusal
from segment.store import Store
from segment.tracking.mlflow_log import StudyRun, Tracker
from segment.tracking.records import Record, artifact, count, from_frame, metric, param, table, tag, to_frame
from segment.tracking.registry import champion, download, promote, register_challenger


class Doubler:
    """A scorer that can be checked by hand."""

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"twice": frame["x"] * 2})


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Tracker:
    workspace = tmp_path_factory.mktemp("workspace")
    return Tracker.of(workspace, "pilot", environment={})


@pytest.fixture(scope="module")
def logged(tracker: Tracker) -> StudyRun:
    released = tracker.workspace / "released"
    released.mkdir()
    content = {"columns": ["segment", "n"], "data": [[0, "120"], [1, "80"]]}
    (released / "segments.json").write_text(json.dumps(content))
    (released / "note.txt").write_text("released")
    run = StudyRun(tracker, "pilot", {"study": "pilot"})
    run.log_stage("prepare", [metric("rows", 10), param("basis", "importance")], said="10 people", skipped=True)
    records = [
        metric("n_segments", 3),
        metric("agreement", 0.8),
        metric("agreement_low", 0.7),
        metric("agreement", 0.9, run="discover/mixture-3"),
        tag("chosen", "yes", run="discover/mixture-3"),
        table("segments", "released/segments.json"),
        artifact("files", "released/note.txt"),
    ]
    run.log_stage("discover", records, said="3 segments", skipped=False)
    run.end()
    return run


def test_records_survive_their_table() -> None:
    records = [metric("a", 1.5), param("b", "x"), tag("c", "y", run="discover")]
    back = from_frame(to_frame(records))
    assert [(r.kind, r.run, r.name, r.value) for r in back] == [(r.kind, r.run, r.name, r.value) for r in records]
    assert back[0].number == 1.5


def test_an_unknown_kind_of_record_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a kind of record"):
        Record("picture", "parent", "x")


def test_two_studies_in_one_process_keep_to_their_own_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for name in ("first", "second"):
        run = StudyRun(Tracker.of(tmp_path / name, name), name, {})
        run.log_stage("prepare", [metric("rows", 1)], said="", skipped=False)
        run.end()
        assert (tmp_path / name / "mlflow.db").is_file()


def test_a_run_in_which_nothing_ran_leaves_no_trace(tmp_path: Path) -> None:
    tracker = Tracker.of(tmp_path, "idle", environment={})
    run = StudyRun(tracker, "idle", {})
    run.log_stage("prepare", [metric("rows", 1)], said="", skipped=True)
    run.end()
    assert run.run_id is None
    assert list(tmp_path.iterdir()) == []


def test_parent_holds_every_stage_and_children_hang_below(tracker: Tracker, logged: StudyRun) -> None:
    client = tracker.client()
    parent = client.get_run(str(logged.run_id))
    assert parent.data.metrics == {"segments": 3.0, "agreement": 0.8, "agreement_low": 0.7}
    assert parent.data.tags["mlflow.note.content"] == "- **prepare**: 10–19 people\n- **discover**: 3 segments"
    assert parent.data.params == {"basis": "importance"}
    stage = client.get_run(str(logged.child("discover"))).data.metrics
    assert stage == {"n_segments": 3.0, "agreement": 0.8, "agreement_low": 0.7}
    assert client.get_run(str(logged.child("prepare"))).data.metrics == {"rows": 10.0}
    assert parent.info.status == "FINISHED"
    candidate = client.get_run(str(logged.child("discover/mixture-3")))
    assert candidate.data.metrics == {"agreement": 0.9}
    assert candidate.data.tags["mlflow.parentRunId"] == logged.child("discover")
    assert client.get_run(str(logged.child("discover"))).data.tags["mlflow.parentRunId"] == logged.run_id


def test_a_child_lasts_as_long_as_its_stage_and_the_parent_as_all(tmp_path: Path) -> None:
    """Not from when it was sent until the study ended: a reviewer reads which stage took how long."""
    tracker = Tracker.of(tmp_path, "lasting", environment={})
    run = StudyRun(tracker, "lasting", {})
    run.log_stage("prepare", [metric("rows", 1)], said="", skipped=True, took=(1_000_000, 1_004_000))
    run.log_stage(
        "discover", [metric("k", 3, run="discover/mixture-3")], said="", skipped=False, took=(1_010_000, 1_030_000)
    )
    run.log_stage("retain", [metric("slope", 1)], said="", skipped=False)  # when it ran is not known
    run.end()
    client = tracker.client()
    infos = {name: client.get_run(str(run.child(name))).info for name in ("prepare", "discover", "discover/mixture-3")}
    assert [(infos["prepare"].start_time, infos["prepare"].end_time)] == [(1_000_000, 1_004_000)]
    for name in ("discover", "discover/mixture-3"):
        assert (infos[name].start_time, infos[name].end_time) == (1_010_000, 1_030_000)
    assert client.get_run(str(run.run_id)).info.start_time == 1_010_000  # what was skipped ran in an earlier run
    assert client.get_run(str(run.child("retain"))).info.status == "FINISHED"
    again = StudyRun.found(tracker, "lasting", {}, run_id=str(run.run_id))
    assert again is not None
    again.log_stage("relate", [], said="", skipped=False)
    again.end()
    assert client.get_run(str(run.child("prepare"))).info.end_time == 1_004_000  # completing a run moves no end


def test_a_figure_per_step_is_a_line_of_its_own_and_is_rounded(tmp_path: Path) -> None:
    tracker = Tracker.of(tmp_path, "steps", environment={})
    run = StudyRun(tracker, "steps", {})
    points = [metric("k_means/agreement", 0.8123456 + k / 10, step=k, run="discover") for k in (1, 2)]
    back = from_frame(to_frame(points))
    assert back == points
    run.log_stage("discover", back, said="", skipped=False)
    run.end()
    line = tracker.client().get_metric_history(str(run.child("discover")), "k_means/agreement")
    assert [(one.step, one.value) for one in line] == [(1, 0.912), (2, 1.012)]


def test_what_leaves_for_the_tracker_is_rounded_and_counts_are_bands(tmp_path: Path) -> None:
    tracker = Tracker.of(tmp_path, "round", environment={})
    run = StudyRun(tracker, "round", {})
    figures = [metric("auc", 0.70710678118654752), metric("nothing", -0.0000001), count("rows", 2141), count("few", 3)]
    run.log_stage("prepare", figures, said="2,141 people, 31 exits among 60 spells, AUC 0.707", skipped=False)
    run.end()
    parent = tracker.client().get_run(str(run.run_id)).data
    stage = tracker.client().get_run(str(run.child("prepare"))).data
    assert stage.metrics == {"auc": 0.707, "nothing": 0.0, "rows": 2100.0, "few": 0.0} and parent.metrics == {}
    assert parent.tags["mlflow.note.content"] == (
        "- **prepare**: 2,100–2,199 people, 30–39 exits among 60–69 spells, AUC 0.707"
    )


def test_released_tables_can_be_compared_and_artifacts_stay_in_the_workspace(
    tracker: Tracker, logged: StudyRun
) -> None:
    client = tracker.client()
    assert {a.path for a in client.list_artifacts(str(logged.run_id))} == {"segments.json", "files"}
    assert (tracker.workspace / "mlartifacts").is_dir()
    assert client.load_table(client.get_run(str(logged.run_id)).info.experiment_id, "segments.json")["n"].astype(
        str
    ).tolist() == ["120", "80"]


@pytest.mark.parametrize("path", ["tables/people.parquet", "released/../tables/people.parquet", "/etc/hostname"])
def test_a_file_outside_the_released_folders_is_never_sent(tracker: Tracker, path: str) -> None:
    run = StudyRun(tracker, "leak", {})
    with pytest.raises(Refusal, match="not made from released tables"):
        run.log_stage("publish", [artifact("x", path)], said="", skipped=False)
    run.end(failed=True)


def test_a_name_that_comes_twice_counts_once_and_stops_no_model(tracker: Tracker, tmp_path: Path) -> None:
    run = StudyRun(tracker, "twice", {})
    run.log_stage("discover", [metric("style", 0.1), metric("style", 0.2)], said="", skipped=False)
    store = Store(tmp_path / "tables", tmp_path / "models")
    store.save_model("segmentation", Doubler(), card={"study": "twice"})
    file = store.model_path("segmentation")
    made = register_challenger(tracker, study="twice", model="segmentation", file=file, run_id=str(run.run_id))
    run.end()
    assert made.number == 1
    assert tracker.client().get_run(str(run.run_id)).data.metrics == {}
    assert tracker.client().get_run(str(run.child("discover"))).data.metrics == {"style": 0.1}


def test_a_reviewer_makes_a_champion_and_its_bytes_are_checked(
    tracker: Tracker, logged: StudyRun, tmp_path: Path
) -> None:
    store = Store(tmp_path / "tables", tmp_path / "models")
    store.save_model("segmentation", Doubler(), card={"study": "pilot"})
    file = store.model_path("segmentation")
    made = register_challenger(tracker, study="pilot", model="segmentation", file=file, run_id=str(logged.run_id))
    with pytest.raises(NotReady, match="no champion segmentation model"):
        champion(tracker, study="pilot", model="segmentation")
    promote(tracker, study="pilot", model="segmentation", version=made.number, by="A. Reviewer", reason="stable")
    best = champion(tracker, study="pilot", model="segmentation")
    assert best == made
    fetched = download(tracker, best, tmp_path / "fetched")
    scorer = Store(fetched.parent, fetched.parent).load_model("segmentation", object)
    assert scorer.score(pd.DataFrame({"x": [2]}))["twice"].tolist() == [4]
    tags = tracker.client().get_model_version("pilot-segmentation", str(best.number)).tags
    assert tags["decision.0001"] == f"promotion by A. Reviewer: stable (sha256 {best.sha256[:16]})"
    promote(tracker, study="pilot", model="segmentation", version=made.number, by="B. Reviewer", reason="still stable")
    tags = tracker.client().get_model_version("pilot-segmentation", str(best.number)).tags
    assert tags["decision.0001"].startswith("promotion by A. Reviewer: stable (")  # nobody's word is written over
    assert tags["decision.0002"].startswith("promotion by B. Reviewer: still stable (")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"model": "weather"}, "not a model a reviewer decides on"),
        ({"by": " "}, "needs to say who decides"),
        ({"version": 99}, "no version 99"),
    ],
)
def test_a_decision_that_cannot_be_made_is_refused(tracker: Tracker, how: dict[str, object], message: str) -> None:
    arguments = {"model": "segmentation", "version": 1, "by": "A. Reviewer", "reason": "stable"} | how
    with pytest.raises(Refusal, match=message):
        promote(tracker, study="pilot", **arguments)  # type: ignore[arg-type]
