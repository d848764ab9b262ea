"""The seven Rs: each measured or said not to be, never one total."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.experience import MEASURES, exits_by_segment, scorecard
from segment.locale import say
from segment.tables import spec_of
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import SEVEN_RS, ItemKind

FIGURES = ["value", "low", "high"]


@pytest.fixture(scope="module")
def card(responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    return scorecard(responses, assignments, codebook)


def of(card: pd.DataFrame, measure: str, *, r: str | None = None) -> pd.Series:
    rows = card[(card["measure"] == measure) & card["segment"].isna() & ((card["r"] == r) | (r is None))]
    return rows.iloc[-1]


def test_every_r_stands_in_every_wave_and_segment(card: pd.DataFrame) -> None:
    spec_of("scorecard").check(card)
    for _, rows in card.groupby(["wave", "segment"], dropna=False):
        assert list(dict.fromkeys(rows["r"])) == list(SEVEN_RS)
    assert set(MEASURES) == set(SEVEN_RS)


def test_every_r_stands_even_when_nothing_was_asked(codebook: Codebook) -> None:
    for book in (codebook, Codebook((), {})):
        bare = scorecard(pd.DataFrame({"person": ["a"], "wave": ["1"]}), None, book)
        assert list(dict.fromkeys(bare["r"])) == list(SEVEN_RS)
        assert (bare["status"] == "not measured").all()
        assert bare[FIGURES].isna().all(axis=None)
        assert all(say(f"experience.reason.{reason}", "nl") for reason in bare["reason"])


def test_there_is_no_total(card: pd.DataFrame) -> None:
    assert not card["r"].isin(["", "total", "all"]).any()
    assert not card["measure"].str.contains("total|index|overall").any()
    assert card.groupby(["wave", "segment", "r", "measure"], dropna=False).size().max() == 1


def test_everyone_is_the_weighted_combination_of_the_segments(
    card: pd.DataFrame, responses: pd.DataFrame, assignments: pd.DataFrame
) -> None:
    both = responses.merge(assignments, on=["person", "wave"])
    measured = card[card["status"] == "measured"]
    for (wave, _, _), rows in measured.groupby(["wave", "r", "measure"]):
        items = rows["items"].iloc[0].split()
        answered = both[(both["wave"] == wave) & both[items].notna().any(axis=1)]
        weights = answered.groupby("segment")["weight"].sum()
        segments = rows.dropna(subset="segment").set_index("segment")
        everyone = rows[rows["segment"].isna()].iloc[0]
        assert everyone["n"] == segments["n"].sum() == len(answered)
        assert everyone["value"] == pytest.approx((segments["value"] * weights).sum() / weights.sum())


def test_doubling_every_weight_changes_nothing(
    card: pd.DataFrame, responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook
) -> None:
    doubled = scorecard(responses.assign(weight=2 * responses["weight"]), assignments, codebook)
    np.testing.assert_allclose(doubled[FIGURES], card[FIGURES])


def test_figures_stay_on_their_scale(card: pd.DataFrame) -> None:
    measured = card[card["status"] == "measured"]
    for figure in FIGURES:
        assert (measured[figure] >= measured["scale_low"] - 1e-9).all()
        assert (measured[figure] <= measured["scale_high"] + 1e-9).all()
    assert set(measured["unit"]) == {"mean", "share", "points"}


def test_reversed_items_arrive_turned_round_and_are_not_turned_again(codebook: Codebook) -> None:
    responses = pd.DataFrame({"person": ["a", "b"], "wave": "1", "P_over": [1, 2], "S_year": [5, 5], "S_look": [5, 3]})
    card = scorecard(responses, None, codebook)
    assert of(card, "overpromise")["value"] == pytest.approx(1.5)
    # a: (5 + 5) / 2, b: (5 + 3) / 2
    assert of(card, "stay")["value"] == pytest.approx(4.5)


def test_recommendation_and_referral_by_hand(codebook: Codebook) -> None:
    responses = pd.DataFrame(
        {"person": list("abcd"), "wave": "1", "weight": [1, 1, 1, 2], "N_enps": [10, 9, 7, 0],
         "F_ref": ["yes", "nee", None, "ja"]}
    )  # fmt: skip
    card = scorecard(responses, None, codebook)
    enps, referral = of(card, "enps"), of(card, "referral")
    assert (enps["n"], enps["value"], enps["unit"]) == (4, pytest.approx(0.0), "points")
    assert (referral["n"], referral["value"], referral["unit"]) == (3, pytest.approx(0.75), "share")
    numbers = scorecard(responses.assign(F_ref=[1, 0, np.nan, 1]), None, codebook)
    assert of(numbers, "referral")["value"] == pytest.approx(0.75)


def test_moments_count_for_the_r_the_codebook_gives_them(card: pd.DataFrame) -> None:
    assert of(card, "moment", r="Recruitment")["items"] == "J_apply J_start"
    assert of(card, "moment", r="Reputatie")["items"] == "J_change"


def test_questions_for_newcomers_are_read_from_newcomers_when_tenure_is_known(codebook: Codebook) -> None:
    responses = pd.DataFrame({"person": ["new", "old", "unknown"], "wave": "1", "C_real": [5.0, 1.0, 3.0]})
    tenure = pd.DataFrame({"person": ["new", "old"], "wave": "1", "months": [6.0, 24.0]})
    everybody = of(scorecard(responses, None, codebook), "recruitment")
    newcomers = of(scorecard(responses, None, codebook, tenure=tenure), "recruitment")
    assert (everybody["n"], everybody["value"]) == (3, 3.0)
    assert (newcomers["n"], newcomers["value"]) == (1, 5.0)


def test_each_missing_figure_says_why(codebook: Codebook) -> None:
    responses = pd.DataFrame({"person": ["a"], "wave": "1", "N_enps": [np.nan]})
    card = scorecard(responses, None, codebook)
    assert of(card, "enps")["reason"] == "nobody_answered"
    assert of(card, "referral")["reason"] == "not_in_wave"
    assert of(card, "voluntary_exits")["reason"] == "no_spells"
    without = Codebook(tuple(item for item in codebook.items if item.kind != "referral"), {})
    assert of(scorecard(responses, None, without), "referral")["reason"] == "not_in_questionnaire"


def test_exits_join_the_last_wave_and_their_own_segment(
    responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook
) -> None:
    exits = pd.DataFrame({"segment": [np.nan, 0.0], "n": [200, 100], "share": [0.1, 0.2]})
    card = scorecard(responses, assignments, codebook, exits=exits)
    rows = card[card["measure"] == "voluntary_exits"].set_index(["wave", "segment"])
    last = card[(card["measure"] == "voluntary_exits") & (card["wave"] == "2024")]
    assert last["status"].tolist() == ["measured", "measured", "not measured", "not measured"]
    assert last["value"].iloc[:2].tolist() == [0.1, 0.2]
    assert (last["low"].iloc[:2] < last["value"].iloc[:2]).all()
    assert (rows.loc["2023", "status"] == "not measured").all()
    assert (rows.loc["2023", "reason"] == "no_spells_here").all()
    named = scorecard(responses, assignments, codebook, exits=exits.assign(wave="2023", low=0.05, high=0.3))
    first = named[(named["measure"] == "voluntary_exits") & (named["wave"] == "2023")]
    assert first[["low", "high"]].iloc[0].tolist() == [0.05, 0.3]


def test_exits_by_hand() -> None:
    # observation ends after 36 months; employed a year before: a, b, c and d; b left by choice, c was laid off
    spells = pd.DataFrame(
        {
            "person": list("abcde"), "spell": 1, "entry": 0.0, "exit": [36.0, 30.0, 31.0, 30.0, 10.0],
            "cause": [None, "voluntary", "involuntary", None, "voluntary"], "weight": 1.0,
            "start_date": pd.to_datetime(["2020-01-01"] * 3 + ["2020-07-01", "2020-01-01"]),
        }
    )  # fmt: skip
    segments = pd.DataFrame({"person": list("abc"), "wave": "2022", "segment": [0, 0, 1]})
    table = exits_by_segment(spells, segments)
    assert table["segment"].fillna(-1).tolist() == [-1, 0, 1]
    assert table["n"].tolist() == [4, 2, 1]
    assert table["share"].tolist() == [0.25, 0.5, 0.0]
    assert (table["low"] <= table["share"]).all()
    undated = exits_by_segment(spells.assign(start_date=pd.NaT))
    assert len(undated) == 0


def test_an_r_written_in_english_or_not_at_all_finds_its_place(codebook: Codebook) -> None:
    from dataclasses import replace

    english = Codebook(tuple(replace(item, r=SEVEN_RS.get(item.r, "")) for item in codebook.items), {})
    blank = Codebook(tuple(replace(item, r="") for item in codebook.items), {})
    responses = pd.DataFrame({"person": ["a"], "wave": "1", "O_tell": [4.0], "J_start": [2.0]})
    assert of(scorecard(responses, None, english), "moment", r="Recruitment")["value"] == 2.0
    assert of(scorecard(responses, None, blank), "pride", r="Reputatie")["value"] == 4.0
    assert of(scorecard(responses, None, blank), "moment", r="Relatie")["value"] == 2.0


def test_every_measure_has_a_name_in_both_languages(card: pd.DataFrame) -> None:
    for measure in card["measure"].unique():
        dutch, english = (say(f"experience.measure.{measure}", language) for language in ("nl", "en"))
        assert dutch != english


def test_refuses_exits_that_are_no_shares(responses: pd.DataFrame, codebook: Codebook) -> None:
    with pytest.raises(InvalidInput, match="divide percentages by a hundred"):
        scorecard(responses, None, codebook, exits=pd.DataFrame({"segment": [np.nan], "n": [10], "share": [12.0]}))
    with pytest.raises(InvalidInput, match="without share"):
        scorecard(responses, None, codebook, exits=pd.DataFrame({"segment": [np.nan], "n": [10]}))


def test_a_question_with_yes_and_no_is_told_as_the_share_that_says_yes() -> None:
    item = Item(
        "O_proud", ItemKind.PRIDE, "", "yesno", 0, 1, False, "Reputatie", "", False, {"nl": "Trots?", "en": "Proud?"}
    )
    answers = pd.DataFrame({"person": list("abcd"), "wave": "2024", "weight": 1.0, "O_proud": [1.0, 1.0, 1.0, 0.0]})
    row = of(scorecard(answers, None, Codebook((item,), {})), "pride")
    assert (row["unit"], row["value"], row["scale_low"], row["scale_high"]) == ("share", 0.75, 0, 1)
    assert 0 < row["low"] < 0.75 < row["high"] < 1
