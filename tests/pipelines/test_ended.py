"""A run that is ended from outside takes its server with it, and one that was killed leaves it to the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from mlflow.tracking import MlflowClient

from pipelines.embedded import start_embedded_server
from segment.errors import NotReady
from segment.stages.tracking import REMEMBERED
from segment.store import read_json, save_json
from segment.workspace.processes import SERVER, end_left_server, remember_server
from tests.live import options, surroundings

#: Prepare is quick, and then discover takes longer than any test.
LONG = ("segmentation.n_starts=5000", "segmentation.n_splits=500")


@contextmanager
def running(study: Path, workspace: str) -> Iterator[subprocess.Popen[str]]:
    """A run with a server of its own, in its long stage; ended with all it started, whatever happens."""
    begun = subprocess.Popen(
        [sys.executable, "-m", "segment", "run", str(study), *options(*LONG, f"workspace={workspace}")],
        env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        sent = study.parent / workspace / REMEMBERED
        until(lambda: (sent.is_file() and read_json(sent).get("run")) or begun.poll() is not None, 300)
        assert begun.poll() is None, begun.communicate()
        yield begun
    finally:
        if begun.poll() is None:
            os.killpg(begun.pid, signal.SIGKILL)  # the session is this run's own
        begun.communicate()


def until(found: object, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not found():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.2)


def server_of(workspace: Path) -> psutil.Process:
    return psutil.Process(int(read_json(workspace / SERVER)["server"]["process"]))


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def tracked(workspace: Path) -> set[str]:
    client = MlflowClient(tracking_uri=f"sqlite:///{workspace / 'mlflow.db'}")
    found = client.get_experiment_by_name("tiny")
    assert found is not None
    return {run.info.status for run in client.search_runs([found.experiment_id])}


@pytest.mark.parametrize(("sent", "code", "word"), [
    (signal.SIGTERM, 143, "SIGTERM"), (signal.SIGINT, 130, "Ctrl-C"),
])  # fmt: skip
def test_a_run_that_is_ended_ends_its_server_and_its_recording(
    study: Path, sent: signal.Signals, code: int, word: str
) -> None:
    workspace = study.parent / word
    with running(study, word) as run:
        server = server_of(workspace)
        if sent == signal.SIGINT:
            os.killpg(run.pid, sent)  # as a terminal does: to everything in front
        else:
            run.send_signal(sent)
        _, said = run.communicate(timeout=300)
        assert run.returncode == code, said
    assert f"The run was ended by {word}; what finished stages made is kept." in said
    assert "goes on where it stopped" in said
    assert "Traceback" not in said
    assert is_gone(server)
    assert not (workspace / SERVER).exists()
    assert not (workspace / ".lock.json").exists()
    assert tracked(workspace) == {"KILLED"}
    assert (workspace / "receipts" / "prepare.json").is_file()


@pytest.mark.parametrize(("sent", "code", "word"), [
    (signal.SIGTERM, 143, "SIGTERM"), (signal.SIGINT, 130, "Ctrl-C"),
])  # fmt: skip
def test_a_run_that_is_ended_while_it_is_loaded_says_so(
    tmp_path: Path, study: Path, sent: signal.Signals, code: int, word: str
) -> None:
    there = tmp_path / "there"
    (tmp_path / "prefect.py").write_text(f"import pathlib, time; pathlib.Path({str(there)!r}).touch(); time.sleep(60)")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    begun = subprocess.Popen(
        [sys.executable, "-m", "segment", "run", str(study), "--set", f"workspace={tmp_path / 'w'}"],
        env=surroundings() | {"PYTHONPATH": path}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: there.exists() or begun.poll() is not None, 120)
    begun.send_signal(sent)
    _, said = begun.communicate(timeout=60)
    assert (begun.returncode, said.count("\n")) == (code, 1), said
    assert said.startswith(f"Ended by {word} while no stage was under way")


def test_of_studies_in_a_row_a_signal_ends_the_one_that_runs_and_the_rest(tmp_path: Path) -> None:
    began, ended = tmp_path / "began", tmp_path / "ended"
    one = "import pathlib, signal, sys, time; signal.signal(15, lambda *_: sys.exit(143)); "
    one += f"pathlib.Path({str(began)!r}).touch(); time.sleep(60)"
    two = f"import pathlib; pathlib.Path({str(ended)!r}).touch()"
    both = "import sys; from segment.cli.studies import _run_in_turn; "
    both += f"sys.exit(_run_in_turn([[sys.executable, '-c', one] for one in {[one, two]!r}]))"
    row = subprocess.Popen([sys.executable, "-c", both])
    until(began.is_file, 240)
    row.terminate()
    assert row.wait(120) == 143
    assert not ended.exists()


def test_what_a_killed_run_left_is_ended_by_the_next_and_nothing_else(study: Path) -> None:
    workspace = study.parent / "killed"
    with running(study, "killed") as run:
        server = server_of(workspace)
        assert end_left_server(workspace) is None  # the run goes on: its server is not left over
        run.kill()
        run.wait()
        assert not is_gone(server)
        again = subprocess.run(
            [sys.executable, "-m", "segment", "run", str(study), "--only", "prepare", *options("workspace=killed")],
            env=surroundings(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert again.returncode == 0, again.stderr
        assert "An earlier run was killed and left its server" in again.stderr
        assert is_gone(server)
        assert not (workspace / SERVER).exists()


def remembered(workspace: Path, process: int, *, run: int) -> dict[str, object]:
    """What a run wrote down of its server, with another run in its place."""
    remember_server(workspace, process)
    written = read_json(workspace / SERVER)
    written["run"] = {"process": run, "started": 1.0}
    save_json(workspace / SERVER, written)
    return written


def test_a_number_that_the_system_gave_again_is_left_alone(tmp_path: Path, somebody: subprocess.Popen[bytes]) -> None:
    written = remembered(tmp_path, somebody.pid, run=2**22)
    for changed in ({"started": 1.0, "process": somebody.pid}, {"process": somebody.pid}, {}, "x"):
        save_json(tmp_path / SERVER, {**written, "server": changed})
        assert end_left_server(tmp_path) is None
    save_json(tmp_path / SERVER, {**written, "host": "elsewhere"})
    assert end_left_server(tmp_path) is None
    assert somebody.poll() is None


def test_exactly_what_is_written_down_is_ended(tmp_path: Path, somebody: subprocess.Popen[bytes]) -> None:
    remembered(tmp_path, somebody.pid, run=2**22)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    try:
        assert end_left_server(tmp_path) == somebody.pid
        assert somebody.poll() is not None
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
    assert not (tmp_path / SERVER).exists()
    assert end_left_server(tmp_path) is None


def test_a_server_that_does_not_start_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def start(self) -> None:
            raise RuntimeError("Timed out while attempting to connect to ephemeral Prefect API server.")

    monkeypatch.setattr("pipelines.embedded.PREFECT_API_URL", SimpleNamespace(value=lambda: None))
    monkeypatch.setattr("pipelines.embedded._WrittenDown", Slow)
    with pytest.raises(NotReady, match=r"did not start in time(.|\n)*PREFECT_SERVER_EPHEMERAL_STARTUP"):
        start_embedded_server(tmp_path)


def test_a_file_that_is_damaged_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / SERVER).write_text("{half")
    assert end_left_server(tmp_path) is None
