"""What stands in one column of an export, before anybody has said what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from segment.ingest.labels import usual_scale
from segment.ingest.parsing import as_dates, as_numbers, as_text, order_of
from segment.ingest.raw import RawTable
from segment.ingest.unknown import looks_unknown

Kind = Literal["empty", "number", "date", "words"]
#: Rows that tell what a column is; identifiers are looked at in all rows.
_LOOKED_AT = 20_000
#: The share of filled cells that one reading has to explain.
_MOSTLY = 0.98
#: Days that tools and systems fill in where a date is not known.
_NO_DAYS = re.compile(
    r"\D*(?:(?:0?1|31)\D(?:0?1|12|31)\D(?:1900|2999|9999)|(?:1900|2999|9999)\D(?:0?1|12)\D(?:0?1|31))\b.*"
)
_DAY_SIGN = re.compile(r"\d{1,2}([-/. ])\d{1,2}[-/. ](\d{4}|\d{2})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?")


@dataclass(frozen=True)
class Column:
    """One column: its cells as text, as numbers where they are, and how they are written.

    ``question`` and ``labels`` are what the file itself says; ``doubtful`` marks dates or decimals that can be read in
    two ways; ``no_days`` are days that stand for 'not known'.
    """

    name: str
    question: str
    labels: Mapping[str, str]
    text: pd.Series
    numbers: np.ndarray
    kind: Kind
    decimal: str = "."
    date_format: str | None = None
    doubtful: bool = False
    no_days: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> pd.Series:
        """How often each different cell occurs, the most frequent first."""
        return self.text.value_counts()

    @property
    def filled(self) -> int:
        """Cells that hold anything, among those that were looked at."""
        return int(self.text.notna().sum())

    @cached_property
    def points(self) -> tuple[int, ...]:
        """The different whole numbers, lowest first; nothing where there are others or too many."""
        known = np.unique(self.numbers[np.isfinite(self.numbers)])
        whole = len(known) and len(known) <= 30 and np.all(known == np.round(known)) and np.abs(known).max() < 1e6
        return tuple(int(value) for value in known) if whole else ()

    @cached_property
    def usual(self) -> str | None:
        """The usual scale that the cells, or the labels of their codes, are the words of."""
        words = [word for word in (self.labels.values() or self.counts.index) if not looks_unknown(str(word))]
        if self.kind == "number" and not self.labels:
            return None
        return usual_scale(map(str, words)) if 2 <= len(words) <= 11 else None


def look(raw: RawTable, name: str) -> Column:
    """What stands in one column of a table."""
    cells = raw.frame[name].iloc[:_LOOKED_AT]
    text = as_text(cells)
    told = Column(
        name, raw.questions.get(name, ""), raw.labels.get(name, {}), text, np.full(len(text), np.nan), "words"
    )
    if not text.notna().any():
        return _as(told, kind="empty")
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return _as(told, kind="date")
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        return _as(told, kind="number", numbers=cells.to_numpy(dtype=float))
    return _dates(told) or _numbers(told) or told


def _as(told: Column, **said: object) -> Column:
    return Column(**{**{name: getattr(told, name) for name in Column.__dataclass_fields__}, **said})


def _numbers(told: Column) -> Column | None:
    known = told.text[told.text.notna() & ~told.text.fillna("").map(looks_unknown).astype(bool)]
    if known.empty:
        return None
    read = {mark: as_numbers(told.text, decimal=mark) for mark in (".", ",")}
    best = min(read, key=lambda mark: (read[mark].bad.sum(), mark != "."))
    parsed = read[best]
    if parsed.column.notna().sum() < _MOSTLY * len(known):
        return None
    return _as(
        told, kind="number", numbers=parsed.column.to_numpy(dtype=float), decimal=best,
        doubtful=bool(parsed.ambiguous.any()),
    )  # fmt: skip


def _dates(told: Column) -> Column | None:
    """The column as dates, with the order of day and month where the cells themselves settle it."""
    words = told.counts.index.to_series().astype("str").head(2000)
    no_days = tuple(sorted(word for word in words if _NO_DAYS.fullmatch(word)))
    words = words[~words.isin(no_days) & ~words.map(looks_unknown).astype(bool)]
    if words.empty or not words.str.contains(r"\d", regex=True).all():
        return None
    found = [match for word in words if (match := _DAY_SIGN.fullmatch(word))]
    if len(found) < _MOSTLY * len(words):
        return _as(told, kind="date", no_days=no_days) if as_dates(words).column.notna().mean() >= _MOSTLY else None
    bare = [match[0].partition(match[3])[0].strip() if match[3] else match[0] for match in found]
    orders = {order_of(word) for word in bare} - {""}
    if len(orders) != 1:
        return _as(told, kind="date", doubtful=True, no_days=no_days)
    sign, year = found[0][1], "%Y" if len(found[0][2]) == 4 else "%y"
    first, second = ("%d", "%m") if orders == {"day"} else ("%m", "%d")
    hours = "" if not found[0][3] else " %H:%M:%S" if found[0][3].count(":") == 2 else " %H:%M"
    written = f"{first}{sign}{second}{sign}{year}{hours}"
    made = as_dates(words, date_format=written)
    fits = made.column.notna().mean() >= _MOSTLY
    return _as(told, kind="date", date_format=written if fits else None, doubtful=not fits, no_days=no_days)
