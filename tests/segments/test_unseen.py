"""What segments say of people they have not seen: the same people whatever is asked, more only where it is there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.retention.paired import paired_gain
from segment.segments import SegmentSelector
from segment.segments.unseen import unseen_likelihood

NEEDS = {f"{need}{item}": need for need in "abcd" for item in (1, 2, 3)}


def answers(*, apart: float, n: int = 360, seed: int = 0) -> pd.DataFrame:
    """Three groups that each rate one need higher; ``apart`` 0: nobody differs."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], n // 3)
    means = 3.0 + apart * np.eye(4)[group]
    told = np.repeat(means, 3, axis=1) + rng.normal(0, 0.7, (n, 12))
    return pd.DataFrame(np.clip(np.round(told), 1, 5), columns=list(NEEDS))


def told(items: pd.DataFrame, k: int) -> pd.DataFrame:
    selector = SegmentSelector(k, families=["needs_mixture"], n_splits=1, n_starts=2, null_draws=1).fit(items, NEEDS)
    return unseen_likelihood(selector, selector.reading_.read(items, np.ones(len(items))))


def test_other_numbers_of_segments_are_held_against_each_other_on_the_same_people() -> None:
    items = answers(apart=1.5)
    three, two = told(items, 3), told(items, 2)
    assert three["row"].tolist() == two["row"].tolist() and not three["row"].duplicated().any()
    assert three["footing"].unique().tolist() == two["footing"].unique().tolist()
    assert three["one"].tolist() == pytest.approx(two["one"].tolist())
    assert paired_gain(-two["own"], -three["own"]).sure == 1
    assert paired_gain(-three["one"], -three["own"]).sure == 1


def test_segments_that_are_not_there_gain_nothing_on_people_held_out() -> None:
    found = told(answers(apart=0.0), 3)
    assert paired_gain(-found["one"], -found["own"]).sure <= 0


def test_other_answers_stand_on_another_footing() -> None:
    first, second = told(answers(apart=1.5), 2), told(answers(apart=1.5, seed=1), 2)
    assert set(first["footing"]).isdisjoint(second["footing"])
