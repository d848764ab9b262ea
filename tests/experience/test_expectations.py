"""Two-sided expectations: people and roles that fit from both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.experience import match_counts, match_expectations
from segment.locale import say
from segment.tables import spec_of

NEEDS = ("PAY", "GRO", "AUT", "SOC")


def town(people: int = 60, roles: int = 5, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    persons = pd.DataFrame({"person": [f"p{number}" for number in range(people)]})
    offers = pd.DataFrame({"offer": [f"role {number}" for number in range(roles)]})
    for need in NEEDS:
        persons[f"importance_{need}"] = rng.integers(1, 6, people).astype(float)
        offers[f"offer_{need}"] = rng.integers(1, 6, roles).astype(float)
    persons["brings_craft"] = rng.integers(1, 6, people).astype(float)
    offers["ask_craft"] = rng.integers(2, 6, roles).astype(float)
    return persons, offers


def test_only_pairs_that_fit_on_both_sides_are_shown() -> None:
    persons, offers = town()
    matches = match_expectations(persons, offers, threshold=0.7)
    spec_of("matches").check(matches)
    assert 0 < len(matches) < len(persons) * len(offers)
    assert (matches[["fit_person", "fit_offer"]] >= 0.7).all(axis=None)
    assert matches[["fit_person", "fit_offer", "fit"]].apply(lambda figure: figure.between(0, 1)).all(axis=None)
    np.testing.assert_array_equal(matches["fit"], matches[["fit_person", "fit_offer"]].min(axis=1))


def test_a_higher_threshold_keeps_a_part_of_the_same_matches() -> None:
    persons, offers = town()
    mild, strict = (match_expectations(persons, offers, threshold=level) for level in (0.5, 0.8))
    pairs = [set(zip(table["person"], table["offer"], strict=True)) for table in (mild, strict)]
    assert pairs[1] < pairs[0]


def test_how_generously_people_answer_changes_nothing() -> None:
    persons, offers = town()
    columns = [f"importance_{need}" for need in NEEDS]
    modest = persons.assign(**{column: persons[column] / 2 + 1 for column in columns})
    generous = modest.assign(**{column: modest[column] + 1 for column in columns})
    pd.testing.assert_frame_equal(match_expectations(modest, offers), match_expectations(generous, offers))


def test_an_offer_of_everything_and_a_person_who_brings_everything_fit_wholly() -> None:
    persons, offers = town()
    offers = offers.assign(**{f"offer_{need}": 5.0 for need in NEEDS})
    matches = match_expectations(persons.assign(brings_craft=5.0), offers)
    assert len(matches) == len(persons) * len(offers)
    assert (matches["fit"] == 1).all()
    assert (matches[["worst_need", "worst_ask"]] == "").all(axis=None)


def test_a_better_offer_never_fits_worse() -> None:
    persons, offers = town()
    better = offers.assign(offer_PAY=np.minimum(5, offers["offer_PAY"] + 1))
    before = match_expectations(persons, offers, threshold=0).set_index(["person", "offer"])["fit_person"]
    after = match_expectations(persons, better, threshold=0).set_index(["person", "offer"])["fit_person"]
    assert (after.reindex(before.index) >= before - 1e-12).all()


def test_by_hand_with_its_reason() -> None:
    # own mean 3.5: needs PAY 5, GRO 2, AUT 2, so 4, 1 and 1 above the lowest point; the role gives 2, 4 and 0
    persons = pd.DataFrame(
        {"person": ["p"], "importance_PAY": [5.0], "importance_GRO": [2.0], "importance_AUT": [2.0],
         "brings_craft": [4.0], "brings_hours": [24.0]}
    )  # fmt: skip
    offers = pd.DataFrame(
        {"offer": ["coach"], "offer_PAY": [3], "offer_GRO": [5], "offer_AUT": [1], "ask_craft": [3], "ask_hours": [32]}
    )
    row = match_expectations(persons, offers, threshold=0.1).iloc[0]
    assert row["fit_person"] == pytest.approx((2 + 1 + 0) / (4 + 1 + 1) * 1.0)
    # craft is met; hours count from zero: 24 of 32; each ask counts alike, whatever its unit
    assert row["fit_offer"] == pytest.approx((1 + 24 / 32) / 2)
    # of PAY as much is missed as met; GRO is met wholly
    assert (row["best_need"], row["worst_need"]) == ("GRO", "PAY")
    assert (row["best_ask"], row["worst_ask"]) == ("craft", "hours")


def test_a_role_that_asks_the_least_is_met_and_one_that_says_nothing_is_not_measured() -> None:
    persons, offers = town(3, 2)
    offers["ask_craft"] = [1.0, np.nan]
    matches = match_expectations(persons, offers, threshold=0)
    assert matches["offer"].unique().tolist() == ["role 0"]
    assert (matches["fit_offer"] == 1).all()


def test_ranks_run_per_person_and_may_be_cut() -> None:
    persons, offers = town()
    matches = match_expectations(persons, offers, threshold=0.4)
    for _, own in matches.groupby("person"):
        assert own["rank"].tolist() == list(range(1, len(own) + 1))
        assert own["fit"].is_monotonic_decreasing
    two = match_expectations(persons, offers, threshold=0.4, per_person=2)
    pd.testing.assert_frame_equal(two, matches[matches["rank"] <= 2].reset_index(drop=True))


def test_a_role_is_only_for_whom_it_is_open_to() -> None:
    persons, offers = town()
    persons = persons.assign(relation=np.resize(["candidate", "contractor", "alumnus"], len(persons)))
    offers = offers.assign(**{"for": ["candidate", "contractor, alumnus", None, "", "employee"]})
    matches = match_expectations(persons, offers, threshold=0).merge(persons[["person", "relation"]], on="person")
    seen = matches.groupby("offer")["relation"].agg(set).to_dict()
    everyone = {"candidate", "contractor", "alumnus"}
    assert list(seen.values()) == [{"candidate"}, everyone - {"candidate"}, everyone, everyone]
    assert list(seen) == ["role 0", "role 1", "role 2", "role 3"]
    counts = match_counts(persons, offers).set_index("offer")
    assert counts.loc["role 4", ["n", "status", "reason"]].tolist() == [0, "not measured", "open_to_nobody"]


def test_a_side_that_is_mostly_unknown_is_not_measured() -> None:
    persons, offers = town()
    persons.loc[0, [f"importance_{need}" for need in NEEDS[:3]]] = np.nan
    persons.loc[1, "brings_craft"] = np.nan
    matches = match_expectations(persons, offers, threshold=0)
    assert not matches["person"].isin(["p0", "p1"]).any()


def test_missing_sides_give_no_matches_and_a_reason() -> None:
    persons, offers = town()
    for people, roles, reason in (
        (persons.drop(columns="brings_craft"), offers, "asks_unknown"),
        (persons, offers.drop(columns="ask_craft"), "asks_unknown"),
        (persons[["person", "brings_craft"]], offers, "needs_unknown"),
        (persons.iloc[:0], offers, "open_to_nobody"),
    ):
        matches = match_expectations(people, roles)
        assert len(matches) == 0
        spec_of("matches").check(matches)
        counts = match_counts(people, roles)
        assert (counts["reason"] == reason).all()
        assert (counts["status"] == "not measured").all()
        assert say(f"experience.matched.{reason}", "en")
    assert len(match_expectations(persons, offers.iloc[:0])) == 0
    assert len(match_counts(persons, offers.iloc[:0])) == 0


def test_counts_agree_with_the_matches() -> None:
    persons, offers = town()
    counts = match_counts(persons, offers, threshold=0.7).set_index("offer")
    matches = match_expectations(persons, offers, threshold=0.7)
    assert counts["both"].to_dict() == matches["offer"].value_counts().reindex(counts.index, fill_value=0).to_dict()
    assert (counts["both"] <= counts[["person_side", "offer_side"]].min(axis=1)).all()
    assert (counts["status"] == "measured").all()


def test_refusals() -> None:
    persons, offers = town(4, 2)
    with pytest.raises(InvalidInput, match="threshold of a match is a share"):
        match_expectations(persons, offers, threshold=60)
    with pytest.raises(InvalidInput, match="Some roles stand twice"):
        match_expectations(persons, pd.concat([offers, offers]))
    with pytest.raises(InvalidInput, match="Some people stand twice") as refusal:
        match_expectations(pd.concat([persons, persons]), offers)
    assert "p0" not in str(refusal.value)
    with pytest.raises(InvalidInput, match="roles cannot be told apart"):
        match_counts(persons, offers.rename(columns={"offer": "role"}))
