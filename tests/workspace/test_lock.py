"""One writer in a workspace: the second is told who holds it, or waits; a dead holder holds nothing."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segment.cli import REFUSED, app
from segment.errors import Refusal
from segment.workspace.lock import HOLDER, INHERITED, alone_in, holder_of
from segment.workspace.waiting import with_seconds

HOLD = """
import sys, time
from pathlib import Path
from segment.workspace.lock import alone_in
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


def strange() -> dict[str, str]:
    """The environment of a process that no holder has started."""
    return {name: value for name, value in os.environ.items() if name != INHERITED}


def hold(workspace: Path, *, seconds: float) -> subprocess.Popen[str]:
    """Another process that holds the workspace, returned once it does."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(workspace), str(seconds)], stdout=subprocess.PIPE, text=True, env=strange()
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
    assert refused.value.came.startswith("run, process ")
    assert "since 2" in refused.value.came
    assert "--wait" in refused.value.advice


def test_who_waits_comes_in_when_the_other_has_ended(tmp_path: Path) -> None:
    told: list[str] = []
    other = hold(tmp_path, seconds=0.5)
    try:
        with alone_in(tmp_path, doing="purge", wait=math.inf, tell=told.append):
            assert other.wait(timeout=10) == 0
            assert holder_of(tmp_path)["doing"] == "purge"
    finally:
        end(other)
    assert len(told) == 1
    assert f"run, process {other.pid} " in told[0]
    assert not (tmp_path / HOLDER).exists()


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    other = hold(tmp_path, seconds=60)
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    assert holder_of(tmp_path)["process"] == other.pid
    with alone_in(tmp_path, doing="run"):
        assert holder_of(tmp_path)["process"] == os.getpid()


def test_who_waits_long_enough_for_nothing_is_told_how_long(tmp_path: Path) -> None:
    other = hold(tmp_path, seconds=60)
    started = time.monotonic()
    try:
        with pytest.raises(Refusal, match=r"still in use after 0\.3 s"), alone_in(tmp_path, doing="run", wait=0.3):
            pass
    finally:
        end(other)
    assert 0.3 <= time.monotonic() - started < 5


def test_who_holds_is_no_person(tmp_path: Path) -> None:
    with alone_in(tmp_path, doing="run"):
        holder = holder_of(tmp_path)
    assert holder.keys() == {"doing", "process", "host", "since", "token"}


def test_a_holder_that_died_is_not_named_for_the_one_after_it(tmp_path: Path) -> None:
    dead = hold(tmp_path, seconds=60)
    end(dead)
    left = (tmp_path / HOLDER).read_text()
    other = hold(tmp_path, seconds=60)
    (tmp_path / HOLDER).write_text(left)  # as if the new one had not written it down yet
    try:
        with pytest.raises(Refusal, match="which has not said which"), alone_in(tmp_path, doing="run"):
            pass
    finally:
        end(other)


def test_what_a_holder_started_and_left_behind_holds_nothing(tmp_path: Path) -> None:
    starting = HOLD.replace("time.sleep", "import subprocess; subprocess.Popen(['sleep', '5'], stdout=-3); time.sleep")
    parent = subprocess.Popen(
        [sys.executable, "-c", starting, str(tmp_path), "60"], stdout=subprocess.PIPE, text=True, env=strange()
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    time.sleep(0.2)
    end(parent)
    with alone_in(tmp_path, doing="run"):
        pass


def test_threads_of_the_holder_come_in_and_other_threads_do_not(tmp_path: Path) -> None:
    def enter() -> str:
        with alone_in(tmp_path, doing="discover"):
            return str(holder_of(tmp_path)["doing"])

    refusals: list[Refusal] = []

    def stranger() -> None:
        try:
            enter()
        except Refusal as refusal:
            refusals.append(refusal)

    with alone_in(tmp_path, doing="run"):
        with ThreadPoolExecutor(1) as pool:  # how a flow gives its tasks to threads
            assert pool.submit(copy_context().run, enter).result(timeout=30) == "run"
        thread = threading.Thread(target=stranger)
        thread.start()
        thread.join(timeout=30)
    assert [f"process {os.getpid()} " in str(one.came) for one in refusals] == [True]
    assert enter() == "discover"


def test_a_process_of_the_holder_comes_in_and_not_after_it_has_ended(tmp_path: Path) -> None:
    with alone_in(tmp_path, doing="run"):
        kept = dict(os.environ)
        done = subprocess.run([sys.executable, "-c", HOLD, str(tmp_path), "0"], env=kept, check=False, timeout=60)
        assert done.returncode == 0
        assert holder_of(tmp_path)["process"] == os.getpid()
    assert INHERITED not in os.environ
    other = hold(tmp_path, seconds=60)
    try:
        late = subprocess.run(
            [sys.executable, "-c", HOLD, str(tmp_path), "0"],
            env=kept,
            check=False,
            timeout=60,
            capture_output=True,
            text=True,
        )
    finally:
        end(other)
    assert "in use" in late.stderr


def test_a_link_to_a_workspace_is_the_same_workspace(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "work")
    with alone_in(tmp_path / "work", doing="run"), alone_in(tmp_path / "link", doing="promote"):
        assert holder_of(tmp_path / "link")["doing"] == "run"


def test_one_process_can_hold_it_inside_what_already_does(tmp_path: Path) -> None:
    with alone_in(tmp_path, doing="run"):
        with alone_in(tmp_path, doing="promote"):
            assert holder_of(tmp_path)["doing"] == "run"
        other = hold_refused(tmp_path)
    assert "in use" in other


def hold_refused(workspace: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HOLD, str(workspace), "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=strange(),
    )
    assert done.returncode != 0
    return done.stderr


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A study whose workspace another process holds."""
    folder = tmp_path_factory.mktemp("busy")
    (folder / "study.yaml").write_text(STUDY)
    other = hold(folder / "here", seconds=600)
    yield folder / "study.yaml"
    end(other)


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
        ["assign", "--survey", "new.csv", "--out", "out.csv"],
        ["subject", "export", "--person", "1"],
        ["subject", "erase", "--person", "1"],
        ["subject", "object", "--person", "1"],
        ["purge"],
        ["deliver"],
        ["withdraw", "--by", "A. Reviewer", "--reason", "old files destroyed"],
        ["rekey", "--new-key-file", "key", "--by", "A. Officer", "--reason", "yearly change"],
    ],
    ids=lambda verb: " ".join(word for word in verb[:2] if not word.startswith("--")),
)
def test_every_verb_that_writes_waits_its_turn(busy: Path, verb: list[str]) -> None:
    place = 2 if verb[0] == "subject" else 1
    done = CliRunner().invoke(app, [*verb[:place], str(busy), *verb[place:]])
    assert done.exit_code == REFUSED
    assert "in use" in done.output


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["run", "--wait", "study.yaml"], ["run", "--wait=inf", "study.yaml"]),
        (["run", "study.yaml", "--wait"], ["run", "study.yaml", "--wait=inf"]),
        (["run", "study.yaml", "--wait", "2.5", "--set", "a=1"], ["run", "study.yaml", "--wait=2.5", "--set", "a=1"]),
        (["run", "study.yaml", "--wait=9"], ["run", "study.yaml", "--wait=9"]),
    ],
)
def test_seconds_to_wait_may_be_left_out(typed: list[str], meant: list[str]) -> None:
    assert with_seconds(typed) == meant


def test_a_verb_waits_for_as_long_as_it_was_told(busy: Path) -> None:
    done = CliRunner().invoke(app, ["purge", "--wait", "0.2", str(busy)])
    assert done.exit_code == REFUSED
    assert "still in use after 0.2 s" in done.output


def test_the_version_is_said() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.output.startswith("segment ")
