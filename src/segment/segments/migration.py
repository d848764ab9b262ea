"""Two waves compared: who moved to another segment, and whether it was the people or the model that moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.proportions import wilson_interval
from segment.segments.checking import (
    Floats,
    checked_labels,
    checked_level,
    checked_weights,
)
from segment.segments.design import effective_size
from segment.segments.identity import SegmentMatch, match_segments
from segment.segments.stability import DISSOLVED, agreement
from segment.vocabulary import Severity

#: Agreement of the old and the new model about the same people from which the old one may stay.
KEEP_FROM = 0.70
#: The advice that the old model may stay: its segments may be compared over time.
KEPT: Literal["MG000"] = "MG000"


def migration_matrix(
    then: pd.Series, now: pd.Series, *, sample_weight: pd.Series | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Where the people of every segment are now.

    Parameters
    ----------
    then, now
        Segment number per person in either wave, indexed by person; both under the same numbering
        (``match_segments``). People of one wave only are left out.
    sample_weight
        Weight per person, indexed by person.

    Returns
    -------
    DataFrame
        One row per segment then and segment now: ``segment_from``, ``segment_to``, ``n`` (people), ``share``
        (weighted, of those then in that segment; adds to one per segment then), ``low``, ``high`` (Wilson interval),
        ``expected`` (share now in that segment among all), ``ratio`` (share / expected: over one means a road that is
        taken often).

    Examples
    --------
    >>> then = pd.Series([0, 0, 0, 1], index=list("abcd"))
    >>> now = pd.Series([0, 0, 1, 1], index=list("abcd"))
    >>> migration_matrix(then, now)[["segment_from", "segment_to", "n", "share"]].round(2)
       segment_from  segment_to  n  share
    0             0           0  2   0.67
    1             0           1  1   0.33
    2             1           0  0   0.00
    3             1           1  1   1.00
    """
    checked_level(level)
    before, after, people = _both(then, now)
    given = None if sample_weight is None else sample_weight.reindex(people).to_numpy(dtype=float)
    weights = checked_weights(given, len(people))
    sources, targets = np.unique(before), np.unique(after)
    rows = []
    for source in sources:
        there = before == source
        effective = effective_size(weights[there])
        for target in targets:
            here = after == target
            share = _share(weights, there & here, there)
            low, high = (float(end) for end in wilson_interval(share, effective, level=level))
            expected = _share(weights, here, np.ones(len(here), dtype=bool))
            ratio = share / expected if expected > 0 else np.nan
            rows.append((source, target, int((there & here).sum()), share, low, high, expected, ratio))
    return pd.DataFrame(rows, columns=["segment_from", "segment_to", "n", "share", "low", "high", "expected", "ratio"])


@dataclass(frozen=True)
class RefitAdvice:
    """Whether to keep the model, in the shape of a finding.

    Attributes
    ----------
    code
        ``MG000`` keep the model; ``MG001`` refit: the new data make other segments; ``MG002`` refit: a segment came
        or went; ``MG003`` look closer: one segment is no longer the same.
    severity, subject, count, explanation, advice
        As in every finding; ``count`` is the number of people on whom the models differ.
    """

    code: Literal["MG000", "MG001", "MG002", "MG003"]
    severity: Severity
    subject: str
    count: int
    explanation: str
    advice: str


@dataclass(frozen=True)
class Migration:
    """Movement between two waves, split into people and model.

    Attributes
    ----------
    matrix
        ``migration_matrix`` under the old model in both waves: movement of people only.
    sources
        One row per way of moving: ``moved`` (``nobody``, ``people``, ``model``, ``both``), ``n``, ``share``, over
        people of both waves. ``people``: the old model puts the person elsewhere than then. ``model``: the new model
        puts them elsewhere than the old one does on the same answers.
    match
        Which new segment is which old one.
    model_agreement
        Agreement of both models about everyone in the new wave (adjusted Rand index).
    advice
        Whether to refit.
    """

    matrix: pd.DataFrame
    sources: pd.DataFrame
    match: SegmentMatch
    model_agreement: float
    advice: RefitAdvice


