"""Advice followed to the letter: the setting that a finding writes is read as YAML, set, and the table is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import yaml

from segment.ingest import Inputs

_SETTING = re.compile(r"\b(values|missing|decimal|date_format|time_zone|skip_rows): (?=[{\[])")
Change = Callable[[Any], None]
Right = Callable[[Inputs], bool]


def setting_in(advice: str) -> tuple[str, Any]:
    """The first setting that a piece of advice writes out, as YAML reads it."""
    found = _SETTING.search(advice)
    assert found is not None, advice
    for end in range(found.end() + 1, len(advice) + 1):
        try:
            return found[1], yaml.safe_load(advice[found.end() : end])
        except yaml.YAMLError:
            continue
    raise AssertionError(advice)


def follow(desk: Any, code: str, source: dict[str, Any]) -> Inputs:
    """Set what the finding advises, and read the study again."""
    found = desk.read().findings.set_index("code")
    assert code in found.index, list(found.index)
    setting, said = setting_in(str(found.loc[[code], "advice"].iloc[0]))
    if isinstance(said, dict):
        earlier = source.get(setting, {})
        source[setting] = {**earlier, **{key: _more(earlier.get(key), value) for key, value in said.items()}}
    else:
        source[setting] = said
    return desk.read()


def _more(earlier: Any, said: Any) -> Any:
    return [*earlier, *said] if isinstance(earlier, list) else said


def plain(inputs: Inputs) -> bool:
    """No error is left, and no warning about the outcome."""
    codes = set(inputs.findings.loc[inputs.findings["severity"] != "note", "code"])
    return not (inputs.findings["severity"] == "error").any() and "DQ069" not in codes


def outcomes(desk: Any, header: str, cells: list[str], **outcome: Any) -> None:
    """An HR export of nothing but the outcome, of as many people as there are cells, and a survey of all of them."""
    rows = "".join(f"{n},{cell}\n" for n, cell in enumerate(cells, start=100))
    desk.files["people.csv"] = f"person_id,{header}\n" + rows
    desk.people["attributes"] = {}
    desk.files["survey.csv"] = "person_id,wave,I_PAY,E_PAY\n" + "".join(
        f"{n},2024,{1 + n % 5},{1 + n % 4}\n" for n in range(100, 100 + len(cells))
    )
    desk.settings["outcome"] = outcome


def flags(inputs: Inputs) -> list[int]:
    """How many say yes, no, and nothing."""
    assert inputs.outcome is not None
    flag = inputs.outcome["flag"]
    return [int((flag == 1).sum()), int((flag == 0).sum()), int(flag.isna().sum())]


PLAN = {"kind": "horizon", "yes": ["ja"], "no": ["nee"], "meaning": "intention"}


@pytest.mark.parametrize("column", ["plan", "in dienst", "plan: nu", "no", "person", "don't"])
@pytest.mark.parametrize("word", ["weet niet", "Weet (nog) niet: 'later'"])
def test_a_dont_know_of_the_outcome_is_not_known_and_never_stays(desk: Any, column: str, word: str) -> None:
    cells = ["ja"] * 9 + ["nee"] * 20 + [f'"{word}"'] * 12
    outcomes(desk, f'"{column}"', cells, **PLAN, column=column)
    inputs = follow(desk, "DQ041", desk.people)
    assert plain(inputs) and flags(inputs) == [9, 20, 12]
    told = inputs.findings.set_index("code").loc["DQ068"]
    assert told["count"] == 12 and "12 of 41" in told["explanation"]


def test_a_dont_know_in_the_survey_is_not_known_either(desk: Any) -> None:
    outcomes(desk, "x", ["1"] * 41, **PLAN, column="plan", source="responses")
    desk.people["ignore"] = {"x": "nothing"}
    answers = ["ja"] * 9 + ["nee"] * 20 + ["weet niet"] * 12
    rows = "".join(f"{n},2024,{1 + n % 5},{word}\n" for n, word in enumerate(answers, start=100))
    desk.files["survey.csv"] = "person_id,wave,I_PAY,plan\n" + rows
    inputs = follow(desk, "DQ041", desk.survey)
    assert plain(inputs) and flags(inputs) == [9, 20, 12]
    desk.survey.pop("missing")
    desk.survey["unanswered"] = ["weet niet"]  # codes for 'no answer' hold for every question of the survey
    assert flags(desk.read()) == [9, 20, 12]


def test_a_dont_know_that_was_put_under_no_is_doubted_and_can_be_taken_out(desk: Any) -> None:
    outcomes(
        desk,
        "plan",
        ["ja"] * 9 + ["nee"] * 20 + ["weet niet"] * 3,
        **{**PLAN, "no": ["nee", "weet niet"]},
        column="plan",
    )
    inputs = follow(desk, "DQ069", desk.people)
    assert flags(inputs) == [9, 20, 3]


TENURE = {"kind": "duration", "column": "jaren", "event": "weg", "unit": "years", "yes": ["1"], "no": ["0"]}
KNOWN = ["3,1", "4,0", "5,0", "6,1", "7,0", "8,0"]


@pytest.mark.parametrize(
    ("unknown", "codes"),
    [
        (["nan,0", "nan,1"], ["DQ031"]),
        ([",0", ",1"], ["DQ054"]),
        (["nan,0", ",1"], ["DQ031", "DQ054"]),
        (["9,weet niet", "9,weet niet"], ["DQ041"]),
        (["9,", "9,"], ["DQ041"]),
    ],
)
def test_people_whose_tenure_or_event_is_not_known_are_in_no_figure_of_leaving(
    desk: Any, unknown: list[str], codes: list[str]
) -> None:
    outcomes(desk, "jaren,weg", KNOWN + unknown, **TENURE)
    inputs = desk.read()
    for code in codes:
        inputs = follow(desk, code, desk.people)
    assert plain(inputs), inputs.findings
    assert inputs.outcome is not None
    assert sorted(inputs.outcome["tenure"]) == [36, 48, 60, 72, 84, 96]
    assert len(inputs.tables["people"]) == 8 and len(inputs.tables["responses"]) == 8
    assert inputs.findings.set_index("code").loc["DQ068", "count"] == 2


def test_a_dont_know_is_not_taken_for_an_empty_cell_that_means_still_there(desk: Any) -> None:
    outcomes(desk, "jaren,weg", [*KNOWN, "9,", "9,weet niet"], **{**TENURE, "no": ["0", ""]})
    inputs = follow(desk, "DQ041", desk.people)
    assert inputs.outcome is not None and plain(inputs)
    assert (len(inputs.outcome), int(inputs.outcome["event"].isna().sum())) == (7, 5)


def test_rows_that_are_kept_where_answered_are_not_those_that_are_declared_unknown(desk: Any) -> None:
    outcomes(desk, "jaren,weg", [*KNOWN, "nan,0", ",1"], **TENURE)
    desk.people.update({"missing": {"jaren": ["nan"]}, "keep": {"column": "jaren", "answered": True}})
    inputs = desk.read()
    assert plain(inputs) and len(inputs.tables["people"]) == 6


def _hours(desk: Any, cell: str) -> None:
    desk.swap("people.csv", "NA,36,low", f"NA,{cell},low")


def _swap(file: str, old: str, new: str) -> Change:
    return lambda desk: desk.swap(file, old, new)


def _renamed(desk: Any) -> None:
    desk.swap("people.csv", "hours", "Uren [pw]")
    desk.people["attributes"]["hours"]["column"] = "Uren [pw]"
    _hours(desk, "onbekend")


CASES: dict[str, tuple[Change, str, str, Right]] = {
    "number": (
        lambda desk: _hours(desk, "onbekend"), "DQ031", "people",
        lambda made: int(made.tables["people"]["hours"].isna().sum()) == 1,
    ),
    "number of a renamed column": (
        _renamed, "DQ031", "people", lambda made: int(made.tables["people"]["hours"].isna().sum()) == 1,
    ),
    "answer": (
        _swap("survey.csv", "009,2024,1,4", "009,2024,1,weet niet"), "DQ031", "survey",
        lambda made: int(made.tables["responses"]["I_PAY"].isna().sum()) == 2,
    ),
    "date": (
        _swap("people.csv", "2023-02-28,voluntary", "onbekend,"), "DQ022", "people",
        lambda made: int(made.tables["people"]["end_date"].notna().sum()) == 1,
    ),
    "placeholder": (
        _swap("people.csv", "2021-01-01,,", "2021-01-01,9999-12-31,"), "DQ023", "people",
        lambda made: int(made.tables["people"]["end_date"].notna().sum()) == 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_words_for_not_known_are_named_in_the_advice_and_taken_out_by_it(desk: Any, case: str) -> None:
    change, code, source, right = CASES[case]
    change(desk)
    inputs = follow(desk, code, desk.people if source == "people" else desk.survey)
    assert code not in set(inputs.findings["code"]) and plain(inputs), inputs.findings
    assert right(inputs)


@pytest.mark.parametrize("key", ["hours", "Uren per week"])
@pytest.mark.parametrize(
    ("setting", "said", "cell", "hours"),
    [
        ("missing", ["999"], "999", None),
        ("values", {"voltijd": "36"}, "voltijd", 36.0),
        ("decimal", ",", '"36,5"', 36.5),
    ],
)
def test_a_setting_reaches_a_column_by_its_name_in_the_file_and_by_ours(
    desk: Any, key: str, setting: str, said: Any, cell: str, hours: float | None
) -> None:
    desk.swap("people.csv", "hours", "Uren per week")
    desk.people["attributes"]["hours"]["column"] = "Uren per week"
    desk.swap("people.csv", "36.5", "36")
    _hours(desk, cell)
    desk.people[setting] = {key: said}
    inputs = desk.read()
    assert plain(inputs)
    read = inputs.tables["people"]["hours"]
    assert read.isna().sum() == 1 if hours is None else (read.max() == max(hours, 36))


@pytest.mark.parametrize("setting", ["date_format", "time_zone"])
def test_dates_take_their_setting_by_the_files_name_too(desk: Any, setting: str) -> None:
    desk.swap("people.csv", "start_date", "in dienst")
    desk.people["columns"] = {"start_date": "in dienst"}
    written, said = (
        ("01.03.2019", "%d.%m.%Y") if setting == "date_format" else ("2019-02-28T23:00:00Z", "Europe/Amsterdam")
    )
    desk.files["people.csv"] = desk.files["people.csv"].split("\n")[0] + f"\n007,{written},,,NA,36,low,v\n"
    desk.people[setting] = {"in dienst": said}
    people = desk.read().tables["people"]
    assert people["start_date"].tolist() == [pd.Timestamp("2019-03-01")]


@pytest.mark.parametrize(
    ("setting", "said"),
    [("missing", ["x"]), ("values", {"x": "y"}), ("decimal", ","), ("date_format", "%Y"), ("time_zone", "UTC")],
)
def test_a_setting_for_a_name_that_nothing_has_is_refused_with_the_nearest(desk: Any, setting: str, said: Any) -> None:
    desk.people[setting] = {"departement": said}
    found = desk.read().findings.set_index("code").loc["DQ011"]
    assert f"'departement' under '{setting}'; did you mean 'department'?" in found["explanation"]


def test_a_setting_for_a_column_that_is_left_out_is_refused(desk: Any) -> None:
    desk.swap("people.csv", "grade", "kleur")
    del desk.people["attributes"]["grade"]
    desk.people.update({"ignore": {"kleur": "of no use"}, "missing": {"kleur": ["x"]}})
    assert "this column is not taken in" in desk.read().findings.set_index("code").loc["DQ011", "explanation"]


def test_a_setting_for_a_known_name_without_a_column_is_told(desk: Any) -> None:
    desk.people["values"] = {"relation": {"inhuur": "contractor"}}
    found = desk.read().findings.set_index("code").loc["DQ067"]
    assert (found["severity"], "settings for relation" in found["explanation"]) == ("note", True)


def test_what_is_said_by_our_name_counts_more_than_what_is_said_of_the_column(desk: Any) -> None:
    desk.swap("people.csv", "end_reason", "reden")
    desk.swap("people.csv", "voluntary", "zelf")
    desk.people["columns"] = {"end_reason": "reden"}
    desk.people["values"] = {"end_reason": {"zelf": "voluntary"}, "reden": {"zelf": "involuntary"}}
    assert desk.read().tables["people"]["end_reason"].tolist().count("voluntary") == 1


def _starts(desk: Any, written: str) -> None:
    """The starts of everybody, as a format writes them."""
    for day in ("2019-03-25", "2020-05-01", "2021-01-31", "2018-09-01", "2023-01-01", "2022-02-28"):
        old = day if day in desk.files["people.csv"] else f"{day[:8]}01"
        desk.swap("people.csv", f",{old},", f",{pd.Timestamp(day).strftime(written)},")


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("%d/%m/%y", None), ("%d/%m/%y", "%d-%m-%Y"), ("%d.%m.%Y", "%d-%m-%Y"), ("%m/%d/%Y", "%d-%m-%Y"),
        ("%Y/%m/%d", None), ("%d %b %Y", None), ("%d-%m-%Y %H:%M", None), ("%Y-%m-%d", "%d-%m-%Y"),
    ],
)  # fmt: skip
def test_the_format_that_is_advised_reads_every_date_of_the_column(
    desk: Any, written: str, declared: str | None
) -> None:
    """Whether no format was declared or a wrong one; what every row fails is not first a word for 'not known'."""
    _starts(desk, written)
    if declared:
        desk.people["date_format"] = {"start_date": declared}
    found = desk.read().findings.query("code in ('DQ021', 'DQ022')")
    assert found["advice"].str.startswith("declare date_format").all()
    inputs = follow(desk, str(found["code"].iloc[0]), desk.people)
    assert plain(inputs), inputs.findings
    assert sorted(inputs.tables["people"]["start_date"].dt.strftime("%Y-%m-%d"))[1] == "2019-03-25"
