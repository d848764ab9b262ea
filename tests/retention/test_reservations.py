"""Reservations: chances that are too sure, groups served unequally, and features that tell a protected attribute."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.displays.labels import Labels
from segment.exports.finding_words import finding_words
from segment.retention import (
    Evaluation,
    calibration_reservations,
    fairness_reservations,
    group_results,
    proxy_test,
)
from segment.retention.foresight import COLUMNS
from segment.retention.reservations import judgement_told, reservations_told
from segment.tables import spec_of


def slope(value: float, low: float, high: float, name: str = "slope_12") -> Evaluation:
    columns = ["model", "sample", "metric", "value", "low", "high", "n"]
    rows = [("model", "hold-out", name, value, low, high, 500), ("kaplan-meier", "hold-out", name, 0.1, 0.0, 0.2, 500)]
    return Evaluation(pd.DataFrame(rows, columns=columns), pd.DataFrame())


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (1.0, 0.9, 1.1, False),
        (0.6, 0.4, 0.8, True),
        (0.6, 0.2, 1.05, False),
        (0.85, 0.8, 0.9, False),
        (1.5, 1.2, 1.8, True),
    ],
)
def test_a_slope_is_named_when_it_is_far_from_one_and_surely_so(value, low, high, said) -> None:
    found = calibration_reservations(slope(value, low, high), months=12)
    assert (len(found) == 1) is said
    spec_of("retention_findings").check(found)


@pytest.mark.parametrize(
    ("value", "low", "high", "code"),
    [(-6.46, -12.99, 0.07, "CA002"), (-0.8, -1.4, -0.2, "CA002"), (0.3, -0.1, 0.7, "CA002"), (0.6, 0.4, 0.8, "CA001")],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_slope_that_is_not_surely_above_zero_is_said_without_percentages(value, low, high, code, language) -> None:
    found = calibration_reservations(slope(value, low, high), months=12)
    assert found["code"].tolist() == [code]
    said = finding_words(found.iloc[0].to_dict(), Labels(language))
    assert ("%" in said) is (code == "CA001")
    assert "-" not in said.replace("log-odds", "")


def test_the_slope_of_a_flag_has_no_horizon_and_none_is_no_finding() -> None:
    assert calibration_reservations(slope(0.5, 0.4, 0.6, "slope"), months=12)["code"].item() == "CA001"
    assert calibration_reservations(slope(0.5, 0.4, 0.6, "auc_12"), months=12).empty


def test_equal_groups_raise_nothing_and_unequal_ones_are_counted_not_named() -> None:
    rng = np.random.default_rng(0)
    sex = pd.DataFrame({"sex": rng.choice(["f", "m"], 4_000)})
    p = rng.uniform(0.05, 0.4, 4_000)
    y = (rng.random(4_000) < p).astype(int)
    assert fairness_reservations(group_results(y, p, sex)).empty
    shifted = np.where(sex["sex"] == "f", p * 1.8, p)
    found = fairness_reservations(group_results(y, shifted, sex))
    assert found["code"].tolist() == ["FA002", "FA003", "FA004"]
    assert found["count"].iloc[0] == 1 and found["of"].iloc[0] == 2
    assert not found["explanation"].str.contains(r"\bf\b|\bm\b").any()
    spec_of("retention_findings").check(found)


def test_a_proxy_is_named_with_the_features_that_tell() -> None:
    rng = np.random.default_rng(1)
    sex = pd.DataFrame({"sex": rng.choice(["f", "m"], 800)})
    X = pd.DataFrame({"hours": rng.normal(36 - 8 * (sex["sex"] == "f"), 4), "pay": rng.normal(size=800)})
    found = fairness_reservations(proxy_test(X, sex))
    assert found["code"].tolist() == ["FA001"] and found["where"].item().startswith("hours")
    assert found["value"].item() > 0.65


def found_and_shown() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Findings of four groups, and the three of them that a release shows."""
    of_group = {"proxy_auc": [0.71, 0.66, 0.52, 0.84], "oe": [1.6, 1.1, 1.0, 2.4]}
    raw = pd.DataFrame(
        [
            {"attribute": "age", "group": f"g{place}", "metric": metric, "n": 90, "value": value, "low": value - 0.1,
             "high": value + 0.1, "note": f"proxy: only of g{place}" if metric == "proxy_auc" else ""}
            for metric, values in of_group.items()
            for place, value in enumerate(values)
        ]
    )  # fmt: skip
    shown = raw[raw["group"] != "g3"].drop(columns="note")
    share, parts = shown["metric"] == "proxy_auc", ["value", "low", "high"]
    told = {
        name.replace("value", "share") if name == "value" else f"share_{name}": shown[name].where(share)
        for name in parts
    }
    return fairness_reservations(raw), shown.assign(
        **told, **{name: (100 * shown[name]).where(~share) for name in parts}, earlier=False
    )


