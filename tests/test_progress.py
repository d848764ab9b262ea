"""Long fits tell their steps when they are asked to, keep silent otherwise, and find the same either way."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone

from segment.retention import HazardModel, HorizonModel
from segment.segments import LatentClass, NeedsMixture, SegmentSelector, TypingTool

CODES = [f"{need}{number}" for need in "abc" for number in (1, 2)]
NEEDS = {code: code[0] for code in CODES}


def answers(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    means = np.repeat(3.0 + 1.5 * np.eye(3)[np.arange(n) % 3], 2, axis=1)
    return pd.DataFrame(np.clip(np.round(means + rng.normal(0, 0.6, (n, 6))), 1, 5), columns=CODES)


def attributes(n: int = 120) -> pd.DataFrame:
    return pd.DataFrame({"unmet": np.random.default_rng(1).normal(size=n)})


def flag(n: int = 120) -> np.ndarray:
    return (attributes(n)["unmet"] + np.random.default_rng(2).normal(size=n) > 0).to_numpy().astype(int)


def spells(n: int = 120) -> pd.DataFrame:
    return pd.DataFrame({"exit": 1.0 + np.arange(n) % 24, "event": flag(n)})


#: Estimator, what it is fitted on, what it then says of people, and words of its steps in their order.
LONG_FITS = [
    (
        SegmentSelector(3, families=("needs_mixture", "k_means"), n_splits=1, n_starts=1, null_draws=1, need_map=NEEDS),
        (answers(),),
        lambda model: (model.labels_, model.evidence_.to_csv()),
        ["answers read", "needs_mixture, k_means: fitted", "needs_mixture: .*halves", "chance", "decided: "],
    ),
    (
        NeedsMixture(3, n_init=2, need_map=NEEDS),
        (answers(),),
        lambda model: model.predict_proba(answers()),
        ["answers read", "mixture of 3 fitted"],
    ),
    (
        LatentClass(2, n_init=3),
        (answers().to_numpy(),),
        lambda model: model.predict_proba(answers().to_numpy()),
        ["start 1 of 3", "start 2 of 3", "start 3 of 3", "best start"],
    ),
    (
        TypingTool(n_items=2, sizes=(2,), n_simulated=200, n_splits=2),
        (answers(), np.arange(120) % 3),
        lambda model: (model.predict_proba(answers()), model.agreement_.to_csv()),
        ["part 1 of 2", "part 2 of 2", "form of 2"],
    ),
    (
        HazardModel("average", causes=("left",), max_rounds=20),
        (attributes(), spells()),
        lambda model: model.predict_survival(attributes(), [6, 12]),
        ["left: floor tried", "left: linear tried", "left: boosting tried", "left: average chosen"],
    ),
    (
        HorizonModel("linear"),
        (attributes(), flag()),
        lambda model: model.predict(attributes()),
        ["floor tried", "linear tried", "linear chosen"],
    ),
]
each = pytest.mark.parametrize(
    ("model", "data", "said", "steps"), LONG_FITS, ids=[type(one[0]).__name__ for one in LONG_FITS]
)


@each
def test_steps_are_told_one_a_line_and_change_nothing(
    model: BaseEstimator, data: Any, said: Any, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = clone(model).fit(*data)
    assert capsys.readouterr() == ("", "")
    loud = clone(model).set_params(verbose=1).fit(*data)
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert told.err == "" and all(re.match(rf"\[{type(model).__name__}\] \d+\.\d s: \S", line) for line in lines)
    places = [next(at for at, line in enumerate(lines) if re.search(words, line)) for words in steps]
    assert places == sorted(places)
    np.testing.assert_equal(said(loud), said(quiet))


@each
def test_predicting_says_nothing(
    model: BaseEstimator, data: Any, said: Any, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    loud = clone(model).set_params(verbose=1).fit(*data)
    capsys.readouterr()
    said(loud)
    assert capsys.readouterr() == ("", "")
