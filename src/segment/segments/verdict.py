"""The verdict: do the needs segments say more than the organisation chart already did?

Department, function, age band and tenure cost nothing and everybody knows them. Needs segments earn their name only
if they tell more about what people need and how they fare, with as many groups and on people who were not used to
learn the groups, and if they are not one of those attributes in disguise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from segment.errors import InvalidInput
from segment.segments.association import cramers_v
from segment.segments.checking import (
    Floats,
    Integers,
    checked_labels,
    checked_level,
    checked_scores,
    checked_weights,
)
from segment.segments.discriminant import GaussianRule
from segment.segments.explained import (
    Explained,
    Grouping,
    cross_validated_losses,
    explained,
    unit_variance,
)

#: The name of the needs segments in the table and as a winner.
SEGMENTS = "segments"
#: Association with an attribute (Cramer's V) from which we warn, and from which the name "needs segments" is refused.
WARN_AT, REFUSE_AT = 0.3, 0.5
#: A grouping has to explain this much of the variance before it can win anything.
WORTH_EXPLAINING = 0.01

Code = Literal["VE000", "VE001", "VE002", "VE003", "VE004"]


@dataclass(frozen=True)
class Verdict:
    """What groups people best, and whether the segments may be called needs segments.

    Attributes
    ----------
    table
        One row per grouping and target: ``grouping`` (``segments`` or the attribute), ``target`` (``needs`` or the
        outcome), ``groups`` (how many were compared), ``explained`` (cross-validated share of variance, below zero
        when worse than one mean for all), ``low``, ``high``; ``segments_explained`` (the segments merged to as many
        groups), ``difference`` (segments - this grouping), ``difference_low``, ``difference_high``, ``n``; ``levels``
        (before merging), ``cramers_v``, ``v_low``, ``v_high`` (association with the segments).
    winner
        ``segments``, the attribute that explains more (or that the segments are in disguise), or ``none``.
    code
        ``VE000`` needs segments win; ``VE001`` they win, but are associated with an attribute (V of at least 0.3);
        ``VE002`` an attribute in disguise (V of at least 0.5), the name is refused; ``VE003`` an attribute explains
        more; ``VE004`` nothing explains needs or outcomes.
    attribute
        The attribute that the code is about; empty where there is none.
    """

    table: pd.DataFrame = field(repr=False)
    winner: str
    code: Code
    attribute: str = ""

    @property
    def answer(self) -> str:
        """The verdict in three words, such as ``needs segments win`` or ``departments win``."""
        if self.winner == "none":
            return "nothing wins"
        return "needs segments win" if self.winner == SEGMENTS else f"{_plural(self.winner)} win"


def judge_segments(
    scores: pd.DataFrame,
    labels: ArrayLike,
    attributes: pd.DataFrame,
    *,
    halves: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    outcomes: pd.DataFrame | None = None,
    sample_weight: ArrayLike | None = None,
    n_folds: int = 5,
    n_bootstrap: int = 200,
    level: float = 0.95,
    random_state: int = 0,
) -> Verdict:
    """Compare the segments with every attribute as a way of grouping people.

    Parameters
    ----------
    scores
        People x needs; NaN where not known.
    labels
        Segment number per person.
    attributes
        People x attributes known without the survey: categories, or numbers (cut in ten bands). An empty cell is a
        group of its own.
    halves
        The same needs scored from two halves of the items (such as odd and even ones). Recommended: without them the
        scores are split by noise, which is fair but coarser.
    outcomes
        People x outcomes that the segments were not made of, such as intention to stay; NaN where not known.

    Raises
    ------
    InvalidInput
        Tables of other people, no attribute, fewer than four people per fold.

    Notes
    -----
    *No circle.* Segments are made of need scores, so they explain those very scores by construction: k-means on pure
    noise beats any department. Therefore the needs to be explained come from one half of the items and the segment
    from the other half, by a Gaussian rule learned on other people. Without halves the scores X are split into X + Z
    and X - Z, Z drawn from the normal law of the differences inside segments; then both parts are independent given
    the segment (data fission: Leiner, Duan, Wasserman and Ramdas, 2023, *JASA* 120, 135-146). Outcomes need no such
    care.

    *Equal degrees of freedom.* Grouping and segments are merged to as many groups as the one with fewest has, joining
    the groups with the most similar means (Ward) in the training folds.

    Explained variance is 1 - sum w (y - mean of the group in the training folds)^2 / sum w (y - mean of all in the
    training folds)^2, over needs after scaling each to variance one. Intervals are design-based over people.
    """
    checked_level(level)
    table = checked_scores(scores)
    n = len(table)
    segments = checked_labels(labels, n)
    weights = checked_weights(sample_weight, n)
    groupings = {SEGMENTS: segments, **attribute_groups(attributes, n)}
    results = _outcome_tables(outcomes, n)
    if n_folds < 2 or n < 4 * n_folds:
        raise InvalidInput(
            "Too few people for cross-validation.", expected=f"at least {4 * max(n_folds, 2)}", came=f"{n}"
        )
    noise, order = (np.random.default_rng(seed) for seed in np.random.SeedSequence(random_state).spawn(2))
    folds = order.permutation(n) % n_folds
    views = _views(table, segments, weights, halves, noise)
    rows = []
    for name, groups in groupings.items():
        v = cramers_v(
            segments, groups, sample_weight=weights, n_bootstrap=n_bootstrap, level=level, random_state=random_state
        )
        found = {"needs": _explain_needs(views, groups, name, weights, folds, level)}
        for outcome, values in results.items():
            found[outcome] = _explain_outcome(values, segments, groups, weights, folds, level)
        rows += [
            _row(name, target, told, len(np.unique(groups)), (v.value, v.low, v.high)) for target, told in found.items()
        ]
    return _judged(pd.DataFrame(rows))


def _views(
    scores: pd.DataFrame,
    segments: Integers,
    weights: Floats,
    halves: tuple[pd.DataFrame, pd.DataFrame] | None,
    rng: np.random.Generator,
) -> list[tuple[Grouping, Floats]]:
    """Pairs of (segments read from one half of the evidence, what they are to explain: the other half)."""
    if halves is not None:
        first, second = (checked_scores(half, what="half scores").to_numpy() for half in halves)
        if len(first) != len(scores) or len(second) != len(scores):
            raise InvalidInput("The half scores have other people than the scores.", expected=f"{len(scores)} rows")
    else:
        values = scores.to_numpy()
        inside = GaussianRule.learn(values, _members(segments), weights).covariance
        noise = rng.multivariate_normal(np.zeros(values.shape[1]), inside, size=len(values), method="eigh")
        first, second = values + noise, values - noise
    return [
        (_reader(first, segments, weights), unit_variance(second, weights)),
        (_reader(second, segments, weights), unit_variance(first, weights)),
    ]


def _members(segments: Integers) -> Floats:
    return np.eye(int(segments.max()) + 1)[segments]


def _reader(values: Floats, segments: Integers, weights: Floats) -> Grouping:
    """Everyone's segment as read from these values, by a rule learned on the training people; each fold once."""
    seen: dict[bytes, Integers] = {}

    def read(train: np.ndarray) -> Integers:
        key = train.tobytes()
        if key not in seen:
            rule = GaussianRule.learn(values[train], _members(segments)[train], weights[train])
            seen[key] = rule.posteriors(values).argmax(axis=1)
        return seen[key]

    return read


