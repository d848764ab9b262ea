"""Workbooks: Excel's own kinds and OpenDocument sheets, opened only when they are not too large."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, load_workbook

from segment.errors import nearest
from segment.ingest.findings import Findings
from segment.ingest.headers import TOP, found_elsewhere, header_row
from segment.ingest.limits import sheet_is_right
from segment.ingest.raw import RawTable, drop_blank, names_are_sound
from segment.ingest.readers.base import Declared, Format

#: What a cell holds; empty is ''.
_Value = str | float | bool | dt.date | dt.time | dt.timedelta


def read_excel(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """One sheet of a workbook; or nothing, with the file's faults written down."""
    sheet, limits = declared.sheet, declared.limits
    book = _open_workbook(path, findings)
    if book is None:
        return None
    names = list(book.sheet_names)
    wanted = sheet if sheet is not None else (names[0] if names else "")
    if wanted not in names:
        came = "; ".join(text for text in (f"sheets {', '.join(names)}", nearest(wanted, names, listed=False)) if text)
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
    top = [[str(cell) for cell in row] for row in cells[:TOP]]
    place = declared.header_row or header_row(top)
    if place > len(cells):
        findings.add("DQ008", path.name, count=0, expected=f"names on row {place}", came=f"{len(cells)} rows")
        return None
    return _table_below(path.name, cells, place, found_elsewhere(top, place), findings)


def _table_below(
    name: str, cells: Sequence[Sequence[_Value]], place: int, advice: str, findings: Findings
) -> RawTable | None:
    """The table whose names stand on row ``place``."""
    header, body = [str(cell).strip() for cell in cells[place - 1]], cells[place:]
    while header and not header[-1] and all(row[len(header) - 1] == "" for row in body):
        header.pop()
    if not names_are_sound(name, header, findings, row=place, advice=advice):
        return None
    columns = list(zip(*body, strict=True)) or [()] * len(header)
    frame = pd.DataFrame({name: _excel_column(values) for name, values in zip(header, columns, strict=False)})
    rows = np.arange(place + 1, len(frame) + place + 1)
    return drop_blank(RawTable(name, frame, rows, header_row=place))


def _open_workbook(path: Path, findings: Findings) -> CalamineWorkbook | None:
    try:
        return load_workbook(str(path))
    except CalamineError as failure:
        locked = type(failure).__name__ == "PasswordError"
        cut = not locked and path.read_bytes()[:4] == b"PK\x03\x04"
        came = "a file with a password" if locked else "a damaged workbook"
        findings.add("DQ005" if cut else "DQ002", path.name, count=1, expected="an Excel workbook", came=came)
        return None


def _excel_column(values: Sequence[_Value]) -> pd.Series:
    """One column of cells: numbers when all are numbers, dates when all are dates, else text."""
    kinds = {type(value) for value in values if value != ""}
    if kinds and kinds <= {float, int}:
        return pd.Series(list(values), dtype="object").replace("", np.nan).astype("float64")
    if kinds and kinds <= {dt.date, dt.datetime}:
        return pd.Series(
            [pd.Timestamp(value) if isinstance(value, dt.date) else None for value in values], dtype="datetime64[us]"
        )
    return pd.Series([_cell_text(value) for value in values], dtype="str")


def _cell_text(value: _Value) -> str:
    """A cell as a person reads it: whole numbers without decimals, dates as 2025-04-03."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)


FORMAT = Format((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), read_excel)
