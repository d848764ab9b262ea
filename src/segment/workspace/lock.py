"""One at a time in a workspace: a lock that names its holder, and that a dead holder does not keep.

The lock is the operating system's own (``flock``, through ``filelock``), so it goes with the process that held it.
Where a file system has no such locks, filelock falls back on a file that names the process and is taken over when that
is dead.

Whoever holds a workspace may ask for it again: in the same context (a stage inside a run, a task in a thread of the
flow), and in processes that the holder starts while it holds. Anybody else waits, also another thread of the process.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from filelock import FileLock, Timeout

from segment.errors import NotReady, Refusal
from segment.store import make_private, read_json, save_json
from segment.workspace.transaction import ROOM

#: The lock itself, and who holds it.
LOCK, HOLDER = ".lock", ".lock.json"
#: Tells processes that a holder starts what it holds: workspace to token, as JSON.
INHERITED = "SEGMENT_HELD"
#: How long a holder may take to write down who it is.
_INTRODUCTION = 0.5

_HELD: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())


@contextmanager
def alone_in(
    workspace: Path, *, doing: str, wait: float = 0, tell: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold a workspace while the block runs; whoever holds it already goes on.

    Parameters
    ----------
    workspace
        The study's folder; made when missing.
    doing
        The command, for whoever is kept waiting: ``"run"``, ``"promote"``.
    wait
        Seconds to wait for another holder to end; 0 refuses at once, ``math.inf`` waits as long as it takes.
    tell
        Is given one line when there is somebody to wait for.

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
    place = workspace.resolve()
    if _holds(place):
        yield
        return
    _make_private(place)
    lock = FileLock(place / LOCK, mode=0o600, thread_local=False)
    _acquire(lock, place, wait=wait, tell=tell)
    token, before = secrets.token_hex(8), os.umask(0o077)
    entered = _HELD.set(_HELD.get() | {place})
    try:
        save_json(place / HOLDER, _myself(doing, token))
        with _handed_down(place, token):
            yield
    finally:
        _HELD.reset(entered)
        os.umask(before)
        _make_private(place)
        (place / HOLDER).unlink(missing_ok=True)
        lock.release()


def patience(wait: bool | float) -> float:
    """How many seconds to wait: True is as long as it takes, False not at all.

    >>> patience(True), patience(False), patience(30)
    (inf, 0.0, 30.0)
    """
    return math.inf if wait is True else float(wait)


def holder_of(workspace: Path) -> dict[str, object]:
    """Who holds, or last held and did not let go: ``doing``, ``process``, ``host``, ``since`` (UTC), ``token``."""
    try:
        return read_json(workspace / HOLDER)
    except NotReady:
        return {}


def _holds(place: Path) -> bool:
    """Whether this context holds the workspace, or the process that started this one does so still."""
    if place in _HELD.get():
        return True
    token, holder = _inherited().get(str(place)), holder_of(place)
    return token is not None and token == holder.get("token") and holder.get("process") != os.getpid()


def _inherited() -> dict[str, object]:
    try:
        return dict(json.loads(os.environ.get(INHERITED, "{}")))
    except (ValueError, TypeError):
        return {}


@contextmanager
def _handed_down(place: Path, token: str) -> Iterator[None]:
    """Let processes that are started while the block runs know what is held."""
    os.environ[INHERITED] = json.dumps({**_inherited(), str(place): token})
    try:
        yield
    finally:
        left = {at: kept for at, kept in _inherited().items() if at != str(place)}
        os.environ[INHERITED] = json.dumps(left)
        if not left:
            del os.environ[INHERITED]


def _acquire(lock: FileLock, place: Path, *, wait: float, tell: Callable[[str], None] | None) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if wait and tell is not None:
            tell(f"Waiting for another command in this workspace: {_named(place)}.")
        try:
            lock.acquire(timeout=-1 if math.isinf(wait) else wait)
        except Timeout:
            raise _held(place, waited=wait) from None


def _make_private(workspace: Path) -> None:
    """Leave everything in a workspace but ``exports/`` to its owner; the folder itself may be passed, not read.

    What waits to take its place has the rights it will have there, in a room that nobody else enters.
    """
    workspace.mkdir(parents=True, exist_ok=True)
    workspace.chmod(0o711)
    for found in workspace.iterdir():
        if found.name in ("exports", LOCK, HOLDER, ROOM) or found.is_symlink():
            continue
        make_private(found)


def _myself(doing: str, token: str) -> dict[str, object]:
    return {
        "doing": doing,
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "token": token,
    }


def _named(place: Path) -> str:
    """Who holds a workspace, in words; one that just came may not have written it down yet."""
    until = time.monotonic() + _INTRODUCTION
    while _is_gone(holder := holder_of(place)) and time.monotonic() < until:
        time.sleep(_INTRODUCTION / 10)
    if _is_gone(holder):
        return "another command, which has not said which"
    return "{doing}, process {process} on {host}, since {since}".format(**holder)


def _is_gone(holder: dict[str, object]) -> bool:
    """Whether what is written speaks of nobody, or of a process of this host that has ended."""
    if not {"doing", "process", "host", "since"} <= holder.keys():
        return True
    if holder["host"] != socket.gethostname():
        return False
    try:
        os.kill(int(str(holder["process"])), 0)
    except (ProcessLookupError, ValueError):
        return True
    except PermissionError:  # it lives, and is somebody else's
        return False
    return False


def _held(place: Path, *, waited: float) -> Refusal:
    still = f"This workspace is still in use after {waited:g} s." if waited else "This workspace is in use."
    return Refusal(
        still,
        expected="one command at a time that writes in a workspace",
        came=_named(place),
        where=str(place),
        advice="wait until it has ended: --wait does that, --wait SECONDS for so long; "
        "when its process has died, the workspace is free by itself",
    )
