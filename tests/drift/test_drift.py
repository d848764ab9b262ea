"""What a watch may say: laws of levels, ratios and tests, over many worlds in which nothing changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segment.drift import (
    ALPHA,
    input_drift,
    level_of_look,
    observed_against_expected,
    proportions_differ,
    shares_differ,
)
from segment.errors import InvalidInput


def test_levels_of_all_looks_add_up_to_no_more_than_the_whole() -> None:
    spent = sum(level_of_look(alpha, look) for alpha in ALPHA.values() for look in range(1, 10_000))
    assert 0.0499 < spent <= 0.05


def test_ranks_say_what_the_textbook_says() -> None:
    rng = np.random.default_rng(1)
    for shift in (0.0, 0.1, 0.5):
        first, second = rng.integers(1, 6, 200), np.clip(rng.integers(1, 6, 150) + (rng.random(150) < shift), 1, 5)
        told = input_drift(pd.DataFrame({"a": first}), pd.DataFrame({"a": second}))["p"].iloc[0]
        assert told == pytest.approx(
            stats.mannwhitneyu(first, second, method="asymptotic", use_continuity=False).pvalue, rel=1e-9
        )


def test_where_nothing_changed_any_finding_is_as_rare_as_the_level() -> None:
    rng, level, found = np.random.default_rng(2), 0.1, 0
    for _ in range(300):
        before, after = (pd.DataFrame(rng.integers(1, 6, (120, 8)), columns=list("abcdefgh")) for _ in range(2))
        found += bool(input_drift(before, after, level=level)["drifted"].any())
    assert found / 300 <= level + 3 * np.sqrt(level * (1 - level) / 300)


def test_words_and_gaps_are_compared_too_and_few_answers_judge_nothing() -> None:
    before = pd.DataFrame({"site": ["a"] * 100 + ["b"] * 100, "q": [3.0] * 200, "few": [1.0] * 20 + [np.nan] * 180})
    after = before.assign(site=["a"] * 160 + ["b"] * 40, few=5.0)
    told = input_drift(before, after).set_index("column")
    assert told["drifted"].to_dict() == {"site": True, "q": False, "few": False}
    assert np.isnan(told.loc["few", "p"])
    with pytest.raises(InvalidInput, match="without a column in common"):
        input_drift(before, after.rename(columns=str.upper))


def test_the_limits_of_exits_hold_at_every_look_together() -> None:
    """Looked at after each of 60 months, the right rate is ruled out in no more than one of twenty worlds."""
    rng, missed, worlds = np.random.default_rng(3), 0, 400
    for _ in range(worlds):
        chances = rng.uniform(0.005, 0.03, (60, 200))
        came = np.cumsum((rng.random((60, 200)) < chances).sum(axis=1))
        hoped = np.cumsum(chances.sum(axis=1))
        missed += any(observed_against_expected(o, e, alpha=0.05).alarm for o, e in zip(came, hoped, strict=True))
    assert missed / worlds <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / worlds)


def test_twice_as_many_exits_are_noticed_and_the_interval_holds_the_ratio() -> None:
    told = observed_against_expected(120, 60, alpha=0.01)
    assert told.alarm and told.low < 2 < told.high and told.value == 2
    none = observed_against_expected(0, 3)
    assert none.low == 0 and none.high > 1 and not none.alarm
    assert observed_against_expected(0, 60).alarm
    with pytest.raises(InvalidInput, match="cannot be held against"):
        observed_against_expected(3, 0)


def test_sizes_and_proportions() -> None:
    assert shares_differ([300, 200], [200, 300]) < 0.001 < shares_differ([300, 200], [305, 195])
    assert shares_differ([10, 0], [20, 0]) == 1.0
    assert proportions_differ((700, 1000), (600, 1000)) < 0.001
    for wrong in (((3, 2), (1, 2)), ((0, 0), (1, 2))):
        with pytest.raises(InvalidInput):
            proportions_differ(*wrong)