def _explain_needs(
    views: list[tuple[Grouping, Floats]], groups: Integers, name: str, weights: Floats, folds: Integers, level: float
) -> Explained:
    losses = [
        cross_validated_losses(
            target, read if name == SEGMENTS else _as_given(groups), read, weights=weights, folds=folds
        )
        for read, target in views
    ]
    known = np.any([np.isfinite(target).any(axis=1) for _, target in views], axis=0) & (weights > 0)
    return explained(losses, known=known, level=level)


def _explain_outcome(
    values: Floats, segments: Integers, groups: Integers, weights: Floats, folds: Integers, level: float
) -> Explained:
    known = np.isfinite(values[:, 0]) & (weights > 0)
    if known.sum() < 4:
        raise InvalidInput("Too few people have an outcome to compare groupings by.", expected="at least 4")
    losses = cross_validated_losses(
        unit_variance(values, weights)[known], _as_given(groups[known]), _as_given(segments[known]),
        weights=weights[known], folds=np.unique(folds[known], return_inverse=True)[1].astype(np.int64),
    )  # fmt: skip
    return explained([losses], known=np.ones(int(known.sum()), dtype=bool), level=level)


def _as_given(groups: Integers) -> Grouping:
    return lambda _: groups


def attribute_groups(attributes: pd.DataFrame, n: int) -> dict[str, Integers]:
    """Group numbers 0.. per attribute; numbers with more than ten values are cut in ten bands."""
    if len(attributes) != n or attributes.shape[1] == 0:
        raise InvalidInput("The attributes do not fit the people.", expected=f"{n} rows, at least one attribute")
    if SEGMENTS in attributes.columns:
        raise InvalidInput(f"An attribute is called '{SEGMENTS}'.", advice="give the attribute another name")
    groups = {}
    for name in attributes.columns:
        column = attributes[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) and column.nunique() > 10:
            column = pd.qcut(column.astype(float), 10, labels=False, duplicates="drop")
        groups[str(name)] = pd.factorize(column, use_na_sentinel=False)[0].astype(np.int64)
    return groups


