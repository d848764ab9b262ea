"""Intervals that hold their value and keep a width: of shares at their ends, and of figures from repeated draws."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from segment.proportions import wilson_interval

#: How far a figure can go: a share between 0 and 1, a positive number, any number.
Scale = Literal["share", "positive", "any"]


def interval_around(
    value: float, error: float, scale: Scale = "any", *, degrees: float = np.inf, level: float = 0.95
) -> tuple[float, float]:
    """An interval that holds its value strictly inside, from the value's standard error.

    On the scale of the logit for a share and of the logarithm for a positive number (delta method), so that no end
    leaves the range. NaN where the error is not known or zero, or the value is at the end of its range.

    Parameters
    ----------
    degrees
        Degrees of freedom of the error (Student); the fewer the wider.

    Examples
    --------
    >>> tuple(round(end, 3) for end in interval_around(0.6, 0.05, "share"))
    (0.499, 0.693)
    >>> interval_around(1.0, 0.05, "share")
    (nan, nan)
    """
    slope = {"share": value * (1 - value), "positive": value, "any": 1.0}[scale]
    if not (np.isfinite(value) and slope > 0 and np.isfinite(error) and error > 0 and degrees > 0):
        return float("nan"), float("nan")
    reach = float(student.ppf(0.5 + level / 2, degrees) if np.isfinite(degrees) else norm.ppf(0.5 + level / 2)) * error
    if scale == "any":
        return value - reach, value + reach
    factor = float(np.exp(-min(reach / slope, 700.0)))
    if scale == "positive":
        return value * factor, value / factor
    odds = value / (1 - value)
    return odds * factor / (1 + odds * factor), odds / (factor + odds)


def resampled_error(values: np.ndarray, *, n_folds: int) -> float:
    """The standard error of a mean over folds of repeated cross-validation, corrected for training sets that overlap.

    ``sqrt((1 / J + n_test / n_train) S^2)`` with ``S^2`` the variance of the ``J`` values and ``n_test / n_train =
    1 / (n_folds - 1)`` (Nadeau & Bengio, Machine Learning 2003; for repeated folds Bouckaert & Frank, PAKDD 2004).

    >>> round(resampled_error(np.array([0.6, 0.7, 0.65, 0.62, 0.68]), n_folds=5), 4)
    0.0277
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return float("nan")
    return float(np.sqrt((1 / len(known) + 1 / (n_folds - 1)) * known.var(ddof=1)))


def mean_error(values: np.ndarray, weight: np.ndarray) -> float:
    """The standard error of a weighted mean over people (n,), each with an influence of its own.

    >>> round(mean_error(np.array([1.0, 2.0, 3.0]), np.ones(3)), 3)
    0.471
    """
    mean = np.average(values, weights=weight)
    return float(np.sqrt(np.sum((weight * (values - mean)) ** 2)) / weight.sum())


def survival_band(
    survival: np.ndarray, variance: np.ndarray, thinnest: np.ndarray, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limit of survival: Wilson's, of as many people as would be as sure without censoring.

    Rothman (J. Chronic Dis. 1978; compared by Anderson, Bernstein & Pike, Biometrics 1982): a product-limit estimate
    with Greenwood's variance is as sure as a share of ``(1 - S) / (S v)`` people. Where nobody has left, or nobody is
    left, Greenwood's variance says nothing; the thinnest risk set so far stands for the number of people, which is the
    worst that can be hidden: all of the hazard may have been where fewest could show it.

    Parameters
    ----------
    survival, variance
        The estimate, and Greenwood's sum (the variance of its logarithm).
    thinnest
        The fewest people at risk at any moment so far.

    Examples
    --------
    >>> low, high = survival_band(np.array([1.0]), np.array([0.0]), np.array([50.0]))
    >>> low.round(3).item(), high.item()
    (0.929, 1.0)
    """
    told = (survival > 0) & (survival < 1) & (variance > 0)
    safe, spread = np.where(told, survival, 0.5), np.where(told, variance, 1.0)
    n = np.where(told, (1 - safe) / (safe * spread), np.maximum(thinnest, 1e-9))
    return wilson_interval(np.asarray(survival, dtype=float), n, level=level)
