"""A raw file's cells, before anything is said about what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from segment.ingest.findings import Findings


@dataclass(frozen=True)
class RawTable:
    """A file's cells. ``frame`` has the file's own column names; ``rows`` the spreadsheet row of every row.

    CSV cells are text, empty where nothing stood. Excel and Parquet keep numbers and dates as they were stored.
    Where the file tells it: ``labels`` what the codes of a column stand for (column: {code: label}), ``questions`` what
    a column asks, ``tool`` what made the file. ``header_row`` is the spreadsheet row of the columns' names.
    """

    file: str
    frame: pd.DataFrame
    rows: np.ndarray
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    tool: str = ""
    header_row: int = 1

    def where(self, keep: np.ndarray) -> RawTable:
        """The rows for which ``keep`` is true, with their row numbers."""
        return replace(self, frame=self.frame.loc[keep].reset_index(drop=True), rows=self.rows[keep])


def names_are_sound(name: str, header: Sequence[str], findings: Findings, *, row: int = 1, advice: str = "") -> bool:
    """Whether there are columns, each with one name of its own; ``row`` is where the names stand."""
    if not header:
        findings.add("DQ008", name, count=0, came="no columns", advice=advice)
        return False
    repeated = {column: count for column, count in Counter(header).items() if count > 1 and column}
    for column, count in repeated.items():
        findings.add("DQ007", name, column=column, rows=[row], came=f"{count} columns with this name", advice=advice)
    nameless = [place for place, column in enumerate(header, start=1) if not column]
    if nameless:
        places = ", ".join(map(str, nameless[:5]))
        came = f"no name above column number {places}"
        findings.add("DQ007", name, rows=[row], count=len(nameless), came=came, advice=advice)
    return not repeated and not nameless


def drop_blank(table: RawTable) -> RawTable:
    """Leave out rows without any content; the others keep their row numbers."""
    suspects = table.frame.iloc[:, 0]
    empty = (suspects.isna() | (suspects.astype("str").str.strip() == "")).to_numpy(dtype=bool)
    if not empty.any():
        return table
    part = table.frame.loc[empty]
    blank = np.ones(len(part), dtype=bool)
    for column in part.columns:
        if not blank.any():
            return table
        blank &= (part[column].isna() | (part[column].astype("str").str.strip() == "")).to_numpy(dtype=bool)
    keep = np.ones(len(table.frame), dtype=bool)
    keep[np.flatnonzero(empty)[blank]] = False
    return table if keep.all() else table.where(keep)
