"""The cells, columns and sheets of the workbook: words, numbers, bounds of shares, and what is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from segment.displays.labels import Edges, band_of

#: A cell: words, a number, or nothing; ``HIDDEN`` stands where the release rules hid a figure.
Cell = str | float | int | None
HIDDEN = object()


@dataclass(frozen=True)
class Column:
    """A column of a sheet: heading, how its figures are written, width in characters, shade, and what it means."""

    heading: str
    kind: str = "text"
    width: int = 14
    shade: bool = False
    about: str = ""


@dataclass(frozen=True)
class Bound:
    """A share that was banded: a number in its cell, written as 'at_least' or 'at_most'."""

    value: float
    kind: str


def share_cell(value: Any, bands: Edges) -> Any:
    """A released share as a cell; a bound at the edge of its row's bands."""
    kind = band_of(float(value), bands) if isinstance(value, float) else ""
    return Bound(float(value), kind) if kind else value


@dataclass(frozen=True)
class Sheet:
    """A sheet: name, words above the table, columns, rows, a note beside the headings. No columns: words only."""

    name: str
    words: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    note: str = ""


def is_missing(value: Any) -> bool:
    """Whether a cell has nothing to show."""
    return value is None or (not isinstance(value, str) and pd.isna(value))
