"""What a segmentation keeps of answers: what at least ten people gave, and centres that ten people stand behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segment.disclosure.coarse import coarse
from segment.disclosure.crowds import FEWEST_CARRYING, cuts_between
from segment.segments.categories import MAX_CATEGORIES

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CarriedAnswers:
    """Answers to each question as ten people or more gave them; rarer ones are read as their neighbours.

    ``told`` holds per question the answers that stand (the mean where several stand together), ``cuts`` where one ends
    and the next begins.

    >>> items = np.repeat([[1.0], [2.0], [5.0]], [4, 20, 20], axis=0)
    >>> CarriedAnswers.of(items).read(np.array([[1.0], [5.0], [np.nan]])).round(2).ravel().tolist()
    [1.8, 5.0, nan]
    """

    told: tuple[FloatArray, ...]
    cuts: tuple[FloatArray, ...]

    @classmethod
    def of(cls, items: FloatArray) -> CarriedAnswers:
        """Learn from people x questions, NaN = not answered; a question that fewer than ten answered tells nothing."""
        told, cuts = [], []
        for column in items.T:
            given = column[~np.isnan(column)]
            own = cuts_between(given, None, most=MAX_CATEGORIES)
            group = np.searchsorted(own, given)
            enough = len(given) >= FEWEST_CARRYING
            told.append(_middles(given, group) if enough else np.array([np.nan]))
            cuts.append(own)
        return cls(tuple(told), tuple(cuts))

    def read(self, items: FloatArray) -> FloatArray:
        """People x questions with every answer as one that stands."""
        columns = [
            np.where(np.isnan(column), np.nan, told[np.searchsorted(cuts, column)])
            for column, told, cuts in zip(items.T, self.told, self.cuts, strict=True)
        ]
        return np.column_stack(columns) if columns else items


def _middles(given: FloatArray, group: npt.NDArray[np.intp]) -> FloatArray:
    """The one answer of each group; where several stand together, their mean as coarse as the people allow."""
    people = np.bincount(group)
    mean = np.bincount(group, given) / people
    alike = np.bincount(group, np.abs(given - mean[group])) < 1e-9 * np.maximum(people, 1)
    return np.where(alike, mean, coarse(mean, people, float(given.std())))


def carriers(memberships: FloatArray) -> FloatArray:
    """Whom the centre of each segment is the mean of: people x segments, weights between 0 and 1.

    The memberships themselves; but where they add up to fewer than ten people, the ten likeliest members alike (all,
    where there are fewer than ten): the centre of one person would be that person's answers.

    >>> carriers(np.eye(2)[[0] * 12 + [1]]).sum(axis=0).tolist()
    [12.0, 10.0]
    """
    found = memberships.copy()
    for segment in np.flatnonzero(memberships.sum(axis=0) < FEWEST_CARRYING):
        found[:, segment] = 0.0
        found[np.argsort(-memberships[:, segment], kind="stable")[:FEWEST_CARRYING], segment] = 1.0
    return found


def with_ten_members(memberships: FloatArray) -> FloatArray:
    """Memberships in which every segment has ten people, as far as there are any: its likeliest are wholly its own.

    >>> with_ten_members(np.eye(2)[[0] * 30 + [1]]).sum(axis=0).tolist()
    [21.0, 10.0]
    """
    found, behind = memberships.copy(), carriers(memberships)
    for segment in np.flatnonzero(memberships.sum(axis=0) < FEWEST_CARRYING):
        found[behind[:, segment] > 0] = np.eye(memberships.shape[1])[segment]
    return found
