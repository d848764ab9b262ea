"""scikit-learn's own checks of every estimator, and in one place each check that does not apply, with its reason."""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from library_page import ROOMS, public
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import check_estimator, check_param_validation
from sklearn.utils.validation import validate_data

from segment.errors import InvalidInput
from segment.parameters import OfTables
from segment.retention import CoxFloor, HazardModel, HorizonModel, KaplanMeierFloor
from segment.segments import LatentClass, NeedsMixture, SegmentSelector, TypingTool
from segment.segments.centres import NeedCentres
from segment.segments.intercept_mixture import InterceptMixture
from segment.segments.mixtures import TiedMixture

PUBLIC = (LatentClass, TypingTool, NeedsMixture, SegmentSelector, HazardModel, HorizonModel, CoxFloor, KaplanMeierFloor)


class OnArrays:
    """An estimator of tables as scikit-learn's checks can ask it: their arrays put on as tables with named columns."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags

    def table(self, X: Any, *, fitting: bool) -> pd.DataFrame:
        values = validate_data(self, X, reset=fitting, dtype=float, ensure_all_finite="allow-nan")
        return pd.DataFrame(values, columns=[f"column {place}" for place in range(values.shape[1])])

    def learn(self, X: Any, outcome: Callable[[pd.DataFrame], Any], **given: Any) -> Any:
        table = self.table(X, fitting=True)
        super().fit(table, outcome(table), **given)
        vars(self).pop("feature_names_in_", None)  # the names are ours, not the array's
        return self


class OfAnswers(OnArrays):
    """Every column asks about a need of its own."""

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        return self.learn(X, lambda table: {code: code for code in table}, sample_weight=sample_weight)

    def predict_proba(self, X: Any, **more: Any) -> np.ndarray:
        return super().predict_proba(self.table(X, fitting=False), **more)

    def score(self, X: Any, y: Any = None) -> float:
        return super().score(self.table(X, fitting=False))


class NeedsMixtureOnArrays(OfAnswers, NeedsMixture):
    def score_samples(self, X: Any) -> np.ndarray:
        return super().score_samples(self.table(X, fitting=False))


class SegmentSelectorOnArrays(OfAnswers, SegmentSelector):
    pass


def flags(y: Any) -> np.ndarray:
    values = np.asarray(y, dtype=float).ravel()
    return (values > values.mean()).astype(int)


def spells(y: Any) -> pd.DataFrame:
    return pd.DataFrame({"exit": 1.0 + np.arange(len(flags(y))) % 12, "event": flags(y)})


class HorizonModelOnArrays(OnArrays, HorizonModel):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        return self.learn(X, lambda table: flags(y), sample_weight=sample_weight)

    def predict(self, X: Any) -> np.ndarray:
        return super().predict(self.table(X, fitting=False))


class HazardModelOnArrays(OnArrays, HazardModel):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        return self.learn(X, lambda table: spells(y), sample_weight=sample_weight)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        return super().score(self.table(X, fitting=False), spells(y), sample_weight)

    def predict(self, X: Any) -> np.ndarray:
        return self.predict_survival(self.table(X, fitting=False), [1.0])[:, 0]


class OfSpells(OnArrays):
    def fit(self, X: Any, y: Any) -> Any:
        return self.learn(X, lambda table: spells(y))

    def predict(self, X: Any) -> np.ndarray:
        return self.predict_ahead(self.table(X, fitting=False), [1.0]).survival[:, 0]


class CoxFloorOnArrays(OfSpells, CoxFloor):
    pass


class KaplanMeierFloorOnArrays(OfSpells, KaplanMeierFloor):
    pass


ASKED = [
    LatentClass(n_init=2),
    TypingTool(n_items=2, sizes=(2,), n_simulated=100, n_splits=2),
    NeedsMixtureOnArrays(n_init=2),
    SegmentSelectorOnArrays(2, families=("k_means",), n_splits=1, n_starts=1, null_draws=1),
    HazardModelOnArrays("linear", causes=("left",)),
    HorizonModelOnArrays("linear"),
    CoxFloorOnArrays(causes=("left",)),
    KaplanMeierFloorOnArrays(causes=("left",)),
    # What the public ones are made of.
    NeedCentres(n_init=2),
    InterceptMixture(n_init=2),
    TiedMixture(n_init=2),
]

#: Estimator -> check -> why it does not apply. What is not here must pass; what is here must fail.
_ONE_PERSON = "one person is refused, by what is missing (people, or an outcome) and not by a count of rows"
_ONE_COLUMN = "one column is refused as one need, which cannot be compared with itself, and not by a count of columns"
_NO_WEIGHT = "a weight of zero is refused: whoever is left out is left out of the table, so that nobody is counted"
_BLOBS = "three round blobs of two columns: two needs leave one contrast, on which these blobs lie over each other"
EXCEPTIONS: dict[str, dict[str, str]] = {
    "LatentClass": {"check_clustering": "clusters measurements; every distinct number is a category of its own here"},
    "NeedsMixture": {
        "check_clustering": _BLOBS,
        "check_fit2d_1sample": _ONE_PERSON,
        "check_fit2d_1feature": _ONE_COLUMN,
    },
    "SegmentSelector": {
        "check_clustering": _BLOBS,
        "check_fit2d_1sample": _ONE_PERSON,
        "check_fit2d_1feature": _ONE_COLUMN,
        "check_sample_weight_equivalence_on_dense_data": "the people it searches on are drawn row by row: who stands "
        "twice is drawn otherwise than who weighs two",
    },
    "HazardModel": {
        "check_sample_weight_equivalence_on_dense_data": _NO_WEIGHT,
        "check_fit2d_1sample": _ONE_PERSON,
    },
    "HorizonModel": {
        "check_sample_weight_equivalence_on_dense_data": _NO_WEIGHT,
        "check_fit2d_1sample": _ONE_PERSON,
    },
}


def by_name(one: BaseEstimator | type) -> str:
    return (one if isinstance(one, type) else type(one)).__name__.removesuffix("OnArrays")


def checked(estimator: BaseEstimator) -> list[dict[str, Any]]:
    """What became of every check of scikit-learn's that the estimator's tags call for."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="A column-vector y was passed")
        return check_estimator(
            estimator, on_fail=None, on_skip=None, expected_failed_checks=EXCEPTIONS.get(by_name(estimator), {})
        )


