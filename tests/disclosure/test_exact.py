"""Laws of hiding as little as possible: on small tables nothing less would do."""

import itertools

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.cells import dimension_of, fill_cells
from segment.disclosure.intervals import audit
from segment.disclosure.suppression import suppress


def small_table(seed):
    """Three or four units by three segments, units large enough to be shown, at least one small cell."""
    rng = np.random.default_rng(seed)
    inner = rng.integers(5, 30, size=(int(rng.integers(3, 5)), 3))
    inner[tuple(rng.integers(0, inner.shape))] = rng.integers(1, 5)
    inner[tuple(rng.integers(0, inner.shape))] = rng.integers(0, 5)
    rows, columns = (range(size) for size in inner.shape)
    keys = list(itertools.product(rows, columns))
    dimensions = dimension_of(pd.Series(rows)), dimension_of(pd.Series(columns))
    return fill_cells(*dimensions, keys=keys, counts=inner.ravel().tolist(), table="t")


def passes(cells, hidden):
    """The rules themselves, spelled out: remainders, never one alone, and the audit."""
    sizes, sums = cells.sizes.ravel(), cells.relations.toarray()
    for row in sums:
        inside = hidden & (row != 0)
        rest = sizes[hidden & (row > 0)].sum()
        if (inside.sum() == 1 and sizes[inside][0] > 0) or (not (hidden & (row < 0)).any() and 0 < rest < 5):
            return False
    small = hidden & (sizes > 0) & (sizes < 5)
    return audit(sizes, cells.relations, hidden=hidden, watched=small, width=5).passed


@pytest.mark.parametrize("seed", range(12))
def test_no_smaller_choice_of_hidden_groups_would_do(seed):
    cells = small_table(seed)
    found = suppress(cells, floor=5, width=5)
    hidden = found.hidden.ravel()
    assert passes(cells, hidden)
    must = (cells.listed & (cells.sizes < 5)).ravel()
    inner = np.zeros(cells.sizes.shape, dtype=bool)
    inner[1:-1, 1:-1] = True
    free = np.flatnonzero(inner.ravel() & cells.listed.ravel() & ~must)
    extra = int((hidden & ~must).sum())
    assert not found.hidden[0].any() and not found.hidden[:, 0].any()
    for count in range(extra):
        for chosen in itertools.combinations(free, count):
            fewer = must.copy()
            fewer[list(chosen)] = True
            assert not passes(cells, fewer)


def test_the_same_table_gives_the_same_choice_again():
    cells = small_table(3)
    assert (suppress(cells, floor=5, width=5).hidden == suppress(cells, floor=5, width=5).hidden).all()


def test_totals_and_cells_chosen_together_hide_less_than_totals_first():
    """The smallest total of a segment is 11 people; hiding the one of 12 in its place needs two groups less within."""
    inner = [[10, 11, 19, 8, 16, 2, 10], [10, 0, 4, 7, 3, 2, 2], [0, 0, 0, 0, 0, 0, 0]]
    keys = list(itertools.product(range(3), range(7)))
    dimensions = dimension_of(pd.Series(range(3))), dimension_of(pd.Series(range(7)))
    cells = fill_cells(*dimensions, keys=keys, counts=np.ravel(inner).tolist(), table="t")
    found = suppress(cells, floor=5, width=5)
    assert passes(cells, found.hidden.ravel())
    assert int((found.hidden & (cells.sizes >= 5)).sum()) == 3
    assert not found.hidden[0, 0]
