"""Raw files as they are: CSV, Excel and Parquet, opened without guessing and with every fault of the file named."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import difflib
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, load_workbook

from segment.ingest.findings import Findings

_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_PARQUET = (".parquet", ".pq")
#: UTF-8 read as a single-byte encoding leaves these pairs, which no language writes.
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
                       "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]|\u00e2\u20ac")  # fmt: skip
_NEVER_TEXT = re.compile("[\x00\ufffd\u0080-\u009f]")


@dataclass(frozen=True)
class RawTable:
    """A file's cells. ``frame`` has the file's own column names; ``rows`` the spreadsheet row of every row.

    CSV cells are text, empty where nothing stood. Excel and Parquet keep numbers and dates as they were stored.
    """

    file: str
    frame: pd.DataFrame
    rows: np.ndarray

    def where(self, keep: np.ndarray) -> RawTable:
        """The rows for which ``keep`` is true, with their row numbers."""
        return RawTable(self.file, self.frame.loc[keep].reset_index(drop=True), self.rows[keep])


def read_raw(
    path: Path, findings: Findings, *, delimiter: str = ",", encoding: str = "utf-8", sheet: str | None = None
) -> RawTable | None:
    """Open one raw file by its ending, or write down why not and return nothing.

    ``.csv``, ``.txt`` and ``.tsv`` are read with ``delimiter`` and ``encoding`` (a byte-order mark is fine); Excel
    files by ``sheet`` (the first when left out) with the header on row 1; Parquet with its own types.

    Examples
    --------
    >>> found = Findings()
    >>> read_raw(Path("nowhere/people.csv"), found) is None, found.items[0].rule.code
    (True, 'DQ001')
    """
    if not path.is_file():
        _missing(path, findings)
        return None
    try:
        ending = path.suffix.lower()
        if ending in _PARQUET:
            return _read_parquet(path, findings)
        if ending in _EXCEL:
            return _read_excel(path, findings, sheet=sheet)
        return _read_csv(path, findings, delimiter=delimiter, encoding=encoding)
    except OSError:
        findings.add("DQ002", path.name, count=1, came="the system does not let it be opened", advice="check who may read it")
        return None


def near(word: str, known: Iterable[str]) -> str:
    """``did you mean '...'?`` with the nearest known word, else nothing.

    >>> near("strat_date", ["start_date", "end_date"])
    "did you mean 'start_date'?"
    """
    words = {str(name).lower(): str(name) for name in known}
    found = difflib.get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return f"did you mean '{words[found[0]]}'?" if found else ""


def _missing(path: Path, findings: Findings) -> None:
    if not path.parent.is_dir():
        findings.add("DQ001", path.name, count=1, came=f"no folder '{path.parent.name}'")
        return
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    findings.add("DQ001", path.name, count=1, came="no such file; " + near(path.name, names) if near(path.name, names) else "no such file")


# ------------------------------------------------------------------------------------------------- CSV


def _read_csv(path: Path, findings: Findings, *, delimiter: str, encoding: str) -> RawTable | None:
    data = path.read_bytes()
    if len(delimiter) != 1:
        findings.add("DQ003", path.name, count=1, expected="one sign", came=f"{len(delimiter)} signs", advice='a tab is written as delimiter: "\\t"')
        return None
    if not _is_text(path.name, data, findings) or not _is_encoded(path.name, data, encoding, findings):
        return None
    codec = _codec(encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    header = _header(data, codec, delimiter)
    if not _is_delimited(path.name, data, codec, delimiter, findings) or not _names_are_sound(path.name, header, findings):
        return None
    if not _rows_are_whole(path.name, data, codec, delimiter, len(header), findings):
        return None
    frame = pd.read_csv(
        io.BytesIO(data), sep=delimiter, encoding=codec, dtype=str, keep_default_na=False, na_filter=False,
        skip_blank_lines=False, index_col=False, names=header, header=0, engine="c",
    )  # fmt: skip
    return _drop_blank(RawTable(path.name, frame, np.arange(2, len(frame) + 2)))


def _is_text(name: str, data: bytes, findings: Findings) -> bool:
    """Whether the bytes are delimited text at all."""
    if not data.strip():
        findings.add("DQ008", name, count=0, came="an empty file")
        return False
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        kind = "a Parquet file" if data.startswith(b"PAR1") else "an Excel file"
        findings.add("DQ002", name, count=1, expected="delimited text", came=f"{kind} under another ending", advice="give the file its right ending, or save it as CSV")
        return False
    return True


def _codec(encoding: str) -> str:
    return "utf-8" if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig") else encoding


def _is_encoded(name: str, data: bytes, encoding: str, findings: Findings) -> bool:
    """Whether the whole file is text in the declared encoding; names the first row where it is not."""
    declared = f"text in {encoding}"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not encoding.lower().startswith("utf-16"):
        findings.add("DQ004", name, rows=[1], expected=declared, came="UTF-16 (Excel calls it Unicode text)")
        return False
    try:
        codec = codecs.lookup(_codec(encoding)).name
    except LookupError:
        findings.add("DQ004", name, count=1, expected="an encoding such as utf-8 or cp1252", came="an encoding nobody knows")
        return False
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as failure:
        row = data.count(b"\n", 0, failure.start) + 1
        if codec == "utf-8" and failure.reason == "unexpected end of data":
            findings.add("DQ005", name, rows=[row], came="the last sign is incomplete")
        else:
            findings.add("DQ004", name, rows=[row], expected=declared, came="bytes that are not")
        return False
    came = _looks_wrong(text, data, codec)
    if came:
        findings.add("DQ004", name, rows=[came[1]], expected=declared, came=came[0])
    return not came


def _looks_wrong(text: str, data: bytes, codec: str) -> tuple[str, int] | None:
    """What betrays a wrong encoding that decodes without an error, with the first row it shows on."""
    if text.isascii() and "\x00" not in text:
        return None
    found = _NEVER_TEXT.search(text)
    if found:
        return "signs that no text has, such as a replacement sign", text.count("\n", 0, found.start()) + 1
    found = _MOJIBAKE.search(text)
    if found:
        return "letters broken in two, as when UTF-8 is read as something else", text.count("\n", 0, found.start()) + 1
    if codec not in ("utf-8", "utf-16", "utf-16-le", "utf-16-be") and _is_utf8(data):
        first = next(i for i, byte in enumerate(data) if byte > 127)
        return "text that is UTF-8 throughout", data.count(b"\n", 0, first) + 1
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _header(data: bytes, codec: str, delimiter: str) -> list[str]:
    """The first record's names, without the spaces around them."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), codec, newline=""), delimiter=delimiter)
    return [name.strip() for name in next(reader, [])]


