"""What one sees of a run: a line per step, also for a machine, and no more of people than a band where it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from prefect.server.api.server import SubprocessASGIServer, subprocess_server_logger

from pipelines.command import run_command
from pipelines.embedded import _WrittenDown
from pipelines.flows import FLOWS
from pipelines.run_log import End, peak_memory, tell_end
from segment.config import load_study
from segment.errors import Refusal
from segment.stages.summary import laid_out
from tests.live import options


def lines_of(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines()]


def run_prepare(study: Path, *more: str, words: tuple[str, ...] = ()) -> int:
    return run_command(FLOWS["prepare"], [str(study), *options(*more), *words], one_stage=True)


def test_every_line_for_a_machine_is_json_with_study_run_stage_time_and_memory(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_prepare(study, words=("--log-format", "json")) == 0
    step, end = lines_of(capsys.readouterr().out)
    assert (step["event"], step["study"], step["stage"], step["position"], step["of"]) == (
        "step", "tiny", "prepare", 1, 1,
    )  # fmt: skip
    assert len(str(step["run"])) == 36
    assert isinstance(step["seconds"], float) and 0.05 < float(str(step["peak_gb"])) < 50
    assert str(step["said"]).startswith("510–519 people, ")
    assert (end["event"], end["ending"], end["code"]) == ("end", "done", 0)
    assert end["run"] == step["run"]


def test_a_refusal_and_a_mistake_in_the_settings_are_lines_as_well(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = study.with_name("broken.yaml")
    broken.write_text(study.read_text().replace("file: people.csv", "file: poeple.csv"))
    assert run_prepare(broken, "workspace=broken", words=("--log-format=json",)) == 1
    said = capsys.readouterr()
    (end,) = lines_of(said.out)
    assert (end["event"], end["ending"], end["code"]) == ("end", "refused", 1)
    assert "people.csv" in " ".join(end["said"])  # type: ignore[arg-type]
    assert "people.csv" in said.err


def test_a_line_for_a_person_has_time_and_memory(study: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert run_prepare(study) == 0
    (line,) = [record.message for record in caplog.records if record.message.startswith("[1/1] prepare")]
    assert " s, " in line and " GB) study tiny, run " in line


def test_other_formats_are_refused(study: Path) -> None:
    with pytest.raises(Refusal, match="log_format"):
        load_study(study, overrides=["operations.log_format=xml"])


def test_memory_is_told_in_gigabytes() -> None:
    assert 0.05 < peak_memory() < 64


def test_a_summary_that_may_be_kept_has_people_in_bands_as_its_steps_have(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    end = End("done", 0, "Study 'tiny'\n  prepare      513 people, 420 answers in 2 waves", "run")
    tell_end(end, study=str(study), overrides=[])
    assert "510–519 people" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    tell_end(end, study=str(study), overrides=[])
    assert "513 people" in capsys.readouterr().out


def test_a_long_line_on_a_terminal_goes_on_under_its_words() -> None:
    lines = laid_out("  publish      " + "a sentence of five words. " * 10, watched=True, width=60).splitlines()
    assert len(lines) > 4 and max(map(len, lines)) <= 60
    assert all(line.startswith(" " * 15) for line in lines[1:]) and lines[0].startswith("  publish      a")


def test_the_embedded_server_ends_without_a_word_after_the_summary(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def stop(self: object) -> None:
        subprocess_server_logger.info("Stopping temporary server")

    monkeypatch.setattr(SubprocessASGIServer, "stop", stop)
    server, before = object.__new__(_WrittenDown), subprocess_server_logger.level  # the class keeps one for each port
    server.workspace = tmp_path
    server.stop()
    assert not caplog.records and subprocess_server_logger.level == before
