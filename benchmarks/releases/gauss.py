"""What GaussSuppression hides in the same tables: its method written anew, and its interval attack.

R's package ``GaussSuppression`` (Langsrud 2024, doi:10.1007/978-3-031-69651-0_6) takes the cells that may be shown one
by one, largest first. A cell that would make a small one depend linearly on what is shown is hidden as well. Its attack
by intervals then asks by linear programs between which numbers every small cell must lie. Singletons have no treatment
of their own here.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg, optimize

from releases.peer import LEAST, Table

_ZERO = 1e-9


def gaussian_elimination(table: Table) -> np.ndarray:
    """What is hidden (flags of cells); everyone's number is known."""
    primary = table.small
    free = linalg.null_space(table.sums)  # every cell as a row: what it can be, all sums holding
    left = free[primary].copy()
    hidden = primary.copy()
    shown: list[np.ndarray] = []
    order = [0, *(cell for cell in np.argsort(-table.sizes, kind="stable").tolist() if cell and not primary[cell])]
    for cell in order:
        direction = free[cell].copy()
        for one in shown:
            direction -= (direction @ one) * one
        length = np.linalg.norm(direction)
        if length < _ZERO:
            continue  # follows from what is shown
        direction /= length
        after = left - np.outer(left @ direction, direction)
        if cell and (np.linalg.norm(after, axis=1) < 1e-7).any():
            hidden[cell] = True
            continue
        left = after
        shown.append(direction)
    return hidden


def narrow_cells(table: Table, hidden: np.ndarray) -> np.ndarray:
    """Small cells (places) that must lie between numbers less than five apart."""
    known = table.sums[:, ~hidden] @ table.sizes[~hidden]
    unknown, places = table.sums[:, hidden], np.flatnonzero(hidden)
    found = []
    for at, cell in enumerate(places):
        if not 0 < table.sizes[cell] < LEAST:
            continue
        goal = np.zeros(len(places))
        goal[at] = 1.0
        ends = [
            optimize.linprog(sign * goal, A_eq=unknown, b_eq=-known, bounds=(0, None), method="highs")
            for sign in (1.0, -1.0)
        ]
        if all(end.status == 0 for end in ends) and ends[1].x[at] - ends[0].x[at] < LEAST - 1e-6:
            found.append(cell)
    return np.array(found, dtype=np.int64)
