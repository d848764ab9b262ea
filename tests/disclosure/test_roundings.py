"""Figures are rounded once, to what readers are told; a band is rounded outward, so that it has width and holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.figures import is_end, rounded
from segment.disclosure.presentation import DECIMALS
from segment.disclosure.release import release
from segment.disclosure.rounding import rounded_card, told_numbers
from segment.tables.registry import released_tables, shown_tables

#: Decimals with which each kind of figure is told, as a number (a percentage has two more than it shows).
TOLD = {"count": 0, "amount": 0, "one": 1, "two": 2, "percent": 2, "points": 1, "change": 0, "signed": 1}
#: Shown by the kind of measure of each row: means with one decimal, shares apart.
BY_ROW = {"measured"}


def _drawn(rng: np.random.Generator, *, rows: int, narrow: float) -> pd.DataFrame:
    """Figures from 0 to 1 in bands that are as narrow as a band can be."""
    middle = rng.uniform(0, 1, rows)
    below, above = (narrow * rng.uniform(0.01, 1, rows) for _ in range(2))
    frame = pd.DataFrame({"value": middle, "low": middle - below, "high": middle + above})
    return frame.clip(0, 1).assign(line=np.arange(rows), segment=np.nan, n=400, events=100)


@pytest.mark.parametrize("kind", ["curves", "rates"])
@pytest.mark.parametrize("narrow", [0.0004, 0.004, 0.04])
def test_a_band_of_shares_has_width_and_covers_the_unrounded_one(kind: str, narrow: float) -> None:
    drawn = _drawn(np.random.default_rng(5), rows=400, narrow=narrow)
    told = release(
        "shares", drawn, groups=["segment"], lines=["line"], count="n", shares=["value", "low", "high"], kind=kind,
        events="events",
    ).frame  # fmt: skip
    assert (told["low"] < told["high"]).all()
    assert ((told["low"] <= told["value"]) & (told["value"] <= told["high"])).all()
    whole = (told["status"] == "shown").to_numpy()
    assert whole.sum() > 300
    inside = whole & told["value"].between(0.01, 0.99).to_numpy()
    assert ((told["low"] < told["value"]) & (told["value"] < told["high"]))[inside].all()
    assert (told["low"] <= drawn["low"] + 1e-9)[whole].all() and (told["high"] >= drawn["high"] - 1e-9)[whole].all()
    assert (told["low"] > drawn["low"] - 0.0201)[whole].all() and (told["high"] < drawn["high"] + 0.0201)[whole].all()


@pytest.mark.parametrize("digits", [{}, dict.fromkeys(("value", "low", "high"), 0)])
def test_so_has_one_of_means_and_of_amounts(digits: dict[str, int]) -> None:
    drawn = _drawn(np.random.default_rng(6), rows=400, narrow=0.0004)
    drawn = drawn.assign(**{name: 1000 * drawn[name] - 300 for name in ("value", "low", "high")})
    told = release(
        "amounts", drawn, groups=["segment"], lines=["line"], count="n", means=["value", "low", "high"], digits=digits
    ).frame
    assert (told["low"] < told["high"]).all()
    assert ((told["low"] <= drawn["low"] + 1e-9) & (drawn["high"] <= told["high"] + 1e-9)).all()
    assert np.allclose(told["value"], np.round(drawn["value"], 0 if digits else 1))


def test_an_amount_is_rounded_once() -> None:
    frame = pd.DataFrame({"segment": [np.nan], "n": [400], "value": [885.47]})
    told = release("worth", frame, groups=["segment"], count="n", means=["value"], digits={"value": 0}).frame
    assert told["value"].item() == 885.0


def test_an_end_that_comes_to_lie_on_a_band_is_cut_off_there() -> None:
    frame = pd.DataFrame({"segment": [np.nan], "n": [400], "value": [0.90], "low": [0.85], "high": [0.942]})
    given = {"groups": ["segment"], "count": "n", "shares": ["value", "low", "high"]}
    assert release("near", frame, **given).frame[["high", "status"]].to_numpy().tolist() == [[0.95, "banded"]]


def _released_with(table: str, column: str) -> int | None:
    plan = released_tables()[table]
    part = next((part for part in DECIMALS if column in getattr(plan, part)), None)
    return None if part is None else plan.digits.get(column, DECIMALS[part])


@pytest.mark.parametrize("table", sorted(shown_tables()))
def test_no_figure_leaves_with_more_decimals_than_readers_are_told(table: str) -> None:
    shown = shown_tables()[table]
    told = [*shown.columns, *(one for view in shown.views for one in view.every_column)]
    figures = {
        (column, one.digits if one.digits >= 0 else TOLD[one.kind])
        for one in told
        if one.kind in TOLD and one.kind not in BY_ROW
        for column in (one.column, *one.ends)
        if _released_with(table, column) is not None
    }
    assert {(column, digits) for column, digits in figures if digits < _released_with(table, column)} == set()


def test_what_is_an_end_is_one_of_a_band() -> None:
    """A column called so is rounded outward: one that is no end of an interval needs another name."""
    ends = {
        (name, column) for name, plan in released_tables().items() for part in DECIMALS
        for column in getattr(plan, part) if is_end(column)
    }  # fmt: skip
    for name, column in ends:
        other = column.removesuffix("low") + "high" if column.endswith("low") else column.removesuffix("high") + "low"
        assert (name, other) in ends, (name, column)


def test_a_tracked_interval_is_that_of_the_release() -> None:
    """On the tracker stood .612 to .746 and a gain from .008, in the release .611 to .746 and .007."""
    given = {"leaving_low": 0.611925, "leaving_high": 0.745588, "leaving_gain_low": 0.00783}
    for name, figure in told_numbers(given).items():
        assert figure == float(rounded(name, np.array([given[name]]), DECIMALS["overall"])[0])
    card = rounded_card({"metrics": [{"metric": "auc_12", "value": 0.6825, "low": 0.611925, "high": 0.745101}]})
    assert card == {"metrics": [{"metric": "auc_12", "value": 0.682, "low": 0.611, "high": 0.746}]}
    assert str(told_numbers({"slope_low": -0.0})["slope_low"]) == "0.0"


def test_a_tracked_figure_lies_strictly_inside_its_interval() -> None:
    """An interval narrower than what is told stands on both sides of its figure, on the tracker and on a card."""
    told = told_numbers({"auc": 0.68312, "auc_low": 0.68305, "auc_high": 0.6834, "alone": 0.5})
    assert told == {"auc": 0.683, "auc_low": 0.682, "auc_high": 0.684, "alone": 0.5}
    card = rounded_card({"metrics": [{"metric": "auc_12", "value": 0.68312, "low": 0.68305, "high": 0.6834, "n": 230}]})
    assert card == {"metrics": [{"metric": "auc_12", "value": 0.683, "low": 0.682, "high": 0.684, "n": "230–239"}]}
    certain = told_numbers({"share": 1.0, "share_low": 1.0, "share_high": 1.0})
    assert set(certain.values()) == {1.0}, "an interval without width stays one"
