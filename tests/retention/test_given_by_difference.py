"""What two retention models that differ by one person give away: the attack by difference, run on the saved objects."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.retention import HazardModel, HorizonModel
from segment.retention.competition import Risk
from segment.retention.features import plan_features
from segment.retention.learners import LinearRisk
from segment.retention.leaves import FEWEST_ALIKE, FEWEST_OF_A_KIND
from tests.kept_values import parts_of
from tests.retention.test_kept import KINDS, fitted, people

N = 600


def without(place: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    X, spells = people()
    keep = np.arange(len(X)) != place
    return X[keep].reset_index(drop=True), spells[keep].reset_index(drop=True)


def risks_of(model: Any) -> list[Risk]:
    return [model.risk_] if isinstance(model, HorizonModel) else list(model.risks_)


def digits(value: float) -> int:
    """Significant digits of a number."""
    text = f"{abs(value):.15g}"
    return len(re.sub(r"e.*$", "", text).replace(".", "").strip("0"))


@pytest.mark.parametrize("place", [17, 230, 401])
def test_the_means_of_two_plans_do_not_give_the_pay_of_the_one_between_them(place: int) -> None:
    X, _ = people()
    fewer, _ = without(place)
    both, one = plan_features(X), plan_features(fewer)
    pay = X["pay"][place]
    exact = X["pay"].clip(upper=5_000).mean() * len(X) - fewer["pay"].clip(upper=5_000).mean() * len(fewer)
    assert exact == pytest.approx(min(pay, 5_000))  # what exact means give
    middles = [plan.attributes[0].middle for plan in (both, one)]
    assert abs(middles[0] * len(X) - middles[1] * len(fewer) - pay) > 50 or middles[0] == middles[1]
    assert middles[0] == middles[1] and both.attributes[0].scale == one.attributes[0].scale
    shares = [np.array(plan.term_means)[-3:] for plan in (both, one)]
    np.testing.assert_array_equal(*shares)  # who has which level, neither


def test_the_base_rate_does_not_say_how_many_left() -> None:
    X, _ = people()
    X = X[["grade"]]
    rates = []
    for left in (2, 3, 60, 61):
        model = HorizonModel("linear").fit(X, (np.arange(N) < left).astype(int))
        rates.append(float(model.predict(X.iloc[[0]])[0]) if left < 10 else floor_rate(model))
    assert rates[0] == rates[1]
    assert abs(rates[3] * N - rates[2] * N) != pytest.approx(1.0, abs=0.2)


def floor_rate(model: HorizonModel) -> float:
    return float(1 / (1 + np.exp(-model.risk_.plain.coef[0])))


@pytest.mark.parametrize(("kind", "learner"), KINDS)
def test_no_number_in_a_model_has_more_digits_than_may_be_kept(kind: str, learner: str) -> None:
    model = fitted(kind, learner, *people()).model
    long = {
        where: value
        for where, part in parts_of({"plan": model.plan_.attributes, "means": model.plan_.term_means,
                                     "risks": risks_of(model)})
        for value in numbers_in(part)
        if digits(value) > 4 and ".knots" not in where
    }  # fmt: skip
    assert long == {}


def numbers_in(part: Any) -> list[float]:
    if isinstance(part, str):
        told = [line.partition("=")[2] for line in part.splitlines() if line.startswith(("leaf_value=", "split_gain="))]
        return [float(word) for line in told for word in line.split()]
    if isinstance(part, float):
        return [part]
    if isinstance(part, np.ndarray) and part.dtype.kind == "f":
        return [float(value) for value in part.ravel()]
    return []


@pytest.mark.parametrize("kind", ["flag", "hazard", "duration"])
def test_every_leaf_holds_ten_people_of_whom_five_left_and_five_did_not(kind: str) -> None:
    X, spells = people()
    model = fitted(kind, "boosting", X, spells).model
    boosted = [risk.boosted for risk in risks_of(model) if risk.boosted is not None]
    assert boosted and any("leaf_value" in one.text for one in boosted)
    for number, one in enumerate(boosted, start=1):
        rows, y, person = learned_from(kind, model, X, spells, number)
        found = np.asarray(one.booster().predict(rows, pred_leaf=True)).reshape(len(rows), -1)
        assert found.max() > 0  # trees that tell somebody apart are left
        for leaf in found.T:
            for value in np.unique(leaf):
                inside = leaf == value
                everyone, left = set(person[inside]), set(person[inside & (y > 0)])
                alike = len(left) in (0, len(everyone)) and len(everyone) >= FEWEST_ALIKE
                five = FEWEST_OF_A_KIND <= len(left) <= len(everyone) - FEWEST_OF_A_KIND
                assert leaf.max() == 0 or (len(everyone) >= 10 and (five or alike))


def learned_from(
    kind: str, model: Any, X: pd.DataFrame, spells: pd.DataFrame, cause: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows, outcomes and people that one risk's trees were learned from."""
    if kind == "flag":
        return model.plan_.trees(X), (spells["event"] > 0).to_numpy(), np.arange(len(X))
    if kind == "duration":
        spells = spells.assign(event=(spells["event"] > 0).astype(int)).drop(columns="entry")
    task = list(HazardModel(causes=model.causes_, max_rows=8_000)._tasks(X, spells))[cause - 1]
    return task.tree_rows(), task.y, task.person


def test_the_covariance_is_kept_so_that_contrasts_keep_their_error() -> None:
    X, spells = people()
    plain: LinearRisk = fitted("flag", "linear", X, spells).model.risk_.plain
    assert plain.covariance.shape == (len(plain.coef),) * 2
    assert np.linalg.eigvalsh(plain.covariance).min() > -1e-12
    assert np.triu(plain.spread).tolist() == plain.spread.tolist()
