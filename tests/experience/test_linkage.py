"""The link between survey measures and unit results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segment.errors import InvalidInput
from segment.experience import linkage, unit_means
from segment.locale import say
from segment.tables import spec_of


def shops(n: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    pride = rng.normal(3.5, 0.4, n)
    names = [f"shop {number}" for number in range(n)]
    units = pd.DataFrame({"unit": names, "customers": pride + rng.normal(0, 0.2, n), "waste": rng.normal(size=n)})
    return units, pd.DataFrame({"unit": names, "n": rng.integers(10, 50, n), "pride": pride})


def test_it_is_the_rank_correlation_with_its_interval() -> None:
    units, measures = shops(40)
    table = linkage(units, measures).set_index("result")
    expected = stats.spearmanr(units["customers"], measures["pride"]).statistic
    assert table.loc["customers", "correlation"] == pytest.approx(expected)
    assert table["units"].tolist() == [40, 40]
    assert (table["low"] < table["correlation"]).all()
    assert (table["correlation"] < table["high"]).all()
    assert table["stands"].to_dict() == {"customers": True, "waste": False}
    assert (table["status"] == "measured").all()


def test_only_the_order_of_units_matters() -> None:
    units, measures = shops(20)
    bent = measures.assign(pride=np.exp(measures["pride"])).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(linkage(units, measures), linkage(units, bent))


def test_turning_a_measure_round_turns_the_sign() -> None:
    units, measures = shops(15)
    there = linkage(units, measures)
    back = linkage(units, measures.assign(pride=-measures["pride"]))
    np.testing.assert_allclose(there[["correlation", "low", "high"]], -back[["correlation", "high", "low"]])


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = 6 / np.pi * np.arcsin(0.6 / 2)
    hits = 0
    rng = np.random.default_rng(5)
    names = [str(number) for number in range(30)]
    for _ in range(60):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 30).T
        row = linkage(pd.DataFrame({"unit": names, "y": y}), pd.DataFrame({"unit": names, "x": x})).iloc[0]
        hits += row["low"] <= truth <= row["high"]
    assert hits / 60 >= 0.85


def test_too_few_units_have_a_reason_instead_of_a_figure() -> None:
    units, measures = shops(12)
    row = linkage(units, measures.iloc[:9], results=["customers"]).iloc[0]
    assert (row["units"], row["status"], row["reason"]) == (9, "not measured", "too_few_units")
    assert np.isnan(row["correlation"])
    said = say(f"experience.linked.{row['reason']}", "nl", **row)
    assert said == "Er zijn 9 eenheden te vergelijken; nodig zijn er minstens 10."
    gaps = linkage(units, measures.assign(pride=measures["pride"].where(measures.index < 9)), results=["waste"])
    assert gaps["status"].tolist() == ["not measured"]


def test_units_that_are_all_alike_cannot_be_compared() -> None:
    units, measures = shops(12)
    row = linkage(units.assign(customers=7.0), measures, results=["customers"]).iloc[0]
    assert (row["status"], row["reason"]) == ("not measured", "no_variation")


def test_nothing_to_compare_gives_no_rows() -> None:
    table = linkage(pd.DataFrame({"unit": ["a"]}), pd.DataFrame({"unit": ["a"], "n": [3]}))
    assert len(table) == 0
    spec_of("linkage").check(table)


def test_a_measure_and_a_result_may_share_a_name() -> None:
    units, measures = shops(12)
    table = linkage(units.rename(columns={"customers": "pride"}), measures, results=["pride"])
    assert (table["measure"].iloc[0], table["result"].iloc[0]) == ("pride", "pride")
    assert table["correlation"].iloc[0] == pytest.approx(linkage(units, measures)["correlation"].iloc[0])


def test_unit_means_are_weighted_and_hide_small_units() -> None:
    answers = pd.DataFrame(
        {"person": list("abcdx"), "weight": [1.0, 3.0, 1.0, 1.0, 1.0], "pride": [1.0, 5.0, 2.0, np.nan, 4.0]}
    )
    unit_of = pd.Series({"a": "N", "b": "N", "c": "S", "d": "S"})
    table = unit_means(answers, unit_of, ["pride"], min_people=2).set_index("unit")
    assert table["n"].to_dict() == {"N": 2, "S": 2}
    assert table.loc["N", "pride"] == 4.0
    assert np.isnan(table.loc["S", "pride"])


def test_refusals() -> None:
    units, measures = shops(12)
    with pytest.raises(InvalidInput, match="So few units say nothing"):
        linkage(units, measures, min_units=3)
    with pytest.raises(InvalidInput, match="units that stand twice"):
        linkage(pd.concat([units, units]), measures)
    with pytest.raises(InvalidInput, match="do not say which unit"):
        linkage(units, measures.drop(columns="unit"))
    with pytest.raises(InvalidInput, match="People stand twice"):
        unit_means(pd.DataFrame({"person": ["a", "a"], "x": [1, 2]}), pd.Series({"a": "N"}), ["x"])
