"""The frozen reading of a questionnaire: from answers to what the families of models look at."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator

from segment.disclosure.coarse import coarse_spread
from segment.errors import InvalidInput
from segment.needs.answers import (
    COMMON_SCALE,
    AnswerRange,
    check_answers,
    coarse_means,
    missing_items,
    without_rare_questions,
)
from segment.needs.choices import blend, choice_stretch
from segment.needs.scoring import MIN_ANSWERED, NeedScorer, contrast_matrix
from segment.segments.candidates import Material

FloatArray = npt.NDArray[np.float64]


class Reading:
    """How answers of one questionnaire are read, learnt once, the same for everyone afterwards.

    Parameters
    ----------
    items
        People x codes, NaN = not answered.
    need_map
        Code to need; None when items belong to no needs.
    weight
        One per person, mean one.
    scales
        Lowest and highest answer per code; None: one scale.
    choice_weight
        Share of the choices where people made some.
    """

    def __init__(
        self,
        items: pd.DataFrame,
        need_map: Mapping[str, str] | None,
        *,
        weight: FloatArray,
        scales: Mapping[str, tuple[float, float]] | None,
        choice_weight: float,
    ) -> None:
        _refuse_needs(items, need_map)
        own = items if need_map is None else items[[code for code in items.columns if code in need_map]]
        self.scales = scales
        self.choice_weight = choice_weight
        self._stretch: float | None = None  # learnt from the people of the fit, the first to be read
        self.codes = [code for code in own.columns if own[code].notna().any()]
        if not self.codes:
            raise InvalidInput(
                "Nobody answered any item that segments could be made of.", advice="check the item codes"
            )
        answers = check_answers(own[self.codes], scales=scales)
        values = answers.to_numpy()
        self._range = AnswerRange.of(values)
        self.kept_range = AnswerRange.carried(values) if scales is None else AnswerRange(*COMMON_SCALE)
        given = ~np.isnan(values)
        totals = weight @ given
        sums = weight @ np.where(given, values, 0.0)
        means = without_rare_questions(sums / np.where(totals > 0, totals, 1.0), values)
        self._means = coarse_means(means, values, weight)
        self._need_of = {} if need_map is None else {code: str(need_map[code]) for code in self.codes}
        self.scorer: NeedScorer | None = None
        if need_map is not None and len(set(self._need_of.values())) >= 2:
            self.scorer = NeedScorer().fit(own, need_map, weight, scales=scales)

    def read(self, items: pd.DataFrame, weight: FloatArray, choices: pd.DataFrame | None = None) -> Material:
        """What families look at for these people.

        Raises
        ------
        InvalidInput
            When the table lacks an item (give its column, empty, where it was not put to people).
        """
        answers = self._answers(items)
        values = answers.to_numpy()
        if self.scorer is None:
            return Material(values, weight)
        scored = self.scorer.transform(items)
        contrasts = scored.contrasts + self.origin
        if choices is not None and self.choice_weight > 0:
            if self._stretch is None:
                self._stretch = float(coarse_spread(choice_stretch(scored.scores, choices), len(items)))
            mixed = blend(scored.scores, choices, self.choice_weight, stretch=self._stretch).to_numpy()
            filled = np.where(np.isnan(mixed), 0.0, mixed)
            blended = filled - filled.mean(axis=1, keepdims=True)
            contrasts = blended @ contrast_matrix(filled.shape[1]).T + self.origin
        return Material(values, weight, contrasts, scored.rest.to_numpy(), scored.spread.to_numpy())

    def frozen(self) -> Reading:
        """The same reading as a model keeps it: its range is the scale's, or one that ten people stand behind."""
        kept = copy.copy(self)
        kept._range = self.kept_range
        return kept

    @property
    def origin(self) -> FloatArray:
        """Where the middle of the scale lies among the item-centred contrasts.

        People stretch their answers about the middle of the scale, not about the mean answer; so scores that a stretch
        multiplies are measured from there.
        """
        if self.scorer is None:
            return np.zeros(0)
        means = self.scorer.item_means_
        by_need = means.groupby([self._need_of[code] for code in means.index]).mean()[self.scorer.needs_]
        return np.asarray(contrast_matrix(len(by_need)) @ by_need.to_numpy())

    def usable(self, items: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Who can take part in a fit: answered at least 60 %, and not the same answer everywhere."""
        if self.scorer is not None:
            return self.scorer.transform(items).usable.to_numpy()
        values = self._answers(items).to_numpy()
        given = ~np.isnan(values)
        lowest = np.where(given, values, np.inf).min(axis=1)
        highest = np.where(given, values, -np.inf).max(axis=1)
        return np.asarray((given.mean(axis=1) >= MIN_ANSWERED) & (highest > lowest))

    def level(self, material: Material) -> FloatArray:
        """The person's mean answer, item means taken out: how much this person says yes to everything."""
        given = ~np.isnan(material.items)
        centred = np.where(given, material.items - self._means, 0.0)
        return np.asarray(centred.sum(axis=1) / np.maximum(given.sum(axis=1), 1))

    def _answers(self, items: pd.DataFrame) -> pd.DataFrame:
        if not isinstance(items, pd.DataFrame):
            check_answers(items)
        missing = [code for code in self.codes if code not in items.columns]
        if missing:
            raise missing_items(missing)
        answers = check_answers(items[self.codes], scales=self.scales)
        self._range.refuse(answers.to_numpy())
        return answers


Given = TypeVar("Given")


def mapped(given: Mapping[str, Given] | None, own: Mapping[str, Given] | None) -> Mapping[str, Given] | None:
    """What ``fit`` was given, else what the estimator was made with.

    Raises
    ------
    InvalidInput
        It is no mapping: a target where scikit-learn hands one on.
    """
    found = own if given is None else given
    if found is not None and not isinstance(found, Mapping):
        raise InvalidInput(
            "A map from items is expected here, not a target.",
            expected="{code: need}, or {code: (lowest, highest)}",
            came=type(found).__name__,
            advice="segments have no target: give need_map to the estimator itself, and no y",
        )
    return found


def name_features(estimator: BaseEstimator, items: pd.DataFrame) -> None:
    """Tell an estimator which columns it was fitted on, under scikit-learn's names."""
    estimator.feature_names_in_ = np.asarray(items.columns, dtype=object)
    estimator.n_features_in_ = items.shape[1]


def _refuse_needs(items: pd.DataFrame, need_map: Mapping[str, str] | None) -> None:
    """Refuse a map that names an item the answers lack, or gives an item no need."""
    if need_map is None:
        return
    nameless = [str(code) for code, need in need_map.items() if not isinstance(need, str) or not need.strip()]
    if nameless:
        raise InvalidInput(
            "An item belongs to no known need.", expected="the name of a need for every item",
            came="nothing, or no text", where=f"need_map: {', '.join(nameless[:8])}",
            advice="leave items without a need out of the map",
        )  # fmt: skip
    absent = [str(code) for code in need_map if code not in items.columns]
    if absent:
        raise missing_items(absent)
