"""Tables about the same people, released together: what one of them hides, no other one gives away.

A group of eight people falls under the floor of a table of shares and not under that of a table of means. Shown in the
second, its size fills the gap in the first, and with it the size of the smaller group that the gap was to protect. So
tables with one source are released, compared and released again, until no group is hidden in one and shown in another
with the same number of people. That goes by who is in it: where all of a segment are of one department, the segment and
its people in that department are one group under two names.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import pandas as pd

from segment.disclosure.release import ReleasedTable, release
from segment.disclosure.rules import ReleaseRules
from segment.tables.release_plan import Alike, Ranks

EVERYONE = "everyone"

#: A group of one table: the table's name and the group's.
TableGroup = tuple[str, str]
#: The columns a group is named by, each with its label.
Labels = frozenset[tuple[str, str]]


class Options(TypedDict, total=False):
    """What :func:`segment.disclosure.release` takes of a table beside its groups and lines."""

    means: Sequence[str]
    shares: Sequence[str]
    counts: Sequence[str]
    texts: Sequence[str]
    overall: Sequence[str]
    ranks: Ranks | None
    alike: Mapping[str, Alike] | None
    kind: str
    population: int | None
    events: str | None
    response: str | None
    ends: Mapping[str, tuple[str, str]] | None
    hierarchy: Mapping[str, Mapping[Hashable, Hashable]] | None
    chosen: Sequence[str]
    digits: Mapping[str, int] | None


@dataclass(frozen=True, eq=False)
class Request:
    """One table that is to be released with others.

    Parameters
    ----------
    name, frame, groups, count, lines
        As in :func:`segment.disclosure.release`.
    source
        What the figures come from (answers of a wave, spells up to a day). Only tables of one source are compared.
    who
        Line columns that are part of a group's name: the attribute, where groups of several attributes are listed.
    options
        Everything else that ``release`` takes.
    held
        Rows (line, group) that stay hidden because a table beside this one hides them.
    """

    name: str
    frame: pd.DataFrame
    groups: tuple[str, ...]
    source: str
    count: str = "n"
    lines: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    held: frozenset[tuple[str, str]] = frozenset()

    def release(self, *, rules: ReleaseRules, barred: Collection[str] = ()) -> ReleasedTable:
        """The table through the gate, without the groups of these names."""
        if not barred and not self.held:
            return self._through(self.frame, rules)
        rows = zip(self.lines_of(self.frame), self.names(self.frame), strict=True)
        marked = self.frame.assign(_barred=[name in barred or (line, name) in self.held for line, name in rows])
        return self._through(marked, rules, barred="_barred")

    def names(self, frame: pd.DataFrame) -> list[str]:
        """The name of each row's group."""
        columns = (*self.who, *self.groups)
        return [group_name(dict(zip(columns, labels, strict=True)), self.groups) for labels in _rows(frame, columns)]

    def people(self) -> dict[tuple[str, str], int]:
        """The true number of people by line and group; lines in words, as :meth:`lines_of` has them."""
        return dict(
            zip(
                zip(self.lines_of(self.frame), self.names(self.frame), strict=True), self.frame[self.count], strict=True
            )
        )

    def strictness(self, rules: ReleaseRules) -> tuple[int, int]:
        """Order of deciding: tables by more groupings and with higher floors hide more, and others follow them."""
        people = int(self.frame[self.count].max()) if len(self.frame) else 0
        floor = rules.floor(self.options.get("kind", "scores"), population=self.options.get("population") or people)
        rates = self.options.get("shares") or self.options.get("texts")
        return len(self.groups), max(floor, rules.min_rate_group) if rates else floor

    def lines_of(self, frame: pd.DataFrame) -> list[str]:
        """The line of each row in words."""
        return [", ".join(map(_plain, labels)) for labels in _rows(frame, self.lines)]

    def sizes(self, released: ReleasedTable) -> list[tuple[str, int, str, bool]]:
        """Group, number of people, line and whether it is shown, for each row that stands for anybody."""
        people, frame = self.people(), released.frame
        rows = zip(self.names(frame), self.lines_of(frame), frame["status"] != "hidden", strict=True)
        found = [(name, int(people.get((line, name), 0)), line, bool(shown)) for name, line, shown in rows]
        return [row for row in found if row[1] > 0]

    def _through(self, frame: pd.DataFrame, rules: ReleaseRules, *, barred: str | None = None) -> ReleasedTable:
        return release(
            self.name,
            frame,
            groups=self.groups,
            count=self.count,
            lines=self.lines,
            rules=rules,
            barred=barred,
            **self.options,
        )