def test_every_public_estimator_is_checked() -> None:
    rooms = [importlib.import_module(f"segment.{room}") for room in ROOMS]
    offered = [getattr(room, name) for room in rooms for name in public(room)]
    estimators = {one.__name__ for one in offered if inspect.isclass(one) and issubclass(one, BaseEstimator)}
    assert estimators == {by_name(one) for one in PUBLIC} <= {by_name(one) for one in ASKED}


@pytest.mark.parametrize("estimator", ASKED, ids=by_name)
def test_what_scikit_learn_asks_holds_and_no_exception_is_idle(estimator: BaseEstimator) -> None:
    told = checked(estimator)
    failed = {one["check_name"]: str(one["exception"]) for one in told if one["status"] == "failed"}
    assert failed == {}
    excused = {one["check_name"] for one in told if one["status"] == "xfail"}
    assert excused == set(EXCEPTIONS.get(by_name(estimator), {})), "an exception that is not needed any more goes"
    # Another array library is no promise of ours.
    assert {one["check_name"] for one in told if one["status"] == "skipped"} <= {"check_array_api_input"}
    assert len(told) >= 40


@pytest.mark.parametrize("one", PUBLIC, ids=by_name)
def test_every_parameter_says_what_it_may_be_and_the_rest_is_refused(one: type) -> None:
    check_param_validation(by_name(one), one())


@pytest.mark.parametrize("one", [one for one in PUBLIC if issubclass(one, OfTables)], ids=by_name)
def test_an_estimator_of_tables_refuses_a_bare_array_in_words(one: type) -> None:
    with pytest.raises(InvalidInput, match="must be a table"):
        one().fit(np.ones((2, 2)), None)


def test_a_refused_parameter_shows_no_table() -> None:
    people = pd.DataFrame({"name": ["a person's answer"]})
    with pytest.raises(InvalidInput) as told:
        NeedsMixture(need_map=people).fit(people)
    assert "Got DataFrame instead" in str(told.value) and "answer" not in str(told.value)