def compare_waves(
    then: pd.Series,
    old_model_now: pd.Series,
    new_model_now: pd.Series,
    *,
    sample_weight: pd.Series | None = None,
    keep_from: float = KEEP_FROM,
) -> Migration:
    """Tell "people moved" from "the model moved" between two waves.

    Parameters
    ----------
    then
        Segments of the earlier wave under the old model, indexed by person.
    old_model_now, new_model_now
        Segments of everyone in the later wave under the frozen old model, and under a model fitted on the later wave.
    sample_weight
        Weight per person of the later wave, indexed by person.
    keep_from
        Agreement from which the old model may stay; a good choice is the agreement that two fits on halves of one
        wave reach.

    Raises
    ------
    InvalidInput
        The two models were not applied to the same people, or nobody is in both waves.

    Examples
    --------
    >>> people = list("abcdef")
    >>> then = pd.Series([0, 0, 0, 1, 1, 1], index=people)
    >>> old = pd.Series([0, 0, 1, 1, 1, 1], index=people)
    >>> migration = compare_waves(then, old, 1 - old)
    >>> migration.sources[["moved", "n"]].to_dict("list")
    {'moved': ['nobody', 'people', 'model', 'both'], 'n': [5, 1, 0, 0]}
    >>> migration.advice.code
    'MG000'
    """
    for name, series in (("old_model_now", old_model_now), ("new_model_now", new_model_now)):
        _checked_index(series, name)
    if len(old_model_now) != len(new_model_now) or not old_model_now.index.isin(new_model_now.index).all():
        raise InvalidInput("The two models were not applied to the same people.", expected="one index for both")
    if not 0 <= keep_from <= 1:
        raise InvalidInput("The agreement to keep the model from must lie between 0 and 1.", came=f"{keep_from}")
    new_model_now = new_model_now.reindex(old_model_now.index)
    given = None if sample_weight is None else sample_weight.reindex(old_model_now.index).to_numpy(dtype=float)
    weights = checked_weights(given, len(old_model_now))
    match = match_segments(old_model_now, new_model_now, sample_weight=weights)
    renamed = pd.Series(match.relabel(new_model_now), index=old_model_now.index)
    found = agreement(old_model_now, renamed, sample_weight=weights)
    series = pd.Series(weights, index=old_model_now.index)
    return Migration(
        matrix=migration_matrix(then, old_model_now, sample_weight=series),
        sources=_sources(then, old_model_now, renamed, series),
        match=match,
        model_agreement=found,
        advice=_advice(match, found, keep_from, int((old_model_now.to_numpy() != renamed.to_numpy()).sum())),
    )


def _sources(then: pd.Series, old_now: pd.Series, new_now: pd.Series, weights: pd.Series) -> pd.DataFrame:
    before, after, people = _both(then, old_now)
    person_moved = before != after
    model_moved = after != new_now.reindex(people).to_numpy()
    w = weights.reindex(people).to_numpy()
    kinds = {
        "nobody": ~person_moved & ~model_moved,
        "people": person_moved & ~model_moved,
        "model": ~person_moved & model_moved,
        "both": person_moved & model_moved,
    }
    rows = [(kind, int(mask.sum()), _share(w, mask, np.ones(len(w), dtype=bool))) for kind, mask in kinds.items()]
    return pd.DataFrame(rows, columns=["moved", "n", "share"])


def _advice(match: SegmentMatch, found: float, keep_from: float, count: int) -> RefitAdvice:
    agrees = f"The old and the new model agree {found:.2f} about the people of the new wave ({keep_from:.2f} asked)."
    changed = match.table.loc[match.table["status"] != "kept"]
    if len(changed):
        names = ", ".join(f"{row.identity} ({row.status})" for row in changed.itertuples())
        return RefitAdvice(
            "MG002", Severity.WARNING, f"segment {names}", count, f"A segment appeared or disappeared. {agrees}",
            "refit, and present the new segments as new ones",
        )  # fmt: skip
    if found < keep_from:
        return RefitAdvice(
            "MG001", Severity.WARNING, "segmentation model", count, f"New data make other segments. {agrees}",
            "refit, and keep the old segments' numbers by the match",
        )  # fmt: skip
    weak = match.table.loc[match.table["overlap"] < DISSOLVED]
    if len(weak):
        names = ", ".join(str(number) for number in weak["identity"])
        return RefitAdvice(
            "MG003", Severity.NOTE, f"segment {names}", count, f"A segment shares less than half its people. {agrees}",
            "look at its profile in both waves before comparing it over time",
        )  # fmt: skip
    return RefitAdvice(KEPT, Severity.NOTE, "segmentation model", count, agrees, "keep the model")


def _both(then: pd.Series, now: pd.Series) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """Segments of the people of both waves, in the order of the earlier one."""
    _checked_index(then, "then")
    _checked_index(now, "now")
    people = then.index[then.index.isin(now.index)]
    if len(people) == 0:
        raise InvalidInput("Nobody is in both waves.", advice="check that both waves use the same pseudonyms")
    return (
        checked_labels(then.loc[people], name="segments then"),
        checked_labels(now.loc[people], name="segments now"),
        people,
    )


def _checked_index(series: pd.Series, name: str) -> None:
    if not isinstance(series, pd.Series):
        raise InvalidInput(f"'{name}' must be a Series indexed by person.", came=type(series).__name__)
    if series.index.has_duplicates:
        raise InvalidInput(
            f"'{name}' has people who occur twice.",
            expected="one row per person",
            came=f"{int(series.index.duplicated().sum())} repeated",
        )


def _share(weights: Floats, part: np.ndarray, whole: np.ndarray) -> float:
    total = float(weights[whole].sum())
    return float(weights[part].sum()) / total if total > 0 else 0.0
