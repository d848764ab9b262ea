"""How a column of a released table reads in one language: its heading, and each of its cells as words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segment.displays.labels import (
    Edges,
    Labels,
    Row,
    band_of,
    bands_of,
    interval,
    people_text,
    segment_number,
    share_interval,
    share_text,
    signed,
)
from segment.locale import catalogue, number, own_words, say
from segment.tables.shown import FIGURES, Shown, ShownColumn
from segment.vocabulary import NOT_MEASURED, SEVEN_RS

#: Measures of the seven Rs that come from HR's own records; the others are answers.
EXITS = ("voluntary_exits", "exits")
#: Measures that are shares, and the one in points from -100 to 100; every other one of the seven Rs runs from 1 to 5.
SHARES, POINTS = ("referral", *EXITS), "enps"
#: Measures of profiles, which are called the same in every figure.
_PROFILE = ("score", "importance", "experience", "shortfall")
#: Kinds in which nothing stands for everyone, or for what is not told.
_OF_NOBODY = ("segment", "alike", "group")
#: What a table may call the group of everyone.
EVERYONE = "(everyone)"
_DIGITS = {"count": 0, "amount": 0, "one": 1, "two": 2, "points": 1, "change": 0, "signed": 1, "measured": 1}


def heading(table: str, told: ShownColumn, labels: Labels) -> str:
    """What stands above a column of a table; above everyone alone, where there are no segments, it is not called so."""
    own = f"table.{table}.{told.column}"
    key = told.head or (own if own in catalogue() else f"workbook.column.{told.column}")
    if told.kind == "segment" and labels.together and key.endswith(".segment"):
        key = key.removesuffix("segment") + "whom"
    return labels.say(key, **labels.values)


def meaning(table: str, told: ShownColumn, labels: Labels) -> str:
    """What a column means; empty where the catalogue does not say."""
    name = "whom" if told.kind == "segment" and labels.together else told.column
    own = told.head or f"table.{table}.{told.column}"
    for key in (f"{own}.about", f"table.{table}.{told.column}.about", f"workbook.about.{name}"):
        if key in catalogue():
            return labels.say(key)
    return ""


def title_of(table: str, shown: Shown, labels: Labels) -> str:
    """What a table is called where it is shown: the finding that titles it, or its name."""
    return labels.say(shown.title or f"report.table.{table}", **labels.values)


def _whole(month: object) -> int:
    return round(float(str(month)))


def name_of(told: ShownColumn, value: object, labels: Labels) -> str:
    """A code in words, as its column is shown; what is no code as it is."""
    known: Mapping[str, Callable[[object], str]] = {
        "segment": lambda code: labels.segment(segment_number(code)),
        "need": lambda code: labels.need(str(code)),
        "moment": lambda code: labels.moment(str(code)),
        "offer": lambda code: labels.offer(str(code)),
        "action": lambda code: labels.action(str(code)),
        "feature": lambda code: labels.feature(str(code)),
        "question": lambda code: _with_scale(str(code), labels),
        "grouping": lambda code: grouping_name(str(code), labels),
        "group": lambda code: group_name(code, labels),
        "parts": lambda parts: _parts(told.words, str(parts), labels.language),
        "month": lambda month: (
            "" if month != month else say(told.words, labels.language, month=round(float(str(month))))
        ),
        "segments": lambda codes: _segments(told.words, str(codes), labels),
        "measure": lambda code: _measure(str(code), labels),
        "about": lambda code: _about(str(code), labels),
        "r": lambda code: say(f"display.r.{code}", labels.language) if code in SEVEN_RS else str(code),
        "word": lambda code: _word(told.words, str(code), labels),
        "unit": lambda share: _unit(share, labels.language),
        "alike": lambda following: _whether(float(str(following)), labels.language),
    }
    return known.get(told.kind, str)(value)


def cell_text(row: Row, told: ShownColumn, labels: Labels) -> str:
    """A cell of a released row as words: hidden figures say so, and a share that was banded is a bound.

    Examples
    --------
    >>> row = {"segment": 1.0, "n": "120", "share": 0.95, "status": "banded"}
    >>> [cell_text(row, ShownColumn(name, kind), Labels("nl")) for name, kind in
    ...  (("segment", "segment"), ("n", "people"), ("share", "percent"))]
    ['Segment 2', '120', '≥ 95%']
    """
    value, language = row[told.column], labels.language
    if row["status"] == "hidden" and value == "" and told.kind != "r":  # what hidden figures chose is hidden with them
        return say("report.hidden", language)
    if row["status"] == NOT_MEASURED and told.kind in FIGURES:
        return say("report.not_measured", language)
    if told.kind == "measure" and told.yes:
        share = _number(row, told.yes)
        unknown = value is None or value != value
        return "–" if unknown else measure_name(str(value), language, share=share == share)
    if told.kind not in FIGURES:
        unknown = value != value and told.kind not in _OF_NOBODY
        missing = value == "" or unknown or (value is None and told.kind != "segment")
        return _blank(told, labels) if missing else name_of(told, value, labels)
    if row["status"] == "hidden":
        return say("report.hidden", language)
    if told.kind == "people":
        return "–" if value is None else people_text(value, language)
    bands = bands_of(row)
    figures = [_figure(row, told, one, language, bands) for one in (told.column, *told.ends)]
    if "–" in figures and (told.column in told.ends or figures[0] == "–"):
        return _blank(told, labels)
    if told.column in told.ends:
        return _between(row, told, bands, language)
    if not told.ends or "–" in figures:
        return figures[0]
    return f"{figures[0]} ({_within(row, told, bands, language)})"


def _figure(row: Row, told: ShownColumn, column: str, language: str, bands: Edges) -> str:
    """A figure as its kind has it; of a question with two answers, the share who say yes."""
    figure = _number(row, column)
    if told.yes and figure != figure:
        return share_text(_number(row, told.yes), language, bands=bands)
    if told.kind == "measured" and row["measure"] in (POINTS, *SHARES):
        points = row["measure"] == POINTS
        return signed(figure, language, unit="") if points else share_text(figure, language, bands=bands)
    digits = told.digits if told.digits >= 0 else _DIGITS.get(told.kind, 0)
    if told.share and (share := _number(row, told.share)) == share:
        figure, digits = figure / 100, digits + 2
    if told.kind == "percent":
        return share_text(figure, language, bands=bands)
    if told.kind in ("change", "signed"):
        return signed(figure, language, digits=digits, unit="%" if told.kind == "change" else "")
    if told.kind == "points":
        return "–" if figure != figure else f"{number(figure, language, digits=digits)}%"
    return number(figure, language, digits=digits)


def _number(row: Row, column: str) -> float:
    value = row.get(column)
    return float("nan") if value is None else float(value)


def _between(row: Row, told: ShownColumn, bands: Edges, language: str) -> str:
    """An interval that stands alone."""
    low, high = (_number(row, end) for end in told.ends)
    if told.kind == "percent":
        return share_interval(low, high, language, bands=bands)
    first, last = (_figure(row, told, end, language, bands) for end in told.ends)
    return interval(first, last, language)


def _within(row: Row, told: ShownColumn, bands: Edges, language: str) -> str:
    """An interval behind its figure: a dash between ends without a sign, a word between those that have one."""
    ends = [_number(row, end) for end in told.ends]
    if told.kind in ("change", "signed") or (told.kind == "percent" and any(band_of(end, bands) for end in ends)):
        return _between(row, told, bands, language)
    return "–".join(_figure(row, told, end, language, bands) for end in told.ends)


def measure_name(measure: str, language: str, *, share: bool = False) -> str:
    """A measure of the seven Rs in words; the measure itself when the study named it."""
    key = f"experience.measure.{measure}"
    name = say(key, language) if key in catalogue() else measure.replace("_", " ")
    if share or measure in SHARES:
        return f"{name} ({say('report.unit.share', language)})"
    return f"{name} ({say('report.unit.points', language)})" if measure == POINTS else name


def _unit(share: object, language: str) -> str:
    """What a row's difference is in: hundredths of a share where it has one, else points of its own scale."""
    return say("display.unit.own" if share is None or share != share else "display.unit.hundredth", language)


