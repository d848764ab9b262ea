"""What a run was made of, as the tracker holds it: data without rows, settings and environment without places."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest

from segment.stages.base import OpenStudy
from segment.stages.tracking import Recording
from segment.store import digest_file


@pytest.fixture(scope="module")
def recorded(walked, copied_once: OpenStudy) -> tuple[OpenStudy, str]:  # type: ignore[no-untyped-def]
    """The study, and the run that was made of it."""
    recording = Recording.of(copied_once)
    for number, receipt in enumerate(walked.receipts):
        recording.take(receipt if number else receipt.__class__(**{**vars(receipt), "skipped": False}))
    recording.end(failed=False)
    assert recording.run.run_id is not None
    return copied_once, recording.run.run_id


def test_a_run_says_who_with_what_on_which_data(recorded: tuple[OpenStudy, str], walked) -> None:  # type: ignore[no-untyped-def]
    opened, run_id = recorded
    run = Recording.of(opened).run.tracker.client().get_run(run_id)
    assert run.info.run_name.startswith(
        "retention.bootstrap=10, max_rows=5000, "
    )  # the last word first; places are none
    assert run.data.params["set.segmentation.n_segments"] == "[4, 5]"
    assert not any(name.startswith("set.workspace") for name in run.data.params)
    assert run.data.tags["mlflow.source.name"] == "segment run" and run.data.tags["mlflow.user"]
    inputs = {one.dataset.name: one.dataset for one in run.inputs.dataset_inputs}
    assert set(inputs) == {"small people", "small responses", "small spells"}
    answers = inputs["small responses"]
    assert answers.digest == digest_file(opened.store.table_path("responses"))[:16]
    assert json.loads(answers.profile)["rows"].count("–") == 1  # a band
    columns = {column["name"]: column["type"] for column in json.loads(answers.schema)["mlflow_colspec"]}
    assert columns["I_PAY_match"] == "double" and columns["person"] == "string"


def test_what_opens_is_eight_figures_and_no_seed_or_digest(recorded: tuple[OpenStudy, str]) -> None:
    opened, run_id = recorded
    data = Recording.of(opened).run.tracker.client().get_run(run_id).data
    figures = {name for name in data.metrics if not name.endswith(("_low", "_high"))}
    assert {"segments", "agreement", "leaving", "leaving_gain", "leaving_slope", "rows_hidden"} <= figures
    assert len(figures) <= 8
    for name in ("agreement", "leaving", "leaving_gain", "leaving_slope"):
        assert data.metrics[f"{name}_low"] <= data.metrics[name] <= data.metrics[f"{name}_high"]
    axes = [name for name in (*data.params, *data.metrics) if not name.startswith("set.")]  # what was changed is told
    assert not any(word in name for name in axes for word in ("digest", "random_state")) and "rows" not in axes
    assert data.tags["random_state"] == "11"


def test_settings_and_environment_hold_no_place_and_nobody(recorded: tuple[OpenStudy, str], tmp_path: Path) -> None:
    opened, run_id = recorded
    client = Recording.of(opened).run.tracker.client()
    texts = [Path(client.download_artifacts(run_id, f"made_of/{name}.json", str(tmp_path))).read_text()
             for name in ("settings", "environment")]  # fmt: skip
    settings, made = map(json.loads, texts)
    assert settings["segmentation"]["n_segments"] == [4, 5] and settings["random_state"] == 11
    assert "governance" not in settings and "workspace" not in settings
    assert len(made["code"]) == 64 and made["python"].count(".") == 2
    for place in (str(opened.workspace), str(opened.study.file.parent), str(Path.home())):
        assert not any(place in text for text in texts)
    assert getpass.getuser() not in "".join(texts)
    people = opened.store.read("people")["person"]
    assert not any(person in text for person in people.head(50) for text in texts)
