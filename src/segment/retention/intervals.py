"""Intervals of shares that keep a width at the ends: where nobody, or everybody, has left yet."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm


def wilson_interval(share: np.ndarray, n: np.ndarray, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval of a share (JASA 1927).

    >>> low, high = wilson_interval(np.array([0.5]), np.array([100.0]))
    >>> low.round(3).item(), high.round(3).item()
    (0.404, 0.596)
    """
    z = norm.ppf(0.5 + level / 2)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low = np.where(share <= 0, 0.0, np.maximum(middle - reach, 0))
    return low, np.where(share >= 1, 1.0, np.minimum(middle + reach, 1))


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
