"""Answers: on their scales, high for more, missing where nothing was said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.governance.pseudonyms import study_pseudonyms
from segment.ingest import refuse_errors

PERSON = study_pseudonyms("small", bytes(range(32))).person
ORDER = [PERSON(raw) for raw in ("007", "009", "010", "011")]


def _answers(desk: Any) -> pd.DataFrame:
    inputs = desk.read()
    refuse_errors(inputs.findings)
    return inputs.tables["responses"].set_index("person").loc[ORDER]


def _same(column: pd.Series, expected: list[float]) -> bool:
    return np.array_equal(column.to_numpy(dtype=float), np.array(expected, dtype=float), equal_nan=True)


def test_columns_follow_the_questionnaire_and_open_text_stays_out(desk: Any) -> None:
    assert list(_answers(desk)) == [
        "wave", "weight", "I_PAY", "E_PAY", "O_look", "W_rank6_PAY", "W_rank6_SEC", "H_pick3_a", "H_pick3_b", "F_ref",
        "J_talk", "J_weight",
    ]  # fmt: skip


def test_answers_worked_by_hand(desk: Any) -> None:
    table = _answers(desk)
    assert _same(table["I_PAY"], [5, 4, np.nan, 3])
    assert _same(table["E_PAY"], [4, 3, np.nan, 2])  # 99 means no answer
    assert _same(table["O_look"], [5, 4, 1, 2])  # turned
    assert _same(table["F_ref"], [1, 0, 1, np.nan])  # ja, nee, yes, nothing
    assert _same(table["H_pick3_b"], [0, 1, 1, 0])
    assert table["J_weight"].fillna("-").tolist() == ["J_talk", "J_start", "-", "J_talk"]
    assert _same(table["weight"], [1.5, 1, 0.5, 2])
    assert table["wave"].tolist() == ["2024"] * 4


def test_turning_an_item_twice_gives_the_answer_back(desk: Any) -> None:
    turned = _answers(desk)["O_look"]
    desk.files["codebook.csv"] = desk.files["codebook.csv"].replace("true5,R", "true5,")
    assert _same(6 - turned, _answers(desk)["O_look"].tolist())


def test_without_weights_everyone_counts_once(desk: Any) -> None:
    desk.survey["ignore"] = {"weight": "not used in this test"}
    assert _same(_answers(desk)["weight"], [1, 1, 1, 1])


def test_renamed_columns_and_worded_answers(desk: Any) -> None:
    desk.swap("survey.csv", "I_PAY", "Q12")
    desk.swap("survey.csv", "W_rank6_PAY", "Q13_1")
    desk.swap("survey.csv", "1.5,5", "1.5,Very important")
    desk.survey["columns"] = {"I_PAY": "Q12", "W_rank6_PAY": "Q13_1"}
    desk.survey["values"] = {"*": {"Very important": "5"}}
    table = _answers(desk)
    assert _same(table["I_PAY"], [5, 4, np.nan, 3])
    assert _same(table["W_rank6_PAY"], [1, 2, 1, 2])


def test_the_wave_may_come_from_the_study_file(desk: Any) -> None:
    desk.files["survey.csv"] = desk.files["survey.csv"].replace(",wave", "").replace(",2024", "")
    desk.survey["wave"] = "2024-najaar"
    assert _answers(desk)["wave"].tolist() == ["2024-najaar"] * 4


def test_a_declared_wave_and_another_in_the_file_is_refused(desk: Any) -> None:
    desk.survey["wave"] = "2025"
    findings = desk.read().findings
    assert ["DQ030", "survey.csv, column wave, rows 2, 3, 4, 5"] in findings[["code", "where"]].to_numpy().tolist()


def test_two_waves_stand_under_each_other_and_lack_what_they_did_not_ask(desk: Any) -> None:
    desk.files["later.csv"] = "person_id,I_PAY\n007,2\n009,1\n"
    desk.settings["sources"]["responses"].append({"file": "later.csv", "wave": "2025"})
    inputs = desk.read()
    refuse_errors(inputs.findings)
    table = inputs.tables["responses"]
    assert table["wave"].value_counts().to_dict() == {"2024": 4, "2025": 2}
    later = table[table["wave"] == "2025"]
    assert later["E_PAY"].isna().all()
    assert sorted(later["I_PAY"]) == [1, 2]


def test_the_same_wave_in_two_files_is_refused_for_the_people_in_both(desk: Any) -> None:
    desk.files["again.csv"] = desk.files["survey.csv"]
    desk.settings["sources"]["responses"].append({"file": "again.csv"})
    found = desk.read().findings.set_index("code").loc["DQ020"]
    assert (found["where"], found["count"]) == ("again.csv, survey.csv", 8)


def test_respondents_unknown_to_hr_are_counted_and_zeros_hinted_at(desk: Any) -> None:
    desk.swap("survey.csv", "007,2024", "7,2024")
    found = desk.read().findings.set_index("code").loc["DQ039"]
    assert found["explanation"].endswith("(found 1 of 4; 1 of them fit without leading zeros)")


def test_answers_of_people_whom_keep_leaves_out_are_in_no_table_and_are_counted(desk: Any) -> None:
    """Who is left out of HR's list is left out of the study; who never stood on it answered all the same."""
    desk.people["keep"] = {"column": "grade", "values": ["mid", "high"]}
    desk.swap("survey.csv", "009,2024", "777,2024")  # a candidate, say: on no row of HR's file
    inputs = desk.read()
    found = inputs.findings.set_index("code")
    assert found.loc["DQ039", "explanation"].endswith("(found 1 of 2)")
    assert "they count with those who answered, as others" in found.loc["DQ039", "advice"]
    aside = found.loc["DQ084"]
    assert (aside["severity"], aside["count"], aside["where"]) == ("note", 2, "survey.csv, column person_id")
    assert aside["explanation"] == "answers set aside (found 2 of 4, of people whom 'keep' leaves out of people.csv)"
    assert len(inputs.tables["responses"]) == 2
    known = set(inputs.tables["people"]["person"])
    assert len(set(inputs.tables["responses"]["person"]) - known) == 1
    assert set(inputs.tables["identities"]["person"]) == known | set(inputs.tables["responses"]["person"])


