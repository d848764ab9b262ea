"""How many will have left: the band holds what comes, and segments and everyone are one story."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from segment.retention.leavers import leaver_bands
from segment.retention.levels import Level, group_levels, joint_draws, level_of_exits

SIZES = np.array([500, 300, 200, 90, 30])


def organisation(seed: int, *, drift: float | None = None):
    """A hold-out of fifteen months and the year after it: bands, and how many left of each group and of all."""
    rng = np.random.default_rng([seed, 5])
    group = np.repeat(np.arange(len(SIZES)), SIZES)
    told = 0.012 * np.exp(0.5 * rng.normal(size=len(group)))
    rate = told * np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.25, len(SIZES)))[group]
    leaves = rng.exponential(1 / rate)
    gone, expected = leaves < 15, told * np.minimum(leaves, 15)
    own = {k: level_of_exits(gone[group == k].sum(), expected[group == k].sum()) for k in range(len(SIZES))}
    chances, of = -np.expm1(-12 * told[~gone]), group[~gone]
    times = rng.uniform(0.8, 1.2) if drift is None else 1 + drift
    left = rng.exponential(1 / (times * rate[~gone])) < 12
    bands = leaver_bands(
        {k: chances[of == k] for k in range(len(SIZES))}, own, level_of_exits(gone.sum(), expected.sum()),
        random_state=seed,
    )  # fmt: skip
    return bands, [*(int(left[of == k].sum()) for k in range(len(SIZES))), int(left.sum())]


def test_nine_times_in_ten_the_number_that_comes_lies_in_the_band() -> None:
    """Eighty organisations, groups of 500 to 30 people, the level of next year up to a fifth off either way."""
    held = np.array([
        (bands["low"] <= came) & (came <= bands["high"]) for bands, came in map(organisation, range(80))
    ])  # fmt: skip
    assert 0.87 <= held.mean() <= 0.94
    assert held.mean(axis=0).min() >= 0.8


def test_a_draw_of_everyone_is_the_sum_of_its_groups() -> None:
    bands, _ = organisation(3)
    groups, everyone = bands.iloc[:-1], bands.iloc[-1]
    assert everyone["group"] is None and everyone["n"] == groups["n"].sum()
    assert everyone["expected"] == pytest.approx(groups["expected"].sum())
    assert groups["low"].sum() <= everyone["low"] < everyone["expected"] < everyone["high"] <= groups["high"].sum()
    assert ((groups["low"] <= groups["expected"]) & (groups["expected"] <= groups["high"])).all()
    assert (bands[["low", "high"]] % 1 == 0).all(axis=None)


def test_groups_add_up_to_the_level_of_everyone_whatever_their_own_levels_say() -> None:
    """Each group's own exits say twice as many; everyone's, of more people watched, say as many as expected."""
    chances = {k: np.full(400, 0.1) for k in "ab"}
    found = leaver_bands(chances, dict.fromkeys("ab", Level(np.log(2), 0.3)), Level(0.0, 0.01))
    assert found["expected"].iloc[-1] == pytest.approx(80, rel=0.02)


def test_where_nothing_is_in_doubt_the_band_is_that_of_unlike_coins() -> None:
    chances = {"a": np.full(200, 0.1)}
    sure = leaver_bands(chances, {"a": Level(0.0, 1e-9)}, Level(0.0, 1e-9), drift=0.0)
    low, high = stats.binom.ppf([0.05, 0.95], 200, 0.1)
    assert abs(sure["low"].iloc[0] - low) <= 1 and abs(sure["high"].iloc[0] - high) <= 1
    spread = lambda found: (found["high"] - found["low"]).iloc[0]  # noqa: E731
    assert spread(sure) < spread(leaver_bands(chances, {"a": Level(0.0, 0.2)}, Level(0.0, 0.2), drift=0.0))
    assert spread(sure) < spread(leaver_bands(chances, {"a": Level(0.0, 1e-9)}, Level(0.0, 1e-9)))


def test_joint_draws_lie_one_by_one_as_the_levels_of_groups_say() -> None:
    own = {k: level_of_exits(observed, expected) for k, (observed, expected) in enumerate([(30, 20), (4, 9), (80, 90)])}
    drawn = joint_draws(own, np.random.default_rng(0), n=60_000)
    for draws, level in zip(drawn, group_levels(own).values(), strict=True):
        assert draws.mean() == pytest.approx(level.log_ratio, abs=0.01)
        assert draws.std() == pytest.approx(level.error, rel=0.03)


def test_the_same_seed_gives_the_same_band_and_a_group_without_people_none() -> None:
    chances, levels = {"a": np.full(50, 0.2), "b": np.empty(0)}, {"a": Level(0.0, 0.1), "b": Level(0.0, 0.1)}
    first, second = (leaver_bands(chances, levels, Level(0.0, 0.1), random_state=7) for _ in range(2))
    assert first.equals(second) and first["group"].tolist() == ["a", None]
