"""Which unions of groups, before and after, differ by a handful of people.

Every group may differ from its earlier self by enough people, and a few may still be given away: when six leave one
group, five of them join another and one leaves altogether, the two groups together shrank by one. An outsider adds the
shown groups up, so every sum of earlier groups is held against every sum of later ones.
"""

from __future__ import annotations

import itertools

import numpy as np

#: With more groups than this, sums of up to three groups are looked at instead of all.
_ALL_SUMS = 12


def few_differ(overlap: np.ndarray, *, least: int) -> bool:
    """Whether some union of earlier groups and some union of later ones differ by 1 to ``least - 1`` people.

    Parameters
    ----------
    overlap
        People in both (earlier groups + 1, later groups + 1): the last row counts people of later groups who were in
        no earlier one, the last column people of earlier groups who are in no later one. Groups of one time do not
        overlap.

    Notes
    -----
    For a union S of earlier groups, each later group costs the people in it who are not in S when it is taken, and the
    people of S in it when it is not; the sums of these costs under ``least`` that can be reached are kept as bits.

    Examples
    --------
    Six leave the first group, five of them for the second:

    >>> few_differ(np.array([[14, 5, 1], [0, 20, 0], [0, 0, 0]]), least=5)
    True
    >>> few_differ(np.array([[14, 0, 6], [0, 20, 0], [0, 0, 0]]), least=5)
    False
    """
    earlier = overlap.shape[0] - 1
    sizes = range(earlier + 1) if earlier <= _ALL_SUMS else range(4)
    full = (1 << least) - 1
    for size in sizes:
        for chosen in itertools.combinations(range(earlier), size):
            inside = overlap[list(chosen)].sum(axis=0) if chosen else np.zeros(overlap.shape[1], dtype=np.int64)
            outside = overlap.sum(axis=0) - inside
            reached = (1 << int(inside[-1])) & full if inside[-1] < least else 0
            for taken, left in zip(outside[:-1].tolist(), inside[:-1].tolist(), strict=True):
                kept = (reached << taken if taken < least else 0) | (reached << left if left < least else 0)
                reached = kept & full
            if reached & ~1:
                return True
    return False
