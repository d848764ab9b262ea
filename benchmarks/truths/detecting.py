"""The interval of the detection limit: by a chance that is known, and by real searches against very many worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from unittest.mock import patch

import numpy as np
import pandas as pd
from scipy import stats

from segment.segments import detection
from segment.segments.detection import CHANCE, Curve, smallest_difference
from segment.segments.gates import Gates
from segment.segments.measurement import Measurement
from segment.segments.planting import Planting
from segment.segments.sightings import Named, Outcome
from truths.coverage import Interval

#: What the limit's interval promises, and how many worlds a study simulates.
PROMISED, WORLDS = 0.90, 30
#: Worlds and rungs that the true limit of real searches is known from, and how many of them share what chance gives.
MANY, RUNGS, SHARED = 1_200, 6, 20

#: Shape of a known chance -> its distribution function.
SHAPES: dict[str, Callable[[float], float]] = {
    "probit": stats.norm.cdf,
    "logistic": lambda z: stats.logistic.cdf(1.7 * z),
}


#: The one family that looks where it is drawn what is found.
_FAMILY = ("needs_mixture", 3)


@cache
def planted() -> Planting:
    """Three groups, one of a fifth, among 300 people asked about four needs."""
    survey = Measurement.assumed(300, 4, 4, within=0.6, noise=0.8, level_sd=0.7, stretch_sd=0.3, missing=0.1)
    return Planting.apart(survey, [2, 2, 1], Gates(smallest_n=30))


@dataclass(frozen=True)
class Drawn:
    """A world that is found with a chance that a learning's luck moves; ``at`` is drawn evenly from 0 to 1."""

    chance: Callable[[float], float]
    at: float
    named: Named | None = _FAMILY

    def against(self, _: Planting, luck: Mapping[Named, float]) -> Outcome:
        """What is found, as of a real sighting."""
        found = self.named is not None and self.at < self.chance(luck[self.named])
        return Outcome(3 if found else 1, float(found), 1.0)


def by_known_chance(rng: np.random.Generator, *, shape: str, shared: float = 0.0) -> Iterable[float]:
    """Worlds of which it is drawn whether they are found: the limit lies where the drawn chance is 80 %.

    ``shared``: part of the spread that is the luck of a learning of chance, the same for all worlds held against it.
    """
    limit, width = planted().measurement.range * rng.uniform(0.2, 0.5), rng.uniform(0.06, 0.3)
    cdf = SHAPES[shape]
    at = stats.norm.ppf(CHANCE) if shape == "probit" else stats.logistic.ppf(CHANCE) / 1.7

    def seen(_: Planting, difference: float, __: object, without: Sequence[str]) -> Drawn:
        place = at + np.log(difference / limit) / width
        return Drawn(
            lambda luck: cdf((place + np.sqrt(shared) * luck) / np.sqrt(1 - shared)),
            rng.random(),
            None if without else _FAMILY,
        )

    def learn(*_: object) -> dict[Named, float]:
        return {_FAMILY: rng.normal()}

    with patch.object(detection, "look", seen), patch.object(detection, "learn_chance", learn):
        curve = smallest_difference(planted(), n_worlds=WORLDS, n_jobs=1)
    yield float(curve.low <= limit <= curve.high) if np.isfinite(curve.limit) else np.nan


@cache
def true_limit() -> float:
    """Where real searches find the planted groups in four worlds of five, from very many worlds."""
    planting = planted()
    near = smallest_difference(planting, n_worlds=WORLDS, random_state=99, n_jobs=1).limit
    rungs, worlds = near * np.geomspace(0.75, 1.35, RUNGS), []
    for number, seed in enumerate(np.random.SeedSequence(98).spawn(MANY // SHARED)):
        learning, *looking = seed.spawn(1 + SHARED)
        rung = float(rungs[number % RUNGS])
        seen = detection._searched(
            [rung] * SHARED, looking, [0] * SHARED, np.array([near]), lambda x: (planting, x), learning, 1
        )
        worlds.append(seen.assign(learned=number))
    return Curve.through(pd.concat(worlds, ignore_index=True), float(rungs[-1])).limit


def by_searches(rng: np.random.Generator) -> Iterable[float]:
    """The limit as a study states it, from real searches in simulated worlds."""
    curve = smallest_difference(planted(), n_worlds=WORLDS, random_state=int(rng.integers(2**31)), n_jobs=1)
    yield float(curve.low <= true_limit() <= curve.high) if np.isfinite(curve.limit) else np.nan


def detecting() -> list[Interval]:
    """The one interval of 90 %."""
    known = [
        Interval(f"detection limit, chance known ({shape}, {shared:.0%} shared); {WORLDS} worlds",
                 partial(by_known_chance, shape=shape, shared=shared), draws=600, short=40, promised=PROMISED)
        for shape, shared in (("probit", 0.0), ("logistic", 0.0), ("probit", 0.3))
    ]  # fmt: skip
    return [*known, Interval(f"detection limit, real searches; {WORLDS} worlds", by_searches, draws=60, short=0,
                             promised=PROMISED)]  # fmt: skip
