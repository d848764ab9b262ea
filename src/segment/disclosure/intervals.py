"""What an outsider can work out about hidden groups: the interval of every hidden size, by linear programming.

The outsider knows every shown size exactly (bands and rounding can only widen what is found here), every sum of
:mod:`segment.disclosure.cells`, and that no group has fewer than nobody. Scores obey the same sums as sizes, weighted
with the people behind them; so whatever group of people can be singled out by adding and subtracting shows here as
a size that is known too well. If any union of hidden groups that holds a small one could be computed and had fewer
than ``width`` people, the interval of the small group could not be ``width`` wide.

References
----------
Fischetti and Salazar (2001), Solving the cell suppression problem on tabular data with linear constraints,
Management Science 47(7); Hundepool et al. (2012), Statistical Disclosure Control, chapter 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse
from scipy.sparse import csgraph

from segment.errors import RefusedRelease

_SLACK = 1e-6

#: Many sizes are tried at once, some up and some down, as long as a program settles more of them than this.
_WORTH_ANOTHER = 2


@dataclass(frozen=True)
class Audit:
    """The outcome of an audit: how well each watched hidden size can be known.

    ``low``, ``high`` (people, per cell; equal to the size where a cell is not watched): the interval is at least
    this wide. ``narrowest``: the least width over the watched cells (infinite without any).
    """

    low: np.ndarray
    high: np.ndarray
    watched: np.ndarray
    width: int

    @property
    def narrowest(self) -> float:
        """Least width of the interval of a watched cell, in people."""
        widths = (self.high - self.low)[self.watched]
        return float(widths.min()) if widths.size else float("inf")

    @property
    def failing(self) -> np.ndarray:
        """Places of watched cells whose interval is too narrow, narrowest first."""
        widths = self.high - self.low
        places = np.flatnonzero(self.watched & (widths < self.width - _SLACK))
        return places[np.lexsort((places, widths[places].round(6)))]

    @property
    def passed(self) -> bool:
        """No watched cell is known too well."""
        return self.failing.size == 0


def audit(
    sizes: np.ndarray, relations: sparse.csr_matrix, *, hidden: np.ndarray, watched: np.ndarray, width: int
) -> Audit:
    """Work out what the shown sizes tell about the hidden ones.

    Parameters
    ----------
    sizes
        People per cell (cells,).
    relations
        Sums x cells, +1 for parts and -1 for their total; each row times ``sizes`` is 0.
    hidden, watched
        Which cells are not shown, and which of these must stay unknown (cells,).
    width
        People: the search for a wider interval stops here, so found intervals are lower bounds.

    Examples
    --------
    Groups of 3, 9 and 20 people in a total of 32; hiding only the smallest gives it away:

    >>> sums = sparse.csr_matrix([[1.0, 1.0, 1.0, -1.0]])
    >>> sizes = np.array([3, 9, 20, 32])
    >>> small = np.array([True, False, False, False])
    >>> audit(sizes, sums, hidden=small, watched=small, width=5).narrowest
    0.0
    >>> hidden = np.array([True, True, False, False])
    >>> audit(sizes, sums, hidden=hidden, watched=small, width=5).narrowest
    12.0
    """
    low, high = sizes.astype(float), sizes.astype(float)
    watched = watched & hidden
    for rows, cells in _components(relations, hidden):
        if watched[cells].any():
            part = relations[rows][:, cells].tocsr()
            low[cells], high[cells] = _intervals(sizes[cells], part, watched[cells], width)
    low[~watched], high[~watched] = sizes[~watched], sizes[~watched]
    return Audit(low=low, high=high, watched=watched, width=width)


def _components(relations: sparse.csr_matrix, hidden: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups of hidden cells that share sums, with those sums: each can be worked out alone."""
    cells = np.flatnonzero(hidden)
    if not cells.size:
        return
    touching = relations[:, cells]
    graph = sparse.block_array([[None, touching.T], [touching, None]], format="csr")
    _, label = csgraph.connected_components(graph, directed=False)
    of_cell, of_row = label[: cells.size], label[cells.size :]
    for number in np.unique(of_cell):
        yield np.flatnonzero(of_row == number), cells[of_cell == number]


def _intervals(
    sizes: np.ndarray, sums: sparse.csr_matrix, watched: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest sizes found; the search for a cell ends once it is wide enough."""
    ceiling = sizes.sum() + 100.0
    if sums.shape[0] <= 1:
        return _one_sum(sizes, sums, ceiling)
    low, high = sizes.astype(float), sizes.astype(float)
    right = sums @ sizes

    def look(direction: np.ndarray) -> None:
        found = optimize.linprog(-direction, A_eq=sums, b_eq=right, bounds=(0, ceiling), method="highs")
        if found.status != 0:
            raise RefusedRelease(
                "The audit of hidden groups did not come to an end, so nothing is released.",
                came=str(found.message),
                advice="release fewer groups at once",
            )
        np.minimum(low, found.x, out=low)
        np.maximum(high, found.x, out=high)

    def pending() -> np.ndarray:
        result: np.ndarray = watched & (high - low < width - _SLACK)
        return result

    for direction in _directions(pending):
        look(direction)
    return low, high


def _directions(pending: Callable[[], np.ndarray]) -> Iterator[np.ndarray]:
    """Where to look for wider intervals: all sizes up, all down, many some up and some down, at last one by one."""
    for sign in (1.0, -1.0):
        if pending().any():
            yield sign * pending().astype(float)
    signs, before = np.random.default_rng(0), pending().size
    while pending().any() and before - pending().sum() > _WORTH_ANOTHER:
        before = pending().sum()
        yield np.where(pending(), signs.choice([-1.0, 1.0], size=pending().size), 0.0)
    for place in np.flatnonzero(pending()):
        for sign in (1.0, -1.0):
            if pending()[place]:
                yield sign * (np.arange(pending().size) == place)


def _one_sum(sizes: np.ndarray, sums: sparse.csr_matrix, ceiling: float) -> tuple[np.ndarray, np.ndarray]:
    """The same by hand where one sum, or none, ties the hidden cells together."""
    if sums.shape[0] == 0:
        return np.zeros(sizes.size), np.full(sizes.size, ceiling)
    if sizes.size == 1:
        return sizes.astype(float), sizes.astype(float)
    signs = sums.toarray()[0]
    rest = float(signs @ sizes)
    if (signs > 0).all():
        return np.zeros(sizes.size), np.full(sizes.size, rest)
    # The total itself is hidden: it is at least the shown parts, and nothing limits it from above.
    return np.where(signs > 0, 0.0, max(-rest, 0.0)), np.full(sizes.size, ceiling)
