"""Months at risk: every month in which a person could have left, and whether they did.

One row per person and month of tenure. A month that was only partly watched counts for the part that was watched
(a person who is alive for the fraction ``u`` of a month with monthly staying probability ``p`` contributes ``p**u``;
Tutz & Schmid, Modeling Discrete Time-to-Event Data, Springer 2016, chapter 3). People who were already employed when
watching began enter at their tenure of that day (left truncation), so the months before are never counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from segment.errors import InvalidInput
from segment.retention.outcomes import Watched


@dataclass(frozen=True)
class PersonMonths:
    """Months at risk, one element per person and month.

    Attributes
    ----------
    row : the row of the spells (and of the attributes) that the month belongs to.
    month : whole months of tenure at the start of the month.
    outcome : 0 stayed through it, 1.. left in it for that cause.
    weight : exposure (part of the month that was watched) times the row's weight, divided by the chance of being drawn.

    Examples
    --------
    >>> import pandas as pd
    >>> from segment.retention.outcomes import check_spells
    >>> spells = pd.DataFrame({"exit": [2.0], "event": [1]})
    >>> months = PersonMonthSource(check_spells(spells, causes=("left",))).whole()
    >>> months.month.tolist(), months.outcome.tolist()
    ([0, 1], [0, 1])
    """

    row: np.ndarray
    month: np.ndarray
    outcome: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.row)


class PersonMonthSource:
    """All months at risk of a table of spells, made in blocks or drawn at random, never whole unless asked for.

    Parameters
    ----------
    watched
        Checked spells (:func:`segment.retention.outcomes.check_spells`).

    Examples
    --------
    >>> import pandas as pd
    >>> from segment.retention import check_spells
    >>> source = PersonMonthSource(check_spells(pd.DataFrame({"entry": [0.5], "exit": [2.25], "event": [1]})))
    >>> source.whole().month.tolist(), source.whole().weight.tolist(), source.whole().outcome.tolist()
    ([0, 1, 2], [0.5, 1.0, 1.0], [0, 0, 1])
    """

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._first = np.floor(watched.entry).astype(np.int64)
        last = np.ceil(watched.exit).astype(np.int64) - 1
        self._last = np.maximum(last, self._first)
        self._ends = np.cumsum(self._last - self._first + 1)

    @property
    def n_months(self) -> int:
        """The number of person-months, events included."""
        return int(self._ends[-1])

    @property
    def n_events(self) -> int:
        """The number of rows that end in leaving."""
        return int(np.count_nonzero(self._watched.event))

    def blocks(self, size: int = 1_000_000) -> Iterator[PersonMonths]:
        """All months in order, at most ``size`` at a time."""
        for start in range(0, self.n_months, size):
            yield self._at(np.arange(start, min(start + size, self.n_months)))

    def whole(self) -> PersonMonths:
        """All months at once; for small tables and tests."""
        return self._at(np.arange(self.n_months))

    def draw(self, max_rows: int, *, random_state: int | np.random.Generator = 0) -> PersonMonths:
        """Every month of leaving, and as many months of staying as fit, each weighted by one over its chance.

        Months of staying are drawn one at random from each run of ``step`` consecutive person-months, so that every
        month has the chance ``1 / step`` and weighted sums over the draw are unbiased for sums over all months
        (Horvitz & Thompson, JASA 1952). Nothing larger than the draw is ever made.

        Raises
        ------
        InvalidInput
            When ``max_rows`` is below the number of events plus as many controls.
        """
        if self.n_months <= max_rows:
            return self.whole()
        controls = max_rows - self.n_events
        if controls < self.n_events:
            raise InvalidInput(
                "Too few months may be drawn for the number of people who left.",
                expected=f"max_rows of at least {2 * self.n_events}",
                came=str(max_rows),
                where="max_rows",
            )
        rng = np.random.default_rng(random_state)
        step = self.n_months / controls
        position = np.floor((np.arange(controls) + rng.random(controls)) * step).astype(np.int64)
        drawn = self._at(np.minimum(position, self.n_months - 1))
        stayed = drawn.outcome == 0
        ends = self._at(self._ends[self._watched.event > 0] - 1)
        return PersonMonths(
            np.concatenate([drawn.row[stayed], ends.row]),
            np.concatenate([drawn.month[stayed], ends.month]),
            np.concatenate([drawn.outcome[stayed], ends.outcome]),
            np.concatenate([drawn.weight[stayed] * step, ends.weight]),
        )

    def _at(self, position: np.ndarray) -> PersonMonths:
        """The person-months at these positions of the whole."""
        watched = self._watched
        row = np.searchsorted(self._ends, position, side="right")
        month = self._last[row] - (self._ends[row] - 1 - position)
        is_last = month == self._last[row]
        outcome = np.where(is_last, watched.event[row], 0)
        begin = np.maximum(month, watched.entry[row])
        end = np.minimum(month + 1, watched.exit[row])
        exposure = np.where(outcome > 0, 1.0, end - begin)
        return PersonMonths(row, month, outcome, exposure * watched.weight[row])
