"""How often each printed interval holds the truth, by simulation.

An ``Interval`` draws a world with a known truth, asks the function that a stage asks, and says for each figure whether
the truth lay inside. Its coverage stands beside its own Monte-Carlo interval; a claim is missed when that whole
interval lies outside what the promise allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from segment.experience.estimates import wilson
from truths.rows import Row, row

#: Farther than this from the promise is a fault: a promised 95 % must be 93 to 97 % in the long run.
SLACK = 0.02

#: Whether the truth was inside each figure's interval in one draw (NaN: the figure had no interval).
Draw = Callable[[np.random.Generator], Iterable[float]]


@dataclass(frozen=True)
class Interval:
    """An interval that a reader sees: where it stands, what it promises, and a way to try it once.

    ``cautious``: whole answers of few people allow no exact level, so that more than promised is no fault. ``promised``
    None: measured for the method's sake, because the figure claims something else.
    """

    name: str
    draw: Draw
    draws: int = 1_000
    short: int = 60
    cautious: bool = False
    promised: float | None = 0.95


def coverage(intervals: Sequence[Interval], *, short: bool, seed: int) -> list[Row]:
    """One row per interval."""
    asked = [one for one in intervals if one.short or not short]
    return [measured(one, draws=one.short if short else one.draws, seed=seed) for one in asked]


def measured(one: Interval, *, draws: int, seed: int) -> Row:
    """The coverage of one interval over so many draws, each with a stream of its own."""
    streams = np.random.default_rng([seed, *one.name.encode()]).spawn(draws)
    inside = [np.asarray(list(one.draw(stream)), dtype=float) for stream in streams]
    told = [draw[np.isfinite(draw)] for draw in inside]
    told = [draw for draw in told if len(draw)]
    held, size = _share(told)
    low, high = wilson(held, size)
    promised, met = one.promised, None
    if promised is not None:
        met = high >= promised - SLACK and (one.cautious or low <= promised + SLACK)
    found = row(
        one.name, "not claimed" if promised is None else f"{promised:.0%}", f"{held:.1%} ({low:.1%} to {high:.1%})", met
    )
    absent = 1 - sum(map(len, told)) / max(sum(map(len, inside)), 1)
    return found | {"draws": draws, "without": f"{absent:.0%}" if absent else ""}


def _share(draws: Sequence[np.ndarray]) -> tuple[float, float]:
    """The share inside, and how many independent figures it is worth: figures of one draw may go together."""
    held, counts = np.array([draw.sum() for draw in draws]), np.array([len(draw) for draw in draws], dtype=float)
    share = float(held.sum() / counts.sum())
    error = float(((held - share * counts) ** 2).sum()) / counts.sum() ** 2
    most = float(counts.sum())
    return share, min(share * (1 - share) / error, most) if error > 0 and 0 < share < 1 else float(len(draws))
