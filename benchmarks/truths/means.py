"""Intervals of means, shares and scores of people: what the scorecard, the journey and the promises print."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from segment.experience.estimates import net_promoters, weighted_mean, weighted_share

ANSWERS = np.array([0.05, 0.1, 0.2, 0.4, 0.25])


def _mean(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    answers = rng.choice(np.arange(1, 6), n, p=ANSWERS)
    found = weighted_mean(answers, np.ones(n), bounds=(1.0, 5.0))
    yield found.low <= float(np.arange(1, 6) @ ANSWERS) <= found.high


def _share(rng: np.random.Generator, *, n: int, share: float) -> Iterable[float]:
    found = weighted_share((rng.random(n) < share).astype(float), np.ones(n))
    yield found.low <= share <= found.high


def _enps(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    found = net_promoters(rng.choice([10, 8, 3], n, p=[0.35, 0.4, 0.25]), np.ones(n))
    yield found.low <= 10.0 <= found.high


MEANS = (
    ("scorecard, journey: mean of 20", lambda rng: _mean(rng, n=20)),
    ("scorecard, journey: mean of 300", lambda rng: _mean(rng, n=300)),
    ("promises, scorecard: share of 20", lambda rng: _share(rng, n=20, share=0.2)),
    ("promises, scorecard: share of 300", lambda rng: _share(rng, n=300, share=0.2)),
    ("scorecard: eNPS of 20", lambda rng: _enps(rng, n=20)),
    ("scorecard: eNPS of 300", lambda rng: _enps(rng, n=300)),
)
