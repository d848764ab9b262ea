"""The model card: complete, plain, and without a person in it."""

from __future__ import annotations

import json

import pandas as pd

from segment.retention import HazardModel, evaluate, model_card


def test_a_card_is_plain_json_and_says_what_it_is_not_for(world, new_world) -> None:
    model = HazardModel("linear", max_rows=8_000).fit(world.X, world.spells)
    judged = evaluate(model, new_world.X, new_world.spells, horizons=[12], n_boot=0)
    card = model_card(
        model,
        population="hires",
        period=("2022-01-01", "2024-12-31"),
        metrics=judged.metrics,
        calibration=judged.calibration,
        groups=pd.DataFrame({"value": [None]}),
        limits=["simulated"],
    )
    again = json.loads(json.dumps(card, allow_nan=False))
    assert again["events"].keys() == {"voluntary", "involuntary"} and again["people"] == 2300
    assert again["attributes"] == ["unmet", "pay", "site"] and again["limits"][-1] == "simulated"
    assert any("not" in line or "nothing" in line for line in again["forbidden_use"])
    assert {row["metric"] for row in again["metrics"]} >= {"uno", "ibs", "auc_12"}
