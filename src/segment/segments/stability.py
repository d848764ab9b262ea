"""Whether the segments would come back: as a whole, one by one, and when one more or one fewer is asked for.

Three questions, in the order of Dolnicar, Gruen and Leisch (2018, *Market Segmentation Analysis*, step 7):

- global: two bootstrap samples, two solutions; how far do they agree about everyone?
- per segment within a solution (SLSW): does this segment come back in other samples, whatever happens to the rest?
- per segment across solutions (SLSA): when k grows, from whom does each segment recruit its people?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import xlogy

from segment.errors import InvalidInput
from segment.parallel import run_parallel
from segment.segments.checking import Floats, Integers, checked_labels, checked_weights

#: Mean Jaccard overlap from which a segment counts as stable, as a mere pattern, and as dissolved (Hennig, 2007,
#: 2008).
STABLE, PATTERN, DISSOLVED = 0.75, 0.60, 0.50


class Predictor(Protocol):
    """A fitted segmentation: it assigns people to segments 0.."""

    def predict(self, scores: Floats) -> ArrayLike: ...


#: Fits a segmentation: scores (people x needs), weights (one per person), random state; gives a predictor.
Fit = Callable[[Floats, Floats, int], Predictor]
#: Runs a function over jobs (tuples of arguments), in order: ``run_parallel``, or a partial of it with more cores.
Run = Callable[[Callable[..., object], Sequence[tuple[object, ...]]], Sequence[object]]


def agreement(first: ArrayLike, second: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """How far two groupings of the same people agree: 1 identical, 0 what chance gives, whatever the labels are
    called.

    The adjusted Rand index (Hubert and Arabie, 1985) on weighted counts; weights are scaled to a mean of one.

    >>> agreement([0, 0, 1, 1], [5, 5, 3, 3])
    1.0
    >>> round(agreement([0, 0, 1, 1], [0, 1, 0, 1]), 3)
    -0.5
    """
    a = checked_labels(first)
    b = checked_labels(second, len(a))
    counts = _crossing(a, b, checked_weights(sample_weight, len(a)))

    def pairs(number: Floats) -> float:
        return float((number * (number - 1)).sum() / 2)

    both, rows, columns = pairs(counts), pairs(counts.sum(axis=1)), pairs(counts.sum(axis=0))
    everyone = pairs(np.array([counts.sum()]))
    expected = rows * columns / everyone if everyone > 0 else 0.0
    highest = (rows + columns) / 2
    return 1.0 if abs(highest - expected) < 1e-12 else float((both - expected) / (highest - expected))


def jaccard_overlap(first: ArrayLike, second: ArrayLike, *, sample_weight: ArrayLike | None = None) -> Floats:
    """Overlap of every segment of one grouping with every segment of another: people in both / people in either.

    Returns an array (segments of first x segments of second), 0..1.

    >>> jaccard_overlap([0, 0, 1, 1], [0, 0, 0, 1]).round(2)
    array([[0.67, 0.  ],
           [0.25, 0.5 ]])
    """
    a = checked_labels(first)
    b = checked_labels(second, len(a))
    both = _crossing(a, b, checked_weights(sample_weight, len(a)))
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    result: Floats = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    return result


def _crossing(a: Integers, b: Integers, weights: Floats) -> Floats:
    """Weighted counts of people by both groupings."""
    rows, columns = int(a.max()) + 1, int(b.max()) + 1
    return np.bincount(a * columns + b, weights, rows * columns).astype(float).reshape(rows, columns)


@dataclass(frozen=True)
class _Bootstrap:
    """One fit on one bootstrap sample, and what it says of everyone."""

    fit: Fit
    scores: Floats
    weights: Floats

    def labels(self, seed: np.random.SeedSequence) -> tuple[Integers, Integers]:
        """The people drawn, and everyone's label under the solution fitted on them."""
        draw, start = seed.spawn(2)
        drawn = np.random.default_rng(draw).integers(len(self.scores), size=len(self.scores))
        state = int(start.generate_state(1)[0] % (2**31 - 1))
        predictor = self.fit(self.scores[drawn], self.weights[drawn], state)
        return drawn, checked_labels(predictor.predict(self.scores), len(self.scores))


