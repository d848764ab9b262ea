"""A number of people that is shown as a band follows from nothing beside it: no share, interval, points or change."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from segment.experience.as_released import changes_now, changes_then, scorecard_told
from segment.privacy import release
from segment.proportions import wilson_interval
from segment.stages.audit import _rules_broken


def shares_of(sizes: range) -> pd.DataFrame:
    """Every share that so many people can have, with its interval."""
    pairs = [(n, k) for n in sizes for k in range(n + 1)]
    n, k = (np.array(one) for one in zip(*pairs, strict=True))
    low, high = wilson_interval(k / n, n)
    frame = pd.DataFrame({"line": [f"{i}" for i in range(len(n))], "segment": 0.0, "people": n, "share": k / n})
    return frame.assign(low=low, high=high)


def told(frame: pd.DataFrame, **how: object) -> pd.DataFrame:
    how = {"shares": ["share", "low", "high"], "kind": "rates", **how}
    return release("t", frame, groups=["segment"], lines=["line"], count="people", **how).frame


def sizes_behind(frame: pd.DataFrame, released: pd.DataFrame) -> dict[tuple[object, ...], set[int]]:
    """Per row as it was released, of how many people it can be."""
    found = defaultdict(set)
    cells = released.drop(columns=["line", "segment"]).astype(str)
    for row, n in zip(cells.itertuples(index=False, name=None), frame["people"], strict=True):
        found[row].add(int(n))
    return found


@pytest.mark.parametrize("columns", [["share"], ["share", "low", "high"]], ids=["alone", "with its interval"])
def test_any_of_ten_to_nineteen_people_can_be_behind_every_share(columns: list[str]) -> None:
    """So that no number of shares of a group, laid beside each other, says how many are in it."""
    frame = shares_of(range(10, 20))
    behind = sizes_behind(frame, told(frame, shares=columns))
    assert len(behind) == 9
    assert all(sizes == set(range(10, 20)) for sizes in behind.values()), behind


def test_thirteen_of_nineteen_read_as_seven_tenths() -> None:
    frame = pd.DataFrame({"line": ["a"], "segment": [0.0], "people": [19], "share": [13 / 19]})
    released = told(frame, shares=["share"])
    assert (released["n"].tolist(), released["share"].tolist()) == (["10–19"], [0.7])


def test_shares_of_twenty_people_and_more_are_whole_percentages_as_before() -> None:
    frame = shares_of(range(20, 60))
    released = told(frame, shares=["share"])
    inside = frame["share"].between(0.05, 0.95, inclusive="neither").to_numpy()
    expected = frame["share"].round(2).clip(0.06, 0.94)
    assert np.allclose(released["share"][inside], expected[inside])


@pytest.mark.parametrize("band", [range(5, 10), range(10, 20)])
def test_the_interval_of_a_group_that_is_of_one_mind_says_no_number_either(band: range) -> None:
    frame = pd.DataFrame({"line": [f"{n}" for n in band], "segment": 0.0, "people": list(band), "mean": 5.0})
    frame = frame.assign(low=5.0, high=5.0, least=1.0, most=5.0)
    released = told(frame, shares=[], means=["mean", "low", "high"], kind="scores", ends={"mean": ("least", "most")})
    assert len(sizes_behind(frame, released)) == 1


def test_the_narrowest_interval_says_no_number_either() -> None:
    band = range(10, 20)
    frame = pd.DataFrame({"line": [f"{n}" for n in band], "segment": 0.0, "people": list(band), "mean": 3.0})
    frame = frame.assign(low=3.0, high=3.0, least=1.0, most=5.0)
    released = told(frame, shares=[], means=["mean", "low", "high"], kind="scores", ends={"mean": ("least", "most")})
    assert len(sizes_behind(frame, released)) == 1


def recommending(n: int, net: int) -> dict[str, object]:
    """Recommendation among so many people: promoters less detractors, in points of a hundred."""
    points = 100 * net / n
    return {
        "status": "measured", "unit": "points", "n": n, "value": points, "low": points - 3.3, "high": points + 3.3,
        "scale_low": -100.0, "scale_high": 100.0,
    }  # fmt: skip


def test_points_of_recommendation_of_few_are_told_in_tens() -> None:
    rows = pd.DataFrame([recommending(n, net) for n in range(10, 20) for net in range(-n + 3, n - 2)])
    value = scorecard_told(rows, {})["value"]
    middle = value.between(-70, 70)
    sizes = rows["n"][middle].groupby(value[middle]).agg(set)
    assert all(one == set(range(10, 20)) for one in sizes), sizes
    assert scorecard_told(pd.DataFrame([recommending(30, 10)]), {})["value"].round(1).tolist() == [33.3]


def change(n_before: int, before: float, n: int, now: float) -> dict[str, object]:
    points = 100 * (now - before)
    return {
        "unit": "share", "n_before": n_before, "n": n, "before": before, "now": now,
        "scale_low": 0.0, "scale_high": 1.0,
        "change": points, "change_low": points - 11.1, "change_high": points + 11.1,
    }  # fmt: skip


def test_a_change_of_shares_is_as_coarse_as_the_smaller_side() -> None:
    """A side of twenty and more stands exactly; what few said then is told in tenths, and so is the difference."""
    rows = pd.DataFrame([change(19, 13 / 19, 40, 0.525), change(40, 0.525, 19, 13 / 19), change(40, 0.525, 40, 0.55)])
    now, then = changes_now(rows, {}), changes_then(rows, {})
    assert now["before_share"].tolist() == then["before_share"].tolist() == [0.7, 0.525, 0.525]
    assert now["now_share"].tolist() == [0.525, 0.7, 0.55]
    assert now["change"].round(1).tolist() == [-20.0, 20.0, 2.5]
    assert now["change_low"].round(1).tolist() == [-30.0, 0.0, -8.6]
    assert now["change_high"].round(1).tolist() == [0.0, 30.0, 13.6]


def test_the_audit_finds_a_share_that_says_how_many_a_band_stands_for() -> None:
    row = {"offer": ["North"], "n": ["10–19"], "share": [0.68], "status": ["shown"]}
    assert "tells how many people" in str(_rules_broken("match_counts", pd.DataFrame(row)))
    assert not _rules_broken("match_counts", pd.DataFrame({**row, "share": [0.7]}))
