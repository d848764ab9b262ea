"""Processes that a run of a workspace starts: written down by number and start time, so that only they are ever ended.

A number alone is no name: the system gives it again. A process is the one that was written down when its number, the
time at which it started and the machine are the same. A server is left over when the run that started it is gone.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import psutil

from segment.errors import NotReady
from segment.store import read_json, save_json

#: Which embedded server a run of this workspace started.
SERVER = ".server.json"
#: Seconds that a process may take to end when it is asked to, before it is made to.
_PATIENCE = 10
#: Seconds by which a start time may differ: it is computed from the machine's clock, which may be set meanwhile.
_CLOCK = 2.0


def remember_server(workspace: Path, process: int) -> None:
    """Write down a server that this process started just now."""
    own = {"server": _introduced(process), "run": _introduced(os.getpid())}
    save_json(workspace / SERVER, {**own, "host": socket.gethostname()})


def forget_server(workspace: Path) -> None:
    """The server has ended."""
    (workspace / SERVER).unlink(missing_ok=True)


def end_left_server(workspace: Path) -> int | None:
    """End the server that a killed run left, and no other process; returns its number when there was one.

    The server of a run that goes on is not left over, so nothing is done then.
    """
    found = _left(workspace)
    if found is None:
        return None
    try:
        found.terminate()
        found.wait(_PATIENCE)
    except psutil.TimeoutExpired:
        found.kill()
        found.wait(_PATIENCE)
    except psutil.NoSuchProcess:
        pass
    forget_server(workspace)
    result: int | None = found.pid
    return result


def _left(workspace: Path) -> psutil.Process | None:
    try:
        written = read_json(workspace / SERVER)
        if written["host"] != socket.gethostname() or _known(written["run"]) is not None:
            return None
        return _known(written["server"])
    except (NotReady, KeyError, TypeError, ValueError):
        return None


def _introduced(process: int) -> dict[str, float]:
    return {"process": process, "started": psutil.Process(process).create_time()}


def _known(written: Mapping[str, float]) -> psutil.Process | None:
    """The process that is written down, if that one runs still."""
    try:
        process = psutil.Process(int(written["process"]))
        same = abs(process.create_time() - written["started"]) < _CLOCK
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None
