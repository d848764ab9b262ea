"""The detection limit: the smallest planted difference that a search finds in four worlds out of five.

A refusal says little without it: "no groups" among 200 people and among 5,000 are different news. Worlds with planted
groups are simulated after the survey itself, on a ladder of differences (or of numbers of people), and searched; a
curve through what was found says where the chance passes 80 per cent.

The curve is a probit one in the logarithm of the rung, ``P = e + (1 - 2 e) Phi(z(.8) + (log x - log limit) / width)``
with ``e`` = .01 for slips, learned on a grid of limits and widths with flat weights: a grid stays finite also where
every low rung fails and every high one is found (Kuss, M., Jäkel, F. & Wichmann, F. A. (2005), Bayesian inference for
psychometric functions, Journal of Vision 5, 478-492). A first round of worlds brackets the limit, a second looks
closely around it. The result is the same on one core and many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from segment.errors import InvalidInput
from segment.parallel import run_parallel
from segment.segments.planting import Outcome, Planting, learn_chance, look

FloatArray = npt.NDArray[np.float64]

#: The chance that a limit stands for.
CHANCE = 0.80
#: Differences that are tried, in widths of the scale, and numbers of people.
_LOW, _HIGH, _RUNGS = 0.12, 0.75, 10
PEOPLE = (100, 170, 300, 500, 850, 1500, 2700, 5000)
#: Where the second round looks, in multiples of the limit of the first.
_CLOSE = (0.86, 0.94, 1.0, 1.06, 1.16)
_SLIP = 0.01
_WIDTHS = np.geomspace(0.04, 0.5, 24)

#: The rungs on which chance is learned for the first round.
_ANCHORS = [2, 4, 7]


@dataclass(frozen=True)
class Curve:
    """What was found on a ladder, and the curve through it.

    Attributes
    ----------
    worlds
        One row per world: ``x`` (the rung), ``groups`` (found; 1: none), ``agreement`` (adjusted Rand index with the
        planted groups), ``ceiling`` (the same for a reader who knows them), ``found``.
    limit, low, high
        Where the chance passes 80 per cent, with its 90 % interval; NaN where not even the top of the ladder does.
    """

    worlds: pd.DataFrame
    limit: float
    low: float
    high: float
    _limits: FloatArray
    _weights: FloatArray

    @classmethod
    def through(cls, worlds: pd.DataFrame, top: float) -> Curve:
        """The curve through these worlds; ``top`` is the highest rung there is."""
        x = worlds["x"].to_numpy(dtype=float)
        limits = np.geomspace(x.min() / 2, top * 2, 400)
        chances = _probit(x[None, None, :], limits[:, None, None], _WIDTHS[None, :, None])
        hits = worlds["found"].to_numpy(dtype=bool)
        log = np.where(hits, np.log(chances), np.log1p(-chances)).sum(axis=2)
        weights = np.exp(log - log.max())
        weights /= weights.sum()
        low, middle, high = np.interp([0.05, 0.5, 0.95], np.cumsum(weights.sum(axis=1)), limits)
        reached = middle <= top
        return cls(worlds, middle if reached else np.nan, low if reached else np.nan, high if reached else np.nan,
                   limits, weights)  # fmt: skip

    def chance(self, x: float) -> tuple[float, float, float]:
        """The chance to find the planted groups at this rung, with its 90 % interval."""
        at = _probit(np.array(x), self._limits[:, None], _WIDTHS[None, :])
        order = np.argsort(at, axis=None)
        low, high = np.interp([0.05, 0.95], np.cumsum(self._weights.ravel()[order]), at.ravel()[order])
        return float((at * self._weights).sum()), float(low), float(high)

    def rungs(self) -> pd.DataFrame:
        """One row per rung: ``x``, ``worlds``, ``found`` (share), ``groups`` (mean number, 1: none found),
        ``agreement`` and ``ceiling`` (means), ``chance`` with ``low`` and ``high`` (the curve there)."""
        told = self.worlds.groupby("x", as_index=False).agg(
            worlds=("found", "size"), found=("found", "mean"), groups=("groups", "mean"),
            agreement=("agreement", "mean"), ceiling=("ceiling", "mean"),
        )  # fmt: skip
        told[["chance", "low", "high"]] = [self.chance(x) for x in told["x"]]
        return told


def _probit(x: npt.ArrayLike, limit: npt.ArrayLike, width: npt.ArrayLike) -> FloatArray:
    place = stats.norm.ppf((CHANCE - _SLIP) / (1 - 2 * _SLIP)) + np.log(np.asarray(x) / limit) / width
    return np.asarray(_SLIP + (1 - 2 * _SLIP) * stats.norm.cdf(place))


def smallest_difference(
    planting: Planting, *, n_worlds: int = 48, random_state: int = 0, n_jobs: int | None = None
) -> Curve:
    """The chance to find planted groups by how far their needs differ, in points of the scale.

    Parameters
    ----------
    planting
        The survey, the groups and the gates.
    n_worlds
        Worlds in all, at least as many as rungs: half to bracket the limit, half to look closely.

    Raises
    ------
    InvalidInput
        Too few worlds.
    """
    rungs = np.geomspace(_LOW, _HIGH, _RUNGS) * planting.measurement.range
    return _climb(rungs, lambda rung: (planting, rung), random_state, n_worlds, n_jobs, stretch=1.0)


def fewest_people(
    planting: Planting,
    difference: float,
    *,
    n_worlds: int = 48,
    random_state: int = 0,
    n_jobs: int | None = None,
) -> Curve:
    """The chance to find groups that differ by so many points, by how many people answer; up to 5,000.

    Raises
    ------
    InvalidInput
        Too few worlds, or a difference that is none.
    """
    if not difference > 0:
        raise InvalidInput("The difference must be above zero.", expected="points of the scale", came=f"{difference}")
    # Errors fall with the root of the number of people: what is close in differences is twice as far in people.
    return _climb(
        np.array(PEOPLE, dtype=float),
        lambda people: (planting.asked_of(round(people)), difference),
        random_state,
        n_worlds,
        n_jobs,
        stretch=2.0,
    )


def _climb(
    rungs: FloatArray,
    at: Callable[[float], tuple[Planting, float]],
    random_state: int,
    n_worlds: int,
    n_jobs: int | None,
    *,
    stretch: float,
) -> Curve:
    """Two rounds on the ladder: over its whole length, then around where the first round puts the limit.

    What chance gives moves slowly with what is planted, so it is learned on a few rungs, and anew for the second round.
    """
    if n_worlds < len(rungs):
        raise InvalidInput("Too few worlds for a curve.", expected=f"at least {len(rungs)}", came=f"{n_worlds}")
    top, (chances, looks) = float(rungs[-1]), np.random.SeedSequence(random_state).spawn(2)
    seeds = looks.spawn(n_worlds)
    first = [float(rung) for rung in rungs for _ in range(max(1, round(n_worlds / 2 / len(rungs))))]
    worlds = _searched(first, seeds, rungs[_ANCHORS], at, chances, n_jobs)
    curve = Curve.through(worlds, top)
    if len(first) >= n_worlds or np.isnan(curve.limit):
        return curve
    close = [min(float(curve.limit * factor**stretch), top) for factor in _CLOSE]
    second = [close[number % len(close)] for number in range(n_worlds - len(first))]
    more = _searched(second, seeds[len(first) :], np.array([curve.limit]), at, chances, n_jobs)
    return Curve.through(pd.concat([worlds, more], ignore_index=True), top)


def _searched(
    xs: Sequence[float],
    seeds: Sequence[np.random.SeedSequence],
    anchors: FloatArray,
    at: Callable[[float], tuple[Planting, float]],
    chances: np.random.SeedSequence,
    n_jobs: int | None,
) -> pd.DataFrame:
    """One row per world: what was seen, held against chance on the nearest of the anchors."""
    learning = [(*at(float(anchor)), own) for anchor, own in zip(anchors, chances.spawn(len(anchors)), strict=True)]
    chance = run_parallel(learn_chance, learning, n_jobs=n_jobs)
    nearest = [int(np.abs(np.log(anchors / x)).argmin()) for x in xs]
    jobs = [(*at(x), chance[own], seed) for x, own, seed in zip(xs, nearest, seeds, strict=False)]
    return _seen(xs, run_parallel(look, jobs, n_jobs=n_jobs))


def _seen(rungs: Sequence[float], outcomes: Sequence[Outcome]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"x": x, "groups": one.k, "agreement": one.agreement, "ceiling": one.ceiling, "found": one.found}
            for x, one in zip(rungs, outcomes, strict=True)
        ]
    )
