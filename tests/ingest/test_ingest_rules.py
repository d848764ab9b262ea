"""Every rule is broken once, and the finding says where."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from segment.errors import RefusedData
from segment.ingest import RULES, finding_lines, refuse_errors
from segment.ingest.rules import by_code

Break = Callable[[Any], None]
CASES: dict[str, tuple[Break, str]] = {}


def breaks(code: str, where: str) -> Callable[[Break], Break]:
    """Register how to break a rule and what 'where' must then say."""

    def keep(function: Break) -> Break:
        CASES[code] = (function, where)
        return function

    return keep


@breaks("DQ001", "people.cvs")
def _(desk: Any) -> None:
    desk.people["file"] = "people.cvs"


@breaks("DQ002", "people.csv")
def _(desk: Any) -> None:
    desk.files["people.csv"] = b"PK\x03\x04 something else"


@breaks("DQ003", "people.csv, row 1")
def _(desk: Any) -> None:
    desk.files["people.csv"] = desk.files["people.csv"].replace(",", ";")


@breaks("DQ004", "people.csv, row 3")
def _(desk: Any) -> None:
    desk.files["people.csv"] = desk.files["people.csv"].replace("Zorg", "Zörg").encode("cp1252")


@breaks("DQ005", "people.csv, row 7")
def _(desk: Any) -> None:
    desk.swap("people.csv", ",,,NA,16,low,x\n", "")


@breaks("DQ006", "people.csv, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "low,v", "low,v,extra")


@breaks("DQ007", "people.csv, column hours, row 1")
def _(desk: Any) -> None:
    desk.swap("people.csv", "grade", "hours")


@breaks("DQ008", "people.csv")
def _(desk: Any) -> None:
    desk.files["people.csv"] = desk.files["people.csv"].split("\n")[0] + "\n"


@breaks("DQ009", "people.csv, column start_date")
def _(desk: Any) -> None:
    desk.swap("people.csv", "start_date", "first_day")


@breaks("DQ010", "people.csv, column grade")
def _(desk: Any) -> None:
    del desk.people["attributes"]["grade"]


@breaks("DQ011", "people.csv, column strat_date")
def _(desk: Any) -> None:
    desk.people["missing"] = {"strat_date": ["?"]}


@breaks("DQ012", "people.csv, column Achternaam")
def _(desk: Any) -> None:
    desk.swap("people.csv", "department", "Achternaam")
    desk.people["attributes"]["department"]["column"] = "Achternaam"


@breaks("DQ013", "people.csv, column department, row 3")
def _(desk: Any) -> None:
    desk.swap("people.csv", "voluntary,Zorg", "voluntary,someone@example.org")


@breaks("DQ014", "people.csv, column sex")
def _(desk: Any) -> None:
    desk.people["attributes"]["sex"] = {"purpose": "model"}


@breaks("DQ015", "people.csv, column department")
def _(desk: Any) -> None:
    rows = [f"{n:03d},2021-01-01,,,unit {n},{30 + n % 3},{('low', 'mid')[n % 2]},{'mvx'[n % 3]}" for n in range(60)]
    desk.files["people.csv"] = "\n".join([desk.files["people.csv"].split("\n")[0], *rows]) + "\n"


@breaks("DQ016", "people.csv, column person_id, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "007", "")


@breaks("DQ017", "people.csv, column person_id, rows 4, 7")
def _(desk: Any) -> None:
    desk.swap("people.csv", "011,2022-02-01", "009,2021-01-01")


def _snapshots(desk: Any, rows: str) -> None:
    desk.files["people.csv"] = "person_id,start_date,end_date,end_reason,department,year\n" + rows
    desk.people["columns"] = {"snapshot_date": "year"}
    desk.people["attributes"] = {"department": {"purpose": "model"}}


@breaks("DQ018", "people.csv, column year, rows 2, 3")
def _(desk: Any) -> None:
    _snapshots(desk, "007,2019-03-01,,,A,2021\n007,2019-03-01,,,B,2021\n009,2019-03-01,,,A,2021\n")


@breaks("DQ019", "people.csv, column year, rows 2, 3")
def _(desk: Any) -> None:
    _snapshots(desk, "007,2019-03-01,,,A,2021\n007,2019-03-01,,,A,2021\n009,2019-03-01,,,B,2021\n")


@breaks("DQ020", "survey.csv, column person_id, rows 2, 5")
def _(desk: Any) -> None:
    desk.swap("survey.csv", "011,2024", "007,2024")


@breaks("DQ021", "people.csv, column start_date, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01", "03-04-2019")


@breaks("DQ022", "people.csv, column end_date, row 3")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2023-02-28", "2023-02-30")


@breaks("DQ023", "people.csv, column end_date, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01,,", "2019-03-01,9999-12-31,")


@breaks("DQ024", "people.csv, column end_date, row 3")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2023-02-28", "2026-02-28")


@breaks("DQ025", "people.csv, column end_date, row 3")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2023-02-28", "2019-02-28")


@breaks("DQ026", "people.csv, column start_date, row 6")
def _(desk: Any) -> None:
    desk.swap("people.csv", "010,2023-01-01", "010,2022-01-01")


@breaks("DQ027", "people.csv, column end_date, rows 2, 3")
def _(desk: Any) -> None:
    _snapshots(
        desk,
        "007,2019-03-01,2023-01-31,other,A,2021\n007,2019-03-01,2023-02-28,other,B,2022\n009,2019-03-01,,,B,2022\n",
    )


@breaks("DQ028", "people.csv, column end_reason, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01,,", "2019-03-01,,other")


@breaks("DQ029", "people.csv, column end_reason, row 3")
def _(desk: Any) -> None:
    desk.swap("people.csv", "voluntary", "")


@breaks("DQ030", "people.csv, column end_reason, row 3")
def _(desk: Any) -> None:
    desk.swap("people.csv", "voluntary", "eigen verzoek")


@breaks("DQ031", "people.csv, column hours, row 5")
def _(desk: Any) -> None:
    desk.swap("people.csv", "36.5", "36,5 uur".replace(",", ";"))


@breaks("DQ032", "survey.csv, column I_PAY, row 3")
def _(desk: Any) -> None:
    desk.swap("survey.csv", "009,2024,1,4", "009,2024,1,6")


@breaks("DQ033", "survey.csv, column I_PAY, row 3")
def _(desk: Any) -> None:
    desk.swap("survey.csv", "009,2024,1,4", "009,2024,1,4.5")


@breaks("DQ034", "survey.csv, column weight, row 4")
def _(desk: Any) -> None:
    desk.swap("survey.csv", "0.5", "-1")


@breaks("DQ035", "second.csv (wave 2023)")
def _(desk: Any) -> None:
    """A second survey asks less than the first."""
    desk.files["second.csv"] = "person_id,wave,I_PAY\n007,2023,4\n009,2023,3\n"
    desk.settings["sources"]["responses"].append({"file": "second.csv"})


@breaks("DQ036", "survey.csv, column I_PAY")
def _(desk: Any) -> None:
    desk.survey["missing"] = {"I_PAY": ["5", "4", "3"]}


@breaks("DQ037", "survey.csv, column I_PAY")
def _(desk: Any) -> None:
    desk.survey["missing"] = {"I_PAY": ["5", "4"]}
    desk.swap("survey.csv", "0.5,,", "0.5,3,")


@breaks("DQ038", "survey.csv, column H_dream")
def _(desk: Any) -> None:
    """The small study's survey has an open question."""