def _is_delimited(name: str, data: bytes, codec: str, delimiter: str, findings: Findings) -> bool:
    """Whether no other delimiter explains the header better than the declared one."""
    header = _header(data, codec, delimiter)
    for other in _DELIMITERS:
        columns = len(_header(data, codec, other))
        better = columns > len(header) and (len(header) == 1 or any(other in cell for cell in header))
        if other != delimiter and better:
            findings.add(
                "DQ003", name, rows=[1], expected=f"columns separated by '{_NAMES.get(delimiter, delimiter)}'",
                came=f"{len(header)} column{'s' if len(header) != 1 else ''}; the header contains '{other if other != chr(9) else 'tab'}'",
                advice=f"declare delimiter: \"{other if other != chr(9) else chr(92) + 't'}\"",
            )  # fmt: skip
            return False
    return True


def _names_are_sound(name: str, header: Sequence[str], findings: Findings) -> bool:
    """Whether every column has one name of its own."""
    repeated = [column for column, count in Counter(header).items() if count > 1 and column]
    for column in repeated:
        findings.add("DQ007", name, column=column, rows=[1], came=f"{header.count(column)} columns with this name")
    nameless = [place for place, column in enumerate(header, start=1) if not column]
    if nameless:
        places = ", ".join(map(str, nameless[:5]))
        findings.add("DQ007", name, rows=[1], count=len(nameless), came=f"no name above column number {places}")
    return not repeated and not nameless


def _rows_are_whole(name: str, data: bytes, codec: str, delimiter: str, width: int, findings: Findings) -> bool:
    """Whether every row has as many fields as the header; a short last row means that the file was cut off."""
    fields, closed = _fields_per_row(data, codec, delimiter)
    uneven = np.flatnonzero((fields != width) & (fields > 0)) + 1
    if not closed:
        findings.add("DQ005", name, rows=[len(fields)], came="a quoted text that never ends")
        return False
    if len(uneven) and uneven[-1] == len(fields) and fields[-1] < width:
        findings.add("DQ005", name, rows=[int(uneven[-1])], expected=f"{width} fields", came=f"{int(fields[-1])} in the last row")
        uneven = uneven[:-1]
    elif not len(uneven):
        return True
    if len(uneven):
        counts = sorted({int(fields[row - 1]) for row in uneven})
        findings.add("DQ006", name, rows=uneven, expected=f"{width} fields", came=" or ".join(map(str, counts[:4])))
    return False


def _fields_per_row(data: bytes, codec: str, delimiter: str) -> tuple[np.ndarray, bool]:
    """Number of fields of every record (0 for a blank line), and whether every quoted text ends."""
    if b'"' in data or codec.startswith("utf-16"):
        return _fields_of_records(data, codec, delimiter)
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    if not len(ends) or ends[-1] != len(signs) - 1:
        ends = np.append(ends, len(signs))
    before = np.searchsorted(np.flatnonzero(signs == ord(delimiter)), ends)
    fields = np.diff(before, prepend=0) + 1
    lengths = np.diff(ends, prepend=-1) - 1
    last = signs[np.maximum(ends - 1, 0)]
    fields[(lengths == 0) | ((lengths == 1) & (last == ord("\r")))] = 0
    return fields, True


