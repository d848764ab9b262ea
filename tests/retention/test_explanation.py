"""Explanations: they add up to the model, find what was planted, and are quick."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from segment.errors import InvalidInput
from segment.retention import (
    HazardModel,
    HorizonModel,
    effects,
    explain_people,
    segment_doubt,
    segment_effects,
    what_if,
)


@pytest.fixture(scope="module")
def models(world) -> dict[str, HazardModel]:
    return {
        name: HazardModel(name, max_rows=15_000, max_rounds=60).fit(world.X, world.spells)
        for name in ("linear", "boosting", "average")
    }


@pytest.mark.parametrize("learner", ["linear", "boosting", "average"])
@pytest.mark.parametrize("cause", ["voluntary", "involuntary"])
def test_contributions_add_up_to_the_hazard(models, world, learner: str, cause: str) -> None:
    model, X, tenure = models[learner], world.X.head(100), np.linspace(0, 90, 100)
    total = explain_people(model, X, tenure=tenure, cause=cause).sum(axis=1)
    both = {c: np.exp(explain_people(model, X, tenure=tenure, cause=c).sum(axis=1)) for c in model.causes_}
    hazard = np.exp(total) / (1 + sum(both.values()))
    ahead = model.predict_ahead(X, [1.0], start=np.floor(tenure)).incidence[cause][:, 0]
    np.testing.assert_allclose(hazard, ahead, atol=1e-9)


def test_contributions_add_up_to_the_probability(world) -> None:
    y = (world.X["unmet"] + np.random.default_rng(0).normal(size=len(world.X)) > 0.5).astype(int)
    model = HorizonModel("average", max_rounds=50).fit(world.X, y)
    parts = explain_people(model, world.X)
    np.testing.assert_allclose(expit(parts.sum(axis=1)), model.predict(world.X), atol=1e-9)
    assert logit(model.predict(world.X)).std() > 0.5 and parts.index.equals(world.X.index)


@pytest.mark.parametrize("learner", ["linear", "boosting", "average"])
def test_what_was_planted_is_found(models, world, learner: str) -> None:
    """In truth 0.7 per unit of unmet needs: the outer fifths lie 2.8 apart, so 1.96; pay goes the other way."""
    table = effects(models[learner], world.X, tenure=12.0).set_index("feature")
    assert table.index[0] == "unmet"
    assert table.loc["unmet", "direction"] == "more" and table.loc["pay", "direction"] == "less"
    assert 1.6 < table.loc["unmet", "effect"] < 2.4
    assert ((table["low"] <= table["effect"]) & (table["effect"] <= table["high"])).all()
    layoffs = effects(models[learner], world.X, tenure=12.0, cause="involuntary").set_index("feature")
    assert layoffs.loc["site", "compared"].startswith("A with")


def test_intervals_of_the_linear_part_cover_the_truth(make) -> None:
    inside = []
    for seed in range(10):
        one = make(1_500, 100 + seed)
        model = HazardModel("linear", max_rows=6_000, random_state=seed).fit(one.X, one.spells)
        row = effects(model, one.X, tenure=12.0).set_index("feature").loc["unmet"]
        high, low = one.X["unmet"].quantile([0.8, 0.2])
        truth = 0.7 * (one.X["unmet"][one.X["unmet"] >= high].mean() - one.X["unmet"][one.X["unmet"] <= low].mean())
        inside.append(row["low"] <= truth <= row["high"])
    assert np.mean(inside) >= 0.8


def test_a_person_takes_at_most_a_millisecond(models, world) -> None:
    X = pd.concat([world.X] * 2)
    begun = time.process_time()
    explain_people(models["average"], X, tenure=12.0)
    assert (time.process_time() - begun) / len(X) < 1e-3


def test_segments_and_what_if(models, world) -> None:
    parts = explain_people(models["linear"], world.X, tenure=12.0)
    labels = np.where(world.X["unmet"] > 0, 1, 0).astype(object)
    labels[:5] = None
    labels[5:10] = 9
    table = segment_effects(parts, labels)
    unmet = table[table["feature"] == "unmet"].set_index("segment")["effect"]
    assert list(unmet.index) == [0, 1] and unmet[1] > 0 > unmet[0]
    changed = what_if(models["linear"], world.X, "unmet", [-1, 0, 1])
    assert changed["leaving"].is_monotonic_increasing and set(changed["reading"]) == {"sensitivity"}


def test_intervals_per_segment_know_the_doubt_of_the_model_and_cover_the_truth() -> None:
    apart, inside = np.array([0.5, -0.5]), []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        labels = rng.integers(2, size=400)
        X = pd.DataFrame({"unmet": rng.normal(size=400) + apart[labels], "pay": rng.normal(size=400)})
        y = (rng.random(400) < expit(-1 + 0.6 * X["unmet"])).astype(float)
        model = HorizonModel("linear").fit(X, y)
        parts = explain_people(model, X)
        doubt = segment_doubt(model, X, labels, parts=parts)
        table = segment_effects(parts - parts.mean(), labels, doubt=doubt)
        rows = table[table["feature"] == "unmet"]
        truth = 0.6 * apart[rows["segment"].astype(int)]
        inside += ((rows["low"] <= truth) & (truth <= rows["high"])).tolist()
    assert np.mean(inside) >= 0.9


def test_two_levels_picked_after_looking_are_not_told_apart_by_chance() -> None:
    inside = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame({"site": rng.choice(list("ABCDE"), 400), "pay": rng.normal(size=400)})
        y = (rng.random(400) < 0.3).astype(float)
        row = effects(HorizonModel("linear").fit(X, y), X).set_index("feature").loc["site"]
        inside.append(row["low"] <= 0 <= row["high"])
    assert np.mean(inside) >= 0.87


def test_refusals(models, world) -> None:
    with pytest.raises(InvalidInput, match="explained at a tenure"):
        explain_people(models["linear"], world.X)
    with pytest.raises(InvalidInput, match="cause was not learned"):
        explain_people(models["linear"], world.X, tenure=1, cause="retired")
    with pytest.raises(InvalidInput, match="no such attribute"):
        what_if(models["linear"], world.X, "mood", [1])
    with pytest.raises(InvalidInput, match="needs a segment"):
        segment_effects(pd.DataFrame({"base": [0.0]}), [1, 2])


def test_an_attribute_of_which_nobody_can_be_compared_has_no_association() -> None:
    """All but a few in one part of the firm: '0 % (0 to 0)' is a claim without width, and nothing was compared."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"unmet": rng.normal(size=600), "unit": ["shops"] * 590 + ["head office"] * 10})
    y = (X["unmet"] + rng.normal(size=600) > 0).astype(int)
    row = effects(HorizonModel("linear").fit(X, y), X).set_index("feature").loc["unit"]
    assert row["direction"] == "none" and row[["effect", "low", "high", "odds_ratio"]].isna().all()
