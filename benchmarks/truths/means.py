"""Intervals of means, shares and scores of people: what the scorecard, the journey and the promises print."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from segment.experience.estimates import Estimate, net_promoters, weighted_mean, weighted_share
from truths.coverage import Interval

#: Chances of the answers 1 to 5: of a question most agree with, and of one that nearly everyone agrees with.
MIXED, HIGH = (0.05, 0.1, 0.2, 0.4, 0.25), (0.01, 0.02, 0.07, 0.3, 0.6)
SCORES = np.arange(11.0)
RATED = np.array([2, 1, 1, 2, 3, 6, 9, 20, 26, 17, 13]) / 100


def people_weights(rng: np.random.Generator, n: int, *, weighted: bool) -> np.ndarray:
    """Ones, or weights of a survey in which some kinds of people answered more often than others."""
    return rng.choice([0.6, 1.0, 1.9], n, p=[0.4, 0.4, 0.2]) if weighted else np.ones(n)


def _holds(found: Estimate, truth: float) -> float:
    return float(found.low <= truth <= found.high) if np.isfinite(found.low) else np.nan


def mean(rng: np.random.Generator, *, n: int, chances: tuple[float, ...], weighted: bool = False) -> Iterable[float]:
    answers = np.arange(1.0, 6.0)
    found = weighted_mean(
        rng.choice(answers, n, p=chances), people_weights(rng, n, weighted=weighted), bounds=(1.0, 5.0)
    )
    yield _holds(found, float(answers @ chances))


def share(rng: np.random.Generator, *, n: int, of: float, weighted: bool = False) -> Iterable[float]:
    flags = (rng.random(n) < of).astype(float)
    yield _holds(weighted_share(flags, people_weights(rng, n, weighted=weighted)), of)


def enps(rng: np.random.Generator, *, n: int, weighted: bool = False) -> Iterable[float]:
    truth = 100 * float(RATED[9:].sum() - RATED[:7].sum())
    answers = rng.choice(SCORES, n, p=RATED)
    yield _holds(net_promoters(answers, people_weights(rng, n, weighted=weighted)), truth)


def means() -> list[Interval]:
    """Small groups first: that is where an interval is tried."""
    found = []
    for n in (12, 30, 300):
        for word, chances in (("", MIXED), (", nearly all agree", HIGH)):
            name = f"scorecard, journey, promises: mean of {n}{word}"
            found.append(Interval(name, partial(mean, n=n, chances=chances)))
    for n, of in ((12, 0.3), (30, 0.1), (30, 0.5), (300, 0.03), (300, 0.3)):
        name = f"promises, scorecard, journey: share of {n}, truth {of:.0%}"
        found.append(Interval(name, partial(share, n=n, of=of), cautious=True))
    found += [Interval(f"scorecard: eNPS of {n}", partial(enps, n=n), cautious=n < 100) for n in (12, 30, 300)]
    found.append(Interval("mean of 100, weighted", partial(mean, n=100, chances=MIXED, weighted=True)))
    found.append(Interval("share of 100, weighted", partial(share, n=100, of=0.2, weighted=True), cautious=True))
    found.append(Interval("eNPS of 100, weighted", partial(enps, n=100, weighted=True)))
    return found
