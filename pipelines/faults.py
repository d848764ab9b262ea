"""Faults on their way to Prefect: reported by type and place, because a message may hold a person's value."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from segment.errors import Refusal, StageFault, describe_fault

Answer = TypeVar("Answer")


def told_safely(work: Callable[[], Answer]) -> Answer:
    """Do some work; a fault in it goes on as a new one that says its type and place only.

    Prefect writes tracebacks to its log and its database, and messages of libraries may hold a person's value. The new
    fault is raised outside the handler, so that the old one is no part of it. ``SEGMENT_DEBUG=1`` lets the old one go.
    """
    try:
        return work()
    except Refusal:
        raise
    except Exception as fault:
        if os.environ.get("SEGMENT_DEBUG") == "1":
            raise
        said = describe_fault(fault)
    raise StageFault(f"{said}; run again with SEGMENT_DEBUG=1 for the whole trace (it may show data)")
