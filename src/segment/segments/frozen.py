"""A segmentation that new people can be put into: frozen parameters only, nobody's answers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from segment.disclosure.rounding import least_of_band
from segment.errors import InvalidInput
from segment.locale import STANDS_IN
from segment.needs.answers import AnswerRange, check_answers, missing_items
from segment.needs.chosen import Choices
from segment.needs.scoring import MIN_ANSWERED
from segment.segments.checking import Floats
from segment.segments.decision import Decision
from segment.segments.interview import Interview
from segment.segments.profiling import membership
from segment.segments.selection import SegmentSelector
from segment.segments.short_form import ShortForm
from segment.segments.typing_tool import TypingTool

#: In place of a number of questions: read by the form that adapts.
ADAPTED = -1


@dataclass(frozen=True)
class SegmentScorer:
    """What is kept of a fitted selector.

    Attributes
    ----------
    selector
        The selector without anything about the people it was fitted on, and without the paper trail of its search.
    names
        Segment number to its name in each language.
    choices
        The rankings and wishes that are read beside the ratings, with how usual each wish was among the people of the
        fit.
    typing_tool
        The short forms, for surveys that ask a few of the questions only; ``None`` when there are no segments.
    """

    selector: SegmentSelector
    names: Mapping[int, Mapping[str, str]]
    choices: Choices = field(default_factory=Choices)
    typing_tool: TypingTool | None = None

    @classmethod
    def of(
        cls,
        selector: SegmentSelector,
        names: Mapping[int, Mapping[str, str]],
        *,
        choices: Choices | None = None,
        typing_tool: TypingTool | None = None,
    ) -> SegmentScorer:
        """Freeze a fitted selector: everything that is as long as the people it was fitted on is left behind."""
        kept = _without_people(selector)
        kept.reading_ = kept.reading_.frozen()
        kept.decision_, kept.style_share_ = _in_bands(kept.decision_), round(kept.style_share_, 3)
        if kept.need_profiles_ is not None:
            kept.need_profiles_ = kept.need_profiles_.round(3)
        kept.refusal_ = None if kept.refusal_ is None else kept.decision_
        kept.reason_ = str(kept.decision_)
        if kept.candidate_ is not None:
            kept.candidate_ = copy.copy(kept.candidate_)
            kept.candidate_.model = _without_people(kept.candidate_.model)
        told = {number: dict(texts) for number, texts in names.items()}
        return cls(kept, told, choices or Choices()).with_forms(typing_tool)

    def with_forms(self, tool: TypingTool | None) -> SegmentScorer:
        """The same with short forms, in figures as coarse as the people allow: everyone is read by these."""
        return replace(self, typing_tool=None if tool is None else tool.within(self._asked_range()).coarse())

    def _asked_range(self) -> AnswerRange:
        """Between which answers a short form may be asked: on any of the scales, or as ten people answered."""
        scales = self.selector.reading_.scales
        if scales is None:
            return self.selector.reading_.kept_range
        return AnswerRange(min(low for low, _ in scales.values()), max(high for _, high in scales.values()))

    @property
    def columns(self) -> list[str]:
        """Every column of the questionnaire that is read: rated items, then rankings and wishes."""
        return [*self.selector.reading_.codes, *self._chosen.columns]

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Membership of people from their answers: one row per person, in the order given; nobody depends on another.

        Columns ``segment`` (1 .. k, as in the report), ``segment_name`` (English), ``p_1`` .. ``p_k`` (``p_<segment>``
        is the largest), ``entropy``, ``between``. Who answered under 60 % of the questions is read by the longest
        short form that they answered whole, if there is one, or by the form that adapts, where it would ask them
        nothing more and they answered more than that.

        Raises
        ------
        InvalidInput
            Nobody, a question that is missing or has another name (unless the table holds a whole short form and no
            more), an answer outside its scale, one that is not a finite number, or somebody who answered nothing.
        """
        if silent := int((~self.who_answered(frame)).sum()):
            raise InvalidInput(
                "Nobody is put into a segment who answered nothing.",
                expected="at least one answer, ranking or wish of everyone",
                came=f"{silent} of {len(frame)} without any",
                advice="leave them out",
            )
        found = membership(self.memberships(frame))
        named = found["segment"].map({number: texts[STANDS_IN] for number, texts in self.names.items()})
        found.insert(1, "segment_name", named)
        return found.assign(segment=found["segment"] + 1).set_index(frame.index)

    def who_answered(self, frame: pd.DataFrame) -> pd.Series:
        """Whether each person rated, ranked or wished for anything; refuses what :meth:`score` refuses of columns."""
        self._refuse(frame)
        said = self._items(frame).notna().any(axis=1)
        ranked = frame.reindex(columns=list(self._chosen.ranks)).notna().any(axis=1)
        wished = (frame.reindex(columns=list(self._chosen.picks)).astype("float64") > 0).any(axis=1)
        return said | ranked.set_axis(said.index) | wished.set_axis(said.index)

    def memberships(self, frame: pd.DataFrame) -> Floats:
        """People x segments, as the study itself reads them; refuses what :meth:`score` refuses."""
        self._refuse(frame)
        items = self._items(frame)
        forms = self._forms_of(items).to_numpy()
        full = forms == 0
        chances = np.empty((len(frame), self.selector.n_segments_))
        if full.any():
            asked = frame.reindex(columns=self._chosen.columns)[full]
            chosen = self._chosen.read(asked, self._needs)
            chances[full] = self.selector.predict_proba(items[full], choices=chosen)
        for size in sorted(set(forms[~full])):
            form = self._adaptive.form if size == ADAPTED else self._forms[size]
            chances[forms == size] = form.posteriors(items.loc[forms == size, list(form.names)].to_numpy())
        return chances

    def forms_of(self, frame: pd.DataFrame) -> pd.Series:
        """By how many questions each person is read: those of a short form, 0 for the full questionnaire, or
        ``ADAPTED`` for what the form that adapts would have asked."""
        self._refuse(frame)
        return self._forms_of(self._items(frame))

    def _forms_of(self, items: pd.DataFrame) -> pd.Series:
        answered = items.notna()
        few = answered.mean(axis=1) < MIN_ANSWERED
        size = pd.Series(0, index=items.index)
        if not few.any():
            return size
        for number, form in sorted(self._forms.items()):
            size = size.mask(few & answered[list(form.names)].all(axis=1), number)
        if self.typing_tool is not None:
            adaptive = self._adaptive
            given = items[list(adaptive.form.names)].to_numpy()
            more = (few & answered.any(axis=1) & (answered.sum(axis=1) > size)).to_numpy()
            done = [bool(one and adaptive.finished(own)) for one, own in zip(more, given, strict=True)]
            size = size.mask(np.array(done), ADAPTED)
        return size

    def next_question(self, answers: Mapping[str, float]) -> str | None:
        """Code of the question to ask somebody next; None: their segment is as sure as more questions make it.

        Parameters
        ----------
        answers
            Code to answer of what was asked so far; NaN: asked, and not answered.

        Raises
        ------
        InvalidInput
            These segments have no short form, a code is no question of them, or an answer lies outside its scale.
        """
        if self.typing_tool is None:
            raise InvalidInput("These segments have no questions that adapt.", advice="ask the whole questionnaire")
        unknown = [code for code in answers if code not in self._adaptive.form.names]
        if unknown:
            raise InvalidInput(
                "That is no question of these segments.",
                expected=", ".join(self._adaptive.form.names),
                came=", ".join(unknown),
            )
        if answers:
            asked = check_answers(pd.DataFrame([answers], dtype="float64"), scales=self._scales(list(answers)))
            self._asked_range().refuse(np.asarray(asked))
        return self._adaptive.next_question(answers)

    @property
    def _adaptive(self) -> Interview:
        if self.typing_tool is None:
            raise AssertionError("a typing tool is required")
        return self.typing_tool.interview_

    @property
    def _forms(self) -> Mapping[int, ShortForm]:
        return {} if self.typing_tool is None else self.typing_tool.forms_

    @property
    def _needs(self) -> list[str]:
        scorer = self.selector.reading_.scorer
        return [] if scorer is None else scorer.needs_

    @property
    def _chosen(self) -> Choices:
        """Rankings and wishes, where these segments look at needs and choices weigh anything."""
        return self.choices if self._needs and self.selector.choice_weight > 0 else Choices()

    def _items(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.reindex(columns=self.selector.reading_.codes).astype("float64")

    def _refuse(self, frame: pd.DataFrame) -> None:
        codes = self.selector.reading_.codes
        present = [code for code in codes if isinstance(frame, pd.DataFrame) and code in frame.columns]
        check_answers(frame[present] if present and len(frame) else frame, scales=self._scales(present))
        missing = [name for name in self.columns if name not in frame.columns]
        short = any(set(form.names) <= set(present) for form in self._forms.values())
        if missing and not (short and len(present) < MIN_ANSWERED * len(codes)):
            raise missing_items(missing)

    def _scales(self, present: list[str]) -> Mapping[str, tuple[float, float]] | None:
        return self.selector.reading_.scales if present else None


Fitted = TypeVar("Fitted")


def _without_people(fitted: Fitted) -> Fitted:
    """A copy of a fitted estimator without what it says about each person it was fitted on."""
    kept = copy.copy(fitted)
    for name in ("labels_", "usable_", "evidence_", "log_likelihood_", "bic_", "aic_"):
        if name in vars(kept):
            delattr(kept, name)
    return kept


def _in_bands(decision: Decision) -> Decision:
    """The same decision with the number of people as the lower end of its band, and figures to three decimals."""
    people = decision.parts.get("n")
    counted = {"n": least_of_band(people)} if isinstance(people, int) else {}
    figures = {name: round(value, 3) for name, value in decision.parts.items() if isinstance(value, float)}
    return replace(decision, parts={**decision.parts, **figures, **counted})
