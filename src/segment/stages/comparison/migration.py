"""Who would change segment and where they go: numbers of people as bands, released like any other figure."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from segment.disclosure.release import release
from segment.disclosure.rounding import in_band
from segment.disclosure.rules import ReleaseRules
from segment.errors import Refusal
from segment.segments.frozen import SegmentScorer
from segment.segments.identity import match_segments
from segment.stages.base import OpenStudy
from segment.stages.comparison.sides import Side
from segment.stages.release.plans import rules_of
from segment.stages.score import download_witnessed
from segment.stages.waves import model_wave
from segment.store import Store

Names = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class Moves:
    """How two segmentations put the same people.

    Parameters
    ----------
    people, moved
        How many both put somewhere and how many would change segment, as bands.
    share
        Of them who would change, to whole twentieths.
    cells
        ``(segment of the first, of the second, band of people)``; an empty band: hidden.
    pairs
        Segment of the second -> the segment of the first that it goes on from.
    names
        The names of the segments of either side.
    """

    people: str
    moved: str
    share: float
    cells: tuple[tuple[int, int, str], ...]
    pairs: Mapping[int, int]
    names: tuple[Names, Names] = field(default=({}, {}))


def moves_between(opened: OpenStudy, first: Side, second: Side) -> Moves | None:
    """Both segmentations on everyone of the study's wave; None where they cannot both read these people."""
    if not ("segmentation" in first.versions and "segmentation" in second.versions and opened.store.has("responses")):
        return None
    responses = opened.store.read("responses")
    people = responses[responses["wave"] == model_wave(opened, responses)].reset_index(drop=True)
    scorers = [_scorer(opened, side) for side in (first, second)]
    labels = [_labels(scorer, people) for scorer in scorers]
    if any(told is None for told in labels):
        return None
    before, after = (np.asarray(told) for told in labels)
    both = (before >= 0) & (after >= 0)
    if not both.any():
        return None
    told = told_moves(before[both], after[both], rules=rules_of(opened))
    return Moves(told.people, told.moved, told.share, told.cells, told.pairs, (scorers[0].names, scorers[1].names))


def told_moves(before: np.ndarray, after: np.ndarray, *, rules: ReleaseRules | None = None) -> Moves:
    """Labels of the same people by two segmentations as what may be shown of them.

    >>> before, after = np.repeat([0, 1], 40), np.r_[np.zeros(28), np.ones(50), np.zeros(2)].astype(int)
    >>> told = told_moves(before, after)
    >>> told.people, told.moved, told.share, told.cells
    ('80–89', '10–19', 0.2, ((0, 0, ''), (0, 1, ''), (1, 0, ''), (1, 1, '')))
    """
    identity = match_segments(before, after).table.dropna(subset=["old", "new"])
    pairs = {int(new): int(old) for new, old in zip(identity["new"], identity["old"], strict=True)}
    moved = np.array([pairs.get(int(new), -1) for new in after]) != before
    both = pd.DataFrame({"first": before, "second": after})
    counts = both.groupby(["first", "second"], as_index=False).size().rename(columns={"size": "n"})
    table = release("segment_moves", counts, groups=["first", "second"], count="n", rules=rules).frame
    rows = zip(table["first"].astype(int), table["second"].astype(int), table["n"], table["status"], strict=True)
    cells = tuple((a, b, "" if status == "hidden" else _band(str(n))) for a, b, n, status in rows)
    share = round(20 * float(moved.mean())) / 20
    return Moves(in_band(len(before)), in_band(int(moved.sum())), share, cells, pairs)


def _band(n: str) -> str:
    """A released number as a band; the smaller ones are one already."""
    return in_band(int(n)) if n.isdigit() else n


def _scorer(opened: OpenStudy, side: Side) -> SegmentScorer:
    with tempfile.TemporaryDirectory() as scratch:
        file = download_witnessed(opened, side.versions["segmentation"], Path(scratch))
        return Store(file.parent, file.parent).load_model(file.stem, SegmentScorer)


def _labels(scorer: SegmentScorer, people: pd.DataFrame) -> np.ndarray | None:
    """Everyone's segment, -1 for who answered nothing of it; None where it cannot read these answers."""
    answers = people.reindex(columns=scorer.columns).astype("float64")
    codes = [code for code in scorer.selector.reading_.codes if code in answers]
    if not codes or not answers[codes].notna().to_numpy().any():
        return None
    try:
        found = scorer.memberships(answers).argmax(axis=1)
    except Refusal:
        return None
    return np.where(answers[codes].notna().any(axis=1), found, -1)
