"""People: one row per spell, snapshots that never know the future, protected attributes apart."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from segment.governance.pseudonyms import study_pseudonyms
from segment.ingest import refuse_errors
from segment.tables import spec_of

KEY = bytes(range(32))
PERSON = study_pseudonyms("small", KEY).person


def _tables(desk: Any) -> dict[str, pd.DataFrame]:
    inputs = desk.read()
    refuse_errors(inputs.findings)
    return inputs.tables


def _of(table: pd.DataFrame, raw_id: str) -> pd.DataFrame:
    return table[table["person"] == PERSON(raw_id)].reset_index(drop=True)


def test_tables_keep_their_schemas_and_hold_no_raw_identifier(desk: Any) -> None:
    tables = _tables(desk)
    assert set(tables) == {"people", "audit", "responses", "wave_days", "identities"}
    for name, table in tables.items():
        spec_of(name).check(table)
        assert not table.astype("str").isin(["007", "008", "009", "010", "011"]).any(axis=None)


def test_the_order_of_rows_in_the_export_changes_nothing(desks: Any) -> None:
    one, other = desks(), desks()
    head, *rows = other.files["people.csv"].strip().split("\n")
    other.files["people.csv"] = "\n".join([head, *reversed(rows)]) + "\n"
    for name, table in _tables(one).items():
        pd.testing.assert_frame_equal(table, _tables(other)[name])


def test_leading_zeros_make_another_person(desk: Any) -> None:
    desk.swap("people.csv", "008,", "7,")
    people = _tables(desk)["people"]
    assert len(_of(people, "7")) == len(_of(people, "007")) == 1


def test_a_rehire_is_a_second_spell_numbered_by_start(desk: Any) -> None:
    spells = _of(_tables(desk)["people"], "010")
    assert spells["spell"].tolist() == [1, 2]
    assert spells["start_date"].dt.year.tolist() == [2018, 2023]
    assert spells["end_reason"].tolist()[0] == "involuntary"
    assert spells["hours"].tolist() == [36.5, 36.0]


def test_departments_called_na_and_none_are_departments(desk: Any) -> None:
    departments = _tables(desk)["people"]["department"]
    assert sorted(departments.dropna()) == ["NA", "NA", "None", "Zorg", "Zorg", "Zorg"]
    desk.people["missing"] = {"department": ["NA"]}
    assert _tables(desk)["people"]["department"].isna().sum() == 2


def test_protected_attributes_stand_apart(desk: Any) -> None:
    tables = _tables(desk)
    assert "sex" not in tables["people"]
    assert list(tables["audit"]) == ["person", "sex"]
    assert len(tables["audit"]) == 5
    assert _of(tables["audit"], "010")["sex"].tolist() == ["m"]


def test_a_european_export_reads_the_same(desks: Any) -> None:
    plain, dutch = desks(), desks()
    text = plain.files["people.csv"].replace("36.5", "36|5").replace(",", ";").replace("|", ",")
    head, body = text.split("\n", 1)
    for year, month, day in {
        tuple(word.split("-")) for word in body.replace("\n", ";").split(";") if word.count("-") == 2
    }:
        body = body.replace(f"{year}-{month}-{day}", f"{day}-{month}-{year}")
    dutch.files["people.csv"] = f"{head}\n{body}".replace("Zorg", "Zörg").encode("cp1252")
    plain.files["people.csv"] = plain.files["people.csv"].replace("Zorg", "Zörg")
    dutch.people.update(delimiter=";", encoding="cp1252", decimal=",", date_format="%d-%m-%Y")
    pd.testing.assert_frame_equal(_tables(dutch)["people"], _tables(plain)["people"])


def test_words_are_translated_as_declared(desk: Any) -> None:
    desk.swap("people.csv", "voluntary", "Eigen verzoek")
    desk.people["values"] = {"end_reason": {"Eigen verzoek": "voluntary"}}
    assert _of(_tables(desk)["people"], "008")["end_reason"].tolist() == ["voluntary"]


def test_somebody_without_a_start_may_be_a_candidate(desk: Any) -> None:
    desk.files["people.csv"] += "020,,,,Zorg,,,\n"
    head, body = desk.files["people.csv"].split("\n", 1)
    desk.files["people.csv"] = f"{head},relation\n" + "".join(
        f"{row},{'candidate' if row.startswith('020') else ''}\n" for row in body.strip().split("\n")
    )
    people = _tables(desk)["people"]
    assert _of(people, "020")["relation"].tolist() == ["candidate"]
    assert set(people["relation"]) == {"employee", "candidate"}


def test_a_stored_placeholder_date_can_be_declared_missing(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01,,", "2019-03-01,1900-01-01,")
    desk.people["missing"] = {"end_date": ["1900-01-01"]}
    assert _of(_tables(desk)["people"], "007")["end_date"].isna().all()


SNAPSHOTS = """\
nr,start,stop,why,team,year,age
1,2015-01-01,,,A,2019,30
1,2015-01-01,,,B,2020,31
1,2015-01-01,2021-05-31,Own,C,2021,32
2,2016-01-01,,,A,2019,40
2,2016-01-01,,,A,2020,41
3,2012-01-01,2014-12-31,Own,A,2013,50
3,2018-01-01,,,D,2019,56
"""


@pytest.fixture
def yearly(desk: Any) -> Any:
    desk.files["people.csv"] = SNAPSHOTS
    desk.settings["sources"]["people"] = {
        "file": "people.csv",
        "columns": {
            "person_id": "nr",
            "start_date": "start",
            "end_date": "stop",
            "end_reason": "why",
            "snapshot_date": "year",
        },
        "values": {"end_reason": {"Own": "voluntary"}},
        "attributes": {"team": {"purpose": "model"}, "age": {"purpose": "audit", "type": "number"}},
    }
    desk.settings["sources"]["responses"] = []
    return desk


def test_snapshots_hold_what_was_known_at_the_years_end(yearly: Any) -> None:
    snapshots = _tables(yearly)["snapshots"]
    own = _of(snapshots, "1")
    assert own["valid_from"].dt.strftime("%Y-%m-%d").tolist() == ["2019-12-31", "2020-12-31", "2021-12-31"]
    assert own["team"].tolist() == ["A", "B", "C"]
    assert list(snapshots) == ["person", "spell", "valid_from", "team"]
    assert _of(snapshots, "3")["spell"].tolist() == [1, 2]


def test_what_the_row_of_the_year_of_leaving_says_is_dated_after_the_exit(yearly: Any) -> None:
    tables = _tables(yearly)
    joined = tables["snapshots"].merge(tables["people"][["person", "spell", "end_date"]], on=["person", "spell"])
    known = joined[joined["valid_from"] < joined["end_date"]]
    assert "C" not in set(known["team"])


def test_people_keep_the_latest_attributes_and_the_last_end(yearly: Any) -> None:
    tables = _tables(yearly)
    first = _of(tables["people"], "1").iloc[0]
    assert (first["team"], first["end_reason"], first["end_date"]) == ("C", "voluntary", pd.Timestamp("2021-05-31"))
    assert _of(tables["audit"], "1")["age"].tolist() == [32.0]
    assert _of(tables["people"], "3")["team"].tolist() == ["A", "D"]


def test_a_start_that_moves_between_snapshots_is_refused(yearly: Any) -> None:
    yearly.swap("people.csv", "2,2016-01-01,,,A,2020", "2,2016-02-01,,,A,2020")
    findings = yearly.read().findings
    assert findings.loc[findings["severity"] == "error", ["code", "where"]].to_numpy().tolist() == [
        ["DQ026", "people.csv, column start, row 6"]
    ]


def test_a_study_of_people_alone_needs_no_survey(yearly: Any) -> None:
    del yearly.settings["codebook"]
    inputs = yearly.read()
    assert set(inputs.tables) == {"people", "snapshots", "audit", "identities"}
    assert inputs.codebook is None
    assert inputs.outcome is None


def test_an_export_where_every_identifier_is_empty_is_refused_and_not_a_crash(desk: Any) -> None:
    desk.files["people.csv"] = (
        "person_id,start_date,end_date,end_reason,department,hours,grade,sex\n,2020-01-01,,,A,1,low,v\n"
    )
    desk.settings["sources"]["responses"] = []
    assert "DQ016" in set(desk.read().findings["code"])


def test_reasons_in_other_words_are_named_where_ten_people_have_them_and_the_advice_fits(desk: Any) -> None:
    rows = [f"{n:03d},2019-03-01,2022-0{1 + n % 9}-15,{word},Zorg,36,low,v"
            for n, word in enumerate(["Voluntry"] * 12 + ["resigned"] * 10 + ["secret"] * 3, start=100)]  # fmt: skip
    desk.files["people.csv"] = desk.files["people.csv"] + "\n".join(rows) + "\n"
    found = desk.read().findings.set_index("code").loc["DQ030"]
    assert "found 'Voluntry', 'resigned', and other words" in found["explanation"]
    assert "values: {end_reason: {'Voluntry': voluntary, 'resigned': ...}}" in found["advice"]
    assert "secret" not in found["explanation"] + found["advice"]
    desk.people["values"] = {"end_reason": {"Voluntry": "voluntary", "resigned": "voluntary", "secret": "other"}}
    assert not desk.read().findings["code"].isin(["DQ030"]).any()


def test_a_stay_longer_than_a_working_life_is_told_here_and_not_by_the_model(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01,,", "1931-03-01,,")
    found = desk.read().findings
    row = found[found["code"] == "DQ055"].iloc[0]
    assert row["where"].startswith("people.csv, column start_date, row 2")
    assert "stays of at most 70 years" in row["explanation"]


def test_an_amount_for_a_function_that_nobody_has_is_told_with_the_name_that_was_meant(desk: Any) -> None:
    desk.files["people.csv"] += "".join(f"1{n:02d},2021-01-01,,,Zorg,32,mid,m\n" for n in range(5))
    amounts = {"value_per_month": 1000, "cost_per_month": 800, "source": "finance"}
    value = {"everyone": amounts, "by": "department", "functions": {"Zrog": amounts}}
    desk.settings["retention"] = {"value": value}
    (row,) = desk.read().findings.query("code == 'DQ086'").to_dict("records")
    assert "'Zrog' under retention.value.functions" in row["explanation"] and "'Zrog' -> 'Zorg'" in row["advice"]
    value["functions"] = {"Zorg": amounts}  # the advice, followed
    assert "DQ086" not in set(desk.read().findings["code"])
