"""Groups held against each other: which pairs, and which sums of groups, differ by a handful of people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from segment.privacy.linked import EVERYONE
from segment.privacy.unions import few_differ


@dataclass(frozen=True)
class Conflict:
    """Two groups that differ by so few people that publishing both gives those people away."""

    table: str
    group: str
    other_table: str
    other_group: str
    earlier: bool

    def __str__(self) -> str:
        when = "released earlier" if self.earlier else "in the same release"
        return (
            f"{self.table}, {self.group}: differs by a few people from {self.other_table}, {self.other_group} ({when})"
        )


@dataclass(frozen=True)
class Compared:
    """A released group, or one to be: its people as far as they can still be told, and its size then.

    ``number``, ``commitment``, ``lines`` and ``entry`` belong to groups that are in the ledger. People who were
    erased count in ``size`` and are not among ``people``; nor are those an earlier group holds that no later one does.
    """

    table: str
    label: str
    people: frozenset[str]
    then: int | None = None
    number: str | None = None
    commitment: str = ""
    lines: frozenset[str] = frozenset()
    entry: int = 0

    @property
    def size(self) -> int:
        """Number of people when it was released."""
        return len(self.people) if self.then is None else self.then

    @property
    def key(self) -> tuple[str, str]:
        """Table and label."""
        return self.table, self.label


def few_in_pairs(new: Sequence[Compared], earlier: Sequence[Compared], *, least: int) -> list[Conflict]:
    """Groups that differ by 1 to ``least - 1`` people from another new one, or from an earlier one."""
    pairs = [(other, one, False) for one, other in itertools.combinations(new, 2)]
    pairs += [(one, other, True) for other in earlier for one in new]
    return [
        Conflict(*one.key, *other.key, earlier=before)
        for one, other, before in pairs
        if abs(one.size - other.size) < least and 0 < one.size + other.size - 2 * len(one.people & other.people) < least
    ]


def few_in_sums(new: Sequence[Compared], earlier: Sequence[Compared], *, least: int) -> list[Conflict]:
    """Groups of which some sum differs by a few people from some sum of other groups.

    Only groups of one table are added up, because they do not overlap. Every group that is not just as it was before
    is named; without those, sums can differ by nobody.
    """
    found = []
    tables = list(_partitions(new))
    pairs = [(later, before, False) for before, later in itertools.combinations(tables, 2)]
    pairs += [(later, before, True) for before in _partitions(earlier) for later in tables]
    for later, before, was in pairs:
        if _columns(later) != _columns(before) or not few_differ(_overlap(before, later), least=least):
            continue
        same = {(old.people, old.size) for old in before}
        found += [
            Conflict(*group.key, before[0].table, "groups added up", earlier=was)
            for group in later
            if group.label != _REST and (group.people, group.size) not in same
        ]
    return found


_REST = "everyone else"


def _partitions(groups: Sequence[Compared]) -> Iterator[list[Compared]]:
    """The groups of each table without its total, and who is in the total and in none of them; each set once."""
    seen = set()
    for _, own in itertools.groupby(groups, key=lambda group: (group.entry, group.table)):
        rows = list(own)
        parts = [group for group in rows if group.label != EVERYONE]
        for total in (group for group in rows if group.label == EVERYONE):
            inside = total.people.difference(*(group.people for group in parts))
            rest = total.size - sum(group.size for group in parts)
            if rest > 0:
                parts.append(Compared(total.table, _REST, inside, rest))
        fingerprint = frozenset((group.people, group.size, group.number) for group in parts)
        if parts and fingerprint not in seen:
            seen.add(fingerprint)
            yield parts


def _columns(groups: Sequence[Compared]) -> frozenset[str]:
    """The columns that these groups are named by; the rest of a total has none."""
    named = [group.label for group in groups if group.label != _REST]
    return frozenset(part.split(" ", 1)[0] for label in named for part in label.split(", "))


def _overlap(earlier: Sequence[Compared], later: Sequence[Compared]) -> np.ndarray:
    """People in both, with those who are in none of the others in the last row and column."""
    table = np.zeros((len(earlier) + 1, len(later) + 1), dtype=np.int64)
    for row, old in enumerate(earlier):
        for column, new in enumerate(later):
            table[row, column] = len(old.people & new.people)
        table[row, -1] = old.size - table[row, :-1].sum()
    for column, new in enumerate(later):
        table[-1, column] = new.size - table[:-1, column].sum()
    return table
