"""Rows around the header: titles above it, and question texts or a survey tool's codes below; nobody's answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.ingest.parsing import as_text

_VALUE = re.compile(r"[+-]?[\d.,' /:TZ-]{1,40}")
#: How many rows under the header may be headers, how many rows below tell what the columns hold, and how sure.
_MOST, _BELOW, _FEWEST_BELOW, _SURE = 3, 200, 5, 0.95
#: Columns of text that tell enough.
_LOOKED_AT = 500
#: Rows among which the header is looked for, and the share of the columns that it names at least.
TOP, _NAMED = 50, 0.9


def header_row(cells: Sequence[Sequence[str]]) -> int:
    """The row on which the columns' names stand, counted from 1: the first below titles and blank lines.

    A row that fills at most half of the columns is a title. The first row below titles is the header when it fills
    them all, with words of which none comes again in its column; else there is no telling, and row 1 it is.

    Parameters
    ----------
    cells
        The first rows of a table, of which fifty are looked at; rows may end early.

    >>> header_row([["HR export"], [], ["id", "team", "since"], ["p1", "Care", "2020"], ["p2", "Care", ""]])
    3
    """
    rows = [[str(cell).strip() for cell in row] for row in cells[:TOP]]
    filled = [sum(map(bool, row)) for row in rows]
    width = max(filled, default=0)
    place = next((at for at, count in enumerate(filled) if count > width / 2), 0)
    full = width > 1 and filled[place] >= _NAMED * width
    return place + 1 if place and full and _are_names(rows[place], rows[place + 1 :]) else 1


def _are_names(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether cells are names of columns: words, each once, and none of them a value of its own column."""
    words = [name for name in names if "@" not in name and any(sign.isalpha() for sign in name)]
    again = any(name and name == cell for row in below for name, cell in zip(names, row, strict=False))
    return len(words) > len(names) / 2 and len(set(names)) == len(names) and not again


def found_elsewhere(cells: Sequence[Sequence[str]], row: int) -> str:
    """What to do when the names do not stand on the row on which they are read; empty where they look to."""
    found = header_row(cells)
    return f"declare header_row: {found}, where the names of the columns look to stand" if found != row else ""


def extra_headers(frame: pd.DataFrame) -> np.ndarray:
    """Which rows are headers too: words in nearly every column in which the rows below hold numbers or dates.

    Returns a flag per row. Only the first three rows can be, and there have to be two such columns.

    >>> table = pd.DataFrame({"a": ["How old?", *"123456"], "b": ["How many?", *"654321"]}, dtype="str")
    >>> extra_headers(table).tolist()
    [True, False, False, False, False, False, False]
    """
    top = frame.iloc[: _MOST + _BELOW]
    texts = [name for name in top if top[name].dtype == "str"][:_LOOKED_AT]
    columns = [as_text(top[name]).map(_is_word, na_action="ignore") for name in texts]
    for rows in range(_MOST, 0, -1):
        told = [column.iloc[:rows].dropna() for column in columns if _holds_values(column.iloc[rows:])]
        words = [bool(one.all()) for one in told if len(one) == rows]
        if len(words) >= 2 and np.mean(words) >= _SURE:
            return np.arange(len(frame)) < rows
    return np.zeros(len(frame), dtype=bool)


def _is_word(text: str) -> bool:
    return len(text) > 40 or not _VALUE.fullmatch(text)


def _holds_values(column: pd.Series) -> bool:
    """Whether nearly all filled cells are numbers or dates."""
    known = column.dropna()
    return len(known) >= _FEWEST_BELOW and 1 - float(known.astype(bool).mean()) >= _SURE
