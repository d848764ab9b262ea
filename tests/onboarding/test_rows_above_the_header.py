"""Exports with a title above their header: found, said, and read from the right row in every format."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from segment.config import FileConfig
from segment.ingest.contract import has_column
from segment.ingest.findings import Findings
from segment.ingest.headers import header_row
from segment.ingest.limits import Limits
from segment.ingest.readers import read_raw
from segment.onboarding import begin_study
from segment.stages.check import check_study
from tests.onboarding.test_begin_study import answers

TITLES = {
    "one title": [["HR export 2024"]],
    "a title and a blank line": [["HR export 2024"], []],
    "blank lines": [[], []],
    "several, some of two cells": [["HR export"], ["made on", "2024-01-31"], [], ["Confidential"]],
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SEGMENT_PSEUDONYM_KEY", secrets.token_hex(32))
    yield


def people(n: int = 120) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    starts = pd.Timestamp("2015-01-01") + pd.to_timedelta(draw.integers(0, 3000, n), unit="D")
    left = draw.random(n) < 0.3
    return pd.DataFrame({
        "EmployeeID": [f"p{number:05d}" for number in range(n)],
        "Start date": starts.strftime("%Y-%m-%d"),
        "End date": np.where(left, "2024-01-31", ""),
        "Department": draw.choice(["Sales", "Care", "Office"], n),
        "Hours": draw.choice(["24", "32", "36"], n),
    })  # fmt: skip


def _lines(titles: list[list[str]], table: pd.DataFrame, *, delimiter: str, padded: bool) -> str:
    rows = [*titles, list(table.columns), *table.to_numpy().tolist()]
    width = len(table.columns)
    full = [row + [""] * (width - len(row)) if padded else row for row in rows]
    return "\n".join(delimiter.join(map(str, row)) for row in full) + "\n"


def _commas(folder: Path, titles: list[list[str]], table: pd.DataFrame) -> Path:
    (folder / "hr.csv").write_text(_lines(titles, table, delimiter=",", padded=False))
    return folder / "hr.csv"


def _saved_by_a_spreadsheet(folder: Path, titles: list[list[str]], table: pd.DataFrame) -> Path:
    (folder / "hr.csv").write_text(_lines(titles, table, delimiter=";", padded=True))
    return folder / "hr.csv"


def _unicode_text(folder: Path, titles: list[list[str]], table: pd.DataFrame) -> Path:
    (folder / "hr.txt").write_text(_lines(titles, table, delimiter="\t", padded=True), encoding="utf-16")
    return folder / "hr.txt"


def _workbook(folder: Path, titles: list[list[str]], table: pd.DataFrame) -> Path:
    with pd.ExcelWriter(folder / "hr.xlsx") as book:
        table.to_excel(book, index=False, startrow=len(titles))
        for place, row in enumerate(titles):
            for column, cell in enumerate(row):
                book.sheets["Sheet1"].write(place, column, cell)
    return folder / "hr.xlsx"


WRITERS: list[Callable[[Path, list[list[str]], pd.DataFrame], Path]] = [
    _commas, _saved_by_a_spreadsheet, _unicode_text, _workbook,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda one: one.__name__.strip("_"))
@pytest.mark.parametrize("titles", TITLES.values(), ids=TITLES)
def test_the_names_are_found_below_titles_and_the_rows_keep_their_numbers(
    titles: list[list[str]], write: Callable[[Path, list[list[str]], pd.DataFrame], Path], tmp_path: Path
) -> None:
    how = {"hr.csv": ";" if write is _saved_by_a_spreadsheet else ",", "hr.txt": "\t", "hr.xlsx": ","}
    path = write(tmp_path, titles, people())
    encoding = "utf-16" if path.suffix == ".txt" else "utf-8"
    told = {"delimiter": how[path.name], "encoding": encoding}
    table = read_raw(path, found := Findings(), header_row=None, **told)
    assert table is not None, found.table()
    assert table.header_row == len(titles) + 1
    assert list(table.frame.columns) == list(people().columns) and len(table.frame) == 120
    assert table.rows[0] == len(titles) + 2
    declared = read_raw(path, Findings(), header_row=len(titles) + 1, **told)
    assert declared is not None and declared.frame.equals(table.frame) and (declared.rows == table.rows).all()
    # undeclared, it is a refusal that says what to declare
    assert read_raw(path, found := Findings(), **told) is None
    assert all(f"header_row: {len(titles) + 1}" in one.advice for one in found.items), found.items


@pytest.mark.parametrize("write", WRITERS, ids=lambda one: one.__name__.strip("_"))
def test_a_study_from_an_export_with_titles_says_so_and_passes_the_check(
    write: Callable[[Path, list[list[str]], pd.DataFrame], Path], tmp_path: Path
) -> None:
    path = write(tmp_path, TITLES["several, some of two cells"], people())
    answers().to_csv(tmp_path / "survey_2024.csv", index=False)
    begin_study(tmp_path / "ours", surveys=[tmp_path / "survey_2024.csv"], people=[path])
    said = (tmp_path / "ours" / "START.md").read_text()
    assert f"{path.name}: the names of columns stand on row 5; the 4 rows above it are not read" in said
    assert "Confidential" not in said and "2024-01-31" not in said
    study = YAML(typ="safe").load(tmp_path / "ours" / "study.yaml")
    assert study["sources"]["people"]["header_row"] == 5
    assert "header_row" not in study["sources"]["responses"][0]
    text = "\n".join(check_study(tmp_path / "ours" / "study.yaml", overrides=[f"workspace={tmp_path / 'workspace'}"]))
    assert "120 people" in text


def test_a_header_is_only_found_elsewhere_when_nothing_else_is_meant() -> None:
    names = ["id", "department", "start", "end"]
    row = ["p1", "Sales", "2020-01-01", ""]
    assert header_row([names, row, row]) == 1
    assert header_row([["id", "", "", "end"], row, row]) == 1, "a header that lacks names is not a title"
    assert header_row([["title"], row, row]) == 1, "what comes again below it is no name"
    assert header_row([["title"], ["1", "2", "3", "4"], row]) == 1, "numbers are no names"
    assert header_row([["id"], ["p1"], ["p2"]]) == 1, "a table of one column has no title to tell apart"
    assert header_row([]) == header_row([[]]) == 1


def test_a_row_that_is_not_there_and_a_title_that_hides_the_size_are_refused(tmp_path: Path) -> None:
    path = _commas(tmp_path, TITLES["one title"], people())
    assert read_raw(path, found := Findings(), header_row=500) is None
    assert [one.rule.code for one in found.items] == ["DQ008"]
    assert read_raw(path, found := Findings(), header_row=2, limits=Limits(max_columns=4)) is None
    assert "max_columns" in found.items[0].advice + found.items[0].expected


def test_whoever_asks_for_a_column_looks_below_the_title_too(tmp_path: Path) -> None:
    path = _commas(tmp_path, TITLES["one title"], people())
    assert has_column(path, FileConfig(file="hr.csv", header_row=2), "Department")
    assert not has_column(path, FileConfig(file="hr.csv"), "Department")
