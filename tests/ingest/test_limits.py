"""Small files that ask for all memory or time: refused with a sentence, in a moment."""

from __future__ import annotations

import io
import resource
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from segment.config import load_study
from segment.config.bounded import Unbounded, compose, scalar
from segment.errors import InvalidStudy
from segment.ingest.findings import Findings
from segment.ingest.limits import Limits
from segment.ingest.readers import read_raw
from segment.tables.codebook import read_codebook

#: Processor seconds that a refusal may take, children included.
MOST_SECONDS = 5


def refused(path: Path, **limits: int) -> str:
    """The finding that a file gets instead of being read, and that it came in a moment."""
    before, found = spent(), Findings()
    assert read_raw(path, found, limits=Limits(**limits)) is None
    assert spent() - before < MOST_SECONDS
    (line,) = found.table()["explanation"] + "; " + found.table()["advice"]
    return str(line)


def spent() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def test_a_workbook_with_one_far_cell_is_refused_and_ends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write(1_048_575, 16_383, 1)
    assert path.stat().st_size < 10_000
    assert "max_memory_megabytes" in refused(path)


def test_a_workbook_that_bursts_when_unpacked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
        with xlsxwriter.Workbook(buffer := io.BytesIO()) as book:
            book.add_worksheet().write(0, 0, 1)
        for part in zipfile.ZipFile(buffer).infolist():
            if part.filename != "xl/worksheets/sheet1.xml":
                parts.writestr(part.filename, zipfile.ZipFile(buffer).read(part.filename))
    found = Findings()
    assert read_raw(path, found) is None
    assert {item.rule.code for item in found.items} <= {"DQ002", "DQ005"}


def test_an_endless_cell_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_text("person_id,note\n1,a\n2," + "x" * 4_000_000 + "\n3,b\n")
    found = Findings()
    assert read_raw(path, found) is None
    assert found.items[0].rows == (3,)
    assert "max_cell_signs" in refused(path)


@pytest.mark.parametrize(
    ("limit", "content"),
    [
        ("max_columns", ",".join(f"c{i}" for i in range(60)) + "\n" + ",".join("1" * 60) + "\n"),
        ("max_rows", "a,b\n" + "1,2\n" * 60),
        ("max_cells", "a,b\n" + "1,2\n" * 40),
    ],
)
def test_a_table_beyond_a_limit_says_which(tmp_path: Path, limit: str, content: str) -> None:
    path = tmp_path / "large.csv"
    path.write_text(content)
    assert limit in refused(path, **{limit: 50})
    assert read_raw(path, Findings(), limits=Limits(**{limit: 1000})) is not None


def test_a_parquet_file_that_stands_for_many_rows_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    same = pa.DictionaryArray.from_arrays(pa.array(np.zeros(3_000_000, dtype=np.int32)), pa.array(["x"]))
    pq.write_table(pa.table({"a": same}), path)
    assert "max_rows" in refused(path, max_rows=1_000_000)


