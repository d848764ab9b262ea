"""Which unions of groups, before and after, differ by a handful of people.

Every group may differ from its earlier self by enough people, and a few may still be given away: when six leave one
group, five of them join another and one leaves altogether, the two groups together shrank by one. An outsider adds the
shown groups up, so every sum of earlier groups is held against every sum of later ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array, csgraph

#: With more groups than this that exchange people, sums of up to three of them are looked at instead of all.
_ALL_SUMS = 12


def few_differ(overlap: np.ndarray, *, least: int) -> bool:
    """Whether some union of earlier groups and some union of later ones differ by 1 to ``least - 1`` people.

    Parameters
    ----------
    overlap
        People in both (earlier groups + 1, later groups + 1): the last row counts people of later groups who were in
        no earlier one, the last column people of earlier groups who are in no later one. Groups of one time do not
        overlap.
    least
        From this number of people on a difference gives nobody away.

    Notes
    -----
    For a union S of earlier groups, each later group costs the people in it who are not in S when it is taken, and the
    people of S in it when it is not; the sums of these costs under ``least`` that can be reached are kept as bits.
    Groups that exchange no people with each other are looked at apart: their costs add up, and none is negative.

    Examples
    --------
    Six leave the first group, five of them for the second:

    >>> few_differ(np.array([[14, 5, 1], [0, 20, 0], [0, 0, 0]]), least=5)
    True
    >>> few_differ(np.array([[14, 0, 6], [0, 20, 0], [0, 0, 0]]), least=5)
    False
    """
    overlap = np.asarray(overlap, dtype=np.int64)
    return _small(overlap, least) and any(_small(p, least) and _reached(p, least) for p in _exchanging(overlap))


def _small(overlap: np.ndarray, least: int) -> bool:
    """Whether any overlap is small itself; a cost is a sum of overlaps, so without one no cost is small."""
    return bool(((overlap > 0) & (overlap < least)).any())


def _exchanging(overlap: np.ndarray) -> Iterator[np.ndarray]:
    """The parts of a table of overlaps that have no people in common, each with its own last row and column."""
    inner = overlap[:-1, :-1]
    rows, columns = np.nonzero(inner)
    size = sum(inner.shape)
    links = coo_array((np.ones(rows.size), (rows, columns + inner.shape[0])), shape=(size, size))
    count, label = csgraph.connected_components(links, directed=False)
    for number in range(count):
        first = np.flatnonzero(label[: inner.shape[0]] == number)
        second = np.flatnonzero(label[inner.shape[0] :] == number)
        part = overlap[np.ix_([*first, -1], [*second, -1])].copy()
        part[-1, -1] = 0
        yield part


def _reached(overlap: np.ndarray, least: int) -> bool:
    """Whether a cost of 1 to ``least - 1`` people can be reached, for all unions of earlier groups at once."""
    earlier = overlap.shape[0] - 1
    chosen = _unions(earlier)
    inside = chosen @ overlap[:-1]
    outside = overlap.sum(axis=0) - inside
    reached = _shifted(np.ones(len(chosen), dtype=np.uint64 if least < 64 else object), inside[:, -1], least)
    for later in range(overlap.shape[1] - 1):
        reached = _shifted(reached, outside[:, later], least) | _shifted(reached, inside[:, later], least)
    return bool((reached > 1).any())


def _unions(count: int) -> np.ndarray:
    """Unions of so many groups as flags (unions x groups): all of them, or all of up to three."""
    if count <= _ALL_SUMS:
        return (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    few = [list(chosen) for size in range(4) for chosen in itertools.combinations(range(count), size)]
    flags = np.zeros((len(few), count), dtype=np.int64)
    for row, chosen in zip(flags, few, strict=True):
        row[chosen] = 1
    return flags


def _shifted(reached: np.ndarray, cost: np.ndarray, least: int) -> np.ndarray:
    """Costs that are reached after adding one more, as bits; those of ``least`` and more fall away."""
    small = np.minimum(cost, least - 1).astype(reached.dtype)
    return np.where(cost < least, (reached << small) & ((1 << least) - 1), 0).astype(reached.dtype)
