"""Flows: order, receipts between tasks, refusals in words, and exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.arguments import names_of
from pipelines.command import run_command
from pipelines.flows import FLOWS, main
from pipelines.study import run_study
from pipelines.tasks import run_one
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import Receipt
from tests.live import QUICK, options


def test_the_whole_way_as_a_flow_then_nothing_changed(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(run_study, [str(study), *options()]) == 0
    said = capsys.readouterr().out
    assert "report.nl.html" in said
    assert len(said.splitlines()) <= 12
    workspace = study.parent / "var" / "tiny"
    assert (workspace / "mlflow.db").is_file()
    assert list((workspace / "exports").rglob("report.en.html"))
    assert run_command(run_study, [str(study), *options()]) == 0
    assert "Nothing changed" in capsys.readouterr().out


def test_a_task_returns_a_receipt_and_no_frame(study: Path) -> None:
    receipt = run_one.fn("prepare", str(study), QUICK)
    assert isinstance(receipt, Receipt)
    assert receipt.tables["people"]["rows"] > 300


def test_a_stage_is_a_flow_of_its_own(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(FLOWS["prepare"], [str(study), *options()], one_stage=True) == 0


def test_every_stage_is_a_flow_that_says_what_it_does() -> None:
    assert tuple(FLOWS) == tuple(STAGES_IN_ORDER)
    for name, flow in FLOWS.items():
        assert flow.name == name and flow.description


def test_a_stage_that_does_not_exist_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discoverr", "study.yaml"]) == 2
    assert "{prepare,discover,retain,relate,personalise,publish}" in capsys.readouterr().err
    assert main(["--help"]) == 0


def test_a_refusal_is_words_and_exit_code_one(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = study.parent / "broken.yaml"
    broken.write_text(study.read_text().replace("file: people.csv", "file: poeple.csv"))
    assert run_command(run_study, [str(broken), *options("workspace=broken")]) == 1
    said = capsys.readouterr().err
    assert "people.csv" in said
    assert "Traceback" not in said
    assert not (study.parent / "broken" / "tables").exists()


def test_a_mistake_in_the_settings_is_exit_code_one(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(run_study, [str(study), "--set", "segmentaton.n_splits=3"]) == 1
    assert "did you mean 'segmentation'" in capsys.readouterr().err


def test_one_stage_alone_is_refused_when_an_earlier_one_is_out_of_date(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the whole way: other settings for `prepare` and `retain` would publish last time's results as today's."""
    before = (study.parent / "var" / "tiny" / "receipts" / "publish.json").read_bytes()
    for changed, first in (("ingest.max_rows_named=7", "prepare"), ("retention.max_rows=2500", "retain")):
        assert run_command(run_study, [str(study), *options(changed), "--only", "publish"]) == 1
        said = capsys.readouterr().err
        assert "out of date" in said
        assert f"--from {first}" in said
    assert (study.parent / "var" / "tiny" / "receipts" / "publish.json").read_bytes() == before


def test_from_a_stage_on_runs_earlier_ones_that_are_out_of_date_first(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(run_study, [str(study), *options("segmentation.n_segments=[3]"), "--from", "personalise"]) == 0
    assert "3 segments as requested" in capsys.readouterr().out


def test_a_run_beside_another_is_refused_before_a_server_starts(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    holding = "import sys, time; from pathlib import Path; from segment.workspace.lock import alone_in\n"
    holding += "with alone_in(Path(sys.argv[1]), doing='run'): print('held', flush=True); time.sleep(60)"
    workspace = study.parent / "busy"
    other = subprocess.Popen([sys.executable, "-c", holding, str(workspace)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert run_command(_never, [str(study), *options("workspace=busy")], one_stage=True) == 1
    finally:
        other.kill()
        other.communicate()
    said = capsys.readouterr().err
    assert "in use" in said
    assert str(other.pid) in said


def _never(*args: object, **kwargs: object) -> None:
    """A flow that may not start."""
    raise AssertionError


_never.name = "prepare"  # type: ignore[attr-defined]  # as a flow has one


def test_wrong_usage_is_exit_code_two(study: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(run_study, [str(study), "--only", "dream"])
    assert ended.value.code == 2


def test_which_stages_run() -> None:
    assert names_of(start=None, only=None) == tuple(STAGES_IN_ORDER)
    assert names_of(start="relate", only=None) == ("relate", "personalise", "publish")
    assert names_of(start=None, only="retain") == ("retain",)


def test_nothing_is_published_before_a_decision_unless_that_is_asked(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undecided = study.parent / "undecided.yaml"
    undecided.write_text(study.read_text().replace("publish_undecided: true", "publish_undecided: false"))
    words = [str(undecided), *options("workspace=undecided")]
    assert run_command(run_study, words) == 0
    said = capsys.readouterr().out
    assert "HR's files: none yet" in said and f"{undecided.name} --publish" in said
    assert not list((study.parent / "undecided").glob("exports/*"))
    assert run_command(run_study, words) == 0
    assert "Nothing changed" in capsys.readouterr().out
    assert run_command(run_study, [*words, "--publish"]) == 0
    assert "published because that was asked for" in capsys.readouterr().out
    assert list((study.parent / "undecided").glob("exports/*/report.en.html"))