@breaks("DQ039", "survey.csv, column person_id, row 2")
def _(desk: Any) -> None:
    desk.swap("survey.csv", "007,2024", "7,2024")


@breaks("DQ040", "survey.csv, column W_rank6_*, row 2")
def _(desk: Any) -> None:
    desk.swap("survey.csv", "5,4,1,1,2", "5,4,1,1,1")


@breaks("DQ041", "people.csv, column hours, row 5")
def _(desk: Any) -> None:
    del desk.people["attributes"]["hours"]
    desk.settings["outcome"] = {"kind": "horizon", "column": "hours", "yes": ["36", "24"], "no": ["32", "16"]}


@breaks("DQ042", "employer.csv, column need, rows 2, 3")
def _(desk: Any) -> None:
    desk.files["employer.csv"] = "need,promised,offered\nPAY,4,3\nPAY,5,3\n"
    desk.settings["sources"]["employer"] = {"file": "employer.csv"}


@breaks("DQ043", "people.csv, column tenure, row 3")
def _(desk: Any) -> None:
    desk.files["people.csv"] = "person_id,tenure,gone,since\n007,12,yes,0\n009,24,no,24\n"
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {"kind": "duration", "column": "tenure", "event": "gone", "entry": "since"}


@breaks("DQ044", "people.csv, column department")
def _(desk: Any) -> None:
    desk.people["missing"] = {"department": ["Zorg", "None"]}


