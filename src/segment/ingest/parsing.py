"""Cells as values: text, numbers and dates as declared, with a mark on every cell that is none of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})")
_COMPACT = re.compile(r"(?:19|20|99)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_YEAR = re.compile(r"[12]\d{3}")
#: Numbers in which one mark stands before exactly three digits, so that it can part thousands or decimals.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
#: No number of a person or an answer is written with more signs than this.
_LONGEST_NUMBER = 400
_NUMBER = {
    ".": re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:[, \u00a0\u202f'’]\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?"),
    ",": re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:[. \u00a0\u202f'’]\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d+)?"),
}
_THOUSANDS = {".": ", \u00a0\u202f'’", ",": ". \u00a0\u202f'’"}


@dataclass(frozen=True)
class Parsed:
    """A column of values and what could not be read: ``bad`` marks cells that are not what was declared.

    For dates, ``ambiguous`` marks cells in which day and month can be read in either order, or whose order another
    cell of the column contradicts; for numbers, cells whose mark can part thousands or decimals.
    """

    column: pd.Series
    bad: np.ndarray
    ambiguous: np.ndarray


@dataclass(frozen=True)
class Numbers(Parsed):
    """A column of numbers as :class:`Parsed`, with the translated text that they were read from."""

    text: pd.Series


#: What words stand for: the number, as text, of each that is known.
Spell = Callable[[pd.Series], Mapping[str, str]]


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as text without the spaces around them; missing where nothing stands.

    ``'007'`` stays ``'007'``, a department called ``NA`` stays ``NA``, and 12.0 becomes ``'12'``.

    >>> as_text(pd.Series([12.0, None])).tolist()
    ['12', nan]
    >>> as_text(pd.Series([" 007", "NA", ""], dtype="str")).tolist()
    ['007', 'NA', nan]
    """
    if pd.api.types.is_bool_dtype(cells.dtype):
        return cells.map({True: "true", False: "false"}).astype("str")
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        result: pd.Series = cells.dt.strftime("%Y-%m-%d").astype("str")
        return result
    codes, unique = pd.factorize(cells)
    made = [_number_text(value) if not isinstance(value, str) else value.strip() for value in unique]
    known = pd.Series([text if text else None for text in made] + [None], dtype="str")
    return pd.Series(known.array.take(codes), index=cells.index, name=cells.name)


def _number_text(value: float) -> str:
    number = float(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def translate(text: pd.Series, *, values: Mapping[str, str], missing: Collection[str]) -> pd.Series:
    """Text with the declared translations made and the declared words for 'not known' taken out.

    >>> translate(pd.Series(["J", "x"]), values={"J": "yes"}, missing=("x",)).tolist()
    ['yes', nan]
    """
    if not values and not missing:
        return text
    codes, unique = pd.factorize(text)
    made = [None if word in missing else (values.get(word, word) or None) for word in unique]
    known = pd.Series([*made, None], dtype="str")
    return pd.Series(known.array.take(codes), index=text.index, name=text.name)


def as_words(cells: pd.Series, *, values: Mapping[str, str], missing: Collection[str]) -> pd.Series:
    """Cells as text, translated as declared; missing where nothing is known.

    >>> as_words(pd.Series([1.0, 9.0, None]), values={"1": "yes"}, missing=("9",)).tolist()
    ['yes', nan, nan]
    """
    return translate(as_text(cells), values=values, missing=missing)


def is_stored_number(cells: pd.Series) -> bool:
    """Whether a file itself holds numbers in a column (Excel, Parquet), so that no decimal sign is in play.

    >>> is_stored_number(pd.Series([1.5])), is_stored_number(pd.Series(["1.5"])), is_stored_number(pd.Series([True]))
    (True, False, False)
    """
    return pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype)


def is_one_of(text: pd.Series, words: Collection[str]) -> pd.Series:
    """Which cells are one of these words, or the same number written otherwise (99.0 is 99).

    >>> is_one_of(pd.Series(["99.0", "99", "9", None]), ["99"]).tolist()
    [True, True, False, False]
    """
    numbers = [number for word in words if np.isfinite(number := _number(word, "."))]
    same = as_numbers(text).column.isin(numbers) if numbers else False
    return text.isin(list(words)) | same


