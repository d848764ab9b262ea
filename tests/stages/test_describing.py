"""What segments are good for: outcomes per segment, and short forms that new people can be put into segments by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments import SegmentSelector
from segment.segments.frozen import SegmentScorer
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.segmentation.basis import Basis
from segment.stages.segmentation.description import outcomes_of, typing_of
from segment.stages.simulate import simulate_into
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import World

NEEDS = ("pay", "social", "growth")


def _item(code: str, kind: str, *, use: str, reverse: bool = False) -> Item:
    return Item(
        code=code,
        kind=kind,
        need="",
        scale="agree5",
        low=1.0,
        high=5.0,
        reverse=reverse,
        r="",
        use=use,
        short=False,
        texts={"nl": code, "en": code},
    )


@pytest.fixture(scope="module")
def survey() -> tuple[pd.DataFrame, pd.DataFrame, Basis]:
    """600 people in three segments; those of segment 1 intend to stay, and nobody differs in pride."""
    rng = np.random.default_rng(4)
    truth = np.repeat([0, 1, 2], [300, 180, 120])
    items = {
        f"{need}{number}": np.clip(np.round(3 + 1.2 * (truth == place) + rng.normal(0, 0.8, 600)), 1, 5)
        for place, need in enumerate(NEEDS)
        for number in range(4)
    }
    people = pd.DataFrame(items).assign(weight=1.0, pride=rng.integers(1, 6, 600).astype(float))
    people["leaving"] = np.clip(np.round(4 - 2 * (truth == 1) + rng.normal(0, 0.7, 600)), 1, 5)
    people["leaving"] = 6 - people["leaving"]  # turned when it was read
    basis = Basis({code: code[:-1] for code in items}, dict.fromkeys(items, (1.0, 5.0)))
    selector = SegmentSelector(3, families=("needs_mixture",), n_splits=2, null_draws=2, n_starts=3)
    selector.fit(basis.items(people), basis.need_map, scales=basis.scales)
    chances = pd.DataFrame(selector.predict_proba(basis.items(people))).add_prefix("p_")
    return people, chances.rename(columns={f"p_{i}": f"p_{i + 1}" for i in range(3)}), basis


def test_a_difference_is_found_on_the_scale_as_it_was_asked(survey: tuple[pd.DataFrame, pd.DataFrame, Basis]) -> None:
    people, chances, _ = survey
    asked = (_item("leaving", "stay", use="outcome", reverse=True), _item("pride", "pride", use="outcome"))
    found = outcomes_of(people, chances, Codebook(asked, {})).set_index(["item", "segment"])
    leaving, pride = found.loc["leaving"], found.loc["pride"]
    assert leaving["mean"].min() == pytest.approx(2.0, abs=0.25) and leaving["mean"].max() > 3.7
    assert (leaving["low"] <= leaving["mean"]).all() and (leaving["mean"] <= leaving["high"]).all()
    assert leaving["p_value"].iloc[0] < 0.001 < 0.05 < pride["p_value"].iloc[0]


def test_only_outcomes_that_were_asked_are_compared(survey: tuple[pd.DataFrame, pd.DataFrame, Basis]) -> None:
    people, chances, _ = survey
    asked = (_item("pay0", "importance", use="cluster"), _item("absent", "stay", use="outcome"))
    assert outcomes_of(people, chances, Codebook(asked, {})).empty
    few = people.assign(pride=people["pride"].where(people.index < 80))
    assert outcomes_of(few, chances, Codebook((_item("pride", "pride", use="outcome"),), {})).empty


def test_a_survey_of_a_few_questions_is_read_by_the_short_form(
    survey: tuple[pd.DataFrame, pd.DataFrame, Basis],
) -> None:
    people, chances, basis = survey
    tool, table = typing_of(people, chances, basis, random_state=0)
    assert table.groupby("n_items").size().to_dict() == {6: 6, 8: 8, 10: 10, 12: 12}
    selector = SegmentSelector(3, families=("needs_mixture",), n_splits=2, null_draws=2, n_starts=3)
    selector.fit(basis.items(people), basis.need_map, scales=basis.scales)
    scorer = SegmentScorer.of(selector, {number: {"en": str(number)} for number in range(3)}, typing_tool=tool)
    six = people[list(tool.forms_[6].names)]
    assert (scorer.forms_of(six) == 6).sum() == six.notna().all(axis=1).sum() > 0
    right = scorer.score(six)["segment"].to_numpy() == selector.labels_ + 1
    assert right.mean() > table["agreement"].min() - 0.05
    assert (scorer.forms_of(basis.items(people)) == 0).all()
    with pytest.raises(InvalidInput, match="lack questions"):
        scorer.score(six.iloc[:, :5])


def test_a_small_organisation_gets_what_weighs_most_for_everyone(tmp_path: Path) -> None:
    simulate_into(tmp_path, people=90, seed=5, world=World.NEEDS, waves=1)
    opened = open_study(tmp_path / "study.yaml")
    for name in ("prepare", "discover"):
        receipt = run_stage(STAGES_IN_ORDER[name], opened)
    assert "fewer than 100" in receipt.said
    drivers = opened.store.read("drivers")
    assert drivers["rank"].tolist() == list(range(1, len(drivers) + 1))
    assert (drivers["shrunken"].abs().sum() < drivers["mean"].abs().sum()) and (drivers["code"] == "SM001").all()
    assert ((drivers["shrunken_low"] < drivers["shrunken"]) & (drivers["shrunken"] < drivers["shrunken_high"])).all()
