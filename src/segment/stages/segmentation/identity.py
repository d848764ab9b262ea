"""Segments that go on: the numbers and names of the decided model, wherever its segments are found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from segment.segments import SegmentSelector
from segment.segments.frozen import SegmentScorer
from segment.segments.identity import SegmentMatch, match_segments
from segment.segments.names import Names, name_rows
from segment.stages.audit_log import refuse_unwitnessed
from segment.stages.base import OpenStudy, decided_store

#: The model that a reviewer decided on, as the registry calls it.
_MODEL = "segmentation"
_LOST = (
    "promote the version again (segment promote); or remove the folder, and segments are numbered by their size until "
    "a new version is promoted"
)


@dataclass(frozen=True)
class Continued:
    """A solution under the decided model's numbers: the selector and the names that go on.

    ``identity`` and ``earlier_names`` are the tables of that name, without rows where nothing is decided.
    """

    selector: SegmentSelector
    names: Names
    identity: pd.DataFrame
    earlier_names: pd.DataFrame = field(default_factory=pd.DataFrame)


def continued(opened: OpenStudy, selector: SegmentSelector, people: pd.DataFrame) -> Continued:
    """Number the segments as the decided model does, matched by the people both put somewhere.

    Without a decided model, or where it cannot read these answers, segments are numbered by their size.

    Raises
    ------
    Refusal
        The decided model is not one that the event log knows.
    """
    store = decided_store(opened.store.models)
    if selector.n_segments_ == 1 or not store.model_path(_MODEL).is_file():
        return Continued(selector, {}, pd.DataFrame())
    refuse_unwitnessed(opened.book, opened.key, store.model_path(_MODEL), advice=_LOST)
    decided = store.load_model(_MODEL, SegmentScorer)
    if (decided.selector.decision_.code == "made") != (selector.kind_ == "made"):  # made groups are no found ones
        return Continued(selector, {}, pd.DataFrame())
    codes = decided.selector.reading_.codes
    if not set(codes) & set(people.columns):  # another questionnaire: none of its questions was asked
        return Continued(selector, {}, pd.DataFrame())
    before = decided.memberships(people.reindex(columns=decided.columns).astype("float64")).argmax(axis=1)
    usable = selector.usable_
    weight = people["weight"].to_numpy(dtype=float)
    match = match_segments(before[usable], selector.labels_[usable], sample_weight=weight[usable])
    numbers = match.numbers()
    table = _identity(match, numbers)
    same = table.loc[table["status"] == "kept"]
    pairs = zip(same["segment"].astype(int), same["earlier"].astype(int), strict=True)
    names = {segment: decided.names[earlier] for segment, earlier in pairs}
    return Continued(selector.renumbered(numbers), names, table, name_rows(decided.names, of="earlier"))


def _identity(match: SegmentMatch, numbers: Mapping[int, int]) -> pd.DataFrame:
    """One row per segment of either solution, under the numbers of the decided one."""
    rows = match.table.rename(columns={"old": "earlier"})
    return pd.DataFrame(
        {
            "place": range(len(rows)),
            "segment": rows["new"].map(numbers).astype("Int64"),
            "earlier": rows["earlier"],
            "status": rows["status"],
            "overlap": rows["overlap"],
        }
    )
