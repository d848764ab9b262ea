"""Every run of a stage in the event log: who, which stage, on which data and settings, and how it ended."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segment.errors import Refusal, describe_fault
from segment.privacy.events import EventLog

#: Names who runs a study where the account does not: a scheduler's job, a person behind a shared account.
ACTOR = "SEGMENT_ACTOR"


def actor() -> str:
    """Who runs this: ``SEGMENT_ACTOR``, else the account of the operating system."""
    named = os.environ.get(ACTOR, "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"


@contextmanager
def witnessed(book: Path, key: bytes, *, stage: str, on: str) -> Iterator[dict[str, Any]]:
    """Write one event when the block ends: what it put into the yielded detail, or that it was refused or failed.

    Parameters
    ----------
    book
        The file with the study's events.
    key
        The study's key.
    stage, on
        The stage, and the fingerprint of the data, settings and code it ran on.
    """
    detail: dict[str, Any] = {"on": on[:16]}
    try:
        yield detail
    except Refusal:
        _write(book, key, stage, {"on": on[:16], "result": "refused"})
        raise
    except Exception as fault:
        _write(book, key, stage, {"on": on[:16], "result": f"failed: {describe_fault(fault)}"})
        raise
    _write(book, key, stage, {**detail, "result": "done"})


def _write(book: Path, key: bytes, stage: str, detail: Mapping[str, Any]) -> None:
    EventLog(book, key=key).write(actor(), "run", f"stage {stage}", detail)
