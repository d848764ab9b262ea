"""How often each printed interval holds the truth, by simulation.

An ``Interval`` draws a world with a known truth, asks the function that a stage asks, and says for each figure whether
the truth lay inside. Its coverage stands beside its own Monte-Carlo interval; a claim is missed when that whole
interval lies outside what the promise allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from segment.experience.estimates import wilson
from truths.means import MEANS
from truths.rows import Row, row

#: Farther than this from the promise is a fault: a promised 95 % must be 93 to 97 % in the long run.
SLACK = 0.02

#: Gives, for one draw, whether each of a few independent figures was inside (NaN: there was no interval).
Draw = Callable[[np.random.Generator], Iterable[float]]


@dataclass(frozen=True)
class Interval:
    """An interval that a reader sees: where it stands, what it promises, and a way to try it once."""

    name: str
    draw: Draw
    promised: float = 0.95
    draws: int = 1_000


def coverage(*, short: bool, seed: int, intervals: Iterable[Interval] | None = None) -> list[Row]:
    """One row per interval."""
    chosen = [Interval(*told) for told in MEANS] if intervals is None else intervals
    return [measured(one, draws=one.draws // 5 if short else one.draws, seed=seed) for one in chosen]


def measured(one: Interval, *, draws: int, seed: int) -> Row:
    """The coverage of one interval over so many draws, each with a stream of its own."""
    streams = np.random.default_rng([seed, *one.name.encode()]).spawn(draws)
    inside = np.concatenate([np.asarray(list(one.draw(stream)), dtype=float) for stream in streams])
    known = inside[np.isfinite(inside)]
    held = float(known.mean())
    low, high = wilson(held, len(known))
    met = low <= one.promised + SLACK and high >= one.promised - SLACK
    told = f"{held:.1%} ({low:.1%} to {high:.1%})"
    return row(one.name, f"{one.promised:.0%}", told, met) | {"tries": len(known)}
