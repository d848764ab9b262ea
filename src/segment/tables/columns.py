"""Columns that many tables share."""

from __future__ import annotations

from segment.tables.spec import Column

PERSON = Column("person", "text", "keyed pseudonym of the person")
WAVE = Column("wave", "text", "survey wave")
SEGMENT = Column("segment", "integer", "segment number, 0 is the largest", low=0)
NEED = Column("need", "text", "need code of the codebook")


def number(name: str, about: str, low: float | None = None, high: float | None = None) -> Column:
    """A column of numbers that may be missing."""
    return Column(name, "number", about, nullable=True, low=low, high=high)


def text(name: str, about: str, *, nullable: bool = False) -> Column:
    """A column of words."""
    return Column(name, "text", about, nullable=nullable)


def count(name: str, about: str) -> Column:
    """A column of counts."""
    return Column(name, "integer", about, low=0)


#: Names of the two ends of an interval.
INTERVAL = ("low", "high")
