"""What stands beside the choice: one segment fewer, one more, and the same search without rankings and wishes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.candidates import Material
from segment.segments.families import family_named
from segment.segments.identity import match_segments
from segment.segments.reading import Reading
from segment.segments.stability import agreement, stability_across
from segment.stages.segmentation.basis import Basis

#: Most people that a neighbouring solution is fitted on.
_MOST = 4000


def neighbours_of(
    selector: SegmentSelector, people: pd.DataFrame, basis: Basis, choices: Choices, *, random_state: int
) -> pd.DataFrame:
    """The ``neighbours`` table: who each segment is one with at k - 1, and in how many it falls at k + 1.

    ``stability`` is the segment-level stability across solutions, from k - 1 to k (Dolnicar, Gruen & Leisch, 2018,
    section 7.5.4): 1 when all its people were together before.
    """
    everyone, rows = _sample(selector, people, basis, choices)
    k, weight = selector.n_segments_, everyone.weight
    most = family_named(selector.family_).most(everyone)
    labels = {k: selector.labels_[rows]} | {
        number: _labels(selector, number, everyone, random_state) for number in (k - 1, k + 1) if number <= most
    }
    across = stability_across(labels, sample_weight=weight)
    own, larger = across[across["k"] == k].set_index("segment"), across[across["k"] == k + 1]
    joined = {
        segment: ",".join(str(other) for other in own.index[own["parent"] == row["parent"]] if other != segment)
        for segment, row in own.iterrows()
    }
    parts = larger.groupby("parent").size()
    return pd.DataFrame(
        {
            "segment": own.index.astype("int64"),
            "n": own["n"].to_numpy(),
            "stability": own["stability"].to_numpy(),
            "one_with": [joined[segment] for segment in own.index],
            "parts": [str(int(parts.get(segment, 0))) for segment in own.index],
        }
    )


def without_choices(
    selector: SegmentSelector, people: pd.DataFrame, basis: Basis, choices: Choices, *, random_state: int
) -> pd.DataFrame:
    """The ``without_choices`` table, one row: how far rated questions alone put people in the same segments.

    Empty where the segments are made of rated questions only. The same family with the same number of segments is
    fitted; ``same`` is the share of people in the segment that matches theirs.
    """
    if choices.read(people, basis.needs) is None:
        return pd.DataFrame()
    weight = people["weight"].to_numpy(dtype=float)
    items = basis.items(people)
    reading = Reading(items, basis.need_map, weight=weight, scales=basis.scales, choice_weight=0.0)
    rated = reading.read(items, weight)
    rows = _chosen(selector)
    sample = rated.take(rows)
    other = _labels(selector, selector.n_segments_, sample, random_state)
    own = selector.labels_[rows]
    again = match_segments(own, other, sample_weight=sample.weight, minimum=0.0).relabel(other)
    return pd.DataFrame(
        {
            "kinds": [",".join(kind for kind, found in (("rank", choices.ranks), ("wish", choices.picks)) if found)],
            "n": [len(rows)],
            "agreement": [agreement(own, other, sample_weight=sample.weight)],
            "same": [float(np.average(again == own, weights=sample.weight))],
        }
    )


def _sample(
    selector: SegmentSelector, people: pd.DataFrame, basis: Basis, choices: Choices
) -> tuple[Material, np.ndarray]:
    rows = _chosen(selector)
    read = selector.reading_.read(basis.items(people), people["weight"].to_numpy(), choices.read(people, basis.needs))
    return read.take(rows), rows


def _chosen(selector: SegmentSelector) -> np.ndarray:
    """Rows of the people who took part, every second or third of them where there are many."""
    usable = np.flatnonzero(selector.usable_)
    return usable[:: max(1, int(np.ceil(len(usable) / _MOST)))]


def _labels(selector: SegmentSelector, k: int, sample: Material, random_state: int) -> np.ndarray:
    if k < 2:
        return np.zeros(len(sample), dtype=np.intp)
    candidate = family_named(selector.family_)(k, n_starts=selector.n_starts, seed=random_state)
    return np.asarray(candidate.fit(sample).labels(sample))
