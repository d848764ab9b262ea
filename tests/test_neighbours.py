"""The probes of `benchmarks/library.py` see what they are there for: a good estimator holds, a bad one is told why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from neighbours.probes import OF_ESTIMATORS, OF_LIBRARIES, Library, Subject, asked, outcome
from neighbours.subjects import people

X = people(60)[0]


class Careless(BaseEstimator):
    """Forgets a parameter, changes what it is given, and takes everything."""

    def __init__(self, n: int = 1, colour: str = "red") -> None:
        self.n = n
        self.colour = f"{colour}ish"

    def fit(self, X: pd.DataFrame, y: Any = None) -> Careless:
        X.iloc[:, 0] = 0.0
        self.answer_ = np.random.default_rng().random()
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.full(len(X), getattr(self, "answer_", 0.0))


def subject(made: Any, wrong: dict[str, Any]) -> Subject:
    return Subject(
        type(made()).__name__,
        made,
        X.copy(),
        None,
        lambda one, people: one.predict(people),
        {next(iter(wrong)): [1, 2]},
        wrong,
    )


def test_a_good_estimator_holds_every_point_of_estimators() -> None:
    good = subject(lambda: KMeans(2, n_init=1, random_state=0), {"n_clusters": 0})
    said = {title: outcome(probe, good) for title, probe in OF_ESTIMATORS.items()}
    # scikit-learn names the columns that are missing, and refuses gaps: nothing here is out of reach.
    assert {title for title, (held, _) in said.items() if held != "yes"} == set()


@pytest.mark.parametrize("title", sorted(set(OF_ESTIMATORS) - {"wrong columns refused by name"}))
def test_a_careless_one_misses_it_and_the_reason_is_said(title: str) -> None:
    held, why = outcome(OF_ESTIMATORS[title], subject(lambda: Careless(), {"n": 0}))
    if title in ("pickling",):
        assert held == "yes"
    else:
        assert held == "no" and why


def test_fifteen_points_are_asked_and_what_holds_of_some_is_part() -> None:
    assert len(OF_ESTIMATORS) + len(OF_LIBRARIES) == 15
    good = subject(lambda: KMeans(2, n_init=1, random_state=0), {"n_clusters": 0})
    rows = {row["point"]: row["held"] for row in asked(Library("sklearn", ("sklearn.cluster",), (
        good, subject(lambda: Careless(), {"n": 0})
    )))}  # fmt: skip
    assert rows["feature_names_in_"] == "part" and rows["pickling"] == "yes" and rows["displays"] == "no"
