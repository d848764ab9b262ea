"""Groups by what stands out most: the same question for everybody, so the same groups in every sample."""

from __future__ import annotations

import numpy as np
import pytest

from segment.errors import InvalidInput
from segment.needs.scoring import contrast_matrix
from segment.segments.strongest import StrongestNeed


def scores(n: int, seed: int, *, needs: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Needs that people differ in by degree, each in its own direction: style-free scores and their contrasts."""
    raw = np.random.default_rng(seed).normal(size=(n, needs))
    own = raw - raw.mean(axis=1, keepdims=True)
    return own, own @ contrast_matrix(needs).T


def test_with_one_group_per_need_it_is_the_need_that_stands_out_most() -> None:
    own, contrasts = scores(4000, 0)
    made = StrongestNeed(5).fit(contrasts)
    standing_out = ((own - own.mean(axis=0)) / own.std(axis=0)).argmax(axis=1)
    assert (made.bundles_[standing_out] == made.labels_).mean() > 0.995


def test_it_means_the_same_in_another_sample() -> None:
    """k-means cuts a round cloud anywhere; a question has the same answer whoever else is asked."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    first, second = scores(1500, 1)[1], scores(1500, 2)[1]
    ours = [StrongestNeed(5).fit(own).predict(first) for own in (first, second)]
    theirs = [KMeans(5, n_init=10, random_state=0).fit(own).predict(first) for own in (first, second)]
    assert adjusted_rand_score(*ours) > 0.8
    assert adjusted_rand_score(*theirs) < 0.6


def test_needs_that_go_together_are_one_bundle() -> None:
    generator = np.random.default_rng(3)
    pull = generator.normal(size=(800, 1))
    raw = np.hstack([pull, pull, -pull, -pull]) + 0.3 * generator.normal(size=(800, 4))
    made = StrongestNeed(2).fit((raw - raw.mean(axis=1, keepdims=True)) @ contrast_matrix(4).T)
    assert made.bundles_[0] == made.bundles_[1] != made.bundles_[2] == made.bundles_[3]
    assert ((pull[:, 0] > 0) == (made.labels_ == made.bundles_[0])).mean() > 0.93


def test_a_membership_is_the_chance_that_it_truly_stands_out_most() -> None:
    """Calibrated: of people with a chance of .6 about 60 % truly have that need as the one that stands out most."""
    generator = np.random.default_rng(4)
    needs, questions, n = 4, 3, 6000
    true = generator.normal(size=(n, needs))
    answers = true[:, :, None] + 1.5 * generator.normal(size=(n, needs, questions))
    seen = answers.mean(axis=2)
    squares = ((answers - seen[:, :, None]) ** 2).sum(axis=(1, 2))
    rest = np.column_stack([squares, np.full(n, needs * (questions - 1))])
    own = seen - seen.mean(axis=1, keepdims=True)
    made = StrongestNeed(needs).fit(own @ contrast_matrix(needs).T, rest=rest)
    chances = made.predict_proba(own @ contrast_matrix(needs).T)
    truly = made.bundles_[(true - true.mean(axis=1, keepdims=True)).argmax(axis=1)]
    right = truly == made.labels_
    assert abs(chances.max(axis=1).mean() - right.mean()) < 0.04
    sure = chances.max(axis=1) > 0.6
    assert abs(chances.max(axis=1)[sure].mean() - right[sure].mean()) < 0.05


def test_weights_count_as_people() -> None:
    contrasts = scores(300, 5)[1]
    twice = StrongestNeed(3).fit(np.vstack([contrasts, contrasts[:100]]))
    weighed = StrongestNeed(3).fit(contrasts, sample_weight=np.r_[np.full(100, 2.0), np.ones(200)])
    assert np.allclose(twice.anchors_, weighed.anchors_) and np.allclose(twice.weights_, weighed.weights_)


def test_more_groups_than_needs_are_refused() -> None:
    with pytest.raises(InvalidInput, match="fewer needs than groups"):
        StrongestNeed(4).fit(scores(50, 6, needs=3)[1])