@pytest.mark.parametrize("rows", [200_000, 3_000_000])
@pytest.mark.parametrize("dictionary", [True, False])
def test_a_parquet_file_that_repeats_a_long_word_is_refused_by_what_it_unpacks_to(
    tmp_path: Path, rows: int, dictionary: bool
) -> None:
    path, word = tmp_path / "words.parquet", "x" * 8_000
    if not dictionary and rows > 200_000:
        return
    if dictionary:
        same: Any = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array([word]))
    else:
        same = pa.chunked_array([pa.array([word] * 20_000)] * (rows // 20_000))
    pq.write_table(pa.table({"a": same}), path)
    assert path.stat().st_size < 2_000_000
    assert "max_megabytes" in refused(path)


def test_a_column_of_lists_is_read_as_empty_and_words_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "nested.parquet"
    pq.write_table(pa.table({"a": [["x"], ["y"]], "b": ["p", None], "c": [1.5, 2.5]}), path)
    read = read_raw(path, Findings())
    assert read is not None
    assert list(read.frame) == ["a", "b", "c"]
    assert read.frame["a"].isna().all()
    assert read.frame["b"].fillna("").tolist() == ["p", ""]
    assert read.frame["c"].tolist() == [1.5, 2.5]


def test_a_workbook_that_says_one_row_a_million_times_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "again.xlsx"
    with xlsxwriter.Workbook(buffer := io.BytesIO()) as book:
        book.add_worksheet().write(0, 0, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for part in zipfile.ZipFile(buffer).infolist():
            data = zipfile.ZipFile(buffer).read(part.filename)
            again = b'<row r="5"><c r="A5"><v>1</v></c></row>' * 900_000 + b"</sheetData>"
            parts.writestr(part.filename, data.replace(b"</sheetData>", again))
    found = Findings()
    before = spent()
    assert read_raw(path, found) is None
    assert spent() - before < MOST_SECONDS
    assert "made to burst" in found.items[0].came


def test_hundreds_of_columns_nobody_declared_are_fifty_findings_and_one_that_counts(desk: Any) -> None:
    lines = desk.files["people.csv"].splitlines()
    more = ",".join(f"c{i}" for i in range(1_900))
    desk.files["people.csv"] = "\n".join([f"{lines[0]},{more}", *(line + "," * 1_900 for line in lines[1:])])
    before = spent()
    found = desk.read().findings
    assert spent() - before < MOST_SECONDS
    told = found[(found["code"] == "DQ010") & found["where"].str.startswith("people.csv")]
    assert len(told) == 51
    assert "1,850 more of this kind, such as c50, c51" in told["explanation"].iloc[-1]


def test_a_finding_about_many_rows_counts_them_all_and_keeps_the_first() -> None:
    found = Findings()
    found.add("DQ025", "people.csv", column="end_date", rows=np.arange(300_000, 0, -1))
    assert found.items[0].count == 300_000
    assert len(found.items[0].rows) <= 1_000
    assert "rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 299990 more" in found.table()["where"].iloc[0]


@pytest.mark.parametrize("content", ["rows", "bytes", "mistakes"])
def test_a_codebook_without_end_is_refused_in_a_moment(tmp_path: Path, content: str) -> None:
    path = tmp_path / "codebook.csv"
    row = "Q{0},PAY,importance,imp5,,vraag,question\n" if content != "mistakes" else "Q{0},PAY,importence,imp,,v,q\n"
    rows = {"rows": 40_000, "bytes": 100_000, "mistakes": 1_990}[content]
    path.write_text("code,driver,kind,scale,reverse,nl,en\n" + "".join(row.format(i) for i in range(rows)))
    before = spent()
    with pytest.raises(InvalidStudy) as refusal:
        read_codebook(path, scales={"imp5": (1, 5)})
    assert spent() - before < MOST_SECONDS
    told = {"rows": "more than 2,000 items", "bytes": "longer than 2,000,000 bytes", "mistakes": "3980 mistakes"}
    assert told[content] in str(refusal.value)
    assert len(str(refusal.value).splitlines()) <= 22


def test_a_limit_is_raised_in_the_study_where_it_is_meant(desk: Any) -> None:
    desk.files["people.csv"] = desk.files["people.csv"].replace("Zorg", "Z" * 300)
    desk.settings["ingest"] = {"max_cell_signs": 100}
    (line,) = [line for line in desk.read().findings.to_dict("records") if line["code"] == "DQ080"]
    assert "max_cell_signs" in line["advice"]
    desk.settings["ingest"] = {"max_cell_signs": 400}
    assert "DQ080" not in set(desk.read().findings["code"])


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_the_longest_cell_is_measured_whatever_the_pieces_the_file_is_read_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("segment.ingest.limits._CHUNK", size)
    path = tmp_path / "cells.csv"
    for longest in (9, 10, 11):
        path.write_text("a,b\n12345,1\n" + "y" * longest + ",2\n3,4\n")
        found = Findings()
        assert (read_raw(path, found, limits=Limits(max_cell_signs=10)) is None) is (longest > 10)


BOMBS = {
    "aliases": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "\n".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "itself": "study: &x [*x]\n",
    "itself in a mapping": "study: &x {a: *x}\n",
    "deep": "study: " + "[" * 100_000,
    "deep and closed": "study: " + "[" * 300 + "]" * 300,
    "deep by lines": "".join("  " * i + f"k{i}:\n" for i in range(300)),
    "a number without end": "study: " + "9" * 10_000,
    "a day that is none": "study: 2024-13-45",
    "a tag": "study: !!python/object/apply:os.system [ls]",
    "bytes": "study: !!binary '####'",
}


@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_a_study_file_made_to_burst_is_a_refusal_with_its_place(tmp_path: Path, bomb: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(BOMBS[bomb])
    before = spent()
    with pytest.raises(InvalidStudy) as refusal:
        load_study(path)
    assert "study.yaml:" in str(refusal.value)
    assert spent() - before < MOST_SECONDS


@pytest.mark.parametrize("bomb", ["&x [*x]", "[" * 1000, "9" * 10_000, "&a {b: *a}"])
def test_an_override_made_to_burst_is_a_refusal(tmp_path: Path, bomb: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("study: s\ntitle: {nl: a, en: b}\nsources: {people: {file: p.csv}}\n")
    with pytest.raises(InvalidStudy, match="--set wave"):
        load_study(path, overrides=[f"wave={bomb}"])


def test_ordinary_yaml_is_read_as_before() -> None:
    node = compose("a: &x [1, 2.5, yes, 2024-03-04, text, null]\nb: *x\n")
    assert node is not None
    values = [scalar(one) for one in node.value[1][1].value]
    assert values[:2] == [1, 2.5]
    assert str(values[3]) == "2024-03-04"
    with pytest.raises(Unbounded, match="not valid YAML"):
        compose("a: [1, 2")


def test_the_frame_of_an_ordinary_workbook_is_read_through_the_same_door(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    pd.DataFrame({"person_id": ["007"], "hours": [36.5]}).to_excel(path, index=False)
    read = read_raw(path, Findings())
    assert read is not None
    assert read.frame.to_dict("list") == {"person_id": ["007"], "hours": [36.5]}


@pytest.mark.parametrize("size", [200_000, 6_000_000])
def test_a_cell_of_a_codebook_without_end_is_on_its_line(tmp_path: Path, size: int) -> None:
    path = tmp_path / "codebook.csv"
    row = "Q{0},PAY,importance,imp5,,vraag,{1}\n"
    texts = ("question", "question", "q" * size, "question")
    path.write_text("code,driver,kind,scale,reverse,nl,en\n" + "".join(row.format(*one) for one in enumerate(texts)))
    with pytest.raises(InvalidStudy) as refusal:
        read_codebook(path, scales={"imp5": (1, 5)})
    assert "codebook.csv:4:1" in str(refusal.value) and "quote that is never closed" in str(refusal.value)
