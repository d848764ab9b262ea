"""Laws of cells: whatever totals a table lists, all sums hold, also for people outside every group."""

import itertools

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.cells import EVERYONE, dimension_of, fill_cells
from segment.errors import RefusedRelease


@pytest.mark.parametrize("seed", range(25))
def test_all_sums_hold_whichever_totals_are_listed(seed):
    """Row and column 3 are people without a group: counted in totals, never listed themselves."""
    rng = np.random.default_rng(seed)
    full = rng.poisson(6, size=(4, 4)) * (rng.random((4, 4)) < 0.8)
    places = [None, 0, 1, 2]

    def count(one, two):
        rows = slice(None) if one is None else one
        columns = slice(None) if two is None else two
        return int(full[rows, columns].sum())

    drop = rng.random()
    keys = [
        (one, two)
        for one, two in itertools.product(places, places)
        if (one is not None and two is not None) or rng.random() > drop
    ]
    tree = dimension_of(pd.Series([0, 1, 2]))
    cells = fill_cells(tree, tree, keys=keys, counts=[count(*key) for key in keys], table="t")
    assert not (cells.relations @ cells.sizes.ravel()).any()
    assert (cells.sizes >= 0).all()
    for one, two in keys:
        assert cells.sizes[tree.place[one], tree.place[two]] == count(one, two)
    assert cells.present.sum() == len(keys)


def test_a_table_by_one_grouping_has_one_sum():
    tree = dimension_of(pd.Series(["a", "b"]))
    cells = fill_cells(tree, EVERYONE, keys=[("a", None), ("b", None), (None, None)], counts=[5, 6, 13], table="t")
    assert cells.sizes.ravel().tolist() == [13, 5, 6, 2]
    assert cells.listed.ravel().tolist() == [True, True, True, False]
    assert cells.relations.toarray().tolist() == [[-1.0, 1.0, 1.0, 1.0]]


def test_groups_that_overlap_are_refused():
    tree = dimension_of(pd.Series(["a", "b"]))
    with pytest.raises(
        RefusedRelease, match=r"Table 't' has a total that is smaller(.|\n)*1 totals that are too small"
    ):
        fill_cells(tree, EVERYONE, keys=[("a", None), ("b", None), (None, None)], counts=[5, 6, 10], table="t")
