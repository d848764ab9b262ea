"""The workbook: figures as numbers, hidden ones in words, and nothing alive."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sample_story
from python_calamine import CalamineWorkbook

from segment.exports.workbook import render_workbook


@cache
def book_of(name: str, language: str) -> bytes:
    story = {"full": sample_story.full_story, "hr": sample_story.hr_only, "intention": sample_story.intention}[name]()
    return render_workbook(story, language)


def sheet(name: str, language: str, at: int) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book_of(name, language))).get_sheet_by_index(at).to_python()


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def test_sheets_stand_in_their_order_in_both_languages() -> None:
    books = (CalamineWorkbook.from_filelike(io.BytesIO(book_of("full", language))) for language in ("nl", "en"))
    names = [book.sheet_names for book in books]
    assert names[1] == [
        "Read me first", "Segments", "Needs profile", "Imagined people", "Promises", "Seven Rs", "Journey", "Staying",
        "Associations", "Value", "Groups", "Where to begin", "Actions", "Changes", "Method", "Privacy", "Columns",
    ]  # fmt: skip
    assert names[0][0] == "Lees dit eerst"
    assert len(names[0]) == len(names[1])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_in_the_file_is_alive_or_says_who_made_it(language: str) -> None:
    files = parts(book_of("full", language))
    assert not [name for name in files if re.search(r"vba|external|comments|drawing|pivot|customXml|calcChain", name)]
    sheets = "".join(text for name, text in files.items() if name.startswith("xl/worksheets"))
    assert "<f>" not in sheets
    assert "hyperlink" not in sheets
    assert 'state="hidden"' not in files["xl/workbook.xml"]
    core = files["docProps/core.xml"]
    assert "<dc:creator></dc:creator>" in core or "<dc:creator/>" in core
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2000-01-01T00:00:00Z"}


def test_the_same_story_gives_the_same_bytes() -> None:
    assert render_workbook(sample_story.hr_only(), "nl") == book_of("hr", "nl")


def test_figures_are_numbers_and_percentages_are_left_to_excel() -> None:
    rows = sheet("full", "nl", 1)
    assert rows[0][:4] == ["Nr.", "Naam", "Mensen", "Aandeel"]
    assert rows[2][:4] == [2.0, "Groei en autonomie", 741.0, 0.28]
    styles = parts(book_of("full", "nl"))["xl/styles.xml"]
    assert "0.0" in styles, "Excel writes the decimal comma itself"


def test_header_rows_stay_in_sight() -> None:
    text = parts(book_of("full", "nl"))["xl/worksheets/sheet2.xml"]
    assert 'state="frozen"' in text


def test_hidden_figures_read_hidden_and_the_legend_says_why() -> None:
    assert "verborgen" in [cell for row in sheet("full", "nl", 6) for cell in row]
    assert "hidden" in [cell for row in sheet("full", "en", 6) for cell in row]
    first = " ".join(str(cell) for row in sheet("full", "en", 0) for cell in row)
    assert "'hidden' means: not shown" in first


def test_of_a_hidden_segment_a_row_tells_no_number_of_people() -> None:
    story = sample_story.full_story()
    frame = story.released["segments"].frame
    hidden = sample_story.with_rows(
        story, "segments", frame.assign(status=np.where(frame["segment"] == 1, "hidden", "shown"))
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(render_workbook(hidden, "en"))).get_sheet_by_index(1).to_python()
    (row,) = [row for row in book if row[0] == 2.0]
    assert set(row[2:8]) == {row[-1]} == {"hidden"}


def test_an_intention_is_never_called_an_exit() -> None:
    for language in ("nl", "en"):
        text = "".join(parts(book_of("intention", language)).values()).lower()
        assert "exit" not in text
        assert "vertrek" not in text


def test_words_that_look_like_formulas_stay_words() -> None:
    story = sample_story.full_story()
    names = {k: {"nl": "=1+1", "en": "@SUM(A1)"} for k in range(4)}
    files = parts(render_workbook(replace(story, segment_names=names), "nl"))
    assert "<f>" not in "".join(files.values())
    assert "=1+1" in files["xl/sharedStrings.xml"]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", ["full", "intention"])
def test_the_last_sheet_says_what_every_column_means(name: str, language: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(book_of(name, language)))
    *sheets, last = [(title, book.get_sheet_by_name(title).to_python()) for title in book.sheet_names[1:]]
    told = {(row[0], row[1]) for row in last[1][1:] if row[2]}
    first = ((title, next((row for row in rows if sum(map(bool, row)) > 1), [])) for title, rows in sheets)
    tables = [(title, row) for title, row in first if len(row) > 3 and all(row[:3])]  # below what is said above it
    assert len(tables) >= (9 if name == "full" else 4)
    without = [(title, head) for title, heads in tables for head in heads[:-1] if head and (title, head) not in told]
    assert [pair for pair in without if pair[0] != sheets[-2][0] and pair[0] != sheets[-1][0]] == []
