"""The persistent identity of segments: 'segment 2' stays segment 2 in the next run and the next wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from segment.errors import InvalidInput
from segment.segments.checking import Floats, Integers, checked_labels
from segment.segments.stability import jaccard_overlap

#: Overlap below which a new segment is not the old one: two segments of one size that share fewer than half their
#: people.
SAME_SEGMENT = 1 / 3


@dataclass(frozen=True)
class SegmentMatch:
    """Which new segment is which old one.

    Attributes
    ----------
    table
        One row per segment of either solution: ``identity`` (the persistent number), ``old``, ``new`` (its number in
        each solution, empty where it does not exist there), ``overlap`` (0..1), ``status`` (``kept``, ``new``,
        ``gone``).
    identity
        New number to persistent number.
    """

    table: pd.DataFrame
    identity: Mapping[int, int]

    def relabel(self, labels: ArrayLike) -> Integers:
        """New labels under their persistent numbers."""
        given = checked_labels(labels)
        unknown = sorted(set(given.tolist()) - set(self.identity))
        if unknown:
            raise InvalidInput("There are labels that the match has not seen.", came=", ".join(map(str, unknown)))
        return np.array([self.identity[label] for label in given.tolist()], dtype=np.int64)

    def numbers(self) -> dict[int, int]:
        """New number to its number in a solution without gaps: a kept segment's old one where that still exists.

        New segments take the numbers that are left over, and so does a kept one whose old number is past the last.

        >>> match_segments([0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 1, 1]).numbers()
        {0: 0, 1: 1}
        """
        known = self.table.dropna(subset=["new"])
        new, old = known["new"].astype(int).tolist(), known["old"].tolist()
        given = {n: int(o) for n, o in zip(new, old, strict=True) if o is not pd.NA and int(o) < len(new)}
        free = iter(sorted(set(range(len(new))) - set(given.values())))
        return {n: given[n] if n in given else next(free) for n in sorted(new)}


def match_segments(
    old: ArrayLike, new: ArrayLike, *, sample_weight: ArrayLike | None = None, minimum: float = SAME_SEGMENT
) -> SegmentMatch:
    """Give the segments of a new solution the numbers of the old one, by the people they share.

    The matching maximises the summed Jaccard overlap (Kuhn, 1955; solved by
    ``scipy.optimize.linear_sum_assignment``). A pair that overlaps less than ``minimum`` is not the same segment: the
    old one is gone, the new one gets a fresh number that no old segment bears. For two waves with different people,
    label the new people with the old and with the new model and match those.

    Parameters
    ----------
    old, new
        Segment numbers of the same people under either solution.
    minimum
        Lowest Jaccard overlap, 0..1, at which a segment keeps its number.

    Examples
    --------
    >>> match = match_segments([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 2])
    >>> match.identity
    {0: 1, 1: 0, 2: 2}
    >>> match.relabel([1, 0, 2])
    array([0, 1, 2])
    """
    before, after = checked_labels(old, name="old labels"), checked_labels(new, name="new labels")
    return _matched(
        jaccard_overlap(before, after, sample_weight=sample_weight),
        old_numbers=np.unique(before),
        new_numbers=np.unique(after),
        minimum=minimum,
    )


def _matched(
    overlap: Floats, *, old_numbers: Integers, new_numbers: Integers, minimum: float, cost: Floats | None = None
) -> SegmentMatch:
    if not 0 <= minimum <= 1:
        raise InvalidInput("The lowest overlap must lie between 0 and 1.", came=f"{minimum}")
    grid = np.ix_(old_numbers, new_numbers)
    rows, columns = linear_sum_assignment(-overlap[grid] if cost is None else cost[grid])
    kept = {
        int(new_numbers[column]): int(old_numbers[row])
        for row, column in zip(rows, columns, strict=True)
        if overlap[old_numbers[row], new_numbers[column]] >= max(minimum, 1e-12)
    }
    fresh = int(old_numbers.max()) + 1
    identity: dict[int, int] = {}
    for number in new_numbers.tolist():
        identity[number] = kept.get(number, fresh)
        fresh += number not in kept
    lines: list[tuple[int, int | None, int | None, float, str]] = [
        (identity[number], kept.get(number), number, float(overlap[kept[number], number]) if number in kept else 0.0,
         "kept" if number in kept else "new")
        for number in new_numbers.tolist()
    ]  # fmt: skip
    lines += [(number, number, None, 0.0, "gone") for number in old_numbers.tolist() if number not in kept.values()]
    table = pd.DataFrame(lines, columns=["identity", "old", "new", "overlap", "status"])
    table = table.astype({"old": "Int64", "new": "Int64"}).sort_values("identity", ignore_index=True)
    return SegmentMatch(table=table, identity=identity)
