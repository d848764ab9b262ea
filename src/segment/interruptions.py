"""Ctrl-C and SIGTERM where no work is under way: a sentence, where Python would end in a trace or without a word.

Nothing is imported here that takes time: this is what a command does first.
"""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn

BOTH = (signal.SIGINT, signal.SIGTERM)


def say_when_ended() -> None:
    """From now on either ends this process with a sentence, and with the exit code 130 or 143.

    Those that came while Python itself was still starting have waited (``segment run`` sees to it), and come now.
    """
    for number in BOTH:
        signal.signal(number, _end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, BOTH)


def as_python_does() -> None:
    """From now on Ctrl-C is an exception and SIGTERM the end, as at the start of any program."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    word = "Ctrl-C" if number == signal.SIGINT else "SIGTERM"
    said = f"Ended by {word} while no stage was under way; what finished stages made is kept. "
    os.write(2, f"{said}Run the same command again: it goes on where it stopped.\n".encode())
    os._exit(128 + number)
