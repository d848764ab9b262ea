"""Experiments publish nothing: HR's files, ledger and handover change for the champion, or where that was asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.base import Receipt
from segment.stages.candidate import CANDIDATE
from segment.stages.permission import is_held_back, last_stage, may_publish, standing
from segment.stages.recovery import tracker_of
from segment.stages.release.ledgers import ledger_of
from segment.stages.rerun import run_again
from segment.stages.summary import describe_run
from segment.stages.tracking import Recording
from segment.store import digest_file, read_json
from segment.tracking.registry import CHALLENGER, aliased
from tests.stages.conftest import Decided, Walk

OTHER = ("segmentation.n_segments=[3]",)


def run(study: Decided, *, publish: bool = False) -> tuple[Receipt, ...]:
    """The whole way as a flow walks it, into the tracker."""
    recording = Recording.of(study.open())
    receipts = []
    for name, stage in STAGES_IN_ORDER.items():
        chosen = last_stage(study.open(), asked=publish) if name == "publish" else stage
        receipts.append(run_stage(chosen, study.open()))
        recording.take(receipts[-1])
    recording.end(failed=False)
    return tuple(receipts)


def promote(study: Decided, version: int, *models: str) -> None:
    for model in models or ("segmentation", "retention"):
        code, said = study.type(
            "promote", "--model", model, "--version", str(version), "--by", "A. Reviewer", "--reason", "it holds"
        )
        assert code == 0, said


def left(study: Decided) -> dict[str, str]:
    """Everything that HR or a data team receives, with the release ledger."""
    opened = study.open()
    folders = [opened.workspace / name for name in ("exports", "handover", "released")]
    files = {str(f.relative_to(opened.workspace)): digest_file(f) for d in folders for f in d.rglob("*") if f.is_file()}
    return files | {"ledger": str(ledger_of(opened).head)}


def hr_segments(study: Decided) -> int:
    """How many segments HR's files show."""
    (file,) = (study.open().workspace / "released").glob("*/segments.json")
    return len(read_json(file)["data"])


