"""Files as they come from real systems: what is read as it is, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable
from segment.ingest.readers import read_raw

DELIMITER = "DQ003 file.csv, row 1: wrong delimiter (expected columns separated"
ROW_2 = "DQ004 file.csv, row 2: wrong encoding (expected"
ROW_3 = "DQ004 file.csv, row 3: wrong encoding (expected"
BROKEN = "letters broken in two, as when UTF-8 is read as something else"
NO_TEXT = "signs that no text has, such as a replacement sign"
TEXT = "id,afdeling,bedrag\n007,NA,1\n008,None,2\n009,Zorg,3\n"


def _read(folder: Path, data: bytes | str, name: str = "file.csv", **how: str) -> tuple[RawTable | None, list[str]]:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    findings = Findings()
    table = read_raw(folder / name, findings, **how)
    return table, [f"{item.rule.code} {item.where()}: {item.explanation()}" for item in findings.items]


def test_cells_are_kept_as_they_are(tmp_path: Path) -> None:
    table, found = _read(tmp_path, TEXT)
    assert table is not None
    assert not found
    assert table.frame["id"].tolist() == ["007", "008", "009"]
    assert table.frame["afdeling"].tolist() == ["NA", "None", "Zorg"]
    assert table.rows.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (b"\xef\xbb\xbf" + TEXT.encode(), {}),
        (TEXT.replace("\n", "\r\n").encode(), {}),
        (TEXT.rstrip("\n").encode(), {}),
        (TEXT.encode("utf-16"), {"encoding": "utf-16"}),
        (TEXT.replace(",", ";").encode("cp1252"), {"encoding": "cp1252", "delimiter": ";"}),
        (TEXT.replace(",", "\t").encode(), {"delimiter": "\t"}),
        (TEXT.replace("Zorg", '"Zorg"').encode(), {}),
        (TEXT.replace("id,", " id ,").encode(), {}),
    ],
)
def test_the_same_table_in_every_honest_dress(tmp_path: Path, data: bytes, how: dict[str, str]) -> None:
    expected, _ = _read(tmp_path, TEXT)
    table, found = _read(tmp_path, data, "other.csv", **how)
    assert not found
    assert table is not None
    assert expected is not None
    pd.testing.assert_frame_equal(table.frame, expected.frame)


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    table, _ = _read(tmp_path, 'id,text\n1,"two\nlines"\n\n,\n2,x\n')
    assert table is not None
    assert table.frame["id"].tolist() == ["1", "2"]
    assert table.rows.tolist() == [2, 5]


def test_quotes_inside_a_text_do_not_hide_rows(tmp_path: Path) -> None:
    table, found = _read(tmp_path, 'id,text\n1,pipe of 5" wide\n2,"said ""yes"", twice"\n')
    assert not found
    assert table is not None
    assert table.frame["text"].tolist() == ['pipe of 5" wide', 'said "yes", twice']


@pytest.mark.parametrize(
    ("data", "how", "finding"),
    [
        (
            TEXT.replace(",", ";"),
            {},
            f"{DELIMITER} by 'comma'; found 1 column; the header contains ';')",
        ),
        (
            TEXT,
            {"delimiter": ";"},
            f"{DELIMITER} by 'semicolon'; found 1 column; the header contains ',')",
        ),
        (
            "id;naam, kort;x\n1;2;3\n",
            {},
            f"{DELIMITER} by 'comma'; found 2 columns; the header contains ';')",
        ),
        (TEXT, {"delimiter": "\\t"}, "DQ003 file.csv: wrong delimiter (expected one sign; found 2 signs)"),
        (
            "id,a\n1,x\n2,Café\n".encode("cp1252"),
            {},
            f"{ROW_3} text in utf-8; found bytes that are not)",
        ),
        (
            "id,a\n1,x\n2,Café\n",
            {"encoding": "cp1252"},
            f"{ROW_3} text in cp1252; found {BROKEN})",
        ),
        (
            "id,a\n1,łódź\n",
            {"encoding": "latin-1"},
            f"{ROW_2} text in latin-1; found {NO_TEXT})",
        ),
        (
            "id,a\n1,CafÃ©\n",
            {},
            f"{ROW_2} text in utf-8; found {BROKEN})",
        ),
        (
            "id,a\n1,Caf\ufffd\n",
            {},
            f"{ROW_2} text in utf-8; found {NO_TEXT})",
        ),
        (
            TEXT.encode("utf-16"),
            {},
            "DQ004 file.csv, row 1: wrong encoding "
            "(expected text in utf-8; found UTF-16 (Excel calls it Unicode text))",
        ),
        (
            TEXT,
            {"encoding": "utf-80"},
            "DQ004 file.csv: wrong encoding "
            "(expected an encoding such as utf-8 or cp1252; found an encoding nobody knows)",
        ),
        (TEXT + "010,Zo", {}, "DQ005 file.csv, row 5: file is cut off (expected 3 fields; found 2 in the last row)"),
        (TEXT + '010,"Zorg', {}, "DQ005 file.csv, row 5: file is cut off (found a quoted text that never ends)"),
        (
            TEXT.encode() + "010,Zoë".encode()[:-1],
            {},
            "DQ005 file.csv, row 5: file is cut off (found the last sign is incomplete)",
        ),
        (
            TEXT.replace("Zorg", "Zorg, Noord"),
            {},
            "DQ006 file.csv, row 4: rows with another number of fields (expected 3 fields; found 4)",
        ),
        (
            TEXT.replace("afdeling", "id"),
            {},
            "DQ007 file.csv, column id, row 1: header repeats or lacks a name (found 2 columns with this name)",
        ),
        (
            TEXT.replace("afdeling", ""),
            {},
            "DQ007 file.csv, row 1: header repeats or lacks a name (found no name above column number 2)",
        ),
        ("", {}, "DQ008 file.csv: no rows (found an empty file)"),
        (
            b"PK\x03\x04abc",
            {},
            "DQ002 file.csv: file cannot be read (expected delimited text; found an Excel file under another ending)",
        ),
    ],
)
def test_a_faulty_file_is_refused_by_name(tmp_path: Path, data: bytes | str, how: dict[str, str], finding: str) -> None:
    table, found = _read(tmp_path, data, **how)
    assert table is None
    assert found == [finding]


def test_accents_of_many_languages_are_no_fault(tmp_path: Path) -> None:
    words = ["Zoë", "François", "Müller", "ÅSE", "São", "Łukasz", "Ελλάδα", "NÃO", "Élan", "â€"][:-1]
    table, found = _read(tmp_path, "id,a\n" + "".join(f"{n},{word}\n" for n, word in enumerate(words)))
    assert not found
    assert table is not None
    assert table.frame["a"].tolist() == words


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(TEXT, encoding="utf-8")
    findings = Findings()
    assert read_raw(tmp_path / "poeple.csv", findings) is None
    assert read_raw(tmp_path / "raw" / "people.csv", findings) is None
    assert [item.came for item in findings.items] == ["no such file; did you mean 'people.csv'?", "no folder 'raw'"]


def test_parquet_keeps_types_and_reads_whole_floats_as_numbers(tmp_path: Path) -> None:
    stored = pd.DataFrame({
        "id": [12.0, 13.0], "when": pd.to_datetime(["2024-01-02", None]), "kind": pd.Categorical(["NA", None]),
        "flag": [True, False], "count": pd.array([1, None], dtype="Int64"),
    })  # fmt: skip
    stored.to_parquet(tmp_path / "file.parquet")
    table = read_raw(tmp_path / "file.parquet", Findings())
    assert table is not None
    assert table.frame.dtypes.astype(str).tolist() == ["float64", "datetime64[us]", "str", "str", "str"]
    assert table.frame["kind"].tolist()[0] == "NA"
    assert table.frame["count"].tolist()[0] == "1"
    assert table.rows.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("ending", "cut", "code"),
    [("parquet", 40, "DQ005"), ("xlsx", 40, "DQ005"), ("parquet", 0, "DQ002"), ("xlsx", 0, "DQ002")],
)
def test_damaged_binary_files_are_refused(tmp_path: Path, ending: str, cut: int, code: str) -> None:
    frame = pd.DataFrame({"id": ["1", "2"]})
    path = tmp_path / f"file.{ending}"
    if cut and ending == "parquet":
        frame.to_parquet(path)
        path.write_bytes(path.read_bytes()[:-cut])
    elif cut:
        frame.to_excel(path, engine="xlsxwriter")
        path.write_bytes(path.read_bytes()[:-cut])
    else:
        path.write_bytes(b"no such format at all")
    findings = Findings()
    assert read_raw(path, findings) is None
    assert [item.rule.code for item in findings.items] == [code]


def test_an_unknown_sheet_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    pd.DataFrame({"id": ["1"]}).to_excel(path, sheet_name="People", index=False, engine="xlsxwriter")
    findings = Findings()
    assert read_raw(path, findings, sheet="Poeple") is None
    assert findings.items[0].explanation() == (
        "file cannot be read (expected a sheet called 'Poeple'; found sheets People; did you mean 'People'?)"
    )


def test_excel_rows_keep_their_numbers_and_cells_their_meaning(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    frame = pd.DataFrame({"id": ["007", "", "12"], "n": [1.0, np.nan, 2.5], "mixed": [1.0, np.nan, "x"]})
    frame.to_excel(path, index=False, engine="xlsxwriter")
    table = read_raw(path, Findings())
    assert table is not None
    assert table.rows.tolist() == [2, 4]
    assert table.frame["id"].tolist() == ["007", "12"]
    assert table.frame["n"].tolist() == [1.0, 2.5]
    assert table.frame["mixed"].tolist() == ["1", "x"]