def as_numbers(text: pd.Series, *, decimal: str = ".") -> Parsed:
    """Text as numbers; thousands separators are understood, anything else is marked.

    A number that begins with zero has no thousands (``0,873``). Where every number with a thousands mark has one
    mark before exactly three digits, and no other number of the column settles it, these cells are ``ambiguous``.

    >>> parsed = as_numbers(pd.Series(["1.234,5", "7", "about ten"]), decimal=",")
    >>> parsed.column.tolist(), parsed.bad.tolist()
    ([1234.5, 7.0, nan], [False, False, True])
    """
    codes, unique = pd.factorize(text)
    words = [str(word) for word in unique]
    made = np.array([_number(word, decimal) for word in words] + [np.nan], dtype=float)
    values = made[codes]
    bad = np.isnan(values) & (codes >= 0)
    unclear = np.array([*_may_be_either(words, decimal), False], dtype=bool)[codes]
    return Parsed(pd.Series(values, index=text.index, name=text.name), bad, unclear)


def read_numbers(
    cells: pd.Series, *, values: Mapping[str, str], missing: Collection[str], decimal: str, spell: Spell | None = None
) -> Numbers:
    """Cells as numbers without those that mean 'not known', compared as numbers: 99.0 is 99.

    ``spell`` gives the numbers, as text, that words among them stand for: of those that are no numbers themselves.

    >>> read_numbers(pd.Series(["1,5", "x", "99"]), values={}, missing=("99",), decimal=",").column.tolist()
    [1.5, nan, nan]
    """
    if is_stored_number(cells) and not values:
        nothing = np.zeros(len(cells), dtype=bool)
        return Numbers(_without(cells.astype("float64"), missing), nothing, nothing, cells)
    text = as_words(cells, values=values, missing=missing)
    parsed = as_numbers(text, decimal=decimal)
    if parsed.bad.any() and spell is not None:
        text = translate(text, values=spell(text[parsed.bad]), missing=())
        parsed = as_numbers(text, decimal=decimal)
    return Numbers(_without(parsed.column, missing), parsed.bad, parsed.ambiguous, text)


def _without(numbers: pd.Series, absent: Collection[str]) -> pd.Series:
    """Numbers without those that mean 'not known'."""
    codes = [float(word) for word in absent if _is_number(word)]
    return numbers.mask(numbers.isin(codes)) if codes else numbers


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _may_be_either(words: list[str], decimal: str) -> list[bool]:
    """Which numbers have one thousands mark before exactly three digits, where the column holds nothing clearer."""
    mark = "," if decimal == "." else "."
    grouped = [mark in word[:_LONGEST_NUMBER] for word in words]
    either = [bool(_EITHER.fullmatch(word)) and found for word, found in zip(words, grouped, strict=True)]
    settled = any(found and not clear for found, clear in zip(grouped, either, strict=True)) or any(
        decimal in word[:_LONGEST_NUMBER] for word in words
    )
    return [False] * len(words) if settled else either


def _number(word: str, decimal: str) -> float:
    digits = re.split("[eE]", word[:_LONGEST_NUMBER])[0]  # a letter and digits, as in E002335, are a name
    if len(word) > _LONGEST_NUMBER or not _NUMBER[decimal].fullmatch(word) or not any(map(str.isdigit, digits)):
        return float("nan")
    plain = word.translate({ord(sign): None for sign in _THOUSANDS[decimal]}).replace(",", ".")
    number = float(plain)
    return number if np.isfinite(number) else float("nan")


def is_day_number(word: str) -> bool:
    """Whether a word is what a spreadsheet keeps a day as: so many days since 1900, from 1930 to 2099.

    >>> is_day_number("41061"), is_day_number("41061.0"), is_day_number("1061"), is_day_number("2012-06-01")
    (True, True, False, False)
    """
    return word[:1].isdigit() and 10_959 <= _number(word, ".") < 73_051


