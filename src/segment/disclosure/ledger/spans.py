"""What adding and subtracting shown groups singles out: a handful of people whose answers can be computed.

People who are in the same shown groups, over all tables of this and earlier releases, cannot be told apart. Figures of
shown groups are sums over such sets of people, so the total of a set can be computed exactly when it is a combination
of shown groups, whatever the others hold; that is linear algebra. It finds what no pair and no sum of groups of one
table shows, such as what is left of a row taken with what is left of a column.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from scipy import linalg, optimize

from segment.disclosure.ledger.groups import Compared, Conflict

_ZERO = 1e-9
#: What stands for everybody who was erased.
_ERASED = "erased"
#: A column and a label of it.
_Label = tuple[str, str]


def few_in_spans(
    new: Sequence[Compared], earlier: Sequence[Compared], *, least: int, first: Collection[str] = ()
) -> list[Conflict]:
    """New groups without which no 1 to ``least - 1`` people are a combination of shown groups.

    Of every combination that is found the smallest group is named that was not shown before, of the tables that are to
    go ``first`` if one of these is in it. People who were
    erased are taken as known, which can only find more; that nobody is in a combination of two groups is not, where
    nobody ever was.

    Examples
    --------
    Nine people in a team, and twice all but three of them with others:

    >>> team, others = frozenset("abcdefghi"), frozenset("uvwxyz")
    >>> one = [Compared("t", "team 1", team), Compared("t", "team 2", others)]
    >>> few_in_spans([Compared("u", "both", team.union(others) - set("abc"))], one, least=5)[0].group
    'both'
    """
    groups = [*new, *earlier]
    if not new or not (everyone := sorted(frozenset().union(*(group.people for group in groups)))):
        return []
    before = {(group.people, group.size) for group in earlier}
    fresh = [place for place, group in enumerate(new) if (group.people, group.size) not in before]
    found: dict[tuple[str, str], Conflict] = {}

    def order(place: int) -> tuple[bool, int, tuple[str, str]]:
        return new[place].table not in first, new[place].size, new[place].key

    for used in _combinations(groups, everyone, least) if fresh else ():
        named = sorted((place for place in fresh if used[place]), key=order)
        if named and not any(new[place].key in found for place in named):
            rest = next((groups[place] for place in np.flatnonzero(used) if place != named[0]), new[named[0]])
            one = new[named[0]]
            found[one.key] = Conflict(*one.key, rest.table, "groups added and subtracted", earlier=bool(earlier))
    return list(found.values())


def _combinations(groups: Sequence[Compared], everyone: Sequence[str], least: int) -> Iterator[np.ndarray]:
    """Of every set that is singled out, which groups it takes (flags).

    Whom tables by two columns leave nobody in is a secret of these tables: it does not hold up what takes a group by
    another column, where everybody is in some group.
    """
    atoms, sizes = _atoms(groups, everyone)
    there = {row.tobytes() for row in atoms}
    nobody = [row for row in _crossed(groups) if row.tobytes() not in there]
    whole, none = np.vstack([atoms, *nobody]), np.zeros(len(nobody), dtype=sizes.dtype)
    for wanted in _singled_out(whole, np.concatenate([sizes, none]), least):
        yield _combination(whole, wanted)
    columns = [frozenset(column for column, _ in group.labels) for group in groups]
    crossed = frozenset().union(*(own for own in columns if len(own) > 1))
    beside = np.array([bool(own - crossed) for own in columns])
    for wanted in _singled_out(atoms, sizes, least) if nobody and beside.any() else ():
        used = _combination(atoms, wanted)
        if (used & beside).any():
            yield used


def _atoms(groups: Sequence[Compared], everyone: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Sets of people that no group tells apart (sets x groups), and their sizes."""
    place = {person: row for row, person in enumerate(everyone)}
    member = np.zeros((len(everyone), len(groups)), dtype=bool)
    for column, group in enumerate(groups):
        member[[place[person] for person in group.people], column] = True
    atoms, sizes = np.unique(member, axis=0, return_counts=True)
    return atoms, sizes


def _crossed(groups: Sequence[Compared]) -> list[np.ndarray]:
    """Where somebody would be who is in two groups of a table by two columns, for each two that nobody is in.

    Where somebody is in both, or may be, that person is among the sets already, with all other groups he or she is in.
    """
    labels = [group.labels for group in groups]
    pairs = {frozenset(column for column, _ in own) for own in labels if len(own) > 1}
    if not pairs:
        return []
    by_column: dict[str, list[_Label]] = {}
    for part in sorted(frozenset().union(*labels)):
        by_column.setdefault(part[0], []).append(part)
    inside = _who_may_be_in(groups, labels, by_column)
    crossed = [frozenset(one) for own in pairs for one in itertools.product(*(by_column[c] for c in sorted(own)))]
    empty = [one for one in crossed if not frozenset.intersection(*(inside[part] for part in one))]
    return list({row.tobytes(): row for one in empty for row in [np.array([own <= one for own in labels])]}.values())


def _who_may_be_in(
    groups: Sequence[Compared], labels: Sequence[frozenset[_Label]], by_column: Mapping[str, Sequence[_Label]]
) -> dict[_Label, frozenset[str]]:
    """Who was ever in a group of each label, known by what is shown; whoever is in no other one where it is not shown.

    Erased people are one name for all of them: two groups that both counted some may have counted the same.
    """
    told = [group.people | ({_ERASED} if group.size > len(group.people) else set()) for group in groups]
    everyone = frozenset[str]().union(*told)
    found: dict[_Label, frozenset[str]] = {}
    for parts in by_column.values():
        sure = {part: [own for own, named in zip(told, labels, strict=True) if part in named] for part in parts}
        own = {part: frozenset[str]().union(*sets) for part, sets in sure.items()}
        somewhere = frozenset[str]().union(*own.values()) - {_ERASED}
        found |= {part: people if {part} in labels else people | everyone - somewhere for part, people in own.items()}
    return found


def _singled_out(atoms: np.ndarray, sizes: np.ndarray, least: int) -> list[np.ndarray]:
    """Sets of fewer people than ``least`` that are combinations of groups, alone or two together (flags of atoms)."""
    small = np.flatnonzero((sizes > 0) & (sizes < least))
    free = linalg.null_space(atoms.T.astype(float))[small]
    alone = np.abs(free).max(axis=1, initial=0.0) < _ZERO
    found = [np.arange(sizes.size) == atom for atom in small[alone]]
    open_to, free = small[~alone], free[~alone]
    own = (free**2).sum(axis=1)
    opposite = own[:, None] + own[None, :] + 2 * free @ free.T < _ZERO
    fit = opposite & (sizes[open_to][:, None] + sizes[open_to][None, :] < least)
    return found + [np.isin(np.arange(sizes.size), open_to[[a, b]]) for a, b in np.argwhere(np.triu(fit, 1))]


def _combination(atoms: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which groups the shortest combination uses (least sum of absolute coefficients)."""
    groups = atoms.shape[1]
    signs = np.hstack([atoms, -1.0 * atoms])
    found = optimize.linprog(
        np.ones(2 * groups), A_eq=signs, b_eq=wanted.astype(float), bounds=(0, None), method="highs"
    )
    if found.status != 0:
        return np.ones(groups, dtype=bool)
    result: np.ndarray = np.abs(found.x[:groups] - found.x[groups:]) > 1e-7
    return result
