"""The retention models as scikit-learn's estimators: its own checks where they apply, their laws on tables where not.

scikit-learn's data-driven checks hand an estimator a bare array, and a target of any shape. A retention model wants a
table with named attributes (their names are part of what it learns, says and refuses by) and spells or one flag per
person, so these checks cannot be asked as they are; what each of them guards is asked here of tables instead.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

from segment.errors import InvalidInput
from segment.retention import HazardModel, HorizonModel

MODELS = [HazardModel("average", causes=("left",), max_rounds=30), HorizonModel("average", max_rounds=30)]
each = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


@pytest.fixture(scope="module")
def people() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Attributes with gaps and a category, and spells of whom about half left."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"unmet": rng.normal(size=300), "pay": rng.normal(size=300), "site": rng.choice(list("AB"), 300)})
    gone = rng.exponential(20 * np.exp(-X["unmet"])) + 0.01
    X.loc[rng.random(300) < 0.1, "pay"] = np.nan
    return X, pd.DataFrame({"exit": np.minimum(gone, 24), "event": (gone < 24).astype(int)})


def target(model: BaseEstimator, spells: pd.DataFrame) -> Any:
    return spells if isinstance(model, HazardModel) else spells["event"].to_numpy()


def said(model: Any, X: pd.DataFrame) -> np.ndarray:
    return model.predict_survival(X, [6, 12])[:, 1] if isinstance(model, HazardModel) else model.predict(X)


@pytest.fixture(scope="module")
def fitted(people: tuple[pd.DataFrame, pd.DataFrame]) -> dict[str, Any]:
    X, spells = people
    return {type(model).__name__: clone(model).fit(X, target(model, spells)) for model in MODELS}


@each
def test_a_bare_array_is_refused_in_words(model: Any, people: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Why scikit-learn's other checks cannot be asked as they are."""
    X, spells = people
    with pytest.raises(InvalidInput, match="Attributes must be a table"):
        clone(model).fit(X[["unmet", "pay"]].to_numpy(), target(model, spells))


@each
def test_fitting_returns_the_model_and_changes_neither_parameters_nor_input(
    model: Any, people: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    X, spells = people
    before, copy, outcome = model.get_params(), X.copy(), target(model, spells).copy()
    one = clone(model)
    assert one.fit(X, outcome) is one and one.get_params() == before
    pd.testing.assert_frame_equal(X, copy)
    assert np.array_equal(np.asarray(outcome), np.asarray(target(model, spells)))
    learned = set(vars(one)) - set(before)
    assert learned and all(name.endswith("_") and not name.startswith("_") for name in learned)


@each
def test_predicting_changes_nothing_and_asks_for_a_fit(
    model: Any, people: tuple[pd.DataFrame, pd.DataFrame], fitted: dict[str, Any]
) -> None:
    with pytest.raises(NotFittedError):
        said(clone(model), people[0])
    one = fitted[type(model).__name__]
    before = pickle.dumps(one)
    said(one, people[0])
    assert pickle.dumps(one) == before


@each
def test_each_person_is_told_the_same_alone_in_any_order_and_from_a_copy(
    model: Any, people: tuple[pd.DataFrame, pd.DataFrame], fitted: dict[str, Any]
) -> None:
    X, one = people[0], fitted[type(model).__name__]
    whole, order = said(one, X), np.random.default_rng(1).permutation(len(X))
    np.testing.assert_allclose(said(one, X.iloc[order]), whole[order], rtol=1e-12)
    np.testing.assert_allclose(said(one, X.iloc[:1]), whole[:1], rtol=1e-12)
    np.testing.assert_allclose(said(one, X[["site", "pay", "unmet"]]), whole, rtol=1e-12)
    np.testing.assert_array_equal(said(pickle.loads(pickle.dumps(one)), X), whole)


@each
def test_fitting_twice_is_fitting_once(
    model: Any, people: tuple[pd.DataFrame, pd.DataFrame], fitted: dict[str, Any]
) -> None:
    X, spells = people
    again = clone(model).fit(X.head(200), target(model, spells.head(200))).fit(X, target(model, spells))
    np.testing.assert_array_equal(said(again, X), said(fitted[type(model).__name__], X))


@each
@pytest.mark.parametrize("broken", ["an attribute short", "infinite", "no rows", "one outcome"])
def test_what_cannot_be_learned_from_is_refused(
    model: Any, broken: str, people: tuple[pd.DataFrame, pd.DataFrame], fitted: dict[str, Any]
) -> None:
    X, spells = people
    if broken == "an attribute short":
        with pytest.raises(InvalidInput, match="pay"):
            said(fitted[type(model).__name__], X.drop(columns="pay"))
        return
    if broken == "infinite":
        X = X.assign(pay=np.inf)
    elif broken == "no rows":
        X, spells = X.head(0), spells.head(0)
    else:
        spells = spells.assign(event=0)
    with pytest.raises(InvalidInput):
        clone(model).fit(X, target(model, spells))
