"""Latent classes: the likelihood, its maximum, missing answers and BIC, against hand and against a peer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments import LatentClass
from segment.segments.acceleration import climb
from segment.segments.answer_codes import AnswerCodes
from segment.segments.categories import Categories


def two_classes(n: int = 400, seed: int = 0, missing: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = (generator.random(n) < 0.35).astype(int)
    high = np.where(truth[:, None] == 1, [0.9, 0.8, 0.2, 0.15, 0.85, 0.3], [0.2, 0.3, 0.8, 0.7, 0.2, 0.8])
    answers = (generator.random((n, 6)) < high).astype(float)
    answers[generator.random((n, 6)) < missing] = np.nan
    return answers, truth


def test_the_likelihood_is_the_sum_over_classes_of_products_over_given_answers():
    answers, _ = two_classes(60)
    model = LatentClass(2).fit(answers)
    total = 0.0
    for row in answers:
        by_class = model.class_weights_.copy()
        for item, value in enumerate(row):
            if not np.isnan(value):
                by_class *= model.item_probabilities_[item][:, list(model.categories_[item]).index(value)]
        total += np.log(by_class.sum())
    assert model.log_likelihood_ == pytest.approx(total, rel=1e-6)


def test_one_class_is_the_shares_of_answers_and_bic_counts_the_class_weights():
    answers, _ = two_classes(100, missing=0.0)
    model = LatentClass(1).fit(answers)
    np.testing.assert_allclose([p[0, 1] for p in model.item_probabilities_], answers.mean(axis=0))
    assert LatentClass(3).fit(answers).n_parameters_ == 2 + 3 * 6
    assert model.bic_ == pytest.approx(-2 * model.log_likelihood_ + 6 * np.log(100))
    assert model.aic_ == pytest.approx(-2 * model.log_likelihood_ + 2 * 6)


def test_probabilities_are_probabilities_and_a_person_without_answers_gets_the_shares():
    answers, _ = two_classes()
    model = LatentClass(3).fit(answers)
    for block in model.item_probabilities_:
        np.testing.assert_allclose(block.sum(axis=1), 1)
    np.testing.assert_allclose(model.predict_proba(np.full((1, 6), np.nan))[0], model.class_weights_)


def test_planted_classes_come_back_with_answers_missing():
    answers, truth = two_classes(1000)
    labels = LatentClass(2).fit(answers).labels_
    assert max((labels == truth).mean(), (labels != truth).mean()) > 0.92


def test_same_maximum_as_a_peer():
    stepmix = pytest.importorskip("stepmix.stepmix")
    answers, _ = two_classes(300, seed=4)
    own = LatentClass(2).fit(answers)
    frame = pd.DataFrame(answers)
    settings = {"max_iter": 2000, "abs_tol": 1e-10, "rel_tol": 1e-10, "verbose": 0, "progress_bar": 0}
    peer = stepmix.StepMix(2, measurement="categorical_nan", n_init=5, random_state=0, **settings).fit(frame)
    assert own.log_likelihood_ == pytest.approx(float(peer.score(frame)) * 300, rel=1e-6)
    assert own.bic_ == pytest.approx(-2 * own.log_likelihood_ + (1 + 2 * 6) * np.log(300))


@pytest.mark.parametrize("levels", [[2], [5, 5, 5, 5, 5, 5], [3, 70, 2, 90, 11, 1, 5, 5]])
def test_looking_up_codes_is_the_same_sum_as_multiplying_zeros_and_ones(levels: list[int]) -> None:
    generator = np.random.default_rng(3)
    answers = np.column_stack([generator.integers(0, m, 400).astype(float) for m in levels])
    answers[generator.random(answers.shape) < 0.2] = np.nan
    weight, k = generator.random(400) + 0.1, 3
    known = Categories.of(answers)
    dense = np.hstack([answers[:, [j]] == values for j, values in enumerate(known.answers)]).astype(float)
    log_items = np.log(generator.random((dense.shape[1], k)) + 0.01)
    log_weights = np.log([0.5, 0.3, 0.2])

    joint = dense @ log_items + log_weights
    logs = np.log(np.exp(joint).sum(axis=1))
    member = np.exp(joint - logs[:, None]) * weight[:, None]
    counts, sizes, value = AnswerCodes.of(known, answers, weight).step(log_weights, log_items)

    np.testing.assert_allclose(counts, dense.T @ member, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(sizes, member.sum(axis=0), rtol=1e-12)
    assert value == pytest.approx(float(weight @ logs), rel=1e-12)


def test_a_person_alone_gets_the_answer_of_a_person_in_a_crowd() -> None:
    answers, _ = two_classes(9000)
    model = LatentClass(3, n_init=1).fit(answers[:500])
    crowd = model.predict_proba(answers)
    for person in (0, 4321, 8999):
        np.testing.assert_array_equal(model.predict_proba(answers[[person]])[0], crowd[person])


def test_constant_and_unanswered_items_and_unknown_answers_do_no_harm():
    answers, _ = two_classes(200)
    odd = np.column_stack([answers, np.full(200, 3.0), np.full(200, np.nan)])
    model = LatentClass(2).fit(odd)
    assert np.isfinite(model.predict_proba(odd)).all()
    unknown = odd[:1].copy()
    unknown[0, 0] = 2.0  # an answer on the scale that nobody gave
    assert np.isfinite(model.predict_proba(unknown)).all()
    unknown[0, 0] = 9.0
    with pytest.raises(InvalidInput, match="far outside"):
        model.predict_proba(unknown)


def test_refusals():
    with pytest.raises(InvalidInput, match="Nobody answered anything"):
        LatentClass(1).fit(np.full((5, 2), np.nan))
    with pytest.raises(InvalidInput, match="'n_components' parameter of LatentClass must be an int"):
        LatentClass(0).fit(np.ones((5, 2)))


def test_the_accelerated_climb_finds_the_maximum_of_a_parabola_and_never_goes_down():
    seen = []

    def step(x: np.ndarray) -> tuple[np.ndarray, float]:
        seen.append(-float((x**2) @ [1.0, 0.02]))
        return x * [0.5, 0.99], seen[-1]

    _, value, steps, done = climb(step, np.array([3.0, 4.0]), max_steps=500, tolerance=1e-9)
    assert done
    assert value == pytest.approx(0.0, abs=1e-4)
    assert steps < 200  # plain steps of one per cent would need about five hundred
