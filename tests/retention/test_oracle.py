"""Curves and Cox's model against an implementation of somebody else: statsmodels, with people who join late.

statsmodels knows entry (left truncation) for Kaplan-Meier and Cox, and Aalen-Johansen where everybody is seen from the
start. With entry the incidence of a cause is put together from its curves: the share still here before each exit, times
the fall of the curve in which this cause alone counts (Aalen & Johansen, Scand. J. Statist. 1978).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from segment.retention import CoxFloor
from segment.retention.curves import estimate_curve
from segment.retention.outcomes import check_spells

CAUSES = ("voluntary", "involuntary")
CLOSE = {"rtol": 0.0, "atol": 1e-6}


def spells_of(seed: int, *, late: bool, ties: bool, people: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Attributes and spells: leaving depends on both attributes, half of the people join the study late."""
    draw = np.random.default_rng(seed)
    X = pd.DataFrame({"part_time": draw.integers(0, 2, people), "far": draw.integers(0, 2, people)}).astype(float)
    force = np.exp(0.7 * X["part_time"] - 0.5 * X["far"])
    leaving, end = draw.exponential(60 / force), draw.uniform(12, 120, people)
    entry = np.where(draw.random(people) < 0.5, draw.uniform(0, 40, people), 0.0) if late else np.zeros(people)
    exit_ = np.minimum(leaving, end)
    if ties:  # exits on whole months, entries between them: nobody joins at the moment that somebody leaves
        exit_, entry = np.ceil(exit_), np.where(entry > 0, np.floor(entry) + 0.5, 0.0)
    event = np.where(leaving <= end, 1 + (draw.random(people) < 0.3), 0)
    spells = pd.DataFrame({"entry": entry, "exit": exit_, "event": event})
    seen = spells["entry"] < spells["exit"]
    return X[seen].reset_index(drop=True), spells[seen].reset_index(drop=True)


def at(times: np.ndarray, known: np.ndarray, values: np.ndarray, *, first: float = 1.0) -> np.ndarray:
    """A step function of somebody else at our times."""
    return np.r_[first, values][np.searchsorted(known, times, side="right")]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_kaplan_meier_with_late_entry(seed: int, ties: bool) -> None:
    _, spells = spells_of(seed, late=True, ties=ties)
    ours = estimate_curve(check_spells(spells, causes=CAUSES))
    theirs = SurvfuncRight(spells["exit"], spells["event"] > 0, entry=spells["entry"])
    np.testing.assert_allclose(ours.survival, at(ours.times, theirs.surv_times, theirs.surv_prob), **CLOSE)


@pytest.mark.parametrize("ties", [False, True])
def test_aalen_johansen_of_people_seen_from_the_start(ties: bool) -> None:
    _, spells = spells_of(1, late=False, ties=ties)
    ours = estimate_curve(check_spells(spells, causes=CAUSES))
    theirs = CumIncidenceRight(spells["exit"], spells["event"])
    for mine, other in zip(ours.incidence, theirs.cinc, strict=True):
        np.testing.assert_allclose(mine, at(ours.times, theirs.times, other, first=0.0), **CLOSE)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_aalen_johansen_with_late_entry(seed: int, ties: bool) -> None:
    _, spells = spells_of(seed, late=True, ties=ties)
    ours = estimate_curve(check_spells(spells, causes=CAUSES))
    everyone = SurvfuncRight(spells["exit"], spells["event"] > 0, entry=spells["entry"])
    before = np.r_[1.0, at(ours.times, everyone.surv_times, everyone.surv_prob)[:-1]]
    for number, mine in enumerate(ours.incidence, start=1):
        alone = SurvfuncRight(spells["exit"], spells["event"] == number, entry=spells["entry"])
        still = np.r_[1.0, at(ours.times, alone.surv_times, alone.surv_prob)]
        np.testing.assert_allclose(mine, np.cumsum(before * (1 - still[1:] / still[:-1])), **CLOSE)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("ties", [False, True])
def test_cox_with_late_entry(ties: bool, late: bool) -> None:
    """Without the ridge: coefficients and the force of everyone together, ties in Breslow's way."""
    X, spells = spells_of(2, late=late, ties=ties)
    ours = CoxFloor(ridge=0.0, causes=CAUSES).fit(X, spells)
    features = ours.plan_.linear(X)
    model = PHReg(spells["exit"], X - X.mean(), spells["event"] > 0, entry=spells["entry"], ties="breslow")
    theirs = model.fit(method="newton", maxiter=50, disp=0)
    lines = (features - features.mean(axis=0)) @ ours.coef_
    np.testing.assert_allclose(lines, (X - X.mean()).to_numpy() @ theirs.params, **CLOSE)
    [(times, force, _)] = theirs.baseline_cumulative_hazard
    # Theirs is of somebody in the middle, and at a moment of exit what it was just before.
    hazard = np.r_[0.0, ours.hazard_[:-1]] * np.exp(features.mean(axis=0) @ ours.coef_)
    np.testing.assert_allclose(hazard, at(ours.times_, np.asarray(times), np.asarray(force), first=0.0), **CLOSE)
