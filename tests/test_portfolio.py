"""The portfolio under a budget: the best of every choice, monotone, fair, in steps."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.personalisation.portfolio import choose_portfolio

OWNERS = ("hr", "manager", "organisation")


def world(actions: int, segments: int, needs: int, *, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    short, people = rng.uniform(0, 0.5, (segments, needs)), rng.integers(30, 800, segments)
    rows = []
    for number in range(actions):
        need, effort = int(rng.integers(needs)), int(rng.integers(1, 4))
        effect, once, each = rng.uniform(0.02, 0.3), rng.uniform(50, 400) * effort, rng.uniform(0, 2) * effort
        for segment in range(segments):
            value = short[segment, need]
            rows.append(
                {
                    "action": f"a{number:03d}", "segment": segment, "need": f"d{need}", "owner": OWNERS[number % 3],
                    "effort": effort, "people": int(people[segment]), "shortfall": value, "low": value * 0.9,
                    "high": value * 1.1, "effect_low": effect / 2, "effect": effect, "effect_high": effect * 1.5,
                    "once": once, "per_person": each,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def by_hand(table: pd.DataFrame, taken: list[int], fair: float) -> tuple[float, float, bool, dict[str, float]]:
    """Relief, cost, whether everyone gets their part, and each owner's effort: from the definition alone."""
    unmet: dict[tuple[int, str], float] = {}
    left: dict[tuple[int, str], float] = {}
    for row in table.to_dict("records"):
        unmet[row["segment"], row["need"]] = row["people"] * row["shortfall"]
    once, cost, load = {}, 0.0, dict.fromkeys(OWNERS, 0.0)
    counted = dict.fromkeys(table["segment"].unique(), 0.0)
    for place in taken:
        row = table.iloc[place]
        key = (row["segment"], row["need"])
        expected = (row["effect_low"] + row["effect"] + row["effect_high"]) / 3
        left[key] = left.get(key, 1.0) * (1 - expected)
        counted[row["segment"]] -= unmet[key] * np.log1p(-expected)
        once[row["action"]] = (row["once"], row["owner"], row["effort"])
        cost += row["per_person"] * row["people"]
    for price, owner, effort in once.values():
        cost, load[owner] = cost + price, load[owner] + effort
    relief = {key: unmet[key] * (1 - part) for key, part in left.items()}
    all_unmet = sum(unmet.values())
    even = all(
        own >= fair * sum(counted.values()) * sum(v for (of, _), v in unmet.items() if of == segment) / all_unmet - 1e-6
        for segment, own in counted.items()
    )
    return sum(relief.values()), cost, even, load


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("fair", [0.0, 0.5])
def test_of_every_choice_it_is_the_best_within_a_thousandth(seed: int, fair: float) -> None:
    table = world(4, 2, 2, seed=seed)
    budget, capacity = 1500.0, {"hr": 3.0, "manager": 2.0}
    best = 0.0
    for size in range(len(table) + 1):
        for taken in itertools.combinations(range(len(table)), size):
            relief, cost, even, load = by_hand(table, list(taken), fair)
            if cost <= budget and even and all(load[owner] <= most for owner, most in capacity.items()):
                best = max(best, relief)
    plan = choose_portfolio(table, budget=budget, capacity=capacity, fair_reach=fair)
    keys = ["action", "segment", "need"]
    own = table.reset_index().merge(plan.chosen[keys])["index"].tolist()
    relief, cost, even, load = by_hand(table, own, fair)
    assert relief == pytest.approx(plan.relief, rel=1e-9) and cost == pytest.approx(plan.cost, rel=1e-9)
    assert cost <= budget + 1e-6 and even and all(load[owner] <= most for owner, most in capacity.items())
    assert best * 0.999 <= relief <= best + 1e-9 and plan.bound >= best - 1e-6


