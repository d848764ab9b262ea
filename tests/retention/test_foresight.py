"""What could not have been foreseen is counted and said; what could is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.retention import (
    Evaluation,
    HazardModel,
    chance_finding,
    evaluate,
    foresight_findings,
    headline,
    longest_watched,
    within_precedent,
)
from segment.retention.foresight import beats_floor
from segment.stages.retention.evaluation import say_later

CAUSES = ("voluntary", "involuntary")
CUT = pd.Timestamp("2024-01-01")


def judged(**values: float | tuple[float, float, float]) -> Evaluation:
    """An evaluation with these metrics; ``km_`` in front for the floor of tenure alone."""
    rows = []
    for name, given in values.items():
        model, metric = ("kaplan-meier", name[3:]) if name.startswith("km_") else ("model", name)
        value, low, high = given if isinstance(given, tuple) else (given, given - 0.05, given + 0.05)
        rows.append((model, "hold-out", metric, value, low, high, 500))
    return Evaluation(
        pd.DataFrame(rows, columns=["model", "sample", "metric", "value", "low", "high", "n"]), pd.DataFrame()
    )


def spells(events: dict[int, int], *, tenure: float = 30.0) -> pd.DataFrame:
    """Two hundred people of whom so many leave for each cause, all at one tenure."""
    event = np.repeat([*events, 0], [*events.values(), 200 - sum(events.values())])
    return pd.DataFrame({"entry": 0.0, "exit": tenure, "event": event, "person": np.arange(200)})


GOOD = judged(auc_voluntary_12=0.7, km_auc_voluntary_12=0.6, oe_voluntary_12=1.0, uno=0.6)


def test_nothing_is_said_when_later_time_is_like_earlier_time() -> None:
    same = spells({1: 40, 2: 20})
    assert foresight_findings(same, same, GOOD, causes=CAUSES, cut=CUT).empty


def test_a_cause_without_precedent_is_named_with_its_counts() -> None:
    found = foresight_findings(spells({1: 40}), spells({1: 40, 2: 60}), GOOD, causes=CAUSES, cut=CUT)
    assert found["code"].tolist() == ["FO001"]
    assert found[["subject", "count", "of"]].to_numpy().tolist() == [["involuntary", 60, 100]]
    assert "none had been seen before 2024-01-01" in found["explanation"].item()


def test_fewer_than_ten_exits_are_not_spoken_of() -> None:
    assert foresight_findings(spells({1: 40}), spells({1: 40, 2: 9}), GOOD, causes=CAUSES, cut=CUT).empty


def test_a_handful_of_earlier_exits_is_not_counted_out() -> None:
    found = foresight_findings(spells({1: 40, 2: 3}), spells({1: 40, 2: 60}), GOOD, causes=CAUSES, cut=CUT)
    assert "hardly any had been seen" in found["explanation"].item()


def test_exits_at_a_tenure_that_nobody_had_reached() -> None:
    later = spells({1: 40}, tenure=50.0)
    found = foresight_findings(spells({1: 40}), later, GOOD, causes=CAUSES, cut=CUT)
    assert found["code"].tolist() == ["FO002"] and found["value"].item() == 1.0


def test_tenure_counts_as_reached_by_ten_people() -> None:
    before = spells({1: 40})
    before.loc[:8, "exit"] = 99.0
    assert longest_watched(before) == 30.0
    before.loc[9, "exit"] = 99.0
    assert longest_watched(before) == 99.0
    assert longest_watched(before.head(3)) == float("inf")
    stretches = pd.DataFrame({"exit": [12.0, 24.0] * 10, "person": np.repeat(np.arange(10), 2)})
    assert longest_watched(stretches) == 24.0


def test_exits_on_one_day_are_a_decision_of_the_organisation() -> None:
    both = spells({1: 40, 2: 30})
    days = pd.Series(pd.date_range("2024-01-01", periods=200, freq="D"))
    days[40:65] = pd.Timestamp("2024-12-30")
    found = foresight_findings(both, both, GOOD, causes=CAUSES, cut=CUT, days=days)
    assert found[["code", "subject", "count", "of", "value"]].to_numpy().tolist() == [
        ["FO003", "involuntary", 25, 30, 1.0]
    ]


def test_a_ranking_like_a_coin_below_tenure_and_off_in_number() -> None:
    poor = judged(auc_voluntary_12=0.52, km_auc_voluntary_12=0.6, oe_voluntary_12=(0.6, 0.5, 0.7), uno=0.6)
    same = spells({1: 40})
    found = foresight_findings(same, same, poor, causes=CAUSES, cut=CUT)
    assert found["code"].tolist() == ["FO004", "FO005", "FO006"]
    assert set(found["severity"]) == {"warning"}
    alone = foresight_findings(same, same, poor, causes=CAUSES, cut=CUT, tenure_only=True)
    assert alone["code"].tolist() == ["FO004", "FO006"]  # a model of tenure is not held against itself


def test_the_exits_beside_a_figure_are_those_of_its_cause() -> None:
    """A figure of leaving by choice beside the number who left by choice; of any reason beside all of them."""
    later = spells({1: 40, 2: 25})
    for end, subject, number in (("_voluntary", "voluntary", 40), ("", "any", 65)):
        names = {f"auc{end}_12": 0.52, f"km_auc{end}_12": 0.6, f"oe{end}_12": (0.6, 0.5, 0.7), "uno": 0.6}
        found = foresight_findings(later, later, judged(**names), causes=CAUSES, cut=CUT)
        assert found["code"].tolist() == ["FO004", "FO005", "FO006"]
        assert found[["subject", "count", "of"]].drop_duplicates().to_numpy().tolist() == [[subject, number, 65]]


@pytest.mark.parametrize(
    ("metrics", "causes", "expected"),
    [
        ({"auc_voluntary_6": 0.7, "auc_voluntary_24": 0.6, "auc_12": 0.8, "uno": 0.6}, CAUSES, "auc_voluntary_6"),
        ({"auc_6": 0.7, "auc_12": 0.8, "uno": 0.6}, CAUSES, "auc_12"),
        ({"auc_12": 0.8, "auc_voluntary_12": 0.8, "uno": 0.6}, ("voluntary",), "auc_12"),
        ({"uno": 0.6}, CAUSES, "uno"),
        ({"auc": 0.6, "brier": 0.1}, CAUSES, "auc"),
    ],
)
def test_the_headline_is_what_hr_can_act_on(metrics: dict[str, float], causes: tuple[str, ...], expected: str) -> None:
    assert headline(judged(**metrics), causes).metric == expected


def test_people_within_precedent_are_one_finding() -> None:
    told = headline(judged(auc_voluntary_12=0.7, uno=0.6), CAUSES)
    row = within_precedent(told, people=150, of=200).iloc[0]
    assert (row["code"], row["count"], row["of"], row["value"]) == ("FO007", 150, 200, 0.7)


def test_a_cause_never_learned_is_not_judged(world, new_world) -> None:
    """Exits for a cause that training did not hold count as leaving, and get no figure of their own."""
    past = world.spells.assign(event=world.spells["event"].replace(2, 0))
    model = HazardModel("linear", max_rows=8_000).fit(world.X, past)
    found = evaluate(model, new_world.X, new_world.spells, train=(world.X, past), horizons=[12], n_boot=0)
    names = set(found.metrics.loc[found.metrics["model"] == "model", "metric"])
    assert {"auc_12", "oe_12", "auc_voluntary_12"} <= names and "auc_involuntary_12" not in names
    assert set(found.calibration["cause"]) == {"any", "voluntary"}


@pytest.mark.parametrize("low", [0.3, 0.5, 0.5001, 0.6, float("nan")])
def test_what_is_found_to_be_a_coin_is_called_better_by_nobody(low: float) -> None:
    """The finding on the page, the line of the console and ``beats_floor`` of tracker and card are one decision."""
    rows = [("auc_12", 0.65, low, 0.7), ("uno", 0.65, 0.6, 0.7), ("gain", 0.1, 0.05, 0.15)]
    columns = ["metric", "value", "low", "high"]
    metrics = pd.DataFrame(rows, columns=columns).assign(model="model", sample="hold-out", n=90)
    seen = Evaluation(metrics, pd.DataFrame())
    told = headline(seen, CAUSES)
    assert (len(chance_finding(told, exits=40, where="")) == 1) == ("chance" in say_later(told, None, None))
    assert beats_floor(seen, CAUSES) == chance_finding(told, exits=40, where="").empty


@pytest.mark.parametrize(
    ("slope", "better"), [((0.9, 0.6, 1.2), True), ((-0.06, -0.5, 0.4), False), ((0.4, 0.2, 0.6), False)]
)
def test_a_model_whose_slope_contradicts_it_is_not_called_better(
    slope: tuple[float, float, float], better: bool
) -> None:
    figures = {"auc_12": (0.7, 0.6, 0.8), "gain": (0.1, 0.05, 0.15), "slope_12": slope}
    rows = [("model", "hold-out", name, *figure, 90) for name, figure in figures.items()]
    seen = Evaluation(
        pd.DataFrame(rows, columns=["model", "sample", "metric", "value", "low", "high", "n"]), pd.DataFrame()
    )
    assert beats_floor(seen, CAUSES) == better
