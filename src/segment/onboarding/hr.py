"""An HR export as a study reads it: employment, snapshots, attributes and what stays outside."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from segment.ingest.parsing import as_dates
from segment.ingest.unknown import NAMED_FROM, looks_unknown
from segment.onboarding.attributes import Sorted
from segment.onboarding.columns import Column, look
from segment.onboarding.names import (
    AFTERWARDS,
    DERIVED,
    ENDS,
    LEAVING,
    REASONS,
    SNAPSHOTS,
    STARTS,
    is_intention,
    joined,
    place_in,
    surest,
)
from segment.onboarding.opening import Opened
from segment.onboarding.survey import find_identifier, last_day_of

_OWN_WILL = re.compile(r"\bvoluntary|\bvrijwillig|\bresign|eigen verzoek|eigen initiatief|opgezegd door", re.I)
_NOT_OWN = re.compile(r"involuntary|\bonvrijwillig|lay-?off|dismiss|ontslag|redundan|terminat|boventallig|fired", re.I)
_NO_END = re.compile(r"not applicable|n\.?v\.?t\.?|niet van toepassing|^n/?a$|^none$|^geen$|^active$|^actief$", re.I)
_YES = frozenset({"yes", "ja", "true", "1", "left", "leaver", "terminated", "vertrokken", "y", "j"})
_NO = frozenset({"no", "nee", "false", "0", "stayed", "stayer", "active", "gebleven", "n"})


@dataclass
class PeopleSide:
    """One HR export, or the part of a survey that is about people, as proposed.

    ``lists``: each date of a snapshot is a list of everyone, and nothing else says who left.
    """

    opened: Opened
    columns: dict[str, Column]
    identifier: str | None
    sure: bool
    named: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    others: Sorted = field(default_factory=Sorted)
    outcome: dict[str, object] = field(default_factory=dict)
    lists: bool = False


def read_hr(opened: Opened) -> PeopleSide:
    """One HR export."""
    columns = {name: look(opened.raw, name) for name in opened.names}
    identifier, sure = find_identifier(opened, columns, ())
    side = PeopleSide(opened, columns, identifier, sure)
    dated = [name for name, one in columns.items() if one.kind == "date"]
    for ours, found in (
        ("start_date", surest(dated, STARTS)),
        ("end_date", surest(dated, ENDS)),
        ("end_reason", surest(columns, REASONS)),
        ("snapshot_date", _snapshot(opened, side, columns)),
    ):
        if found is not None:
            side.named[ours] = found
    if "relation" in columns:
        side.named["relation"] = "relation"
    if "end_reason" in side.named:
        _read_reasons(side, columns[side.named["end_reason"]])
    for ours in ("start_date", "end_date"):
        no_days = columns[side.named[ours]].no_days if ours in side.named else ()
        side.missing |= {ours: list(no_days)} if no_days else {}
    if {"start_date", "end_date"} <= side.named.keys():
        side.outcome = _spells(columns, side.named)
    elif {"start_date", "snapshot_date"} <= side.named.keys():
        side.outcome = _lists(columns[side.named["snapshot_date"]])
        side.lists = bool(side.outcome)
    elif (flag := surest(columns, LEAVING)) is not None:
        side.outcome = horizon(columns[flag], source="people")
    sort_rest(side, also={str(side.outcome.get("column", ""))})
    return side


def sort_rest(side: PeopleSide, *, also: set[str]) -> None:
    """Every other column as an attribute, or left out."""
    taken = {side.identifier, *side.named.values(), *also}
    for name, one in side.columns.items():
        if name in taken:
            continue
        if side.outcome and place_in(name, AFTERWARDS) is not None:
            side.others.ignored[name] = "known only once somebody has left"
        elif "start_date" in side.named and place_in(name, DERIVED) is not None:
            side.others.ignored[name] = "follows from the dates"
        else:
            side.others.take(one)


def _snapshot(opened: Opened, side: PeopleSide, columns: Mapping[str, Column]) -> str | None:
    """The column that says as of when a row holds, where people stand on several rows and it tells these apart."""
    names = [name for name, one in columns.items() if one.kind in ("date", "number") and not one.doubtful]
    found = surest(names, SNAPSHOTS)
    frame = opened.raw.frame
    if found is None or side.identifier is None or not frame[side.identifier].duplicated().any():
        return None
    return found if frame.duplicated([side.identifier, found]).mean() < 0.01 else None


def _read_reasons(side: PeopleSide, column: Column) -> None:
    """What words for reasons stand for; words of few people are not written down."""
    told: dict[str, str] = {}
    for word, count in column.counts.items():
        if count < NAMED_FROM:
            continue
        meant = (
            ""
            if _NO_END.search(str(word)) or looks_unknown(str(word))
            else "involuntary"
            if _NOT_OWN.search(str(word))
            else "voluntary"
            if _OWN_WILL.search(str(word))
            else "other"
        )
        if meant != word:
            told[str(word)] = meant
    if told:
        side.words["end_reason"] = told


def _spells(columns: Mapping[str, Column], named: Mapping[str, str]) -> dict[str, object]:
    """Dated employment, watched from the year in which the first exit stands to the month of the last date."""
    start, end = columns[named["start_date"]], columns[named["end_date"]]
    days = as_dates(end.text.mask(end.text.isin(end.no_days)), date_format=end.date_format).column.dropna()
    days = days[(days > "1930-01-01") & (days < "2100-01-01")]
    last = max([one for one in (last_day_of(start), _month_end(days)) if one is not None], default=None)
    if days.empty or last is None:
        return {}
    return {"kind": "spells", "window": {"start": dt.date(days.min().year, 1, 1), "end": last}}


def _lists(column: Column) -> dict[str, object]:
    """Employment out of lists of everyone, watched from the first list to the last; nothing with fewer than two."""
    days = as_dates(column.text, date_format=column.date_format, years=True).column.dropna()
    if days.nunique() < 2:
        return {}
    return {"kind": "spells", "window": {"start": days.min().date(), "end": days.max().date()}}


def _month_end(days: pd.Series) -> dt.date | None:
    """The last day of the month of the last of these days; today while that is to come."""
    known = days[days <= pd.Timestamp.today()]
    if known.empty:
        return None
    last = known.max()
    ends = dt.date(last.year, last.month, calendar.monthrange(last.year, last.month)[1])
    return ends if ends <= dt.date.today() else dt.date.today()


def horizon(column: Column, *, source: str) -> dict[str, object]:
    """A flag of leaving; nothing where its values do not say yes and no."""
    words = {str(word): str(word).strip().lower() for word in column.counts.index}
    labelled = {code: label.strip().lower() for code, label in column.labels.items()}
    spoken = {labelled.get(word, plain) for word, plain in words.items()} - {""}
    spoken = {re.sub(r"\.0+$", "", word) for word in spoken if not looks_unknown(word)}
    if len(spoken) != 2 or not (spoken & _YES and spoken & _NO):
        return {}
    intends = is_intention(column.name) or "plan" in joined(column.question)
    return {
        "kind": "horizon",
        "meaning": "intention" if intends else "exit",
        "source": source,
        "column": column.name,
        "yes": sorted(spoken & _YES),
        "no": sorted(spoken & _NO),
        "months": 12,
    }
