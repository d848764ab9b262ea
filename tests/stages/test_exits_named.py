"""The headline names which exits it counts; where the cause asked for cannot be told, the change stands beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from segment.displays.retention import cause_name
from segment.locale import say
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.check import check_study

ANY = {"nl": "om welke reden ook", "en": "for any reason"}
OWN = {"nl": "op eigen initiatief", "en": "of their own will"}
INSTEAD = {"nl": "niet apart te zeggen", "en": "cannot be reported separately here"}
DATES = {"kind": "spells", "window": {"start": "2020-01-01", "end": "2024-12-31"}}
TENURE = {"kind": "duration", "column": "months", "event": "why", "no": ["0"]}
FLAG = {"kind": "horizon", "column": "gone", "yes": ["1"], "no": ["0"]}


@dataclass(frozen=True)
class Case:
    """An outcome, which share of the exits is by choice (nothing: nobody says why), and what has to be said."""

    outcome: dict[str, object]
    by_choice: float | None
    counted: dict[str, str]
    instead: bool


#: How associations are introduced: with the one cause they are about.
ABOUT = {"both": "voluntary", "one of two": "voluntary", "one alone": "voluntary", "too few": "voluntary",
         "nobody says why": "left", "not asked for": "left", "tenure": "involuntary", "a flag of choice": "voluntary",
         "a flag that does not say": "left"}  # fmt: skip
BOTH = {"causes": ["voluntary", "involuntary"]}
CASES = {
    "both": Case(DATES | BOTH, 0.7, ANY, False),
    "one of two": Case(DATES | {"causes": ["voluntary"]}, 0.7, ANY, False),
    "one alone": Case(DATES | {"causes": ["voluntary"]}, 1.0, OWN, False),
    "too few": Case(DATES | BOTH, 0.02, ANY, True),
    "nobody says why": Case(DATES | BOTH, None, ANY, True),
    "not asked for": Case(DATES, None, ANY, False),
    "tenure": Case(TENURE | BOTH, 0.01, ANY, True),
    "a flag of choice": Case(FLAG | {"causes": ["voluntary"]}, None, OWN, False),
    "a flag that does not say": Case(FLAG | BOTH, None, ANY, True),
}


def folder_of(folder: Path, case: Case) -> Path:
    """Eight hundred people of whom the higher grades stay longer."""
    rng = np.random.default_rng(3)
    grade = rng.integers(1, 9, 800)
    start = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1_600, 800), unit="D")
    months = rng.exponential(45 * np.exp(0.3 * (grade - 4.5))) + 0.2
    end = start + pd.to_timedelta((months * 30.44).round(), unit="D")
    gone = end <= pd.Timestamp("2024-12-31")
    why = np.where(rng.random(800) < (case.by_choice or 0), "voluntary", "involuntary")
    table = pd.DataFrame({"number": np.arange(800) + 1, "grade": grade})
    dates: dict[str, str] = {}
    if case.outcome["kind"] == "spells":
        table = table.assign(start=start.date, end=np.where(gone, end.date, None))
        dates = {"start_date": "start", "end_date": "end"}
        if case.by_choice is not None:
            table, dates = table.assign(why=np.where(gone, why, None)), dates | {"end_reason": "why"}
        table = table[end > pd.Timestamp("2020-01-01")]
    elif case.outcome["kind"] == "duration":
        table = table.assign(months=np.minimum(months, 40).round(2), why=np.where(months < 40, why, "0"))
    else:
        table = table.assign(gone=(months < 40).astype(int))
    table.to_csv(folder / "people.csv", index=False)
    source = {
        "file": "people.csv", "columns": {"person_id": "number", **dates},
        "attributes": {"grade": {"purpose": "model", "type": "number"}},
    }  # fmt: skip
    settings = {
        "study": "named", "title": {"nl": "Genoemd", "en": "Named"}, "data": "simulated",
        "sources": {"people": source}, "outcome": case.outcome,
        "retention": {"learner": "linear", "bootstrap": 5, "max_rows": 3000},
    }  # fmt: skip
    (folder / "study.yaml").write_text(json.dumps(settings), encoding="utf-8")
    return folder / "study.yaml"


@pytest.fixture(scope="module", params=CASES)
def walked_case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Case, OpenStudy, str, list[str]]:
    """A study after the whole way, what `check` said of it, and what the console said."""
    case, folder = CASES[request.param], tmp_path_factory.mktemp("named")
    file, overrides = folder_of(folder, case), [f"workspace={folder / 'work'}"]
    lines = check_study(file, overrides=overrides)
    opened = open_study(file, overrides=overrides)
    receipts = [run_stage(stage, opened) for stage in STAGES_IN_ORDER.values()]
    return case, opened, "\n".join(lines), [receipt.said for receipt in receipts]


def test_page_one_names_the_exits_it_counts_and_what_cannot_be_told(
    walked_case: tuple[Case, OpenStudy, str, list[str]],
) -> None:
    case, opened, _, _ = walked_case
    (folder,) = (opened.workspace / "exports").iterdir()
    for language in ("nl", "en"):
        page = (folder / f"report.{language}.html").read_text(encoding="utf-8")
        figures, who = page.split('id="q-1"')[0], page.split('id="q-1"')[1].split("<section")[0]
        other = OWN if case.counted is ANY else ANY
        for part in (figures, who):
            assert case.counted[language] in part
            assert other[language] not in part
        assert (INSTEAD[language] in who) == case.instead


def test_workbook_tracker_console_and_check_say_it_too(walked_case: tuple[Case, OpenStudy, str, list[str]]) -> None:
    case, opened, checked, said = walked_case
    (folder,) = (opened.workspace / "exports").iterdir()
    for language in ("nl", "en"):
        book = CalamineWorkbook.from_path(str(folder / f"segments.{language}.xlsx"))
        cells = " ".join(str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row)
        assert case.counted[language] in cells
        assert (INSTEAD[language] in cells) == case.instead
    records = opened.store.read("records_retain").to_dict("records")
    (exits,) = {one["value"] for one in records if one["name"] == "retention.headline_exits"}
    choice = {"both", "one of two", "one alone", "a flag of choice"}
    asked = next(name for name, one in CASES.items() if one is case) in choice
    assert exits == ("voluntary" if asked else "any reason")
    assert any(one["name"] == "finding_RT013" for one in records) == case.instead
    assert ("RT013" in checked) == case.instead
    retained, published = said[2], said[-1]
    assert ("asked for but not reported separately" in retained) == case.instead
    assert case.counted["en"] in published and (INSTEAD["en"] in published) == case.instead


def test_associations_say_leaving_for_which_cause_they_are_about(
    walked_case: tuple[Case, OpenStudy, str, list[str]],
) -> None:
    case, opened, _, _ = walked_case
    name = next(name for name, one in CASES.items() if one is case)
    assert set(opened.store.read("effects")["cause"]) == {ABOUT[name]}
    (folder,) = (opened.workspace / "exports").iterdir()
    sentences = {key: say(f"report.explained.{key}", "en") for key in ("any", "voluntary", "involuntary")}
    page = unescape((folder / "method.en.html").read_text(encoding="utf-8"))
    told = {key for key, sentence in sentences.items() if sentence in page}
    assert told == {"any" if ABOUT[name] == "left" else ABOUT[name]}
    book = CalamineWorkbook.from_path(str(folder / "segments.en.xlsx"))
    rows = book.get_sheet_by_name(say("workbook.sheet.associations", "en")).to_python()
    words = {row[-1] for row in rows if row[0] == say("workbook.figure.association", "en")}
    assert words == {cause_name(ABOUT[name], "en")}


def test_what_check_foresees_the_run_and_its_readers_are_told(
    walked_case: tuple[Case, OpenStudy, str, list[str]],
) -> None:
    case, opened, checked, _ = walked_case
    found = opened.store.read_or_empty("retention_findings")
    assert {line.split()[0] for line in checked.splitlines() if line.startswith("RT")} <= set(found.get("code", ()))
    (folder,) = (opened.workspace / "exports").iterdir()
    page = unescape((folder / "report.en.html").read_text(encoding="utf-8"))
    rare = "hardly anybody, left for the reason ‘left by choice’"
    assert (rare in page) == (case.outcome["kind"] == "duration")