def test_more_budget_never_brings_less_and_it_says_how_near_the_optimum_it_is() -> None:
    table = world(40, 5, 6, seed=3)
    plans = [choose_portfolio(table, budget=budget) for budget in (0, 500, 2_000, 8_000, 32_000, 1e9)]
    reliefs = [plan.relief for plan in plans]
    assert reliefs[0] == 0 and plans[0].chosen.empty
    assert all(more >= less * (1 - 1e-4) for less, more in itertools.pairwise(reliefs)) and reliefs[-1] > reliefs[1]
    assert all(plan.relief <= plan.bound <= plan.relief * 1.01 + 1e-9 for plan in plans)
    assert len(plans[-1].chosen) == len(table)


def test_the_value_lies_within_its_interval_and_its_interval_holds_the_truth() -> None:
    table, held = world(12, 4, 4, seed=8), 0
    plan = choose_portfolio(table, budget=4_000)
    assert plan.low < plan.relief < plan.high
    assert (plan.chosen["relief_low"] < plan.chosen["relief"]).all()
    assert (plan.chosen["relief"] < plan.chosen["relief_high"]).all()
    rng = np.random.default_rng(5)
    actions = sorted(plan.chosen["action"].unique())
    effects = plan.chosen.groupby("action")[["effect_low", "effect", "effect_high"]].first()
    for _ in range(400):
        true = {name: rng.triangular(*effects.loc[name]) for name in actions}
        whole = 0.0
        for _, pool in plan.chosen.groupby(["segment", "need"]):
            first = pool.iloc[0]
            short = first["shortfall"] + rng.normal() * (first["high"] - first["low"]) / 3.92
            whole += first["people"] * short * (1 - np.prod([1 - true[name] for name in pool["action"]]))
        held += plan.low <= whole <= plan.high
    assert 0.92 <= held / 400 <= 0.98


def test_an_action_for_several_segments_begins_in_different_steps_in_a_drawn_order() -> None:
    table = world(6, 4, 2, seed=1)
    plan = choose_portfolio(table, budget=1e9, steps=4, random_state=1)
    assert plan.chosen.groupby("action")["step"].nunique().eq(4).all()
    other = choose_portfolio(table, budget=1e9, steps=4, random_state=2)
    keys = ["action", "segment", "need"]
    both = plan.chosen.merge(other.chosen, on=keys)
    assert (both["step_x"] != both["step_y"]).any() and len(both) == len(plan.chosen)
    turned = choose_portfolio(table.sample(frac=1, random_state=0), budget=1e9, steps=4, random_state=1)
    pd.testing.assert_frame_equal(
        plan.chosen.sort_values(keys).reset_index(drop=True), turned.chosen.sort_values(keys).reset_index(drop=True)
    )


def test_what_is_for_everyone_needs_no_fair_part_and_weights_change_what_is_chosen() -> None:
    table = world(3, 2, 1, seed=4)
    everyone = table.assign(segment=np.where(table["segment"] == 0, np.nan, 1.0))
    assert choose_portfolio(everyone, budget=1_500, fair_reach=1.0).relief > 0
    heavy = table.assign(weight=np.where(table["segment"] == 0, 100.0, 1.0))
    plan = choose_portfolio(heavy, budget=300, fair_reach=0.0)
    assert (plan.chosen["segment"] == 0).all()


@pytest.mark.parametrize(
    ("change", "limits", "word"),
    [
        ({}, {"budget": -1.0}, "budget"),
        ({}, {"budget": float("nan")}, "budget"),
        ({}, {"budget": 1.0, "fair_reach": 2.0}, "fair"),
        ({}, {"budget": 1.0, "steps": 0}, "step"),
        ({}, {"budget": 1.0, "capacity": {"hr": -1.0}}, "capacity"),
        ({"effect": 1.0}, {"budget": 1.0}, "numbers"),
        ({"people": -3}, {"budget": 1.0}, "numbers"),
        ({"action": "same", "segment": 0, "need": "d"}, {"budget": 1.0}, "twice"),
    ],
)
def test_what_cannot_be_is_refused(change: dict, limits: dict, word: str) -> None:
    table = world(2, 2, 1, seed=0).assign(**change)
    with pytest.raises(InvalidInput, match=word):
        choose_portfolio(table, **limits)
    with pytest.raises(InvalidInput, match="lack columns"):
        choose_portfolio(table.drop(columns="owner"), budget=1.0)