def _outcome_tables(outcomes: pd.DataFrame | None, n: int) -> Mapping[str, Floats]:
    if outcomes is None:
        return {}
    table = checked_scores(outcomes, what="outcomes")
    if len(table) != n:
        raise InvalidInput("The outcomes have other people than the scores.", expected=f"{n} rows")
    if "needs" in table.columns:
        raise InvalidInput("An outcome is called 'needs'.", advice="give the outcome another name")
    return {str(name): table[[name]].to_numpy() for name in table.columns}


def _row(
    name: str, target: str, told: Explained, levels: int, association: tuple[float, float, float]
) -> dict[str, object]:
    v, v_low, v_high = (np.nan, np.nan, np.nan) if name == SEGMENTS else association
    return {
        "grouping": name, "target": target, "levels": levels, "groups": told.n_groups, "n": told.n,
        "explained": told.groups[0], "low": told.groups[1], "high": told.groups[2], "segments_explained": told.rival[0],
        "difference": told.difference[0], "difference_low": told.difference[1], "difference_high": told.difference[2],
        "cramers_v": v, "v_low": v_low, "v_high": v_high,
    }  # fmt: skip


def _judged(table: pd.DataFrame) -> Verdict:
    """The rules: worth explaining at all, then disguise, then the better explanation of needs and outcomes
    together."""
    mean = table.groupby("grouping", sort=False)[["explained", "difference", "cramers_v"]].mean()
    rivals = mean.drop(index=SEGMENTS)
    worth = table.groupby("grouping")["explained"].max() >= WORTH_EXPLAINING
    if not worth.any():
        return Verdict(table=table, winner="none", code="VE004")
    closest, better = str(rivals["cramers_v"].idxmax()), str(rivals["difference"].idxmin())
    strongest = float(rivals["cramers_v"].max())
    if strongest >= REFUSE_AT:
        return Verdict(table=table, winner=closest, code="VE002", attribute=closest)
    if rivals["difference"].min() < 0 and worth[better]:
        return Verdict(table=table, winner=better, code="VE003", attribute=better)
    if not worth[SEGMENTS]:
        return Verdict(table=table, winner="none", code="VE004")
    if strongest >= WARN_AT:
        return Verdict(table=table, winner=SEGMENTS, code="VE001", attribute=closest)
    return Verdict(table=table, winner=SEGMENTS, code="VE000")


def _plural(attribute: str) -> str:
    """An attribute in the plural: department, departments; tenure bands and the like keep their name.

    >>> _plural("department"), _plural("family"), _plural("age_bands")
    ('departments', 'families', 'age bands')
    """
    words = attribute.replace("_", " ")
    if words.endswith("s"):
        return words
    return f"{words[:-1]}ies" if words.endswith("y") and words[-2:-1] not in "aeiou" else f"{words}s"
