"""Months at risk: every watched month once, and draws that stay true on average."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.errors import InvalidInput
from segment.retention import PersonMonthSource, check_spells


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 60), st.integers(0, 2)), min_size=1, max_size=20))
def test_exposure_adds_up_to_watched_time(rows: list[tuple[float, float, int]]) -> None:
    """Months of staying hold the time watched; each exit is one month."""
    spells = pd.DataFrame([(a, a + b, e) for a, b, e in rows], columns=["entry", "exit", "event"])
    source = PersonMonthSource(check_spells(spells))
    months = source.whole()
    assert len(months) == source.n_months
    assert np.count_nonzero(months.outcome) == np.count_nonzero(spells["event"]) == source.n_events
    stayed = spells["event"].to_numpy() == 0
    exposure = np.bincount(months.row, months.weight, minlength=len(spells))
    np.testing.assert_allclose(exposure[stayed], (spells["exit"] - spells["entry"])[stayed], atol=1e-9)
    assert (months.month >= np.floor(spells["entry"].to_numpy())[months.row]).all()
    assert (months.month < spells["exit"].to_numpy()[months.row]).all()


def test_blocks_together_are_the_whole(world) -> None:
    source = PersonMonthSource(check_spells(world.spells))
    whole = source.whole()
    blocks = list(source.blocks(1_000))
    assert all(len(block) <= 1_000 for block in blocks)
    np.testing.assert_array_equal(np.concatenate([block.month for block in blocks]), whole.month)
    np.testing.assert_array_equal(np.concatenate([block.weight for block in blocks]), whole.weight)


def test_a_draw_keeps_every_exit_and_is_true_on_average(world) -> None:
    source = PersonMonthSource(check_spells(world.spells))
    whole = source.whole()
    truth = np.array([whole.weight[whole.outcome == 0].sum(), (whole.weight * whole.month)[whole.outcome == 0].sum()])
    found = []
    for seed in range(30):
        draw = source.draw(4 * source.n_events, random_state=seed)
        assert np.count_nonzero(draw.outcome) == source.n_events
        assert len(draw) <= 4 * source.n_events
        stayed = draw.outcome == 0
        found.append([draw.weight[stayed].sum(), (draw.weight * draw.month)[stayed].sum()])
    np.testing.assert_allclose(np.mean(found, axis=0), truth, rtol=0.01)


def test_a_small_source_is_drawn_whole(world) -> None:
    source = PersonMonthSource(check_spells(world.spells))
    assert len(source.draw(10**9)) == source.n_months


def test_too_small_a_draw_is_refused(world) -> None:
    source = PersonMonthSource(check_spells(world.spells))
    with pytest.raises(InvalidInput, match="Too few months may be drawn"):
        source.draw(source.n_events)


def test_example_by_hand() -> None:
    """Watched from the middle of the first month; leaves early in the third."""
    months = PersonMonthSource(check_spells(pd.DataFrame({"entry": [0.5], "exit": [2.25], "event": [2]}))).whole()
    assert months.month.tolist() == [0, 1, 2]
    assert months.weight.tolist() == [0.5, 1.0, 1.0]
    assert months.outcome.tolist() == [0, 0, 2]
