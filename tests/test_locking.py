"""One writer in a workspace: the second is told who holds it, or waits; a dead holder holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segment.cli import REFUSED, app
from segment.errors import Refusal
from segment.locking import HOLDER, alone_in, holder_of

HOLD = """
import sys, time
from pathlib import Path
from segment.locking import alone_in
with alone_in(Path(sys.argv[1]), doing="run"):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


STUDY = """
study: busy
title: {nl: Bezet, en: Busy}
data: simulated
workspace: here
sources:
  people: {file: people.csv}
"""


def hold(workspace: Path, *, seconds: float) -> subprocess.Popen[str]:
    """Another process that holds the workspace, returned once it does."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(workspace), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def end(other: subprocess.Popen[str]) -> None:
    other.kill()
    other.communicate()


def test_the_second_is_refused_and_told_who_holds_the_workspace(tmp_path: Path) -> None:
    other = hold(tmp_path, seconds=60)
    try:
        with pytest.raises(Refusal) as refused, alone_in(tmp_path, doing="promote"):
            pass
    finally:
        end(other)
    assert f"process {other.pid} " in refused.value.came
    assert "run by" in refused.value.came
    assert "since 2" in refused.value.came
    assert "--wait" in refused.value.advice


def test_who_waits_comes_in_when_the_other_has_ended(tmp_path: Path) -> None:
    other = hold(tmp_path, seconds=0.5)
    try:
        with alone_in(tmp_path, doing="purge", wait=True):
            assert other.wait(timeout=10) == 0
            assert holder_of(tmp_path)["doing"] == "purge"
    finally:
        end(other)
    assert not (tmp_path / HOLDER).exists()


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    other = hold(tmp_path, seconds=60)
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    assert holder_of(tmp_path)["process"] == other.pid
    with alone_in(tmp_path, doing="run"):
        assert holder_of(tmp_path)["process"] == os.getpid()


def test_one_process_can_hold_it_inside_what_already_does(tmp_path: Path) -> None:
    with alone_in(tmp_path, doing="run"):
        with alone_in(tmp_path, doing="promote"):
            assert holder_of(tmp_path)["doing"] == "run"
        other = hold_refused(tmp_path)
    assert "in use" in other


def hold_refused(workspace: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HOLD, str(workspace), "0"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize(
    "verb",
    [
        [
            "promote",
            "--model",
            "segmentation",
            "--version",
            "1",
            "--by",
            "A. Reviewer",
            "--reason",
            "stable over waves",
        ],
        ["subject", "erase", "--person", "1"],
        ["subject", "object", "--person", "1"],
        ["purge"],
        ["deliver"],
        ["withdraw", "--by", "A. Reviewer", "--reason", "old files destroyed"],
        ["rekey", "--new-key-file", "key", "--by", "A. Officer", "--reason", "yearly change"],
    ],
    ids=lambda verb: " ".join(word for word in verb[:2] if not word.startswith("--")),
)
def test_every_verb_that_writes_waits_its_turn(tmp_path: Path, verb: list[str]) -> None:
    (tmp_path / "study.yaml").write_text(STUDY)
    with alone_in(tmp_path / "here", doing="run"):
        pass  # made, with the rights it has
    other = hold(tmp_path / "here", seconds=60)
    place = 2 if verb[0] == "subject" else 1
    try:
        done = CliRunner().invoke(app, [*verb[:place], str(tmp_path / "study.yaml"), *verb[place:]])
    finally:
        end(other)
    assert done.exit_code == REFUSED
    assert "in use" in done.output


def test_the_version_is_said() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.output.startswith("segment ")
