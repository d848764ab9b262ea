"""What adding and subtracting shown groups singles out of people who were erased since.

An erased person is in earlier groups as a number: nobody can tell which groups that were, and that is meant so. Yet
what was published of these groups is known for good, and a later figure of everybody else beside them would bring the
erased person's answers out. So every combination of groups is looked for in which those who are left cancel out and
one to four erased people remain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import linalg, optimize, sparse

from segment.disclosure.ledger.groups import Compared, Conflict

_ZERO = 1e-9
#: A limit that depends on the work done, not on the clock: the answer is the same on every machine.
_MOST_NODES = 200
#: What the integer program says where nothing fits.
_NONE = 2


def few_erased(new: Sequence[Compared], earlier: Sequence[Compared], *, least: int) -> list[Conflict]:
    """New groups without which no combination of shown groups leaves 1 to ``least - 1`` erased people and nobody else.

    Looked for are combinations in which every group is added or subtracted once (an integer program for each new
    group). Where the program is stopped before its end, the group is named: that can only hide more.

    Examples
    --------
    One of fifteen was erased; those who are left are shown in two parts:

    >>> left, right = frozenset("abcdefg"), frozenset("tuvwxyz")
    >>> before = [Compared("t", "everyone", left | right, then=15), Compared("t", "team 1", right)]
    >>> [conflict.group for conflict in few_erased([Compared("u", "team 2", left)], before, least=5)]
    ['team 2']
    """
    groups = list(dict.fromkeys((group.people, group.size) for group in [*new, *earlier]))
    known = {(group.people, group.size) for group in earlier}
    erased = np.array([size - len(people) for people, size in groups], dtype=float)
    fresh = sorted((place for place, one in enumerate(groups) if one not in known), key=lambda place: groups[place][1])
    if not fresh or not erased.any():
        return []
    left = _patterns([people for people, _ in groups])
    if _follows(left, erased):
        return []
    found: list[Conflict] = []
    open_to = np.ones(len(groups), dtype=bool)
    for place in fresh:
        used = _combination(left, erased, place, open_to, least=least)
        if used is None:
            continue
        open_to[place] = False
        beside = {groups[other] for other in np.flatnonzero(used) if other != place}
        other = next((one for one in [*earlier, *new] if (one.people, one.size) in beside), new[0])
        own = [one for one in new if (one.people, one.size) == groups[place]]
        found += [Conflict(*one.key, other.table, "groups added and subtracted", earlier=True) for one in own]
    return found


def _patterns(sets: Sequence[frozenset[str]]) -> np.ndarray:
    """In which sets people are who can be told apart by them (patterns x sets, one for all who are in the same)."""
    place = {person: row for row, person in enumerate(sorted(frozenset().union(*sets)))}
    member = np.zeros((len(place), len(sets)), dtype=bool)
    for column, people in enumerate(sets):
        member[[place[person] for person in people], column] = True
    patterns: np.ndarray = np.unique(member, axis=0).astype(float)
    return patterns


def _follows(left: np.ndarray, erased: np.ndarray) -> bool:
    """Whether no number of erased people remains wherever all who are left cancel out."""
    if left.size == 0:
        return False
    nearest = linalg.lstsq(left.T, erased)[0]
    return bool(np.abs(left.T @ nearest - erased).max() < _ZERO * (1 + erased.max()))


def _combination(
    left: np.ndarray, erased: np.ndarray, place: int, open_to: np.ndarray, *, least: int
) -> np.ndarray | None:
    """Which groups the shortest combination with the one at ``place`` takes (flags); None where there is none."""
    size = len(erased)
    signs = sparse.hstack([sparse.csr_array(left), -sparse.csr_array(left)])
    once = np.tile(np.arange(size) == place, 2).astype(float)
    many = np.r_[erased, -erased]
    rows = sparse.vstack([signs, sparse.csr_array(once[None, :]), sparse.csr_array(many[None, :])])
    nothing = np.zeros(left.shape[0])
    done = optimize.milp(
        np.ones(2 * size),
        constraints=optimize.LinearConstraint(rows, np.r_[nothing, 1, 1], np.r_[nothing, 1, least - 1]),
        bounds=optimize.Bounds(0, np.tile(open_to, 2).astype(float)),
        integrality=np.ones(2 * size),
        options={"node_limit": _MOST_NODES},
    )
    if done.x is not None:
        taken: np.ndarray = np.abs(done.x[:size] - done.x[size:]) > 0.5
        return taken
    return None if done.status == _NONE else np.ones(size, dtype=bool)
