"""How the dates of a column may be written and how far they reach: the formats that read every one, and the setting."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from segment.ingest.parsing import as_dates
from segment.ingest.unknown import looks_unknown

#: Days before and after these are placeholders: nobody began or left on one.
EARLIEST, LATEST = pd.Timestamp("1930-01-01"), pd.Timestamp("2100-01-01")
_DATE = re.compile(
    r"(\d{1,4}|[^\W\d_]+)([-/. ]{1,2})(\d{1,2}|[^\W\d_]+)([-/. ,]{1,2})(\d{1,4})(?:([T ])\d{2}:\d{2}(:\d{2})?)?"
)
#: What a date begins with -> its parts, in order.
_ORDERS: Mapping[str, str] = {"day": "dmy", "month": "mdy", "year": "ymd"}


def formats_reading(words: pd.Series) -> dict[str, str]:
    """What a date begins with (``day``, ``month``, ``year``) -> the format that reads every one of these words so.

    Words that mean 'not known' need none. Empty where no one format reads all others.

    >>> formats_reading(pd.Series(["25/03/19", "01/12/20", "n/a"]))
    {'day': '%d/%m/%y', 'year': '%y/%m/%d'}
    >>> formats_reading(pd.Series(["25/03/99"])), formats_reading(pd.Series(["25/03/99", "2019-01-01"]))
    ({'day': '%d/%m/%y'}, {})
    """
    known = pd.Series([word for word in words.dropna().unique() if not looks_unknown(str(word))], dtype="str")
    found = _DATE.fullmatch(str(known.iloc[0])) if len(known) else None
    if found is None:
        return {}
    first, sign, second, other, third, hours, seconds = found.groups()
    tail = f"{hours}%H:%M{':%S' if seconds else ''}" if hours else ""
    read = {}
    for begins, order in _ORDERS.items():
        parts = [_part(part, word) for part, word in zip(order, (first, second, third), strict=True)]
        written = f"{parts[0]}{sign}{parts[1]}{other}{parts[2]}{tail}"
        if as_dates(known, date_format=written).column.notna().all():
            read[begins] = written
    return read


def _part(part: str, word: str) -> str:
    """A part of a date as a format writes it, after one date that has it."""
    if part == "y":
        return "%Y" if len(word) == 4 else "%y"
    if part == "m" and word.isalpha():
        return "%b" if len(word) == 3 else "%B"
    return f"%{part}"


def on_format(key: str, words: pd.Series) -> str:
    """The setting that reads these dates, under ``key``; all that do where several could; empty if none does.

    >>> on_format("start_date", pd.Series(["25/03/2019"]))
    "declare date_format: {start_date: '%d/%m/%Y'}, which reads every date of this column"
    """
    read = formats_reading(words)
    if not read:
        return ""
    (begins, written), *more = read.items()
    said = f"declare date_format: {{{key}: '{written}'}}"
    if not more:
        return f"{said}, which reads every date of this column"
    others = "".join(f", or '{other}' if the {first} does" for first, other in more)
    return f"{said} if the {begins} comes first{others}; each reads every date of this column"
