"""What leaves about ties: nothing about a row that is hidden or banded, and nothing that tells where it lies."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.errors import RefusedRelease
from segment.privacy import ReleasedTable, release
from segment.tables.release_plan import Alike

HOW: dict[str, Any] = {
    "groups": ["segment"], "count": "n", "lines": ["need"], "ranks": {"place": ("segment",)},
    "alike": {"about_as_much": Alike("place", "need", "alike")},
}  # fmt: skip


def needs(values: list[float], ties: list[set[str]], *, n: int | list[int] = 60) -> pd.DataFrame:
    names = [chr(ord("A") + at) for at in range(len(values))]
    others = [json.dumps(sorted(next((t for t in ties if name in t), set()) - {name})) for name in names]
    return pd.DataFrame({"segment": 0, "need": names, "n": n, "mean": values, "alike": others,
                         "place": -np.array(values), "least": 1.0, "most": 5.0})  # fmt: skip


def told(table: ReleasedTable) -> dict[str, float]:
    return dict(zip(table.frame["need"], table.frame["about_as_much"], strict=True))


def test_a_tie_of_three_is_counted_from_its_first() -> None:
    frame = needs([3.31, 3.30, 3.29, 2.0], [{"A", "B", "C"}])
    assert told(release("needs", frame, means=["mean"], **HOW)) == {"A": 2.0, "B": 1.0, "C": 0.0, "D": 0.0}


def test_every_order_of_the_rows_tells_the_same() -> None:
    frame = needs([3.31, 3.30, 3.29, 2.0], [{"A", "B"}, {"C", "D"}])
    found = [
        told(release("needs", frame.iloc[list(order)], means=["mean"], **HOW))
        for order in itertools.permutations(range(4))
    ]
    assert all(one == {"A": 1.0, "B": 0.0, "C": 1.0, "D": 0.0} for one in found)


def test_a_hidden_row_leaves_no_trace_among_the_flags() -> None:
    """Wherever a hidden need lies in the true order, and whatever it ties with, the other flags are the same."""
    seen = set()
    for value, tie in itertools.product((3.4, 3.305, 2.5, 1.0), ({"A", "D"}, {"B", "D"}, {"A", "B", "C", "D"}, set())):
        ties = [{"A", "B", "D"} if "D" in tie and tie & {"A", "B"} else {"A", "B"}]
        frame = needs([3.31, 3.30, 2.9, value], ties, n=[60, 60, 60, 3])
        table = release("needs", frame, means=["mean"], **HOW)
        flags = told(table)
        assert np.isnan(flags.pop("D"))
        seen.add(tuple(flags.items()))
    assert seen == {(("A", 1.0), ("B", 0.0), ("C", 0.0))}


def test_nothing_is_told_of_a_band_nor_of_what_stands_before_one() -> None:
    """Two needs on which nearly all gave the highest answer: whether they tie would say how nearly."""
    flags = set()
    for ties in ([{"A", "B", "C"}], [{"B", "C"}], []):
        frame = needs([4.97, 4.91, 4.5, 4.49], ties)
        table = release("needs", frame, means=["mean"], ends={"mean": ("least", "most")}, **HOW)
        assert table.frame["status"].tolist() == ["banded", "banded", "shown", "shown"]
        flags.add(tuple(table.frame["about_as_much"].fillna(-1).tolist()))
    assert flags == {(-1.0, -1.0, 0.0, 0.0)}


def test_a_run_stops_at_a_band_and_says_nothing_of_it() -> None:
    frame = needs([2.0, 1.5, 1.1], [{"A", "B", "C"}])
    table = release("needs", frame, means=["mean"], ends={"mean": ("least", "most")}, **HOW)
    assert table.frame["about_as_much"].fillna(-1).tolist() == [1.0, -1.0, -1.0]


def test_a_share_of_a_share_is_withheld_by_the_figure_it_is_made_of() -> None:
    """Priorities are nearly all under .05: flags follow the unmet need behind them."""
    frame = needs([0.031, 0.030, 0.02], [{"A", "B"}]).assign(near=[False, False, True])
    how = HOW | {"alike": {"about_as_much": Alike("place", "need", "alike", near="near")}}
    table = release("plans", frame, shares=["mean"], **how)
    assert set(table.frame["status"]) == {"banded"}
    assert table.frame["about_as_much"].fillna(-1).tolist() == [1.0, -1.0, -1.0]


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(RefusedRelease, match="no column alike"):
        release("needs", needs([3.0, 2.0], []).drop(columns="alike"), means=["mean"], **HOW)
