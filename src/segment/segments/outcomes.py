"""How segments differ in an outcome, such as the wish to stay, without the dilution that wrong assignment brings.

The three steps: segments are found (1), people are assigned to them (2), outcomes are compared while setting right
that some were assigned wrongly (3). Comparing assigned people plainly makes segments look more alike than they are.

``compare_outcome`` is Bolck, Croon and Hagenaars (2004, *Political Analysis* 12, 3-27) as a weighted analysis (Vermunt,
2010, *Political Analysis* 18, 450-469; Bakk, Tekle and Vermunt, 2013, *Sociological Methodology* 43, 272-311).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from segment.errors import InvalidInput
from segment.needs.multiplicity import holm
from segment.segments.checking import Floats, Integers, checked_level, checked_posteriors, checked_weights
from segment.segments.design import checked_clusters, effective_size, sandwich, t_half_width


@dataclass(frozen=True)
class OutcomeComparison:
    """An outcome over segments, and whether the differences are more than chance.

    Attributes
    ----------
    means
        One row per segment: ``segment``, ``n`` (people assigned who have the outcome), ``mean`` (a share for a yes-no
        outcome), ``se``, ``low``, ``high``, ``overall``, ``difference`` (mean - overall).
    differences
        One row per pair of segments: ``segment``, ``other``, ``difference`` (mean - other mean), ``se``, ``low``,
        ``high``, ``p_value``, ``p_holm`` (for all pairs together; Holm, 1979).
    wald, freedom, p_value
        Omnibus test that all segments have one mean: chi-square statistic, degrees of freedom, probability.
    classification
        Segments x segments: row s, column t is the chance that somebody of segment s is assigned to t; rows add to 1.
    covariance
        Covariance matrix of the means.
    """

    means: pd.DataFrame
    differences: pd.DataFrame
    wald: float
    freedom: int
    p_value: float
    classification: Floats = field(repr=False)
    covariance: Floats = field(repr=False)


def compare_outcome(
    outcome: ArrayLike,
    posteriors: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> OutcomeComparison:
    """Mean outcome per segment by the weighted three-step method (BCH), with design-based intervals.

    Parameters
    ----------
    outcome
        One number per person; NaN where it is not known (those count for the assignment table only).
    posteriors
        People x segments, 0..1, rows add to one.
    sample_weight
        One weight per person; only ratios matter.
    clusters
        What belongs together, one name per row (such as the person where rows repeat). Duplicating rows under their
        cluster name is the same as doubling their weights, in means and in intervals.

    Raises
    ------
    InvalidInput
        A segment nobody is assigned to, an outcome nobody has, or segments so mixed that assignment says nothing.

    Notes
    -----
    With D the table ``classification``, M = D^-1 and a_i the assigned segment, person i counts in segment s
    with b_is = M[a_i, s]; m_s = sum_i w_i b_is y_i / sum_i w_i b_is. With perfect assignment these are weighted
    means. The variance is the sandwich over influence values that also carry the sampling error of D (Bakk, Oberski
    and Vermunt, 2014, *Political Analysis* 22, 520-540, show that leaving it out understates), the memberships being
    taken as given. A correction weight can be negative, so a mean may fall just outside the outcome's range.

    Examples
    --------
    >>> compare_outcome([1, 3, 5, 7], [[1, 0], [1, 0], [0, 1], [0, 1]]).means[["segment", "n", "mean"]]
       segment  n  mean
    0        0  2   2.0
    1        1  2   6.0
    """
    y, p, weights, groups = _checked(outcome, posteriors, sample_weight, clusters)
    checked_level(level)
    assigned = p.argmax(axis=1)
    table = _classification(p, weights, assigned)
    inverse = _inverse(table)
    known = np.isfinite(y)
    counts = weights[known, None] * inverse[assigned[known]]
    total = counts.sum(axis=0)
    if (total <= 0).any():
        raise InvalidInput(
            "Too few people with this outcome are assigned to a segment to correct for wrong assignment.",
            where=f"segment {', '.join(str(s) for s in np.flatnonzero(total <= 0))}",
            advice="compare fewer segments or an outcome that more people have",
        )
    means = counts.T @ y[known] / total
    residual = np.zeros_like(p)
    residual[known] = weights[known, None] * (y[known, None] - means) / total
    influence = inverse[assigned] * residual + _table_influence(p, weights, assigned, inverse, residual)
    return _comparison(y, p, weights, groups, level, means, sandwich(influence, groups, weights=weights), table)


def _table_influence(p: Floats, weights: Floats, assigned: Integers, inverse: Floats, residual: Floats) -> Floats:
    """What each person does to the means by way of the assignment table D.

    dm_s = -sum_t (M dD M)[t, s] r_ts, with r_ts the summed residuals of those assigned to t; and person i moves D[a,
    b] by w_i p_ia (1(a_i = b) - D[a, b]) / P_a, where P_a = sum_i w_i p_ia.
    """
    by_assigned = np.stack([residual[assigned == t].sum(axis=0) for t in range(p.shape[1])])
    spread = inverse.T @ by_assigned
    sizes = weights @ p
    through_assigned = inverse[assigned] * ((p / sizes) @ spread)
    through_own = p * (np.diag(spread) / sizes)
    return np.asarray(-weights[:, None] * (through_assigned - through_own))


def _checked(
    outcome: ArrayLike, posteriors: ArrayLike, sample_weight: ArrayLike | None, clusters: ArrayLike | None
) -> tuple[Floats, Floats, Floats, Integers | None]:
    y = np.asarray(outcome, dtype=float)
    if y.ndim != 1:
        raise InvalidInput("An outcome must be one number per person.", came=f"{y.ndim} dimensions")
    p = checked_posteriors(posteriors, len(y))
    weights = checked_weights(sample_weight, len(y))
    if np.isinf(y).any():
        raise InvalidInput("The outcome holds an infinite number.", expected="numbers, or empty where not known")
    if not (np.isfinite(y) & (weights > 0)).any():
        raise InvalidInput("Nobody has this outcome.", expected="at least one person with a value and a weight")
    return y, p, weights, checked_clusters(clusters, len(y))


def _classification(p: Floats, weights: Floats, assigned: Integers) -> Floats:
    k = p.shape[1]
    joint = np.stack([weights[assigned == t] @ p[assigned == t] for t in range(k)], axis=1)
    sizes = joint.sum(axis=1, keepdims=True)
    empty = np.flatnonzero(joint.sum(axis=0) <= 0)
    if len(empty):
        raise InvalidInput(
            "Nobody is assigned to a segment.", where=f"segment {', '.join(map(str, empty))}",
            advice="fit fewer segments, or leave this one out of the memberships",
        )  # fmt: skip
    return np.asarray(joint / sizes)


def _inverse(table: Floats) -> Floats:
    if np.linalg.cond(table) > 1e6:
        raise InvalidInput(
            "The segments are so mixed that assignment says nothing about membership.",
            advice="compare fewer segments",
        )
    return np.asarray(np.linalg.inv(table), dtype=float)


def _comparison(
    y: Floats, p: Floats, weights: Floats, groups: Integers | None, level: float,
    means: Floats, covariance: Floats, table: Floats,
) -> OutcomeComparison:  # fmt: skip
    """Put means and their covariance into tables and tests."""
    known = np.isfinite(y)
    k = p.shape[1]
    error = np.sqrt(np.maximum(np.diag(covariance), 0))
    effective = np.array([_people(weights * p[:, s], known, groups) for s in range(k)])
    overall = float(weights[known] @ y[known] / weights[known].sum())
    half = t_half_width(error, effective, level)
    rows = pd.DataFrame(
        {
            "segment": np.arange(k),
            "n": np.bincount(p.argmax(axis=1)[known & (weights > 0)], minlength=k),
            "mean": means,
            "se": error,
            "low": means - half,
            "high": means + half,
            "overall": overall,
            "difference": means - overall,
        }
    )
    wald, freedom, p_value = _omnibus(means, covariance)
    return OutcomeComparison(
        means=rows, differences=_pairs(means, covariance, effective, level), wald=wald, freedom=freedom,
        p_value=p_value, classification=table, covariance=covariance,
    )  # fmt: skip


def _people(weights: Floats, known: NDArray[np.bool_], groups: Integers | None) -> float:
    return effective_size(weights[known], None if groups is None else groups[known])


def _pairs(means: Floats, covariance: Floats, effective: Floats, level: float) -> pd.DataFrame:
    """One row per pair of segments."""
    columns = ["segment", "other", "difference", "se", "low", "high", "p_value", "p_holm"]
    first, second = np.triu_indices(len(means), 1)
    if len(first) == 0:
        return pd.DataFrame({column: pd.Series(dtype=float) for column in columns}).astype(
            {"segment": int, "other": int}
        )
    difference = means[first] - means[second]
    variance = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    error = np.sqrt(np.maximum(variance, 0))
    smaller = np.minimum(effective[first], effective[second])
    half = t_half_width(error, smaller, level)
    usable = (error > 0) & (smaller > 1)
    ratio = np.abs(difference) / np.where(usable, error, 1.0)
    p_value = np.where(usable, 2 * stats.t.sf(ratio, np.maximum(smaller - 1, 1.0)), np.nan)
    return pd.DataFrame(
        {
            "segment": first, "other": second, "difference": difference, "se": error,
            "low": difference - half, "high": difference + half, "p_value": p_value, "p_holm": holm(p_value),
        }
    )[columns]  # fmt: skip


def _omnibus(means: Floats, covariance: Floats) -> tuple[float, int, float]:
    """Wald test that all means are one; segments without sampling error are left out."""
    usable = np.isfinite(np.diag(covariance)) & (np.diag(covariance) > 1e-300)
    if usable.sum() < 2:
        return float("nan"), 0, float("nan")
    contrast = np.hstack([np.eye(int(usable.sum()) - 1), -np.ones((int(usable.sum()) - 1, 1))])
    gap = contrast @ means[usable]
    matrix = contrast @ covariance[np.ix_(usable, usable)] @ contrast.T
    freedom = int(np.linalg.matrix_rank(matrix))
    wald = float(gap @ np.linalg.pinv(matrix) @ gap)
    return wald, freedom, float(stats.chi2.sf(wald, freedom))
