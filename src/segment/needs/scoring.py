"""Need scores of people, freed from how each person uses the answer scale.

A person who finds everything important and a person who avoids the ends of a scale may have the same needs.
So each item is centred on the mean of the people it was fitted on, the answered items of a need are averaged, and
the person's own mean over needs (the *level*) is taken out; what is left says which needs stand out for this
person. Level and *spread* (how far apart the person's answers lie) are kept beside the scores as two facts about
style. Cunningham, W. H., Cunningham, I. C. M. & Green, R. T. (1977), The ipsative process to reduce response set
bias, Public Opinion Quarterly 41, 379-384; Fischer, R. (2004), Standardization to account for cross-cultural
response bias, Journal of Cross-Cultural Psychology 35, 263-282.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.coarse import coarse, coarse_spread
from segment.disclosure.rounding import least_of_band
from segment.errors import InvalidInput
from segment.needs.answers import (
    FloatArray,
    check_answers,
    check_need_map,
    check_weights,
    coarse_means,
    missing_items,
    without_rare_questions,
)

#: Smallest share of a study's items that a person must have answered to take part in a fit.
MIN_ANSWERED = 0.6


@dataclass(frozen=True)
class NeedScores:
    """Style-free scores of people and what was taken out of them.

    Attributes
    ----------
    scores
        People x needs, in answer units; every row has mean zero over the needs the person answered. NaN: no
        answer to any item of that need.
    level
        The person's mean item-centred answer over needs, in answer units: above zero says yes to everything.
    spread
        The person's stretch of the scale relative to the pool (1 = as everybody), shrunken toward 1 by how little
        the answers say about it; NaN never.
    answered
        Share of the items answered, 0 to 1.
    usable
        Answered at least 60 % of the items and items of at least two needs, and not the same answer everywhere.
    rest
        Two columns: ``ss``, the sum of squares of the person's item-centred answers around the person's own need
        means, and ``df``, its degrees of freedom. They tell a model how far this person stretches the scale.
    pool_sd
        Standard deviation of the scores over all needs of the people fitted on; divide by it for scores in pool
        standard deviations.
    """

    scores: pd.DataFrame
    level: pd.Series
    spread: pd.Series
    answered: pd.Series
    usable: pd.Series
    rest: pd.DataFrame
    pool_sd: float

    @property
    def contrasts(self) -> FloatArray:
        """People x (needs - 1): the same scores in orthonormal coordinates; a need without answers counts zero."""
        values = self.scores.to_numpy()
        filled = np.where(np.isnan(values), 0.0, values)
        filled = filled - filled.mean(axis=1, keepdims=True)
        return np.asarray(filled @ contrast_matrix(values.shape[1]).T)


def contrast_matrix(k: int) -> FloatArray:
    """Helmert's orthonormal contrasts: (k - 1) x k, rows of length one, at right angles, each summing to zero.

    Scores that sum to zero live in k - 1 dimensions; in these coordinates their covariance can be inverted and
    distances stay what they were.

    Raises
    ------
    InvalidInput
        For fewer than two needs: one need has nothing to be compared with.

    Examples
    --------
    >>> C = contrast_matrix(3)
    >>> bool(np.allclose(C @ C.T, np.eye(2)) and np.allclose(C.sum(axis=1), 0))
    True
    """
    if k < 2:
        raise InvalidInput("One need cannot be compared with itself.", expected="at least two needs", came=f"{k}")
    rows = np.zeros((k - 1, k))
    for row in range(k - 1):
        rows[row, : row + 1] = 1.0 / (row + 1)
        rows[row, row + 1] = -1.0
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def need_means(
    items: pd.DataFrame, need_map: Mapping[str, str], *, scales: Mapping[str, tuple[float, float]] | None = None
) -> pd.DataFrame:
    """Mean answer per need: one row per person, one column per need, on the answer scale (1..5 with ``scales``).

    These are raw means, with the person's style still in them: for profiles that show how important or how well
    met a need is, not for finding segments. NaN where a person answered no item of the need.

    Examples
    --------
    >>> items = pd.DataFrame({"p1": [5.0, 1.0], "p2": [4.0, np.nan], "m1": [2.0, 3.0]})
    >>> need_means(items, {"p1": "pay", "p2": "pay", "m1": "meaning"})
       pay  meaning
    0  4.5      2.0
    1  1.0      3.0
    """
    answers = check_answers(_own_columns(items, need_map), scales=scales)
    known = check_need_map(answers, need_map)
    values = answers[list(known)].to_numpy()
    needs, design = _design(known)
    return pd.DataFrame(_group_means(values, design), index=items.index, columns=needs)


class NeedScorer(BaseEstimator):
    """Frozen recipe from answers to style-free need scores.

    ``fit`` learns the item means and how much people differ in spread, from usable people; ``transform`` uses only
    those, so the scores of one person never depend on who else is in the table.

    Parameters
    ----------
    divide_spread
        Divide each person's scores by the person's shrunken spread. Off by default: the tied mixture of
        ``segments`` integrates the spread out, which was measured to recover segments better than dividing does
        (and dividing loses where segments lie close together); k-means is where division pays.
    min_answered
        Smallest share of answered items for a person to be usable.

    Attributes
    ----------
    needs_ : list of str, needs in the order of their first item
    item_means_ : Series, item code to weighted mean answer
    spread_sd_ : float, standard deviation between people of the logarithm of the spread
    pool_sd_ : float, standard deviation of the scores over all needs

    Examples
    --------
    >>> items = pd.DataFrame({"p": [5.0, 4, 2, 3], "m": [1.0, 2, 4, 3], "f": [2.0, 2, 5, 1]})
    >>> scorer = NeedScorer().fit(items, {"p": "pay", "m": "meaning", "f": "flexibility"})
    >>> scorer.transform(items).scores.round(2).iloc[0].tolist()
    [1.67, -1.33, -0.33]
    >>> scorer.fit(items, {"p": "pay"})
    Traceback (most recent call last):
        ...
    segment.errors.InvalidInput: Need scores compare needs with each other.
      expected: items of at least two needs
      found: 1 need with answers: pay
    """

    def __init__(self, divide_spread: bool = False, min_answered: float = MIN_ANSWERED) -> None:
        self.divide_spread = divide_spread
        self.min_answered = min_answered

    def fit(
        self,
        items: pd.DataFrame,
        need_map: Mapping[str, str],
        sample_weight: npt.ArrayLike | None = None,
        *,
        scales: Mapping[str, tuple[float, float]] | None = None,
    ) -> NeedScorer:
        """Learn item means and the pool's spread.

        Parameters
        ----------
        items
            People x item codes, NaN = not answered; columns outside ``need_map`` are ignored.
        need_map
            Item code to need.
        sample_weight
            One weight per person, any scale.
        scales
            Lowest and highest answer per code; None: one scale for all.

        Raises
        ------
        InvalidInput
            When fewer than two needs have answers.
        """
        answers = check_answers(_own_columns(items, need_map), scales=scales)
        weight = check_weights(sample_weight, len(answers))
        known = {code: need for code, need in check_need_map(answers, need_map).items() if answers[code].notna().any()}
        needs, design = _design(known)
        if len(needs) < 2:
            raise InvalidInput(
                "Need scores compare needs with each other.",
                expected="items of at least two needs",
                came=f"{len(needs)} need with answers: {', '.join(needs) or 'none'}",
            )
        self.scales_ = None if scales is None else {code: scales[code] for code in known}
        self.items_, self.needs_, self._design = list(known), needs, design
        values = answers[self.items_].to_numpy()
        usable = self._usable(values) & (weight > 0)
        rows = usable if usable.any() else np.ones(len(values), dtype=bool)
        means = _weighted_means(values[rows], weight[rows], fallback=values)
        means = coarse_means(without_rare_questions(means, values), values, weight * rows)
        self.item_means_ = pd.Series(means, index=self.items_)
        self.n_usable_ = least_of_band(int(usable.sum()))
        parts = self._parts(values[rows])
        self._learn_pool(parts, weight[rows])
        return self

    def transform(self, items: pd.DataFrame) -> NeedScores:
        """Scores of these people under the fitted recipe.

        Raises
        ------
        InvalidInput
            When the table lacks a fitted item.
        """
        check_is_fitted(self, "item_means_")
        if not isinstance(items, pd.DataFrame):
            check_answers(items)
        missing = [code for code in self.items_ if code not in items.columns]
        if missing:
            raise missing_items(missing)
        answers = check_answers(items[self.items_], scales=self.scales_)
        values = answers.to_numpy()
        scores, level, rest_ss, rest_df = self._parts(values)
        spread = self._shrunken_spread(scores, rest_ss, rest_df)
        if self.divide_spread:
            scores = scores / spread[:, None]
        index = items.index
        return NeedScores(
            scores=pd.DataFrame(scores, index=index, columns=self.needs_),
            level=pd.Series(np.nan_to_num(level, nan=0.0), index=index, name="level"),
            spread=pd.Series(spread, index=index, name="spread"),
            answered=pd.Series((~np.isnan(values)).mean(axis=1), index=index, name="answered"),
            usable=pd.Series(self._usable(values), index=index, name="usable"),
            rest=pd.DataFrame({"ss": rest_ss, "df": rest_df}, index=index),
            pool_sd=self.pool_sd_,
        )

    def _usable(self, values: FloatArray) -> npt.NDArray[np.bool_]:
        given = ~np.isnan(values)
        enough = given.mean(axis=1) >= self.min_answered
        lowest = np.where(given, values, np.inf).min(axis=1)
        highest = np.where(given, values, -np.inf).max(axis=1)
        two_needs = ((given @ self._design) > 0).sum(axis=1) >= 2
        return np.asarray(enough & two_needs & (highest > lowest))

    def _parts(self, values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Scores, level, and the sum of squares and degrees of freedom around the person's own need means."""
        centred = values - self.item_means_.to_numpy()
        means = _group_means(centred, self._design)
        known = ~np.isnan(means)
        level = np.where(known, means, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        level = np.where(known.any(axis=1), level, np.nan)
        given = ~np.isnan(centred)
        around = np.where(given, centred - np.where(known, means, 0.0) @ self._design.T, 0.0)
        degrees = (given.sum(axis=1) - known.sum(axis=1)).astype(np.float64)
        return means - level[:, None], level, (around**2).sum(axis=1), degrees

    def _learn_pool(self, parts: tuple[FloatArray, FloatArray, FloatArray, FloatArray], weight: FloatArray) -> None:
        scores, _, rest_ss, rest_df = parts
        total = weight.sum()
        known = ~np.isnan(scores)
        filled = np.where(known, scores, 0.0)
        free = np.maximum(known.sum(axis=1) - 1, 0)
        n = len(weight)
        self._score_ms = _kept_spread(weight @ (filled**2).sum(axis=1) / max(float(weight @ free), 1e-12), n)
        self._rest_ms = _kept_spread(weight @ rest_ss / max(float(weight @ rest_df), 1e-12), n)
        pool = float(np.sqrt((weight @ filled**2).sum() / max(float((weight @ known).sum()), 1e-12)))
        self.pool_sd_ = _kept_spread(pool, n) or 1.0
        log_spread, noise = self._log_spread(filled, free, rest_ss, rest_df)
        if total > 0 and np.isfinite(noise).any():
            finite = np.isfinite(noise)
            mean = np.average(log_spread[finite], weights=weight[finite])
            variance = np.average((log_spread[finite] - mean) ** 2, weights=weight[finite])
            between = max(variance - np.average(noise[finite], weights=weight[finite]), 0.0)
            self.spread_sd_ = _kept_spread(np.sqrt(between), n)
            self._spread_mean = float(coarse(mean, n, np.sqrt(variance)))
        else:
            self.spread_sd_, self._spread_mean = 0.0, 0.0

    def _log_spread(
        self, filled: FloatArray, free: FloatArray, rest_ss: FloatArray, rest_df: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Logarithm of the spread per person and its sampling variance, 1 / (2 df) for a normal sample."""
        squares = np.zeros(len(filled))
        degrees = np.zeros(len(filled))
        if self._score_ms > 1e-12:
            squares, degrees = squares + (filled**2).sum(axis=1) / self._score_ms, degrees + free
        if self._rest_ms > 1e-12:
            squares, degrees = squares + rest_ss / self._rest_ms, degrees + rest_df
        with np.errstate(divide="ignore"):
            noise = np.where(degrees > 0, 1.0 / (2.0 * np.maximum(degrees, 1)), np.inf)
        ratio = np.where(degrees > 0, (squares + 0.1) / np.maximum(degrees + 0.1, 0.1), 1.0)
        return 0.5 * np.log(ratio), noise

    def _shrunken_spread(self, scores: FloatArray, rest_ss: FloatArray, rest_df: FloatArray) -> FloatArray:
        """Empirical-Bayes spread: the logarithm is pulled to the pool by between / (between + sampling variance)."""
        known = ~np.isnan(scores)
        filled, free = np.where(known, scores, 0.0), np.maximum(known.sum(axis=1) - 1, 0)
        log_spread, noise = self._log_spread(filled, free, rest_ss, rest_df)
        between = self.spread_sd_**2
        known_noise = np.where(np.isfinite(noise), noise, 1.0)
        pull = np.where(np.isfinite(noise), between / (between + known_noise), 0.0)
        return np.asarray(np.exp(pull * (log_spread - self._spread_mean)))


def _kept_spread(value: npt.ArrayLike, people: int) -> float:
    return float(coarse_spread(value, people))


def _own_columns(items: pd.DataFrame, need_map: Mapping[str, str]) -> pd.DataFrame:
    if not isinstance(items, pd.DataFrame):
        return check_answers(items)
    check_need_map(items, need_map)
    return items[[code for code in items.columns if code in need_map]]


def _design(known: Mapping[str, str]) -> tuple[list[str], FloatArray]:
    """Needs in the order of their first item, and items x needs with a one where an item asks for a need."""
    needs = list(dict.fromkeys(known.values()))
    design = np.array([[float(need == other) for other in needs] for need in known.values()])
    return needs, design.reshape(len(known), len(needs))


def _group_means(values: FloatArray, design: FloatArray) -> FloatArray:
    given = ~np.isnan(values)
    counts = given @ design
    sums = np.where(given, values, 0.0) @ design
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


def _weighted_means(values: FloatArray, weight: FloatArray, *, fallback: FloatArray) -> FloatArray:
    """Mean per item; an item nobody in ``values`` answered takes its mean over everyone."""
    given = ~np.isnan(values)
    total = weight @ given
    means = (weight @ np.where(given, values, 0.0)) / np.where(total > 0, total, 1.0)
    others = ~np.isnan(fallback)
    spare = np.where(others, fallback, 0.0).sum(axis=0) / np.maximum(others.sum(axis=0), 1)
    return np.where(total > 0, means, spare)
