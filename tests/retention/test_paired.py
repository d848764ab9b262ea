"""Two forecasts of the same people in pairs: laws of the difference, its interval, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from segment.errors import InvalidInput
from segment.retention.paired import paired_gain, squared_loss


@pytest.mark.parametrize("seed", range(5))
def test_the_other_way_round_is_the_same_difference_with_the_other_sign(seed: int) -> None:
    first, second, weight = np.random.default_rng(seed).uniform(0.1, 1, (3, 80))
    one, other = paired_gain(first, second, weight=weight), paired_gain(second, first, weight=weight)
    assert np.allclose([one.value, one.low, one.high], [-other.value, -other.high, -other.low])
    assert one.sure == -other.sure and one.low <= one.value <= one.high


def test_doubling_every_weight_changes_nothing() -> None:
    first, second, weight = np.random.default_rng(0).uniform(0.1, 1, (3, 50))
    assert paired_gain(first, second, weight=weight) == paired_gain(first, second, weight=2 * weight)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Pairs whose losses differ by 0.1 on average, and are highly correlated: 95 % of intervals hold it."""
    rng, held, worlds = np.random.default_rng(1), 0, 600
    for _ in range(worlds):
        loss = rng.exponential(1.0, 150)
        gain = paired_gain(loss, loss - 0.1 + rng.normal(0, 0.3, 150))
        held += gain.low <= 0.1 <= gain.high
    assert 0.92 <= held / worlds <= 0.975


def test_pairs_see_what_two_separate_means_would_not() -> None:
    loss = np.random.default_rng(2).exponential(1.0, 200)
    gain = paired_gain(loss, loss - 0.02 * (1 + loss))
    assert gain.sure == 1 and 0.02 < gain.value < 2 * loss.std() / np.sqrt(200)


def test_losses_of_other_people_are_refused() -> None:
    with pytest.raises(InvalidInput, match="same people"):
        paired_gain([0.1, 0.2, 0.3], [0.1, 0.2])
    with pytest.raises(InvalidInput, match="two people at least"):
        paired_gain([0.1], [0.1])


def test_the_squared_distance_by_hand() -> None:
    assert squared_loss([1.0, 0.0], [0.7, 0.1]) == pytest.approx([0.09, 0.01])
