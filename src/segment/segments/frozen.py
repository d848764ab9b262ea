"""A segmentation that new people can be put into: frozen parameters only, nobody's answers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from segment.needs.scoring import MIN_ANSWERED
from segment.segments.profiling import membership
from segment.segments.selection import SegmentSelector
from segment.segments.short_form import ShortForm
from segment.segments.typing_tool import TypingTool


@dataclass(frozen=True)
class SegmentScorer:
    """What is kept of a fitted selector.

    Attributes
    ----------
    selector
        The selector without anything about the people it was fitted on.
    names
        Segment number to its name in each language.
    popularity
        How often each wish was picked by the people of the fit: what new people's wishes are read against.
    typing_tool
        The short forms, for surveys that ask a few of the questions only; ``None`` when there are no segments.
    """

    selector: SegmentSelector
    names: Mapping[int, Mapping[str, str]]
    popularity: Mapping[str, float] = field(default_factory=dict)
    typing_tool: TypingTool | None = None

    @classmethod
    def of(
        cls,
        selector: SegmentSelector,
        names: Mapping[int, Mapping[str, str]],
        *,
        popularity: Mapping[str, float] | None = None,
        typing_tool: TypingTool | None = None,
    ) -> SegmentScorer:
        """Freeze a fitted selector: everything that is as long as the people it was fitted on is left behind."""
        kept = _without_people(selector)
        if kept.candidate_ is not None:
            kept.candidate_ = copy.copy(kept.candidate_)
            kept.candidate_.model = _without_people(kept.candidate_.model)
        return cls(kept, {number: dict(texts) for number, texts in names.items()}, dict(popularity or {}), typing_tool)

    def score(self, frame: pd.DataFrame, *, choices: pd.DataFrame | None = None) -> pd.DataFrame:
        """Membership of people from their answers: one row per person, in the order given.

        Columns ``segment``, ``segment_name`` (English), ``p_1`` .. ``p_k``, ``entropy``, ``between``. A survey that
        holds under 60 % of the questions is read by the longest short form it holds whole, if it holds one.
        """
        form = self.form_for(frame)
        if form is None:
            chances = self.selector.predict_proba(frame, choices=choices)
        else:
            chances = form.posteriors(frame[list(form.names)].to_numpy(dtype=float))
        found = membership(chances)
        named = found["segment"].map({number: texts["en"] for number, texts in self.names.items()})
        found.insert(1, "segment_name", named)
        return found.set_index(frame.index)

    def form_for(self, frame: pd.DataFrame) -> ShortForm | None:
        """The short form this survey will be read by; ``None``: the full questionnaire."""
        codes = self.selector.reading_.codes
        asked = [code for code in codes if code in frame and frame[code].notna().any()]
        if self.typing_tool is None or len(asked) >= MIN_ANSWERED * len(codes):
            return None
        whole = [size for size, form in self.typing_tool.forms_.items() if set(form.names) <= set(asked)]
        return self.typing_tool.forms_[max(whole)] if whole else None


def _without_people(fitted: Any) -> Any:
    """A copy of a fitted estimator without what it says about each person it was fitted on."""
    kept = copy.copy(fitted)
    for name in ("labels_", "usable_"):
        if name in vars(kept):
            delattr(kept, name)
    return kept
