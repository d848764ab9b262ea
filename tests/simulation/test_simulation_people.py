"""Laws of simulated people: nobody leaves before they came, and leaving follows what was planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency
from sklearn.linear_model import LogisticRegression

from segment.simulation import Organisation, Planted, simulate_organisation
from segment.simulation.leaving import WINDOW, baseline_of, tenure_effect
from segment.simulation.planted import Effects

WINDOW_START, WINDOW_END = "2021-01-01", "2025-12-31"


@pytest.fixture(scope="module")
def needs() -> Organisation:
    return simulate_organisation(3000, seed=11)


def employees(organisation: Organisation) -> pd.DataFrame:
    return organisation.people[organisation.people["relation"] == "employee"]


def left_within_a_year(organisation: Organisation, reason: str) -> pd.DataFrame:
    """One row per employee in service at the first wave, with what was planted and whether they left in 12 months."""
    wave = organisation.waves[0]
    truth = organisation.truth.query("wave == @wave and relation == 'employee'")
    spells = employees(organisation)
    gone = spells[
        (spells["end_reason"] == reason)
        & (spells["end_date"] >= f"{wave}-01")
        & (spells["end_date"] < f"{int(wave[:4]) + 1}{wave[4:]}-01")
    ]
    return truth.assign(left=truth["person_id"].isin(gone["person_id"]))


def test_spells_end_after_they_start_and_inside_the_window(needs: Organisation) -> None:
    ended = needs.people.dropna(subset=["end_date"])
    assert (ended["end_date"] > ended["start_date"]).all()
    assert ended["end_date"].between(WINDOW_START, WINDOW_END).all()
    assert (needs.people["start_date"].dropna() <= WINDOW_END).all()


def test_nobody_is_there_who_left_before_the_window_but_many_came_before_it(needs: Organisation) -> None:
    spells = employees(needs)
    assert not (spells["end_date"] < WINDOW_START).any()
    assert (spells["start_date"] < WINDOW_START).sum() == 3000


def test_an_end_has_a_reason_and_a_reason_has_an_end(needs: Organisation) -> None:
    people = needs.people
    assert (people["end_date"].isna() == people["end_reason"].isna()).all()
    assert set(people["end_reason"].dropna()) == {"voluntary", "involuntary", "other"}


def test_one_row_per_person_and_spell_and_a_few_come_back(needs: Organisation) -> None:
    people = needs.people
    assert not people.duplicated(["person_id", "start_date"]).any()
    spells = people.groupby("person_id").size()
    assert spells.max() == 2
    assert 10 < (spells == 2).sum() < 0.05 * len(spells)
    again = people[people["person_id"].duplicated(keep=False)].sort_values(["person_id", "start_date"])
    earlier = again.drop_duplicates("person_id", keep="first").set_index("person_id")
    later = again.drop_duplicates("person_id", keep="last").set_index("person_id")
    assert (later["start_date"] > earlier["end_date"]).all()


def test_the_organisation_keeps_its_size(needs: Organisation) -> None:
    spells = employees(needs)
    for day in ("2021-06-15", "2023-03-15", "2025-06-15"):
        here = (spells["start_date"] <= day) & ~(spells["end_date"] < day)
        assert here.sum() == pytest.approx(3000, rel=0.08)


def test_candidates_contractors_and_alumni_are_there_in_modest_numbers(needs: Organisation) -> None:
    share = needs.people.drop_duplicates("person_id")["relation"].value_counts(normalize=True)
    assert set(share.index) == {"employee", "candidate", "contractor", "alumnus"}
    assert share["employee"] > 0.9
    without_spell = needs.people[needs.people["relation"].isin(["candidate", "alumnus"])]
    assert without_spell["start_date"].isna().all()
    assert needs.people.loc[~needs.people.index.isin(without_spell.index), "start_date"].notna().all()


def test_the_order_of_numbers_tells_nothing(needs: Organisation) -> None:
    spells = employees(needs)
    number = spells["person_id"].str[1:].astype(int)
    assert spells["person_id"].str.fullmatch(r"E\d{6}").all()
    assert abs(number.corr(spells["start_date"].astype("datetime64[us]").astype("int64"))) < 0.05
    assert abs(number.corr(spells["end_date"].isna().astype(float))) < 0.05


def test_who_quits_follows_unmet_needs_and_broken_promises_by_the_planted_strength(needs: Organisation) -> None:
    pooled = pd.concat([left_within_a_year(simulate_organisation(3000, seed=s), "voluntary") for s in (1, 2)])
    pooled = pd.concat([pooled, left_within_a_year(needs, "voluntary")])
    fitted = LogisticRegression(C=np.inf).fit(pooled[["unmet", "broken", "hazard_tenure"]], pooled["left"])
    unmet, broken, tenure = fitted.coef_[0]
    # The odds over twelve months rise a little faster than the monthly hazard; needs drift during the year.
    assert unmet == pytest.approx(Effects().unmet, rel=0.30)
    assert broken == pytest.approx(Effects().broken, rel=0.60)
    assert tenure == pytest.approx(1.0, rel=0.40)


def test_the_planted_hazard_predicts_how_many_quit(needs: Organisation) -> None:
    expected = left_within_a_year(needs, "voluntary")
    chance = 1 - np.exp(-12 * expected["monthly_voluntary"])
    assert expected["left"].mean() == pytest.approx(chance.mean(), rel=0.25)


def test_being_let_go_has_other_drivers_than_quitting() -> None:
    pooled = pd.concat([left_within_a_year(simulate_organisation(4000, seed=s), "involuntary") for s in (3, 4, 5)])
    fitted = LogisticRegression(C=np.inf).fit(
        pooled[["unmet"]].assign(log=np.log(pooled["monthly_involuntary"])), pooled["left"]
    )
    unmet, own = fitted.coef_[0]
    assert abs(unmet) < 0.8
    assert own > 0.5


def test_without_an_effect_on_leaving_needs_tell_nothing() -> None:
    nothing = left_within_a_year(simulate_organisation(3000, seed=6, leaving_effect=0.0), "voluntary")
    assert (nothing["hazard_unmet"] == 0).all()
    fitted = LogisticRegression(C=np.inf).fit(nothing[["unmet"]], nothing["left"])
    assert abs(fitted.coef_[0][0]) < 1.0


def test_protected_and_business_attributes_keep_their_ranges(needs: Organisation) -> None:
    people = needs.people
    assert people["age"].between(17, 70).all()
    assert set(people["sex"]) == {"female", "male", "not stated"}
    assert people["hours"].dropna().between(16, 40).all()
    assert people["salary_band"].dropna().between(1, 8).all()
    assert set(people["contract"].dropna()) == {"permanent", "temporary", "external"}
    missing = employees(needs)[["salary_band", "hiring_source"]].isna().mean()
    assert missing.between(0.005, 0.08).all()


@pytest.mark.parametrize(("world", "low", "high"), [("needs", 0.0, 0.12), ("departments", 0.95, 1.0)])
def test_department_and_segment_go_together_only_in_the_departments_world(world: str, low: float, high: float) -> None:
    organisation = simulate_organisation(3000, seed=12, world=world, waves=1)
    where = organisation.people.drop_duplicates("person_id").set_index("person_id")["department"]
    truth = organisation.truth[organisation.truth["relation"] == "employee"]
    table = pd.crosstab(truth["segment"], truth["person_id"].map(where))
    cramers_v = np.sqrt(chi2_contingency(table)[0] / len(truth) / (min(table.shape) - 1))
    assert low <= cramers_v <= high


def test_tenure_effect_by_hand() -> None:
    assert tenure_effect(Effects(), np.array([1, 12, 13, 36, 84, 180, 400])).tolist() == [
        0.7,
        0.7,
        0.35,
        0.35,
        0.0,
        -0.4,
        -0.8,
    ]


def test_baseline_by_hand_and_no_exit_in_the_month_of_hiring() -> None:
    baseline = baseline_of(Effects())
    assert baseline.voluntary[:, 0].tolist() == [0.0, 0.0]
    assert baseline.voluntary[1, 24] == pytest.approx(np.exp(-5.15 + 0.35 + 0.3))
    assert baseline.voluntary[1, 25] == pytest.approx(baseline.voluntary[0, 25])


def test_a_reorganisation_lets_people_go_in_the_planted_departments(needs: Organisation) -> None:
    effects, spells = Planted().effects, employees(needs)
    first, last = (str(np.datetime64("2021-01", "M") + month) for month in effects.reorganisation_months)
    let_go = spells[spells["end_reason"] == "involuntary"]
    during = let_go["end_date"].str[:7].between(first, last)
    struck = let_go["department"].isin(effects.reorganised)
    months = effects.reorganisation_months[1] - effects.reorganisation_months[0] + 1
    assert (during & struck).sum() / months > 2 * (~during & struck).sum() / (WINDOW - months)
