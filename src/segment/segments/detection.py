"""The detection limit: the smallest planted difference that a search finds in four worlds out of five.

A refusal says little without it: "no groups" among 200 people and among 5,000 are different news. Worlds with planted
groups are simulated after the survey itself, on a ladder of differences (or of numbers of people), and searched; a
curve through what was found says where the chance passes 80 per cent.

The curve is a probit one in the logarithm of the rung, ``P = e + (1 - 2 e) Phi(z(.8) + (log x - log limit) / width)``
with ``e`` = .01 for slips, learned on a grid of limits and widths with flat weights: a grid stays finite also where
every low rung fails and every high one is found (Kuss, M., Jäkel, F. & Wichmann, F. A. (2005), Bayesian inference for
psychometric functions, Journal of Vision 5, 478-492). A first round looks once at every rung, the others where the
limit may lie after what was seen by then, so that one world that came out odd does not send all later ones astray
(Watson, A. B. & Pelli, D. G. (1983), QUEST, Perception & Psychophysics 33, 113-120). The result is the same on one
core and many.

Learning what chance gives costs as much as looking at several worlds, so worlds share it, and a learning that came out
strict is strict for all of them. With a learning's own luck ``b ~ N(0, 1)`` and ``rho``, the part of the spread that is
its own, a world is found with chance ``Phi((place + sqrt(rho) b) / sqrt(1 - rho))``, where ``Phi(place)`` is the chance
over all learnings (one common factor: Vasicek, O. (2002), The distribution of loan portfolio value, Risk 15, 160-162;
as a random intercept: McCulloch, C. E. & Searle, S. R. (2001), Generalized, Linear, and Mixed Models, ch. 8). The luck
is summed out per learning (Gauss-Hermite), ``rho`` is learned on a grid as the other two are. So a limit is that of a
search anywhere, not that of this study's own few learnings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from segment.errors import InvalidInput
from segment.parallel import run_parallel
from segment.segments.planting import Planting
from segment.segments.sightings import Named, Outcome, learn_chance, look
from segment.segments.trials import Trial

FloatArray = npt.NDArray[np.float64]

#: The chance that a limit stands for.
CHANCE = 0.80
#: Differences that are tried, in widths of the scale, and numbers of people.
_LOW, _HIGH, _RUNGS = 0.12, 0.75, 10
PEOPLE = (100, 170, 300, 500, 850, 1500, 2700, 5000)
#: Rounds after the first, and where they look: at these percentiles of where the limit may lie.
_ROUNDS, _CLOSE = 2, (0.05, 0.25, 0.5, 0.75, 0.95)
_SLIP = 0.01
_WIDTHS = np.geomspace(0.04, 0.5, 16)
#: Parts of the spread that may be the luck of a learning of chance, and the values of that luck that are summed over.
#: The high ones are needed: one learning in some twenty is so strict that hardly any world passes.
_SHARED = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85])
_LUCK, _LUCK_WEIGHTS = (
    part / scale for part, scale in zip(np.polynomial.hermite_e.hermegauss(15), (1, np.sqrt(2 * np.pi)), strict=True)
)
#: The rungs on which chance is learned for the first round, and how often each later round learns it anew.
_ANCHORS, _LEARNED = [2, 4, 7], 2


@dataclass(frozen=True)
class Curve:
    """What was found on a ladder, and the curve through it.

    Attributes
    ----------
    worlds
        One row per world: ``x`` (the rung), ``learned`` (number of the learning of chance that it was held against),
        ``groups`` (found; 1: none), ``agreement`` (adjusted Rand index with the planted groups), ``ceiling`` (the same
        for a reader who knows them), ``found``.
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
        limits = np.geomspace(worlds["x"].min() / 2, top * 2, 250)
        log = sum(_log_likelihood(own, limits) for _, own in worlds.groupby("learned"))
        weights = np.exp(log - np.max(log)).sum(axis=2)
        weights /= weights.sum()
        low, middle, high = _percentiles([0.05, 0.5, 0.95], weights, limits)
        reached = middle <= top
        return cls(worlds, middle if reached else np.nan, low if reached else np.nan, high if reached else np.nan,
                   limits, weights)  # fmt: skip

    def places(self, shares: Sequence[float]) -> FloatArray:
        """Percentiles of where the limit may lie, also beyond the top of the ladder."""
        return _percentiles(shares, self._weights, self._limits)

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


def _percentiles(shares: Sequence[float], weights: FloatArray, limits: FloatArray) -> FloatArray:
    return np.asarray(np.interp(shares, np.cumsum(weights.sum(axis=1)), limits))


def _log_likelihood(worlds: pd.DataFrame, limits: FloatArray) -> FloatArray:
    """Of worlds that share one learning of chance, its luck summed out: limits x widths x parts that are shared."""
    counts = worlds.groupby("x")["found"].agg(["sum", "size"])
    log = np.zeros((len(limits), len(_WIDTHS), len(_SHARED), len(_LUCK)))
    lucky, own = np.sqrt(_SHARED)[:, None] * _LUCK, np.sqrt(1 - _SHARED)[:, None]
    for x, (hits, size) in zip(counts.index, counts.to_numpy(dtype=float).tolist(), strict=True):
        place = _place(x, limits[:, None], _WIDTHS[None, :])[..., None, None]
        chance = _slipped((place + lucky) / own)
        log += hits * np.log(chance) + (size - hits) * np.log1p(-chance)
    return np.asarray(special.logsumexp(log, axis=3, b=_LUCK_WEIGHTS))


