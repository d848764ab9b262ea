"""What a search leaves out because it can decide nothing any more, and that this moves nothing of the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.locale import catalogue
from segment.segments import SegmentSelector
from segment.segments.candidates import Material
from segment.segments.cases import Search
from segment.segments.chance import AnswersByChance
from segment.segments.evidence import nearest_candidate
from segment.segments.families import FAMILIES
from segment.segments.gates import Gates, Showing
from segment.segments.trials import chance_trial, merged, split_trial

NEEDS = {f"{need}{j}": need for need in ("pay", "social", "growth", "hours") for j in range(3)}
PROFILES = np.array([[1.3, -0.5, -0.6, -0.2], [-0.7, 1.2, -0.6, 0.1], [-0.5, -0.6, 1.2, -0.1]])
PARTS = ("agreement", "held_out", "gain", "rise")


def survey(n: int, *, apart: float, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    needs = apart * PROFILES[generator.choice(3, n, p=[0.5, 0.3, 0.2])] + generator.normal(0, 0.35, (n, 4))
    latent = np.repeat(needs, 3, axis=1) + generator.normal(0, 0.7, (n, 12)) + generator.normal(0, 0.6, (n, 1))
    return pd.DataFrame(np.clip(np.round(3.3 + latent), 1, 5), columns=list(NEEDS))


def material(n: int = 240) -> Material:
    selector = SegmentSelector(2, families=("k_means",), n_splits=1, null_draws=1, n_starts=1)
    items = survey(n, apart=1.0)
    return selector.fit(items, NEEDS).reading_.read(items, np.ones(n))


def searched(items: pd.DataFrame, **settings: object) -> SegmentSelector:
    return SegmentSelector(range(2, 7), n_splits=3, null_draws=4, n_starts=3, **settings).fit(items, NEEDS)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_number_tried_alone_says_what_it_says_among_all(family: str):
    people, ks, seed = material(), (2, 3, 4), np.random.SeedSequence(5)
    source = people if FAMILIES[family].basis == "needs" else AnswersByChance(people, np.random.default_rng(0))
    kind = "gradient" if FAMILIES[family].basis == "needs" else "answers"
    for make in (
        lambda *wanted: split_trial(FAMILIES[family], people, ks, 2, seed, *wanted),
        lambda *wanted: chance_trial(FAMILIES[family], source, kind, 100, ks, 2, seed, *wanted),
    ):
        whole, one, others = make(), make([3]), make([2, 4])
        for part in PARTS:
            assert np.isfinite(getattr(whole, part)).all()
            assert np.isnan(getattr(one, part)).tolist() == [True, False, True]
            np.testing.assert_array_equal(getattr(merged(one, others), part), getattr(whole, part))


def test_where_needs_stand_single_items_and_numbers_that_failed_on_everyone_are_not_tried():
    selector = searched(survey(500, apart=1.0), gates=Gates(smallest_share=0.12))
    evidence = selector.evidence_
    assert (selector.n_segments_, selector.family_) == (3, "needs_mixture")
    mixture = evidence[(evidence["family"] == "needs_mixture") & (evidence["k"] > 1)]
    early = mixture["failed"].str.contains("size|posterior|one segment")
    assert early.any() and mixture.loc[early, "agreement"].isna().all()
    assert mixture.loc[~early, "agreement"].notna().all()
    items = evidence[(evidence["basis"] == "items") & (evidence["k"] > 1)]
    assert len(items) == 10 and (items["failed"] == "not tried").all() and items["bic"].isna().all()


def test_where_nothing_stands_what_may_have_come_nearest_was_tried_and_chance_only_of_what_came_back():
    strict = Gates(agreement=0.999)
    evidence = searched(survey(400, apart=0.8), gates=strict).evidence_
    assert not evidence["passed"].any() and evidence["log_likelihood"].notna().all()
    many = evidence[evidence["k"] > 1].assign(gates=lambda rows: rows["failed"].str.count(", ") + 1)
    for _, own in many.groupby("family"):
        tried = own["agreement"].notna()
        if tried.any():
            assert own.loc[~tried, "gates"].min() > own.loc[tried, "gates"].min() or tried.all()
    low = evidence["agreement"] < strict.agreement
    assert low.any() and evidence.loc[low, "agreement_chance"].isna().all()
    assert evidence.loc[low, "failed"].str.contains("agreement").all()


def test_leaving_out_what_cannot_be_nearest_leaves_the_nearest_the_same(monkeypatch):
    """As with every number tried on halves, in worlds of one group and of groups that do not come back well enough."""
    for apart, gates in ((0.0, Gates()), (0.5, Gates(agreement=0.9)), (0.8, Gates(agreement=0.999))):
        items = survey(300, apart=apart)
        short = searched(items, gates=gates).evidence_
        with monkeypatch.context() as patch:
            patch.setattr(Search, "_perhaps_nearer", lambda _, case, tried: [k for k in case.ks if k not in tried])
            whole = searched(items, gates=gates).evidence_
        assert len(short["agreement"].dropna()) <= len(whole["agreement"].dropna())
        one, other = nearest_candidate(short), nearest_candidate(whole)
        assert (one["family"], one["k"], one["failed"]) == (other["family"], other["k"], other["failed"])


def test_a_number_that_is_asked_for_is_shown_whole_beside_its_neighbours():
    evidence = SegmentSelector(3, n_splits=2, null_draws=2, n_starts=2).fit(survey(300, apart=0.0), NEEDS).evidence_
    needs = evidence[(evidence["basis"] == "needs") & (evidence["k"] > 1)]
    assert set(evidence["k"]) == {1, 2, 3, 4} and evidence["bic"].notna().all()
    assert needs[["agreement", "gain", "agreement_chance", "gain_chance"]].notna().all(axis=None)


def test_every_word_of_why_a_number_was_not_taken_has_words_in_both_languages():
    nothing = Showing("k_means", 2, 1, 0.0, 1, 9.0, 1, 1, 0.0, 0, 0.0, 0.0, 1.0, 1.0)
    unknown = Showing("k_means", 2, 1, float("nan"), 1, 9.0, 1, 1, 0.0, 0, 0.0, 0.0, 1.0, 1.0)
    words = {*nothing.refusals(Gates(), 0.0, 0.0, 0.0), *unknown.refusals(Gates(), 0.0, 0.0, 0.0)}
    alike, few = pd.DataFrame(3.0, index=range(200), columns=list(NEEDS)), survey(40, apart=1.0)
    for items in (survey(300, apart=1.0), survey(300, apart=0.0), alike, few):
        told = SegmentSelector((2, 3), n_splits=2, null_draws=2, n_starts=2).fit(items, NEEDS).evidence_["failed"]
        words |= {word for failed in told for word in failed.split(", ") if word}
    assert {"not tried", "too_few", "agreement", "style"} <= words
    assert [word for word in sorted(words) if set(catalogue().get(f"report.gate.{word}", {})) != {"nl", "en"}] == []
