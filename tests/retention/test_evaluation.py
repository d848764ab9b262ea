"""The judgement of a model: beside its floors, with intervals, on the time scale of the prediction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention import CoxFloor, HazardModel, KaplanMeierFloor, check_spells, evaluate, evaluate_flag
from segment.retention.discrimination import follow_people
from segment.retention.evaluation import decision_curve


@pytest.fixture(scope="module")
def judged(world, new_world):
    model = HazardModel("linear", max_rows=20_000).fit(world.X, world.spells)
    return evaluate(model, new_world.X, new_world.spells, train=(world.X, world.spells), n_boot=10)


def test_a_good_model_beats_the_floor_and_is_calibrated(judged) -> None:
    assert judged.value("harrell") > judged.value("harrell", model="kaplan-meier") + 0.02
    assert judged.value("uno") > 0.62
    assert judged.value("ibs") < judged.value("ibs", model="kaplan-meier")
    assert abs(judged.value("ibs") - judged.value("ibs", model="cox")) < 0.005
    assert judged.value("auc_voluntary_12") > 0.68
    assert 0.75 < judged.value("slope_12") < 1.3
    assert 0.85 < judged.value("oe_12") < 1.15


def test_every_number_has_an_interval_around_it(judged) -> None:
    rows = judged.metrics[judged.metrics["model"] == "model"]
    assert ((rows["low"] < rows["value"]) & (rows["value"] < rows["high"])).all()
    assert (rows["n"] == rows["n"].iloc[0]).all() and (rows["sample"] == "not said").all()
    assert not judged.metrics.duplicated(["model", "sample", "metric"]).any()


@pytest.mark.parametrize("n_boot", [2, 3])
def test_few_draws_widen_an_interval_and_never_move_it_off_its_value(world, new_world, n_boot: int) -> None:
    """Percentiles of three draws need not hold the value they are about."""
    model = HazardModel("linear", max_rows=4_000).fit(world.X, world.spells)
    some = new_world.X.index[:300]
    few = evaluate(model, new_world.X.loc[some], new_world.spells.loc[some], n_boot=n_boot).metrics.dropna()
    assert ((few["low"] < few["value"]) & (few["value"] < few["high"])).all() and len(few) > 10


def test_the_gain_over_tenure_alone_has_an_interval_of_paired_draws(judged) -> None:
    gain = judged.metrics.query("metric == 'gain'").iloc[0]
    assert gain["value"] == pytest.approx(1 - judged.value("ibs") / judged.value("ibs", model="kaplan-meier"))
    assert 0 < gain["low"] < gain["value"] < gain["high"]


def test_calibration_and_decisions_come_per_horizon(judged) -> None:
    assert set(judged.calibration["horizon"]) == {6, 12, 24}
    assert judged.calibration[judged.calibration["cause"] == "any"]["covers"].mean() > 0.9
    assert {"threshold", "net_benefit", "act_on_all", "horizon"} == set(judged.decision.columns)


def test_same_seed_same_numbers(world, new_world) -> None:
    model = HazardModel("linear", max_rows=8_000).fit(world.X, world.spells)
    one, two = (evaluate(model, new_world.X, new_world.spells, n_boot=5, random_state=1).metrics for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_a_person_with_several_rows_is_followed_from_the_first() -> None:
    spells = pd.DataFrame(
        {"entry": [12.0, 0.0, 3.0], "exit": [20.0, 12.0, 9.0], "event": [1, 0, 0], "person": ["a", "a", "b"]}
    )
    first, followed, start = follow_people(check_spells(spells))
    assert first.tolist() == [1, 2] and start.tolist() == [0, 3]
    assert followed.time.tolist() == [20, 6] and followed.event.tolist() == [1, 0]


def test_cox_agrees_with_plain_newton_on_the_partial_likelihood() -> None:
    """Against the definition on few people, with entries."""
    rng = np.random.default_rng(0)
    n = 60
    X = pd.DataFrame({"x": rng.integers(0, 2, n).astype(float)})
    entry = rng.uniform(0, 3, n)
    exit_ = entry + rng.exponential(5 * np.exp(-X["x"]))
    spells = pd.DataFrame({"entry": entry, "exit": exit_, "event": (rng.random(n) < 0.8).astype(int)})
    floor = CoxFloor(ridge=1e-6, causes=("left",)).fit(X, spells)
    z = floor.plan_.linear(X)[:, 0]

    def likelihood(b: float) -> float:
        total = 0.0
        for i in np.flatnonzero(spells["event"]):
            at_risk = (entry < exit_[i]) & (exit_ >= exit_[i])
            total += b * z[i] - np.log(np.exp(b * z[at_risk]).sum())
        return total

    best = floor.coef_[0]
    assert likelihood(best) >= max(likelihood(best - 0.01), likelihood(best + 0.01))


def test_floors_keep_the_laws(world) -> None:
    for floor in (KaplanMeierFloor(), CoxFloor()):
        said = floor.fit(world.X, world.spells).predict_ahead(world.X.head(40), [1, 6, 12], start=np.full(40, 5.0))
        assert (np.diff(said.survival) <= 0).all()
        np.testing.assert_allclose(said.survival + sum(said.incidence.values()), 1, atol=1e-9)


def test_flags_are_judged_beside_the_base_rate() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(1, 3, 3_000)
    result = evaluate_flag(rng.random(3_000) < p, p, base_rate=0.25, n_boot=20)
    assert result.value("brier") < result.value("brier", model="base rate")
    assert result.value("auc", model="base rate") == 0.5
    assert result.value("ece") < 0.03
    weighted = evaluate_flag(rng.random(3_000) < p, p, weights=rng.uniform(0.5, 2, 3_000), n_boot=20)
    row = weighted.metrics.query("metric == 'auc'").iloc[0]
    assert row["low"] < row["value"] < row["high"]


def test_one_confident_error_decides_no_figure() -> None:
    rng = np.random.default_rng(2)
    p = rng.beta(2, 6, 2_000)
    y = (rng.random(2_000) < p).astype(int)
    y[0] = 1
    plain, sure = (
        evaluate_flag(y, np.r_[first, p[1:]], base_rate=0.25, n_boot=0).metrics.set_index(["model", "metric"])["value"]
        for first in (0.01, 1e-15)
    )
    moved = (plain - sure).abs()  # the slope is then of one person fewer: a chance of zero has no log odds
    assert (moved.drop(("model", "slope")) < 0.001).all() and moved["model", "slope"] < 0.03


def test_decision_curve_of_a_perfect_model() -> None:
    table = decision_curve(np.array([1, 0, 0, 0]), np.array([1.0, 0, 0, 0]), thresholds=[0.2])
    assert table["net_benefit"].item() == 0.25
    assert table["act_on_all"].item() == pytest.approx(0.25 - 0.75 * 0.25)


def test_refusals(world, new_world) -> None:
    model = HazardModel("linear", max_rows=8_000).fit(world.X, world.spells)
    with pytest.raises(InvalidInput, match="nothing can be judged"):
        evaluate(model, new_world.X, new_world.spells.assign(event=0))
    judged = evaluate(model, new_world.X, new_world.spells, horizons=[2400], n_boot=0)
    assert not any(name.endswith("_2400") for name in judged.metrics["metric"])
    assert any(name.startswith("auc_") for name in judged.metrics["metric"])
    with pytest.raises(InvalidInput, match="not measured"):
        evaluate(model, new_world.X, new_world.spells, n_boot=0).value("accuracy")


def test_nobody_claims_a_hold_out_who_does_not_say_so(judged) -> None:
    assert set(judged.metrics["sample"]) == {"not said"}
    assert set(evaluate_flag([0, 1] * 30, [0.4, 0.6] * 30, n_boot=0).metrics["sample"]) == {"not said"}
    said = evaluate_flag([0, 1] * 30, [0.4, 0.6] * 30, sample="hold-out", n_boot=0)
    assert set(said.metrics["sample"]) == {"hold-out"}
