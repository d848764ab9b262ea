"""The question of what to hide: the sizes of all groups, their sums, and what may and must be hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse


@dataclass(frozen=True)
class Problem:
    """Cells with their sums, and what may and must be hidden (arrays of length cells).

    ``must`` are hidden before anything else, ``may`` can be hidden besides, ``watched`` must stay unknown when
    hidden. A hidden remainder holds nobody or at least ``floor`` people; intervals are ``width`` wide.
    """

    sizes: np.ndarray
    relations: sparse.csr_matrix
    must: np.ndarray
    may: np.ndarray
    watched: np.ndarray
    floor: int
    width: int