def _probit(x: npt.ArrayLike, limit: npt.ArrayLike, width: npt.ArrayLike) -> FloatArray:
    """The chance to find what was planted, over all learnings."""
    return _slipped(_place(x, limit, width))


def _place(x: npt.ArrayLike, limit: npt.ArrayLike, width: npt.ArrayLike) -> FloatArray:
    return np.asarray(stats.norm.ppf((CHANCE - _SLIP) / (1 - 2 * _SLIP)) + np.log(np.asarray(x) / limit) / width)


def _slipped(place: FloatArray) -> FloatArray:
    return np.asarray(_SLIP + (1 - 2 * _SLIP) * special.ndtr(place))


def smallest_difference(
    planting: Planting, *, n_worlds: int = 36, random_state: int = 0, n_jobs: int | None = None
) -> Curve:
    """The chance to find planted groups by how far their needs differ, in points of the scale.

    Parameters
    ----------
    planting
        The survey, the groups and the gates.
    n_worlds
        Worlds in all, at least as many as rungs: one for each, the others to look closely.

    Raises
    ------
    InvalidInput
        Too few worlds.
    """
    rungs = np.geomspace(_LOW, _HIGH, _RUNGS) * planting.measurement.range
    return _climb(rungs, lambda rung: (planting, rung), random_state, n_worlds, n_jobs)


def fewest_people(
    planting: Planting,
    difference: float,
    *,
    n_worlds: int = 36,
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
    return _climb(
        np.array(PEOPLE, dtype=float),
        lambda people: (planting.asked_of(round(people)), difference),
        random_state,
        n_worlds,
        n_jobs,
    )


def _climb(
    rungs: FloatArray,
    at: Callable[[float], tuple[Planting, float]],
    random_state: int,
    n_worlds: int,
    n_jobs: int | None,
) -> Curve:
    """Rounds on the ladder: over its whole length, then where the limit may lie after what was seen.

    What chance gives moves slowly with what is planted, so the first round learns it on a few rungs; each later one
    learns it anew, for some of its worlds each.
    """
    if n_worlds < len(rungs):
        raise InvalidInput("Too few worlds for a curve.", expected=f"at least {len(rungs)}", came=f"{n_worlds}")
    top, (chances, looks) = float(rungs[-1]), np.random.SeedSequence(random_state).spawn(2)
    seeds, anchors = looks.spawn(n_worlds), rungs[_ANCHORS]
    nearest = [int(np.abs(np.log(anchors / x)).argmin()) for x in rungs]
    worlds = _searched([float(rung) for rung in rungs], seeds, nearest, anchors, at, chances, n_jobs)
    curve = Curve.through(worlds, top)
    for left in range(_ROUNDS, 0, -1):
        more = (n_worlds - len(worlds)) // left
        if more == 0:
            continue
        close = np.minimum(curve.places(_CLOSE), top)
        xs = [float(close[number % len(close)]) for number in range(more)]
        shared = np.arange(more) * min(_LEARNED, more) // more
        anchors = np.full(shared[-1] + 1, close[len(close) // 2])
        seen = _searched(xs, seeds[len(worlds) :], shared.tolist(), anchors, at, chances, n_jobs)
        seen["learned"] += 1 + worlds["learned"].max()
        worlds = pd.concat([worlds, seen], ignore_index=True)
        curve = Curve.through(worlds, top)
    return curve


def _searched(
    xs: Sequence[float],
    seeds: Sequence[np.random.SeedSequence],
    learned: Sequence[int],
    anchors: FloatArray,
    at: Callable[[float], tuple[Planting, float]],
    chances: np.random.SeedSequence,
    n_jobs: int | None,
) -> pd.DataFrame:
    """One row per world: what came back, held against chance as it was learned on this one of the anchors.

    Chance is asked, on each anchor, about what came back in any of the worlds that share its answer. Where it gives as
    much, the world is looked at without that family.
    """
    own = chances.spawn(len(anchors))
    chance: list[dict[Named, Sequence[tuple[str, Trial]]]] = [{} for _ in anchors]
    outcomes: dict[int, Outcome] = {}
    left: dict[int, tuple[str, ...]] = dict.fromkeys(range(len(xs)), ())
    while left:
        jobs = [(*at(xs[place]), seeds[place], without) for place, without in left.items()]
        sightings = dict(zip(left, run_parallel(look, jobs, n_jobs=n_jobs), strict=True))
        new = [
            {one.named for place, one in sightings.items() if learned[place] == number and one.named} - set(known)
            for number, known in enumerate(chance)
        ]
        learning = [
            (*at(float(anchor)), wanted, seed) for anchor, wanted, seed in zip(anchors, new, own, strict=True) if wanted
        ]
        answers = iter(run_parallel(learn_chance, learning, n_jobs=n_jobs))
        chance = [{**known, **next(answers)} if wanted else known for known, wanted in zip(chance, new, strict=True)]
        for place, one in sightings.items():
            outcomes[place] = one.against(at(xs[place])[0], chance[learned[place]])
        left = {
            place: (*left[place], one.named[0])
            for place, one in sightings.items()
            if one.named is not None and outcomes[place].k == 1
        }
    return _seen(xs, learned, [outcomes[place] for place in range(len(xs))])


def _seen(rungs: Sequence[float], learned: Sequence[int], outcomes: Sequence[Outcome]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"x": x, "learned": own, "groups": one.k, "agreement": one.agreement, "ceiling": one.ceiling,
             "found": one.found}
            for x, own, one in zip(rungs, learned, outcomes, strict=True)
        ]
    )  # fmt: skip
