"""Survey waves as moments in time: when a wave was, as its name or the study tells it, and which came first."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

_MONTHS = (
    ("januari", "january", "jan"), ("februari", "february", "feb", "febr"), ("maart", "march", "mrt", "mar"),
    ("april", "apr"), ("mei", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"), ("augustus", "august", "aug"),
    ("september", "sep", "sept"), ("oktober", "october", "okt", "oct"), ("november", "nov"),
    ("december", "dec"),
)  # fmt: skip
_MONTH_OF = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words}
#: First and last month of what people call a part of the year.
_PARTS = {
    "voorjaar": (3, 5), "lente": (3, 5), "spring": (3, 5), "zomer": (6, 8), "summer": (6, 8), "najaar": (9, 11),
    "herfst": (9, 11), "autumn": (9, 11), "fall": (9, 11), "h1": (1, 6), "h2": (7, 12),
}  # fmt: skip
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_QUARTER = r"(?:q|k|kwartaal\s*|quarter\s*)(?P<quarter>[1-4])"
_QUARTER_FIRST = r"(?P<quarter>[1-4])\s*(?:e|st|nd|rd|th)?\s*(?:kwartaal|quarter)"
_MONTH = f"(?P<month>{'|'.join(sorted(_MONTH_OF, key=len, reverse=True))})"
_PART = f"(?P<part>{'|'.join(_PARTS)})"
#: A year in two figures, behind a quarter or part of a year, where it can be nothing else.
_SHORT = r"[\s_./'’-]+(?P<short>\d{2})"
_BETWEEN = r"[\s_./'-]*(?:van|of)?[\s_./-]*"
#: Ways to write a time, the more exact first.
_WAYS = tuple(
    re.compile(rf"(?<![a-z0-9]){way}(?![a-z0-9])")
    for way in (
        rf"{_YEAR}[-_/.](?P<number>\d{{1,2}})[-_/.](?P<day>\d{{1,2}})",
        rf"{_YEAR}(?P<number>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])",
        rf"(?P<first>\d{{1,2}})[-_/.](?P<second>\d{{1,2}})[-_/.]{_YEAR}",
        rf"(?P<day>\d{{1,2}}){_BETWEEN}{_MONTH}{_BETWEEN}{_YEAR}",
        rf"{_MONTH}{_BETWEEN}{_YEAR}", rf"{_YEAR}{_BETWEEN}{_MONTH}",
        rf"{_YEAR}{_BETWEEN}{_QUARTER}", rf"{_QUARTER}{_BETWEEN}{_YEAR}", rf"{_QUARTER_FIRST}{_BETWEEN}{_YEAR}",
        rf"{_YEAR}{_BETWEEN}{_PART}", rf"{_PART}{_BETWEEN}{_YEAR}",
        rf"{_YEAR}[-_/.](?P<number>0?[1-9]|1[0-2])", rf"(?P<number>0?[1-9]|1[0-2])[-_/.]{_YEAR}",
        rf"{_YEAR}(?P<number>0[1-9]|1[0-2])", _YEAR,
        rf"{_QUARTER}{_SHORT}", rf"{_PART}{_SHORT}", rf"{_MONTH}\s*['’](?P<short>\d{{2}})",
        rf"['’]?(?P<short>\d{{2}})[\s_./-]*{_QUARTER}",
    )
)  # fmt: skip
_NUMBERED = re.compile(r"(?P<series>[^\d]*?)\s*[-_#.]?\s*(?P<number>\d{1,3})\s*(?P<after>[^\d]*)")


@dataclass(frozen=True)
class Wave:
    """One survey wave: its name, its first and last day where they are known, and its number where it has one.

    ``series`` is what stands around the number: waves of two series have no common order by number.
    """

    name: str
    first: dt.date | None = None
    last: dt.date | None = None
    number: int | None = None
    series: str = ""

    @classmethod
    def of(cls, name: str, day: dt.date | None = None) -> Wave:
        """A wave as its name tells it, or on the day that the study gives.

        >>> Wave.of("Q4 2023").last, Wave.of("meting 10").number, Wave.of("mei 2024").first
        (datetime.date(2023, 12, 31), 10, datetime.date(2024, 5, 1))
        """
        if day is not None:
            return cls(name, day, day)
        plain = " ".join(name.casefold().split())
        for way in _WAYS:
            found = way.search(plain)
            days = _days_of(found.groupdict()) if found else None
            if found and days is not None:
                rest = (plain[: found.start()] + plain[found.end() :]).strip(" -_./(),")
                return cls(name, *days, *_number_of(rest))
            if found:
                return cls(name)
        return cls(name, None, None, *_number_of(plain))


def _number_of(plain: str) -> tuple[int | None, str]:
    """The one number in a name and the words around it."""
    found = _NUMBERED.fullmatch(plain)
    if not found:
        return None, plain
    return int(found["number"]), f"{found['series'].strip()}|{found['after'].strip()}"


def _days_of(parts: Mapping[str, str | None]) -> tuple[dt.date, dt.date] | None:
    """First and last day of what was written; nothing where day and month could change places."""
    told = {key: value for key, value in parts.items() if value}
    year = int(told["year"]) if "year" in told else dt.datetime.strptime(told["short"], "%y").year
    if "first" in told:
        a, b = int(told["first"]), int(told["second"])
        if a != b and a <= 12 and b <= 12:
            return None
        return _day(year, min(a, b), max(a, b))
    if "quarter" in told:
        last = 3 * int(told["quarter"])
        return _months(year, last - 2, last)
    if "part" in told:
        return _months(year, *_PARTS[told["part"]])
    month = _MONTH_OF[told["month"]] if "month" in told else int(told.get("number", 0))
    if "day" in told:
        return _day(year, month, int(told["day"]))
    return _months(year, month, month) if month else _months(year, 1, 12)


def _day(year: int, month: int, day: int) -> tuple[dt.date, dt.date] | None:
    try:
        return dt.date(year, month, day), dt.date(year, month, day)
    except ValueError:
        return None


def _months(year: int, first: int, last: int) -> tuple[dt.date, dt.date] | None:
    if not 1 <= first <= last <= 12:
        return None
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


def waves_in_order(names: Iterable[str], days: Mapping[str, dt.date] | None = None) -> tuple[Wave, ...] | None:
    """The waves of these names, earliest first; nothing where their order is not known.

    ``days`` are days that the study gives. Known are waves that all have days, none inside another, or that all have
    numbers of one series; waves of the same time are told apart by their numbers.

    >>> [wave.name for wave in waves_in_order(["wave 10", "wave 9"])]
    ['wave 9', 'wave 10']
    >>> [wave.name for wave in waves_in_order(["Q1 2024", "Q4 2023"])]
    ['Q4 2023', 'Q1 2024']
    >>> waves_in_order(["before", "after"]) is None
    True
    """
    given = days or {}
    waves = [Wave.of(name, given.get(name)) for name in dict.fromkeys(names)]
    if len(waves) < 2:
        return tuple(waves)
    if any(wave.last is None for wave in waves):
        one_series = len({wave.series for wave in waves}) == 1 and all(wave.last is None for wave in waves)
        if not one_series or any(wave.number is None for wave in waves):
            return None
    ordered = sorted(waves, key=lambda w: (w.last or dt.date.min, w.first or dt.date.min, w.number or 0, w.name))
    return tuple(ordered) if all(map(_comes_before, ordered, ordered[1:])) else None


def _comes_before(one: Wave, other: Wave) -> bool:
    if one.last is not None and other.first is not None and one.last < other.first:
        return True
    if (one.first, one.last) != (other.first, other.last) or one.series != other.series:
        return False
    return one.number is not None and other.number is not None and one.number < other.number


def latest_wave(names: Iterable[str], days: Mapping[str, dt.date] | None = None) -> str:
    """The last of these waves; of waves whose order nobody knows the last in the alphabet."""
    known = list(dict.fromkeys(map(str, names)))
    ordered = waves_in_order(known, days)
    return ordered[-1].name if ordered else max(known)


def rows_by_wave(rows: pd.DataFrame, waves: Sequence[str] | None = None) -> pd.DataFrame:
    """Rows in the order of their waves, those of one wave as they were; ``waves`` earliest first, else as names tell.

    >>> rows_by_wave(pd.DataFrame({"wave": ["wave 10", "wave 9"], "n": [1, 2]}))["n"].tolist()
    [2, 1]
    """
    names = list(dict.fromkeys(map(str, rows["wave"])))
    if waves is None:
        ordered = waves_in_order(names)
        waves = [wave.name for wave in ordered] if ordered is not None else sorted(names)
    place = {name: number for number, name in enumerate(waves)}
    return rows.sort_values("wave", key=lambda names: names.map(place), kind="stable")
