"""Files of statistical programs: codes with their labels, questions, and what the file itself calls missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from segment.ingest.findings import Findings
from segment.ingest.parsing import as_text
from segment.ingest.raw import RawTable, drop_blank, names_are_sound
from segment.ingest.readers.base import Declared


class About(Protocol):
    """What a file says about its columns, as the library hands it over."""

    number_rows: int | None
    number_columns: int | None
    variable_storage_width: Mapping[str, int]
    variable_value_labels: Mapping[str, Mapping[object, str]]
    missing_ranges: Mapping[str, Sequence[Mapping[str, float | str]]]
    missing_user_values: Mapping[str, Sequence[str]]
    column_names_to_labels: Mapping[str, str | None]


#: Reads a file: its cells and what it says about them.
Read = Callable[..., tuple[pd.DataFrame, About]]


def read_labelled(
    path: Path, findings: Findings, declared: Declared, read: Read, *, tool: str, called: str, **options: bool
) -> RawTable | None:
    """The codes as they are stored, with what they stand for; or nothing, with the file's faults written down.

    What the file declares as missing becomes an empty cell and is counted (DQ081).
    """
    encoding = {} if declared.encoding.lower() in ("utf-8", "utf8") else {"encoding": declared.encoding}
    told = _tried(lambda: read(str(path), metadataonly=True, **encoding), path, findings, called)
    if told is None or not _fits(path, told[1], findings, declared):
        return None
    one_more = declared.limits.max_rows + 1
    made = _tried(lambda: read(str(path), row_limit=one_more, **encoding, **options), path, findings, called)
    if made is None:
        return None
    frame, meta = made
    names = [str(name) for name in frame.columns]
    if not declared.limits.fits(findings, path.name, rows=len(frame), columns=len(names)):
        return None
    if not names_are_sound(path.name, names, findings):
        return None
    frame = frame.set_axis(names, axis=1)
    rows = np.arange(2, len(frame) + 2)
    cells: dict[str, pd.Series] = {}
    labels: dict[str, dict[str, str]] = {}
    for name in names:
        missing = _missing(frame[name], meta.missing_ranges.get(name, ()), meta.missing_user_values.get(name, ()))
        if missing.any():
            findings.add(
                "DQ081", path.name, column=name, rows=rows[missing], came="codes that the file declares as missing"
            )
        cells[name] = _column(frame[name].mask(missing))
        known = _labels(meta.variable_value_labels.get(name, {}), meta.missing_ranges.get(name, ()))
        labels |= {name: known} if known else {}
    questions = {name: text for name in names if (text := (meta.column_names_to_labels.get(name) or "").strip())}
    return drop_blank(RawTable(path.name, pd.DataFrame(cells), rows, labels, questions, tool))


def _tried(
    read: Callable[[], tuple[pd.DataFrame, About]], path: Path, findings: Findings, called: str
) -> tuple[pd.DataFrame, About] | None:
    """What a reading gives, or nothing where the file cannot be read."""
    try:
        return read()
    except UnicodeDecodeError:
        findings.add(
            "DQ004", path.name, count=1, expected="text in the encoding that the file declares", came="other bytes",
            advice="declare its 'encoding' in the study file, such as cp1252",
        )  # fmt: skip
    except OSError:
        raise
    except Exception:  # the library's own kinds of failure have no common name
        findings.add("DQ002", path.name, count=1, expected=called, came="a damaged file, or one that was cut off")
    return None


def _fits(path: Path, meta: About, findings: Findings, declared: Declared) -> bool:
    """Whether what the file says of its size is within the limits; some say it only once they are read."""
    rows, columns = meta.number_rows or 0, meta.number_columns or 0
    if not declared.limits.fits(findings, path.name, rows=rows, columns=columns):
        return False
    megabytes = rows * sum(meta.variable_storage_width.values()) / 1e6
    if megabytes > declared.limits.max_megabytes:
        return declared.limits.refuse(findings, path.name, "max_megabytes", f"{megabytes:,.0f} MB when unpacked")
    return True


def _missing(column: pd.Series, ranges: Sequence[Mapping[str, float | str]], marks: Sequence[str]) -> pd.Series:
    """Which cells the file itself calls missing: codes in a range, or a mark of its own."""
    away = pd.Series(False, index=column.index)
    number = pd.api.types.is_numeric_dtype(column.dtype)
    for one in ranges:
        low, high = one["lo"], one["hi"]
        if isinstance(low, str):
            away |= column.astype("str").str.strip() == low.strip()
        elif number:
            away |= column.between(low, high)
    if len(marks) and not number:
        away |= column.map(lambda cell: isinstance(cell, str) and cell in marks).astype(bool)
    return away


def _labels(known: Mapping[object, str], ranges: Sequence[Mapping[str, float | str]]) -> dict[str, str]:
    """Code, as text, to label; without the codes that are missing."""
    codes = pd.Series(list(known), dtype=object)
    if all(isinstance(code, (int, float)) for code in known):
        codes = codes.astype("float64")
    away = _missing(codes, ranges, ())
    kept = [(code, str(text).strip()) for (code, text), gone in zip(known.items(), away, strict=True) if not gone]
    return {word: text for code, text in kept if (word := _word(code)) and text}


def _word(code: object) -> str:
    return str(as_text(pd.Series([code])).iloc[0])


def _column(column: pd.Series) -> pd.Series:
    """One column as numbers, dates or text."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.astype("datetime64[us]")
    known = column.dropna()
    if len(known) and all(isinstance(cell, dt.date) for cell in known):
        return pd.Series([None if pd.isna(cell) else pd.Timestamp(cell) for cell in column], dtype="datetime64[us]")
    if len(known) and all(isinstance(cell, (int, float)) for cell in known):
        return column.astype("float64")
    return pd.Series(["" if pd.isna(cell) else str(cell).strip() for cell in column], dtype="str")
