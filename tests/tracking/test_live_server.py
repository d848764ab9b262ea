"""A real ``mlflow server`` over HTTP, with artifacts sent through it: what a study logs there, and reads back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from segment.store import Store
from segment.tracking.mlflow_log import StudyRun, Tracker
from segment.tracking.records import metric
from segment.tracking.registry import champion, download, promote, register_challenger


class Doubler:
    """A scorer that can be checked by hand."""

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"twice": frame["x"] * 2})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this test's own, on this machine only."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    quiet = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(command, cwd=folder, env=quiet, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, running, folder / "log")
        yield address
    finally:
        running.terminate()
        running.wait(timeout=30)


def wait_for(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert running.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())


def test_a_study_registers_decides_and_reads_back_over_http(server: str, tmp_path: Path) -> None:
    tracker = Tracker.of(tmp_path / "workspace", "pilot", environment={"MLFLOW_TRACKING_URI": server})
    run = StudyRun(tracker, "pilot", {"study": "pilot"})
    run.log_stage("discover", [metric("k", 3)], said="3 segments", skipped=False)
    store = Store(tmp_path / "tables", tmp_path / "models")
    store.save_model("segmentation", Doubler(), card={"study": "pilot"})
    made = [
        register_challenger(
            tracker, study="pilot", model="segmentation", file=store.model_path("segmentation"), run_id=str(run.run_id)
        )
        for _ in range(2)
    ]
    run.end()
    assert [version.number for version in made] == [1, 2]
    assert tracker.client().get_run(str(run.run_id)).info.status == "FINISHED"
    promote(tracker, study="pilot", model="segmentation", version=2, by="A. Reviewer", reason="stable over both waves")
    best = champion(tracker, study="pilot", model="segmentation")
    assert best == made[1]
    fetched = download(tracker, best, tmp_path / "fetched")
    scorer = Store(fetched.parent, fetched.parent).load_model("segmentation")
    assert scorer.score(pd.DataFrame({"x": [2]}))["twice"].tolist() == [4]
    assert not (tmp_path / "workspace" / "mlflow.db").exists()
