"""The search for segments: what must be found, what must be refused, and what never changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from segment.errors import InvalidInput
from segment.segments import NeedsMixture, SegmentSelector
from segment.segments.gates import Gates

NEEDS = ("pay", "social", "growth", "hours")
PROFILES = np.array([[1.3, -0.5, -0.6, -0.2], [-0.7, 1.2, -0.6, 0.1], [-0.5, -0.6, 1.2, -0.1]])


def survey(
    n: int = 500, seed: int = 0, *, segments: bool = True, style: float = 0.6
) -> tuple[pd.DataFrame, dict[str, str], np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = generator.choice(3, n, p=[0.5, 0.3, 0.2])
    needs = PROFILES[truth] * segments + generator.normal(0, 0.35 if segments else 0.8, (n, 4))
    latent = np.repeat(needs, 3, axis=1) + generator.normal(0, 0.7, (n, 12)) + generator.normal(0, style, (n, 1))
    values = np.clip(np.round(3.3 + latent), 1, 5)
    values[generator.random(values.shape) < 0.05] = np.nan
    codes = [f"{need}{j}" for need in NEEDS for j in range(3)]
    return pd.DataFrame(values, columns=codes), {code: code[:-1] for code in codes}, truth


def quick(ks=range(2, 5), **settings) -> SegmentSelector:
    return SegmentSelector(ks, **({"n_splits": 3, "null_draws": 4, "n_starts": 4} | settings))


@pytest.fixture(scope="module")
def found() -> tuple[SegmentSelector, pd.DataFrame, dict[str, str], np.ndarray]:
    items, needs, truth = survey()
    return quick().fit(items, needs), items, needs, truth


def test_planted_segments_are_found_by_a_need_based_family_largest_first(found):
    selector, _, _, truth = found
    assert (selector.n_segments_, selector.family_) == (3, "needs_mixture")
    assert adjusted_rand_score(truth, selector.labels_) > 0.8
    assert (np.diff(np.bincount(selector.labels_)) <= 0).all()
    assert selector.style_share_ < 0.25
    assert selector.refusal_ is None
    assert selector.reason_.startswith("3 segments")


def test_the_evidence_has_one_row_per_family_and_number_with_one_segment_and_one_choice(found):
    evidence = found[0].evidence_
    assert len(evidence) == 4 * 4
    assert not evidence.duplicated(["family", "k"]).any()
    assert evidence["chosen"].sum() == 1
    assert evidence.loc[evidence["chosen"], "passed"].all()
    assert set(evidence["k"]) == {1, 2, 3, 4}


def test_profiles_say_which_needs_stand_out(found):
    profiles = found[0].need_profiles_
    assert profiles.idxmax(axis=1).tolist() == ["pay", "social", "growth"]
    np.testing.assert_allclose(profiles.sum(axis=1), 0, atol=1e-9)


def test_new_people_do_not_move_old_ones(found):
    selector, items, _, _ = found
    np.testing.assert_array_equal(selector.predict(items), selector.labels_)
    np.testing.assert_allclose(selector.predict_proba(items.iloc[:7]), selector.predict_proba(items)[:7], atol=1e-6)
    np.testing.assert_allclose(selector.predict_proba(items).sum(axis=1), 1, atol=1e-6)


def test_everyone_has_a_segment_also_straight_liners_and_people_who_answered_little(found):
    _, items, needs, _ = found
    odd = items.copy()
    odd.iloc[:5] = 3.0
    odd.iloc[5:10, 2:] = np.nan
    odd.iloc[10] = np.nan
    selector = quick(3, families=("needs_mixture",), n_splits=1, null_draws=2).fit(odd, needs)
    assert not selector.usable_[:11].any()
    assert len(selector.labels_) == len(odd)
    assert set(selector.labels_) == {0, 1, 2}


def test_columns_in_another_order_and_strangers_among_them_change_nothing(found):
    selector, items, _, _ = found
    mixed = items.iloc[:, ::-1].assign(department="A")
    np.testing.assert_array_equal(selector.predict(mixed), selector.labels_)


def test_no_segments_are_refused_in_words():
    items, needs, _ = survey(segments=False)
    selector = quick(families=("needs_mixture", "k_means")).fit(items, needs)
    assert selector.n_segments_ == 1
    assert selector.family_ == "none"
    assert "No reproducible segments" in selector.reason_
    assert selector.refusal_.code == "none"
    assert (selector.labels_ == 0).all()
    assert selector.predict_proba(items).shape == (len(items), 1)
    assert not selector.evidence_["chosen"].any()


def test_style_groups_are_no_segments():
    generator = np.random.default_rng(5)
    items, needs, _ = survey(segments=False, style=0.1)
    items = (items + generator.choice([-1, 0, 1], (len(items), 1))).clip(1, 5)
    selector = quick(families=("latent_class",)).fit(items, needs)
    assert selector.n_segments_ == 1
    assert "style" in selector.reason_


def test_one_number_is_always_returned_with_its_gates(found):
    _, _, needs, _ = found
    items, needs, _ = survey(segments=False)
    selector = quick(4, families=("needs_mixture",)).fit(items, needs)
    assert selector.n_segments_ == 4
    assert selector.decision_.code == "requested"
    assert selector.decision_.parts["failed"] != "none"
    assert set(selector.evidence_["k"]) == {1, 3, 4, 5}


def test_the_same_seed_gives_the_same_answer_on_one_core_and_two():
    items, needs, _ = survey(160)
    settings = {"families": ("needs_mixture",), "n_splits": 2, "null_draws": 2, "n_starts": 2}
    one = quick(range(2, 4), **settings).fit(items, needs)
    two = quick(range(2, 4), n_jobs=2, **settings).fit(items, needs)
    pd.testing.assert_frame_equal(one.evidence_, two.evidence_)
    np.testing.assert_array_equal(one.labels_, two.labels_)


def test_doubling_weights_changes_no_label():
    items, needs, _ = survey(160)
    weight = np.random.default_rng(0).uniform(0.5, 2, 160)
    settings = {"families": ("needs_mixture",), "n_splits": 2, "null_draws": 2}
    one, two = (quick(3, **settings).fit(items, needs, factor * weight) for factor in (1, 2))
    np.testing.assert_array_equal(one.labels_, two.labels_)


def test_choices_take_part_and_items_alone_do_without_needs():
    items, needs, truth = survey(240)
    choices = pd.DataFrame(PROFILES[truth] * 3, columns=list(NEEDS))
    rated = NeedsMixture(3).fit(items, needs).labels_
    selector = quick(3, families=("needs_mixture",), n_splits=1, null_draws=2, choice_weight=0.6)
    both = selector.fit(items, needs, choices=choices).labels_
    assert adjusted_rand_score(truth, both) > adjusted_rand_score(truth, rated)
    plain = quick(3, families=("intercept_mixture",), n_splits=1, null_draws=2).fit(items)
    assert plain.family_ == "intercept_mixture"
    assert plain.need_profiles_ is None


def test_small_organisations_get_a_reason_instead_of_segments():
    items, needs, _ = survey(80)
    selector = SegmentSelector().fit(items, needs)
    assert selector.refusal_.code == "too_few"
    assert "80 usable people" in selector.reason_
    assert selector.evidence_["failed"].str.contains("too_few").any()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"n_segments": []}, "whole numbers"),
        ({"n_segments": range(-1, 3)}, "whole numbers"),
        ({"families": ("magic",)}, "No such family"),
        ({"n_splits": 0}, "'n_splits' parameter of SegmentSelector must be an int"),
        ({"n_segments": 500}, "too few usable people"),
    ],
)
def test_refusals(settings, words):
    items, needs, _ = survey(120)
    with pytest.raises(InvalidInput, match=words):
        SegmentSelector(**settings).fit(items, needs)


def test_families_on_needs_want_a_need_map():
    items, _, _ = survey(120)
    with pytest.raises(InvalidInput, match="need to know which item"):
        SegmentSelector(families=("k_means",)).fit(items)


def test_gates_can_be_moved_and_are_obeyed(found):
    _, items, needs, _ = found
    selector = quick(range(2, 4), families=("needs_mixture",), gates=Gates(smallest_share=0.45)).fit(items, needs)
    assert selector.n_segments_ == 1
    assert "size" in selector.reason_


@pytest.mark.parametrize("seed", range(16))
def test_odd_inputs_end_in_a_refusal_or_a_valid_answer(seed):
    generator = np.random.default_rng(seed)
    n, items_per = int(generator.integers(1, 160)), int(generator.integers(1, 4))
    codes = [f"{need}{j}" for need in NEEDS[: int(generator.integers(1, 5))] for j in range(items_per)]
    values = generator.integers(1, 6, (n, len(codes))).astype(float)
    values[generator.random(values.shape) < generator.choice([0.0, 0.3, 0.9])] = np.nan
    if generator.random() < 0.4:
        values[:, generator.integers(len(codes))] = 3.0
    if generator.random() < 0.2:
        values[:] = values[:1]
    weight = np.exp(generator.normal(0, generator.choice([0.0, 8.0]), n))
    families = [("needs_mixture", "latent_class"), ("k_means", "intercept_mixture")][seed % 2]
    k = int(generator.integers(1, 5)) if generator.random() < 0.5 else range(2, 4)
    selector = SegmentSelector(k, families=families, n_splits=1, n_starts=2, null_draws=2, random_state=seed)
    try:
        selector.fit(pd.DataFrame(values, columns=codes), {code: code[:-1] for code in codes}, weight)
    except InvalidInput:
        return
    assert selector.labels_.shape == (n,)
    memberships = selector.predict_proba(pd.DataFrame(values, columns=codes))
    assert np.isfinite(memberships).all()
    np.testing.assert_allclose(memberships.sum(axis=1), 1, atol=1e-5)
    assert selector.n_segments_ == memberships.shape[1]


def test_segments_can_be_called_by_other_numbers_everywhere_at_once(found):
    selector, items, _, _ = found
    other = selector.renumbered({0: 2, 1: 0, 2: 1})
    turned = np.array([2, 0, 1])
    np.testing.assert_array_equal(other.labels_, turned[selector.labels_])
    np.testing.assert_array_equal(other.predict(items), other.labels_)
    np.testing.assert_allclose(other.predict_proba(items)[:, turned], selector.predict_proba(items))
    np.testing.assert_allclose(other.need_profiles_.to_numpy()[turned], selector.need_profiles_.to_numpy())
    np.testing.assert_array_equal(selector.predict(items), selector.labels_)
    with pytest.raises(InvalidInput, match="number of its own"):
        selector.renumbered({0: 0, 1: 0, 2: 1})
