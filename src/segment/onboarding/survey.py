"""A survey's export as a study reads it: who answered, when, which questions, and what else stands in it."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.ingest.parsing import as_dates, as_text
from segment.ingest.sensitive import is_denied
from segment.ingest.tools import COUNTED, OWN_COLUMNS
from segment.onboarding.attributes import IDENTIFIES, Sorted, is_about_people
from segment.onboarding.columns import Column, look
from segment.onboarding.items import Question, find_questions
from segment.onboarding.names import (
    IDENTIFIERS,
    LEAVING,
    WAVES,
    WEIGHTS,
    day_of_answering,
    surest,
)
from segment.onboarding.opening import Opened
from segment.onboarding.questionnaires import Asked, same_code

_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:[-_. ]?(0[1-9]|1[0-2]))?(?!\d)")
_BEGINS = re.compile(r"wt|weight|gewicht|weging|wgt", re.I)
#: Rows with an identifier of their own for a column to be one that its name does not tell.
_FEWEST = 20


@dataclass
class SurveySide:
    """One survey export as proposed."""

    opened: Opened
    columns: dict[str, Column]
    identifier: str | None
    sure: bool
    wave: str | None = None
    wave_column: str | None = None
    last_day: dt.date | None = None
    weight: str | None = None
    outcome: str | None = None
    questions: list[Question] = field(default_factory=list)
    others: Sorted = field(default_factory=Sorted)
    long: bool = False

    @property
    def unanswered(self) -> list[str]:
        """Codes and words that mean 'no answer' in any of its questions."""
        return sorted({code for one in self.questions for code in one.unanswered})


def read_survey(opened: Opened, asked: Sequence[Asked], *, known_ids: Collection[str]) -> SurveySide:
    """One survey export; ``asked``: the questionnaire that came with it, ``known_ids``: identifiers "
    "of the HR export."""
    columns = {name: _with_wording(look(opened.raw, name), asked) for name in opened.names}
    identifier, sure = find_identifier(opened, columns, known_ids)
    side = SurveySide(opened, columns, identifier, sure)
    told = OWN_COLUMNS.get(opened.tool, frozenset())
    day = day_of_answering(name for name, one in columns.items() if one.kind == "date")
    side.wave_column = _wave_column(columns)
    side.weight = _weight(columns)
    side.outcome = surest(columns, LEAVING)
    side.last_day = last_day_of(columns[day]) if day else None
    side.wave = _wave_name(opened, side.last_day) if side.wave_column is None else None
    side.long = identifier is not None and _is_long(opened, side)
    taken = {side.identifier, side.wave_column, side.weight, side.outcome}
    rest = [one for name, one in columns.items() if name not in {*taken, *told} and not is_about_people(one)]
    blocks = {name: block for name in columns if (block := _block_of(name, asked))}
    side.questions = find_questions(rest, blocks)
    codes = {one.code for one in side.questions}
    for name, one in columns.items():
        if name in told and name not in taken:
            named = is_denied(name) and one.kind != "empty"
            side.others.ignored[name] = IDENTIFIES if named else f"noted by {opened.tool}, no answer"
        elif name not in taken and name not in codes:
            side.others.take(one)
    return side


def _with_wording(column: Column, asked: Sequence[Asked]) -> Column:
    """A column with the wording and labels of the questionnaire, where the export holds none."""
    found = next((one for one in asked if same_code(one.code) == same_code(column.name)), None)
    if found is None:
        return column
    said = {name: getattr(column, name) for name in Column.__dataclass_fields__}
    return Column(**{**said, "question": found.text or column.question, "labels": column.labels or found.labels})


def _block_of(name: str, asked: Sequence[Asked]) -> str:
    return next((one.block for one in asked if same_code(one.code) == same_code(name)), "")


def find_identifier(opened: Opened, columns: Mapping[str, Column], known: Collection[str]) -> tuple[str | None, bool]:
    """The column that says who somebody is, and whether its name, or another export, says so.

    Where both exports are there, the column whose values the other one holds most; else by its name; else one that is
    different on every row. Never one in which a tool counts the answers of a survey.
    """
    counted = COUNTED.get(opened.tool, frozenset())
    able = [name for name in columns if name not in counted and _may_identify(columns[name])]
    texts = {name: as_text(opened.raw.frame[name]) for name in able}
    if known:
        shares = {name: text.dropna().isin(known).mean() for name, text in texts.items() if text.notna().any()}
        best = max(shares, key=lambda name: shares[name], default=None)
        if best is not None and shares[best] >= 0.3:
            return best, True
    filled = [name for name, text in texts.items() if text.notna().mean() >= 0.9]
    named = surest(filled, IDENTIFIERS)
    if named is not None:
        return named, True
    noted = OWN_COLUMNS.get(opened.tool, frozenset())
    unique = [one for one in filled if one not in noted and texts[one].is_unique and len(texts[one]) >= _FEWEST]
    return (unique[0], False) if unique else (None, False)


def _may_identify(column: Column) -> bool:
    whole = column.kind == "words" or bool((column.numbers[~pd.isna(column.numbers)] % 1 == 0).all())
    return column.kind in ("words", "number") and whole and bool(column.text.dropna().str.len().mean() <= 40)


def _weight(columns: Mapping[str, Column]) -> str | None:
    """The weight of an answer: by its whole name, else by how it begins where its numbers lie around one."""
    numbers = [name for name, one in columns.items() if one.kind == "number"]
    begun = [name for name in numbers if _BEGINS.match(name) and _around_one(columns[name])]
    return surest(numbers, WEIGHTS) or next(iter(begun), None)


def _around_one(column: Column) -> bool:
    known = column.numbers[np.isfinite(column.numbers)]
    return bool(len(known) and known.min() > 0 and 0.5 <= known.mean() <= 2 and np.any(known % 1 != 0))


def _wave_column(columns: Mapping[str, Column]) -> str | None:
    name = surest(columns, WAVES)
    return name if name is not None and len(columns[name].counts) <= 60 else None


def _wave_name(opened: Opened, day: dt.date | None) -> str:
    """The wave by the file's own name, else by the month of the last answer, else the file's name."""
    found = _IN_NAME.search(opened.path.stem)
    if found:
        return f"{found[1]}-{found[2]}" if found[2] else found[1]
    if day is not None:
        return f"{day.year}-{day.month:02d}"
    return re.sub(r"[^A-Za-z0-9_-]+", "-", opened.path.stem).strip("-_")[:20].rstrip("-_") or "survey"


def last_day_of(column: Column) -> dt.date | None:
    """The last day of the month in which a column of dates ends: nobody's own day; nothing while that is to come."""
    dates = as_dates(column.text, date_format=column.date_format).column.dropna()
    if dates.empty:
        return None
    last = dates.max().date()
    ends = dt.date(last.year, last.month, calendar.monthrange(last.year, last.month)[1])
    return ends if ends <= dt.date.today() else None


def _is_long(opened: Opened, side: SurveySide) -> bool:
    """Whether people stand on several rows each, in a file without a wave that would tell them apart."""
    keys = [name for name in (side.identifier, side.wave_column) if name is not None]
    return bool(opened.raw.frame.duplicated(keys).mean() > 0.5)
