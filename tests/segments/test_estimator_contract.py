"""One contract for every estimator of segments: weights, duplicates, frozen prediction, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from segment.errors import InvalidInput
from segment.segments import NeedsMixture
from segment.segments.centres import NeedCentres
from segment.segments.intercept_mixture import InterceptMixture
from segment.segments.latent_class import LatentClass
from segment.segments.mixtures import TiedMixture

ESTIMATORS = [
    TiedMixture(3, n_init=4),
    NeedCentres(3, n_init=4),
    InterceptMixture(3, n_init=4),
    LatentClass(3, n_init=4),
]
NAMES = [type(estimator).__name__ for estimator in ESTIMATORS]


def three_groups(n: int = 240, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    profiles = np.array([[4.5, 4.2, 2, 2, 3], [2, 2, 4.4, 4, 2], [3, 1.5, 2, 4, 4.5]])
    group = np.repeat([0, 1, 2], [n // 2, n // 3, n - n // 2 - n // 3])
    return np.clip(np.round(profiles[group] + generator.normal(0, 0.7, (n, 5))), 1, 5)


each = pytest.mark.parametrize("estimator", ESTIMATORS, ids=NAMES)


@each
def test_memberships_are_shares_and_segments_come_largest_first(estimator):
    X = three_groups()
    model = clone(estimator).fit(X)
    memberships = model.predict_proba(X)
    np.testing.assert_allclose(memberships.sum(axis=1), 1, atol=1e-6)
    assert memberships.min() >= 0
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    weights = model.class_weights_ if isinstance(model, LatentClass) else model.weights_
    assert (np.diff(weights) <= 1e-9).all()
    assert np.isfinite(model.log_likelihood_)
    assert 1 <= model.n_reached_ <= 4


@each
def test_doubling_every_weight_changes_nothing(estimator):
    X, weight = three_groups(), np.random.default_rng(1).uniform(0.5, 2, 240)
    one, two = (clone(estimator).fit(X, sample_weight=factor * weight) for factor in (1, 2))
    np.testing.assert_allclose(one.predict_proba(X), two.predict_proba(X), atol=1e-8)
    assert one.log_likelihood_ == pytest.approx(two.log_likelihood_, rel=1e-8)


@each
def test_duplicated_people_equal_doubled_weights(estimator):
    X = three_groups()
    twice = clone(estimator).fit(np.vstack([X, X[:80]]))
    weighted = clone(estimator).fit(X, sample_weight=np.where(np.arange(240) < 80, 2.0, 1.0))
    np.testing.assert_allclose(twice.predict_proba(X), weighted.predict_proba(X), atol=1e-8)


@each
def test_the_order_of_people_changes_nothing(estimator):
    X = three_groups()
    order = np.random.default_rng(2).permutation(len(X))
    straight, shuffled = clone(estimator).fit(X), clone(estimator).fit(X[order])
    np.testing.assert_allclose(straight.predict_proba(X), shuffled.predict_proba(X), atol=1e-8)


@each
def test_prediction_is_frozen_and_repeats(estimator):
    X = three_groups()
    model = clone(estimator).fit(X)
    before = model.predict_proba(X[:5])
    np.testing.assert_allclose(model.predict_proba(X)[:5], before, atol=1e-7)
    np.testing.assert_array_equal(clone(estimator).fit(X).labels_, model.labels_)


@each
def test_the_likelihood_does_not_fall_with_more_segments(estimator):
    X = three_groups()
    values = [clone(estimator).set_params(n_components=k).fit(X).log_likelihood_ for k in (1, 2, 3)]
    assert values[0] < values[1] < values[2]


@each
def test_more_segments_than_people_is_refused_in_words(estimator):
    with pytest.raises(InvalidInput, match="fewer"):
        clone(estimator).set_params(n_components=9).fit(three_groups()[:6])
    with pytest.raises(NotFittedError):
        clone(estimator).predict(three_groups())


def items_and_needs() -> tuple[pd.DataFrame, dict[str, str]]:
    columns = ["pay1", "pay2", "social1", "social2", "growth"]
    items = pd.DataFrame(three_groups(), columns=columns)
    items.iloc[::9, 2] = np.nan
    return items, {code: code.rstrip("12") for code in columns}


def test_needs_mixture_doubled_weights_and_duplicated_people():
    items, needs = items_and_needs()
    model = NeedsMixture(3, n_init=4)
    plain = clone(model).fit(items, needs)
    doubled = clone(model).fit(items, needs, sample_weight=np.full(len(items), 2.0))
    np.testing.assert_allclose(doubled.predict_proba(items), plain.predict_proba(items), atol=1e-8)
    first = np.where(np.arange(len(items)) < 80, 2.0, 1.0)
    weighted = clone(model).fit(items, needs, sample_weight=first)
    twice = clone(model).fit(pd.concat([items, items[:80]], ignore_index=True), needs)
    np.testing.assert_allclose(twice.predict_proba(items), weighted.predict_proba(items), atol=1e-8)
