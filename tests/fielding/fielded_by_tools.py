"""What each survey tool exports once people have answered a survey that was made from a codebook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from segment.tables.options import bare

#: One row of answers as text, by the codebook's columns, and what one tool writes of it: its columns and cells.
Row = Mapping[str, str]
Cell = tuple[str, str, str]


def of_limesurvey(survey: str, row: Row, *, words: bool) -> list[Cell]:
    """Heading, wording and cell of each column of LimeSurvey's CSV: codes as headings, answers as codes or in full."""
    told: list[Cell] = []
    codes = {bare(name): name for name in row}
    for question, parts, labels in _questions(survey):
        name = question["name"]
        if question["type/scale"] == "R":
            ranks = {rank: place for place, rank in _ranks(row, codes_of(row, name), labels).items()}
            for place in range(1, len(labels) + 1):
                said = str(ranks.get(str(place), ""))
                told.append((f"{name}[{place}]", "", labels.get(said, "") if words else said))
        elif question["type/scale"] == "M":
            for part in parts:
                ticked = row[codes[name + part["name"]]] == "1"
                told.append((f"{name}[{part['name']}]", part["text"], ("Yes" if words else "Y") if ticked else ""))
        elif parts:
            for part in parts:
                said = _number(row[codes[part["name"]]])
                told.append((f"{name}[{part['name']}]", part["text"], labels.get(said, said) if words else said))
        elif labels:
            options = [bare(code) for code in row if code.startswith("J_") and code != "J_weight"]
            said = str(options.index(bare(row[codes[name]])) + 1) if row[codes[name]] else ""
            told.append((name, question["text"], labels.get(said, "") if words else said))
        else:
            told.append((name, question["text"], row.get(codes.get(name, ""), "")))
    return told


def codes_of(row: Row, name: str) -> list[str]:
    """The codebook's columns of a ranking, in order."""
    return [code for code in row if bare(code).startswith(name) and bare(code) != name]


def _ranks(row: Row, columns: list[str], labels: Mapping[str, str]) -> dict[int, str]:
    return {place: row[code] for place, code in enumerate(columns, start=1) if row[code]}


def _number(said: str) -> str:
    return {"yes": "1", "no": "0"}.get(said, said)


def _questions(survey: str) -> list[tuple[dict[str, str], list[dict[str, str]], dict[str, str]]]:
    found: list[tuple[dict[str, str], list[dict[str, str]], dict[str, str]]] = []
    for one in csv.DictReader(io.StringIO(survey.lstrip("\ufeff")), delimiter="\t"):
        if one["class"] == "Q":
            found.append((one, [], {}))
        elif one["class"] == "SQ":
            found[-1][1].append(one)
        elif one["class"] == "A":
            found[-1][2][one["name"]] = one["text"]
    return found


def of_qualtrics(survey: str, row: Row, *, words: bool) -> list[Cell]:
    """Name, question and cell of each column of Qualtrics' CSV: numeric values or choice text."""
    told: list[Cell] = []
    for element in json.loads(survey)["SurveyElements"]:
        if element["Element"] != "SQ":
            continue
        asked = element["Payload"]
        tag, text = asked["DataExportTag"], asked["QuestionText"]
        choices = {key: one["Display"] for key, one in asked.get("Choices", {}).items()}
        if asked["QuestionType"] == "Matrix":
            answers = {asked["RecodeValues"][key]: one["Display"] for key, one in asked["Answers"].items()}
            for key, statement in choices.items():
                code = asked["ChoiceDataExportTags"][key]
                said = _number(row[code])
                told.append((code, f"{text} - {statement}", answers.get(said, said) if words else said))
        elif asked["QuestionType"] == "RO":
            columns = codes_of(row, bare(tag))
            told += [(f"{tag}_{key}", choices[key], row[columns[int(key) - 1]]) for key in choices]
        elif asked["Selector"] == "MAVR":
            columns = codes_of(row, bare(tag))
            for key, choice in choices.items():
                picked = row[columns[int(key) - 1]] == "1"
                told.append((f"{tag}_{key}", choice, (choice if words else "1") if picked else ""))
        elif choices:
            options = [code for code in row if code.startswith("J_") and code != tag]
            said = str(options.index(row[tag]) + 1) if row[tag] else ""
            told.append((tag, text, choices.get(said, "") if words else said))
        else:
            told.append((tag, text, row.get(tag, "")))
    return told


def of_forms(survey: str, row: Row, *, words: bool) -> list[Cell]:
    """Heading and cell of each column of the sheet behind a Google Form: grids have their statement in brackets."""
    line = next(line for line in survey.splitlines() if line.startswith("const SURVEY = "))
    told: list[Cell] = []
    for block in json.loads(line.removeprefix("const SURVEY = ").rstrip(";"))["blocks"]:
        first, labels = block["rows"][0], {one["code"]: one["text"] for one in block["choices"]}
        code, text = first["code"], first["text"]
        if block["answering"] == "grid":
            for one in block["rows"]:
                said = labels.get(_number(row[one["code"]]), "")
                told.append((f"{block['heading']} [{one['text']}]", "", said))
        elif block["answering"] == "rank":
            told += [(f"{text} [{label}]", "", row[f"{code}_{option}"]) for option, label in labels.items()]
        elif block["answering"] == "many":
            picked = [label for option, label in labels.items() if row[f"{code}_{option}"] == "1"]
            told.append((text, "", ", ".join(picked)))
        else:
            told.append((text, "", labels.get(row.get(code, ""), row.get(code, ""))))
    return told


