"""Released groups, and two that differ by so few people that publishing both gives those people away."""

from __future__ import annotations

from dataclasses import dataclass

from segment.disclosure.linked_tables import Labels, labels_of


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
    """A released group, or one to be: its people as far as they are still known, and its size then.

    ``number``, ``commitment``, ``lines`` and ``entry`` belong to groups that are in the ledger. People who were
    erased count in ``size`` and are not among ``people``; nor are those an earlier group holds that no later one does.
    ``corrected`` are people of whom some answers are others in a release to be.
    """

    table: str
    label: str
    people: frozenset[str]
    then: int | None = None
    number: str | None = None
    commitment: str = ""
    lines: frozenset[str] = frozenset()
    entry: int = 0
    corrected: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """Number of people when it was released."""
        return len(self.people) if self.then is None else self.then

    @property
    def labels(self) -> Labels:
        """The columns and labels it is named by."""
        return labels_of(self.label)

    @property
    def key(self) -> tuple[str, str]:
        """Table and label."""
        return self.table, self.label
