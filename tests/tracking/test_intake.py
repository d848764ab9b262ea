"""What a served model takes: numbers with gaps, turned once, refused by column and never by what stood there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.tracking.intake import Column, Intake, as_rows

ASKED = (
    Column("PAY", "rating", 1.0, 5.0),
    Column("NOT", "rating", 0.0, 10.0, turned=True),
    Column("W_PAY", "rank", 1.0, 2.0),
    Column("W_GRO", "rank", 1.0, 2.0),
    Column("H_raise", "wish", 0.0, 1.0),
    Column("H_course", "wish", 0.0, 1.0),
)
SECRET = "geheim"


@pytest.fixture
def intake() -> Intake:
    return Intake(ASKED)


def test_nothing_is_an_answer_like_any_other(intake: Intake) -> None:
    whole = pd.DataFrame({"PAY": [4, 2], "NOT": [3, 0]})
    gaps = pd.DataFrame({"PAY": [4, None], "NOT": [None, 0]}, dtype=object)
    assert intake.read(whole).to_numpy().tolist() == [[4.0, 7.0], [2.0, 10.0]]
    np.testing.assert_equal(intake.read(gaps).to_numpy(), [[4.0, np.nan], [np.nan, 10.0]])
    alone = pd.concat([intake.read(gaps.iloc[[place]]) for place in range(2)])
    pd.testing.assert_frame_equal(alone, intake.read(gaps))


def test_the_order_of_columns_and_columns_of_others_change_nothing(intake: Intake) -> None:
    asked = pd.DataFrame({"NOT": [3.0], "staff_number": ["E1"], "PAY": [4.0]})
    pd.testing.assert_frame_equal(intake.read(asked), intake.read(asked[["PAY", "NOT"]]))


def test_options_that_nobody_took_are_empty_and_a_list_that_was_not_put_stays_away(intake: Intake) -> None:
    assert list(intake.read(pd.DataFrame({"PAY": [1], "W_GRO": [1]}))) == ["PAY", "W_PAY", "W_GRO"]
    assert intake.read(pd.DataFrame({"H_raise": [1]}))["H_course"].isna().all()


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("PAY", 987654, "an answer outside its scale"),
        ("PAY", -1, "an answer outside its scale"),
        ("PAY", 2.987, "an answer between two points"),
        ("PAY", SECRET, "something that is not a number"),
        ("PAY", True, "something that is not a number"),
        ("NOT", np.False_, "something that is not a number"),
        ("PAY", [SECRET], "something that is not a number"),
        ("PAY", float("inf"), "something that is not a number"),
        ("NOT", 10**400, "something that is not a number"),
        ("W_GRO", 7, "an answer outside its scale"),
        ("H_course", 0.987, "an answer between two points"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_by_its_column_alone(
    intake: Intake, column: str, value: object, told: str
) -> None:
    frame = pd.DataFrame({"PAY": [3, 3], "NOT": [0, 0]}, dtype=object)
    frame[column] = pd.Series([1, value], dtype=object)
    with pytest.raises(InvalidInput, match=f"^{column} holds {told}") as refused:
        intake.read(frame)
    assert "null for a missing value" in str(refused.value)
    assert not any(secret in str(refused.value) for secret in (SECRET, "987", "000000"))


def test_nobody_and_a_column_that_comes_twice_are_refused(intake: Intake) -> None:
    with pytest.raises(InvalidInput, match="nobody in this request"):
        intake.read(pd.DataFrame({"PAY": []}))
    with pytest.raises(InvalidInput, match="A column comes twice"):
        intake.read(pd.DataFrame([[1, 2]], columns=["PAY", "PAY"]))


def test_a_card_says_all_of_it_and_a_card_that_says_nothing_takes_anything(intake: Intake) -> None:
    assert Intake.of_card({"takes": as_rows(ASKED)}) == intake
    assert Intake.of_card({"study": "pilot"}) is None


def test_the_imagined_person_can_be_read_and_leaves_one_question_open(intake: Intake) -> None:
    read = intake.read(intake.example())
    assert list(read) == [one.name for one in ASKED]
    assert read.isna().to_numpy().sum() == 1
    assert (
        sorted(read[["W_PAY", "W_GRO"]].iloc[0]) == [1.0, 2.0] and read[["H_raise", "H_course"]].to_numpy().sum() == 1
    )
