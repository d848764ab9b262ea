"""Further header rows under the first: question texts or a survey tool's codes, which are no answers of anybody."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from segment.ingest.parsing import as_text

_VALUE = re.compile(r"[+-]?[\d.,' /:TZ-]{1,40}")
#: How many rows under the header may be headers, how many rows below tell what the columns hold, and how sure.
_MOST, _BELOW, _FEWEST_BELOW, _SURE = 3, 200, 5, 0.95
#: Columns of text that tell enough.
_LOOKED_AT = 500


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
