"""Adding and subtracting figures as if they had all their decimals: whom that singles out of shown groups.

People who are in the same groups, over all tables and releases, are an atom; asked is which atoms of one to four
people, alone or two together, are a combination of what is shown. Shares no code with the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from releases.begun import MadeOf
from releases.eight import Row, Seen

LEAST = 5
HAIR = 1e-7


@dataclass(frozen=True)
class Atoms:
    """Atoms (flags of sets they are in: atoms x sets), how many people each is, and where each set stands."""

    member: np.ndarray
    sizes: np.ndarray
    place: dict[frozenset[Any], int]
    people: tuple[frozenset[Any], ...]

    @classmethod
    def of(cls, sets: Sequence[frozenset[Any]]) -> Atoms:
        place = {one: at for at, one in enumerate(dict.fromkeys(sets))}
        everyone = {unit: at for at, unit in enumerate(frozenset().union(*place))}
        member = np.zeros((len(everyone), len(place)), dtype=bool)
        for one, at in place.items():
            member[[everyone[unit] for unit in one], at] = True
        packed, own, sizes = np.unique(np.packbits(member, axis=1), axis=0, return_inverse=True, return_counts=True)
        people: list[set[Any]] = [set() for _ in sizes]
        for unit, atom in zip(everyone, own.ravel(), strict=True):
            people[atom].add(unit)
        flags = np.unpackbits(packed, axis=1, count=len(place)).astype(bool)
        return cls(flags, sizes, place, tuple(map(frozenset, people)))


def answers_singled_out(seen: Seen, rows: Sequence[Row]) -> set[frozenset[Any]]:
    """Also what needs to be known of departments and segments that hold nobody, if it takes a group of another kind."""
    told = [row for row in rows if row.shown and not row.made_of]
    changes = list({row.made_of: None for row in rows if row.made_of})
    sets = [row.people for row in told]
    found = singled_out(sets, nobody=_empty(seen, told), changes=changes)
    more = singled_out(sets, changes=changes) - found if seen.nobody else set()
    by_both = [row.people for row in told if row.table != "by_band" or row.group == "everyone"]
    return found | (more - _spanned(more, list(dict.fromkeys(by_both))))


def _empty(seen: Seen, rows: Sequence[Row]) -> list[list[bool]]:
    """In which sets somebody would be whose department and segment hold nobody; that they do is not known outside."""
    sets = dict.fromkeys(row.people for row in rows)
    labels: dict[frozenset[Any], set[frozenset[str]]] = {one: set() for one in sets}
    for row in rows:
        labels[row.people].add(frozenset() if row.group == "everyone" else frozenset(row.group.split(", ")))
    return [[any(own <= one for own in labels[people]) for people in sets] for one in seen.nobody]


def singled_out(
    sets: Sequence[frozenset[Any]], *, nobody: Sequence[Sequence[bool]] = (), changes: Sequence[MadeOf] = ()
) -> set[frozenset[Any]]:
    """Atoms of fewer than five, and pairs of these, that are sums and differences of sets, and of ``changes``."""
    if not sets:
        return set()
    atoms = Atoms.of([*sets, *(one for change in changes for one, _ in change)])
    flags, sizes = atoms.member[:, [atoms.place[one] for one in dict.fromkeys(sets)]].astype(float), atoms.sizes
    for change in changes:
        own = sum(sign / len(one) * atoms.member[:, atoms.place[one]] for one, sign in change)
        flags = np.column_stack([flags, own])
    nobody = [[*row, *([False] * len(changes))] for row in nobody]
    if nobody:
        flags, sizes = np.vstack([flags, np.array(nobody, dtype=float)]), np.r_[sizes, np.zeros(len(nobody), dtype=int)]
    left, values, _ = linalg.svd(flags, full_matrices=False, check_finite=False)
    basis = left[:, values > 1e-9 * values[0]]
    small = np.flatnonzero((sizes > 0) & (sizes < LEAST))
    own = basis[small]
    gram = own @ own.T
    reach = np.diag(gram)
    alone = reach > 1 - HAIR
    together = reach[:, None] + reach[None, :] + 2 * gram > 2 - HAIR
    few = sizes[small][:, None] + sizes[small][None, :] < LEAST
    pairs = np.argwhere(np.triu(together & few & ~alone[:, None] & ~alone[None, :], 1))
    found = {atoms.people[one] for one in small[alone]}
    return found | {atoms.people[one] | atoms.people[other] for one, other in small[pairs]}


def exits_singled_out(rows: Sequence[Row]) -> set[frozenset[Any]]:
    """Who left, one to four of them, that only several releases together single out.

    A rate of three exits among thirty people is shown as such; who left between two releases is not.
    """
    found = singled_out([row.left for row in rows if row.left])
    for release in {row.release for row in rows} if found else ():
        own = [row.left for row in rows if row.left and row.release == release]
        found -= _spanned(found, own)
    return found


def _spanned(wanted: set[frozenset[Any]], sets: Sequence[frozenset[Any]]) -> set[frozenset[Any]]:
    """Which of these sets are sums and differences of some others."""
    units = {unit: at for at, unit in enumerate(frozenset().union(*sets, *wanted))}
    flags = np.zeros((len(units), len(sets)))
    for column, one in enumerate(sets):
        flags[[units[unit] for unit in one], column] = 1.0
    spanned = set()
    for one in wanted:
        goal = np.zeros(len(units))
        goal[[units[unit] for unit in one]] = 1.0
        nearest = linalg.lstsq(flags, goal)[0] if sets else np.zeros(0)
        if np.abs(flags @ nearest - goal).max() < HAIR:
            spanned.add(one)
    return spanned
