"""Answers as they enter the scoring of needs: one row per person, one column per item, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.disclosure.coarse import coarse
from segment.disclosure.crowds import FEWEST_CARRYING, ends_of
from segment.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]

#: The scale that answers are brought to when items have scales of their own.
COMMON_SCALE = (1.0, 5.0)


def check_answers(items: pd.DataFrame, *, scales: Mapping[str, tuple[float, float]] | None = None) -> pd.DataFrame:
    """Answers as floats on one scale, NaN where a person did not answer; columns in their own order.

    Parameters
    ----------
    items
        People x item codes, numbers, NaN = not answered.
    scales
        Lowest and highest answer per item code; given scales are mapped linearly to 1..5. None: the items share
        one scale and stay as they are.

    Raises
    ------
    InvalidInput
        When there is nobody or no item, when codes repeat, when answers are no finite numbers or lie outside
        their scale.

    Examples
    --------
    >>> check_answers(pd.DataFrame({"a": [0, 10]}), scales={"a": (0, 10)})["a"].tolist()
    [1.0, 5.0]
    """
    if not isinstance(items, pd.DataFrame):
        raise InvalidInput(
            "Answers must be a table.",
            expected="a DataFrame of people by item codes",
            came=type(items).__name__,
            advice="pandas.DataFrame(array, columns=item_codes)",
        )
    if items.shape[0] == 0 or items.shape[1] == 0:
        raise InvalidInput(
            "There are no answers.",
            expected="at least one person and one item",
            came=f"{items.shape[0]} people and {items.shape[1]} items",
        )
    if not items.columns.is_unique:
        raise InvalidInput(
            "An item code stands twice in the answers.",
            where=_listed(items.columns[items.columns.duplicated()]),
            advice="give every column a code of its own",
        )
    wrong = [str(code) for code, kind in items.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if wrong:
        raise InvalidInput("Answers must be numbers.", where=_listed(wrong), advice="map words to codes first")
    values = items.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise InvalidInput(
            "Some answers are infinite.",
            expected="numbers, or NaN where a person did not answer",
            where=_listed(items.columns[np.isinf(values).any(axis=0)]),
        )
    if scales is not None:
        values = _to_common_scale(values, list(items.columns), scales)
    return pd.DataFrame(values, index=items.index, columns=items.columns)


def _to_common_scale(values: FloatArray, codes: Sequence[str], scales: Mapping[str, tuple[float, float]]) -> FloatArray:
    missing = [code for code in codes if code not in scales]
    if missing:
        raise InvalidInput(
            "Some items have no scale.", where=_listed(missing), advice="add them to scales, or give none"
        )
    low = np.array([float(scales[code][0]) for code in codes])
    high = np.array([float(scales[code][1]) for code in codes])
    if not (np.isfinite(low).all() and np.isfinite(high).all() and (low < high).all()):
        wrong = [code for code, bottom, top in zip(codes, low, high, strict=True) if not bottom < top]
        raise InvalidInput("A scale must run from a lower to a higher number.", where=_listed(wrong))
    outside = np.asarray(((values < low) | (values > high)).any(axis=0))
    if outside.any():
        raise InvalidInput(
            "Some answers lie outside their scale.",
            where=_listed([code for code, bad in zip(codes, outside.tolist(), strict=True) if bad]),
            advice="correct the export or the codebook's scale",
        )
    bottom, top = COMMON_SCALE
    result: FloatArray = bottom + (values - low) / (high - low) * (top - bottom)
    return result


@dataclass(frozen=True)
class AnswerRange:
    """The lowest and the highest answer that was learned from, for questionnaires whose scales were not given.

    A rare answer that nobody in the fit gave may still come; a code such as 99 for "not answered" may not. So answers
    are refused from one whole width of the range beyond its ends.

    >>> AnswerRange.of(np.array([[1.0, 5.0]])).refuse(np.array([[6.0]]))
    >>> AnswerRange.of(np.array([[1.0, 5.0]])).refuse(np.array([[99.0]]))
    Traceback (most recent call last):
        ...
    segment.errors.InvalidInput: Some answers lie far outside those that were learned from.
      expected: 1 to 5
      found: 1 answer far below or above
      what to do: give missing answers as NaN, not as a number such as 99
    """

    low: float
    high: float

    @classmethod
    def of(cls, values: FloatArray) -> AnswerRange:
        """The range of people x items, NaN where not answered."""
        return cls(float(np.nanmin(values)), float(np.nanmax(values)))

    @classmethod
    def carried(cls, values: FloatArray) -> AnswerRange:
        """The range that ten people stand behind, to be kept with a model; none where fewer than a hundred answered.

        Its ends are round: the means of ten people in two models that differ by one would give that one's answer.

        >>> AnswerRange.carried(np.r_[np.tile([[1.0, 5.0]], (99, 1)), [[1.0, 987.0]]])
        AnswerRange(low=1.0, high=5.0)
        """
        ends = ends_of(values.ravel(), np.repeat(np.arange(len(values)), values.shape[1]))
        if ends is None or len(values) < 10 * FEWEST_CARRYING:
            return cls(-np.inf, np.inf)
        unit = 10.0 ** np.floor(np.log10(max(ends[1] - ends[0], 1.0)))
        return cls(*(float(round(end / unit) * unit) for end in ends))

    def refuse(self, values: FloatArray) -> None:
        """Refuse people x items that hold an answer far outside."""
        width = max(self.high - self.low, 1.0)
        with np.errstate(invalid="ignore"):
            far = int(((values < self.low - width) | (values > self.high + width)).sum())
        if far:
            raise InvalidInput(
                "Some answers lie far outside those that were learned from.",
                expected=f"{self.low:g} to {self.high:g}",
                came=f"{far} answer{'s' if far > 1 else ''} far below or above",
                advice="give missing answers as NaN, not as a number such as 99",
            )


def without_rare_questions(means: FloatArray, answers: FloatArray) -> FloatArray:
    """The means of questions, where a question that fewer than ten people answered has the mean of the others.

    The mean of one answer is that answer, and means are kept with a model.

    >>> without_rare_questions(np.array([2.0, 4.0, 5.0]), np.array([[2.0, 4.0, np.nan]] * 10 + [[2.0, 4.0, 5.0]]))
    array([2., 4., 3.])
    """
    carried = (~np.isnan(answers)).sum(axis=0) >= FEWEST_CARRYING
    return np.where(carried, means, means[carried].mean()) if carried.any() else means


def coarse_means(means: FloatArray, answers: FloatArray, weight: FloatArray) -> FloatArray:
    """Means of questions as a model may keep them: in steps that the people who answered (and weigh) allow.

    >>> coarse_means(np.array([2.512]), np.array([[1.0], [4.0]] * 200), np.ones(400))
    array([2.52])
    """
    given = ~np.isnan(answers) & (weight > 0)[:, None]
    total = np.maximum(weight @ given, 1e-12)
    spread = np.sqrt(weight @ np.where(given, answers - means, 0.0) ** 2 / total)
    return coarse(means, given.sum(axis=0), spread)


def missing_items(missing: Sequence[str]) -> InvalidInput:
    """The refusal of answers that lack questions a fitted model reads."""
    return InvalidInput(
        "The answers lack questions that are read here.",
        expected=_listed(missing),
        came="no such column",
        where="the columns of the answers",
        advice="check for renamed codes; where a question was not put to people, give its column and leave it empty",
    )


def check_need_map(items: pd.DataFrame, need_map: Mapping[str, str]) -> dict[str, str]:
    """The need of every item that is there, in the items' order; items without a need are left out.

    Raises
    ------
    InvalidInput
        When the map names no item of the table.
    """
    known = {str(code): str(need_map[code]) for code in items.columns if code in need_map}
    if not known:
        raise InvalidInput(
            "No item belongs to a need.",
            expected="a map from item codes to needs",
            came=f"{len(need_map)} codes, none of them a column of the answers",
            advice="check the spelling of the codes against the columns",
        )
    return known


def check_weights(sample_weight: npt.ArrayLike | None, n: int) -> FloatArray:
    """One weight per person, brought to a mean of one, so that doubling every weight changes nothing.

    Raises
    ------
    InvalidInput
        When weights are negative, not finite, not one per person, or all zero.
    """
    if sample_weight is None:
        return np.ones(n)
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise InvalidInput(
            "There must be one weight per person.", expected=f"{n} weights", came=f"shape {weight.shape}"
        )
    if not np.isfinite(weight).all() or (weight < 0).any() or weight.max(initial=0.0) <= 0:
        raise InvalidInput(
            "No weight may be negative or infinite, and not all may be zero.",
            advice="leave people with weight zero out, or give no weights",
        )
    scaled = weight / weight.max()
    result: FloatArray = scaled / scaled.mean()
    return result


def _listed(names: Sequence[str] | pd.Index, limit: int = 8) -> str:
    shown = [str(name) for name in list(names)[:limit]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