def release_linked(
    requests: Sequence[Request], *, rules: ReleaseRules | None = None, barred: Collection[TableGroup] = ()
) -> dict[str, ReleasedTable]:
    """Release tables together, so that no group is hidden in one and shown in another with the same number of people.

    Parameters
    ----------
    barred
        Groups (table, name) that stay hidden for another reason, such as an earlier release.

    Examples
    --------
    Eight people may have a mean and no share; together they have neither, nor has the group hidden with them:

    >>> frame = pd.DataFrame({"segment": [0.0, 1.0, 2.0], "n": [40, 30, 8], "value": 0.5})
    >>> means = Request("pay", frame, ("segment",), "answers", options={"means": ["value"]})
    >>> shares = Request("unmet", frame, ("segment",), "answers", options={"shares": ["value"]})
    >>> [release_linked([means])["pay"].hidden, release_linked([means, shares])["pay"].hidden]
    [0, 2]
    """
    floors = rules or ReleaseRules()
    bars = {request.name: {group for table, group in barred if table == request.name} for request in requests}
    released: dict[str, ReleasedTable] = {}
    for request in sorted(requests, key=lambda request: request.strictness(floors), reverse=True):
        bars[request.name] |= _hidden_before(request, requests, released)
        released[request.name] = request.release(rules=floors, barred=bars[request.name])
    released = {request.name: released[request.name] for request in requests}
    waiting = True
    while waiting:
        waiting = False
        for request, more in _given_away(requests, released):
            bars[request.name] |= more
            released[request.name] = request.release(rules=floors, barred=bars[request.name])
            waiting = True
    return released


def _hidden_before(request: Request, requests: Sequence[Request], released: Mapping[str, ReleasedTable]) -> set[str]:
    """Groups of a table that stricter tables of its source hide with the same number of people."""
    others = [other for other in requests if other.source == request.source and other.name in released]
    hidden = {(name, n) for other in others for name, n, _, shown in other.sizes(released[other.name]) if not shown}
    return _told_by({(name, n) for (_, name), n in request.people().items()}, hidden) if request.groups else set()


def _given_away(requests: Sequence[Request], released: Mapping[str, ReleasedTable]) -> list[tuple[Request, set[str]]]:
    """Per table the groups it shows that another table, or another line, hides with the same number of people."""
    rows = {request.name: request.sizes(released[request.name]) for request in requests if request.groups}
    hidden: dict[str, set[tuple[str, int]]] = {}
    for request in requests:
        own = {(name, people) for name, people, _, shown in rows.get(request.name, []) if not shown}
        hidden.setdefault(request.source, set()).update(own)
    found = []
    for request in requests:
        seen = {(name, people) for name, people, _, shown in rows.get(request.name, []) if shown}
        if shown := _told_by(seen, hidden[request.source]):
            found.append((request, shown))
    return found


def _told_by(seen: Collection[tuple[str, int]], hidden: Collection[tuple[str, int]]) -> set[str]:
    """Which of these groups (name, people) tell the number of people of a hidden one: they are the same people.

    Groups of one name are, and a group of a department in a segment and all of that segment, where these are as many.
    """
    by_number: dict[int, list[Labels]] = {}
    for name, people in hidden:
        by_number.setdefault(people, []).append(labels_of(name))
    return {name for name, people in seen if any(_within(labels_of(name), one) for one in by_number.get(people, []))}


def _within(one: Labels, other: Labels) -> bool:
    """Whether one group is the other, or a part of it by a further column; everyone is everyone alone."""
    return one == other or (bool(one and other) and (one <= other or other <= one))


def group_name(labels: Mapping[str, Hashable], groups: Sequence[str]) -> str:
    """A group in words: its columns and labels; a missing label stands for everyone.

    >>> group_name({"segment": 2.0, "department": "sales"}, ["segment", "department"])
    'segment 2, department sales'
    >>> group_name({"attribute": "age", "group": None}, ["group"])
    'everyone'
    """
    if all(pd.isna(labels[column]) for column in groups):  # type: ignore[call-overload]
        return EVERYONE
    return ", ".join(f"{column} {_plain(label)}" for column, label in labels.items() if not pd.isna(label))  # type: ignore[call-overload]


def labels_of(name: str) -> Labels:
    """The columns and labels that a group is named by, of what :func:`group_name` made; everyone has none.

    >>> sorted(labels_of("segment 2, department sales"))
    [('department', 'sales'), ('segment', '2')]
    >>> labels_of("everyone")
    frozenset()
    """
    parts = () if name == EVERYONE else name.split(", ")
    return frozenset((column, label) for column, _, label in (part.partition(" ") for part in parts))


def _plain(label: object) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[object, ...]]:
    if not columns:
        return [()] * len(frame)
    return list(zip(*(frame[column].tolist() for column in columns), strict=True))
