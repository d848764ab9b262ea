"""From exports to a study: what is proposed passes the check, tells nobody's values, and overwrites nothing."""

from __future__ import annotations

import csv
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from ruamel.yaml import YAML

from segment.cli.base import with_each
from segment.errors import Refusal
from segment.onboarding import begin_study
from segment.stages.check import check_study
from segment.stages.simulate import simulate_into
from segment.tables.codebook import read_codebook
from segment.vocabulary import World

AGREE = {1: "Strongly disagree", 2: "Disagree", 3: "Neither agree nor disagree", 4: "Agree", 5: "Strongly agree"}
ASKED = {
    "Q1": "How important is good pay to you?",
    "Q2": "How important is a secure job to you?",
    "Q3": "I am paid fairly for my work.",
    "Q4": "My job here is secure.",
    "Q5": "I can learn new skills in my job.",
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SEGMENT_PSEUDONYM_KEY", secrets.token_hex(32))
    yield


def answers(n: int = 120, *, seed: int = 0) -> pd.DataFrame:
    """Answers of people on five points, with somebody who left a question open."""
    draw = np.random.default_rng(seed)
    table = pd.DataFrame(draw.integers(1, 6, (n, len(ASKED))).astype(float), columns=list(ASKED))
    table.iloc[3, 1] = np.nan
    table.insert(0, "EmployeeID", [f"p{number:05d}" for number in range(n)])
    return table


def begin(folder: Path, *surveys: Path, people: Path | None = None) -> dict[str, object]:
    begin_study(folder, surveys=list(surveys), people=[people] if people else [])
    settings = YAML(typ="safe").load(folder / "study.yaml")
    assert isinstance(settings, dict)
    return settings


def check(folder: Path) -> str:
    return "\n".join(check_study(folder / "study.yaml", overrides=[f"workspace={folder / 'workspace'}"]))


def rows_of(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "codebook.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def written(folder: Path) -> str:
    return "\n".join((folder / name).read_text() for name in ("study.yaml", "codebook.csv", "START.md"))


def test_two_waves_and_an_hr_export_become_a_study_that_passes(tmp_path: Path) -> None:
    made = tmp_path / "made"
    simulate_into(made, people=150, seed=1, world=World.NEEDS, waves=2)
    folder = tmp_path / "ours"
    settings = begin(folder, *sorted(made.glob("responses_*.csv")), people=made / "people.csv")
    assert "none of them an error" in check(folder)
    assert settings["outcome"]["kind"] == "spells"
    attributes = settings["sources"]["people"]["attributes"]
    assert {name for name, said in attributes.items() if said["purpose"] == "audit"} == {"age", "sex"}
    assert rows_of(folder)["I_PAY_match"]["kind"] == "importance"


def test_an_export_of_qualtrics_with_its_questionnaire(tmp_path: Path) -> None:
    table = answers()
    words = table.map(lambda cell: AGREE.get(cell, cell)).fillna("").drop(columns="EmployeeID")
    words.insert(0, "RecordedDate", "2024-03-14 10:00:00")
    words.insert(1, "ResponseId", table["EmployeeID"])
    words.insert(2, "IPAddress", "10.0.0.1")
    words.insert(3, "Finished", "True")
    data = tmp_path / "export.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(words.columns)
        writer.writerow([ASKED.get(name, name) for name in words])
        writer.writerow([json.dumps({"ImportId": name}) for name in words])
        writer.writerows(words.to_numpy().tolist())
    settings = begin(tmp_path / "study", data, qsf(tmp_path))
    assert "none of them an error" in check(tmp_path / "study")
    (source,) = settings["sources"]["responses"]
    assert source["columns"] == {"person_id": "ResponseId"} and source["wave"] == "2024-03"
    assert str(source["date"]) == "2024-03-31"
    rows = rows_of(tmp_path / "study")
    assert list(rows) == list(ASKED)
    assert [row["kind"] for row in rows.values()] == ["importance"] * 2 + ["experience"] * 3
    assert [row["driver"] for row in rows.values()] == ["PAY", "SEC", "PAY", "SEC", "GRO"]
    assert {row["scale"] for row in rows.values()} == {"imp5", "true5"} and rows["Q1"]["block"] == "Work"


def qsf(folder: Path) -> Path:
    questions = [
        {
            "Element": "SQ", "PrimaryAttribute": f"QID{tag}",
            "Payload": {
                "QuestionText": f"<b>{text}</b>", "DataExportTag": tag, "QuestionType": "MC", "Selector": "SAVR",
                "Choices": {str(code): {"Display": word} for code, word in AGREE.items()},
            },
        }
        for tag, text in ASKED.items()
    ]  # fmt: skip
    blocks = [{"Type": "Question", "QuestionID": f"QID{tag}"} for tag in ASKED]
    elements = [{"Element": "BL", "Payload": [{"Description": "Work", "BlockElements": blocks}]}, *questions]
    file = folder / "survey.qsf"
    file.write_text(json.dumps({"SurveyElements": elements}), encoding="utf-8")
    return file


def test_labels_that_run_from_high_to_low_turn_a_question_and_nothing_else_does(tmp_path: Path) -> None:
    falling = {6 - code: word for code, word in AGREE.items()}
    table, data = answers(), tmp_path / "survey.sav"
    table["Q4"] = 6 - table["Q3"]
    labels = {name: falling if name == "Q1" else AGREE for name in ASKED}
    pyreadstat.write_sav(table, str(data), column_labels=["Who", *ASKED.values()], variable_value_labels=labels)
    begin(tmp_path / "study", data)
    assert {code: row["reverse"] for code, row in rows_of(tmp_path / "study").items() if row["reverse"]} == {"Q1": "R"}
    assert "none of them an error" in check(tmp_path / "study")


def test_european_text_is_read_as_it_is_written(tmp_path: Path) -> None:
    table = answers()
    hr = pd.DataFrame({
        "Personeelsnummer": table["EmployeeID"], "Datum in dienst": "25-03-2015", "Datum uit dienst": "",
        "Uren": "36,5", "Afdeling": np.where(np.arange(len(table)) % 2, "Zorg", "Behandeling"), "Geslacht": "v",
        "E-mail": "ann@example.org", "Verzuim": 3,
    })  # fmt: skip
    hr.loc[:14, "Datum uit dienst"] = "13-06-2023"
    hr.loc[::2, "Uren"] = "24,0"
    hr.loc[::3, "Geslacht"] = "m"
    hr.to_csv(tmp_path / "hr.csv", sep=";", index=False, encoding="cp1252")
    plain = table.rename(columns={"EmployeeID": "Personeelsnummer"})
    plain.to_csv(tmp_path / "enquête_2024-03.csv", sep=";", index=False)
    settings = begin(tmp_path / "study", tmp_path / "enquête_2024-03.csv", people=tmp_path / "hr.csv")
    people = settings["sources"]["people"]
    assert people["columns"] == {
        "person_id": "Personeelsnummer", "start_date": "Datum in dienst", "end_date": "Datum uit dienst",
    }  # fmt: skip
    assert people["decimal"] == {"Uren": ","} and people["delimiter"] == ";"
    assert people["date_format"] == {"Datum in dienst": "%d-%m-%Y", "Datum uit dienst": "%d-%m-%Y"}
    assert people["ignore"]["Verzuim"].startswith("health") and "identifies" in people["ignore"]["E-mail"]
    assert people["attributes"]["Geslacht"]["purpose"] == "audit"
    assert "none of them an error" in check(tmp_path / "study")


def test_nobodys_value_is_written(tmp_path: Path) -> None:
    """Every cell that could be somebody's carries a mark, and no mark is found in what is written or said."""
    draw = np.random.default_rng(1)
    table = answers()
    for name, each in {"EmployeeID": 1, "Name": 1, "Remark": 1, "Nickname": 1, "Small team": 30, "Email": 1}.items():
        marks = [f"mark{int(draw.integers(1e9))}" for _ in range(-(-len(table) // each))]
        table[name] = [marks[row % len(marks)] + ("@x.org" if name == "Email" else "") for row in range(len(table))]
    table["Remark"] = "I think that " + table["Remark"] + " is very good"
    table["Born"] = [f"19{60 + row % 40}-03-1{row % 9}" for row in range(len(table))]
    table["Hired"] = [f"20{10 + row % 13}-04-1{row % 9}" for row in range(len(table))]
    table.to_csv(tmp_path / "survey.csv", index=False)
    hr = table.drop(columns=list(ASKED)).rename(columns={"Hired": "hire_date"})
    hr["end_date"] = np.where(np.arange(len(hr)) % 3 == 0, "2023-05-17", "")
    hr["end_reason"] = np.where(hr["end_date"] == "", "", "markreason" + hr["EmployeeID"])
    hr.to_csv(tmp_path / "hr.csv", index=False)
    said = begin_study(tmp_path / "study", surveys=[tmp_path / "survey.csv"], people=[tmp_path / "hr.csv"])
    everything = written(tmp_path / "study") + "\n".join(said)
    assert "mark" not in everything.replace("remark", "").replace("Remark", "")
    assert "x.org" not in everything and "2023-05-17" not in everything and "-03-1" not in everything


def test_a_file_without_an_identifier_counts_rows_and_says_so(tmp_path: Path) -> None:
    answers().drop(columns="EmployeeID").to_csv(tmp_path / "survey.csv", index=False)
    settings = begin(tmp_path / "study", tmp_path / "survey.csv")
    assert settings["sources"]["responses"][0]["number_rows"] is True
    assert "no identifier" in written(tmp_path / "study")
    assert "none of them an error" in check(tmp_path / "study")


def test_codes_beside_the_scale_are_no_answers(tmp_path: Path) -> None:
    table = answers()
    table.loc[5:9, "Q3"] = 99
    table.loc[10:12, "Q5"] = 9
    table.to_csv(tmp_path / "survey.csv", index=False)
    settings = begin(tmp_path / "study", tmp_path / "survey.csv")
    assert settings["sources"]["responses"][0]["unanswered"] == ["9", "99"]
    assert {row["scale"] for row in rows_of(tmp_path / "study").values()} == {"true5"}
    assert "none of them an error" in check(tmp_path / "study")


def test_what_is_in_the_folder_stays_as_it_is(tmp_path: Path) -> None:
    answers().to_csv(tmp_path / "survey.csv", index=False)
    for name in ("study.yaml", "codebook.csv", "START.md"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text("mine")
        (folder / "notes.txt").write_text("mine too")
        with pytest.raises(Refusal, match="overwritten"):
            begin_study(folder, surveys=[tmp_path / "survey.csv"], people=[])
        assert {one.name: one.read_text() for one in folder.iterdir()} == {name: "mine", "notes.txt": "mine too"}


def test_the_same_files_give_the_same_bytes_and_at_most_ten_decisions(tmp_path: Path) -> None:
    answers().to_csv(tmp_path / "survey.csv", index=False)
    texts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        begin(tmp_path / name / "study", tmp_path / "survey.csv")
        texts.append(written(tmp_path / name / "study").replace(f"/{name}/", "/"))
    assert texts[0] == texts[1]
    decisions = texts[0].partition("can decide\n")[2].partition("## What was")[0]
    assert 1 <= sum(line[:1].isdigit() for line in decisions.splitlines()) <= 10


def test_several_files_may_follow_one_option() -> None:
    assert with_each(["init", "d", "--survey", "a", "b", "--people", "c"]) == [
        "init", "d", "--survey", "a", "--survey", "b", "--people", "c",
    ]  # fmt: skip
    assert with_each(["run", "a", "b"]) == ["run", "a", "b"]


REFUSED = {
    "no table of answers": ("name,remark\nsecretann,hello secretworld\n" * 1 + "secretbob,bye\n", "No question"),
    "values on row 1": ("17,ann@secret.org,3,4\n18,bob@secret.org,4,5\n", "begins with values"),
    "several rows for each person": (
        "id,block,value\n" + "".join(f"{n % 20},{n},{n % 5}\n" for n in range(200)),
        "several",
    ),
    "a cut row": ("id,Q1,Q2\nsecret1,1,2\nsecret2,1", "DQ005"),
    "nothing": ("", "DQ008"),
    "a header alone": ("id,Q1,Q2\n", "no rows"),
    "two columns of one name": ("id,Q1,Q1\nsecret,1,2\n", "DQ007"),
    "signs that are no text": ("id,Q1\nsecret\x00,1\n", "DQ004"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_study_is_refused_in_words_without_a_value(name: str, tmp_path: Path) -> None:
    text, said = REFUSED[name]
    (tmp_path / "survey.csv").write_text(text)
    with pytest.raises(Refusal) as refusal:
        begin_study(tmp_path / "study", surveys=[tmp_path / "survey.csv"], people=[])
    assert said in str(refusal.value) and "survey.csv" in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert not (tmp_path / "study").exists()


def test_the_codebook_that_is_written_is_one(tmp_path: Path) -> None:
    answers().to_csv(tmp_path / "survey.csv", index=False)
    begin(tmp_path / "study", tmp_path / "survey.csv")
    book = read_codebook(tmp_path / "study" / "codebook.csv", scales={"true5": (1, 5), "imp5": (1, 5)})
    assert [item.code for item in book.items] == list(ASKED)


def test_lists_of_everyone_without_ends_become_spells(tmp_path: Path) -> None:
    """Three lists of HR, nobody's end: who is missing from the next list left in between, and the check passes."""
    simulate_into(tmp_path / "org", people=200, seed=4, world=World.NEEDS, waves=1)
    people = pd.read_csv(tmp_path / "org" / "people.csv", dtype=str, keep_default_na=False)
    people = people[people["relation"] == "employee"]
    survey = next((tmp_path / "org").glob("responses_*.csv"))
    days = ("2021-12-31", "2022-12-31", "2023-12-31")
    lists = [
        people[(people["start_date"] <= day) & ((people["end_date"] == "") | (people["end_date"] > day))].assign(
            Peildatum=day
        )
        for day in days
    ]
    pd.concat(lists).drop(columns=["end_date", "end_reason", "relation"]).to_csv(tmp_path / "lists.csv", index=False)
    settings = begin(tmp_path / "new", survey, people=tmp_path / "lists.csv")
    source = settings["sources"]["people"]
    assert source["history"] == {"gone": "middle", "absent": "stays"}
    assert source["columns"]["snapshot_date"] == "Peildatum"
    window = settings["outcome"]["window"]
    assert [str(window[name]) for name in ("start", "end")] == [days[0], days[-1]]
    told = check(tmp_path / "new")
    assert "DQ090" in told
    assert "The study may run" in told
    assert "lists of everyone" in (tmp_path / "new" / "START.md").read_text()
