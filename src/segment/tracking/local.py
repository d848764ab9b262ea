"""The local store of runs: made whole beside its place and moved there; a damaged one is moved aside."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from mlflow.tracking import MlflowClient

from segment.store import copy_database

_SCHEME = "sqlite:///"


def local_file(uri: str) -> Path | None:
    """The file of a local store; None for a server.

    >>> local_file("sqlite:////var/study/mlflow.db"), local_file("http://127.0.0.1:5000")
    (PosixPath('/var/study/mlflow.db'), None)
    """
    return Path(uri.removeprefix(_SCHEME)) if uri.startswith(_SCHEME) else None


def make_store(file: Path) -> None:
    """Make a store that is not there: a hundred migrations beside its place, then one move.

    Whoever is ended halfway leaves no half-migrated store; one that another command has put there meanwhile stays.
    """
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    _clear_left_by_killed(file)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.{os.getpid()}.") as aside:
        made, whole = Path(aside) / "made.db", Path(aside) / "whole.db"
        MlflowClient(tracking_uri=f"{_SCHEME}{made}", registry_uri=f"{_SCHEME}{made}").search_experiments()
        copy_database(made, whole)
        with suppress(FileExistsError):
            _move_unless_there(whole, file)


def set_damaged_aside(file: Path) -> Path | None:
    """Move a store that cannot be used to ``<name>.damaged-<number>``; returns where it went, None when all is well.

    Damaged is what SQLite calls damaged, and what a migration left that was ended halfway.
    """
    if not file.exists() or is_whole(file):
        return None
    number = 1
    while (aside := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    for ending in ("-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + ending).replace(aside.with_name(aside.name + ending))
    file.replace(aside)
    return aside


def _clear_left_by_killed(file: Path) -> None:
    """Remove what makers left that were killed; each is named after its process."""
    for left in file.parent.glob(f".{file.name}.*.*"):
        process = left.name.removeprefix(f".{file.name}.").partition(".")[0]
        if left.is_dir() and process.isdecimal() and not _lives(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_whole(file: Path) -> bool:
    """Whether SQLite can read a store and its migration was ended; an empty file is no store."""
    try:
        with closing(sqlite3.connect(file)) as store:
            sound = store.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            tables = {str(name) for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            migrated = "alembic_version" in tables and store.execute("SELECT * FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as fault:
        # One that is locked, or on a full disk, is not damaged: it is told when it is used.
        return fault.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return sound and bool(migrated) and not any(name.startswith("_alembic_tmp_") for name in tables)


def _move_unless_there(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # no links on this file system
        source.replace(target)
