"""The promise ledger of both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.experience import promise_table
from segment.tables import spec_of
from segment.tables.codebook import Codebook

FIGURES = ["promised", "kept", "gap", "promised_share", "broken_share", "low", "high"]


@pytest.fixture(scope="module")
def ledger(responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    return promise_table(responses, assignments, codebook)


def test_one_row_per_wave_segment_and_need(ledger: pd.DataFrame) -> None:
    spec_of("promises").check(ledger)
    assert len(ledger) == 2 * 4 * 6
    assert list(ledger["need"].iloc[:6]) == ["AUT", "GRO", "MEA", "PAY", "SEC", "SOC"]


def test_everyone_is_the_weighted_combination_of_the_segments(
    ledger: pd.DataFrame, responses: pd.DataFrame, assignments: pd.DataFrame
) -> None:
    both = responses.merge(assignments, on=["person", "wave"])
    for (wave, need), rows in ledger.groupby(["wave", "need"]):
        answered = both[(both["wave"] == wave) & both[f"P_{need}"].notna() & both[f"K_{need}"].notna()]
        weights = answered.groupby("segment")["weight"].sum()
        everyone, segments = rows[rows["segment"].isna()].iloc[0], rows.dropna(subset="segment").set_index("segment")
        assert everyone["n"] == segments["n"].sum() == len(answered)
        for figure in ("promised", "kept", "gap", "promised_share", "broken_share"):
            combined = (segments[figure] * weights).sum() / weights.sum()
            assert everyone[figure] == pytest.approx(combined)


def test_doubling_every_weight_changes_nothing(
    ledger: pd.DataFrame, responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook
) -> None:
    doubled = promise_table(responses.assign(weight=2 * responses["weight"]), assignments, codebook)
    np.testing.assert_allclose(doubled[FIGURES], ledger[FIGURES])


def test_the_order_of_rows_changes_nothing(
    ledger: pd.DataFrame, responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook
) -> None:
    shuffled = promise_table(responses.sample(frac=1, random_state=0), assignments.iloc[::-1], codebook)
    pd.testing.assert_frame_equal(shuffled, ledger)


def test_shares_and_means_stay_in_their_range(ledger: pd.DataFrame) -> None:
    shares, means = ["broken_share", "low", "high", "promised_share"], ["promised_low", "promised_high", "kept_low"]
    assert ((ledger[shares] >= 0) & (ledger[shares] <= 1)).all(axis=None)
    assert ((ledger[means] >= 1) & (ledger[means] <= 5)).all(axis=None)
    assert (ledger["broken_share"] <= ledger["promised_share"] + 1e-12).all()


def test_by_hand(codebook: Codebook) -> None:
    # promised 4 and 5 count as made; kept 3 does not count as kept; the fourth person did not answer what was kept
    responses = pd.DataFrame(
        {"person": list("abcd"), "wave": "2024", "weight": [1.0, 1.0, 2.0, 9.0],
         "P_PAY": [4, 5, 2, 5], "K_PAY": [3, 5, 1, None]}
    )  # fmt: skip
    employer = pd.DataFrame({"need": ["PAY"], "promised": [5], "offered": [3]})
    row = promise_table(responses, None, codebook, employer=employer).iloc[0]
    assert (row["n"], row["promised"], row["kept"]) == (3, pytest.approx(13 / 4), pytest.approx(10 / 4))
    assert row["gap"] == pytest.approx((-1 + 0 - 2) / 4)
    assert (row["promised_share"], row["broken_share"]) == (pytest.approx(0.5), pytest.approx(0.25))
    assert (row["employer_promised"], row["employer_offered"]) == (5, 3)
    assert (row["gap_employer"], row["gap_offered"]) == (pytest.approx(5 - 3.25), pytest.approx(3 - 2.5))


def test_thresholds_are_the_callers(codebook: Codebook) -> None:
    responses = pd.DataFrame({"person": ["a", "b"], "wave": "1", "P_SOC": [3, 3], "K_SOC": [3, 2]})
    strict = promise_table(responses, None, codebook).iloc[0]
    mild = promise_table(responses, None, codebook, promised_from=3, kept_from=3).iloc[0]
    assert (strict["broken_share"], mild["broken_share"]) == (0.0, 0.5)


def test_what_was_not_asked_is_not_there(codebook: Codebook, assignments: pd.DataFrame) -> None:
    bare = pd.DataFrame({"person": ["p001"], "wave": ["2024"], "weight": [1.0]})
    table = promise_table(bare, assignments, codebook)
    assert len(table) == 0
    spec_of("promises").check(table)
    half = promise_table(bare.assign(P_GRO=[4.0]), assignments, codebook)
    assert half["need"].unique().tolist() == ["GRO"]
    assert half["promised"].tolist() == [4.0, 4.0]
    assert half["kept"].isna().all()
    assert half["broken_share"].isna().all()


def test_a_need_nobody_answered_has_a_row_without_figures(codebook: Codebook) -> None:
    silent = pd.DataFrame({"person": ["a"], "wave": ["1"], "P_MEA": [np.nan], "K_MEA": [np.nan]})
    row = promise_table(silent, None, codebook).iloc[0]
    assert row["n"] == 0
    assert row[FIGURES].isna().all()


def test_no_input_is_changed(responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook) -> None:
    before = responses.copy(), assignments.copy()
    promise_table(responses, assignments, codebook)
    pd.testing.assert_frame_equal(responses, before[0])
    pd.testing.assert_frame_equal(assignments, before[1])


def test_refuses_people_twice_missing_keys_and_a_bad_form(codebook: Codebook) -> None:
    twice = pd.DataFrame({"person": ["secret-person"] * 2, "wave": ["1"] * 2, "P_PAY": [1, 2]})
    with pytest.raises(InvalidInput, match="stand twice in a wave") as refusal:
        promise_table(twice, None, codebook)
    assert "secret-person" not in str(refusal.value)
    with pytest.raises(InvalidInput, match="without wave"):
        promise_table(twice.drop(columns="wave"), None, codebook)
    one = twice.iloc[:1]
    with pytest.raises(InvalidInput, match="assignments lack columns"):
        promise_table(one, one[["person", "wave"]], codebook)
    with pytest.raises(InvalidInput, match="form lacks columns"):
        promise_table(one, None, codebook, employer=pd.DataFrame({"need": ["PAY"]}))
    form = pd.DataFrame({"need": ["PAY", "PAY"], "promised": [1, 2], "offered": [1, 2]})
    with pytest.raises(InvalidInput, match="has a need twice"):
        promise_table(one, None, codebook, employer=form)
