"""Between two surveys: people who moved, told apart from segments that moved."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.stages import relationship
from segment.stages.segmentation.basis import Basis
from segment.stages.segmentation.migration import movement_of

NEEDS = ("pay", "social", "growth", "meaning")
PEOPLE = 480


def _wave(name: str, truth: np.ndarray, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    items = {
        f"{need}{number}": np.clip(np.round(3 + 1.4 * (truth == place) + rng.normal(0, 0.6, PEOPLE)), 1, 5)
        for place, need in enumerate(NEEDS)
        for number in range(4)
    }
    return pd.DataFrame({"person": [f"p{i}" for i in range(PEOPLE)], "wave": name, "weight": 1.0} | items)


def _movement(then: np.ndarray, now: np.ndarray) -> pd.DataFrame:
    responses = pd.concat([_wave("2023", then, 1), _wave("2024", now, 2)], ignore_index=True)
    codes = [c for c in responses if c not in ("person", "wave", "weight")]
    basis = Basis({code: code[:-1] for code in codes}, dict.fromkeys(codes, (1.0, 5.0)))
    selector = SegmentSelector(3, families=("needs_mixture",), n_splits=2, null_draws=2, n_starts=4)
    later = responses[responses["wave"] == "2024"].reset_index(drop=True)
    selector.fit(basis.items(later), basis.need_map, scales=basis.scales)
    choices = Choices({}, {}, {})
    found = movement_of(
        selector, responses, basis, choices, wave="2024", earlier=["2023"], keep_from=0.7, random_state=0
    )
    return found.set_index("moved")


def test_people_who_moved_are_counted_and_the_model_may_stay() -> None:
    then = np.repeat([0, 1, 2], PEOPLE // 3)
    now = then.copy()
    now[:80] = 1
    found = _movement(then, now)
    assert abs(found.loc["people", "n"] - 80) <= 12
    assert found["n"].sum() == PEOPLE
    assert found["code"].unique().tolist() == ["MG000"]


def test_segments_that_moved_are_no_movement_of_people() -> None:
    then = np.repeat([0, 1, 2], PEOPLE // 3)
    now = np.tile([0, 2, 3], PEOPLE // 3)
    found = _movement(then, now)
    assert found["agreement"].iloc[0] < 0.7
    assert found["code"].iloc[0] in ("MG001", "MG002")


def test_one_survey_moves_nobody() -> None:
    responses = _wave("2024", np.repeat([0, 1, 2], PEOPLE // 3), 1)
    selector = SegmentSelector(3, families=("needs_mixture",), n_splits=2, null_draws=2, n_starts=2)
    codes = [c for c in responses if c not in ("person", "wave", "weight")]
    basis = Basis({code: code[:-1] for code in codes}, dict.fromkeys(codes, (1.0, 5.0)))
    selector.fit(basis.items(responses), basis.need_map, scales=basis.scales)
    found = movement_of(
        selector, responses, basis, Choices({}, {}, {}), wave="2024", earlier=[], keep_from=0.7, random_state=0
    )
    assert found.empty and "moved" in found


def test_nobody_goes_anywhere_where_everyone_is_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relationship, "wave_names", lambda *_: ["2023", "2024"])
    monkeypatch.setattr(relationship, "answers_weighted", lambda _: None)
    answered = pd.DataFrame({"person": [*range(40), *range(40)], "wave": ["2023"] * 40 + ["2024"] * 40})
    assert len(relationship.migration_between(cast(Any, None), answered.assign(segment=answered["person"] % 2)))
    assert relationship.migration_between(cast(Any, None), answered.assign(segment=0)).empty