def as_dates(
    text: pd.Series, *, date_format: str | None = None, years: bool = False, zone: str | None = None
) -> Parsed:
    """Text as dates: ISO always, anything else only as ``date_format`` says or when one order alone is possible.

    A moment with an offset (``2025-04-30T22:00:00Z``) is the calendar day that is written, or with ``zone`` the one
    it has there. With ``years`` a year alone counts as that year's last day: whatever is known of a
    year may have changed until then, so an earlier date would use what nobody knew yet.

    >>> as_dates(pd.Series(["03-04-2025"])).ambiguous.tolist()
    [True]
    >>> as_dates(pd.Series(["2013"]), years=True).column.dt.strftime("%Y-%m-%d").tolist()
    ['2013-12-31']
    """
    codes, unique = pd.factorize(text)
    words = pd.Series([str(word) for word in unique], dtype="str")
    made = pd.Series(pd.NaT, index=words.index, dtype="datetime64[us]")
    unclear = np.zeros(len(words), dtype=bool)
    todo = np.ones(len(words), dtype=bool)
    if years:
        alone = words.map(lambda word: bool(_YEAR.fullmatch(word))).to_numpy(dtype=bool)
        made[alone] = pd.to_datetime(words[alone] + "-12-31", format="%Y-%m-%d", errors="coerce").astype(
            "datetime64[us]"
        )
        todo &= ~alone
    if date_format:
        made[todo] = pd.to_datetime(words[todo], format=date_format, errors="coerce").astype("datetime64[us]")
        if years and not re.search(r"%[mbBdjxcDF]", date_format):
            made[todo] = made[todo] + pd.offsets.YearEnd(0)
    else:
        plain, unclear = _without_format(_in_zone(words, zone) if zone else words)
        made[todo] = plain[todo]
        unclear &= todo
    made = pd.concat([made, pd.Series([pd.NaT], dtype="datetime64[us]")], ignore_index=True).dt.normalize()
    values = pd.Series(made.array.take(codes), index=text.index, name=text.name)
    ambiguous = np.append(unclear, False)[codes]
    return Parsed(values, (values.isna().to_numpy() & (codes >= 0) & ~ambiguous), ambiguous)


def _in_zone(words: pd.Series, zone: str) -> pd.Series:
    """Moments with an offset as the calendar day of a zone; other words as they are."""
    moments = words.map(lambda word: bool(_MOMENT.fullmatch(word))).to_numpy(dtype=bool)
    if not moments.any():
        return words
    made = pd.to_datetime(words[moments], format="ISO8601", utc=True, errors="coerce").dt.tz_convert(zone)
    days = made.dt.strftime("%Y-%m-%d")
    return pd.Series(np.where(moments, days.reindex(words.index), words), index=words.index, dtype="str")


def _without_format(words: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Dates that need no declared format, and a mark on words whose day and month could change places."""
    iso: list[str | None] = []
    unclear = np.zeros(len(words), dtype=bool)
    orders: dict[str, list[int]] = {"day": [], "month": []}
    for place, word in enumerate(words):
        found = _ISO.fullmatch(word)
        numeric = _NUMERIC_DATE.fullmatch(word)
        if numeric and (order := _forced_order(*numeric.groups())):
            orders[order].append(place)
        if found:
            iso.append(found.group(1))
        elif _COMPACT.fullmatch(word):
            iso.append(f"{word[:4]}-{word[4:6]}-{word[6:]}")
        elif numeric:
            text, unclear[place] = _one_order(*numeric.groups())
            iso.append(text)
        else:
            iso.append(None)
    if all(orders.values()):  # the order belongs to the column: one of them is wrong, and nobody knows which
        for place in (*orders["day"], *orders["month"]):
            iso[place], unclear[place] = None, True
    dates = pd.to_datetime(pd.Series(iso, dtype="str"), format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    return dates, unclear


def _forced_order(first: str, second: str, year: str) -> str:
    """``day`` or ``month`` for what must come first in a date, nothing where both could."""
    a, b = int(first), int(second)
    if len(year) == 2:
        return ""
    return "day" if a > 12 >= b else "month" if b > 12 >= a else ""


def order_of(word: str) -> str:
    """``day`` or ``month`` for what must come first in a date as it is written, nothing where that is open.

    >>> order_of("25-03-2019"), order_of("03-26-2019"), order_of("03-04-2019")
    ('day', 'month', '')
    """
    numeric = _NUMERIC_DATE.fullmatch(word)
    return _forced_order(*numeric.groups()) if numeric else ""


def _one_order(first: str, second: str, year: str) -> tuple[str | None, bool]:
    """The ISO date when only one order of day and month is possible, and whether both are."""
    a, b = int(first), int(second)
    if len(year) == 2:
        return None, True
    if a > 12 >= b:
        return f"{year}-{b:02d}-{a:02d}", False
    if b > 12 >= a or a == b:
        return f"{year}-{a:02d}-{b:02d}", False
    return None, a <= 12 and b <= 12
