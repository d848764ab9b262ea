"""Rows of data with weights: equal rows become one, so that a person counted twice is a person with weight two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Above this many rows equal rows stay apart: sorting costs more than it saves, and sums agree to rounding anyway.
MAX_COLLAPSED = 50_000


@dataclass(frozen=True)
class Rows:
    """Distinct rows in a fixed order, the weight of each, and where every original row went."""

    values: FloatArray
    weight: FloatArray
    inverse: npt.NDArray[np.intp]


def collapse(values: FloatArray, weight: FloatArray) -> Rows:
    """Equal rows once, with their weights added; weights then have mean one over the rows that came.

    Fits on collapsed rows give the same answer for duplicated people as for doubled weights, and for any order of
    the people: random starts are drawn from the distinct rows, which do not change.

    Examples
    --------
    >>> rows = collapse(np.array([[2.0], [1.0], [2.0]]), np.ones(3))
    >>> rows.values.ravel().tolist(), rows.weight.tolist(), rows.inverse.tolist()
    ([1.0, 2.0], [1.0, 2.0], [1, 0, 1])
    """
    if len(values) > MAX_COLLAPSED:
        return Rows(values, weight, np.arange(len(values)))
    tidy = np.ascontiguousarray(values) + 0.0  # minus nought and nought are one row
    distinct, inverse = np.unique(tidy, axis=0, return_inverse=True, equal_nan=False)
    inverse = inverse.ravel()
    if np.isnan(tidy).any():
        return _collapse_with_gaps(tidy, weight)
    return Rows(distinct, np.bincount(inverse, weights=weight, minlength=len(distinct)), inverse)


def _collapse_with_gaps(values: FloatArray, weight: FloatArray) -> Rows:
    """Missing answers take part as a value of their own: a number no answer has."""
    stand_in = np.nanmin(values) - 1.0 if not np.isnan(values).all() else 0.0
    distinct, inverse = np.unique(np.where(np.isnan(values), stand_in, values), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    sums = np.bincount(inverse, weights=weight, minlength=len(distinct))
    return Rows(np.where(distinct == stand_in, np.nan, distinct), sums, inverse)
