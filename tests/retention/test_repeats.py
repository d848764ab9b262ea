"""Judging without dates: by folds drawn several times, with intervals that hold their value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention import HazardModel, HorizonModel, foretell_flags, judge_durations, judge_flags, model_card
from segment.retention.intervals import interval_around
from segment.retention.repeats import OUT_OF_FOLD, OutOfFold, repeated_folds

N = 240


def flags(*, signal: float = 1.0, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"unmet": rng.normal(size=N), "pay": rng.normal(size=N)})
    return X, (rng.random(N) < 1 / (1 + np.exp(1 - signal * X["unmet"]))).astype(int).to_numpy()


@pytest.fixture(scope="module")
def told() -> tuple[np.ndarray, OutOfFold]:
    X, y = flags()
    return y, foretell_flags(HorizonModel("linear").fit(X, y), X, y, groups=np.arange(N))


def strictly_inside(metrics: pd.DataFrame) -> bool:
    known = metrics.dropna(subset=["low", "high"])
    return bool(len(known)) and bool(((known["low"] < known["value"]) & (known["value"] < known["high"])).all())


def test_folds_keep_groups_whole_and_spread_who_has_the_outcome() -> None:
    rng = np.random.default_rng(1)
    group, flagged = rng.integers(0, 60, 100), rng.random(100) < 0.3
    group = np.unique(group, return_inverse=True)[1]
    folds = repeated_folds(group, flagged, n_folds=5, n_repeats=4)
    assert folds.shape == (4, 100)
    for fold in folds:
        assert pd.Series(fold).groupby(group).nunique().max() == 1
        ever = pd.Series(fold)[np.unique(group[flagged], return_index=True)[1]]
        assert set(fold) == set(range(5)) and len(ever)
        by_fold = pd.Series(group[flagged]).groupby(fold[flagged]).nunique()
        assert by_fold.max() - by_fold.min() <= 1
    assert not (folds[0] == folds[1]).all()


def test_everyone_is_judged_out_of_fold_and_every_interval_holds_its_value(told) -> None:
    y, said = told
    judged = judge_flags(said, y)
    assert set(judged.metrics["sample"]) == {OUT_OF_FOLD} and set(judged.metrics["n"]) == {N}
    assert strictly_inside(judged.metrics)
    assert judged.calibration["n"].sum() == N
    assert 0.6 < judged.value("auc") < 0.85 and judged.value("gain") > 0


def test_the_headline_is_the_mean_of_folds_and_steadier_than_one_split(told) -> None:
    y, said = told
    judged, singles = judge_flags(said, y), []
    for repeat, fold in np.ndindex(5, 5):
        rows = said.folds[repeat] == fold
        only = OutOfFold(np.zeros((1, rows.sum()), dtype=int), said.chances[[repeat]][:, rows], said.floor[:1, rows])
        singles.append(judge_flags(only, y[rows]).value("auc"))
    assert judged.value("auc") == pytest.approx(np.mean(singles))
    row = judged.metrics.query("model == 'model' and metric == 'auc'").iloc[0]
    assert row["high"] - row["low"] < np.ptp(singles)


def test_a_loss_is_never_surer_than_the_people_it_is_a_mean_of(told) -> None:
    """Folds are made alike in how many have the flag: their spread alone says nothing of who might have been asked."""
    y, said = told
    row = judge_flags(said, y).metrics.query("model == 'model' and metric == 'brier'").iloc[0]
    losses = ((said.chances - y) ** 2).mean(axis=0)
    error = losses.std() / np.sqrt(N)
    assert np.log(row["high"] / row["low"]) / 2 >= 2 * error / losses.mean()
    gain = judge_flags(said, y).metrics.query("metric == 'gain'").iloc[0]
    drawn = np.random.default_rng(0).integers(0, N, (400, N))
    floors = ((said.floor - y) ** 2).mean(axis=0)
    spread = np.std(1 - losses[drawn].mean(axis=1) / floors[drawn].mean(axis=1))
    assert gain["high"] - gain["low"] >= 3.6 * spread


def test_another_deal_moves_the_headline_by_little(told) -> None:
    y, said = told
    halves = [
        judge_flags(OutOfFold(said.folds[part], said.chances[part], said.floor[part]), y).value("auc")
        for part in (slice(0, 2), slice(2, 5))
    ]
    assert abs(halves[0] - halves[1]) < 0.025


def test_where_nothing_can_be_told_the_gain_holds_zero_and_no_slope_is_made_up() -> None:
    X, y = flags(signal=0.0)
    model = HorizonModel("auto", max_rounds=20).fit(X, y)
    judged = judge_flags(foretell_flags(model, X, y, groups=np.arange(N)), y)
    gain = judged.metrics.query("metric == 'gain'").iloc[0]
    assert not gain["low"] > 0
    card = model_card(
        model, population="nobody", period=("", ""), metrics=judged.metrics, calibration=judged.calibration
    )
    assert card["beats_floor"] is False
    same = OutOfFold(np.array([[0, 1] * (N // 2)]), np.array([[0.2, 0.3] * (N // 2)]), np.full((1, N), 0.25))
    assert np.isnan(judge_flags(same, y).value("slope")) and judge_flags(same, y).value("auc") == 0.5


def test_people_who_cannot_be_dealt_are_refused_in_words() -> None:
    X, y = flags()
    with pytest.raises(InvalidInput, match="dealt into folds"):
        foretell_flags(HorizonModel("linear").fit(X, y), X, y, groups=np.zeros(N, dtype=int))


def test_folds_of_very_many_learn_by_the_choice_made_once() -> None:
    X, y = flags()
    chosen = HorizonModel("linear").fit(X, y)
    again = HorizonModel("linear").fit_like(X, y, like=chosen)
    np.testing.assert_allclose(again.predict(X), chosen.predict(X), atol=1e-4)
    assert again.entrants_ == chosen.entrants_


def test_durations_are_judged_the_same_way_beside_their_floors() -> None:
    rng = np.random.default_rng(3)
    X = pd.DataFrame({"grade": rng.integers(1, 9, N).astype(float)})
    leave = rng.exponential(30 * np.exp(0.35 * (X["grade"] - 4.5)))
    spells = pd.DataFrame({"exit": np.minimum(leave, 30) + 0.01, "event": (leave < 30).astype(int)})
    model = HazardModel("linear", causes=("voluntary",)).fit(X, spells)
    judged = judge_durations(model, X, spells, groups=np.arange(N), horizons=(6, 12))
    assert set(judged.metrics["sample"]) == {OUT_OF_FOLD} and strictly_inside(judged.metrics)
    assert not judged.metrics.duplicated(["model", "metric"]).any()
    assert judged.value("auc_12") > 0.6 == judged.value("auc_12", model="kaplan-meier") + 0.1
    assert judged.value("gain") > 0 and np.isnan(judged.value("slope_12", model="kaplan-meier"))
    assert judged.calibration.query("cause == 'any' and horizon == 12")["n"].sum() == N
    ratio = judged.metrics.query("model == 'model' and metric == 'oe_12'").iloc[0]
    assert ratio["low"] < 1 < ratio["high"]


@pytest.mark.parametrize("scale", ["share", "positive", "any"])
@pytest.mark.parametrize("degrees", [1, 4, np.inf])
def test_an_interval_holds_its_value_and_stays_in_range(scale: str, degrees: float) -> None:
    for value in (0.001, 0.5, 0.999):
        low, high = interval_around(value, 0.2, scale, degrees=degrees)
        assert low < value < high
        assert scale == "any" or low >= 0
        assert scale != "share" or high <= 1
