"""Figures of people as coarse as a model may keep them: in steps of about half of what their own error must be.

A mean to fifteen digits is a sum, and the sums of two models that differ by one person give that person's answers.
Three decimals are no help among a few hundred people: the sums are then still known to less than one answer. A step of
half the error of a mean among n people is many answers wide (n times half of s over the root of n), and moves nothing
that the next sample would not move further. Whoever is read is read by the rounded figures, so that a study, its saved
model and a service agree.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from segment.disclosure.crowds import step_of

FloatArray = npt.NDArray[np.float64]


def coarse(values: npt.ArrayLike, people: npt.ArrayLike, spread: npt.ArrayLike) -> FloatArray:
    """Values in steps that so many people allow, in units of the spread (1, 2, 5 ...); all three are broadcast.

    >>> coarse([3.01234, 2.98765], 600, 1.1).round(4).tolist(), coarse(3.01234, 40, 1.1).round(4).tolist()
    ([3.02, 2.98], 3.0)
    """
    unit = np.vectorize(_unit, otypes=[float])(np.asarray(spread, dtype=float))
    step = _steps(people) * unit
    return np.asarray(np.round(np.asarray(values, dtype=float) / step) * step + 0.0)


def coarse_spread(values: npt.ArrayLike, people: npt.ArrayLike) -> FloatArray:
    """Spreads or variances (above zero) in steps of their own size; none becomes zero.

    >>> coarse_spread([1.2345, 0.0123], 600).round(5).tolist()
    [1.24, 0.0124]
    """
    given = np.asarray(values, dtype=float)
    return np.asarray(np.where(given > 0, np.maximum(coarse(given, people, given), 0.5 * given), given))


def coarse_shares(shares: FloatArray, people: npt.ArrayLike, *, axis: int = -1) -> FloatArray:
    """Shares of so many people in steps, adding up to one along the axis.

    A share under half a step is kept as a tenth of a step, so that nothing somebody does becomes impossible; zero
    stays zero.

    >>> coarse_shares(np.array([0.7123, 0.2854, 0.0023]), 600).round(3).tolist()
    [0.719, 0.279, 0.002]
    """
    step = _steps(people)
    rounded = np.where(shares > 0, np.maximum(np.round(shares / step) * step, step / 10), 0.0)
    return np.asarray(rounded / rounded.sum(axis=axis, keepdims=True))


def coarse_root(covariance: FloatArray, people: float) -> FloatArray:
    """A lower triangle whose square is nearly the covariance: spreads and correlations in steps.

    The triangle is rounded, not the covariance, so that the square of what is kept can be inverted as well.

    >>> root = coarse_root(np.array([[1.0, 0.6], [0.6, 2.0]]), 600)
    >>> (root @ root.T).round(2).tolist()
    [[1.0, 0.6], [0.6, 1.99]]
    """
    spread = np.sqrt(np.diag(covariance))
    triangle = np.linalg.cholesky(covariance / np.outer(spread, spread))
    step = step_of(people)
    rounded = np.round(triangle / step) * step
    np.fill_diagonal(rounded, np.maximum(np.diag(rounded), step))
    return np.asarray(coarse_spread(spread, people)[:, None] * rounded)


def _steps(people: npt.ArrayLike) -> FloatArray:
    return np.asarray(np.vectorize(step_of, otypes=[float])(np.asarray(people, dtype=float)))


def _unit(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten below a spread, so that whole numbers stay whole; 1 where there is none.

    >>> [_unit(value) for value in (1.66, 0.8, 49.0, 0.0)]
    [1.0, 0.5, 20.0, 1.0]
    """
    if not (value > 0 and np.isfinite(value)):
        return 1.0
    digit, power = f"{value:e}".split("e")
    return float(f"{max(first for first in (1, 2, 5) if first <= float(digit))}e{power}")
