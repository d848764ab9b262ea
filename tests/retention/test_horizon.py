"""One flag per person: laws, calibration, competition, refusals, and the public intention survey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from segment.errors import InvalidInput
from segment.retention import HorizonModel, evaluate_flag


def flags(n: int, seed: int, *, signal: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"unmet": rng.normal(size=n), "pay": rng.integers(1, 6, n), "site": rng.choice(list("ABC"), n)})
    score = -1.2 + signal * (0.8 * X["unmet"] - 0.5 * (X["pay"] - 3) + 0.7 * (X["site"] == "A"))
    return X, (rng.random(n) < expit(score)).astype(int)


def test_probabilities_are_calibrated_and_seeded() -> None:
    X, y = flags(2_500, 0)
    X_new, y_new = flags(4_000, 1)
    model = HorizonModel(max_rounds=60, random_state=1).fit(X, y)
    p = model.predict(X_new)
    assert ((p > 0) & (p < 1)).all()
    result = evaluate_flag(y_new, p, n_boot=0)
    assert 0.85 < result.value("slope") < 1.15
    assert result.value("auc") > 0.72
    again = HorizonModel(max_rounds=60, random_state=1).fit(X, y).predict(X_new)
    assert again.tobytes() == p.tobytes()


def test_null_world_is_the_base_rate() -> None:
    X, y = flags(1_500, 2, signal=0.0)
    model = HorizonModel(max_rounds=40).fit(X, y)
    assert not model.beats_floor_
    np.testing.assert_allclose(model.predict(X), y.mean(), rtol=0.01)  # as near as a rate is kept


def test_whole_weights_are_repeated_people() -> None:
    X, y = flags(600, 3)
    times = np.random.default_rng(0).integers(1, 4, 600)
    groups = np.repeat(np.arange(600), times)
    weighted = HorizonModel("linear").fit(X, y, sample_weight=times)
    repeated = HorizonModel("linear").fit(X.iloc[groups].reset_index(drop=True), y[groups], groups=groups)
    gap = weighted.predict(X) - repeated.predict(X)
    assert np.abs(gap).max() < 0.1


def test_groups_stay_together_in_the_competition() -> None:
    """Copies of people in other folds would make noise look like signal."""
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(150, 6)), columns=list("abcdef"))
    y = (rng.random(150) < 0.3).astype(int)
    copies = np.tile(np.arange(150), 6)
    model = HorizonModel(max_rounds=60).fit(X.iloc[copies].reset_index(drop=True), y[copies], groups=copies)
    assert not model.beats_floor_


def test_refusals() -> None:
    X, y = flags(100, 5)
    with pytest.raises(InvalidInput, match="not one flag per person"):
        HorizonModel().fit(X, y * 2)
    with pytest.raises(InvalidInput, match="not one flag per person"):
        HorizonModel().fit(X, np.zeros(100))
    with pytest.raises(InvalidInput, match="weights cannot be worked with"):
        HorizonModel().fit(X, y, sample_weight=np.zeros(100))
    with pytest.raises(InvalidInput, match="name of its own"):
        HorizonModel().fit(pd.concat([X, X], axis=1), y)
    with pytest.raises(InvalidInput, match="more levels"):
        HorizonModel().fit(pd.DataFrame({"id": [str(i) for i in range(1_500)]}), np.arange(1_500) % 2)


@pytest.mark.data
def test_intention_to_leave_in_the_public_survey(public_data: Path) -> None:
    """A quarter of the survey: a plain logistic on the items has .79, HR attributes alone .61."""
    table = pd.read_parquet(public_data / "fevs2018" / "fevs2018.parquet")
    rng = np.random.default_rng(1)
    table = table.iloc[rng.permutation(len(table))[:15_000]]
    X = table[[c for c in table if c.startswith("Q")] + ["DEDUC", "DFEDTEN", "DSUPER", "AGENCY"]]
    y = (table["LEAVING"] == "yes").astype(int).to_numpy()
    model = HorizonModel("linear").fit(X.iloc[:8_000], y[:8_000])
    assert evaluate_flag(y[8_000:], model.predict(X.iloc[8_000:]), n_boot=0).value("auc") > 0.78
