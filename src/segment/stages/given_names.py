"""Names that HR gave to segments: events in the book, put on the segment that they were given to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from segment.errors import InvalidInput
from segment.governance.events import EventLog
from segment.locale import STANDS_IN

#: What the event is called.
ACTION = "name"
#: Letters of any script, in words that spaces, hyphens, apostrophes, commas or ampersands join: safe in every file.
_NAME = re.compile(r"[^\W\d_]+(?:(?:, | & |[ '’-])[^\W\d_]+)*")
_LONGEST = 40


@dataclass(frozen=True)
class GivenName:
    """One name that was given: to which segment (0..k-1), what it was called by itself, and the name per language."""

    segment: int
    neutral: str
    names: Mapping[str, str]


def given_names(book: Path, key: bytes) -> list[GivenName]:
    """Every name that was given, oldest first; empty where there is no book yet."""
    if not book.is_file():
        return []
    told = [event.detail for event in EventLog(book, key=key).events() if event.action == ACTION]
    return [GivenName(int(one["segment"]), str(one["neutral"]), dict(one["names"])) for one in told]


def named(names: pd.DataFrame, given: Sequence[GivenName], *, kept: Collection[int] = ()) -> pd.DataFrame:
    """The ``segment_names`` table with the names that HR gave.

    A name goes to the segment that is called by itself what that one was called; else to the one with its number, where
    that is ``kept`` from the decided model. A name whose segment is gone goes to none.

    Examples
    --------
    >>> rows = [(0, "nl", "Groei"), (0, "en", "Growth"), (1, "en", "Rest")]
    >>> table = pd.DataFrame(rows, columns=["segment", "language", "called"])
    >>> named(table, [GivenName(0, "Growth", {"nl": "De bouwers", "en": "Builders"})])["called"].tolist()
    ['De bouwers', 'Builders', 'Rest']
    >>> named(table, [GivenName(0, "Pay", {"nl": "Weg", "en": "Gone"})])["called"].tolist()
    ['Groei', 'Growth', 'Rest']
    """
    table = names.copy()
    for one in given:
        neutral = (names["language"] == STANDS_IN) & (names["called"] == one.neutral)
        own = set(names.loc[neutral, "segment"]) or {one.segment} & set(kept)
        told = names["language"].map(dict(one.names)).where(names["segment"].isin(own))
        table["called"] = told.fillna(table["called"])
    return table


def checked_name(text: str, *, language: str) -> str:
    """A name as it may stand in every file, its spaces tidied.

    >>> checked_name(" The  builders ", language="en")
    'The builders'
    >>> checked_name("=1+1", language="en")
    Traceback (most recent call last):
    segment.errors.InvalidInput: A segment cannot be called this.
      expected: words of letters, 2 to 40 signs, joined by spaces, hyphens, apostrophes, commas or &
      found: signs that do not belong in a name (en)
      what to do: choose words that say what this group needs, and nobody's name
    """
    tidy = " ".join(text.split())
    if 2 <= len(tidy) <= _LONGEST and _NAME.fullmatch(tidy):
        return tidy
    came = f"{len(tidy)} signs" if not 2 <= len(tidy) <= _LONGEST else "signs that do not belong in a name"
    raise InvalidInput(
        "A segment cannot be called this.",
        expected=f"words of letters, 2 to {_LONGEST} signs, joined by spaces, hyphens, apostrophes, commas or &",
        came=f"{came} ({language})",
        advice="choose words that say what this group needs, and nobody's name",
    )
