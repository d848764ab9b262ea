"""The workbook of Microsoft Forms with questions of one's own: from the file on the desk to answers, nothing edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from segment.config import load_study
from segment.ingest import Inputs, read_inputs
from segment.ingest.tools import tool_of
from segment.onboarding import begin_study

WORDS = ("Helemaal mee oneens", "Mee oneens", "Neutraal", "Mee eens", "Helemaal mee eens")
ASKED = (
    "Mijn salaris past bij wat ik bijdraag.", "Ik kan hier groeien,\nook op termijn.",
    "Mijn collega's helpen mij; altijd?", "Ik heb vrijheid in mijn werk.\xa0",
)  # fmt: skip
NOTED = {
    "Dutch": ("ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", "Tijd van laatste wijziging"),
    "English": ("Id", "Start time", "Completion time", "Email", "Name", "Last modified time"),
    "without names": ("ID", "Start time", "Completion time", "Email"),
}
PEOPLE = 60


def workbook(file: Path, noted: tuple[str, ...], *, day: str = "2025-11-03", number: bool = False) -> Path:
    """What Microsoft Forms writes, as far as public exports show it: lists end in a semicolon."""
    times = pd.Series(pd.date_range(f"{day} 09:00:07", periods=PEOPLE, freq="37min"))
    own = [
        range(1, PEOPLE + 1), times, times + pd.Timedelta("4min"), [f"r{n}@example.org" for n in range(PEOPLE)],
        [f"Respondent {n}" for n in range(PEOPLE)], [None] * PEOPLE,
    ]  # fmt: skip
    cells: dict[str, Any] = dict(zip(noted, own, strict=False))
    cells |= {"Wat is uw afdeling?": ["Zorg", "Staf", "Techniek"] * (PEOPLE // 3)}
    cells |= {asked: [WORDS[(n + place) % 5] for n in range(PEOPLE)] for place, asked in enumerate(ASKED)}
    cells |= {"Wat wenst u? (kies er hoogstens drie)": ["Loon;", "Loon;Uren;", None] * (PEOPLE // 3)}
    cells |= {"Zet op volgorde": ["Loon;Uren;Auto;", "Auto;Loon;Uren;"] * (PEOPLE // 2)}
    cells |= {
        "Wat wilt u nog kwijt?": [f"Wat Piet van der Berg {n} zei klopt" if n % 3 else None for n in range(PEOPLE)]
    }
    if number:
        cells |= {"Wat is uw personeelsnummer?": [str(n + 1000) for n in range(PEOPLE)]}
    pd.DataFrame(cells).to_excel(file, index=False)
    return file


def read(study: Path) -> Inputs:
    inputs = read_inputs(load_study(study), key=bytes(range(32)))
    assert inputs.findings[inputs.findings["severity"] == "error"].empty, inputs.findings.to_string()
    return inputs


@pytest.mark.parametrize("noted", NOTED.values(), ids=NOTED)
def test_questions_of_ones_own_are_read_and_nobody_is_named(noted: tuple[str, ...], tmp_path: Path) -> None:
    begin_study(tmp_path / "new", surveys=[workbook(tmp_path / "answers.xlsx", noted)], people=[])
    told = YAML(typ="safe").load(tmp_path / "new" / "study.yaml")
    (source,) = told["sources"]["responses"]
    assert source["number_rows"] and source["wave"] == "2025-11" and str(source["date"]) == "2025-11-30"
    why = source["ignore"]
    assert all("identifies people" in why[name] for name in noted[3:5])
    assert all("Microsoft Forms" in why[name] for name in (*noted[:3], *noted[5:]))
    assert "several answers" in why["Zet op volgorde"] and "several" in why["Wat wenst u? (kies er hoogstens drie)"]
    assert "free text" in why["Wat wilt u nog kwijt?"]
    assert list(told["sources"]["people"]["attributes"]) == ["Wat is uw afdeling?"]
    start = (tmp_path / "new" / "START.md").read_text(encoding="utf-8")
    assert "Microsoft Forms" in start and f"`{noted[0]}` counts the answers of this survey alone" in start
    assert not any(word in start for word in ("example.org", "Respondent ", "Piet"))
    answers = read(tmp_path / "new" / "study.yaml").tables["responses"]
    assert len(answers) == PEOPLE
    assert sorted(answers[ASKED[1]].unique()) == [1, 2, 3, 4, 5] and answers[ASKED[3].strip()].notna().all()


def test_the_same_number_in_two_forms_is_nobody_again(tmp_path: Path) -> None:
    """The tool counts answers from 1 in every form: its number links no waves and is nobody's at HR."""
    files = [
        workbook(tmp_path / f"{day}.xlsx", NOTED["English"], day=day) for day in ("2024-11-04", "2025-11-03")
    ]  # fmt: skip
    staff = pd.DataFrame({"employee_id": range(1, 90), "start_date": "2020-01-01", "end_date": None, "team": "A"})
    staff.to_csv(tmp_path / "hr.csv", index=False)
    begin_study(tmp_path / "alone", surveys=files, people=[])
    assert read(tmp_path / "alone" / "study.yaml").tables["responses"]["person"].nunique() == 2 * PEOPLE
    begin_study(tmp_path / "joined", surveys=files[:1], people=[tmp_path / "hr.csv"])
    (source,) = YAML(typ="safe").load(tmp_path / "joined" / "study.yaml")["sources"]["responses"]
    assert source["number_rows"] and "columns" not in source


@pytest.mark.parametrize(("key", "column"), [("personnel", "Wat is uw personeelsnummer?"), ("mail", "E-mail")])
def test_what_hr_knows_too_says_who_answered(key: str, column: str, tmp_path: Path) -> None:
    file = workbook(tmp_path / "answers.xlsx", NOTED["Dutch"], number=True)
    known = [str(n + 1000) if key == "personnel" else f"r{n}@example.org" for n in range(PEOPLE + 20)]
    staff = pd.DataFrame({"person_id": known, "start_date": "2020-01-01", "end_date": None, "team": "A"})
    staff.to_csv(tmp_path / "hr.csv", index=False)
    begin_study(tmp_path / "new", surveys=[file], people=[tmp_path / "hr.csv"])
    (source,) = YAML(typ="safe").load(tmp_path / "new" / "study.yaml")["sources"]["responses"]
    assert source["columns"]["person_id"] == column


def test_a_table_with_a_number_and_a_name_is_no_form() -> None:
    assert tool_of(["ID", "Name", "Email", "Start time", "Department"]) == "Microsoft Forms"
    assert tool_of(["ID", "Name", "Email", "Department"]) == ""
