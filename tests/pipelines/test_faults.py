"""A fault inside a stage: its type and place are told, what it was about is kept nowhere."""

from __future__ import annotations

import dataclasses
import io
import logging
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect.settings import get_current_settings

from pipelines.command import run_command
from pipelines.faults import told_safely
from pipelines.flows import FLOWS
from pipelines.run_log import tell
from segment.errors import InvalidInput, StageFault
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, StageResult
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

CANARY = "canary-4711"


def files_with(needle: bytes, *folders: Path) -> list[str]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if needle in path.read_bytes()]


def test_a_fault_in_a_stage_leaves_no_value_in_logs_database_or_tracker(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / "tiny"
    simulate_into(folder, people=300, seed=3, world=World.NEEDS, waves=1)

    def fail(opened: OpenStudy) -> StageResult:
        try:
            raise KeyError(f"{CANARY} inside")
        except KeyError as cause:
            raise ValueError(f"{CANARY} earns 4,711 a month") from cause

    monkeypatch.delenv("SEGMENT_DEBUG", raising=False)
    monkeypatch.setitem(STAGES_IN_ORDER, "prepare", dataclasses.replace(STAGES_IN_ORDER["prepare"], run=fail))
    with caplog.at_level(logging.DEBUG):
        assert run_command(FLOWS["prepare"], [str(folder / "study.yaml")], one_stage=True) == 3
    time.sleep(3)  # Prefect sends its log to its database in the background
    printed = capfd.readouterr()
    assert "StageFault: ValueError in " in printed.err
    assert CANARY not in printed.out + printed.err + caplog.text
    database = Path(str(get_current_settings().server.database.connection_url.get_secret_value()).partition("///")[2])
    assert b"StageFault" in b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    assert files_with(CANARY.encode(), folder, database.parent) == []


def test_the_new_fault_does_not_carry_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGMENT_DEBUG", raising=False)
    with pytest.raises(StageFault, match=r"^ValueError in test_faults\.py, line \d+ .*SEGMENT_DEBUG=1") as told:
        told_safely(lambda: int(CANARY))
    assert told.value.__context__ is None
    assert told.value.__cause__ is None


def test_on_request_the_whole_fault_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_DEBUG", "1")
    with pytest.raises(ValueError, match=CANARY):
        told_safely(lambda: int(CANARY))


def test_a_refusal_goes_on_in_its_own_words() -> None:
    def refuse() -> None:
        raise InvalidInput("Not like this.")

    with pytest.raises(InvalidInput, match="Not like this"):
        told_safely(refuse)


def test_what_a_server_may_keep_of_a_run_counts_people_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("pipelines.run_log.get_run_logger", lambda: SimpleNamespace(info=said.append))
    monkeypatch.setattr("sys.stdout", io.StringIO())
    tell("[1/6] prepare: 533 people, 459 answers in 2 waves, 177 exits among 518 spells (1 s)")
    assert said == [
        "[1/6] prepare: 530–539 people, 450–459 answers in 2 waves, 170–179 exits among 510–519 spells (1 s)"
    ]