def of_microsoft_forms(survey: str, row: Row, *, words: bool) -> list[Cell]:
    """Heading and cell of each column of Microsoft Forms' workbook: a statement's own words, numbered where they stand
    twice; several answers in one cell, each with a semicolon behind it."""
    line = next(line for line in survey.splitlines() if line.startswith("const SURVEY = "))
    told: list[Cell] = []
    for block in json.loads(line.removeprefix("const SURVEY = ").rstrip(";"))["blocks"]:
        first, labels = block["rows"][0], {one["code"]: one["text"] for one in block["choices"]}
        code, text = first["code"], first["text"]
        if block["answering"] == "rank":
            ranks = {int(row[f"{code}_{option}"]): label for option, label in labels.items() if row[f"{code}_{option}"]}
            told.append((text, "", "".join(f"{ranks[place]};" for place in sorted(ranks))))
        elif block["answering"] == "many":
            picked = [label for option, label in labels.items() if row[f"{code}_{option}"] == "1"]
            told.append((text, "", "".join(f"{label};" for label in picked)))
        else:
            for one in block["rows"]:
                said = row.get(one["code"], "")
                told.append((one["text"], "", labels.get(_number(said), said)))
    seen: dict[str, int] = {}
    for place, (name, _, cell) in enumerate(told):
        seen[name] = seen.get(name, 0) + 1
        told[place] = (f"{name}{seen[name]}" if seen[name] > 1 else name, "", cell)
    return told


Export = Callable[..., list[Cell]]
EXPORTS: dict[str, Export] = {"limesurvey": of_limesurvey, "qualtrics": of_qualtrics, "forms": of_forms}
#: Tools of which only the answers come back: a script for a Google Form says what is asked in Microsoft's as well.
ANSWERED: dict[str, Export] = EXPORTS | {"microsoft": of_microsoft_forms}
#: Columns that Microsoft Forms writes before the answers, by the language of its page.
MICROSOFT = {
    "nl": ("ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", "Tijd van laatste wijziging"),
    "en": ("Id", "Start time", "Completion time", "Email", "Name", "Last modified time"),
}


def export(folder: Path, tool: str, survey: str, answers: pd.DataFrame, *, words: bool) -> Path:
    """The file that a tool exports once these answers were given, beside the columns it notes itself."""
    rows = [
        ANSWERED[tool](survey, dict(zip(answers.columns, row, strict=True)), words=words) for row in answers.to_numpy()
    ]
    table = pd.DataFrame([[cell for _, _, cell in row] for row in rows], columns=[name for name, _, _ in rows[0]])
    who = answers["person_id"]
    if tool == "limesurvey":
        noted = {
            "id": range(1, len(who) + 1), "submitdate": "1980-01-01 00:00:00", "lastpage": "20",
            "startlanguage": "nl", "seed": "17", "token": who,
        }  # fmt: skip
        file = folder / "results-survey1.csv"
        pd.concat([pd.DataFrame(noted), table], axis=1).to_csv(file, index=False, quoting=csv.QUOTE_ALL)
        return file
    if tool == "forms":
        file = folder / "form.xlsx"
        times = pd.Series(pd.date_range("2024-03-01", periods=len(who), freq="h"), name="Timestamp")
        pd.concat([times, table], axis=1).to_excel(file, index=False)
        return file
    if tool == "microsoft":
        file = folder / "answers.xlsx"
        times = pd.date_range("2024-03-01 09:00:07", periods=len(who), freq="h")
        mails = [f"respondent{place}@example.org" for place in range(len(who))]
        names = [f"Respondent van der Nummer {place}" for place in range(len(who))]
        cells = (range(1, len(who) + 1), times, times, mails, names, [None] * len(who))
        noted = dict(zip(MICROSOFT["en" if words else "nl"], cells, strict=True))
        pd.concat([pd.DataFrame(noted), table], axis=1).to_excel(file, index=False)
        return file
    noted = {
        "StartDate": "2024-03-14 10:00:00", "EndDate": "2024-03-14 10:09:00", "Status": "0", "Progress": "100",
        "Finished": "1", "RecordedDate": "2024-03-14 10:09:00", "ResponseId": [f"R_{n}" for n in range(len(who))],
        "ExternalReference": who, "IPAddress": "",
    }  # fmt: skip
    beside = pd.DataFrame(noted)
    file = folder / "qualtrics.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([*beside, *table])
        writer.writerow([*beside, *(text for _, text, _ in rows[0])])
        writer.writerow([json.dumps({"ImportId": name}) for name in [*beside, *table]])
        writer.writerows(pd.concat([beside, table], axis=1).to_numpy().tolist())
    return file
