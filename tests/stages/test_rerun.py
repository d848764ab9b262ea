"""A run once more: the same bytes, or what differs; and nothing of the study changes by it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.errors import Refusal
from segment.governance.anchors import ANCHORS
from segment.governance.organisation import LEDGER
from segment.stages import STAGES_IN_ORDER, recorded, run_stage
from segment.stages.recovery import tracker_of
from segment.stages.rerun import run_again
from segment.stages.tracking import Recording
from segment.store import read_json, save_json
from tests.stages.conftest import Decided, Walk


def record(study: Decided) -> str:
    """All stages on their way into the tracker; the id of the run."""
    recording = Recording.of(study.open())
    for stage in STAGES_IN_ORDER.values():
        recording.take(run_stage(stage, study.open(), force=stage.name == "publish"))
    recording.end(failed=False)
    return str(recording.run.run_id)


@pytest.fixture(scope="module")
def run(walked: Walk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Decided, str]:
    """A study whose run is recorded."""
    study = Decided(walked.file, walked.overrides).copy(tmp_path_factory.mktemp("rerun") / "small")
    return study, record(study)


def bytes_under(*folders: Path) -> dict[str, str]:
    """Digest of every file; databases in use may keep their journals."""
    files = (file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if "-journal" not in file.name}


def _in(study: Decided) -> Path:
    """The study's file with the workspace it is run in, for a test that keeps it elsewhere."""
    file = study.file.with_name("placed.yaml")
    lines = [line for line in study.file.read_text().splitlines() if not line.startswith("workspace:")]
    file.write_text("\n".join([*lines, f"workspace: {study.open().workspace}", ""]))
    return file


def test_an_untouched_run_agrees_in_every_byte_and_changes_nothing(run: tuple[Decided, str]) -> None:
    study, run_id = run
    opened = study.open()
    before = bytes_under(opened.workspace, opened.store.models, study.file.parent)
    placed = _in(study)
    versions = tracker_of(opened).client().search_model_versions("")
    before |= bytes_under(placed.parent)
    said: list[str] = []
    found = run_again(run_id[:12], study=placed, tell=said.append)
    assert found.agrees, found.said
    assert "released files have the same bytes" in found.said[0] and len(said) == len(STAGES_IN_ORDER)
    after = bytes_under(opened.workspace, opened.store.models, study.file.parent)
    assert {name: digest for name, digest in after.items() if "mlflow.db" not in name} == {
        name: digest for name, digest in before.items() if "mlflow.db" not in name
    }
    assert len(tracker_of(opened).client().search_model_versions("")) == len(versions)


def test_other_data_and_other_settings_are_named(run: tuple[Decided, str], tmp_path: Path) -> None:
    study = run[0].copy(tmp_path / "small")
    run_id = record(study)
    survey = study.file.parent / "responses_2024-03.csv"
    lines = survey.read_text().splitlines()
    survey.write_text("\n".join(lines[:-30]) + "\n")
    placed = _in(study)
    study.file.write_text(
        study.file.read_text().replace("manager_span: {purpose: model", "manager_span: {purpose: profile")
    )
    found = run_again(run_id, study=placed, tell=lambda _: None)
    told = "\n".join(found.said)
    assert not found.agrees and "differs in" in found.said[0] and "exports/2024-03/released.json" in told
    assert "settings: the study's file says otherwise by now (sources)" in told
    assert "data responses_2024-03.csv: " in told and "code: " not in told and "lock file" not in told


def test_a_file_that_is_gone_is_named_before_anything_runs(run: tuple[Decided, str], tmp_path: Path) -> None:
    study = run[0].copy(tmp_path / "small")
    run_id = record(study)
    (study.file.parent / "units.csv").unlink()
    with pytest.raises(Refusal, match="files that it was made from are gone") as refused:
        run_again(run_id, study=_in(study), tell=lambda _: pytest.fail("a stage ran"))
    assert "units.csv" in str(refused.value)


def test_other_code_lock_and_processor_are_told_even_where_the_bytes_agree(run: tuple[Decided, str]) -> None:
    study, run_id = run
    file = study.open().workspace / recorded.RUNS / f"{run_id}.json"
    kept = read_json(file)
    other = {"code": "0" * 64, "lock file": "1" * 64, "processor": "another one"}
    save_json(file, kept | {"made_of": kept["made_of"] | other})
    try:
        found = run_again(run_id, study=_in(study), tell=lambda _: None)
    finally:
        save_json(file, kept)
    told = "\n".join(found.said)
    assert found.agrees and all(f"  {name}: " in told for name in other)


def test_the_verb_finds_the_workspace_and_an_unknown_run_is_refused_with_those_there_are(
    run: tuple[Decided, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, run_id = run
    told = CliRunner().invoke(app, ["rerun", "0" * 32, "--study", str(_in(study))])
    assert told.exit_code == 1 and "No run of that id was recorded" in told.output and run_id[:12] in told.output
    monkeypatch.chdir(study.file.parent)
    told = CliRunner().invoke(app, ["rerun", run_id])
    assert told.exit_code == 1 and "--study STUDY" in told.output


def test_a_run_on_personal_data_is_rebuilt_with_its_key_and_refused_without(
    walked: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pseudonyms come from the organisation's key: with it every byte agrees, without it nothing is begun."""
    monkeypatch.setenv("SEGMENT_PSEUDONYM_KEY", bytes(range(32)).hex())
    for name in (ANCHORS, LEDGER):
        monkeypatch.setenv(name, str(tmp_path / name))
    work = tmp_path / "work"
    file = walked.saying(data="personal", workspace=str(work)).file
    study = Decided(file, (*walked.overrides, f"workspace={work}"))
    run_id = record(study)
    kept = (work / "exports", study.open().store.models, tmp_path / LEDGER)
    before = bytes_under(*kept)
    found = run_again(run_id, study=file, tell=lambda _: None)
    assert found.agrees, found.said
    assert bytes_under(*kept) == before, "nothing is published, registered or written down"
    people = set(pd.read_csv(walked.file.parent / "responses_2024-03.csv", dtype=str)["person_id"])
    assert not any(person in line for line in found.said for person in people)
    monkeypatch.delenv("SEGMENT_PSEUDONYM_KEY")
    with pytest.raises(Refusal, match="key"):
        run_again(run_id, study=file, tell=lambda _: None)
