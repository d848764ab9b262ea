"""Estimators of segments and of leaving where scikit-learn's own tools use them: pipelines, folds, grids, weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from segment.errors import InvalidInput
from segment.retention import CoxFloor, HazardModel, HorizonModel, evaluate
from segment.segments import NeedsMixture, SegmentSelector

NEEDS = {f"{need}{item}": need for need in "abcd" for item in (1, 2, 3)}
FOLDS = KFold(3, shuffle=True, random_state=0)


def three_groups(n: int = 180) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    means = np.repeat(3.0 + 1.5 * np.eye(4)[np.repeat([0, 1, 2], n // 3)], 3, axis=1)
    return pd.DataFrame(np.clip(np.round(means + rng.normal(0, 0.6, (n, 12))), 1, 5), columns=list(NEEDS))


def mixture(**changed: object) -> NeedsMixture:
    return NeedsMixture(3, n_init=3, need_map=NEEDS).set_params(**changed)


def selector() -> SegmentSelector:
    return SegmentSelector(3, families=["needs_mixture"], n_splits=1, n_starts=2, null_draws=1, need_map=NEEDS)


@pytest.mark.parametrize("model", [mixture(), selector()], ids=["NeedsMixture", "SegmentSelector"])
def test_a_need_map_given_early_is_one_given_late(model: NeedsMixture | SegmentSelector) -> None:
    items = three_groups()
    early = clone(model).fit(items)
    late = clone(model).set_params(need_map=None).fit(items, NEEDS)
    np.testing.assert_array_equal(early.labels_, late.labels_)
    np.testing.assert_array_equal(clone(model).fit_predict(items), early.labels_)
    assert early.get_params()["need_map"] == NEEDS and early.n_features_in_ == 12
    assert early.feature_names_in_.tolist() == list(NEEDS)


def test_what_fit_is_given_goes_before_what_the_estimator_was_made_with() -> None:
    items, others = three_groups(), {code: need for code, need in NEEDS.items() if need != "d"}
    assert mixture().fit(items, others).need_profiles_.columns.tolist() == ["a", "b", "c"]
    with pytest.raises(InvalidInput):
        mixture(scales=dict.fromkeys(NEEDS, (1.0, 4.0))).fit(items)
    mixture(scales=dict.fromkeys(NEEDS, (1.0, 4.0))).fit(items, scales=dict.fromkeys(NEEDS, (1.0, 5.0)))


def test_a_target_in_the_place_of_the_map_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="not a target"):
        mixture().fit(three_groups(), np.zeros(180))


def test_in_a_pipeline_over_folds_and_in_a_grid() -> None:
    items = three_groups()
    pipeline = make_pipeline(FunctionTransformer(), mixture())
    np.testing.assert_array_equal(pipeline.fit_predict(items), mixture().fit(items).labels_)
    scores = {k: cross_val_score(mixture(n_components=k), items, cv=FOLDS).mean() for k in (1, 3)}
    assert scores[3] > scores[1]
    found = GridSearchCV(mixture(), {"n_components": [1, 3]}, cv=FOLDS).fit(items)
    assert found.best_params_ == {"n_components": 3} and found.best_score_ == pytest.approx(scores[3])


def test_the_score_of_people_is_the_mean_of_what_each_of_them_scores() -> None:
    items = three_groups()
    one, other = mixture().fit(items[:120]), selector().fit(items[:120])
    assert one.score(items[120:]) == pytest.approx(one.score_samples(items[120:]).mean())
    assert np.isfinite(other.score(items[120:]))


def test_without_segments_there_is_nothing_to_score() -> None:
    with pytest.raises(InvalidInput, match="no segments"):
        SegmentSelector(range(2, 4), need_map=NEEDS).fit(three_groups(60)).score(three_groups(60))


def leavers(n: int = 240) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"unmet": rng.normal(size=n), "pay": rng.normal(size=n)})
    gone = rng.exponential(20 * np.exp(-X["unmet"])) + 0.01
    return X, pd.DataFrame({"exit": np.minimum(gone, 24), "event": (gone < 24).astype(int)})


def test_weights_beside_spells_are_weights_among_them() -> None:
    X, spells = leavers()
    weight = np.random.default_rng(1).uniform(0.5, 2, len(X))
    model = HazardModel("linear", causes=("left",))
    beside = clone(model).fit(X, spells, weight).predict_survival(X, [12])
    among = clone(model).fit(X, spells.assign(weight=weight)).predict_survival(X, [12])
    np.testing.assert_array_equal(beside, among)
    half = clone(model).fit(X, spells.assign(weight=np.sqrt(weight)), np.sqrt(weight)).predict_survival(X, [12])
    np.testing.assert_allclose(half, among)
    assert not np.allclose(among, clone(model).fit(X, spells).predict_survival(X, [12]))


@pytest.mark.parametrize("wrong", [[1.0], np.zeros(240), np.full(240, np.nan)], ids=["short", "zero", "unknown"])
def test_weights_that_are_none_are_refused(wrong: np.ndarray) -> None:
    X, spells = leavers()
    with pytest.raises(InvalidInput, match="weights"):
        HazardModel("linear", causes=("left",)).fit(X, spells, wrong)


def test_chances_of_a_flag_have_a_column_each_and_a_score() -> None:
    X, spells = leavers()
    y = spells["event"].to_numpy()
    model = HorizonModel("linear").fit(X, y)
    told = model.predict_proba(X)
    assert model.classes_.tolist() == [0, 1] and told.shape == (240, 2)
    np.testing.assert_allclose(told.sum(axis=1), 1)
    np.testing.assert_array_equal(told[:, 1], model.predict(X))
    assert model.score(X, y) == pytest.approx(-np.mean((told[:, 1] - y) ** 2))
    assert model.score(X, y, np.full(240, 3.0)) == pytest.approx(model.score(X, y))
    scores = cross_val_score(HorizonModel("linear"), X, y, cv=FOLDS)
    assert (scores > -0.25).all() and model.feature_names_in_.tolist() == ["unmet", "pay"]
    assert HazardModel("linear", causes=("left",)).fit(X, spells).n_features_in_ == 2


def test_doubling_every_weight_changes_no_model_of_leaving() -> None:
    X, spells = leavers()
    weight = np.random.default_rng(1).uniform(0.5, 2, len(X))
    for made in (HazardModel("average", causes=("left",), max_rounds=20), CoxFloor(causes=("left",))):
        told = [
            clone(made).fit(X, spells.assign(weight=factor * weight)).predict_ahead(X, [12]).survival
            for factor in (1.0, 2.0)
        ]
        np.testing.assert_allclose(told[0], told[1], rtol=1e-6)


def test_a_model_of_leaving_scores_new_people_by_concordance() -> None:
    X, spells = leavers()
    model = HazardModel("linear", causes=("left",)).fit(X[:120], spells[:120])
    score = model.score(X[120:], spells[120:])
    assert score == pytest.approx(evaluate(model, X[120:], spells[120:], horizons=(24,), n_boot=0).value("harrell"))
    assert score > 0.6
    folds = cross_val_score(HazardModel("linear", causes=("left",)), X, spells, cv=FOLDS)
    assert (folds > 0.6).all()
    grid = GridSearchCV(HazardModel("linear", causes=("left",)), {"max_rows": [10_000, 20_000]}, cv=FOLDS)
    assert grid.fit(X, spells).best_score_ == pytest.approx(folds.mean())
