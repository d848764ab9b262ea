"""Groups held against each other: which pairs, and which sums of groups, differ by a handful of people."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from segment.disclosure.ledger.groups import Compared, Conflict
from segment.disclosure.ledger.spans import few_in_spans
from segment.disclosure.ledger.unions import few_differ


def few_in_pairs(new: Sequence[Compared], earlier: Sequence[Compared], *, least: int) -> list[Conflict]:
    """Groups that differ by 1 to ``least - 1`` people from another new one, or from an earlier one."""
    pairs = [(other, one, False) for one, other in itertools.combinations(new, 2)]
    pairs += [(one, other, True) for other in earlier for one in new]
    return [Conflict(*one.key, *old.key, earlier=before) for one, old, before in pairs if _few(one, old, least)]


def few_seen(
    new: Sequence[Compared], earlier: Sequence[Compared], *, least: int, left_over: bool = False
) -> list[Conflict]:
    """Parts of groups (who of them was seen to leave) that changed by 1 to ``least - 1`` people since.

    Only within a table, and only what has the same name or somebody in common: parts of two groups that hold nobody in
    common are no earlier and later self of each other, however small they are. ``left_over``: where there is none of
    these, what is left of a total less the groups shown both times.
    """
    pairs = [(one, old) for old in earlier for one in new if one.table == old.table]
    same = [(one, old) for one, old in pairs if one.label == old.label or not one.people.isdisjoint(old.people)]
    found = [Conflict(*one.key, *old.key, earlier=True) for one, old in same if _few(one, old, least)]
    return found or _few_left_over(new, earlier, least=least) if left_over else found


def _few_left_over(new: Sequence[Compared], earlier: Sequence[Compared], *, least: int) -> list[Conflict]:
    """Totals of parts of groups that, less the groups shown both times, changed by 1 to ``least - 1`` people since.

    Whoever has the total and the groups of before and of now learns what changed in the group that is hidden now. Of
    every group the last one shown until then is taken; what is shown once only is part of the rest.
    """
    found = []
    for total in (one for one in new if not one.labels):
        now = {one.label: one for one in new if one.table == total.table and one.labels}
        before: dict[str, Compared] = {}
        for old in sorted((old for old in earlier if old.table == total.table), key=lambda old: (old.entry, old.label)):
            before[old.label] = old
            then = before.get(total.label)
            both = [label for label in now if label in before]
            if then is not None and _few(
                _less(total, [now[label] for label in both]), _less(then, [before[label] for label in both]), least
            ):
                found.append(Conflict(*total.key, *then.key, earlier=True))
    return list(dict.fromkeys(found))


def _less(total: Compared, parts: Sequence[Compared]) -> Compared:
    """Who is in the total and in none of the groups."""
    inside = total.people.difference(*(one.people for one in parts))
    return Compared(total.table, _REST, inside, max(total.size - sum(one.size for one in parts), 0))


def _few(one: Compared, other: Compared, least: int) -> bool:
    """Whether two groups differ by somebody, and by fewer than ``least`` people."""
    return abs(one.size - other.size) < least and 0 < one.size + other.size - 2 * len(one.people & other.people) < least


def few_corrected(new: Sequence[Compared], earlier: Sequence[Compared], *, least: int) -> list[Conflict]:
    """Groups with the people they had before, of whom 1 to ``least - 1`` gave another answer since."""
    return [
        Conflict(*one.key, *other.key, earlier=True)
        for other in earlier
        if other.corrected
        for one in new
        if (one.people, one.size) == (other.people, other.size) and 0 < len(other.corrected & one.people) < least
    ]


def few_in_sums(new: Sequence[Compared], earlier: Sequence[Compared], *, least: int) -> list[Conflict]:
    """Groups of which some sum differs by a few people from some sum of other groups.

    Only groups of one table that do not overlap are added up: all of them, and those within each shown group of it.
    Named are the fewest new groups without which no sum does; what is hidden is part of the rest from then on.
    """
    found = []
    scopes = _scopes([*new, *earlier])
    tables = list(_partitions(new, scopes))
    before = [(partition, True) for partition in _partitions(earlier, scopes)]
    for number, later in enumerate(tables):
        beside = [(partition, False) for partition in tables[:number]]
        held = [(_Held(own, later), was) for own, was in [*beside, *before] if own.scope == later.scope]
        failing = [(pair, was) for pair, was in held if pair.few(least=least)]
        if not failing:
            continue
        named = _fewest(later, [pair for pair, _ in held], [pair.before for pair, _ in failing], least=least)
        pairs = itertools.product(failing, named)
        found += [Conflict(*g.key, pair.before.table, "groups added up", earlier=was) for (pair, was), g in pairs]
    return found


_REST = "everyone else"

#: So many choices of groups to hide are tried at most, fewest first; then all that changed are hidden.
_MOST_CHOICES = 150


#: Whose parts are looked at (columns and labels; none: everyone's), and by which columns they are told apart.
_Scope = tuple[frozenset[tuple[str, str]], frozenset[str]]


@dataclass(frozen=True)
class _Partition:
    """Groups of one table that do not overlap, and the group they are parts of, where that is shown."""

    table: str
    scope: _Scope
    parts: tuple[Compared, ...]
    total: Compared | None

    @cached_property
    def rest(self) -> Compared:
        """Who is in the total and in none of the groups."""
        if self.total is None:
            return Compared(self.table, _REST, frozenset())
        return _less(self.total, self.parts)

    @property
    def blocks(self) -> tuple[Compared, ...]:
        """The groups, and the rest."""
        return (*self.parts, self.rest)


def _scopes(groups: Sequence[Compared]) -> list[_Scope]:
    """Everyone and every shown group, by the columns that tell parts of them apart."""
    named = dict.fromkeys([frozenset[tuple[str, str]](), *(group.labels for group in groups)])
    found = ((inside, _columns(labels) - _columns(inside)) for inside in named for labels in named if labels > inside)
    return list(dict.fromkeys(found))


def _partitions(groups: Sequence[Compared], scopes: Sequence[_Scope]) -> Iterator[_Partition]:
    """What each table shows of each scope; the same people once."""
    seen = set()
    for (_, table), own in itertools.groupby(groups, key=lambda group: (group.entry, group.table)):
        rows = {group.labels: group for group in own}
        for inside, columns in scopes:
            parts = (
                g for labels, g in rows.items() if labels > inside and _columns(labels) == columns | _columns(inside)
            )
            for family in _apart(parts):
                one = _Partition(table, (inside, columns), family, rows.get(inside))
                fingerprint = (one.scope, frozenset((group.people, group.size, group.number) for group in one.blocks))
                if (one.parts or one.total is not None) and fingerprint not in seen:
                    seen.add(fingerprint)
                    yield one


def _apart(groups: Iterable[Compared]) -> list[tuple[Compared, ...]]:
    """Groups in as many families as it takes so that those of one do not overlap; one, empty, where there are none.

    Those of one column are one family, but for groups that somebody chose: the segments in which several actions began.
    """
    families: list[list[Compared]] = [[]]
    for one in groups:
        free = (own for own in families if all(one.people.isdisjoint(other.people) for other in own))
        home = next(free, None)
        if home is None:
            families.append([one])
        else:
            home.append(one)
    return [tuple(own) for own in families]


def _columns(labels: frozenset[tuple[str, str]]) -> frozenset[str]:
    return frozenset(column for column, _ in labels)


@dataclass(frozen=True)
class _Held:
    """A partition held against an earlier one."""

    before: _Partition
    later: _Partition

    @cached_property
    def overlap(self) -> np.ndarray:
        """People in both: blocks before and nobody's x groups, the rest and nobody's."""
        row_of = {person: row for row, old in enumerate(self.before.blocks) for person in old.people}
        rows, columns = len(self.before.blocks), len(self.later.blocks)
        table = np.zeros((rows + 1, columns + 1), dtype=np.int64)
        for column, new in enumerate(self.later.blocks):
            there = [row_of[person] for person in new.people if person in row_of]
            table[:-1, column] = np.bincount(there, minlength=rows)
            table[-1, column] = new.size - len(there)
        table[:-1, -1] = [old.size for old in self.before.blocks] - table[:-1, :-1].sum(axis=1)
        return table

    def few(self, hidden: Sequence[int] = (), *, least: int) -> bool:
        """Whether sums differ by a few people when some later groups are hidden (places; the last is the total)."""
        table, rest = self.overlap.copy(), len(self.later.parts)
        parts = [place for place in hidden if place < rest]
        goes_to = -1 if self.later.total is None or rest in hidden else rest
        gone = [*parts, rest] if goes_to == -1 else parts
        table[:, goes_to] += table[:, gone].sum(axis=1)
        return few_differ(np.delete(table, gone, axis=1), least=least)


def _fewest(
    later: _Partition, held: Sequence[_Held], failing: Sequence[_Partition], *, least: int
) -> Sequence[Compared]:
    """The fewest groups, and of these the smallest, without which no sum differs by a few from an earlier one's."""
    same = set.intersection(*({(old.people, old.size) for old in own.blocks} for own in failing))
    groups = dict(enumerate(later.parts))
    changed = [place for place, group in groups.items() if (group.people, group.size) not in same]
    changed = sorted(changed, key=lambda place: (groups[place].size, groups[place].label))
    if later.total is not None:
        groups[len(later.parts)] = later.total
        changed.append(len(later.parts))
    choices = (chosen for size in range(1, len(changed) + 1) for chosen in itertools.combinations(changed, size))
    pairs = list(held)
    for chosen in itertools.islice(choices, _MOST_CHOICES):
        against = next((pair for pair in pairs if pair.few(chosen, least=least)), None)
        if against is None:
            return [groups[place] for place in chosen]
        pairs.remove(against)
        pairs.insert(0, against)  # what one choice does not hold against, the next one seldom does
    return [groups[place] for place in changed]


def few_among(released: Sequence[Compared], *, parts: bool, least: int) -> list[Conflict]:
    """Released groups of one kind that give 1 to ``least - 1`` people away.

    Who was erased is taken to be the same ones in every group, and then none of them; groups that counted erased people
    are not added and subtracted. ``parts``: the groups are parts of groups (who was seen to leave).
    """
    groups, apart, found = [], [], []
    for old in released:
        erased = {f"erased {number}" for number in range(old.size - len(old.people))}
        groups.append(replace(old, people=old.people | erased))
        apart.append(replace(old, people=old.people | {f"{one} of {old.number}" for one in erased}))
    if parts:
        for one in groups:
            found += few_seen([one], [old for old in groups if old.entry < one.entry], least=least)
        return found
    sure = set(few_in_pairs(apart, (), least=least))
    found += [one for one in few_in_pairs(groups, (), least=least) if one in sure]
    whole = [old for old in released if old.size == len(old.people)]
    return [*found, *few_in_sums(whole, (), least=least), *few_in_spans(whole, (), least=least)]