def test_who_is_kept_on_one_row_of_hrs_file_and_not_on_another_is_kept(desk: Any) -> None:
    desk.people["keep"] = {"column": "end_date", "values": ["2022-06-30", "2023-02-28"]}  # 010 is hired again
    inputs = desk.read()
    assert len(inputs.tables["responses"]) == 1
    assert inputs.findings.set_index("code").loc["DQ084", "count"] == 3


def test_a_survey_of_nobody_but_people_whom_keep_leaves_out_is_refused_with_the_reason(desk: Any) -> None:
    desk.people["keep"] = {"column": "department", "values": ["Zorg"]}
    desk.swap("survey.csv", "010,2024,0.5,,99,5,1,2,1,1,yes,5,,rust\n", "")
    found = desk.read().findings.set_index("code").loc["DQ008"]
    assert (found["severity"], found["subject"]) == ("error", "survey.csv")
    assert "people whom 'keep' leaves out of people.csv" in found["explanation"]


def test_what_people_who_are_left_out_wrote_breaks_no_rule(desk: Any) -> None:
    desk.people["keep"] = {"column": "grade", "values": ["mid", "high"]}
    desk.swap("survey.csv", "007,2024,1.5,5", "007,2024,1.5,77")
    desk.swap("survey.csv", "011,2024,2,3", "011,2024,-2,3")
    assert not {"DQ032", "DQ034"} & set(desk.read().findings["code"])


def test_an_answer_outside_its_scale_is_told_by_scale_only(desk: Any) -> None:
    desk.swap("survey.csv", "009,2024,1,4", "009,2024,1,77")
    line = desk.read().findings.set_index("code").loc["DQ032", "explanation"]
    assert line == "answer outside its scale (expected 1 to 5; found answers outside 1 to 5)"


@pytest.mark.parametrize("word", ["misschien", "2"])
def test_yes_and_no_are_the_only_answers_to_a_yes_no_item(desk: Any, word: str) -> None:
    desk.swap("survey.csv", ",ja,", f",{word},")
    findings = desk.read().findings
    assert ["DQ032", "survey.csv, column F_ref, row 2"] in findings[["code", "where"]].to_numpy().tolist()


@pytest.mark.parametrize("word", ["1.0", "1,0", "1", "TRUE", "waar"])
def test_a_yes_may_be_written_as_tools_write_it(desk: Any, word: str) -> None:
    desk.swap("survey.csv", ",ja,", f',"{word}",')
    assert _same(_answers(desk)["F_ref"], [1, 0, 1, np.nan])


def test_picking_more_than_three_wishes_is_told(desk: Any) -> None:
    head, *rows = desk.files["survey.csv"].strip().split("\n")
    more = ",".join(f"H_pick3_{n}" for n in range(3))
    desk.files["survey.csv"] = "\n".join([f"{head},{more}", *(f"{row},1,1,1" for row in rows)]) + "\n"
    found = desk.read().findings.set_index("code").loc["DQ040"]
    assert found["where"] == "survey.csv, column H_pick3_*, rows 2, 3, 4"