@breaks("DQ045", "people.csv, column person_id, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "007", "1.23E+05")


@breaks("DQ046", "survey.csv, column person_id")
def _(desk: Any) -> None:
    for old in ("007,2024", "009,2024", "010,2024", "011,2024"):
        desk.swap("survey.csv", old, f"X{old}")


@breaks("DQ047", "units.csv, column wave")
def _(desk: Any) -> None:
    desk.files["units.csv"] = "unit,wave,n,customer_score\nA,2023,10,7.1\nA,2024,11,7.3\n"
    desk.settings["sources"]["units"] = {"file": "units.csv"}


@breaks("DQ048", "people.csv, column end_date, row 2")
def _(desk: Any) -> None:
    _snapshots(desk, "007,2019-03-01,2023-01-31,other,A,2021\n009,2019-03-01,,,B,2022\n")


@breaks("DQ049", "people.csv, column start_date, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01", "")


@breaks("DQ050", "people.csv, column end_reason")
def _(desk: Any) -> None:
    desk.people["attributes"]["why"] = {"purpose": "model", "column": "end_reason"}


@breaks("DQ051", "people.csv, column hours, rows 2, 4")
def _(desk: Any) -> None:
    desk.swap("people.csv", "NA,36,low", 'NA,"36,000",low')
    desk.swap("people.csv", "None,32,high", 'None,"32,500",high')
    desk.swap("people.csv", "36.5", "36")


@breaks("DQ052", "people.parquet, column start_date")
def _(desk: Any) -> None:
    table = pd.read_csv(io.StringIO(desk.files["people.csv"]), dtype=str, keep_default_na=False)
    table["start_date"] = pd.to_datetime(table["start_date"]).dt.tz_localize("Europe/Amsterdam").dt.tz_convert("UTC")
    table.to_parquet(desk.folder / "people.parquet")
    desk.people["file"] = "people.parquet"


@breaks("DQ053", "people.csv, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "\n007", "\nid,eerste dag,laatste dag,reden,afdeling,uren,schaal,geslacht\n007")


def _tenures(desk: Any, rows: str) -> None:
    desk.files["people.csv"] = "person_id,tenure,gone\n" + rows
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {"kind": "duration", "column": "tenure", "event": "gone"}


@breaks("DQ054", "people.csv, column tenure, row 3")
def _(desk: Any) -> None:
    _tenures(desk, "007,12,yes\n009,,no\n")


@breaks("DQ055", "people.csv, column tenure, row 3")
def _(desk: Any) -> None:
    _tenures(desk, "007,365,yes\n009,4200,no\n")


@breaks("DQ056", "people.csv, column tenure")
def _(desk: Any) -> None:
    _tenures(desk, "".join(f"{n:03d},{1 + n % 12},no\n" for n in range(7, 47)))


@breaks("DQ098", "people.csv, column department, row 3")
def _(desk: Any) -> None:
    desk.swap("people.csv", "Zorg", "K1234")


@breaks("DQ057", "people.csv, column department")
def _(desk: Any) -> None:
    rows = "".join(f"{n:03d},2021-01-01,,,{'zorg' if n % 9 else 'Zorg'},32,mid,m\n" for n in range(100, 130))
    desk.files["people.csv"] += rows


@breaks("DQ058", "people.csv, column department, rows 2, 4, 7")
def _(desk: Any) -> None:
    """The small study has departments called NA and None."""


@breaks("DQ059", "survey.csv, column wave")
def _(desk: Any) -> None:
    desk.swap("people.csv", "009,2021-01-01", "009,2025-01-01")


def _answers(desk: Any, rows: list[str], items: str) -> None:
    desk.files["survey.csv"] = f"person_id,wave,{items}\n" + "".join(f"{row}\n" for row in rows)
    desk.files["people.csv"] += "".join(f"{n:03d},2021-01-01,,,Zorg,32,mid,m\n" for n in range(100, 160))


@breaks("DQ060", "survey.csv, column E_PAY2")
def _(desk: Any) -> None:
    desk.swap("codebook.csv", "E_SEC,", "E_PAY2,B,PAY,experience,true5,,,,,Drie,Three\nE_SEC,")
    _answers(desk, [f"{n:03d},2024,{1 + n % 5},{5 - n % 5}" for n in range(100, 160)], "E_PAY,E_PAY2")


@breaks("DQ061", "survey.csv, column N_enps")
def _(desk: Any) -> None:
    desk.files["codebook.csv"] += "N_enps,G,*,enps,0-10,,,,,Twaalf,Twelve\n"
    _answers(desk, [f"{n:03d},2024,{1 + n % 3},{1 + n % 5}" for n in range(100, 160)], "E_PAY,N_enps")


@breaks("DQ062", "survey.csv")
def _(desk: Any) -> None:
    _answers(desk, [f"{n:03d},2024,," for n in range(100, 160)], "E_PAY,I_PAY")


@breaks("DQ063", "survey.csv")
def _(desk: Any) -> None:
    """The small study's codebook has items that its only survey did not ask."""


@breaks("DQ064", "survey.csv")
def _(desk: Any) -> None:
    desk.survey["ignore"] = {"*": "everything else"}


@breaks("DQ065", "people.csv, column start_date, row 2")
def _(desk: Any) -> None:
    desk.swap("people.csv", "2019-03-01", "2091-03-01")


@breaks("DQ066", "survey.csv, column wave")
def _(desk: Any) -> None:
    desk.swap("survey.csv", "007,2024", "007,before")
    desk.swap("survey.csv", "009,2024", "009,after")


@breaks("DQ067", "people.csv")
def _(desk: Any) -> None:
    desk.people["missing"] = {"relation": ["x"]}


@breaks("DQ068", "people.csv, column plan")
def _(desk: Any) -> None:
    _plans(desk, "yes", "no", "")


@breaks("DQ069", "people.csv, column plan, row 4")
def _(desk: Any) -> None:
    _plans(desk, "yes", "no", "don't know")
    desk.settings["outcome"]["no"] = ["no", "don't know"]


def _plans(desk: Any, *words: str) -> None:
    desk.files["people.csv"] = "person_id,plan\n" + "".join(
        f"{n:03d},{word}\n" for n, word in enumerate(words, start=7)
    )
    desk.people["attributes"] = {}
    desk.settings["outcome"] = {"kind": "horizon", "column": "plan"}


def test_a_study_that_keeps_every_rule_has_no_errors(desk: Any) -> None:
    findings = desk.read().findings
    assert set(findings["code"]) == {"DQ038", "DQ058", "DQ063"}
    refuse_errors(findings)


def _weights(desk: Any, heavy: str) -> None:
    _answers(desk, [f"{n:03d},2024,{heavy if n == 100 else 1},{1 + n % 5}" for n in range(100, 160)], "weight,E_PAY")


@breaks("DQ070", "survey.csv, column E_PAY")
def _(desk: Any) -> None:
    _weights(desk, "1")
    desk.survey["unanswered"] = ["1"]


@breaks("DQ071", "survey.csv, column weight, row 2")
def _(desk: Any) -> None:
    _weights(desk, "1000000")


@breaks("DQ072", "survey.csv, column weight, row 2")
def _(desk: Any) -> None:
    _weights(desk, "10")


@breaks("DQ073", "codebook.csv, column driver")
def _(desk: Any) -> None:
    desk.settings["codebook"] = {"file": "codebook.csv", "needs": {"PAY": {"nl": "Loon", "en": "Pay"}}}


@breaks("DQ076", "people.csv, column end_date")
def _(desk: Any) -> None:
    _busy_until(desk, 2024)


def _busy_until(desk: Any, year: int) -> None:
    """Twelve people more who begin in one year; the window ends with 2025."""
    rows = [f"{100 + month},{year}-{month:02d}-01,,,NA,36,low,v" for month in range(1, 13)]
    desk.files["people.csv"] += "\n".join([*rows, ""])


@breaks("DQ077", "survey.csv, column H_pick3_*")
def _(desk: Any) -> None:
    _ticks_only(desk)


def _ticks_only(desk: Any) -> None:
    """Who picked has a tick, and nothing else is written."""
    table = pd.read_csv(io.StringIO(desk.files["survey.csv"]), dtype=str, keep_default_na=False)
    picks = ["H_pick3_a", "H_pick3_b"]
    table[picks] = table[picks].replace({"1": "X", "0": ""})
    desk.files["survey.csv"] = table.to_csv(index=False)
    desk.survey["values"] = {name: {"X": "yes"} for name in picks}


@breaks("DQ078", "survey.csv, column wave")
def _(desk: Any) -> None:
    text = desk.files["survey.csv"]
    desk.files["survey.csv"] = text.replace(",2024,", ",wave 9,")


@breaks("DQ079", "people.csv, column end_date")
def _(desk: Any) -> None:
    desk.settings["outcome"]["window"]["end"] = "2149-12-31"


@breaks("DQ081", "people.sav, column department, row 3")
def _(desk: Any) -> None:
    import pyreadstat

    table = pd.read_csv(io.StringIO(desk.files["people.csv"]), dtype={"person_id": str}, keep_default_na=False)
    table["department"] = table["department"].map({"NA": 1.0, "Zorg": 99.0, "None": 2.0})
    table["hours"] = table["hours"].astype(float)
    pyreadstat.write_sav(table.head(2), str(desk.folder / "people.sav"), missing_ranges={"department": [99]})
    desk.people["file"] = "people.sav"


@breaks("DQ080", "people.csv")
def _(desk: Any) -> None:
    desk.settings["ingest"] = {"max_columns": 3}


@breaks("DQ084", "survey.csv, column person_id")
def _(desk: Any) -> None:
    desk.people["keep"] = {"column": "grade", "values": ["mid", "high"]}


@breaks("DQ085", "people.csv, column tenure")
def _(desk: Any) -> None:
    _tenures(desk, "".join(f"{n:03d},24,{'yes' if n % 3 else 'no'}\n" for n in range(7, 47)))


@breaks("DQ086", "people.csv, column department")
def _(desk: Any) -> None:
    amounts = {"value_per_month": 1000, "cost_per_month": 800, "source": "finance"}
    value = {"everyone": amounts, "by": "department", "functions": {"Zrog": amounts}}
    desk.settings["retention"] = {"value": value}


def _lists(desk: Any, days: list[str], listed: dict[str, str], window: tuple[str, str], **history: str) -> None:
    """Lists of everyone: who (rows of the export's usual form) is on which of the days ('1' or '0')."""
    rows = [
        f"{person},2018-0{1 + n}-01,,,NA,36,low,v,{day}"
        for n, (person, on) in enumerate(listed.items())
        for day, here in zip(days, on, strict=True)
        if here == "1"
    ]
    head = "person_id,start_date,end_date,end_reason,department,hours,grade,sex,snapshot_date"
    desk.files["people.csv"] = "\n".join([head, *rows, ""])
    desk.people["history"] = history
    desk.settings["outcome"]["window"] = {"start": window[0], "end": window[1]}


_DAYS = ["2021-12-31", "2022-12-31", "2023-12-31"]
_LISTED = {"007": "111", "008": "110", "009": "101", "010": "111", "011": "111"}
_BETWEEN = (_DAYS[0], _DAYS[-1])


@breaks("DQ087", "people.csv, column snapshot_date")
def _(desk: Any) -> None:
    _lists(desk, _DAYS, _LISTED, ("2020-01-01", _DAYS[-1]))


@breaks("DQ088", "people.csv, column snapshot_date")
def _(desk: Any) -> None:
    _lists(desk, _DAYS, {"007": "100", "008": "010", "009": "100", "010": "001", "011": "100"}, _BETWEEN)


@breaks("DQ089", "people.csv, column snapshot_date")
def _(desk: Any) -> None:
    _lists(desk, _DAYS, _LISTED, _BETWEEN)


@breaks("DQ090", "people.csv, column snapshot_date")
def _(desk: Any) -> None:
    _lists(desk, _DAYS, _LISTED, _BETWEEN)


@breaks("DQ091", "people.csv, column snapshot_date")
def _(desk: Any) -> None:
    _lists(desk, _DAYS, _LISTED, _BETWEEN)
    del desk.people["history"]


def _many(desk: Any, answer: Callable[[int], str], seconds: Callable[[int], int]) -> None:
    """Sixty people who answer seven questions on one scale."""
    codes = [f"I_{n}" for n in range(7)]
    head = "code,block,driver,kind,scale,reverse,r7,use,short,nl,en"
    asked = [f"{code},A,PAY,importance,imp5,,,,,Vraag,Question" for code in codes]
    desk.files["codebook.csv"] = "\n".join([head, *asked]) + "\n"
    rows = [f"{100 + n},2024,{','.join(answer(n) for _ in codes[:-1])},3,{seconds(n)}" for n in range(60)]
    desk.files["survey.csv"] = "\n".join([f"person_id,wave,{','.join(codes)},seconds", *rows]) + "\n"


@breaks("DQ092", "survey.csv")
def _(desk: Any) -> None:
    _many(desk, lambda n: "3" if n % 4 == 0 else str(1 + n % 5), lambda n: 300 + n)


@breaks("DQ093", "survey.csv, column seconds")
def _(desk: Any) -> None:
    _many(desk, lambda n: str(1 + n % 5), lambda n: 100 if n % 4 == 0 else 300 + n)


def _from_limesurvey(desk: Any) -> None:
    """The survey as LimeSurvey exports it: codes without their signs, and its own columns beside them."""
    head, *rows = desk.files["survey.csv"].splitlines()
    lines = [f"id,submitdate,lastpage,startlanguage,{head.replace('I_PAY', 'IPAY')}"]
    lines += [f"{place},2024-03-01 10:00:00,4,nl,{row}" for place, row in enumerate(rows, start=1)]
    desk.files["survey.csv"] = "\n".join(lines) + "\n"


@breaks("DQ094", "survey.csv")
def _(desk: Any) -> None:
    _from_limesurvey(desk)


@breaks("DQ095", "survey.csv")
def _(desk: Any) -> None:
    _from_limesurvey(desk)


def _own_codes(desk: Any, *waves: tuple[str, Sequence[str]]) -> None:
    """Waves of people who are known by codes of their own making, and by nothing else."""
    del desk.settings["sources"]["people"], desk.settings["outcome"]
    desk.settings["sources"]["responses"] = [
        {"file": f"{wave}.csv", "wave": wave, "columns": {"person_id": "own_code"}, "tokens": True} for wave, _ in waves
    ]
    for wave, codes in waves:
        rows = [f"{code},{1 + place % 5},{1 + place % 4}" for place, code in enumerate(codes)]
        desk.files[f"{wave}.csv"] = "\n".join(["own_code,I_PAY,E_PAY", *rows]) + "\n"


@breaks("DQ096", "2024.csv, column own_code")
def _(desk: Any) -> None:
    _own_codes(desk, ("2024", ["em07do", "em07do", "x", "an12ke"]))


@breaks("DQ097", "2023.csv, 2024.csv, column own_code")
def _(desk: Any) -> None:
    _own_codes(desk, ("2023", ["em07do", "an12ke"]), ("2024", ["em07da", "an12ke"]))


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


def test_no_code_is_used_twice() -> None:
    one = RULES["DQ001"]
    with pytest.raises(ValueError, match="Two rules have the code DQ001: 'file not found' and 'another'"):
        by_code((one, replace(one, title="another")))


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_broken_rule_is_found_where_it_is_broken_without_a_persons_value(code: str, desk: Any) -> None:
    function, where = CASES[code]
    function(desk)
    findings = desk.read().findings
    found = findings[findings["code"] == code]
    assert where in list(found["where"])
    assert set(found["severity"]) == {str(RULES[code].severity)}
    assert (found["advice"] != "").all()
    text = "\n".join(finding_lines(findings))
    for value in (
        "someone@example.org",
        "1.23E+05",
        "eigen verzoek",
        "een eigen boot",
        "2023-02-30",
        "03-04-2019",
        "uur",
    ):
        assert value not in text


@pytest.mark.parametrize(("year", "asked"), [(2024, True), (2025, False)])
def test_a_window_is_asked_about_where_nobody_moves_in_its_last_months(year: int, asked: bool, desk: Any) -> None:
    _busy_until(desk, year)
    assert ("DQ076" in set(desk.read().findings["code"])) == asked


def test_a_list_of_ticks_says_the_same_as_yes_and_no(desks: Any) -> None:
    """As tools export a question with several answers; who picked nothing is not known to have answered."""
    plain, ticked = desks(), desks()
    _ticks_only(ticked)
    picks = ["H_pick3_a", "H_pick3_b"]
    one, two = (desk.read().tables["responses"][picks] for desk in (plain, ticked))
    picked = one.eq(1).any(axis=1)
    assert picked.any() and not picked.all()
    pd.testing.assert_frame_equal(one[picked], two[picked])
    assert two[~picked].isna().all(axis=None)
    assert "DQ037" not in set(ticked.read().findings.query("where.str.contains('H_pick3')")["code"])


def test_all_errors_of_all_files_come_at_once_and_are_readable(desk: Any) -> None:
    for code in ("DQ025", "DQ010", "DQ032", "DQ034"):
        CASES[code][0](desk)
    with pytest.raises(RefusedData) as refusal:
        refuse_errors(desk.read().findings)
    assert [line[:5] for line in refusal.value.lines] == ["DQ010", "DQ025", "DQ032", "DQ034"]
    assert refusal.value.lines[1] == (
        "DQ025 people.csv, column end_date, row 3: end before start (expected an end on or after the start; "
        "found an earlier end). What to do: correct the dates in the export"
    )
    assert "4 errors" in str(refusal.value)


def test_many_rows_are_counted_and_not_all_named(desk: Any) -> None:
    desk.settings["ingest"] = {"max_rows_named": 2}
    for old in ("2019-03-01", "2020-05-01", "2021-01-01"):
        desk.swap("people.csv", old, "03-04-2019")
    found = desk.read().findings.set_index("code").loc["DQ021"]
    assert found["where"] == "people.csv, column start_date, rows 2, 3 and 1 more"
    assert found["count"] == 3


def test_a_missing_column_is_explained_with_the_nearest_name(desk: Any) -> None:
    desk.people["columns"] = {"start_date": "strat_date"}
    lines = finding_lines(desk.read().findings, severities=("error",))
    assert any("did you mean 'start_date'?" in line for line in lines)


def test_reading_changes_no_file(desk: Any) -> None:
    desk.study()
    before = {path.name: path.read_bytes() for path in desk.folder.iterdir()}
    desk.read()
    assert {path.name: path.read_bytes() for path in desk.folder.iterdir()} == before


def test_the_same_export_as_excel_or_parquet_gives_the_same_tables(desks: Callable[[], Any]) -> None:
    plain, stored = desks(), desks()
    table = pd.read_csv(io.StringIO(plain.files["people.csv"]), dtype={"person_id": str}, keep_default_na=False)
    table["start_date"] = pd.to_datetime(table["start_date"])
    table.to_parquet(stored.folder / "people.parquet")
    stored.people["file"] = "people.parquet"
    book, sheet = desks(), "People"
    with pd.ExcelWriter(book.folder / "people.xlsx", engine="xlsxwriter") as writer:
        table.to_excel(writer, sheet_name="Readme", index=False, header=False, startrow=3)
        table.to_excel(writer, sheet_name=sheet, index=False)
    book.people.update(file="people.xlsx", sheet=sheet)
    expected = plain.read().tables
    for other in (stored, book):
        inputs = other.read()
        refuse_errors(inputs.findings)
        for name in ("people", "audit", "responses"):
            pd.testing.assert_frame_equal(inputs.tables[name], expected[name])
