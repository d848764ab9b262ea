"""How a column of a released table reads in one language: its heading, and each of its cells as words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segment.displays.labels import Labels, bands_of, people_text, segment_number, share_text
from segment.locale import catalogue, number, say
from segment.tables.shown import FIGURES, Shown, Told
from segment.vocabulary import SEVEN_RS

#: Measures of the seven Rs that come from HR's own records; the others are answers.
EXITS = ("voluntary_exits", "exits")
#: Measures that are shares, and the one in points from -100 to 100; every other one of the seven Rs runs from 1 to 5.
SHARES, POINTS = ("referral", *EXITS), "enps"
#: Measures of profiles, which are called the same in every figure.
_PROFILE = ("score", "importance", "experience", "shortfall")
_DIGITS = {"count": 0, "amount": 0, "one": 1, "two": 2}


def heading(table: str, told: Told, language: str) -> str:
    """What stands above a column of a table."""
    own = f"table.{table}.{told.column}"
    return say(told.head or (own if own in catalogue() else f"workbook.column.{told.column}"), language)


def meaning(table: str, told: Told, language: str) -> str:
    """What a column means; empty where the catalogue does not say."""
    for key in (f"table.{table}.{told.column}.about", f"workbook.about.{told.column}"):
        if key in catalogue():
            return say(key, language)
    return ""


def title_of(table: str, shown: Shown, language: str) -> str:
    """What a table is called where it is shown: the finding that titles it, or its name."""
    return say(shown.title or f"report.table.{table}", language)


def name_of(told: Told, value: Any, labels: Labels) -> str:
    """A code in words, as its column is told; what is no code as it is."""
    known: Mapping[str, Callable[[Any], str]] = {
        "segment": lambda code: labels.segment(segment_number(code)),
        "need": lambda code: labels.need(str(code)),
        "moment": lambda code: labels.moment(str(code)),
        "feature": lambda code: labels.feature(str(code)),
        "measure": lambda code: _measure(str(code), labels.language),
        "r": lambda code: say(f"display.r.{code}", labels.language) if code in SEVEN_RS else code,
        "word": lambda code: _word(told.words, str(code), labels.language),
        "alike": lambda following: _whether(following, labels.language),
    }
    return known.get(told.kind, str)(value)


def cell_text(row: Mapping[Any, Any], told: Told, labels: Labels) -> str:
    """A cell of a released row as words: hidden figures say so, and a share that was banded is a bound.

    Examples
    --------
    >>> row = {"segment": 1.0, "n": "120", "share": 0.95, "status": "banded"}
    >>> [cell_text(row, Told(name, kind), Labels("nl")) for name, kind in
    ...  (("segment", "segment"), ("n", "people"), ("share", "percent"))]
    ['Segment 2', '120', '≥ 95%']
    """
    value, language = row[told.column], labels.language
    if told.kind not in FIGURES:
        missing = value is None or (value != value and told.kind not in ("segment", "alike"))
        return "–" if missing else name_of(told, value, labels)
    if row["status"] == "hidden":
        return say("report.hidden", language)
    if told.kind == "people":
        return people_text(value, language)
    figure = float("nan") if value is None else float(value)
    if told.kind == "percent":
        return share_text(figure, language, bands=bands_of(row))
    if told.kind == "points":
        return "–" if figure != figure else f"{number(figure, language)}%"
    return number(figure, language, digits=_DIGITS.get(told.kind, 0))


def measure_name(measure: str, language: str, *, share: bool = False) -> str:
    """A measure of the seven Rs in words; the measure itself when the study named it."""
    key = f"experience.measure.{measure}"
    name = say(key, language) if key in catalogue() else measure.replace("_", " ")
    if share or measure in SHARES:
        return f"{name} ({say('report.unit.share', language)})"
    return f"{name} ({say('report.unit.points', language)})" if measure == POINTS else name


def _measure(measure: str, language: str) -> str:
    return say(f"display.measure.{measure}", language) if measure in _PROFILE else measure_name(measure, language)


def _whether(following: float, language: str) -> str:
    """Whether the next in rank is about as much; empty where that is not told."""
    return "" if following != following else say("report.yes" if following > 0 else "report.no", language)


def _word(words: str, code: str, language: str) -> str:
    key = f"{words}.{code}"
    return say(key, language) if key in catalogue() else code.replace("_", " ")
