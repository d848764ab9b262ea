"""A segmentation that new people can be put into: frozen parameters only, nobody's answers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from segment.segments.profiling import membership
from segment.segments.selection import SegmentSelector


@dataclass(frozen=True)
class SegmentScorer:
    """What is kept of a fitted selector.

    Attributes
    ----------
    selector
        The selector without anything about the people it was fitted on.
    names
        Segment number to its name in each language.
    """

    selector: SegmentSelector
    names: Mapping[int, Mapping[str, str]]

    @classmethod
    def of(cls, selector: SegmentSelector, names: Mapping[int, Mapping[str, str]]) -> SegmentScorer:
        """Freeze a fitted selector: everything that is as long as the people it was fitted on is left behind."""
        kept = copy.copy(selector)
        for name in ("labels_", "usable_"):
            if hasattr(kept, name):
                delattr(kept, name)
        return cls(kept, {number: dict(texts) for number, texts in names.items()})

    def score(self, frame: pd.DataFrame, *, choices: pd.DataFrame | None = None) -> pd.DataFrame:
        """Membership of people from their answers: one row per person, in the order given.

        Columns ``segment``, ``segment_name`` (English), ``p_1`` .. ``p_k``, ``entropy``, ``between``.
        """
        found = membership(self.selector.predict_proba(frame, choices=choices))
        named = found["segment"].map({number: texts["en"] for number, texts in self.names.items()})
        found.insert(1, "segment_name", named)
        return found.set_index(frame.index)
