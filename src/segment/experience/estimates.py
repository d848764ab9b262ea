"""Weighted figures with their doubt: a mean, a share or a score, each with the number of people and an interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from segment.errors import InvalidInput

Floats = np.ndarray


@dataclass(frozen=True)
class Estimate:
    """A figure about people: ``n`` of them answered; ``low`` and ``high`` bound it (NaN: too few to say)."""

    n: int
    value: float
    low: float
    high: float


#: The figure of nobody.
NOBODY = Estimate(0, nan, nan, nan)


def weighted_mean(
    values: ArrayLike, weights: ArrayLike, *, level: float = 0.95, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> Estimate:
    """Mean of the people who answered, with a design-based interval that stays on the scale.

    Parameters
    ----------
    values, weights
        One per person; NaN: not answered. Only ratios of weights matter.
    bounds
        Lowest and highest value possible.

    Notes
    -----
    m = sum w y / sum w; its variance is V = e / (e - 1) * sum w^2 (y - m)^2 / (sum w)^2 with the effective number of
    people e = (sum w)^2 / sum w^2 (Kish, 1965; Binder, 1983), and Student's t has e - 1 degrees of freedom. Without
    bounds this is, with equal weights, the usual t interval. People who are worth fewer than two have none.

    On a scale the interval is Wilson's (1927), with t: the doubt about a mean near an end of the scale is smaller than
    about one in its middle, as it is for a share. With p = (m - low) / (high - low), p (1 - p) / V (V in units of the
    scale) people who say yes or no are as sure as these people are; never fewer than e. Where all give one answer, an
    imagined person who answers anywhere on the scale stands for what was not seen.

    Examples
    --------
    >>> weighted_mean([2.0, 4.0, 6.0], [1, 1, 1]).value
    4.0
    >>> sure = weighted_mean([5.0] * 12, [1] * 12, bounds=(1.0, 5.0))
    >>> round(sure.low, 1), sure.high
    (3.8, 5.0)
    """
    y, w = _answered(values, weights)
    if len(y) == 0:
        return NOBODY
    mean = float(w @ y / w.sum())
    effective = float(w.sum() ** 2 / (w @ w))
    if effective < 2 - 1e-9:
        return Estimate(len(y), mean, nan, nan)
    variance = effective / (effective - 1) * float((w * (y - mean)) @ (w * (y - mean))) / float(w.sum()) ** 2
    reach = float(stats.t.ppf(0.5 + level / 2, effective - 1))
    low, high = bounds
    if not np.isfinite(high - low):
        return Estimate(len(y), mean, max(low, mean - reach * sqrt(variance)), min(high, mean + reach * sqrt(variance)))
    place, size = min(1.0, max(0.0, (mean - low) / (high - low))), high - low
    scaled = variance / size**2 if variance > 1e-12 * size**2 else 1 / (8 * effective**2)
    ends = _wilson(place, max(effective, place * (1 - place) / scaled), reach)
    return Estimate(len(y), mean, min(mean, low + size * ends[0]), max(mean, low + size * ends[1]))


def weighted_share(flags: ArrayLike, weights: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Share of the people for whom something is true (1; 0 false; NaN not known), with Wilson's interval.

    Wilson (1927), on the effective number of people (sum w)^2 / sum w^2 (Kish, 1965).

    Examples
    --------
    >>> share = weighted_share([1, 1, 0, 0], [1, 1, 1, 1])
    >>> share.value, round(share.low, 3), round(share.high, 3)
    (0.5, 0.15, 0.85)
    """
    y, w = _answered(flags, weights)
    if len(y) == 0:
        return NOBODY
    share = min(1.0, max(0.0, float(w @ y / w.sum())))
    low, high = wilson(share, float(w.sum() ** 2 / (w @ w)), level=level)
    return Estimate(len(y), share, low, high)


def wilson(share: float, effective: float, *, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval (1927) of a share of ``effective`` people; it always holds the share and stays in 0..1."""
    return _wilson(share, effective, float(stats.norm.ppf(0.5 + level / 2)))


def _wilson(share: float, effective: float, z: float) -> tuple[float, float]:
    """The shares that are within ``z`` of their own standard errors of what was seen."""
    centre = (share + z**2 / (2 * effective)) / (1 + z**2 / effective)
    half = z / (1 + z**2 / effective) * sqrt(share * (1 - share) / effective + z**2 / (4 * effective**2))
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def net_promoters(answers: ArrayLike, weights: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Promoters (9 or 10) minus detractors (0 to 6), in points of a hundred: -100 to 100.

    Notes
    -----
    The interval is an adjusted Wald interval on the effective number of people: three pseudo answers are added, three
    quarters to promoters and detractors each and one and a half between them, so that a small group that agrees does
    not look certain (Rocks, 2016, The American Statistician 70).

    Examples
    --------
    >>> net_promoters([10, 9, 8, 3], [1, 1, 1, 1]).value
    25.0
    """
    y, w = _answered(answers, weights)
    if len(y) == 0:
        return NOBODY
    promoters, detractors = float(w @ (y >= 9) / w.sum()), float(w @ (y <= 6) / w.sum())
    effective = float(w.sum() ** 2 / (w @ w))
    up, down = ((share * effective + 0.75) / (effective + 3) for share in (promoters, detractors))
    half = float(stats.norm.ppf(0.5 + level / 2)) * sqrt((up + down - (up - down) ** 2) / (effective + 3))
    score, low, high = promoters - detractors, up - down - half, up - down + half
    return Estimate(len(y), 100 * score, 100 * min(score, max(-1.0, low)), 100 * max(score, min(1.0, high)))


def _answered(values: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    """Values and weights of the people who answered and count."""
    y, w = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    counts = np.isfinite(y) & (w > 0)
    return y[counts], w[counts]


def checked_level(level: float) -> None:
    """Refuse a level of confidence that is none."""
    if not 0 < level < 1:
        raise InvalidInput("An interval needs a level of confidence.", expected="between 0 and 1, such as 0.95",
                           came=f"{level:g}", where="level")  # fmt: skip
