"""Whether what a stage builds on still holds: earlier stages against settings, files, code and decisions of today."""

from __future__ import annotations

from collections.abc import Sequence

from segment.errors import NotReady
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, current_receipt


def behind(names: Sequence[str]) -> tuple[str, ...]:
    """The stages that these build on, directly or not, in order and without themselves.

    >>> behind(["relate", "personalise"])
    ('prepare', 'discover', 'retain')
    """
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        earlier = set(STAGES_IN_ORDER[waiting.pop()].builds_on) - needed
        needed |= earlier
        waiting.extend(earlier)
    return tuple(name for name in STAGES_IN_ORDER if name in needed and name not in names)


def out_of_date(names: Sequence[str], opened: OpenStudy) -> tuple[str, ...]:
    """Stages that these build on and that would not be skipped today, with all that build on those; in order.

    A stage is out of date when it never ran, when settings, files, code or a reviewer's decision changed since, or when
    a table or model it left was changed or is gone.
    """
    stale: list[str] = []
    for name in behind(names):
        stage = STAGES_IN_ORDER[name]
        if any(earlier in stale for earlier in stage.builds_on) or current_receipt(stage, opened) is None:
            stale.append(name)
    return tuple(stale)


def refuse_out_of_date(names: Sequence[str], opened: OpenStudy) -> None:
    """Refuse to build on results that are not those of today's settings and files.

    Raises
    ------
    NotReady
        Names the stages that have to run first.
    """
    stale = out_of_date(names, opened)
    if stale:
        raise NotReady(
            f"Stage '{names[0]}' builds on results that are out of date.",
            expected="settings, files, code and decisions as they were when the earlier stages ran",
            came=f"{', '.join(stale)}: changed since, or never run",
            where=str(opened.workspace),
            advice=f"run from there: --from {stale[0]}",
        )
