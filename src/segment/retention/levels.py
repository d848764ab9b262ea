"""What later time says of the level of expected leaving, of everyone and of each group, and how sure that is.

A model that learned until a day is held against what happened from that day on: exits observed, and exits expected by
its hazards over the time each person was watched. Their ratio, by group, multiplies the hazard, drawn towards 1 as far
as the ratio of everyone is unsure.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

#: Groups are thought to lie this far from everyone, as a standard deviation of log hazard, before anything is seen: so
#: wide that a small group is drawn to the others by what was seen, not by what was thought.
SPREAD = 1.0


@dataclass(frozen=True)
class Level:
    """By what a hazard is to be multiplied: the logarithm as it was seen, and its standard error.

    ``drawn`` is added to the logarithm for the value that is reported; the interval stays around what was seen.
    """

    log_ratio: float
    error: float
    drawn: float = 0.0

    def chances(self, chances: np.ndarray, *, shift: float | None = None) -> np.ndarray:
        """Each person's chance at this level; ``shift``: that far from the logarithm as it was seen.

        >>> Level(np.log(2), 0.1).chances(np.array([0.1, 0.5])).round(3).tolist()
        [0.19, 0.75]
        """
        log_stay = np.log1p(-np.clip(np.asarray(chances, dtype=float), 0.0, 1 - 1e-12))
        return np.asarray(-np.expm1(np.exp(self.log_ratio + (self.drawn if shift is None else shift)) * log_stay))

    def shares(
        self, chances: np.ndarray, *, weights: np.ndarray | None = None, level: float = 0.95
    ) -> tuple[float, float, float]:
        """The (weighted) mean chance of these people with the hazard so multiplied: ``(value, low, high)``.

        >>> value, low, high = Level(0.0, 0.1).shares(np.array([0.1, 0.3]))
        >>> round(value, 3), low < value < high
        (0.2, True)
        """
        reach = float(norm.ppf(0.5 + level / 2)) * self.error
        value, low, high = (
            float(np.average(self.chances(chances, shift=shift), weights=weights)) for shift in (None, -reach, reach)
        )
        return value, low, high


def level_of_exits(observed: float, expected: float) -> Level:
    """The level of a group from its exits and the sum of its cumulative hazards (half an exit added to each).

    >>> level_of_exits(20, 20).log_ratio, round(level_of_exits(20, 20).error, 2)
    (0.0, 0.22)
    """
    return Level(float(np.log((observed + 0.5) / (expected + 0.5))), float((observed + 0.5) ** -0.5))


def level_of_weighted_exits(gone: np.ndarray, expected: np.ndarray, weights: np.ndarray) -> Level:
    """The level of a group whose people stand for others: of who left (0 or 1) and each person's cumulative hazard.

    Weighted exits are as many as their weights are worth, (sum w)^2 / sum w^2 of those who left (Kish, 1965).

    >>> ones = np.ones(40)
    >>> level_of_weighted_exits(ones, ones, 3 * ones) == level_of_exits(40, 40)
    True
    """
    left = np.asarray(weights, dtype=float) * np.asarray(gone, dtype=float)
    counted = left if left.sum() > 0 else np.asarray(weights, dtype=float)
    per = float(counted @ weights) / float(counted.sum())
    return level_of_exits(float(left.sum()) / per, float(weights @ np.asarray(expected, dtype=float)) / per)


def drawn_levels(everyone: Level, groups: Mapping[Hashable, Level]) -> dict[Hashable, Level]:
    """The level of everyone (``None``) and of each group, put nearer to what the model said where that may be right.

    With ``d`` the logarithm of everyone's level and ``se`` its error, ``d^2 / (d^2 + se^2)`` of it is kept: the share
    that makes the mean squared error least, with what was seen in the place of the truth (Thompson, JASA 1968). Groups
    are put as far from their own level, so that they keep lying around everyone. That is never more than ``se / 2``
    away, well inside an interval, which stays what it was and holds the truth as often.

    >>> levels = drawn_levels(level_of_exits(21, 15), {"a": level_of_exits(12, 8), "b": level_of_exits(9, 7)})
    >>> [round(float(np.exp(levels[None].log_ratio + part * levels[None].drawn)), 2) for part in (0, 1)]
    [1.39, 1.26]
    """
    seen = everyone.log_ratio
    drawn = -seen * everyone.error**2 / (seen**2 + everyone.error**2) if seen else 0.0
    return {key: replace(level, drawn=drawn) for key, level in {None: everyone, **group_levels(groups)}.items()}


def group_levels(groups: Mapping[Hashable, Level]) -> dict[Hashable, Level]:
    """Each group's level, drawn towards the others' as far as the groups are alike and the group's own exits are few.

    Groups lie around a common level with a standard deviation; neither is known. The common level is averaged over,
    and so is the deviation, on a grid, with a half-normal prior of scale :data:`SPREAD`, so that few groups do not
    feign to be alike (Gelman, Bayesian Analysis 2006; Gelman et al., Bayesian Data Analysis 2013, section 5.4). The
    fewer a group's exits, the wider its doubt.

    ``groups`` holds each group's own level. A group of which nobody was watched has none and does not belong here: the
    common level beside its name would be a figure of others.

    >>> found = group_levels({"a": level_of_exits(40, 20), "b": level_of_exits(2, 2)})
    >>> found["a"].log_ratio > found["b"].log_ratio, found["a"].error < found["b"].error
    (True, True)
    >>> group_levels({})
    {}
    """
    if not groups:
        return {}
    found, thought = {}, _together(groups)
    for name, level in groups.items():
        part = thought.part(level)
        means = thought.common + part * (level.log_ratio - thought.common)
        doubt = thought.spread * (1 - part) + thought.unsure * (1 - part) ** 2
        middle = float(thought.chance @ means)
        found[name] = Level(middle, float(np.sqrt(thought.chance @ (doubt + (means - middle) ** 2))))
    return found


def joint_draws(groups: Mapping[Hashable, Level], rng: np.random.Generator, *, n: int) -> np.ndarray:
    """Draws of all groups' levels at once, groups x ``n``: one by one they lie as :func:`group_levels` says.

    Parameters
    ----------
    groups
        Each group's own level; a single group is not drawn anywhere.
    rng
        The generator.
    n
        How many draws.
    """
    seen = np.array([(level.log_ratio, level.error) for level in groups.values()]).reshape(-1, 2)
    if len(groups) < 2:
        return np.asarray(seen[:, :1] + seen[:, 1:] * rng.normal(size=(len(seen), n)))
    thought = _together(groups)
    at = rng.choice(len(thought.chance), n, p=thought.chance)
    common = thought.common[at] + np.sqrt(thought.unsure[at]) * rng.normal(size=n)
    part = np.array([thought.part(level)[at] for level in groups.values()])
    spread = np.sqrt(thought.spread[at] * (1 - part))
    return np.asarray(common + part * (seen[:, :1] - common) + spread * rng.normal(size=part.shape))


@dataclass(frozen=True)
class _Together:
    """How groups lie around a common level, for each variance on a grid: its chance, and the common level with it."""

    spread: np.ndarray
    chance: np.ndarray
    common: np.ndarray
    unsure: np.ndarray

    def part(self, level: Level) -> np.ndarray:
        """How much of a group's own distance from the common level is its own."""
        return np.asarray(self.spread / (self.spread + level.error**2))


def _together(groups: Mapping[Hashable, Level]) -> _Together:
    ratio = np.array([level.log_ratio for level in groups.values()])
    own = np.array([level.error**2 for level in groups.values()])
    spread = np.linspace(0.005, 4 * SPREAD, 200)[:, None] ** 2
    weight = 1 / (own + spread)
    common = (weight @ ratio) / weight.sum(axis=1)
    unsure = 1 / weight.sum(axis=1)
    fit = norm.logpdf(ratio, common[:, None], np.sqrt(own + spread)).sum(axis=1) + np.log(unsure) / 2
    chance = np.exp(fit - fit.max() - spread[:, 0] / (2 * SPREAD**2))
    return _Together(spread[:, 0], chance / chance.sum(), common, unsure)
