"""One survey in every format reads to the same table, to the byte; what a format cannot read is a finding."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyreadstat
import pytest

from segment.ingest import refuse_errors
from segment.ingest.findings import Findings
from segment.ingest.readers import files_of, read_raw

LABELS = {1: "strongly disagree", 2: "disagree", 3: "neither agree nor disagree", 4: "agree", 5: "strongly agree"}
CODEBOOK = """\
code,driver,kind,scale,reverse,nl,en
I_PAY,PAY,importance,imp5,,Een,One
I_SEC,SEC,importance,imp5,R,Twee,Two
H_list,*,wish,pick3of12,,Drie,Three
F_ref,*,referral,yesno,,Vier,Four
"""


def frame() -> pd.DataFrame:
    """Eight people: leading zeros, a missing answer, picks, and yes or no."""
    return pd.DataFrame(
        {
            "person_id": [f"00{number}" for number in range(1, 9)],
            "I_PAY": [1.0, 2, 3, 4, 5, np.nan, 2, 4],
            "I_SEC": [5.0, 4, np.nan, 2, 1, 1, 3, 3],
            "H_list_a": [1.0, 0, 0, 1, 0, 1, 0, 0],
            "H_list_b": [0.0, 1, 0, 1, 1, 0, 0, 1],
            "F_ref": [1.0, 0, np.nan, 1, 1, 0, 0, 1],
        }
    )


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers as text, as CSV has them."""
    return table.map(lambda cell: "" if pd.isna(cell) else str(int(cell)) if isinstance(cell, float) else cell)


def as_csv(folder: Path) -> str:
    plain(frame()).to_csv(folder / "survey.csv", index=False)
    return "survey.csv"


def as_sav(folder: Path, *, name: str = "survey.sav", missing: bool = False) -> str:
    table = frame()
    ranges = {"I_PAY": [99], "F_ref": [9]} if missing else {}
    for column in ranges:
        table[column] = table[column].fillna(99 if column == "I_PAY" else 9)
    pyreadstat.write_sav(
        table, str(folder / name), column_labels=[f"About {one}" for one in table], missing_ranges=ranges,
        variable_value_labels={"I_PAY": LABELS | {99: "no opinion"}, "I_SEC": LABELS, "F_ref": {0: "No", 1: "Yes"}},
        compress=name.endswith(".zsav"),
    )  # fmt: skip
    return name


def as_por(folder: Path) -> str:
    table = frame()
    table.columns = [one.upper()[:8] for one in table.columns]
    pyreadstat.write_por(table, str(folder / "survey.por"))
    return "survey.por"


def as_dta(folder: Path) -> str:
    pyreadstat.write_dta(frame(), str(folder / "survey.dta"), variable_value_labels={"I_PAY": LABELS, "I_SEC": LABELS})
    return "survey.dta"


def as_parquet(folder: Path) -> str:
    frame().to_parquet(folder / "survey.parquet")
    return "survey.parquet"


def as_parquet_folder(folder: Path) -> str:
    for number, part in enumerate(np.array_split(np.arange(8), 3)):
        inside = folder / "survey" / f"part={number}"
        inside.mkdir(parents=True)
        frame().iloc[part].to_parquet(inside / "rows.parquet")
    (folder / "survey" / "_SUCCESS").write_text("")
    return "survey"


def as_arrow(folder: Path) -> str:
    pyarrow.feather.write_feather(pa.Table.from_pandas(frame()), str(folder / "survey.arrow"))
    return "survey.arrow"


def as_duckdb(folder: Path) -> str:
    table = pa.Table.from_pandas(frame())
    with duckdb.connect(str(folder / "survey.duckdb")) as base:
        base.register("rows", table)
        base.execute("create table survey as select * from rows")
    return "survey.duckdb"


def as_excel(folder: Path) -> str:
    with pd.ExcelWriter(folder / "survey.xlsx", engine="xlsxwriter") as writer:
        frame().to_excel(writer, index=False)
    return "survey.xlsx"