def global_stability(
    fit: Fit,
    scores: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_pairs: int = 50,
    random_state: int = 0,
    run: Run = run_parallel,
) -> pd.DataFrame:
    """Agreement about everyone between solutions fitted on pairs of bootstrap samples.

    Parameters
    ----------
    fit
        ``fit(scores, weights, random_state)`` gives something with ``predict``.
    scores
        People x needs.
    n_pairs
        Pairs of bootstrap samples.
    run
        Runs a function over jobs: ``segment.parallel.run_parallel``, or ``partial(run_parallel, n_jobs=-1)``.

    Returns
    -------
    DataFrame
        One row per pair: ``pair`` (0..), ``agreement`` (adjusted Rand index over everyone). The same for one
        ``random_state`` whatever ``run`` is.

    Notes
    -----
    Dolnicar and Leisch (2010, *Marketing Letters* 21, 83-101). A high value says that the solution is reproducible,
    not that segments exist: a continuum can be cut in the same place every time.
    """
    values, weights = _checked(scores, sample_weight)
    _at_least(n_pairs, 1, "pairs of bootstrap samples")
    job = partial(_pair_agreement, _Bootstrap(fit, values, weights))
    agreements = run(job, _seeds(random_state, n_pairs))
    return pd.DataFrame({"pair": np.arange(n_pairs), "agreement": np.asarray(agreements, dtype=float)})


def _pair_agreement(bootstrap: _Bootstrap, seed: np.random.SeedSequence) -> float:
    first, second = (bootstrap.labels(child)[1] for child in seed.spawn(2))
    return agreement(first, second, sample_weight=bootstrap.weights)


def segment_stability(
    fit: Fit,
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_bootstrap: int = 100,
    random_state: int = 0,
    run: Run = run_parallel,
) -> pd.DataFrame:
    """Whether each segment of one solution comes back in other samples (segment level stability within a solution).

    Parameters
    ----------
    labels
        The solution at issue: one segment number per person.
    n_bootstrap
        Bootstrap samples.

    Returns
    -------
    DataFrame
        One row per segment: ``segment``, ``n`` (people), ``jaccard`` (mean best overlap, 0..1), ``low``, ``median``,
        ``high`` (5th, 50th, 95th percentile), ``recovered`` and ``dissolved`` (share of samples with an overlap of at
        least 0.75; of at most 0.50), ``verdict`` (``stable`` from 0.75, ``pattern`` from 0.60, ``unstable`` below).

    Notes
    -----
    Hennig (2007, *Computational Statistics and Data Analysis* 52, 258-271): for every bootstrap sample the largest
    Jaccard overlap between the segment and any segment of the new solution, both restricted to the people drawn (each
    once).
    """
    values, weights = _checked(scores, sample_weight)
    original = checked_labels(labels, len(values))
    _at_least(n_bootstrap, 1, "bootstrap samples")
    job = partial(_best_overlaps, _Bootstrap(fit, values, weights), original)
    overlaps = np.array(run(job, _seeds(random_state, n_bootstrap)), dtype=float)
    mean = overlaps.mean(axis=0)
    low, median, high = np.quantile(overlaps, [0.05, 0.5, 0.95], axis=0)
    return pd.DataFrame(
        {
            "segment": np.arange(overlaps.shape[1]),
            "n": np.bincount(original),
            "jaccard": mean,
            "low": low,
            "median": median,
            "high": high,
            "recovered": (overlaps >= STABLE).mean(axis=0),
            "dissolved": (overlaps <= DISSOLVED).mean(axis=0),
            "verdict": np.where(mean >= STABLE, "stable", np.where(mean >= PATTERN, "pattern", "unstable")),
        }
    )


def _best_overlaps(bootstrap: _Bootstrap, original: Integers, seed: np.random.SeedSequence) -> Floats:
    drawn, labels = bootstrap.labels(seed)
    present = np.unique(drawn)
    overlap = jaccard_overlap(original[present], labels[present], sample_weight=bootstrap.weights[present])
    best = np.zeros(int(original.max()) + 1)
    best[: len(overlap)] = overlap.max(axis=1)
    return best


