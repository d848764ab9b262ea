"""Answers as categories: every item's distinct answers, encoded once as a block of noughts and ones."""

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

    @property
    def width(self) -> int:
        """Number of columns of the encoded block."""
        return int(self.starts[-1])

    @property
    def item_of(self) -> npt.NDArray[np.intp]:
        """The item each column of the block belongs to."""
        return np.repeat(np.arange(len(self.answers)), np.diff(self.starts))

    def encode(self, answers: FloatArray, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[np.floating]:
        """People x categories, one where a person gave that answer; a missing or unknown answer is a row of noughts."""
        block = np.zeros((len(answers), self.width), dtype=dtype)
        for item, distinct in enumerate(self.answers):
            column = answers[:, item]
            for place, value in enumerate(distinct):
                block[:, self.starts[item] + place] = column == value
        return block


def _distinct(column: FloatArray) -> FloatArray:
    given = column[~np.isnan(column)]
    return np.unique(given)
