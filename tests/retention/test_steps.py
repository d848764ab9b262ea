"""Curves that tell nobody's leaving: between two told months stand at least five exits of every curve and cause."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from segment.retention import segment_curves
from segment.retention.curves import first_year_risk
from segment.retention.steps import FEWEST_IN_STEP, curves_told, first_year_told, told_steps

CAUSES = ("voluntary", "involuntary")


def spells(people: int, *, seed: int, rare: float = 0.35) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    exit_, end = rng.exponential(40, people), rng.uniform(1, 70, people)
    event = np.where(exit_ < end, np.where(rng.random(people) < rare, 2, 1), 0)
    rows = {"entry": 0.0, "exit": np.minimum(exit_, end).clip(0.5), "event": event}
    return pd.DataFrame(rows).assign(segment=rng.integers(0, 3, people))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("people", "rare"), [(160, 0.35), (400, 0.1), (2_000, 0.3)])
def test_who_knows_when_somebody_left_does_not_read_their_segment_off_a_curve(people: int, rare: float, seed: int):
    """The attack: of each step between told months, count the exits that stand behind it, by segment and by cause."""
    left = spells(people, seed=seed, rare=rare)
    told = curves_told(segment_curves(left, left["segment"], causes=CAUSES))
    for segment, rows in told.groupby("segment", dropna=False):
        behind = left if segment != segment else left[left["segment"] == segment]
        for by_cause in (False, True):
            shown = rows[rows[[f"incidence_{cause}" for cause in CAUSES]].notna().all(axis=1)] if by_cause else rows
            edges = shown["month"].to_numpy()
            for low, high in pairwise(edges):
                step = behind[(behind["exit"] > low) & (behind["exit"] <= high) & (behind["event"] > 0)]
                counts = [int((step["event"] == k).sum()) for k in (1, 2)] if by_cause else [len(step)]
                assert min(counts) >= FEWEST_IN_STEP


def test_all_segments_are_told_at_the_same_months():
    left = spells(900, seed=1)
    told = curves_told(segment_curves(left, left["segment"], causes=CAUSES)).dropna(subset="segment")
    months = [set(rows.loc[rows["month"] > rows["month"].min(), "month"]) for _, rows in told.groupby("segment")]
    last = [max(one) for one in months]
    for mine, ends in zip(months, last, strict=True):
        for other, others_end in zip(months, last, strict=True):
            both = min(ends, others_end)
            assert {m for m in mine if m <= both} == {m for m in other if m <= both}


def test_whole_years_are_told_first_and_a_large_curve_keeps_its_shape():
    exits = pd.Series(np.arange(0, 61) * 7.0, index=np.arange(0, 61, dtype=float))
    assert told_steps([exits]) == [float(month) for month in range(1, 61)]
    sparse = pd.Series(np.arange(0, 61) * 0.5 // 1, index=np.arange(0, 61, dtype=float))
    assert told_steps([sparse]) == [12.0, 24.0, 36.0, 48.0, 60.0]


def test_a_cause_that_is_rare_in_a_segment_stays_untold_there_and_so_do_the_others():
    left = spells(900, seed=3)
    left.loc[(left["segment"] == 0) & (left["event"] == 2), "event"] = 1
    left.loc[left.index[(left["segment"] == 0) & (left["event"] == 1)][:3], "event"] = 2
    told = curves_told(segment_curves(left, left["segment"], causes=CAUSES))
    of_it = told[(told["segment"] == 0) & (told["month"] > 0)]
    assert of_it["survival"].notna().all()
    assert of_it[["incidence_voluntary", "incidence_involuntary"]].isna().all(axis=None)
    assert told.loc[(told["segment"] == 1) & (told["month"] > 0), "incidence_voluntary"].notna().any()


@pytest.mark.parametrize("seed", range(4))
def test_the_first_year_is_told_in_steps_as_well(seed: int):
    rng = np.random.default_rng(seed)
    exit_ = rng.exponential(20, 240)
    left = pd.DataFrame({"entry": 0.0, "exit": np.minimum(exit_, 14.0), "event": (exit_ < 14).astype(int)})
    source = pd.Series(rng.choice(["site", "agency", "friend"], 240))
    found = first_year_risk(left, source.to_numpy(), causes=("left",))
    found["source"] = found["source"].where(found["source"] != "everyone")
    told = first_year_told(found)
    for name, rows in told[told["gone"].notna()].groupby("source", dropna=False):
        behind = left if name != name else left[source == name]
        edges = np.r_[0.0, np.sort(rows["month"])]
        for low, high in pairwise(edges):
            assert ((behind["exit"] > low) & (behind["exit"] <= high) & (behind["event"] > 0)).sum() >= FEWEST_IN_STEP
    assert told["gone"].notna().any()
