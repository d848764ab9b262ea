"""An empty database of the embedded server, made once: a hundred migrations take longer than a stage."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from segment.store import copy_database

EMPTY_DATABASE = Path(sys.prefix) / "share" / "segment" / f"prefect-{version('prefect')}.db"


def make_empty_database(settings: Mapping[str, str], file: Path = EMPTY_DATABASE) -> None:
    """Make it for every workspace to come; without it each makes its own.

    Parameters
    ----------
    settings
        Variables that the environment of the migrations gets.
    file
        Where it goes; by default beside the installed packages, under the version of Prefect.

    Raises
    ------
    subprocess.CalledProcessError
        The migrations failed.
    """
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(
            [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
            env={**os.environ, **settings, "PREFECT_HOME": home},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        copy_database(Path(home) / "prefect.db", file)


def begin_with_empty(target: Path) -> None:
    """Begin with a copy of it, if there is one; what another command has put there meanwhile stays: it may be used."""
    if target.exists() or not EMPTY_DATABASE.is_file():
        return
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".begin.") as aside:
        copy_database(EMPTY_DATABASE, Path(aside) / target.name)
        with suppress(OSError):  # it is there already; or no links here, and the server makes its own
            os.link(Path(aside) / target.name, target)
