"""One at a time in a workspace: a lock that names its holder, and that a dead holder does not keep.

The lock is the operating system's own (``flock``, through ``filelock``), so it goes with the process that held it.
Where a file system has no such locks, filelock falls back on a file that names the process and is taken over when that
is dead.
"""

from __future__ import annotations

import datetime as dt
import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from segment.errors import NotReady, Refusal
from segment.store import make_private, read_json, save_json

#: The lock itself, and who holds it.
LOCK, HOLDER = ".lock", ".lock.json"


@contextmanager
def alone_in(workspace: Path, *, doing: str, wait: bool = False) -> Iterator[None]:
    """Hold a workspace while the block runs; within one process it can be held again.

    Parameters
    ----------
    workspace
        The study's folder; made when missing.
    doing
        What the holder does, for whoever is kept waiting: ``"run"``, ``"promote"``.
    wait
        Wait for another holder to end, as long as that takes, instead of refusing.

    Raises
    ------
    Refusal
        Somebody else holds the workspace; says who, where and since when.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, alone_in(Path(folder), doing="run"):
    ...     holder_of(Path(folder))["doing"]
    'run'
    """
    private(workspace)
    lock = FileLock(workspace / LOCK, mode=0o600, is_singleton=True, thread_local=False)
    inside = lock.is_locked
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout:
        raise _held(workspace) from None
    before = os.umask(0o077)
    try:
        if not inside:
            save_json(workspace / HOLDER, _myself(doing))
        yield
    finally:
        os.umask(before)
        if not inside:
            private(workspace)
            (workspace / HOLDER).unlink(missing_ok=True)
        lock.release()


def private(workspace: Path) -> None:
    """Leave everything in a workspace but ``exports/`` to its owner; the folder itself may be passed, not read."""
    workspace.mkdir(parents=True, exist_ok=True)
    workspace.chmod(0o711)
    for found in workspace.iterdir():
        if found.name in ("exports", LOCK, HOLDER) or found.is_symlink():
            continue
        make_private(found)


def holder_of(workspace: Path) -> dict[str, object]:
    """Who holds, or last held and did not let go: ``doing``, ``account``, ``process``, ``host``, ``since`` (UTC)."""
    try:
        return read_json(workspace / HOLDER)
    except NotReady:
        return {}


def _myself(doing: str) -> dict[str, object]:
    return {
        "doing": doing,
        "account": _account(),
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return f"account {os.getuid()}"


def _held(workspace: Path) -> Refusal:
    found = holder_of(workspace)
    who = "{doing} by {account}, process {process} on {host}, since {since}".format(**found) if found else "another run"
    return Refusal(
        "This workspace is in use.",
        expected="one command at a time that writes in a workspace",
        came=who,
        where=str(workspace),
        advice="wait until it has ended (--wait does that); when its process has died, the workspace is free by itself",
    )
