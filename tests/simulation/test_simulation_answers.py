"""Laws of simulated answers: inside their scales, with style and gaps, and with the structure that was planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from segment.simulation import NEEDS, Organisation, Planted, open_questionnaire, simulate_organisation


@pytest.fixture(scope="module")
def needs() -> Organisation:
    return simulate_organisation(3000, seed=21)


def contrasts(answers: pd.DataFrame) -> np.ndarray:
    """Within-person centred need means of the importance items, as seven orthonormal contrasts."""
    means = pd.DataFrame({need: answers.filter(regex=f"^I_{need}_").mean(axis=1) for need in NEEDS})
    centred = (means - means.mean()).to_numpy()
    centred = centred - centred.mean(axis=1, keepdims=True)
    basis = np.linalg.qr(np.column_stack([np.ones(len(NEEDS)), np.eye(len(NEEDS))[:, :-1]]))[0][:, 1:]
    return centred @ basis


def respondents(organisation: Organisation) -> pd.DataFrame:
    wave = organisation.waves[0]
    truth = organisation.truth.query("wave == @wave and relation == 'employee' and not straight_liner")
    joined = organisation.responses[wave].merge(truth.drop(columns="wave"), on="person_id")
    answered = joined.filter(regex="^I_").notna().mean(axis=1) > 0.8
    complete = np.logical_and.reduce([joined.filter(regex=f"^I_{n}_").notna().any(axis=1) for n in NEEDS])
    return joined[answered & complete].head(2000)


def mixture(scores: np.ndarray, k: int) -> GaussianMixture:
    return GaussianMixture(k, covariance_type="tied", n_init=4, random_state=0).fit(scores)


@pytest.mark.parametrize("seed", [21, 22])
def test_planted_segments_are_found_when_their_number_is_known(seed: int) -> None:
    people = respondents(simulate_organisation(3000, seed=seed, waves=1))
    scores = contrasts(people)
    assert len(people) > 1900
    assert adjusted_rand_score(people["segment"], mixture(scores, 5).predict(scores)) >= 0.70


@pytest.mark.parametrize("world", ["none", "gradient", "style"])
def test_worlds_without_segments_have_one_cloud_of_needs(world: str) -> None:
    people = respondents(simulate_organisation(3000, seed=23, waves=1, world=world))
    scores = contrasts(people)
    one, two, five = mixture(scores, 1), mixture(scores, 2), mixture(scores, 5)
    assert one.bic(scores) < min(two.bic(scores), five.bic(scores))
    assert set(people["segment"]) == {0}
    assert adjusted_rand_score(people["style_group"], five.predict(scores)) < 0.05


def test_style_groups_differ_in_level_and_stretch_and_nothing_else() -> None:
    people = respondents(simulate_organisation(3000, seed=24, waves=1, world="style"))
    level = people.filter(regex="^I_").mean(axis=1).groupby(people["style_group"]).mean()
    assert level.max() - level.min() > 0.8
    need = people[[f"need_{need}" for need in NEEDS]].groupby(people["style_group"]).mean()
    assert (need.max() - need.min()).max() < 0.25


def test_departments_follow_their_profile_in_the_departments_world() -> None:
    organisation = simulate_organisation(2000, seed=25, waves=1, world="departments")
    where = organisation.people.drop_duplicates("person_id").set_index("person_id")["department"]
    found = pd.crosstab(organisation.truth["person_id"].map(where), organisation.truth["segment"])
    assert ((found > 0).sum(axis=1) == 1).all()
    assert len(found) == 12


def test_segments_have_their_planted_shares(needs: Organisation) -> None:
    for _, truth in needs.truth[needs.truth["relation"] == "employee"].groupby("wave"):
        share = truth["segment"].value_counts(normalize=True).sort_index().to_numpy()
        np.testing.assert_allclose(share, [0.35, 0.25, 0.20, 0.12, 0.08], atol=0.04)


def test_answers_stay_inside_their_scales(needs: Organisation) -> None:
    form = open_questionnaire()
    for answers in needs.responses.values():
        rated = answers[form.rated["code"].tolist()]
        assert (rated.isin([1, 2, 3, 4, 5]) | rated.isna()).all(axis=None)
        assert answers["N_enps"].dropna().isin(range(11)).all()
        assert set(answers["F_ref"].dropna()) == set(answers["Q_opt"].dropna()) == {"yes", "no"}
        assert answers["H_dream"].isna().all()
        assert set(answers["J_weight"].dropna()) <= set(form.rated.loc[form.rated["kind"] == "moment", "code"])


def test_a_ranking_uses_every_rank_once_or_is_empty(needs: Organisation) -> None:
    ranks = needs.responses["2023-03"].filter(like="W_rank6_")
    assert list(ranks) == [f"W_rank6_{need}" for need in ("PAY", "SEC", "SOC", "GRO", "AUT", "MEA")]
    given = ranks.dropna(how="all")
    assert (np.sort(given.to_numpy(), axis=1) == np.arange(1, 7)).all()


def test_at_most_three_wishes_of_twelve(needs: Organisation) -> None:
    picks = needs.responses["2023-03"].filter(like="H_pick3_").dropna()
    assert picks.shape[1] == 12
    assert picks.isin([0, 1]).all(axis=None)
    assert picks.sum(axis=1).max() == 3
    assert (picks.sum(axis=1) == 3).mean() > 0.6


def test_about_seventy_percent_of_employees_answer_and_most_answer_again(needs: Organisation) -> None:
    employed = needs.truth[needs.truth["relation"] == "employee"]
    assert employed.groupby("wave")["responded"].mean().between(0.66, 0.74).all()
    by_segment = employed.groupby("segment")["responded"].mean()
    assert 0.01 < by_segment.max() - by_segment.min() < 0.15
    first, second = (set(answers["person_id"]) for answers in needs.responses.values())
    still_here = set(needs.truth.loc[needs.truth["wave"] == needs.waves[1], "person_id"])
    assert 0.75 < len(first & second) / len(first & still_here) < 0.95


def test_some_people_change_segment_between_waves(needs: Organisation) -> None:
    first, second = (needs.truth[needs.truth["wave"] == wave] for wave in needs.waves)
    both = first.merge(second, on="person_id", suffixes=("_then", "_now"))
    assert 0.02 < (both["segment_then"] != both["segment_now"]).mean() < 0.09


def test_answers_are_missing_about_as_often_as_planted(needs: Organisation) -> None:
    staff = needs.responses["2023-03"].query("person_id.str.startswith('E')")
    early = staff.filter(regex="^I_").isna().mean().mean()
    assert early == pytest.approx(Planted().missing, abs=0.01)
    assert staff["Q_opt"].isna().mean() == pytest.approx(Planted().missing + Planted().break_off, abs=0.015)


def test_not_every_moment_happened_and_only_the_new_judge_their_recruitment(needs: Organisation) -> None:
    staff = respondents(needs)
    happened = staff[[code for code in staff if code.startswith("J_") and code != "J_weight"]].notna().mean()
    assert happened.between(0.2, 0.85).all()
    starts = needs.people.drop_duplicates("person_id", keep="last").set_index("person_id")["start_date"]
    judges = staff.loc[staff["C_real"].notna(), "person_id"].map(starts)
    assert (judges >= "2021-02-01").mean() > 0.98


def test_people_outside_are_not_asked_about_the_inside(needs: Organisation) -> None:
    outside = needs.responses["2023-03"].query("person_id.str.startswith('C')")
    assert len(outside) > 20
    assert outside.filter(regex="^(E_|P_|K_|J_|S_|O_)").isna().all(axis=None)
    assert outside.filter(regex="^I_").notna().mean().mean() > 0.8


def test_straight_liners_give_one_answer(needs: Organisation) -> None:
    truth = needs.truth.query("wave == '2023-03' and straight_liner and responded")
    answers = needs.responses["2023-03"].set_index("person_id").loc[truth["person_id"]].filter(regex="^(I|E)_")
    assert 0.01 < len(truth) / needs.truth.query("wave == '2023-03' and responded").shape[0] < 0.06
    assert (answers.max(axis=1) == answers.min(axis=1)).all()


def test_experience_promises_and_intentions_follow_what_was_planted(needs: Organisation) -> None:
    people = respondents(needs)
    assert people["E_GRO_learn"].corr(people["experience_GRO"]) > 0.35
    assert people["K_GRO"].corr(people["experience_GRO"] - people["promised_GRO"]) > 0.35
    assert people["P_word"].corr(people["broken"]) < -0.3
    assert people["P_over"].corr(people["broken"]) > 0.3
    assert people["V_now"].corr(people["unmet"]) < -0.3
    assert people["S_year"].corr(np.log(people["monthly_voluntary"])) < -0.3
    assert people["S_look"].corr(np.log(people["monthly_voluntary"])) > 0.3
    assert people["H_pick3_GRO_course"].corr(people["need_GRO"]) > 0.2
    assert people["W_rank6_PAY"].corr(people["need_PAY"]) < -0.6


def test_weights_have_mean_one_and_restore_the_departments(needs: Organisation) -> None:
    wave = needs.waves[0]
    staff = needs.responses[wave].query("person_id.str.startswith('E')")
    where = needs.people.drop_duplicates("person_id").set_index("person_id")["department"]
    truth = needs.truth.query("wave == @wave and relation == 'employee'")
    share = truth["person_id"].map(where).value_counts(normalize=True).sort_index()
    weighted = staff.groupby(staff["person_id"].map(where))["weight"].sum() / staff["weight"].sum()
    assert staff["weight"].mean() == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(weighted, share, atol=2e-3)


def test_units_report_every_department_and_follow_its_fit(needs: Organisation) -> None:
    units = needs.units
    assert list(units) == ["department", "wave", "n", "customer_score", "absence_rate"]
    assert len(units) == 24
    assert units.groupby("wave")["n"].sum().between(2800, 3300).all()
    assert units["customer_score"].corr(units["absence_rate"]) < -0.3


def test_employer_promises_more_than_it_offers_somewhere_and_roles_speak_the_same_needs(needs: Organisation) -> None:
    assert list(needs.employer) == ["need", "promised", "offered", "nl", "en"]
    assert needs.employer["need"].tolist() == list(NEEDS)
    assert (needs.employer["promised"] > needs.employer["offered"]).any()
    levels = needs.offers[[f"offer_{need}" for need in NEEDS]]
    assert levels.isin(range(1, 6)).all(axis=None)
    assert set(needs.offers["for"]) == {"candidate", "contractor"}
