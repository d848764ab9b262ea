"""Columns that many tables share."""

from __future__ import annotations

from segment.tables.shown import ShownColumn
from segment.tables.spec import Column

PERSON = Column("person", "text", "keyed pseudonym of the person")
WAVE = Column("wave", "text", "survey wave")
SEGMENT = Column("segment", "integer", "segment number, 0 is the largest", low=0, unit="segment")
NEED = Column("need", "text", "need code of the codebook")


def number(name: str, about: str, low: float | None = None, high: float | None = None, *, unit: str = "") -> Column:
    """A column of numbers that may be missing; from 0 to 1 it is a share where no other unit is given."""
    return Column(name, "number", about, nullable=True, low=low, high=high, unit=unit or _share(low, high))


def text(name: str, about: str, *, nullable: bool = False, words: str = "") -> Column:
    """A column of words; of codes, with the keys of the catalogue that say them (``Column.words``)."""
    return Column(name, "text", about, nullable=nullable, words=words)


def count(name: str, about: str, *, unit: str = "people") -> Column:
    """A column of counts, of people where nothing else is given."""
    return Column(name, "integer", about, low=0, unit=unit)


def _share(low: float | None, high: float | None) -> str:
    return "share" if (low, high) == (0, 1) else ""


#: Columns that a release makes, in many tables.
PLACE = number("place", "place by the unrounded figure, 1 first", 1, unit="rank")
ALIKE = number("about_as_much", "how many of the next in place are about as much", 0, unit="rows")
YES_SHARE = number("share", "share who say yes, where the question has two answers", 0, 1)
YES_SHARES = (
    YES_SHARE,
    number("share_low", "95 % interval of that share", 0, 1),
    number("share_high", "95 % interval of that share", 0, 1),
)
YES_ENDS = ("share_low", "share_high")
YES_SHARE_OF_ALL = number("share_overall", "share of everyone who say yes", 0, 1)
EVERYONE = count("n", "people it is about")


#: Names of the two ends of an interval.
INTERVAL = ("low", "high")

#: How columns that many tables show are reported: in the report, then on a sheet.
BY_SEGMENT, COUNTED = (
    ShownColumn("segment", "segment", head="display.column.segment"),
    ShownColumn("n", "people", head="display.column.n"),
)
OF_SEGMENT, OF_NEED = ShownColumn("segment", "segment", width=32), ShownColumn("need", "need", width=22)
PEOPLE = ShownColumn("n", "people", width=10)
MEANS = (ShownColumn("low", "one", width=13), ShownColumn("high", "one", width=13))
SHARES = (
    ShownColumn("share_low", "percent", head="workbook.column.low", width=13),
    ShownColumn("share_high", "percent", head="workbook.column.high", width=13),
)
SHARE = ShownColumn("share", "percent", width=11)
SHARE_OF_ALL = ShownColumn("share_overall", "percent", width=15)
#: The rank that was decided before rounding, and whether the next in rank is about as much.
RANKED = (
    ShownColumn("place", "count", width=8),
    ShownColumn("about_as_much", "alike", head="workbook.column.alike", width=16),
)
