"""Laws of stability and of the persistent identity of segments, examples by hand, and every refusal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.parallel import run_parallel
from segment.segments.identity import match_segments
from segment.segments.stability import (
    agreement,
    global_stability,
    jaccard_overlap,
    segment_origins,
    segment_stability,
    stability_across,
)


@dataclass(frozen=True)
class Nearest:
    """A plain k-means, so that these tests need no other room."""

    centres: np.ndarray

    def predict(self, scores: np.ndarray) -> np.ndarray:
        return ((scores[:, None] - self.centres) ** 2).sum(axis=2).argmin(axis=1)


def fit_nearest(scores: np.ndarray, weights: np.ndarray, random_state: int, *, k: int = 3) -> Nearest:
    best, centres = np.inf, scores[:k]
    for start in np.random.default_rng(random_state).permuted(np.tile(np.arange(len(scores)), (4, 1)), axis=1)[:, :k]:
        found = scores[start]
        for _ in range(15):
            labels = Nearest(found).predict(scores)
            found = np.stack(
                [np.average(scores[labels == s], axis=0, weights=weights[labels == s]) if weights[labels == s].sum() > 0
                 else found[s] for s in range(k)]
            )  # fmt: skip
        loss = float(weights @ ((scores - found[Nearest(found).predict(scores)]) ** 2).sum(axis=1))
        if loss < best:
            best, centres = loss, found
    return Nearest(centres)


def _clusters(n: int = 240, gap: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    truth = np.repeat([0, 1, 2], n // 3)
    centres = gap * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    return centres[truth] + np.random.default_rng(0).normal(size=(n, 2)) * 0.5, truth


def test_agreement_is_one_for_the_same_groups_under_any_name() -> None:
    labels = np.random.default_rng(0).integers(4, size=200)
    renamed = np.array([7, 3, 0, 5])[labels]
    assert agreement(labels, renamed) == 1.0
    assert agreement(labels, labels, sample_weight=np.linspace(0.1, 3, 200)) == pytest.approx(1.0)


def test_agreement_is_about_nothing_for_unrelated_groups_and_does_not_mind_the_order() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.integers(3, size=3000), rng.integers(4, size=3000)
    assert abs(agreement(first, second)) < 0.01
    assert agreement(first, second) == pytest.approx(agreement(second, first))


def test_agreement_worked_by_hand_and_blind_to_the_size_of_weights() -> None:
    # Table [[2, 1], [0, 3]]: pairs together 1 + 3 = 4; rows 3 + 3 = 6; columns 1 + 6 = 7; all 15; expected 2.8.
    first, second = [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]
    assert agreement(first, second) == pytest.approx((4 - 2.8) / (6.5 - 2.8))
    weights = np.array([1, 2, 1, 3, 1, 2.0])
    once = agreement(first, second, sample_weight=weights)
    assert once == agreement(first, second, sample_weight=2 * weights)


def test_overlap_worked_by_hand() -> None:
    overlap = jaccard_overlap([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1])
    assert overlap == pytest.approx(np.array([[2 / 3, 1 / 6], [0, 3 / 4]]))


def test_clear_clusters_are_stable_and_a_cloud_is_not() -> None:
    clear, truth = _clusters()
    pairs = global_stability(fit_nearest, clear, n_pairs=8)
    assert pairs["agreement"].min() > 0.95
    table = segment_stability(fit_nearest, clear, truth, n_bootstrap=15)
    assert table["verdict"].tolist() == ["stable"] * 3
    assert table["n"].tolist() == [80, 80, 80]
    cloud = np.random.default_rng(2).normal(size=(240, 5))
    labels = fit_nearest(cloud, np.ones(240), 0).predict(cloud)
    loose = segment_stability(fit_nearest, cloud, labels, n_bootstrap=15)
    assert loose["jaccard"].max() < 0.75
    assert global_stability(fit_nearest, cloud, n_pairs=8)["agreement"].mean() < 0.6
    assert (loose["low"] <= loose["median"]).all()
    assert (loose["median"] <= loose["high"]).all()


def test_only_the_merged_segments_are_unstable() -> None:
    scores, truth = _clusters()
    table = segment_stability(partial(fit_nearest, k=2), scores, truth, n_bootstrap=15)
    assert table["jaccard"].max() <= 1.0
    assert (table["verdict"] != "stable").sum() >= 1  # two segments cannot hold three


def test_stability_is_the_same_on_one_core_and_two_and_with_other_label_names() -> None:
    scores, truth = _clusters(gap=1.2)
    here = segment_stability(fit_nearest, scores, truth, n_bootstrap=6, random_state=5)
    there = segment_stability(
        fit_nearest, scores, truth, n_bootstrap=6, random_state=5, run=partial(run_parallel, n_jobs=2)
    )
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    order = np.array([2, 0, 1])
    moved = segment_stability(fit_nearest, scores, order[truth], n_bootstrap=6, random_state=5)
    assert moved["jaccard"].to_numpy()[order] == pytest.approx(here["jaccard"].to_numpy())


def test_doubling_every_weight_changes_no_stability() -> None:
    scores, _ = _clusters(gap=1.0)
    weights = np.random.default_rng(3).uniform(0.5, 2, size=len(scores))
    once = global_stability(fit_nearest, scores, sample_weight=weights, n_pairs=3)
    twice = global_stability(fit_nearest, scores, sample_weight=2 * weights, n_pairs=3)
    pd.testing.assert_frame_equal(once, twice, check_exact=True)


def test_origins_add_to_one_and_find_the_split() -> None:
    labels = {2: [0, 0, 0, 0, 1, 1], 3: [0, 0, 2, 2, 1, 1], 4: [0, 0, 2, 2, 1, 3]}
    origins = segment_origins(labels)
    assert origins.groupby(["k", "segment"])["share"].sum().to_numpy() == pytest.approx(1.0)
    table = stability_across(labels).set_index(["k", "segment"])
    assert table.loc[(3, 2), "parent"] == 0
    assert table.loc[(3, 2), "kept"] == pytest.approx(0.5)
    assert table["split"].to_dict() == {
        (3, 0): True, (3, 1): False, (3, 2): True, (4, 0): False, (4, 1): True, (4, 2): False, (4, 3): True,
    }  # fmt: skip
    assert table["stability"].to_numpy() == pytest.approx(1.0)


def test_a_segment_drawn_from_everywhere_has_no_stability() -> None:
    # Segment 0 of three takes half its people from either: entropy log 2 over log 2 is one, so nothing is left.
    table = stability_across({2: [0, 0, 1, 1], 3: [0, 1, 0, 2]}).set_index("segment")
    assert table.loc[0, "stability"] == pytest.approx(0.0)
    assert table.loc[1, "stability"] == pytest.approx(1.0)
    assert stability_across({1: [0, 0], 2: [0, 1]})["stability"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_the_same_segments_keep_their_numbers_whatever_they_are_called(seed: int) -> None:
    rng = np.random.default_rng(seed)
    old = np.r_[np.arange(6), rng.integers(6, size=300)]
    order = rng.permutation(6)
    match = match_segments(old, order[old])
    assert np.array_equal(match.relabel(order[old]), old)
    assert (match.table["status"] == "kept").all()
    assert match.table["overlap"].to_numpy() == pytest.approx(1.0)


def test_numbers_survive_noise_and_a_new_segment_gets_a_fresh_one() -> None:
    rng = np.random.default_rng(0)
    old = rng.integers(3, size=600)
    new = np.where(rng.random(600) < 0.1, rng.integers(3, size=600), np.array([2, 0, 1])[old])
    assert match_segments(old, new).identity == {2: 0, 0: 1, 1: 2}
    split = np.where((old == 1) & (np.arange(600) % 4 == 0), 3, old)
    match = match_segments(old, split)
    assert match.identity == {0: 0, 1: 1, 2: 2, 3: 3}
    assert match.table.set_index("identity")["status"].to_dict()[3] == "new"
    back = match_segments(split, old)
    assert back.table.set_index("identity")["status"].to_dict()[3] == "gone"


def test_a_fresh_number_is_never_one_that_an_old_segment_bore() -> None:
    match = match_segments([0, 0, 5, 5, 5, 5], [1, 1, 0, 0, 2, 3])
    fresh = match.table.loc[match.table["status"] == "new", "identity"]
    assert fresh.min() > 5
    assert match.table["identity"].is_unique


SCORES = np.zeros((4, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: global_stability(fit_nearest, SCORES[:1]), "people x needs"),
        (lambda: global_stability(fit_nearest, SCORES, n_pairs=0), "Too few pairs of bootstrap samples"),
        (lambda: segment_stability(fit_nearest, SCORES, [0, 0, 1, 1], n_bootstrap=0), "Too few bootstrap samples"),
        (lambda: segment_stability(fit_nearest, SCORES, [0, 1]), "The segment labels do not fit the people"),
        (lambda: agreement([0, 1], [0]), "do not fit the people"),
        (lambda: agreement([0, -1], [0, 1]), "whole numbers from 0"),
        (lambda: segment_origins({2: [0, 1]}), "solutions of two sizes"),
        (lambda: match_segments([0, 1], [0, 1], minimum=2), "The lowest overlap"),
        (lambda: match_segments([0, 1], [0, 1]).relabel([0, 4]), "labels that the match has not seen"),
    ],
)
def test_refusals_say_what_is_wrong(call, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
