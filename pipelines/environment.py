"""The surroundings of a flow: no telemetry, and an embedded Prefect server that lives in the study's workspace."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

from segment.config import load_study
from segment.errors import Refusal
from segment.store import written_atomically

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

#: An empty database of the embedded server, made once per installation: a hundred migrations take longer than a stage.
EMPTY_DATABASE = Path(sys.prefix) / "share" / "segment" / f"prefect-{version('prefect')}.db"


def quieten() -> None:
    """Set what holds for every run before Prefect is imported, where the environment does not say otherwise."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)


def embed(arguments: Sequence[str], *, terminal: bool) -> None:
    """Prepare the environment before Prefect is imported.

    Unless a server is configured, ``PREFECT_HOME`` becomes ``<workspace>/prefect``, so that a run leaves nothing
    outside the study. On a terminal Prefect's own lines are kept back: the progress lines are enough.
    """
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
    if EMPTY_DATABASE.is_file() and not (home / "prefect.db").exists():
        _begin_with(EMPTY_DATABASE, home / "prefect.db")


def make_empty_database(file: Path = EMPTY_DATABASE) -> None:
    """Make the embedded server's empty database for every workspace to come; without it each makes its own."""
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(
            [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
            env=os.environ | DEFAULTS | {"PREFECT_HOME": home},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        _copy_database(Path(home) / "prefect.db", file)


def _begin_with(source: Path, target: Path) -> None:
    """Begin with a copy of a database; one that another command has put there meanwhile stays: it may be in use."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".begin.") as aside:
        _copy_database(source, Path(aside) / target.name)
        with suppress(OSError):  # it is there already; or no links here, and the server makes its own
            os.link(Path(aside) / target.name, target)


def _copy_database(source: Path, target: Path) -> None:
    """A whole copy of an SQLite database, whatever its journal still holds."""
    with (
        written_atomically(target) as temporary,
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(temporary)) as new,
    ):
        old.backup(new)


if __name__ == "__main__":
    make_empty_database()
