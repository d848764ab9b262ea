"""Value at risk carries the doubts of the number of leavers: leaving as a whole may change until next year, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.config import load_study
from segment.retention import Ahead
from segment.retention.leavers import DRIFT
from segment.stages.retention.value import Assumed, Reckoned, Seen, _by_segment, reckon
from segment.stages.simulate import simulate_into
from segment.vocabulary import World


def test_the_band_of_what_is_lost_within_a_year_holds_a_change_of_the_level_and_worth_itself_does_not() -> None:
    """Nobody doubts model, amounts or level: what is left is the change, the same for everyone in a draw."""
    months, people, draws = np.arange(1.0, 13.0), 50, 400
    stay = np.exp(-np.outer(np.linspace(0.005, 0.03, people), months))
    seen = Seen(Ahead(months, stay, {"left": 1 - stay}), 1 - stay[:, -1], Assumed())
    amounts = pd.DataFrame({"value": 100.0, "cost": 0.0, "ramp": 0.0, "exit_left": 0.0}, index=range(people))
    share = float(seen.year.mean())
    told = {0.0: (share, 0.0)}
    group = np.zeros(people)
    found = reckon([seen] * (draws + 1), amounts, np.full(people, 24.0), group, np.ones(people), told, 0)
    assert np.ptp(found.worth_drawn, axis=0).max() == pytest.approx(0.0, abs=1e-9)
    times = found.lost_drawn.mean(axis=1) / found.lost.mean()
    assert 1 - DRIFT < times.min() < 1 - 0.7 * DRIFT and 1 + 0.7 * DRIFT < times.max() < 1 + DRIFT
    assert found.lost.mean() == pytest.approx((seen.year * found.worth).mean())
    assert np.corrcoef(found.lost_drawn[:, 0], found.lost_drawn[:, -1])[0, 1] > 0.99


def test_what_is_lost_has_no_band_below_nought() -> None:
    """Amounts so unsure that a normal band around what is lost would reach below it."""
    worth = np.full((1, 30), 1000.0)
    drawn = np.abs(np.random.default_rng(0).normal(10.0, 400.0, (40, 30)).mean(axis=1, keepdims=True)) * np.ones(30)
    seen = Reckoned(Ahead(np.ones(1), np.ones((30, 1)), {}), worth[0], np.tile(worth, (40, 1)), drawn[0], drawn)
    table = _by_segment(seen, np.zeros(30), (np.ones(30), np.zeros(30)), weights=None, seed=0)
    assert (table["at_risk_low"] >= 0).all() and (table["at_risk_low"] <= table["at_risk"]).all()


def test_the_demo_states_what_a_stay_is_worth_and_that_it_is_simulated_and_a_simulated_study_leaves_it_open(
    tmp_path: Path,
) -> None:
    demo = load_study(Path(__file__).parents[2] / "configs" / "studies" / "demo.yaml")
    stated = demo.config.retention.value
    assert stated is not None and stated.everyone.source.startswith("simulated") and stated.everyone.exit_cost
    simulate_into(tmp_path / "own", people=60, seed=1, world=World.NEEDS, waves=1)
    assert load_study(tmp_path / "own" / "study.yaml").config.retention.value is None
