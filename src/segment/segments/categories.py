"""Answers as categories: every item's distinct answers, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segment.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]

#: More distinct answers than this to one item are measurements, not categories.
MAX_CATEGORIES = 1000


@dataclass(frozen=True)
class Categories:
    """The distinct answers of every item, in the fit's order; ``starts`` says where an item's block begins."""

    answers: tuple[FloatArray, ...]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, answers: FloatArray) -> Categories:
        """Learn the categories of each column; NaN is no category."""
        values = tuple(_distinct(column) for column in answers.T)
        widths = np.array([len(distinct) for distinct in values])
        if (widths > MAX_CATEGORIES).any():
            raise InvalidInput(
                "An item has too many different answers to be treated as categories.",
                expected=f"at most {MAX_CATEGORIES}",
                came=f"{int(widths.max())} in column {int(widths.argmax())}",
                advice="leave measurements out, or group them into bands",
            )
        return cls(values, np.concatenate([[0], np.cumsum(widths)]).astype(np.intp))

    def places(self, answers: FloatArray, item: int) -> npt.NDArray[np.intp]:
        """Which category of an item each person gave; the number of categories where it is missing or unknown.

        >>> Categories.of(np.array([[3.0], [1.0]])).places(np.array([[1.0], [np.nan], [2.0], [3.0]]), 0).tolist()
        [0, 2, 2, 1]
        """
        distinct, column = self.answers[item], answers[:, item]
        if not len(distinct):
            return np.zeros(len(answers), dtype=np.intp)
        place = np.minimum(np.searchsorted(distinct, column), len(distinct) - 1)
        return np.where(distinct[place] == column, place, len(distinct))


def _distinct(column: FloatArray) -> FloatArray:
    given = column[~np.isnan(column)]
    return np.unique(given)
