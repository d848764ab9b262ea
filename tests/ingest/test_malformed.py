"""Malformed files: `segment init` ends with a refusal that names the file, and never with somebody's value."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyreadstat
import pytest
from typer.testing import CliRunner

from segment.cli import app

TABLE = pd.DataFrame({"person_id": ["secretann", "secretbob"] * 20, "Q1": [1.0, 5.0] * 20, "Q2": [2.0, 4.0] * 20})
TEXT = TABLE.to_csv(index=False)


def cut(data: bytes, share: float = 0.5) -> bytes:
    return data[: int(len(data) * share)]


def made(folder: Path, name: str) -> bytes:
    """A sound file of a format, as bytes."""
    file = folder / f"sound-{name}"
    if name.endswith("sav"):
        pyreadstat.write_sav(TABLE, str(file), compress=name.endswith("zsav"))
    elif name.endswith("dta"):
        pyreadstat.write_dta(TABLE, str(file))
    elif name.endswith("parquet"):
        TABLE.to_parquet(file)
    elif name.endswith("arrow"):
        pyarrow.feather.write_feather(pa.Table.from_pandas(TABLE), str(file), compression="uncompressed")
    elif name.endswith("duckdb"):
        with duckdb.connect(str(file)) as base:
            base.register("rows", pa.Table.from_pandas(TABLE))
            base.execute("create table survey as select * from rows")
    elif name.endswith("xlsx"):
        with pd.ExcelWriter(file, engine="xlsxwriter") as writer:
            TABLE.to_excel(writer, index=False)
    return file.read_bytes()


def pair(folder: Path, syntax: str, data: str = TEXT) -> Path:
    (folder / "survey_1_R_syntax_file.R").write_text(syntax)
    (folder / "survey_1_R_data_file.csv").write_text(data)
    return folder / "survey_1_R_data_file.csv"


def put(name: str, content: bytes | str | Callable[[Path], bytes]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        data = content(folder) if callable(content) else content
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return folder / name

    return write


def folder_of(**files: bytes | str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        inside = folder / "export"
        inside.mkdir()
        for name, data in files.items():
            (inside / name.replace("__", ".")).write_bytes(data.encode() if isinstance(data, str) else data)
        return inside

    return write


def to_bytes(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    return buffer.getvalue()


MARK = json.dumps({"ImportId": "QID1"}).replace('"', '""')
NAMES = "\n".join(f'names(data)[{place}] <- "{name}"' for place, name in enumerate(TABLE, start=1))
CASES: dict[str, Callable[[Path], Path]] = {
    "no file": lambda folder: folder / "gone.sav",
    "empty": put("a.csv", ""),
    "blank lines": put("a.csv", "\n\n\n"),
    "a header alone": put("a.csv", "person_id,Q1\n"),
    "a quote that never ends": put("a.csv", TEXT + '"secretcal,1,2\n'),
    "a short last row": put("a.csv", TEXT + "secretcal,1"),
    "rows of other widths": put("a.csv", TEXT + "secretcal,1,2,3,4\nsecretdan,1,2\n"),
    "two columns of one name": put("a.csv", TEXT.replace("Q2", "Q1", 1)),
    "a column without a name": put("a.csv", TEXT.replace("Q2", "", 1)),
    "values on row 1": put("a.csv", TEXT.partition("\n")[2].replace("secretann", "secretann@x.org")),
    "zero bytes": put("a.csv", TEXT.replace("secretann", "secret\x00ann", 1)),
    "UTF-16 cut in a sign": put("a.csv", TEXT.encode("utf-16")[:-1]),
    "a workbook called text": put("a.csv", lambda folder: made(folder, "a.xlsx")),
    "a workbook cut off": put("a.xlsx", lambda folder: cut(made(folder, "a.xlsx"))),
    "text called a workbook": put("a.xlsx", TEXT),
    "SPSS cut in its header": put("a.sav", lambda folder: cut(made(folder, "a.sav"), 0.1)),
    "SPSS cut in its rows": put("a.sav", lambda folder: cut(made(folder, "a.sav"), 0.95)),
    "packed SPSS cut off": put("a.zsav", lambda folder: cut(made(folder, "a.zsav"))),
    "text called SPSS": put("a.sav", TEXT),
    "text called portable SPSS": put("a.por", TEXT),
    "Stata cut off": put("a.dta", lambda folder: cut(made(folder, "a.dta"))),
    "text called Stata": put("a.dta", TEXT),
    "Parquet cut off": put("a.parquet", lambda folder: cut(made(folder, "a.parquet"))),
    "text called Parquet": put("a.parquet", TEXT),
    "Arrow cut off": put("a.arrow", lambda folder: cut(made(folder, "a.arrow"))),
    "text called Arrow": put("a.arrow", TEXT),
    "DuckDB cut off": put("a.duckdb", lambda folder: cut(made(folder, "a.duckdb"))),
    "text called DuckDB": put("a.duckdb", TEXT),
    "an empty folder": folder_of(),
    "a folder of text": folder_of(a__csv=TEXT),
    "a folder with one damaged file": folder_of(a__parquet=to_bytes(TABLE), b__parquet=b"PAR1 secretann"),
    "a folder of two tables": folder_of(a__parquet=to_bytes(TABLE), b__parquet=to_bytes(TABLE[["Q1"]])),
    "Qualtrics without answers": put("a.csv", f'person_id,Q1\nWho,What\n"{MARK}","{MARK}"\n'),
    "Qualtrics cut in its third row": put("a.csv", f'person_id,Q1\nWho,What\n"{MARK}","{MARK[:8]}'),
    "LimeSurvey's syntax of another survey": lambda folder: pair(folder, NAMES + '\nnames(data)[4] <- "Q3"'),
    "LimeSurvey's syntax without names": lambda folder: pair(folder, "data <- read.csv('secretann.csv')"),
    "LimeSurvey's syntax with a name left out": lambda folder: pair(folder, NAMES.replace("[2]", "[9]")),
    "LimeSurvey's data empty": lambda folder: pair(folder, NAMES, ""),
    "a questionnaire alone": put("a.qsf", '{"SurveyElements": []}'),
    "a questionnaire cut off": put("a.lss", "<?xml version='1.0'?><document><questions>secretann"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_file_is_refused_by_its_name_and_without_a_value(name: str, tmp_path: Path) -> None:
    path = CASES[name](tmp_path)
    done = CliRunner().invoke(app, ["init", str(tmp_path / "study"), "--survey", str(path)])
    assert done.exit_code == 1, done.output
    assert path.name in done.output or path.with_suffix("").name.replace("data", "syntax") in done.output
    assert "secret" not in done.output and "Traceback" not in done.output and "failed" not in done.output
    assert "what to do:" in done.output.lower()
    assert not (tmp_path / "study").exists()
