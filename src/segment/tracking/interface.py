"""The MLflow UI on one study's store, on this machine only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from segment.errors import NotReady
from segment.tracking.reach import without_secrets

#: MLflow opens with pages for language models; this opens what a study has: experiments, runs and models.
OPENS = "#/experiments?workflowType=machine_learning"


def serve_interface(workspace: Path, *, port: int) -> int:
    """Run the MLflow UI until it is ended, and return its exit code: Ctrl-C and SIGTERM end the server with it.

    A tracking server has pages of its own: their address is told, and nothing is started.

    Raises
    ------
    NotReady
        When this study has no store yet.
    """
    address = os.environ.get("MLFLOW_TRACKING_URI")
    store = workspace / "mlflow.db"
    if address is None and not store.is_file():
        raise NotReady("This study has no runs yet.", where=str(store), advice="run the study first")
    if address is not None and address.startswith(("http://", "https://")):
        sys.stdout.write(f"MLflow is there already: {without_secrets(address).rstrip('/')}/{OPENS}\n")
        return 0
    environment = os.environ | {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    sys.stdout.write(f"MLflow on http://127.0.0.1:{port}/{OPENS}\nCtrl-C ends it.\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    uri = address or f"sqlite:///{store}"
    command += ["--backend-store-uri", uri, "--workers", "1"]
    with subprocess.Popen(command, env=environment) as server:
        before = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            return max(server.wait(), 0)
        except KeyboardInterrupt:  # the terminal sent it to the server as well
            server.wait()
            return 0
        finally:
            signal.signal(signal.SIGTERM, before)