def test_a_reader_is_told_nothing_of_a_group_that_is_hidden() -> None:
    """The attack: read the figure of the hidden group, and that one more of them is off, beside the table."""
    found, shown = found_and_shown()
    assert found["value"].iloc[0] == 0.84 and found["count"].tolist() == [3, 2]
    told = reservations_told(found, shown)
    assert told["code"].tolist() == ["FA001", "FA002"]
    assert told["value"].iloc[0] == 0.71 and told["count"].tolist() == [2, 1] and told["of"].tolist() == [3, 3]
    assert told["where"].iloc[0] == "", "of the hidden group"
    words = finding_words(told.to_dict("records")[0], Labels("en"))
    assert words.endswith("Chance is 50%.") and "71%" in words
    assert reservations_told(found, shown.query("group == 'g2'")).empty
    assert reservations_told(found, pd.DataFrame()).empty


def test_what_tells_a_group_is_said_of_now_and_not_beside_an_earlier_figure() -> None:
    """The attack: one corrected attribute exchanged two of the names, while the table stayed as it was published."""
    found, shown = found_and_shown()
    everyone = pd.concat([shown, shown.query("group == 'g0'").assign(group="g3", share=0.84)])
    assert reservations_told(found, everyone)["where"].iloc[0] == "only of g3"
    assert reservations_told(found, everyone.assign(earlier=True))["where"].iloc[0] == ""


def test_no_table_no_reservation() -> None:
    assert fairness_reservations(pd.DataFrame()).empty


def shown_again(low: float, *, earlier: bool = True) -> pd.DataFrame:
    """Released figures of a model: its ranking of leaving by choice, and that tenure alone ranks worse."""
    rows = [
        ("model", "auc_voluntary_12", 0.58, low, 0.68, "241"),
        ("kaplan-meier", "auc_voluntary_12", 0.5, 0.4, 0.6, "241"),
    ]
    return pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high", "n"]).assign(earlier=earlier)


def of_now(*codes: str) -> pd.DataFrame:
    row = dict.fromkeys(COLUMNS, "") | {"subject": "voluntary", "severity": "warning", "count": 30, "of": 40}
    return pd.DataFrame([row | {"code": code, "value": 0.55, "low": 0.45, "high": 0.65} for code in codes])[
        list(COLUMNS)
    ]


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("now", [("LK001",), ("LK001", "FO004")])
def test_what_is_said_of_a_ranking_stays_with_the_figure_that_stays(now: tuple[str, ...], dated: bool) -> None:
    """One leaver moved the interval over a coin: the sentence vanished beside figures that were shown again."""
    how = {"causes": ("voluntary", "involuntary"), "months": 12, "dated": dated}
    stood = judgement_told(of_now(*now), shown_again(0.49), **how)
    assert stood["code"].tolist() == ["LK001", "FO004"]
    assert stood["low"].tolist()[1] == 0.49 and stood["subject"].tolist()[1] == "voluntary"
    assert judgement_told(of_now(*now), shown_again(0.51), **how)["code"].tolist() == ["LK001"]
    fresh = judgement_told(of_now(*now), shown_again(0.51, earlier=False), **how)
    assert fresh["code"].tolist() == list(now)