def as_qualtrics(folder: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> str:
    table = plain(frame())
    with (folder / "survey.csv").open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(table.columns)
        writer.writerow([f"About {one},\nin two lines" for one in table])
        writer.writerow([json.dumps({"ImportId": f"QID{place}"}) for place, _ in enumerate(table)])
        writer.writerows(table.to_numpy().tolist())
    return "survey.csv"


def as_limesurvey_r(folder: Path) -> str:
    table = plain(frame())
    lines = []
    for place, name in enumerate(table, start=1):
        lines += [
            f'attributes(data)$variable.labels[{place}] <- "<p>About {name}</p>"',
            f'names(data)[{place}] <- "{name}"',
        ]
    codes, words = ",".join(map(str, LABELS)), ",".join(f'"{word}"' for word in LABELS.values())
    lines.append(f"data[, 2] <- factor(data[, 2], levels=c({codes}),labels=c({words}))")
    (folder / "survey_1_R_syntax_file.R").write_text("\n".join(lines), encoding="utf-8")
    heads = ["Who", "About", "About", "", "", ""]
    table.to_csv(
        folder / "survey_1_R_data_file.csv", index=False, header=heads, quoting=csv.QUOTE_ALL, encoding="utf-8-sig"
    )
    return "survey_1_R_data_file.csv"


def as_limesurvey_spss(folder: Path) -> str:
    table = plain(frame())
    names = "\n".join(f" V{place} A10" for place, _ in enumerate(table, start=1))
    renamed = "\n".join(f"RENAME VARIABLE ( V{place} = {name} )." for place, name in enumerate(table, start=1))
    labels = "\n".join(f' "{code}" "{word}"' for code, word in LABELS.items())
    text = (
        f'GET DATA\n /VARIABLES=\n{names}\n.\nVARIABLE LABELS V2 "About pay".\nVALUE LABELS V2\n{labels}.\n{renamed}\n'
    )
    (folder / "survey_1_SPSS_syntax_file.sps").write_text(text, encoding="utf-8")
    table.to_csv(
        folder / "survey_1_SPSS_data_file.dat", index=False, header=False, quotechar="'", quoting=csv.QUOTE_ALL
    )
    return "survey_1_SPSS_data_file.dat"


FORMATS: dict[str, Callable[[Path], str]] = {
    "SPSS": as_sav,
    "SPSS, packed": lambda folder: as_sav(folder, name="survey.zsav"),
    "SPSS, missing codes": lambda folder: as_sav(folder, missing=True),
    "SPSS, portable": as_por,
    "Stata": as_dta,
    "Parquet": as_parquet,
    "a folder of Parquet": as_parquet_folder,
    "Arrow": as_arrow,
    "DuckDB": as_duckdb,
    "Excel": as_excel,
    "Qualtrics": as_qualtrics,
    "LimeSurvey for R": as_limesurvey_r,
    "LimeSurvey for SPSS": as_limesurvey_spss,
}


def responses_of(desk: Any, write: Callable[[Path], str]) -> bytes:
    desk.files["codebook.csv"] = CODEBOOK
    name = write(desk.folder)
    desk.files.pop("survey.csv")
    columns = {one: one.upper()[:8] for one in frame()} if name.endswith(".por") else {}
    desk.settings["sources"] = {"responses": [{"file": name, "wave": "2024", "columns": columns}]}
    desk.settings.pop("outcome")
    if name == "survey":
        desk.survey["ignore"] = {"part": "where the file lay"}
    inputs = desk.read()
    refuse_errors(inputs.findings)
    table = inputs.tables["responses"]
    return bytes(table.to_csv(index=False), "utf-8") + str(table.dtypes.to_dict()).encode()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_one_survey_reads_to_the_same_table(name: str, desks: Callable[[], Any]) -> None:
    assert responses_of(desks(), FORMATS[name]) == responses_of(desks(), as_csv)


def test_what_the_file_calls_missing_is_empty_and_counted(tmp_path: Path) -> None:
    found = Findings()
    table = read_raw(tmp_path / as_sav(tmp_path, missing=True), found)
    assert table is not None and int(table.frame["I_PAY"].isna().sum()) == 1
    assert [(one.rule.code, one.column, one.count, one.rows) for one in found.items] == [
        ("DQ081", "I_PAY", 1, (7,)),
        ("DQ081", "F_ref", 1, (4,)),
    ]
    assert "99" not in table.labels["I_PAY"] and table.labels["I_PAY"]["5"] == "strongly agree"


def test_questions_and_labels_come_with_the_file(tmp_path: Path) -> None:
    told = {}
    for number, (name, write) in enumerate(FORMATS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        told[name] = read_raw(folder / write(folder), Findings())
    for name in ("SPSS", "Qualtrics", "LimeSurvey for R"):
        assert told[name].questions["I_PAY"].startswith("About I_PAY"), name
    assert told["LimeSurvey for SPSS"].questions["I_PAY"] == "About pay"
    for name in ("SPSS", "Stata", "LimeSurvey for R", "LimeSurvey for SPSS"):
        assert told[name].labels["I_PAY"]["4"] == "agree", name


def test_codes_become_their_words_where_words_are_asked(desk: Any) -> None:
    table = pd.DataFrame({"person_id": ["007", "008"], "department": [1.0, 2.0]})
    pyreadstat.write_sav(
        table, str(desk.folder / "people.sav"), variable_value_labels={"department": {1: "Zorg", 2: "Onbekend"}}
    )
    desk.settings["sources"] = {"people": {"file": "people.sav", "attributes": {"department": {"purpose": "profile"}}}}
    desk.settings.pop("outcome")
    desk.settings.pop("codebook")
    people = desk.read().tables["people"]
    assert sorted(people["department"]) == ["Onbekend", "Zorg"]
    desk.people["missing"] = {"department": ["Onbekend"]}
    desk.people["values"] = {"department": {"Zorg": "care"}}
    people = desk.read().tables["people"]
    assert people["department"].dropna().tolist() == ["care"]


def test_rows_are_people_where_a_file_has_no_identifier(desk: Any) -> None:
    desk.files["codebook.csv"] = CODEBOOK
    desk.files["survey.csv"] = plain(frame().drop(columns="person_id")).to_csv(index=False)
    desk.settings["sources"] = {"responses": [{"file": "survey.csv", "wave": "2024", "number_rows": True}]}
    desk.settings.pop("outcome")
    inputs = desk.read()
    refuse_errors(inputs.findings)
    assert inputs.tables["responses"]["person"].nunique() == 8
    desk.files["survey.csv"] = plain(frame()).to_csv(index=False)
    assert "DQ011" in set(desk.read().findings["code"])


@pytest.mark.parametrize(
    "name", ["SPSS", "SPSS, packed", "SPSS, portable", "Stata", "Arrow", "DuckDB", "LimeSurvey for R", "Qualtrics"]
)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_that_was_cut_off_is_a_finding_or_whole_rows(name: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / FORMATS[name](tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    found = Findings()
    table = read_raw(path, found)
    assert (table is None) == bool(found.items)
    assert all(one.rule.code in ("DQ002", "DQ004", "DQ005", "DQ006", "DQ007", "DQ008") for one in found.items)


def test_a_folder_with_other_columns_or_other_files_is_refused(tmp_path: Path) -> None:
    folder, found = tmp_path / as_parquet_folder(tmp_path), Findings()
    frame().drop(columns="I_PAY").to_parquet(folder / "part=2" / "rows.parquet")
    assert read_raw(folder, found) is None
    assert [(one.rule.code, one.file) for one in found.items] == [("DQ007", "survey/part=2/rows.parquet")]
    (folder / "notes.docx").write_text("x")
    assert read_raw(folder, (other := Findings())) is None
    assert [one.rule.code for one in other.items] == ["DQ002"]


def test_a_database_of_several_tables_asks_which_one(tmp_path: Path) -> None:
    path, found = tmp_path / as_duckdb(tmp_path), Findings()
    with duckdb.connect(str(path)) as base:
        base.execute("create table people as select 1 as person_id")
    assert read_raw(path, found) is None
    assert "main.people, main.survey" in found.items[0].came
    table = read_raw(path, Findings(), sheet="survey")
    assert table is not None and len(table.frame) == 8


def test_a_view_of_a_database_reads_no_other_file(tmp_path: Path) -> None:
    path, found = tmp_path / "base.duckdb", Findings()
    (tmp_path / "secret.csv").write_text("word\nhidden\n")
    with duckdb.connect(str(path)) as base:
        base.execute(f"create view survey as select * from read_csv('{tmp_path / 'secret.csv'}')")
    assert read_raw(path, found) is None
    assert [one.rule.code for one in found.items] == ["DQ002"]


def test_the_syntax_and_every_file_of_a_folder_count_as_what_is_read(tmp_path: Path) -> None:
    data = tmp_path / as_limesurvey_r(tmp_path)
    assert [file.name for file in files_of(data)] == [data.name, "survey_1_R_syntax_file.R"]
    assert len(files_of(tmp_path / as_parquet_folder(tmp_path))) == 4
