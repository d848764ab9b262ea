"""The cells, columns and sheets of the workbook: words, numbers, bounds of shares, and what is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import SupportsFloat

import pandas as pd

from segment.displays.labels import Edges, band_of


class Hidden(Enum):
    """What stands where the release rules hid a figure."""

    HIDDEN = "hidden"


HIDDEN = Hidden.HIDDEN


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


#: A cell: words, a number, a bound of a share, what was hidden, or nothing.
Cell = str | SupportsFloat | Bound | Hidden | None


def share_cell(value: Cell, bands: Edges) -> Cell:
    """A released share as a cell; a bound at the edge of its row's bands."""
    kind = band_of(value, bands) if isinstance(value, float) else ""
    return Bound(value, kind) if kind and isinstance(value, float) else value


@dataclass(frozen=True)
class Sheet:
    """A sheet: name, words above the table, columns, rows, a note beside the headings. No columns: words only."""

    name: str
    words: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    note: str = ""


def is_missing(value: object) -> bool:
    """Whether a cell has nothing to show."""
    return value is None or value is pd.NA or (not isinstance(value, str) and bool(value != value))
