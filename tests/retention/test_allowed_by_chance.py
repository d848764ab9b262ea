"""Benchmarks of few simulations: what is right does not fail by its own noise, and what is wrong is noticed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from staying.rows import held_row


def passes(size: int, low: float, high: float) -> np.ndarray:
    """Whether each possible number of trials that hold is accepted."""
    rows = [held_row("", "", "", [True] * k + [False] * (size - k), low=low, high=high) for k in range(size + 1)]
    return np.array([row["met"] == "yes" for row in rows])


@pytest.mark.parametrize(("low", "high"), [(0.93, 0.97), (0.88, 0.92), (0.0, 0.05)])
@pytest.mark.parametrize("size", [24, 48, 1_200])
def test_a_right_share_fails_less_than_once_in_ten_thousand_and_what_is_noticed_is(size, low, high) -> None:
    accepted, trials = passes(size, low, high), np.arange(size + 1)
    for truth in (low, (low + high) / 2, high):
        assert binom.pmf(trials, size, truth)[~accepted].sum() <= 1.001e-4
    target = held_row("", "", "", [True] * size, low=low, high=high)["target"]
    told = [float(share) for share in re.findall(r"(?:under|over) ([0-9.]+)", str(target))]
    assert told  # something is noticed
    for share in told:
        assert binom.pmf(trials, size, share)[~accepted].sum() > 0.7  # nine of ten, but for two decimals


def test_trials_that_go_together_count_for_less() -> None:
    held = [True] * 50 + [False] * 50
    apart, together = (held_row("", "", "", held, low=0.7, high=0.9, each=each) for each in (1, 10))
    assert (apart["met"], together["met"]) == ("NO", "yes")
