"""Rows of the benchmark's tables: a claim, what was promised, what was measured, and whether that is enough."""

from __future__ import annotations

Row = dict[str, object]


def row(claim: str, promised: str, measured: str, met: bool | None) -> Row:
    """One line; ``met`` is None where nothing was promised."""
    return {"claim": claim, "promised": promised, "measured": measured, "met": _MET[met]}


_MET = {True: "yes", False: "NO", None: ""}
