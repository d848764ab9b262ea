"""What columns about people are for: attributes with a purpose, and columns that stay outside with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from segment.ingest.sensitive import identifying_patterns, is_denied, is_protected, looks_like_sex
from segment.onboarding.columns import Column
from segment.onboarding.names import is_amount, is_health
from segment.vocabulary import Purpose

#: Words of one cell from which it is free text; different values that a group of people can have; groups at most.
_LONG, _MOST_GROUPS = 4, 60
#: People behind each value, on average, below which values are people's own.
_EACH = 3
#: The share of cells with a semicolon from which a column holds lists.
_LISTED = 0.2
#: Why a column that is called a name, an address and the like stays outside.
IDENTIFIES = "identifies people, by its name"


@dataclass
class Sorted:
    """Columns by what becomes of them: attributes (name: what is said of it) and what is left out (name: why)."""

    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)

    def take(self, column: Column) -> None:
        """Sort one column that nothing else wants."""
        reason = why_outside(column)
        if reason:
            self.ignored[column.name] = reason
            return
        said: dict[str, str] = {"purpose": str(Purpose.PROFILE)}
        if column.kind == "number":
            said = {"purpose": str(Purpose.MODEL), "type": "number"}
            if len(column.points) and len(column.points) <= _MOST_GROUPS and not is_amount(column.name):
                said = {"purpose": str(Purpose.PROFILE)} if column.labels else said
        if is_about_people(column):
            said |= {"purpose": str(Purpose.AUDIT), "sensitivity": "protected"}
        self.attributes[column.name] = said


def is_about_people(column: Column) -> bool:
    """Whether a column is about who somebody is, by its name or its values: never a question."""
    sex = column.kind == "words" and looks_like_sex(column.text)
    return sex or is_protected(column.name) or is_denied(column.name) or is_health(column.name)


def why_outside(column: Column) -> str:
    """Why a column stays outside the study; nothing where it may come in."""
    known = column.text.dropna()
    if column.kind == "empty":
        return "empty"
    if is_denied(column.name):
        return IDENTIFIES
    if column.kind == "words" and identifying_patterns(column.text):
        return "its values look like addresses or numbers of people"
    if is_health(column.name):
        return "health: never taken in"
    if column.kind == "words" and _holds_lists(column):
        return "several answers in one cell: a ranking or a list, which a codebook can declare"
    if len(column.counts) == 1:
        return "the same for everyone"
    if column.kind == "date":
        return "a date that the study does not use"
    if (
        column.kind == "words"
        and float(known.map(lambda cell: len(str(cell).split())).mean()) >= _LONG
        and len(column.counts) > 0.3 * len(known)
    ):
        return "free text, in which people can be named"
    own = len(column.counts) > len(known) / _EACH
    if (column.kind == "words" and (own or len(column.counts) > _MOST_GROUPS)) or (own and len(known) >= 50):
        return "nearly everyone has a value of their own, or there are too many different ones"
    return ""


def _holds_lists(column: Column) -> bool:
    """Whether cells hold several answers with semicolons between or behind them, as survey tools write lists."""
    cells = [str(cell) for cell in column.counts.index]
    parts = {part.strip() for cell in cells for part in cell.split(";")} - {""}
    several = sum(int(count) for cell, count in column.counts.items() if ";" in str(cell))
    return several >= _LISTED * max(column.filled, 1) and 1 < len(parts) <= min(len(cells) + 1, _MOST_GROUPS)
