"""Advice, when it is followed, gives the right table: the setting a finding names is set, and the study read again."""

from __future__ import annotations

import decimal
import io
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import yaml

from segment.ingest.sensitive import identifying_patterns
from segment.tables.waves import Wave, waves_in_order


def codes(desk: Any) -> set[str]:
    """Findings that are errors or warnings."""
    found = desk.read().findings
    return set(found.loc[found["severity"] != "note", "code"])


def advice(desk: Any, code: str) -> str:
    found = desk.read().findings.set_index("code").loc[[code], "advice"]
    return str(found.iloc[0])


def stored(desk: Any, **columns: pd.Series) -> None:
    """The HR export as Parquet, with some columns in other types."""
    table = pd.read_csv(io.StringIO(desk.files["people.csv"]), dtype=str, keep_default_na=False)
    table.assign(**columns).to_parquet(desk.folder / "people.parquet")
    desk.people["file"] = "people.parquet"


def test_the_order_of_day_and_month_belongs_to_the_column(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01", "25-03-2019")
    desk.swap("people.csv", "2020-05-01", "03-26-2020")
    found = desk.read().findings.set_index("code").loc["DQ021"]
    assert found["where"] == "people.csv, column start_date, rows 2, 3"
    assert "day first on row 2 and the month first on row 3" in found["explanation"]


@pytest.mark.parametrize("snapshots", [False, True])
@pytest.mark.parametrize("written", ["41061", "41061.0", "31 sep 2019", "2019/31/31"])
def test_dates_that_cannot_be_read_are_not_repeated_and_make_nobody_occur_twice(
    desk: Any, written: str, snapshots: bool
) -> None:
    """A re-hired person is two spells, of which the starts are only not read; five people share the date."""
    header = "person_id,start_date,end_date,end_reason,department,year"
    rows = [f"{n:03d},{written},,,{'AB'[n % 2]},2021" for n in range(7, 13)]
    desk.files["people.csv"] = "\n".join([header, *rows, f"009,{written},,,A,2021"]) + "\n"
    desk.people["attributes"] = {"department": {"purpose": "profile"}}
    desk.people.update({"columns": {"snapshot_date": "year"}} if snapshots else {"ignore": {"year": "not used"}})
    found = desk.read().findings.query("severity == 'error'")
    assert set(found["code"]) == {"DQ022"}
    assert (
        not found[["explanation", "advice"]].apply(lambda text: text.str.contains(written, regex=False)).any(axis=None)
    )
    assert ("a spreadsheet keeps days" in advice(desk, "DQ022")) == written.startswith("41061")


@pytest.mark.parametrize("sign", ["%", "€", " %"])
def test_a_sign_beside_a_number_is_called_one(desk: Any, sign: str) -> None:
    for old, new in ((",36,low", f",36{sign},low"), (",24,mid", f",24{sign},mid"), (",16,low", f",16{sign},low")):
        desk.swap("people.csv", old, new)
    said = advice(desk, "DQ031")
    assert f"a sign stands beside these numbers ({sign.strip()})" in said and "in words" not in said


def test_a_date_format_is_given_per_column(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01,,", "25-03-2019,,")
    for old, new in (("2020-05-01", "01-05-2020"), ("2021-01-01", "02-01-2021"), ("2018-09-01", "01-09-2018")):
        desk.swap("people.csv", old, new)
    for old, new in (("2023-01-01", "03-01-2023"), ("2022-02-01", "01-02-2022")):
        desk.swap("people.csv", old, new)
    assert "date_format: {start_date: '%d-%m-%Y'}" in advice(desk, "DQ021")
    desk.people["date_format"] = {"start_date": "%d-%m-%Y"}
    people = desk.read().tables["people"]
    assert people["start_date"].dt.strftime("%Y-%m-%d").min() == "2018-09-01"
    assert people["end_date"].dt.strftime("%Y-%m-%d").dropna().tolist().count("2023-02-28") == 1


def test_a_stored_midnight_is_the_day_of_its_own_zone(desk: Any) -> None:
    days = pd.to_datetime(pd.read_csv(io.StringIO(desk.files["people.csv"]))["start_date"])
    stored(desk, start_date=days.dt.tz_localize("Europe/Amsterdam"))
    assert sorted(desk.read().tables["people"]["start_date"]) == sorted(days)


def test_midnights_of_a_place_stored_in_utc_are_asked_about_and_the_zone_mends_them(desk: Any) -> None:
    days = pd.to_datetime(pd.read_csv(io.StringIO(desk.files["people.csv"]))["start_date"])
    stored(desk, start_date=days.dt.tz_localize("Europe/Amsterdam").dt.tz_convert("UTC"))
    assert "DQ052" in codes(desk)
    desk.people["time_zone"] = {"start_date": "Europe/Amsterdam"}
    inputs = desk.read()
    assert "DQ052" not in set(inputs.findings["code"])
    assert sorted(inputs.tables["people"]["start_date"]) == sorted(days)


def test_written_moments_take_the_declared_zone_too(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01", "2019-02-28T23:00:00Z")
    desk.people["time_zone"] = "Europe/Amsterdam"
    assert pd.Timestamp("2019-03-01") in set(desk.read().tables["people"]["start_date"])


@pytest.mark.parametrize(("mark", "hours"), [(",", 36.0), (".", 36000.0)])
def test_marks_before_three_digits_are_asked_about_and_either_answer_counts(desk: Any, mark: str, hours: float) -> None:
    for old in ("NA,36,low", "Zorg,24,mid", "None,32,high", "Zorg,36.5,mid", "Zorg,36,high", "NA,16,low"):
        name, number, grade = old.split(",")
        desk.swap("people.csv", old, f'{name},"{number[:2]},000",{grade}')
    assert f"decimal: {{hours: '{mark}'}}" in advice(desk, "DQ051")
    desk.people["decimal"] = {"hours": mark}
    inputs = desk.read()
    assert not inputs.findings["code"].isin(["DQ051", "DQ031"]).any()
    assert inputs.tables["people"]["hours"].max() == hours


def test_weights_below_one_are_no_thousands_and_the_named_mark_reads_them(desk: Any) -> None:
    for old, new in ((",1.5,", ',"1,500",'), (",2024,1,", ',2024,"0,873",'), (",0.5,", ',"0,500",')):
        desk.swap("survey.csv", old, new)
    assert "decimal: {weight: ','}" in advice(desk, "DQ031")
    desk.survey["decimal"] = {"weight": ","}
    assert sorted(desk.read().tables["responses"]["weight"]) == [0.5, 0.873, 1.5, 2.0]


def test_spellings_of_one_group_are_named_once_and_made_one(desk: Any) -> None:
    spelled = ["Zörg", "zörg", "ZÖRG ", "Zo\u0308rg", "Zorg"]
    rows = (f"{n:03d},2021-01-01,,,{spelled[n % 5]},32,mid,m\n" for n in range(100, 130))
    desk.files["people.csv"] += "".join(rows)
    found = desk.read().findings
    one = found[found["code"] == "DQ057"]
    assert len(one) == 1
    assert '"Zo\\U00000308rg"' in one["explanation"].iloc[0] and '"Zo\\U00000308rg": ' in one["advice"].iloc[0]
    told = yaml.safe_load("{" + one["advice"].iloc[0].partition("values: {")[2].removesuffix("}") + "}")
    assert told == {"department": dict.fromkeys(["Zörg", "zörg", "Zo\u0308rg"], "ZÖRG")}
    desk.people["values"] = told
    inputs = desk.read()
    assert "DQ057" not in set(inputs.findings["code"])
    assert set(inputs.tables["people"]["department"]) == {"ZÖRG", "Zorg", "NA", "None"}


def test_a_name_typed_over_from_the_advice_makes_two_ways_to_store_an_accent_one(desk: Any) -> None:
    """The most frequent of them was stored in two signs and advised so: who typed it over got the same advice again."""
    spelled = ["Zo\u0308rg", "Zo\u0308rg", "Z\u00f6rg"]
    desk.files["people.csv"] += "".join(f"{n:03d},2021-01-01,,,{spelled[n % 3]},32,mid,m\n" for n in range(100, 130))
    assert advice(desk, "DQ057").endswith("values: {department: {\"Zo\\U00000308rg\": 'Z\u00f6rg'}}")
    desk.people["values"] = {"department": {"Zo\u0308rg": "Z\u00f6rg"}}
    inputs = desk.read()
    assert "DQ057" not in set(inputs.findings["code"])
    assert "Z\u00f6rg" in set(inputs.tables["people"]["department"])


def test_words_for_not_known_are_named_in_one_note_and_can_be_declared(desk: Any) -> None:
    words = ["None", "nan", "-", "N/A", "NULL", "#REF!", "?"]
    desk.files["people.csv"] += "".join(f"{n:03d},2021-01-01,,,{words[n % 7]},32,mid,m\n" for n in range(100, 142))
    assert "missing: {department: ['#REF!', '-', '?', 'N/A', 'NA', 'NULL', 'None', 'nan']}" in advice(desk, "DQ058")
    desk.people["missing"] = {"department": [*words, "NA"]}
    inputs = desk.read()
    assert "DQ058" not in set(inputs.findings["code"])
    assert inputs.tables["people"]["department"].dropna().unique().tolist() == ["Zorg"]


def test_no_answer_is_compared_as_a_number(desk: Any) -> None:
    desk.swap("survey.csv", "0.5,,99,5", "0.5,,99.0,5")
    desk.swap("survey.csv", "1,2,1,0,ja,4", "1,2,1,0,99.0,4")
    inputs = desk.read()
    assert not (inputs.findings["severity"] == "error").any()
    assert inputs.tables["responses"][["E_PAY", "F_ref"]].isna().sum().tolist() == [1, 2]


def test_decimals_are_read_exactly(desk: Any) -> None:
    numbers = [decimal.Decimal(f"1234567890123456{n}") for n in range(6)]
    stored(desk, person_id=pd.Series(numbers, dtype=object))
    inputs = desk.read()
    assert "DQ045" not in set(inputs.findings["code"])
    assert inputs.tables["people"]["person"].nunique() == 6


def test_identifiers_that_look_like_numbers_can_be_right(desk: Any) -> None:
    desk.swap("people.csv", "007", "5E12")
    desk.swap("survey.csv", "007", "5E12")
    assert "identifiers_as_written: true" in advice(desk, "DQ045")
    desk.people["identifiers_as_written"] = desk.survey["identifiers_as_written"] = True
    inputs = desk.read()
    assert not (inputs.findings["severity"] == "error").any()
    assert len(inputs.tables["responses"]) == 4


def tenures(desk: Any, rows: str) -> None:
    desk.files["people.csv"] = "person_id,tenure,gone\n" + rows
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {"kind": "duration", "column": "tenure", "event": "gone"}


def test_people_without_tenure_can_be_left_out(desk: Any) -> None:
    tenures(desk, "007,12,yes\n009,,no\n010,24,no\n011,3,no\n")
    assert "DQ054" in codes(desk)
    desk.people["keep"] = {"column": "tenure", "answered": True}
    inputs = desk.read()
    assert not (inputs.findings["severity"] == "error").any()
    assert sorted(inputs.outcome["tenure"]) == [3, 12, 24]


@pytest.mark.parametrize(
    ("rows", "code", "unit", "longest"),
    [
        ("".join(f"{n:03d},{n * 100},no\n" for n in range(7, 47)), "DQ055", "days", 4600 * 12 / 365.2425),
        ("".join(f"{n:03d},{1 + n % 12},no\n" for n in range(7, 47)), "DQ056", "years", 144.0),
    ],
)
def test_tenure_in_days_or_years_is_told_and_its_unit_can_be_said(
    desk: Any, rows: str, code: str, unit: str, longest: float
) -> None:
    tenures(desk, rows)
    assert "outcome.unit" in advice(desk, code)
    desk.settings["outcome"]["unit"] = unit
    inputs = desk.read()
    assert not inputs.findings["code"].isin(["DQ055", "DQ056"]).any()
    assert inputs.outcome["tenure"].max() == pytest.approx(longest)


def test_a_tenure_of_zero_is_found_with_its_row(desk: Any) -> None:
    tenures(desk, "007,0,yes\n009,24,no\n")
    found = desk.read().findings.set_index("code").loc["DQ043"]
    assert found["where"] == "people.csv, column tenure, row 2"


def test_people_who_answered_outside_employment_are_counted(desk: Any) -> None:
    desk.swap("people.csv", "009,2021-01-01", "009,2025-01-01")
    desk.swap("people.csv", "011,2022-02-01,,", "011,2022-02-01,2022-12-31,voluntary")
    found = desk.read().findings.set_index("code").loc["DQ059"]
    assert found["count"] == 2
    assert "1 people before they were hired, 1 more than 62 days after" in found["explanation"]


def items(desk: Any, reverse: str = "") -> None:
    """Three items of one need by sixty people, of which the second goes against the others."""
    two = f"E_two,B,PAY,experience,true5,{reverse},,,,2,2"
    desk.swap("codebook.csv", "E_SEC,", f"{two}\nE_three,B,PAY,experience,true5,,,,,3,3\nE_SEC,")
    rows = "".join(f"{n:03d},2024,{1 + n % 5},{5 - n % 5},{1 + (n + n // 20) % 5}\n" for n in range(100, 160))
    desk.files["survey.csv"] = "person_id,wave,E_PAY,E_two,E_three\n" + rows
    desk.files["people.csv"] += "".join(f"{n:03d},2021-01-01,,,Zorg,32,mid,m\n" for n in range(100, 160))


def test_a_reversed_item_that_is_not_declared_is_told_and_an_r_turns_it(desks: Callable[[], Any]) -> None:
    plain, turned = desks(), desks()
    items(plain)
    found = plain.read().findings.set_index("code").loc[["DQ060"]]
    assert found["subject"].tolist() == ["E_two"]
    items(turned, reverse="R")
    assert "DQ060" not in codes(turned)


def test_a_second_and_third_header_row_are_found_and_left_out(desk: Any) -> None:
    """A hundred people stay a hundred."""
    head = "person_id,wave,I_PAY,E_PAY\nAnswer,Wave,How important is pay?,I am paid well\n{ImportId: a},{b},{c},{d}\n"
    desk.files["survey.csv"] = head + "".join(f"{n},2024,{1 + n % 5},{1 + n % 4}\n" for n in range(100, 200))
    desk.files["people.csv"] += "".join(f"{n},2021-01-01,,,Zorg,32,mid,m\n" for n in range(100, 200))
    assert advice(desk, "DQ053") == "leave them out: skip_rows: [2, 3]"
    desk.survey["skip_rows"] = [2, 3]
    inputs = desk.read()
    assert not (inputs.findings["severity"] == "error").any()
    assert len(inputs.tables["responses"]) == 100


def test_answers_in_words_are_told_values_and_values_read_them(desk: Any) -> None:
    words = {"rood": "1", "oranje": "2", "geel": "3", "lichtgroen": "4", "groen": "5"}
    rows = "".join(f"{n},2024,{list(words)[n % 5]}\n" for n in range(100, 160))
    desk.files["survey.csv"] = "person_id,wave,E_PAY\n" + rows
    desk.files["people.csv"] += "".join(f"{n},2021-01-01,,,Zorg,32,mid,m\n" for n in range(100, 160))
    said = advice(desk, "DQ031")
    assert "'values'" in said and "E_PAY: {" in said
    desk.survey["values"] = {"E_PAY": words}
    inputs = desk.read()
    assert not (inputs.findings["severity"] == "error").any()
    assert sorted(inputs.tables["responses"]["E_PAY"].unique()) == [1, 2, 3, 4, 5]


def test_a_pattern_leaves_out_what_nobody_asked_and_never_an_item(desk: Any) -> None:
    desk.swap("survey.csv", "person_id,wave", "extra,person_id,wave")
    desk.files["survey.csv"] = "\n".join(
        row if not number or not row else f"x,{row}" for number, row in enumerate(desk.files["survey.csv"].split("\n"))
    )
    desk.survey["ignore"] = {"*": "everything else"}
    inputs = desk.read()
    assert {"I_PAY", "E_PAY", "O_look", "W_rank6_PAY"} <= set(inputs.tables["responses"])
    assert "taken in all the same" in inputs.findings.set_index("code").loc["DQ064", "explanation"]
    desk.survey["ignore"] = {"*": "everything else", "O_look": "not now"}
    assert "O_look" not in desk.read().tables["responses"]


def test_a_column_with_brackets_is_left_out_by_its_own_name(desk: Any) -> None:
    desk.swap("people.csv", "grade", "Hours [per week]")
    del desk.people["attributes"]["grade"]
    assert "DQ010" in codes(desk)
    desk.people["ignore"] = {"Hours [per week]": "stands elsewhere"}
    assert "DQ010" not in codes(desk)


def test_a_start_that_is_still_to_come_may_be_a_candidates(desk: Any) -> None:
    desk.swap("people.csv", "person_id,", "person_id,relation,")
    desk.files["people.csv"] = desk.files["people.csv"].replace("007,", "007,candidate,")
    for person in ("008", "009", "010", "011"):
        desk.files["people.csv"] = desk.files["people.csv"].replace(f"\n{person},", f"\n{person},employee,")
    desk.swap("people.csv", "2019-03-01", "2091-03-01")
    assert "DQ065" not in codes(desk)


def test_long_cells_are_walked_through_once() -> None:
    """A search that looks again from every sign would take hours here."""
    begin = time.process_time()
    for text in ("a" * 2_000_000, "a@" * 1_000_000, "a." * 1_000_000, "1 " * 1_000_000):
        identifying_patterns(pd.Series([text, "b"], dtype="str"))
    assert time.process_time() - begin < 5


@pytest.mark.parametrize("sign", ["a", "1", "1,", "a@", "0-", "NL91", '""'])
def test_one_cell_of_a_megabyte_is_read_in_the_time_its_bytes_take(desk: Any, sign: str) -> None:
    cell = sign * (1_000_000 // len(sign))
    desk.swap("people.csv", "Zorg", f'"{cell}"')
    desk.swap("people.csv", "None,32", f'None,"{cell}"')
    desk.swap("survey.csv", "1.5,5", f'1.5,"{cell}"')
    begin = time.process_time()
    desk.read()
    assert time.process_time() - begin < 5


def test_a_tenure_that_cannot_be_is_told_in_the_unit_it_is_counted_in(desk: Any) -> None:
    tenures(desk, "007,0,yes\n009,240,no\n")
    desk.settings["outcome"]["unit"] = "days"
    found = desk.read().findings.set_index("code").loc["DQ043"]
    assert "expected days above zero)" in found["explanation"]
    assert "it counts days" in found["advice"]
    assert "months" not in found["explanation"] + found["advice"]


def test_an_end_that_could_not_be_read_is_not_called_absent(desk: Any) -> None:
    desk.swap("people.csv", "2023-02-28,voluntary", "03-04-2023,voluntary")
    assert {"DQ021"} <= codes(desk)
    assert "DQ028" not in codes(desk)
    desk.people["date_format"] = {"end_date": "%d-%m-%Y"}
    desk.swap("people.csv", "2022-06-30,involuntary", "30-06-2022,by choice")
    assert not codes(desk) & {"DQ021", "DQ028", "DQ029"}


def test_quarters_with_a_year_in_two_figures_are_understood(desk: Any) -> None:
    desk.swap("survey.csv", "007,2024", "007,Q4-23")
    for person in ("009", "010", "011"):
        desk.swap("survey.csv", f"{person},2024", f"{person},Q1-24")
    inputs = desk.read()
    assert "DQ066" not in set(inputs.findings["code"])
    assert [wave.name for wave in waves_in_order(["Q1-24", "Q4-23"]) or ()] == ["Q4-23", "Q1-24"]
    assert str(Wave.of("H1 '24").last) == "2024-06-30"
    assert str(Wave.of("23Q4").last) == "2023-12-31"
    assert Wave.of("mrt-23").last is None  # the 23rd of March, or March 2023


@pytest.mark.parametrize(
    ("first", "second", "said", "days"),
    [
        (
            "2024",
            "2024-Q1",
            "waves: {'2024': 2024-12-31, '2024-Q1': 2024-03-31}",
            {"2024": "2024-12-31", "2024-Q1": "2024-03-31"},
        ),
        (
            "T1",
            "2024-03",
            "waves: {'2024-03': 2024-03-31, 'T1': YYYY-MM-DD}; write the real day",
            {"T1": "2023-03-31", "2024-03": "2024-03-31"},
        ),
    ],
)
def test_the_advice_on_waves_orders_them(desk: Any, first: str, second: str, said: str, days: dict[str, str]) -> None:
    desk.swap("survey.csv", "007,2024", f"007,{first}")
    for person in ("009", "010", "011"):
        desk.swap("survey.csv", f"{person},2024", f"{person},{second}")
    assert said in advice(desk, "DQ066")
    desk.settings["waves"] = days
    assert "DQ066" not in codes(desk)


def test_one_day_for_two_waves_is_asked_for_again(desk: Any) -> None:
    desk.swap("survey.csv", "007,2024", "007,before")
    for person in ("009", "010", "011"):
        desk.swap("survey.csv", f"{person},2024", f"{person},after")
    desk.settings["waves"] = {"before": "2023-03-31", "after": "2023-03-31"}
    assert "{'after': YYYY-MM-DD, 'before': YYYY-MM-DD}" in advice(desk, "DQ066")


def labelled(desk: Any) -> None:
    """Sixty answers of which only the ends carry words."""
    words = ["1 - oneens", "2", "3", "4", "5 - eens, 'ja'"]
    rows = "".join(f'{n},2024,"{words[n % 5]}"\n' for n in range(100, 160))
    desk.files["survey.csv"] = "person_id,wave,E_PAY\n" + rows
    desk.files["people.csv"] += "".join(f"{n},2021-01-01,,,Zorg,32,mid,m\n" for n in range(100, 160))


def test_words_that_hold_their_number_are_read_by_the_setting_the_advice_fills_in(desk: Any) -> None:
    labelled(desk)
    said = advice(desk, "DQ031")
    setting = said[said.index("{E_PAY") : said.index("}}") + 2]
    assert yaml.safe_load(setting) == {"E_PAY": {"1 - oneens": "1", "5 - eens, 'ja'": "5"}}
    desk.survey["values"] = yaml.safe_load(setting)
    inputs = desk.read()
    assert not (inputs.findings["severity"] == "error").any()
    assert sorted(inputs.tables["responses"]["E_PAY"]) == sorted([1, 2, 3, 4, 5] * 12)


@pytest.mark.parametrize("where", ["missing", "unanswered"])
def test_answers_declared_as_not_known_are_told(desk: Any, where: str) -> None:
    labelled(desk)
    words = ["1 - oneens", "5 - eens, 'ja'"]
    desk.survey[where] = {"E_PAY": words} if where == "missing" else words
    found = desk.read().findings.set_index("code").loc["DQ070"]
    assert "E_PAY (24 of 60)" in found["explanation"]


@pytest.mark.parametrize(("heavy", "code", "worth"), [(1e6, "DQ071", "1.0"), (10.0, "DQ072", "29.9"), (3.0, "", "")])
def test_a_weight_that_decides_is_found(desk: Any, heavy: float, code: str, worth: str) -> None:
    labelled(desk)
    rows = "".join(f"{n},2024,{heavy if n == 100 else 1},{1 + n % 5}\n" for n in range(100, 160))
    desk.files["survey.csv"] = "person_id,wave,weight,E_PAY\n" + rows
    found = desk.read().findings.set_index("code")
    assert set(found.index) & {"DQ071", "DQ072"} == ({code} if code else set())
    if code:
        assert f"60 answers worth {worth} in wave 2024" in found.loc[code, "explanation"]


def test_a_scale_of_ones_own_comes_beside_the_known_ones(desk: Any) -> None:
    desk.settings["codebook"] = {"file": "codebook.csv", "scales": {"ten": [1, 10], "imp5": [1, 6]}}
    desk.swap("codebook.csv", "experience,true5", "experience,ten")
    items = {item.code: (item.low, item.high) for item in desk.read().codebook.items}
    assert (items["E_PAY"], items["I_PAY"], items["J_talk"]) == ((1, 10), (1, 6), (1, 5))


def test_few_weights_that_decide_are_counted_as_the_answers_they_devalue(desk: Any) -> None:
    """Every third answer weighs ten times as much: none carries a tenth, yet together they are worth far less."""
    labelled(desk)
    rows = "".join(f"{n},2024,{12 if n % 10 == 0 else 1},{1 + n % 5}\n" for n in range(100, 220))
    desk.files["survey.csv"] = "person_id,wave,weight,E_PAY\n" + rows
    found = desk.read().findings.set_index("code")
    assert found.loc["DQ072", "count"] == 120


def test_answers_in_per_cent_are_not_to_be_declared_as_not_known(desk: Any) -> None:
    labelled(desk)
    rows = "".join(f"{n},2024,{25 * (n % 5)}%\n" for n in range(100, 160))
    desk.files["survey.csv"] = "person_id,wave,E_PAY\n" + rows
    advice = desk.read().findings.set_index("code").loc["DQ031", "advice"]
    assert "values: {E_PAY:" in advice and "missing: {" not in advice


def test_words_of_an_outcome_are_first_to_be_said_what_they_mean(desk: Any) -> None:
    rows = "".join(f"{n},{'Resigned' if n % 3 else 'Active'},{n % 40 + 1}\n" for n in range(100, 160))
    desk.files["people.csv"] = "person_id,gone,months\n" + rows
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {"kind": "duration", "column": "months", "event": "gone"}
    advice = desk.read().findings.set_index("code").loc["DQ041", "advice"]
    assert advice.startswith("say which of these mean leaving and which staying") and "'Resigned'" in advice
    assert "missing: {" not in advice


def test_rows_that_are_headers_are_told_once_and_give_no_other_advice(desk: Any) -> None:
    labelled(desk)
    people = "".join(f"{n},2024,{1 + n % 5}\n" for n in range(100, 160))
    desk.files["survey.csv"] = "person_id,wave,E_PAY\n" + "Number,Wave,How is your pay?\n" + people
    found = desk.read().findings
    assert "DQ053" in set(found["code"]) and "DQ031" not in set(found["code"])


def test_a_wave_that_cannot_be_a_name_is_one_fault_and_not_two(desk: Any) -> None:
    """The same people in March of two years: no row is in a wave that can be read, so nobody answers twice in one."""
    header, *rows = desk.files["survey.csv"].strip().split("\n")
    both = [row.replace(",2024,", f",{wave},", 1) for wave in ("03/2023", "03/2024") for row in rows]
    desk.files["survey.csv"] = "\n".join([header, *both]) + "\n"
    assert "DQ030" in codes(desk) and "DQ020" not in codes(desk)


@pytest.mark.parametrize(("ending", "code"), [("\n", "DQ006"), ("\n\n", "DQ006"), ("", "DQ005")])
def test_a_line_of_totals_is_to_be_taken_out_and_not_exported_again(desk: Any, ending: str, code: str) -> None:
    right = desk.files["people.csv"]
    desk.files["people.csv"] = right + "Total,6" + ending
    found = desk.read().findings.set_index("code").loc[code]
    assert found["where"] == "people.csv, row 8" and "2 in the last row" in found["explanation"]
    assert found["advice"].startswith("if the last row is a total or a note, take it out in the export")
    desk.files["people.csv"] = right
    assert not codes(desk) & {"DQ005", "DQ006"}
