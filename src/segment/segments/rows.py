"""Rows of data with weights: equal rows become one, so that a person counted twice is a person with weight two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from segment.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]

#: Above this many rows equal rows stay apart: sorting costs more than it saves, and sums agree to rounding anyway.
MAX_COLLAPSED = 50_000


def people_by_columns(
    estimator: BaseEstimator, X: npt.ArrayLike | pd.DataFrame, *, fitting: bool, gaps: bool = False
) -> FloatArray:
    """The table as floats, checked by scikit-learn against the columns of the fit; ``gaps``: NaN is allowed.

    Raises
    ------
    InvalidInput
        Nobody, a column that is missing or has another name, or a number that is not finite.
    """
    try:
        checked = validate_data(
            estimator,
            X,
            reset=fitting,
            dtype=np.float64,
            ensure_all_finite="allow-nan" if gaps else True,
            ensure_min_samples=2 if fitting else 1,
        )
    except ValueError as fault:
        # The text of a failed conversion quotes the answer itself.
        told = "Answers must be numbers." if "could not convert" in str(fault) else str(fault)
        raise InvalidInput(told) from None
    return np.asarray(checked)


@dataclass(frozen=True)
class Rows:
    """Distinct rows in a fixed order, the weight of each, and where every original row went."""

    distinct: FloatArray
    weight: FloatArray
    inverse: npt.NDArray[np.intp]

    def counted(self) -> Rows:
        """The rows that weigh something; themselves, not a copy, where all do."""
        positive = self.weight > 0
        return self if positive.all() else Rows(self.distinct[positive], self.weight[positive], self.inverse[:0])


def collapse(values: FloatArray, weight: FloatArray) -> Rows:
    """Equal rows once, with their weights added; weights then have mean one over the rows that came.

    Fits on collapsed rows give the same answer for duplicated people as for doubled weights, and for any order of
    the people: random starts are drawn from the distinct rows, which do not change.

    Examples
    --------
    >>> rows = collapse(np.array([[2.0], [1.0], [2.0]]), np.ones(3))
    >>> rows.distinct.ravel().tolist(), rows.weight.tolist(), rows.inverse.tolist()
    ([1.0, 2.0], [1.0, 2.0], [1, 0, 1])
    """
    if len(values) > MAX_COLLAPSED:
        return Rows(values, weight, np.arange(len(values)))
    tidy = np.ascontiguousarray(values) + 0.0  # minus zero and zero are one row
    if np.isnan(tidy).any():
        return _collapse_with_gaps(tidy, weight)
    distinct, places = np.unique(tidy, axis=0, return_inverse=True)
    inverse = np.asarray(places).ravel()
    return Rows(distinct, _sums(inverse, weight, len(distinct)), inverse)


def _collapse_with_gaps(values: FloatArray, weight: FloatArray) -> Rows:
    """Missing answers take part as a value of their own: a number no answer has."""
    stand_in = np.nanmin(values) - 1.0 if not np.isnan(values).all() else 0.0
    distinct, places = np.unique(np.where(np.isnan(values), stand_in, values), axis=0, return_inverse=True)
    inverse = np.asarray(places).ravel()
    return Rows(np.where(distinct == stand_in, np.nan, distinct), _sums(inverse, weight, len(distinct)), inverse)


def _sums(inverse: npt.NDArray[np.intp], weight: FloatArray, n: int) -> FloatArray:
    return np.bincount(inverse, weights=weight, minlength=n).astype(np.float64)


def largest_first(labels: npt.NDArray[np.intp], weight: FloatArray, k: int) -> npt.NDArray[np.intp]:
    """The order in which segments are numbered."""
    return np.argsort(-np.bincount(labels, weights=weight, minlength=k).round(9), kind="stable")


def stratified(
    people: npt.NDArray[np.intp], level: FloatArray, most: int, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """At most so many of the people, spread evenly over the person's level; in their own order."""
    if len(people) <= most:
        return people
    ranked = people[np.argsort(level[people], kind="stable")]
    edges = np.linspace(0, len(ranked), most + 1)
    places = np.floor(edges[:-1] + generator.random(most) * np.diff(edges)).astype(np.intp)
    return np.sort(ranked[np.minimum(places, len(ranked) - 1)])
