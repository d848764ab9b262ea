"""Raw files as they are: CSV, Excel and Parquet, opened without guessing and with every fault of the file named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, load_workbook

from segment.ingest.delimited import read_delimited
from segment.ingest.findings import Findings
from segment.ingest.limits import Limits, sheet_is_right, size_is_right, text_is_right
from segment.ingest.raw import RawTable, drop_blank, names_are_sound, near

_EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_PARQUET = (".parquet", ".pq")
#: Digits that a float keeps.
_EXACT_DIGITS = 15


def read_raw(
    path: Path,
    findings: Findings,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    sheet: str | None = None,
    limits: Limits | None = None,
) -> RawTable | None:
    """Open one raw file by its ending, or write down why not and return nothing.

    ``.csv``, ``.txt`` and ``.tsv`` are read with ``delimiter`` and ``encoding`` (a byte-order mark is fine); Excel
    files by ``sheet`` (the first when left out) with the header on row 1; Parquet with its own types.

    A file beyond ``limits`` is not read, however small it is.

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
        ending, limits = path.suffix.lower(), limits or Limits()
        if not size_is_right(path, findings, limits):
            return None
        if ending in _PARQUET:
            return _read_parquet(path, findings, limits)
        if ending in _EXCEL:
            return _read_excel(path, findings, limits, sheet=sheet)
        if not text_is_right(path, findings, limits, delimiter=delimiter):
            return None
        return read_delimited(path, findings, delimiter=delimiter, encoding=encoding)
    except OSError:
        findings.add(
            "DQ002", path.name, count=1, came="the system does not let it be opened", advice="check who may read it"
        )
        return None


def _missing(path: Path, findings: Findings) -> None:
    if not path.parent.is_dir():
        findings.add("DQ001", path.name, count=1, came=f"no folder '{path.parent.name}'")
        return
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    findings.add(
        "DQ001",
        path.name,
        count=1,
        came="no such file; " + near(path.name, names) if near(path.name, names) else "no such file",
    )


# ----------------------------------------------------------------------------------------------- Excel


def _read_excel(path: Path, findings: Findings, limits: Limits, *, sheet: str | None) -> RawTable | None:
    book = _open_workbook(path, findings)
    if book is None:
        return None
    names = list(book.sheet_names)
    wanted = sheet if sheet is not None else (names[0] if names else "")
    if wanted not in names:
        came = "; ".join(text for text in (f"sheets {', '.join(names)}", near(wanted, names)) if text)
        findings.add(
            "DQ002",
            path.name,
            count=1,
            expected=f"a sheet called '{wanted}'",
            came=came,
            advice="correct 'sheet' in the study file",
        )
        return None
    if not sheet_is_right(path, findings, limits, sheet=wanted):
        return None
    cells = book.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    if not cells:
        findings.add("DQ008", path.name, count=0, came="an empty sheet")
        return None
    header = [str(cell).strip() for cell in cells[0]]
    while header and not header[-1] and all(row[len(header) - 1] == "" for row in cells[1:]):
        header.pop()
    if not names_are_sound(path.name, header, findings):
        return None
    columns = list(zip(*cells[1:], strict=True)) or [()] * len(header)
    frame = pd.DataFrame({name: _excel_column(values) for name, values in zip(header, columns, strict=False)})
    return drop_blank(RawTable(path.name, frame, np.arange(2, len(frame) + 2)))


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


def _read_parquet(path: Path, findings: Findings, limits: Limits) -> RawTable | None:
    try:
        schema = pq.read_schema(path)
        flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
        words = [field.name for field in schema if _is_words(field.type)]
        with pq.ParquetFile(path, read_dictionary=words) as file:
            names = list(schema.names)
            if not names_are_sound(path.name, names, findings):
                return None
            unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
            if not limits.fits(findings, path.name, rows=file.metadata.num_rows, columns=file.metadata.num_columns):
                return None
            table = file.read(columns=flat) if unpacked / 1e6 <= limits.max_megabytes else None
        unpacked = unpacked if table is None else sum(map(_unpacked, table.columns))
        if table is None or unpacked / 1e6 > limits.max_megabytes:
            limits.refuse(findings, path.name, "max_megabytes", f"{unpacked / 1e6:,.0f} MB when unpacked")
            return None
    except (pa.ArrowException, OSError):
        data = path.read_bytes()
        cut = data[:4] == b"PAR1"
        came = "a damaged footer or block" if cut else "something else"
        findings.add("DQ005" if cut else "DQ002", path.name, count=1, expected="a Parquet file", came=came)
        return None
    nothing = pd.Series([None] * table.num_rows, dtype="str")
    columns = {name: _parquet_column(table.column(name)) if name in table.column_names else nothing for name in names}
    return RawTable(path.name, pd.DataFrame(columns), np.arange(2, table.num_rows + 2))


def _is_words(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _unpacked(column: pa.ChunkedArray) -> int:
    """Bytes that a column takes once every row holds its own value; words that repeat are stored once until then."""
    if not pa.types.is_dictionary(column.type) or not _is_words(column.type.value_type):
        return int(column.nbytes)
    lengths = ((pc.binary_length(chunk.dictionary), chunk.indices) for chunk in column.chunks)
    return sum(int(pc.sum(pc.take(length, codes)).as_py() or 0) for length, codes in lengths)


def _parquet_column(column: pa.ChunkedArray) -> pd.Series:
    """One column as numbers, dates, flags or text; lists and structures become empty text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], type=kind.value_type)
        kind = kind.value_type
    if pa.types.is_decimal(kind):
        return _decimals(column, kind)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return column.to_pandas()
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us"), safe=False).to_pandas()
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return pd.Series(column.cast(pa.string()).to_pandas(), dtype="str")
    if pa.types.is_integer(kind) and column.null_count:
        return column.cast(pa.string()).to_pandas().astype("str")
    return (
        column.to_pandas()
        if pa.types.is_floating(kind) or pa.types.is_integer(kind)
        else column.cast(pa.string()).to_pandas().astype("str")
    )


def _decimals(column: pa.ChunkedArray, kind: pa.Decimal128Type) -> pd.Series:
    """Decimals as numbers where a float holds them exactly enough, else as text: an identifier keeps every digit."""
    if kind.scale == 0 or kind.precision > _EXACT_DIGITS:
        return column.cast(pa.string()).to_pandas().astype("str")
    return column.cast(pa.float64()).to_pandas()