def segment_origins(labels_by_k: Mapping[int, ArrayLike], *, sample_weight: ArrayLike | None = None) -> pd.DataFrame:
    """Who splits from whom: where the people of every segment were when one segment fewer was asked for.

    Parameters
    ----------
    labels_by_k
        Per number of segments the solution's labels, over the same people.

    Returns
    -------
    DataFrame
        One row per number of segments, segment and segment of the next smaller solution that gave people: ``k``,
        ``segment``, ``from_k``, ``from_segment``, ``n`` (people), ``share`` (of the segment's people, 0..1; adds to
        one per segment).

    Examples
    --------
    >>> segment_origins({2: [0, 0, 1, 1], 3: [0, 0, 1, 2]})[["segment", "from_segment", "n", "share"]]
       segment  from_segment  n  share
    0        0             0  2    1.0
    1        1             1  1    1.0
    2        2             1  1    1.0
    """
    sizes = sorted(labels_by_k)
    if len(sizes) < 2:
        raise InvalidInput("Splitting needs solutions of two sizes or more.", expected="labels for k and k + 1")
    n = len(np.asarray(labels_by_k[sizes[0]]))
    weights = checked_weights(sample_weight, n)
    rows = []
    for smaller, larger in pairwise(sizes):
        before = checked_labels(labels_by_k[smaller], n)
        after = checked_labels(labels_by_k[larger], n)
        people = _crossing(after, before, np.ones(n))
        weighted = _crossing(after, before, weights)
        totals = weighted.sum(axis=1)
        rows += [
            (
                larger,
                segment,
                smaller,
                source,
                int(people[segment, source]),
                weighted[segment, source] / totals[segment],
            )
            for segment, source in np.argwhere(weighted > 0)
        ]
    return pd.DataFrame(rows, columns=["k", "segment", "from_k", "from_segment", "n", "share"])


def stability_across(labels_by_k: Mapping[int, ArrayLike], *, sample_weight: ArrayLike | None = None) -> pd.DataFrame:
    """Whether each segment existed already with fewer segments (segment level stability across solutions).

    Returns
    -------
    DataFrame
        One row per number of segments and segment (from the second smallest k): ``k``, ``segment``, ``n``, ``parent``
        (the segment of the smaller solution that most of its people come from), ``parent_share`` (0..1),
        ``kept`` (share of the parent's people who came along, 0..1), ``stability`` (1: all from one segment; 0:
        evenly from all), ``split`` (bool: other segments have the same parent).

    Notes
    -----
    SLSA = 1 - H / log k', with H the entropy of the shares by segment of the smaller solution of k' segments
    (Dolnicar, Gruen and Leisch, 2018, section 7.5.4); 1 where the smaller solution has one segment only.

    Examples
    --------
    >>> stability_across({2: [0, 0, 1, 1], 3: [0, 0, 1, 2]})[["segment", "parent", "kept", "stability", "split"]]
       segment  parent  kept  stability  split
    0        0       0   1.0        1.0  False
    1        1       1   0.5        1.0   True
    2        2       1   0.5        1.0   True
    """
    origins = segment_origins(labels_by_k, sample_weight=sample_weight)
    rows = []
    for _, group in origins.groupby(["k", "segment"], sort=True):
        shares = group["share"].to_numpy()
        main = group.iloc[int(shares.argmax())]
        k, segment = int(main["k"]), int(main["segment"])
        smaller, parent = int(main["from_k"]), int(main["from_segment"])
        n = len(np.asarray(labels_by_k[smaller]))
        before = checked_labels(labels_by_k[smaller]) == parent
        after = checked_labels(labels_by_k[k]) == segment
        weights = checked_weights(sample_weight, n)
        pool = np.log(len(np.unique(checked_labels(labels_by_k[smaller]))))
        doubt = float(-xlogy(shares, shares).sum() / pool) if pool > 0 else 0.0
        kept = float(weights[before & after].sum() / weights[before].sum())
        rows.append(
            (k, segment, int(group["n"].sum()), parent, float(main["share"]), kept, float(np.clip(1 - doubt, 0, 1)))
        )
    table = pd.DataFrame(rows, columns=["k", "segment", "n", "parent", "parent_share", "kept", "stability"])
    return table.assign(split=table.duplicated(["k", "parent"], keep=False))


def _seeds(random_state: int, number: int) -> list[tuple[np.random.SeedSequence]]:
    return [(seed,) for seed in np.random.SeedSequence(random_state).spawn(number)]


def _checked(scores: ArrayLike, sample_weight: ArrayLike | None) -> tuple[Floats, Floats]:
    values = np.asarray(scores, dtype=float)
    if values.ndim != 2 or len(values) < 2:
        raise InvalidInput("Stability needs a table of people x needs.", expected="two people or more")
    return values, checked_weights(sample_weight, len(values))


def _at_least(number: int, lowest: int, what: str) -> None:
    if number < lowest:
        raise InvalidInput(f"Too few {what}.", expected=f"at least {lowest}", came=f"{number}")
