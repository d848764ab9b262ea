"""What retention models keep of people: nothing that only one person carries, in no attribute and no byte of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.retention import HazardModel, HorizonModel
from segment.retention.scorer import RetentionScorer
from tests.kept_values import LEVEL, PAY, TENURE, attributes_holding, bytes_holding, saved

N = 600


def people(*, pay: float = PAY, tenure: float = TENURE, level: str = LEVEL) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Six hundred people, of whom the last has the highest pay, the longest tenure and a level of their own."""
    rng = np.random.default_rng(3)
    X = pd.DataFrame(
        {
            "pay": rng.normal(3_000, 500, N).round(2),
            "grade": rng.integers(1, 6, N).astype(float),
            "site": rng.choice(["Oost", "West", "Zuid"], N),
        }
    )
    force = np.exp(-3.2 - (X["pay"] - 3_000) / 500 + 0.6 * (X["site"] == "Zuid"))
    entry = rng.uniform(0, 60, N)
    gone = entry + rng.exponential(1 / force) + 0.01
    exit_ = np.minimum(gone, entry + 24)
    event = np.where(gone <= entry + 24, rng.integers(1, 3, N), 0)
    X.loc[rng.random(N) < 0.1, "grade"] = np.nan
    X.loc[N - 1] = [pay, 1.0, level]
    entry[-1], exit_[-1], event[-1] = tenure - 1.4, tenure, 1
    return X, pd.DataFrame({"entry": entry, "exit": exit_, "event": event})


def fitted(kind: str, learner: str, X: pd.DataFrame, spells: pd.DataFrame) -> Any:
    """A model as the project saves it: time with entry and causes, a duration without, or a flag."""
    if kind == "flag":
        return RetentionScorer(HorizonModel(learner, max_rounds=20).fit(X, (spells["event"] > 0).astype(int)))
    if kind == "duration":
        spells = spells.assign(event=(spells["event"] > 0).astype(int)).drop(columns="entry")
        return RetentionScorer(HazardModel(learner, causes=("left",), max_rounds=20, max_rows=8_000).fit(X, spells))
    return RetentionScorer(HazardModel(learner, max_rounds=20, max_rows=8_000).fit(X, spells))


KINDS = [
    ("flag", "linear"), ("flag", "boosting"), ("flag", "auto"),
    ("hazard", "linear"), ("hazard", "boosting"), ("hazard", "average"), ("duration", "average"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "learner"), KINDS)
def test_no_attribute_and_no_byte_holds_what_one_person_carries(kind: str, learner: str) -> None:
    model = fitted(kind, learner, *people())
    assert attributes_holding(model) == []
    assert bytes_holding(saved(model)) == []


@pytest.mark.parametrize("kind", ["flag", "hazard"])
def test_how_far_out_one_person_lies_changes_no_byte(kind: str) -> None:
    """Stronger than a search: another extreme, another tenure and another name give the same file."""
    one = saved(fitted(kind, "average", *people()))
    other = saved(fitted(kind, "average", *people(pay=5e7, tenure=701.4, level="Boomklever")))
    assert one == other


def test_the_walk_finds_what_a_model_holds() -> None:
    """A model without the rules keeps the ends; the walk must see them as numbers, in text, and in the file."""
    X, spells = people()

    @dataclass
    class Unruly:
        plan: dict[str, Any]
        edges: np.ndarray
        text: str

    held = Unruly(
        {"levels": sorted(X["site"].unique()), "longest": int(spells["exit"].max())},
        np.quantile(X["pay"], [0, 0.5, 1]).astype(np.float32),
        f"feature_infos=[{X['pay'].min()}:{X['pay'].max()}]",
    )
    assert attributes_holding(held) == [".plan.levels[3]", ".plan.longest", ".edges", ".text"]
    for part in (held.plan["levels"], held.edges, held.text, X["pay"].to_numpy(), {"months": float(TENURE)}):
        assert bytes_holding(saved(part)), part
    tight = saved(RetentionScorer(fitted("flag", "linear", *people()).model, months=TENURE))
    assert bytes_holding(tight)


def test_only_whole_months_that_ten_people_reached_are_kept() -> None:
    X, spells = people()
    model = fitted("hazard", "average", X, spells).model
    tenth = np.sort(spells["exit"])[-10]
    assert model.longest_watched_ == np.floor(tenth) < spells["exit"].nlargest(2).iloc[-1]
    for risk in model.risks_:
        curves = [one.curve for one in (risk.linear, risk.plain, risk.boosted and risk.boosted.base) if one]
        assert curves and all(curve.longest <= tenth for curve in curves if curve is not None)


def test_numbers_of_people_are_bands() -> None:
    X, spells = people()
    model = fitted("hazard", "boosting", X, spells).model
    assert model.n_people_ == 600 and model.n_events_[0] % 10 == 0 and model.n_rows_ % 100 == 0
    counts = [
        int(count)
        for risk in model.risks_
        for line in risk.boosted.text.splitlines()
        if line.startswith("leaf_count=")
        for count in line.removeprefix("leaf_count=").split()
    ]
    assert counts and all(count % 10 == 0 for count in counts)
    assert "leaf_weight" not in model.risks_[0].boosted.text
