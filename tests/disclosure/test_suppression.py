"""Laws of hiding: whatever is hidden cannot be worked out, checked by another road than the library's own."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import linalg, optimize

from segment.disclosure.cells import EVERYONE, dimension_of, fill_cells
from segment.disclosure.intervals import audit
from segment.disclosure.suppression import suppress


def table(inner):
    """The cells of a two-way table, margins as sums."""
    inner = np.asarray(inner)
    rows, columns = (range(size) for size in inner.shape)
    keys = list(itertools.product(rows, columns))
    first, second = dimension_of(pd.Series(rows)), dimension_of(pd.Series(columns))
    return fill_cells(first, second, keys=keys, counts=inner.ravel().tolist(), table="t")


def random_table(seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(2, 9), rng.integers(2, 6)
    share = rng.dirichlet(np.full(shape[0] * shape[1], rng.uniform(0.4, 3.0)))
    return table(rng.multinomial(int(rng.integers(20, 900)), share).reshape(shape))


def width_by_hand(cells, hidden, place):
    """Interval of one hidden size by one pair of dense linear programs over all unknown sizes."""
    unknown = hidden.ravel() | (~cells.listed.ravel() & (cells.sizes.ravel() > 0))
    sums = cells.relations.toarray()[:, unknown]
    sizes = cells.sizes.ravel()[unknown]
    goal = (np.flatnonzero(unknown) == place).astype(float)
    low, high = (
        optimize.linprog(sign * goal, A_eq=sums, b_eq=sums @ sizes, bounds=(0, sizes.sum() + 100)).x @ goal
        for sign in (1, -1)
    )
    return high - low


@pytest.mark.parametrize("seed", range(20))
def test_no_small_cell_is_shown_determined_or_known_within_five(seed):
    cells = random_table(seed)
    found = suppress(cells, floor=5, width=5)
    small = cells.listed & (cells.sizes > 0) & (cells.sizes < 5)
    assert not (small & ~found.hidden).any()
    free = linalg.null_space(cells.relations.toarray()[:, found.hidden.ravel()])
    for place in np.flatnonzero(small.ravel()):
        assert np.abs(free[np.flatnonzero(found.hidden.ravel()) == place]).max() > 1e-9
        assert width_by_hand(cells, found.hidden, place) >= 5 - 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_every_hidden_remainder_holds_nobody_or_at_least_the_floor(seed):
    cells = random_table(seed)
    hidden = suppress(cells, floor=10, width=5).hidden.ravel()
    sums = cells.relations.toarray()
    for row in sums:
        if not (hidden & (row < 0)).any():
            rest = cells.sizes.ravel()[hidden & (row > 0)].sum()
            assert rest == 0 or rest >= 10


@pytest.mark.parametrize("seed", range(8))
def test_a_table_turned_on_its_side_is_protected_as_well(seed):
    cells = random_table(seed)
    inner = cells.sizes[1:-1, 1:-1]
    turned = suppress(table(inner.T), floor=5, width=5)
    assert turned.audit.passed
    assert abs(int(turned.hidden.sum()) - int(suppress(cells, floor=5, width=5).hidden.sum())) <= 4


def test_a_table_by_two_groupings_hides_the_totals_that_a_table_by_one_hides():
    cells = table([[2, 1, 0], [20, 30, 25], [9, 8, 7], [40, 40, 40]])
    alone = fill_cells(
        cells.first, EVERYONE, keys=[(i, None) for i in range(4)], counts=[3, 75, 24, 120], table="margin"
    )
    together = suppress(cells, floor=5, width=5)
    assert (together.hidden[:, 0] == suppress(alone, floor=5, width=5).hidden[:, 0]).all()
    assert together.hidden[1:-1, 0].tolist() == [True, False, True, False]


def test_a_safe_table_is_shown_whole():
    found = suppress(table([[20, 30], [40, 50]]), floor=5, width=5)
    assert not found.hidden.any()
    assert found.audit.narrowest == float("inf")


def test_worked_by_hand_a_small_cell_takes_three_others_with_it():
    found = suppress(table([[3, 20, 30], [20, 8, 30], [30, 30, 30]]), floor=5, width=5)
    inner = found.hidden[1:-1, 1:-1]
    assert inner.tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    assert found.primary.sum() == 1


def test_the_audit_sees_through_a_staircase_of_pairs():
    """Two hidden in every row and column, and still one of them is known: rows minus columns single it out."""
    cells = table([[9, 9, 9, 9], [9, 9, 9, 9], [9, 9, 3, 9], [9, 9, 9, 9]])
    hidden = np.zeros(cells.sizes.shape, dtype=bool)
    for row, column in [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 3), (3, 4), (4, 3), (4, 4)]:
        hidden[row, column] = True
    watched = np.zeros_like(hidden)
    watched[2, 3] = True
    found = audit(cells.sizes.ravel(), cells.relations, hidden=hidden.ravel(), watched=watched.ravel(), width=5)
    assert found.narrowest == pytest.approx(0.0, abs=1e-9)
    assert not found.passed


def test_three_levels_are_protected_together():
    teams = [f"t{i}" for i in range(12)]
    parents = {team: f"d{i // 4}" for i, team in enumerate(teams)} | {"d0": "v0", "d1": "v0", "d2": "v1"}
    first, second = dimension_of(pd.Series(teams), parents=parents), dimension_of(pd.Series(range(3)))
    counts = np.random.default_rng(3).poisson(9, size=36).tolist()
    cells = fill_cells(first, second, keys=list(itertools.product(teams, range(3))), counts=counts, table="t")
    assert not (cells.relations @ cells.sizes.ravel()).any()
    found = suppress(cells, floor=5, width=5)
    small = np.flatnonzero((cells.listed & (cells.sizes > 0) & (cells.sizes < 5)).ravel())
    assert small.size
    assert min(width_by_hand(cells, found.hidden, place) for place in small) >= 5 - 1e-6
