"""A figure beside a group is that group's own: no two groups of different people carry the same row by pooling."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.publish import wave_of

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from truths.readers import read_released

#: Columns that say which group a row is of, and those that say what of the group it is.
GROUPS = ("segment", "group", "source", "segment_from")
KEYS = ("month", "horizon", "need", "measure", "item", "moment", "metric", "attribute", "feature", "level", "cause",
        "r", "criterion", "action", "rank", "side", "place", "n_items", "segment_to", "target", "grouping")  # fmt: skip
#: What groups share for good reasons: their place, their size, what holds of everyone.
SHARED = ("n", "status", "place_of_all", "overall", "share_overall", "weight", "attractiveness", "chance")
#: So few figures may be the same by chance, once they are rounded.
CHANCE = 4


def same_rows(released: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Table and groups whose figures are the same in all their rows; fewer than ``CHANCE`` figures say nothing."""
    for name, table in released.items():
        for column in (column for column in GROUPS if column in table):
            keys = [key for key in KEYS if key in table and key != "place"]
            values = [v for v in table.select_dtypes("number") if v not in (*SHARED, *KEYS, column)]
            if not keys:
                keys, table = ["all"], table.assign(all=0)
            figures = {
                group: rows.melt(keys, values, value_name="figure").set_index([*keys, "variable"])["figure"]
                for group, rows in table.groupby(table[column].astype("string").fillna("everyone"))
            }
            for (one, first), (two, second) in combinations(figures.items(), 2):
                both = pd.concat([first, second], axis=1, join="inner").dropna()
                moved = both[~both.isin([0.0, 1.0]).all(axis=1)]
                if len(moved) >= CHANCE and np.allclose(*moved.to_numpy(dtype=float).T, atol=1e-9):
                    yield f"{name}: {column} {one} and {two}"


@pytest.fixture
def without_leavers(copied: OpenStudy) -> tuple[OpenStudy, int]:
    """The study, with nobody in the smallest segment who ever left; and that segment."""
    store = copied.store
    assigned = store.read("assignments")
    least = int(assigned["segment"].value_counts().idxmin())
    own = set(assigned.loc[assigned["segment"] == least, "person"])
    spells = store.read("spells")
    inside = spells["person"].isin(own)
    store.write("spells", spells.assign(cause=spells["cause"].mask(inside)))
    for stage in ("retain", "relate", "personalise", "publish"):
        run_stage(STAGES_IN_ORDER[stage], copied, force=True)
    return copied, least


def test_no_two_groups_carry_the_same_figures(walked) -> None:
    opened = walked.open()
    released = read_released(opened.workspace / "released" / wave_of(opened))
    assert list(same_rows(released)) == []


def test_a_segment_that_nobody_left_has_no_curve_and_no_value_of_others(without_leavers) -> None:
    opened, least = without_leavers
    released = read_released(opened.workspace / "released" / wave_of(opened))
    assert list(same_rows(released)) == []
    curves = released["curves"]
    own = curves[curves["segment"].astype("string").astype("Float64") == float(least)]
    assert not (own["survival"].dropna() < 1).any()


def test_the_law_finds_a_row_that_was_lent() -> None:
    lent = pd.DataFrame(
        {"segment": [0, 0, 0, 1, 1, 1], "month": [6, 12, 24] * 2, "n": [131] * 3 + [48] * 3,
         "survival": [0.9, 0.8, 0.58] * 2, "low": [0.8, 0.7, 0.38] * 2}
    )  # fmt: skip
    assert list(same_rows({"curves": lent})) == ["curves: segment 0 and 1"]
