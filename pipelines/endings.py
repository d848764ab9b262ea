"""How a run is ended from outside: by Ctrl-C or SIGTERM, with what is said of it and its exit code."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from prefect.exceptions import TerminationSignal


class Terminated(BaseException):
    """Somebody ended this process with SIGTERM."""


#: How a run learns that it is ended from outside.
ENDINGS = (KeyboardInterrupt, Terminated, TerminationSignal)


@contextmanager
def terminable() -> Iterator[None]:
    """While the block runs, Ctrl-C and SIGTERM are exceptions: what was begun comes to an end, and this process too."""
    before = signal.signal(signal.SIGTERM, _terminate), signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


def code_of(ending: BaseException) -> int:
    """The exit code of a run that was ended from outside: 128 and the signal's number."""
    return 128 + (signal.SIGINT if isinstance(ending, KeyboardInterrupt) else signal.SIGTERM)


def said_of(ending: BaseException) -> str:
    """What is said of a run that was ended from outside."""
    word = "Ctrl-C" if isinstance(ending, KeyboardInterrupt) else "SIGTERM"
    return (
        f"The run was ended by {word}; what finished stages made is kept. "
        "Run the same command again: it goes on where it stopped."
    )


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
