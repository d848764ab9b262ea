"""The surroundings of a flow: no telemetry, and an embedded Prefect server that lives in the study's workspace."""

from __future__ import annotations

import os
from collections.abc import Sequence

from segment.interruptions import say_when_ended

#: What holds for every run unless the environment says otherwise.
DEFAULTS = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # The default of 20 seconds is too short for a busy machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    # One thread per worker: the same bytes on every machine, and no threads that wait for each other.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def quieten() -> None:
    """Set what holds for every run before Prefect is imported, where the environment does not say otherwise."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)


def embed(arguments: Sequence[str], *, terminal: bool) -> None:
    """Prepare the environment before Prefect is imported.

    Unless a server is configured, ``PREFECT_HOME`` becomes ``<workspace>/prefect``, so that a run leaves nothing
    outside the study. On a terminal Prefect's own lines are kept back: the progress lines are enough.
    """
    say_when_ended()
    from pipelines.empty_database import begin_with_empty  # takes a second, in which a signal may come
    from segment.config import load_study
    from segment.errors import Refusal

    quieten()
    if terminal:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    if "PREFECT_API_URL" in os.environ or "PREFECT_HOME" in os.environ:
        return
    file = next((a for a in arguments if a.endswith((".yaml", ".yml"))), None)
    overrides = [arguments[i + 1] for i, a in enumerate(arguments[:-1]) if a == "--set"]
    try:
        workspace = load_study(file or "", overrides=overrides).workspace
    except Refusal:
        return  # the command itself says what is wrong with the study
    home = workspace / "prefect"
    home.mkdir(parents=True, exist_ok=True)  # the embedded server does not make it
    os.environ["PREFECT_HOME"] = str(home)
    begin_with_empty(home / "prefect.db")


if __name__ == "__main__":
    from pipelines.empty_database import make_empty_database

    make_empty_database(DEFAULTS)