@pytest.fixture(scope="module")
def fresh(walked: Walk, tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """A study in an empty workspace that does not say that it publishes before a decision."""
    study = Decided(walked.file, walked.overrides).copy(tmp_path_factory.mktemp("fresh") / "small")
    text = study.file.read_text().replace("publish_undecided: true", "publish_undecided: false")
    workspace = study.file.parent / "fresh"
    study.file.write_text(f"{text}\nworkspace: {workspace}\n")  # where `segment rerun` looks for its runs as well
    return Decided(study.file, (*study.overrides[:-1], f"workspace={workspace}"))


@pytest.fixture(scope="module")
def lived(fresh: Decided) -> Decided:
    """The study with a champion that was published, and a challenger after it."""
    first = run(fresh)
    opened = fresh.open()
    assert first[-1].said.startswith("held back from HR: ") and is_held_back(opened)
    assert not (opened.workspace / "exports").exists() and ledger_of(opened).head[0] == 0
    told = "\n".join(describe_run(str(fresh.file), fresh.overrides, first))
    assert "HR's files: none yet; nobody has decided on segmentation and retention yet" in told
    assert f"segment run {fresh.file} --publish" in told
    code, said = fresh.type("publish")
    assert code == 1 and "no champion to publish" in said and "--model segmentation and --model retention" in said
    code, said = fresh.type("publish", "--preview")
    assert code == 0 and "nothing was released before" in said and not (opened.workspace / "exports").exists()
    promote(fresh, 1)
    code, said = fresh.type("publish", "--yes")
    assert code == 0, said
    assert "Published: this is the champion (segmentation version 1 and retention version 1)" in said
    before = left(fresh)
    other = Decided(fresh.file, (*fresh.overrides, *OTHER))
    receipts = run(other)
    assert is_held_back(other.open()) and left(fresh) == before
    told = "\n".join(describe_run(str(fresh.file), other.overrides, receipts))
    assert "as they were" in told and "the champion is segmentation version 1" in told and "segment compare" in told
    return fresh


def copy(study: Decided, folder: Path) -> Decided:
    made = study.copy(folder)
    moved = [o for o in made.overrides if not o.startswith("workspace=")]
    return Decided(made.file, (*moved, f"workspace={made.file.parent / 'fresh'}"))


def test_an_experiment_changes_nothing_of_hr_and_its_tables_are_there_for_who_compares(lived: Decided) -> None:
    opened = lived.open()
    tables = list((opened.workspace / CANDIDATE).glob("*/*.json"))
    assert len(tables) > 10 and "ledger" not in str(tables)
    code, said = lived.type("compare")
    assert code == 0 and "would change segment" in said
    page = next((opened.workspace / "comparisons").glob("*/comparison.json"))
    hidden = {row["table"]: row["told"] for row in read_json(page)["hidden"]}
    assert all(side is not None for side in hidden["segments"])
    code, said = lived.type("audit")
    assert code == 0, said
    code, said = lived.type("audit", "--log")
    assert code == 0, said


def test_a_run_of_the_champions_settings_publishes_the_same_bytes(lived: Decided, tmp_path: Path) -> None:
    study = copy(lived, tmp_path / "small")
    before = left(study)
    assert not run(study)[-1].said.startswith("held back")
    assert left(study) == before and standing(study.open()).is_decided
    challenger = aliased(tracker_of(study.open()), study="small", alias=CHALLENGER)["segmentation"]
    assert challenger.number == 2  # the champion, made again, is no challenger of itself


def test_after_a_rollback_the_next_release_is_the_champions(lived: Decided, tmp_path: Path) -> None:
    study = copy(lived, tmp_path / "small")
    first = left(study)
    promote(study, 2, "segmentation")
    code, said = study.type("publish", "--preview")
    assert code == 0 and re.search(r"  segments: \d rows shown, \d hidden; \d rows other than in the last", said), said
    assert left(study) == first
    code, said = study.type("publish", "--yes")
    assert code == 0 and hr_segments(study) == 3, said
    promote(study, 1, "segmentation")
    code, said = study.type("publish")
    assert code == 0 and "are made again, as in run" in said and hr_segments(study) == 5, said
    code, said = study.type("audit")
    assert code == 0, said


def test_before_a_decision_one_asks_and_a_challenger_is_not_published_whoever_asks(
    lived: Decided, walked: Walk, tmp_path: Path
) -> None:
    other = Decided(lived.file, (*lived.overrides, *OTHER))
    run(other)
    assert not may_publish(other.open(), asked=True)
    quiet = walked.saying(review={"publish_undecided": False})
    assert not may_publish(quiet.open(), asked=False)
    assert may_publish(quiet.open(), asked=True)


def test_a_study_that_publishes_before_decisions_does_so_for_its_own_settings(walked: Walk) -> None:
    """The demo and simulated organisations: their own settings, or a workspace in which nothing was published."""
    own = Decided(walked.file, (f"workspace={walked.open().workspace}", "operations.retries=1"))
    assert may_publish(own.open(), asked=False)
    assert may_publish(walked.open(), asked=False)  # quick settings: what was published so
    assert not may_publish(walked.open("actions.per_segment=5"), asked=False)


def test_a_run_that_was_held_back_is_rebuilt_byte_for_byte(lived: Decided) -> None:
    opened = lived.open()
    runs = {file.stem: read_json(file) for file in (opened.workspace / "runs").glob("*.json")}
    held = [one for one, told in runs.items() if any(name.startswith(CANDIDATE) for name in told["files"])]
    before = left(lived)
    found = run_again(held[-1], study=lived.file, here=lived.file.parent, tell=lambda _: None)
    assert found.agrees, found.said
    assert left(lived) == before


def test_a_champion_whose_data_changed_is_not_published(lived: Decided, tmp_path: Path) -> None:
    study = copy(lived, tmp_path / "small")
    run(Decided(study.file, (*study.overrides, *OTHER)))
    survey = study.file.parent / "responses_2024-03.csv"
    lines = survey.read_text().splitlines(keepends=True)
    survey.write_text("".join(lines[:-30]))
    before = left(study)
    code, said = study.type("publish")
    assert code == 1 and "The champion cannot be made again" in said and "segment rerun" in said
    assert left(study) == before
