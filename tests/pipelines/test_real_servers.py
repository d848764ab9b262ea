"""A whole small study against a real MLflow server and a real Prefect server, as an organisation has them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from segment.stages import STAGES_IN_ORDER
from tests.live import free_port, mlflow_server, options, prefect_server, surroundings


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of the environment that name both servers."""
    folder = tmp_path_factory.mktemp("servers")
    for name in ("mlflow", "prefect"):
        (folder / name).mkdir()
    with mlflow_server(folder / "mlflow") as runs, prefect_server(folder / "prefect") as flows:
        yield {"MLFLOW_TRACKING_URI": runs, "PREFECT_API_URL": flows}


def segment_run(study: Path, servers: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """``segment run`` with other servers than this process has."""
    return subprocess.run(
        [sys.executable, "-m", "segment", "run", str(study), *options()],
        env=surroundings() | servers, capture_output=True, text=True, check=False,
    )  # fmt: skip


def flow_states(api: str) -> list[str]:
    asked = urllib.request.Request(
        f"{api}/flow_runs/filter", data=b"{}", headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return [str(run["state_type"]) for run in json.load(answer)]


def test_a_whole_study_runs_against_both(study: Path, servers: dict[str, str]) -> None:
    ended = segment_run(study, servers)
    assert ended.returncode == 0, ended.stderr
    assert "report.nl.html" in ended.stdout
    workspace = study.parent / "var" / "tiny"
    assert not (workspace / "mlflow.db").exists()
    assert not (workspace / "mlartifacts").exists()
    assert not (workspace / "prefect").exists()
    server = servers["MLFLOW_TRACKING_URI"]
    client = MlflowClient(tracking_uri=server, registry_uri=server)  # else whatever registry this process last used
    runs = client.search_runs([client.get_experiment_by_name("tiny").experiment_id])
    assert {run.info.status for run in runs} == {"FINISHED"}
    (parent,) = (run for run in runs if "mlflow.parentRunId" not in run.data.tags)
    assert {tag for tag in parent.data.tags if tag.startswith("sent.")} == {f"sent.{name}" for name in STAGES_IN_ORDER}
    assert client.list_artifacts(parent.info.run_id)
    models = {version.name: version for version in client.search_model_versions()}
    assert set(models) == {"tiny-segmentation", "tiny-retention"}
    assert {version.run_id for version in models.values()} == {parent.info.run_id}
    assert flow_states(servers["PREFECT_API_URL"]) == ["COMPLETED"]


@pytest.mark.parametrize("away", ["MLFLOW_TRACKING_URI", "PREFECT_API_URL"])
def test_a_server_that_is_down_is_told_before_any_work(study: Path, tmp_path: Path, away: str) -> None:
    elsewhere = tmp_path / "study.yaml"
    elsewhere.write_text(study.read_text().replace("file: ", f"file: {study.parent}/"))
    began = time.monotonic()
    ended = segment_run(elsewhere, {away: f"http://127.0.0.1:{free_port()}/api"})
    assert time.monotonic() - began < 120  # the server is waited for 30 s at most; importing takes its time
    assert ended.returncode == 1
    assert "server does not answer." in ended.stderr
    assert "Connection refused" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 5
    assert not list(tmp_path.rglob("receipts"))
