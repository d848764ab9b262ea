"""Intervals of expected leaving per segment, at the level that later time shows, and of how questions hang together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

import numpy as np
import pandas as pd

from segment.needs.reliability import need_reliability
from segment.retention.levels import drawn_levels, level_of_exits, level_of_weighted_exits
from truths.coverage import Interval
from truths.means import people_weights

#: People of each segment when the hold-out begins, and how far a segment's log hazard lies from the model's.
SIZES, APART = (450, 300, 200, 120, 60), 0.25
#: Months held out, months ahead, an average person's monthly hazard.
HELD, AHEAD, RATE = 15.0, 12.0, 0.012
#: How much faster people leave of whom fewer answer, where the model does not know it.
UNKNOWN = 1.4


def levels(
    rng: np.random.Generator, *, weighted: bool = False, unknown: bool = False, only: int | None = None
) -> Iterable[float]:
    """Expected leaving of everyone and of each segment (``only``: of one) against the truth of those still there."""
    segment = np.repeat(np.arange(len(SIZES)), SIZES)
    weights = people_weights(rng, len(segment), weighted=weighted)
    foretold = RATE * np.exp(0.5 * rng.normal(size=len(segment)) + 0.2 * (weights > 1) * weighted)
    true = foretold * np.exp(0.1 + rng.normal(0, APART, len(SIZES)))[segment]
    true = true * np.where((weights > 1) & unknown, UNKNOWN, 1.0)
    leave = rng.exponential(1 / true)
    gone, hazard = leave < HELD, foretold * np.minimum(leave, HELD)
    ours = [segment == k for k in range(len(SIZES))]
    own = {k: level_of_weighted_exits(gone[one], hazard[one], weights[one]) for k, one in enumerate(ours)}
    found = drawn_levels(level_of_exits(gone.sum(), hazard.sum()), own)
    for key, level in found.items() if only is None else [(only, found[only])]:
        here = ~gone & ((segment == key) | (key is None))
        counts = np.ones(here.sum()) if key is None else weights[here]
        truth = float(np.average(-np.expm1(-AHEAD * true[here]), weights=counts))
        value, low, high = level.shares(-np.expm1(-AHEAD * foretold[here]), weights=counts)
        assert low < value < high
        yield float(low <= truth <= high)


def _asked(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Four questions about one need, answered from 1 to 5."""
    need = rng.normal(size=(n, 1))
    return pd.DataFrame(np.clip(np.round(3.4 + 0.7 * need + rng.normal(0, 0.8, (n, 4))), 1, 5), columns=list("abcd"))


def _reliability(answers: pd.DataFrame, weights: np.ndarray, draws: int) -> pd.Series:
    return need_reliability(answers, dict.fromkeys(answers, "need"), weights, n_bootstrap=draws).iloc[0]


@cache
def _of_everyone() -> pd.Series:
    answers = _asked(np.random.default_rng(6), 200_000)
    return _reliability(answers, np.ones(len(answers)), 0)


def reliability(
    rng: np.random.Generator, *, n: int, measure: str, draws: int = 0, weighted: bool = False
) -> Iterable[float]:
    found = _reliability(_asked(rng, n), people_weights(rng, n, weighted=weighted), draws)
    yield float(found[f"{measure}_low"] <= _of_everyone()[measure] <= found[f"{measure}_high"])


def further() -> list[Interval]:
    """What the other parts leave open."""
    kinds = ", who answers less often leaves faster and the model does not know it"
    found = [
        Interval("leaving expected, everyone and five segments of 60 to 450", levels),
        Interval("leaving expected, segments weighted", partial(levels, weighted=True)),
        Interval(f"leaving expected, segments weighted{kinds}", partial(levels, weighted=True, unknown=True),
                 promised=None),
    ]  # fmt: skip
    found += [
        Interval(f"leaving expected, a segment of {size} among five", partial(levels, only=number), short=0)
        for number, size in enumerate(SIZES)
        if size in (450, 200, 60)
    ]
    for n in (60, 300):
        found += [
            Interval(f"reliability: alpha of four questions; {n} people", partial(reliability, n=n, measure="alpha")),
            Interval(f"reliability: omega of four questions; {n} people",
                     partial(reliability, n=n, measure="omega", draws=100), draws=400, short=0),
        ]  # fmt: skip
    draw = partial(reliability, n=300, measure="alpha", weighted=True)
    found.append(Interval("reliability: alpha of four questions; 300 people, weighted", draw))
    return found
