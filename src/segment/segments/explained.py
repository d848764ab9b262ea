"""How much a grouping of people tells about something, on people it was not learned from, with as many groups as its
rival."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segment.segments.checking import Floats, Integers
from segment.segments.design import sandwich, t_half_width

#: Gives everyone's group, learned from the training people (a mask) only.
Grouping = Callable[[np.ndarray], Integers]


@dataclass(frozen=True)
class Losses:
    """Weighted squared errors, people x variables: with one mean for all, with the groups, with the rival's groups."""

    none: Floats
    groups: Floats
    rival: Floats
    n_groups: int


@dataclass(frozen=True)
class Explained:
    """Share of variance explained by the groups and by the rival, and the difference (rival - groups), with
    intervals."""

    groups: tuple[float, float, float]
    rival: tuple[float, float, float]
    difference: tuple[float, float, float]
    n_groups: int
    n: int


def cross_validated_losses(
    target: Floats, groups: Grouping, rival: Grouping, *, weights: Floats, folds: Integers
) -> Losses:
    """Out-of-fold losses of two groupings, both merged to as many groups as the one with fewest has (two at least).

    ``target``: people x variables (NaN: not known). ``folds``: fold number per person.
    """
    none, own, other = (np.zeros(target.shape) for _ in range(3))
    count = 0
    for fold in range(int(folds.max()) + 1):
        train, test = folds != fold, folds == fold
        labels = (groups(train), rival(train))
        n_groups = max(2, min(len(np.unique(codes[train])) for codes in labels))
        count = max(count, n_groups)
        for losses, codes in ((none, np.zeros(len(target), dtype=np.int64)), (own, labels[0]), (other, labels[1])):
            losses[test] = _loss(target, _predicted(target, codes, weights, train, test, n_groups), weights, test)
    return Losses(none=none, groups=own, rival=other, n_groups=count)


def explained(losses: list[Losses], *, known: np.ndarray, level: float) -> Explained:
    """Explained shares over one or more passes of the same people (such as either half of a questionnaire).

    Every variable was scaled to variance one in these people, so its own share explained moves with its own total: the
    influence of person i is sum_j (saved_ij - share_j none_ij) over the total of all variables.
    """
    none, own, other = (np.hstack([getattr(one, name) for one in losses]) for name in ("none", "groups", "rival"))
    each, total = none.sum(axis=0), float(np.sum(none))
    n = int(known.sum())

    def share(saved: Floats) -> tuple[float, float, float]:
        if total <= 0:
            return np.nan, np.nan, np.nan
        value = float(saved.sum() / total)
        by_variable = saved.sum(axis=0) / np.where(each > 0, each, 1.0)
        influence = (saved - by_variable * none).sum(axis=1) / total
        variance = sandwich(influence, weights=known.astype(float))
        half = float(t_half_width(np.sqrt(variance[0, 0]), float(n), level))
        return value, value - half, value + half

    return Explained(
        groups=share(none - own), rival=share(none - other), difference=share(own - other),
        n_groups=max(one.n_groups for one in losses), n=n,
    )  # fmt: skip


def unit_variance(values: Floats, weights: Floats) -> Floats:
    """Columns with weighted mean zero and variance one; constant columns become zero."""
    known = np.isfinite(values)
    w = np.where(known, weights[:, None], 0.0)
    total = np.maximum(w.sum(axis=0), 1e-300)
    centred = values - (w * np.where(known, values, 0.0)).sum(axis=0) / total
    variance = (w * np.where(known, centred, 0.0) ** 2).sum(axis=0) / total
    return np.asarray(centred / np.where(variance > 1e-12, np.sqrt(np.maximum(variance, 1e-300)), np.inf))


def _predicted(
    target: Floats, labels: Integers, weights: Floats, train: np.ndarray, test: np.ndarray, n_groups: int
) -> Floats:
    """Group means of the training people for the test people; a group unseen in training gets the mean of all."""
    present, codes = np.unique(labels[train], return_inverse=True)
    means = _group_means(target[train], codes, weights[train])
    if len(present) > n_groups:
        merged = merge_groups(means, np.bincount(codes, weights[train]).astype(float), n_groups)
        means = _group_means(target[train], merged[codes], weights[train])[merged]
    overall = _group_means(target[train], np.zeros(len(codes), dtype=np.int64), weights[train])[0]
    place = np.minimum(np.searchsorted(present, labels[test]), len(present) - 1)
    result: Floats = np.where((present[place] == labels[test])[:, None], means[place], overall)
    return result


def _loss(target: Floats, predicted: Floats, weights: Floats, test: np.ndarray) -> Floats:
    gap = np.where(np.isfinite(target[test]), target[test] - predicted, 0.0)
    return np.asarray(weights[test, None] * gap**2)


def _group_means(target: Floats, labels: Integers, weights: Floats) -> Floats:
    """Weighted mean per group (row) and variable (column); a group without a value gets the mean of all."""
    known = np.isfinite(target)
    belongs = weights[:, None] * (labels[:, None] == np.arange(int(labels.max()) + 1))
    sums = belongs.T @ np.where(known, target, 0.0)
    totals = belongs.T @ known
    overall = sums.sum(axis=0) / np.maximum(totals.sum(axis=0), 1e-300)
    result: Floats = np.where(totals > 0, sums / np.where(totals > 0, totals, 1.0), overall)
    return result


def merge_groups(means: Floats, sizes: Floats, n_groups: int) -> Integers:
    """Join the groups with the most similar means, weighing their sizes, until ``n_groups`` are left (Ward, 1963).

    >>> merge_groups(np.array([[0.0], [5.0], [0.1]]), np.array([10.0, 10.0, 1.0]), 2)
    array([0, 1, 0])
    """
    labels = np.arange(len(means))
    centres, mass = means.copy(), np.maximum(sizes, 1e-12)
    alive = list(range(len(means)))
    while len(alive) > n_groups:
        at, m = centres[alive], mass[alive]
        cost = ((at[:, None, :] - at[None, :, :]) ** 2).sum(axis=2) * np.outer(m, m) / np.add.outer(m, m)
        np.fill_diagonal(cost, np.inf)
        i, j = sorted(divmod(int(cost.argmin()), len(alive)))
        keep, drop = alive[i], alive[j]
        centres[keep] = (mass[keep] * centres[keep] + mass[drop] * centres[drop]) / (mass[keep] + mass[drop])
        mass[keep] += mass[drop]
        labels[labels == drop] = keep
        alive.remove(drop)
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