def _fields_of_records(data: bytes, codec: str, delimiter: str) -> tuple[np.ndarray, bool]:
    """As above for texts in quotes, which may hold delimiters and line ends."""
    for strict in (True, False):
        counts: list[int] = []
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), codec, newline=""), delimiter=delimiter, strict=strict)
        try:
            counts.extend(len(record) for record in reader)
        except csv.Error as failure:
            if "unexpected end" in str(failure) or "field limit" in str(failure):
                return np.array([*counts, 0]), False
            continue
        break
    return np.array(counts), True


def _drop_blank(table: RawTable) -> RawTable:
    """Leave out rows without any content; the others keep their row numbers."""
    suspects = table.frame.iloc[:, 0]
    empty = (suspects.isna() | (suspects.astype("str").str.strip() == "")).to_numpy(dtype=bool)
    if not empty.any():
        return table
    part = table.frame.loc[empty]
    blank = np.ones(len(part), dtype=bool)
    for column in part.columns:
        blank &= (part[column].isna() | (part[column].astype("str").str.strip() == "")).to_numpy(dtype=bool)
    keep = np.ones(len(table.frame), dtype=bool)
    keep[np.flatnonzero(empty)[blank]] = False
    return table if keep.all() else table.where(keep)


# ----------------------------------------------------------------------------------------------- Excel


def _read_excel(path: Path, findings: Findings, *, sheet: str | None) -> RawTable | None:
    book = _open_workbook(path, findings)
    if book is None:
        return None
    names = list(book.sheet_names)
    wanted = sheet if sheet is not None else (names[0] if names else "")
    if wanted not in names:
        came = "; ".join(text for text in (f"sheets {', '.join(names)}", near(wanted, names)) if text)
        findings.add("DQ002", path.name, count=1, expected=f"a sheet called '{wanted}'", came=came, advice="correct 'sheet' in the study file")
        return None
    cells = book.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    if not cells:
        findings.add("DQ008", path.name, count=0, came="an empty sheet")
        return None
    header = [str(cell).strip() for cell in cells[0]]
    while header and not header[-1] and all(row[len(header) - 1] == "" for row in cells[1:]):
        header.pop()
    if not _names_are_sound(path.name, header, findings):
        return None
    columns = list(zip(*cells[1:], strict=True)) or [()] * len(header)
    frame = pd.DataFrame({name: _excel_column(values) for name, values in zip(header, columns, strict=False)})
    return _drop_blank(RawTable(path.name, frame, np.arange(2, len(frame) + 2)))


def _open_workbook(path: Path, findings: Findings) -> CalamineWorkbook | None:
    try:
        return load_workbook(str(path))
    except CalamineError as failure:
        locked = type(failure).__name__ == "PasswordError"
        cut = not locked and path.read_bytes()[:4] == b"PK\x03\x04"
        came = "a file with a password" if locked else "a damaged workbook"
        findings.add("DQ005" if cut else "DQ002", path.name, count=1, expected="an Excel workbook", came=came)
        return None


def _excel_column(values: Sequence[Any]) -> pd.Series:
    """One column of cells: numbers when all are numbers, dates when all are dates, else text."""
    kinds = {type(value) for value in values if value != ""}
    if kinds and kinds <= {float, int}:
        return pd.Series([np.nan if value == "" else float(value) for value in values], dtype="float64")
    if kinds and kinds <= {dt.date, dt.datetime}:
        return pd.Series([None if value == "" else pd.Timestamp(value) for value in values], dtype="datetime64[us]")
    return pd.Series([_cell_text(value) for value in values], dtype="str")


def _cell_text(value: Any) -> str:
    """A cell as a person reads it: whole numbers without decimals, dates as 2025-04-03."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)


# --------------------------------------------------------------------------------------------- Parquet


def _read_parquet(path: Path, findings: Findings) -> RawTable | None:
    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            if not _names_are_sound(path.name, names, findings):
                return None
            table = file.read()
    except (pa.ArrowException, OSError):
        data = path.read_bytes()
        cut = data[:4] == b"PAR1"
        came = "a damaged footer or block" if cut else "something else"
        findings.add("DQ005" if cut else "DQ002", path.name, count=1, expected="a Parquet file", came=came)
        return None
    frame = pd.DataFrame({name: _parquet_column(table.column(name)) for name in names})
    return RawTable(path.name, frame, np.arange(2, table.num_rows + 2))


def _parquet_column(column: pa.ChunkedArray) -> pd.Series:
    """One column as numbers, dates, flags or text; lists and structures become empty text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], type=kind.value_type)
        kind = kind.value_type
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64()).to_pandas()
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us"), safe=False).to_pandas()
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return pd.Series(column.cast(pa.string()).to_pandas(), dtype="str")
    if pa.types.is_integer(kind) and column.null_count:
        return column.cast(pa.string()).to_pandas().astype("str")
    return column.to_pandas() if pa.types.is_floating(kind) or pa.types.is_integer(kind) else column.cast(pa.string()).to_pandas().astype("str")
