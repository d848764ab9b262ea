"""The ladder: for every need, whether one policy, a policy per segment or individual room is the right answer.

A need that everybody has alike deserves one policy. A need in which segments differ, while people inside a segment
want the same, deserves a policy per segment. A need that differs between people without falling into groups deserves
individual room, however neatly a segmentation cuts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from segment.errors import InvalidInput
from segment.segments.checking import Floats, checked_posteriors, checked_scores, checked_weights
from segment.segments.design import effective_size
from segment.segments.profiling import normalised_entropy


class Rung(StrEnum):
    """Where on the ladder a need stands."""

    ONE_POLICY = "one policy"
    PER_SEGMENT = "per segment"
    PER_INDIVIDUAL = "per individual"


#: Smallest spread of true scores that would change a policy: a quarter of an answer step.
MEANINGFUL_SPREAD = 0.25
#: Segments must carry at least this share of the true differences between people.
LEADING_SHARE = 0.5
#: Segments must surely be at least this far from a continuum (1: an empty valley between them; 0: none).
CLEAR_VALLEY = 0.15
#: At most this share of the differences between segments may be blurred by doubt about who belongs where.
TOLERABLE_DOUBT = 0.35
#: A valley counts as far as 95 % one-sided certainty goes; a Gaussian kernel sum d has relative variance 2^-1/2 / d.
_SURELY, _KERNEL_NOISE = 1.645, 2**-0.5


def place_needs(
    scores: pd.DataFrame,
    posteriors: ArrayLike,
    *,
    reliability: Mapping[str, float] | None = None,
    sample_weight: ArrayLike | None = None,
    meaningful: float = MEANINGFUL_SPREAD,
) -> pd.DataFrame:
    """Place every need on the ladder: one policy, per segment or per individual.

    Parameters
    ----------
    scores
        People x needs (NaN: not known), in answer steps or another unit in which ``meaningful`` makes sense.
    posteriors
        People x segments, 0..1, rows add to one.
    reliability
        Share of each need's variance that is not measurement error, 0..1 (default 1: all of it is real).
    meaningful
        Smallest standard deviation of true scores that would change a policy, in score units.

    Returns
    -------
    DataFrame
        One row per need: ``need``, ``n``, ``rung``; ``spread`` (standard deviation of true scores between all
        people), ``between_share`` (share of the true variance that lies between segments, 0..1), ``inside`` (standard
        deviation of true scores inside segments), ``separation`` (0 continuum .. 1 empty valley between the segments
        that differ in this need), ``doubt`` (share of the differences between segments that unclear membership blurs,
        0..1), ``entropy`` (mean membership entropy, 0..1), ``reason`` (a code: ``constant``, ``groups``, ``inside``,
        ``continuum``, ``doubt``, ``small_differences``).

    Notes
    -----
    With p_is the membership, m_s the means and pi_s the sizes, between = sum pi_s (m_s - m)^2; true variance =
    reliability x variance. *Separation*: the people of two segments are projected on the line that tells them best
    apart; the valley is one minus the lowest density between the two means over the lower of the densities at either
    peak (Gaussian kernel), as far as is certain (lower 95 % bound; a few people make a valley by chance). Two
    segments joined by a chain of others without a valley are a continuum too, so a pair gets the smallest valley of
    its best chain (single linkage). A need takes the mean over pairs, weighted by what they add to its variance
    between. Cutting a continuum with k-means yields high shares and no valley. *Doubt*: expected variance of m_s
    given a person's memberships, over the variance between.

    Rules in order: true spread below ``meaningful``: one policy (``constant``). Segments lead when they carry at
    least half of the true variance, or what is left inside them is below ``meaningful``; then a valley under 0.15
    (``continuum``) or doubt over 0.35 (``doubt``) still means per individual, else per segment (``groups``).
    Otherwise per individual (``inside``), or one policy where neither part reaches ``meaningful``
    (``small_differences``).

    Examples
    --------
    >>> pay = [1.0, 1.1, 0.9, 1.0] * 25 + [-1.0, -1.1, -0.9, -1.0] * 25
    >>> scores = pd.DataFrame({"pay": pay, "social": [0.0, 0.1] * 100})
    >>> memberships = [[1, 0]] * 100 + [[0, 1]] * 100
    >>> place_needs(scores, memberships)[["need", "rung", "reason"]]
         need         rung    reason
    0     pay  per segment    groups
    1  social   one policy  constant
    """
    table = checked_scores(scores)
    p = checked_posteriors(posteriors, len(table))
    weights = checked_weights(sample_weight, len(table))
    if not meaningful > 0:
        raise InvalidInput("The smallest meaningful spread must be above zero.", came=f"{meaningful}")
    trust = {str(need): _reliability(reliability, str(need)) for need in table.columns}
    valleys = separation(table, p, sample_weight=weights)
    entropy = float(weights @ normalised_entropy(p) / weights.sum())
    rows = [
        _place(table[need].to_numpy(), p, weights, valleys, trust[str(need)], meaningful) | {"need": str(need)}
        for need in table.columns
    ]
    frame = pd.DataFrame(rows).assign(entropy=entropy)
    return frame[["need", "n", "rung", "spread", "between_share", "inside", "separation", "doubt", "entropy", "reason"]]


def _reliability(reliability: Mapping[str, float] | None, need: str) -> float:
    if reliability is None:
        return 1.0
    if need not in reliability or not np.isfinite(reliability[need]):
        raise InvalidInput("A need has no reliability.", where=need, expected="0 to 1 for every need")
    return float(np.clip(reliability[need], 0.0, 1.0))


def _place(
    values: Floats, p: Floats, weights: Floats, valleys: Floats, trust: float, meaningful: float
) -> dict[str, object]:
    """One need on the ladder."""
    known = np.isfinite(values) & (weights > 0)
    if known.sum() < 2:
        raise InvalidInput("A need has fewer than two people with a score.", advice="leave it out of the ladder")
    y, w, members = values[known], weights[known] / weights[known].sum(), p[known]
    sizes = w @ members
    means = (w * y) @ members / np.maximum(sizes, 1e-300)
    means = np.where(sizes > 0, means, w @ y)
    overall = float(w @ y)
    variance = float(w @ (y - overall) ** 2)
    between = float(sizes @ (means - sizes @ means) ** 2)
    real = max(trust * variance, 0.0)
    between = min(between, real)
    share = between / real if real > 1e-12 else 0.0
    inside = np.sqrt(max(real - between, 0.0))
    contribution = np.triu(np.outer(sizes, sizes) * (means[:, None] - means[None, :]) ** 2, 1)
    total = float(contribution.sum())
    valley = float((contribution * valleys).sum() / total) if total > 1e-12 else 0.0
    expected = members @ means
    blurred = float(w @ (members @ means**2 - expected**2))
    doubt = float(np.clip(blurred / total, 0, 1)) if total > 1e-12 else 0.0
    rung, reason = _rung(np.sqrt(real), share, np.sqrt(between), inside, valley, doubt, meaningful)
    return {
        "n": int(known.sum()), "rung": str(rung), "spread": float(np.sqrt(real)), "between_share": float(share),
        "inside": float(inside), "separation": valley, "doubt": doubt, "reason": reason,
    }  # fmt: skip


def _rung(
    spread: float, share: float, between: float, inside: float, valley: float, doubt: float, meaningful: float
) -> tuple[Rung, str]:
    if spread < meaningful:
        return Rung.ONE_POLICY, "constant"
    if share >= LEADING_SHARE or (inside < meaningful <= between):
        if valley < CLEAR_VALLEY:
            return Rung.PER_INDIVIDUAL, "continuum"
        if doubt > TOLERABLE_DOUBT:
            return Rung.PER_INDIVIDUAL, "doubt"
        return Rung.PER_SEGMENT, "groups"
    if inside < meaningful:
        return Rung.ONE_POLICY, "small_differences"
    return Rung.PER_INDIVIDUAL, "inside"


def separation(scores: pd.DataFrame, posteriors: ArrayLike, *, sample_weight: ArrayLike | None = None) -> Floats:
    """How deep the valley is between every two segments: segments x segments, 0 (a continuum) to 1 (nobody between).

    >>> scores = pd.DataFrame({"pay": np.r_[np.linspace(-1.2, -0.8, 50), np.linspace(0.8, 1.2, 50)]})
    >>> separation(scores, [[1, 0]] * 50 + [[0, 1]] * 50).round(2)
    array([[0., 1.],
           [1., 0.]])
    """
    table = checked_scores(scores)
    p = checked_posteriors(posteriors, len(table))
    weights = checked_weights(sample_weight, len(table))
    values = table.to_numpy()
    values = np.where(np.isfinite(values), values, np.nan_to_num(_means(values, weights)))
    labels = p.argmax(axis=1)
    k = p.shape[1]
    if k == 1:
        return np.zeros((1, 1))
    direct = np.zeros((k, k))
    for s in range(k):
        for t in range(s + 1, k):
            direct[s, t] = direct[t, s] = _valley(values, labels, weights, s, t)
    chained = squareform(cophenet(linkage(squareform(direct, checks=False), method="single")))
    return np.asarray(chained)


def _means(values: Floats, weights: Floats) -> Floats:
    known = np.isfinite(values)
    totals = weights @ known
    return (weights @ np.where(known, values, 0.0)) / np.where(totals > 0, totals, 1.0)


def _valley(values: Floats, labels: np.ndarray, weights: Floats, s: int, t: int) -> float:
    """Depth of the valley between two segments along the line that tells them best apart."""
    first, second = (labels == s) & (weights > 0), (labels == t) & (weights > 0)
    if first.sum() < 2 or second.sum() < 2:
        return 0.0
    centre = [weights[group] @ values[group] / weights[group].sum() for group in (first, second)]
    pair = first | second
    gaps = np.where(second[pair][:, None], values[pair] - centre[1], values[pair] - centre[0])
    scatter = (weights[pair, None] * gaps).T @ gaps / weights[pair].sum()
    scatter = scatter + max(1e-3 * float(np.trace(scatter)) / len(scatter), 1e-9) * np.eye(len(scatter))
    direction = np.linalg.solve(scatter, centre[1] - centre[0])
    line = values[pair] @ direction
    ends = float(centre[0] @ direction), float(centre[1] @ direction)
    inside = np.sqrt(max(float(weights[pair] @ (gaps @ direction) ** 2 / weights[pair].sum()), 1e-300))
    if ends[1] - ends[0] < 1e-9:
        return 0.0
    bandwidth = inside * float(min(first.sum(), second.sum())) ** -0.2
    reach = np.linspace(ends[0] - inside, ends[1] + inside, 161)
    counts = weights[pair] * effective_size(weights[pair]) / weights[pair].sum()
    density = _density(line, counts, reach, bandwidth)
    middle = (reach >= ends[0]) & (reach <= ends[1])
    floor = max(float(density[middle].min()), 1e-300)
    lowest = reach[middle][int(density[middle].argmin())]
    peak = max(min(float(density[reach <= lowest].max()), float(density[reach >= lowest].max())), 1e-300)
    chance = _SURELY * np.sqrt(_KERNEL_NOISE * (1 / floor + 1 / peak))
    return float(np.clip(1 - floor / peak * (1 + chance), 0, 1))


def _density(line: Floats, weights: Floats, at: Floats, bandwidth: float) -> Floats:
    """Kernel density along a line, from people counted in fine bins first (so that a large survey costs no more)."""
    edges = np.linspace(float(line.min()), float(line.max()) + 1e-9, 513)
    counts = np.histogram(line, edges, weights=weights)[0]
    middles = (edges[:-1] + edges[1:]) / 2
    result: Floats = np.exp(-(((at[:, None] - middles[None, :]) / bandwidth) ** 2) / 2) @ counts
    return result
