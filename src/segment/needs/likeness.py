"""Which figures about the same people cannot be told apart: the paired interval of their difference holds zero.

Two needs of one segment are means over the same people, so the doubt about their difference is not that of two groups:
who answers high on one may answer high on the other. Everything is decided on unrounded figures; what is closer than a
released figure shows is about as much whatever the number of people, so that no such flag tells how alike people
answered.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

Floats = np.ndarray

#: Differences that a released mean (one decimal) and a released share (two decimals) do not show.
MEANS_ALIKE, SHARES_ALIKE = 0.05, 0.005
#: Level of the paired interval.
LEVEL = 0.95


def influence_of_means(values: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    """How much each person moves the weighted mean of each column, and how many people each mean is worth.

    Parameters
    ----------
    values
        People x figures; NaN: not known.
    weights
        One weight per person: sampling weight times membership.

    Returns
    -------
    influence
        People x figures; the sum of products of two columns is the covariance of their means (Binder, 1983), with the
        correction e / (e - 1) for e effective people (Kish, 1965). NaN for a mean of nobody.
    effective
        (sum w)^2 / sum w^2 of who is known, per figure.

    Examples
    --------
    >>> influence, effective = influence_of_means(np.array([[1.0], [3.0]]), [1, 1])
    >>> round(float((influence**2).sum()), 6), effective.tolist()
    (1.0, [2.0])
    """
    y, w = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    known = np.isfinite(y)
    own = np.where(known, w[:, None], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total, square = own.sum(axis=0), (own**2).sum(axis=0)
        mean = (own * np.where(known, y, 0.0)).sum(axis=0) / total
        effective = total**2 / square
        correction = np.sqrt(effective / np.maximum(effective - 1, 0.0))
        influence = own * (np.where(known, y, 0.0) - mean) / total * correction
    return influence, np.nan_to_num(effective)


def not_apart(figures: ArrayLike, influence: Floats, effective: ArrayLike, *, least: float) -> Floats:
    """Which pairs of figures about the same people are not distinguishable; figures x figures.

    Two figures are about as much when the interval of their difference (:data:`LEVEL`, Student's t) holds zero or
    cannot be known, or when they differ by less than ``least``. A figure that is not known is like none.

    Examples
    --------
    Who answers one point higher on the second than on the first makes a difference that is certain:

    >>> answers = np.array([[1.0, 2.0, 2.1], [3.0, 4.0, 3.8], [5.0, 6.0, 6.1], [4.0, 5.0, 5.2]])
    >>> influence, people = influence_of_means(answers, np.ones(4))
    >>> not_apart(answers.mean(axis=0), influence, people, least=0.05).tolist()
    [[True, False, False], [False, True, True], [False, True, True]]
    """
    value, people = np.asarray(figures, dtype=float), np.asarray(effective, dtype=float)
    covariance = influence.T @ influence
    spread = np.diag(covariance)
    variance = np.maximum(spread[:, None] + spread[None, :] - 2 * covariance, 0.0)
    freedom = np.minimum(people[:, None], people[None, :]) - 1
    reach = stats.t.ppf(0.5 + LEVEL / 2, np.maximum(freedom, 1e-9)) * np.sqrt(variance)
    apart = np.abs(value[:, None] - value[None, :])
    sure = (apart > reach) & (apart >= least) & (freedom > 0)
    result: Floats = ~sure & np.isfinite(apart)
    return result


def intervals_meet(value: ArrayLike, low: ArrayLike, high: ArrayLike, *, least: float) -> Floats:
    """The same of figures about different people, each with its own interval (Zou and Donner, 2008).

    >>> intervals_meet([0.10, 0.13, 0.30], [0.07, 0.10, 0.26], [0.14, 0.17, 0.35], least=0.005)[0].tolist()
    [True, True, False]
    """
    v, a, b = (np.asarray(one, dtype=float) for one in (value, low, high))
    apart = v[:, None] - v[None, :]
    reach = np.sqrt((v - a)[:, None] ** 2 + (b - v)[None, :] ** 2)
    sure = (apart > reach) & (apart >= least)
    result: Floats = ~(sure | sure.T) & np.isfinite(apart)
    return result


def names_alike(alike: Floats, names: Sequence[Hashable]) -> list[str]:
    """Per figure the names of the others it cannot be told apart from, as a JSON list.

    >>> names_alike(np.array([[True, True], [True, True]]), ["PAY", "SEC"])
    ['["SEC"]', '["PAY"]']
    """
    told = [str(name) for name in names]
    return [
        json.dumps([name for other, name in enumerate(told) if row[other] and other != at])
        for at, row in enumerate(alike)
    ]


def segments_alike(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares of segments with intervals of their own: which meet, line by line; everyone is no segment among others.

    Parameters
    ----------
    rows
        ``segment`` (empty: everyone), ``value``, ``low``, ``high``, and ``horizon`` or ``measure``.

    Returns
    -------
    DataFrame
        The rows with ``name`` (the segment) and ``alike`` (JSON list of segments that are about as much).
    """
    rows = rows.assign(name=rows["segment"])
    lines = [c for c in ("horizon", "measure") if c in rows]
    for _, own in rows[rows["segment"].notna()].groupby(lines):
        meet = intervals_meet(own["value"], own["low"], own["high"], least=SHARES_ALIKE)
        rows.loc[own.index, "alike"] = names_alike(meet, own["segment"].tolist())
    return rows