def _about(code: str, labels: Labels) -> str:
    """A need, or else one of the seven Rs by the name it has on the scorecard."""
    return labels.need(code) if code in labels.needs else measure_name(code, labels.language)


def _measure(measure: str, labels: Labels) -> str:
    if measure not in _PROFILE:
        return measure_name(measure, labels.language)
    return labels.say(f"display.measure.{measure}")


def grouping_name(code: str, labels: Labels) -> str:
    """A grouping as readers know it: the needs segments, or an attribute's name."""
    key = f"display.grouping.{code}"
    return labels.say(key) if key in catalogue() else labels.feature(code)


def _with_scale(item: str, labels: Labels) -> str:
    """A question in words with the scale it was asked on, for figures that are shown on that scale."""
    scale = labels.scale(item)
    return f"{labels.feature(item)} ({scale})" if scale else labels.feature(item)


def group_name(code: object, labels: Labels) -> str:
    """A group as the study calls it in this language; everyone where it is empty."""
    if code != code or str(code) == EVERYONE:
        return labels.everyone
    return own_words(labels.groups.get(str(code)) or {}, labels.language, str(code).replace("_", " "))


def _segments(words: str, numbers: str, labels: Labels) -> str:
    """Segments, of which the table has the numbers, in a phrase."""
    names = [labels.segment(int(one)) for one in numbers.split(",") if one.isdigit()]
    return say(words, labels.language, names=", ".join(names))


def _parts(words: str, parts: str, language: str) -> str:
    several = parts.isdigit() and int(parts) > 1
    return say(f"{words}.parts" if several else f"{words}.whole", language, parts=parts)


def _blank(told: ShownColumn, labels: Labels) -> str:
    return labels.say(told.blank) if told.blank else "–"


def _whether(following: float, language: str) -> str:
    """Whether the next in rank is about as much; empty if that is not shown."""
    return "" if following != following else say("report.yes" if following > 0 else "report.no", language)


def _word(words: str, code: str, labels: Labels) -> str:
    key = f"{words}.{code}"
    return labels.say(key) if key in catalogue() else code.replace("_", " ")
