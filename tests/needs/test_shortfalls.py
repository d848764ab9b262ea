"""Unmet needs: laws and one example by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.needs.shortfalls import need_shortfalls


def people(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    return tuple(pd.DataFrame(rng.uniform(1, 4, (50, 3)), columns=["PAY", "SEC", "SOC"]) for _ in range(2))  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(5))
def test_answering_one_step_higher_changes_no_shortfall(seed: int) -> None:
    importance, experience = people(seed)
    pd.testing.assert_frame_equal(
        need_shortfalls(importance, experience), need_shortfalls(importance + 1, experience + 1)
    )


@pytest.mark.parametrize("seed", range(5))
def test_shortfalls_lie_between_zero_and_one(seed: int) -> None:
    shortfalls = need_shortfalls(*people(seed))
    assert ((shortfalls >= 0) & (shortfalls <= 1)).all(axis=None)


def test_more_than_is_asked_for_is_no_shortfall_and_unknown_stays_unknown() -> None:
    importance = pd.DataFrame({"PAY": [2.0, np.nan, 5.0]})
    experience = pd.DataFrame({"PAY": [4.0, 3.0, 1.0]})
    assert need_shortfalls(importance, experience)["PAY"].tolist()[::2] == [0.0, 1.0]
    assert np.isnan(need_shortfalls(importance, experience)["PAY"].iloc[1])


def test_without_importance_it_is_the_way_to_the_highest_answer() -> None:
    assert need_shortfalls(None, pd.DataFrame({"PAY": [5.0, 3.0]}))["PAY"].tolist() == [0.0, 0.5]


def test_a_scale_without_length_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no length"):
        need_shortfalls(None, pd.DataFrame({"PAY": [1.0]}), scale=(1, 1))
