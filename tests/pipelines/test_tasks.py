"""A stage has its time and is never repeated; a server that does not answer is asked again, each time later."""

from __future__ import annotations

import dataclasses
import itertools
import time
from pathlib import Path

import pytest
from prefect import flow

from pipelines.command import run_command
from pipelines.flows import FLOWS
from pipelines.tasks import reach_tracker
from segment.config import load_study
from segment.errors import Refusal
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, StageResult, open_study
from segment.tracking.reach import Unreachable
from tests.live import options


@flow(name="asking")
def asking(study: str, overrides: list[str]) -> None:
    reach_tracker(study, overrides)


@pytest.mark.timeout(method="thread")  # the other one uses the alarm that Prefect's own time-out needs
def test_a_stage_out_of_time_is_words_and_a_failed_run(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = []

    def sleep(opened: OpenStudy) -> StageResult:
        begun.append(time.monotonic())
        time.sleep(30)
        raise AssertionError

    monkeypatch.setitem(STAGES_IN_ORDER, "prepare", dataclasses.replace(STAGES_IN_ORDER["prepare"], run=sleep))
    given = [str(study), *options("operations.most_minutes.prepare=0.01", "workspace=slow")]
    assert run_command(FLOWS["prepare"], given, one_stage=True) == 3
    assert time.monotonic() - begun[0] < 10
    assert len(begun) == 1
    said = capsys.readouterr().err
    assert "Stage 'prepare' took longer than the 0.01 minutes it may take" in said
    assert "raise operations.most_minutes.prepare" in said
    assert not (study.parent / "slow" / "receipts" / "prepare.json").exists()
    assert not (study.parent / "slow" / ".lock.json").exists()


@pytest.mark.parametrize(("away", "asked"), [(0, 1), (2, 3), (99, 3)])
def test_a_tracker_that_is_away_is_asked_again_and_no_more_than_the_study_says(
    study: Path, monkeypatch: pytest.MonkeyPatch, away: int, asked: int
) -> None:
    times: list[float] = []

    def answer(opened: OpenStudy, *, tell: object) -> None:
        times.append(time.monotonic())
        if len(times) <= away:
            raise Unreachable("The tracking server does not answer.")

    monkeypatch.setattr("pipelines.tasks.refuse_lost_tracker", answer)
    asking(str(study), ["operations.retries=2", "operations.retry_seconds=0.2"])
    assert len(times) == asked
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert all(pause >= 0.2 * 2**n for n, pause in enumerate(pauses))


def test_what_time_does_not_mend_is_not_asked_again(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []

    def refuse(opened: OpenStudy, *, tell: object) -> None:
        times.append(1)
        raise Refusal("The workspace belongs to another key.")

    monkeypatch.setattr("pipelines.tasks.refuse_lost_tracker", refuse)
    asking(str(study), ["operations.retry_seconds=0.1"])
    assert times == [1]


def test_how_a_study_runs_by_itself_is_no_part_of_what_it_makes(study: Path) -> None:
    changed = open_study(study, overrides=["operations.retries=7", "operations.hook_form=teams"])
    assert changed.digest == open_study(study).digest


@pytest.mark.parametrize("wrong", [
    "operations.most_minutes.prepare=0", "operations.most_minutes.dream=3", "operations.retries=-1",
    "operations.hook_form=fax", "operations.hook_on=[sometimes]", "operations.retry_seconds=0",
])  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused(study: Path, wrong: str) -> None:
    with pytest.raises(Refusal, match="mistake"):
        load_study(study, overrides=[wrong])


def test_minutes_are_given_for_every_stage_there_is(study: Path) -> None:
    minutes = load_study(study).config.operations.most_minutes
    assert list(type(minutes).model_fields) == list(STAGES_IN_ORDER)
    assert {name: minutes.seconds(name) for name in STAGES_IN_ORDER} == dict.fromkeys(STAGES_IN_ORDER)
