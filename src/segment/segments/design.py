"""Means and intervals of people who do not count equally: sampling weights, memberships, households of rows.

Everything rests on influence values: how much one person moves an estimate. Their summed squares are the
design-based (sandwich) variance of Binder (1983, *International Statistical Review* 51, 279-292): no assumption about
the spread inside segments, and no change when every weight is doubled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from segment.errors import InvalidInput
from segment.segments.checking import Floats, Integers


def checked_clusters(clusters: ArrayLike | None, n: int) -> Integers | None:
    """Codes 0.. of the clusters (rows that belong together, such as two rows of one person), or None."""
    if clusters is None:
        return None
    given = np.asarray(clusters)
    if given.shape != (n,):
        raise InvalidInput("The clusters do not fit the people.", expected=f"{n} cluster names, one per row")
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def effective_size(weights: Floats, clusters: Integers | None = None) -> float:
    """How many equally weighted people these weights are worth: (sum w)^2 / sum w^2 (Kish, 1965).

    >>> effective_size(np.array([1.0, 1.0, 1.0, 1.0]))
    4.0
    """
    totals = weights if clusters is None else np.bincount(clusters, weights)
    square = float((totals**2).sum())
    return float(totals.sum()) ** 2 / square if square > 0 else 0.0


def sandwich(influence: Floats, clusters: Integers | None = None, *, weights: Floats | None = None) -> Floats:
    """Covariance matrix of estimates from their influence values, rows x estimates.

    Influence values of one cluster are added first. The matrix is multiplied by m / (m - 1), where m is the number
    of clusters (of rows, without clusters) that carry weight.
    """
    values = influence if influence.ndim == 2 else influence[:, None]
    carrying = np.ones(len(values)) if weights is None else weights
    if clusters is not None:
        size = int(clusters.max()) + 1
        values = np.column_stack([np.bincount(clusters, column, size) for column in values.T])
        carrying = np.bincount(clusters, carrying, size).astype(float)
    m = int((carrying > 0).sum())
    if m < 2:
        return np.full((values.shape[1], values.shape[1]), np.nan)
    return np.asarray(values.T @ values * (m / (m - 1)))


def t_half_width(standard_error: ArrayLike, effective: ArrayLike, level: float) -> Floats:
    """Half the width of a t interval; NaN (not estimable) where the weights are worth fewer than two people."""
    freedom = np.asarray(effective, dtype=float) - 1
    usable = freedom > 1 - 1e-9
    quantile = stats.t.ppf(0.5 + level / 2, np.where(usable, freedom, 1.0))
    return np.where(usable, quantile * np.asarray(standard_error, dtype=float), np.nan)
