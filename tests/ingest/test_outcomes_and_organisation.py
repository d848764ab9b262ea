"""Outcomes as the exports state them, and what the organisation says of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidStudy
from segment.governance.pseudonyms import study_pseudonyms
from segment.ingest import refuse_errors

PERSON = study_pseudonyms("small", bytes(range(32))).person


def _read(desk: Any) -> Any:
    inputs = desk.read()
    refuse_errors(inputs.findings)
    return inputs


def test_dated_spells_have_no_outcome_of_their_own(desk: Any) -> None:
    assert _read(desk).outcome is None


def test_a_flag_from_the_hr_export(desk: Any) -> None:
    desk.files["people.csv"] = "person_id,gone\n007,Yes\n009,no\n010,\n011,1\n"
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {"kind": "horizon", "column": "gone"}
    outcome = _read(desk).outcome.set_index("person")["flag"]
    expected = {"007": 1.0, "009": 0.0, "010": np.nan, "011": 1.0}
    assert np.array_equal(outcome[[PERSON(raw) for raw in expected]], list(expected.values()), equal_nan=True)


def test_a_flag_from_the_survey_goes_by_wave_and_may_be_an_item(desk: Any) -> None:
    desk.settings["outcome"] = {
        "kind": "horizon",
        "meaning": "intention",
        "source": "responses",
        "column": "E_PAY",
        "yes": ["1", "2"],
        "no": ["3", "4", "99"],
    }
    inputs = _read(desk)
    assert list(inputs.outcome) == ["person", "wave", "flag"]
    assert sorted(inputs.outcome["flag"]) == [0, 0, 0, 1]
    assert "E_PAY" in inputs.tables["responses"]


def test_an_outcome_that_no_wave_asked_is_refused(desk: Any) -> None:
    desk.settings["outcome"] = {"kind": "horizon", "source": "responses", "column": "leave"}
    findings = desk.read().findings
    assert ["DQ009", "survey.csv, column leave"] in findings[["code", "where"]].to_numpy().tolist()


def test_tenure_with_causes(desk: Any) -> None:
    desk.files["people.csv"] = (
        "person_id,tenure,event,since\n007,12.5,voluntary,3\n009,24,involuntary,0\n010,6,yes,0\n011,7,,1\n"
    )
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {
        "kind": "duration",
        "column": "tenure",
        "event": "event",
        "entry": "since",
        "no": ["no", ""],
    }
    outcome = _read(desk).outcome.set_index("person").loc[[PERSON(raw) for raw in ("007", "009", "010", "011")]]
    assert outcome["tenure"].tolist() == [12.5, 24, 6, 7]
    assert outcome["event"].fillna("-").tolist() == ["voluntary", "involuntary", "left", "-"]
    assert outcome["entry"].tolist() == [3, 0, 0, 1]


def test_an_empty_event_is_not_taken_for_staying_unless_declared(desk: Any) -> None:
    desk.files["people.csv"] = "person_id,tenure,event\n007,12,yes\n009,24,\n"
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {"kind": "duration", "column": "tenure", "event": "event"}
    findings = desk.read().findings
    assert ["DQ041", "people.csv, column event, row 3"] in findings[["code", "where"]].to_numpy().tolist()


def test_employer_offers_and_units(desk: Any) -> None:
    desk.files["employer.csv"] = "need,promised,offered\nPAY,4,3\nSEC,,2\n"
    desk.files["offers.csv"] = "role,offer_PAY,ask_hours,for\nplanner,4,32,candidate\n"
    desk.files["units.csv"] = "department,absence_rate\nZorg,4.5\nNA,3\n"
    desk.settings["sources"] |= {
        "employer": {"file": "employer.csv"},
        "offers": {"file": "offers.csv", "columns": {"offer": "role"}},
        "units": {"file": "units.csv", "columns": {"unit": "department"}},
    }
    tables = _read(desk).tables
    assert tables["employer"]["offered"].tolist() == [3, 2]
    assert tables["offers"].iloc[0].tolist() == ["planner", 4.0, 32.0, "candidate"]
    assert tables["units"]["unit"].tolist() == ["NA", "Zorg"]


def test_what_the_organisation_says_stands_in_one_order_however_its_files_do(desks: Any) -> None:
    told = []
    for turn in (1, -1):
        desk = desks()
        rows = {
            "employer": ("need,promised", "PAY,4", "SEC,3"),
            "offers": ("offer,ask_hours", "planner,32", "driver,36"),
        }
        rows["units"] = ("unit,absence_rate", "Zorg,4.5", "NA,3")
        for name, (head, *lines) in rows.items():
            desk.files[f"{name}.csv"] = "\n".join([head, *lines[::turn], ""])
            desk.settings["sources"][name] = {"file": f"{name}.csv"}
        told.append(_read(desk).tables)
    for name in rows:
        pd.testing.assert_frame_equal(told[0][name], told[1][name])


def test_texts_about_units_have_to_be_declared_and_names_of_people_never_come_in(desk: Any) -> None:
    desk.files["units.csv"] = "unit,score,kleur,achternaam\nZorg,4.5,rood,x\n"
    desk.settings["sources"]["units"] = {"file": "units.csv", "columns": {"achternaam": "achternaam"}}
    found = desk.read().findings.set_index("code")["where"]
    assert found["DQ010"] == "units.csv, column kleur"
    assert found["DQ012"] == "units.csv, column achternaam"


def test_a_need_the_codebook_does_not_know_is_refused(desk: Any) -> None:
    desk.files["employer.csv"] = "need,promised,offered\nPAY,4,3\nPYA,5,3\n"
    desk.settings["sources"]["employer"] = {"file": "employer.csv"}
    findings = desk.read().findings
    assert ["DQ030", "employer.csv, column need, row 3"] in findings[["code", "where"]].to_numpy().tolist()


def test_several_rules_may_say_which_rows_belong(desk: Any) -> None:
    desk.people["keep"] = [{"column": "department", "answered": True}, {"column": "grade", "values": ["low", "mid"]}]
    desk.settings["sources"]["responses"] = []
    assert len(_read(desk).tables["people"]) == 4


def test_a_rule_about_a_column_that_is_not_there_is_refused(desk: Any) -> None:
    desk.people["keep"] = {"column": "departmnt", "answered": True}
    line = desk.read().findings.set_index("code").loc["DQ009"]
    assert (line["where"], "did you mean 'department'?" in line["explanation"]) == (
        "people.csv, column departmnt",
        True,
    )


def test_a_faulty_codebook_is_refused_before_any_data(desk: Any) -> None:
    desk.swap("codebook.csv", "imp5", "imp55")
    with pytest.raises(InvalidStudy, match="did you mean 'imp5'"):
        desk.read()


def test_words_and_commas_in_the_employers_form_are_told(desk: Any) -> None:
    desk.files["employer.csv"] = 'need,promised,offered\nPAY,vier,3\nSEC,"4,5",3\n'
    desk.settings["sources"]["employer"] = {"file": "employer.csv"}
    found = desk.read().findings.set_index("code").loc["DQ031"]
    assert found["where"] == "employer.csv, column promised, rows 2, 3"


@pytest.mark.parametrize(
    ("waves", "code"), [(("", ""), "DQ030"), (("before", "after"), "DQ066"), (("wave 9", "wave 10"), "DQ047")]
)
def test_results_of_units_are_of_the_last_wave_in_time(desk: Any, waves: tuple[str, str], code: str) -> None:
    desk.files["units.csv"] = f"unit,wave,n,score\nA,{waves[0]},10,7\nA,{waves[1]},11,8\n"
    desk.settings["sources"]["units"] = {"file": "units.csv"}
    inputs = desk.read()
    assert code in set(inputs.findings["code"])
    if code == "DQ047":
        assert inputs.tables["units"][["wave", "score"]].to_numpy().tolist() == [["wave 10", 8.0]]


def test_figures_of_units_with_a_mark_before_three_digits_are_asked_about(desk: Any) -> None:
    desk.files["units.csv"] = 'unit,n,score\nA,10,"7,100"\nB,11,"8,250"\n'
    desk.settings["sources"]["units"] = {"file": "units.csv"}
    assert "DQ051" in set(desk.read().findings["code"])
    desk.settings["sources"]["units"]["decimal"] = {"score": ","}
    assert desk.read().tables["units"]["score"].tolist() == [7.1, 8.25]


def _alike(desk: Any, starts: list[str], ends: list[str]) -> list[str]:
    """Where tenures are told to be all alike, for people who began and left on these days."""
    lines = zip(range(7, 7 + len(starts)), starts, ends, strict=True)
    rows = "".join(f"{n:03d},{start},{end},,Zorg,32,mid,m\n" for n, start, end in lines)
    desk.files["people.csv"] = "person_id,start_date,end_date,end_reason,department,hours,grade,sex\n" + rows
    found = desk.read().findings
    return list(found.loc[found["code"] == "DQ085", "where"])


def test_a_start_that_is_the_same_day_for_everyone_is_told(desk: Any) -> None:
    assert _alike(desk, ["2024-06-30"] * 12, [""] * 12) == ["people.csv, column start_date"]


def test_starts_that_are_days_of_surveys_are_told(desk: Any) -> None:
    desk.swap("survey.csv", "009,2024", "009,2023")
    found = _alike(desk, ["2023-12-31", "2024-12-31"] * 6, [""] * 12)
    assert found == ["people.csv, column start_date"]


def test_everyone_who_left_stayed_equally_long_is_told(desk: Any) -> None:
    starts = [f"2021-{month:02d}-01" for month in range(1, 13)]
    ends = [f"2022-{month:02d}-01" for month in range(1, 13)]
    assert _alike(desk, starts, ends) == ["people.csv, column end_date"]


def test_a_few_people_hired_together_are_no_finding(desk: Any) -> None:
    assert _alike(desk, ["2021-01-01"] * 9, [""] * 9) == []
    assert _alike(desk, ["2021-01-01"] * 19 + ["2021-02-01"], [""] * 20) == []
