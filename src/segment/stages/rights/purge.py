"""Retention periods: people whose time has run out are taken out, and attributes that may be kept no longer emptied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from segment.stages.base import OpenStudy, open_study
from segment.stages.exclusive import alone
from segment.stages.observation_window import first_day_kept
from segment.stages.recovery import complete_interrupted
from segment.stages.rights.erasure import Removal, Step, remove
from segment.stages.rights.exclusion import (
    blank_attributes,
    empty_attributes,
    let_leavers_go,
    months_gone,
    tables_with_attributes,
)
from segment.stages.waves import wave_dates
from segment.vocabulary import DAYS_PER_MONTH, Relation


@alone("purge")
def purge_study(study: Path, *, today: dt.date | None = None, overrides: Sequence[str] = ()) -> list[str]:
    """Take out everyone whose retention period has run out, by what they were to the organisation.

    Employees, contractors and alumni count from their last day; candidates from their first day or the last wave they
    answered, whichever is later. A person without any date is kept, and counted in what is said.
    """
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    day = today or dt.datetime.now(dt.UTC).date()
    if not opened.store.has("people"):
        return ["This study knows no people by date, so no retention period can run out."]
    due, undated = people_due(opened, day)
    emptied = _attributes_due(opened, day)
    steps = [Step("empty-attributes", partial(empty_attributes, opened), {"day": day.isoformat()})] if emptied else []
    by_relation = due["relation"].value_counts().sort_index()
    detail = {"day": day.isoformat(), "relations": {str(name): int(n) for name, n in by_relation.items()}}
    said = []
    if (due["relation"] != Relation.CANDIDATE).any():
        gone = first_day_kept(opened.study, day)
        steps.append(Step("let-leavers-go", partial(let_leavers_go, opened), {"day": gone.isoformat()}))
        said.append(f"  staying and leaving is watched from {gone} on: exits before are gone")
    if len(due) or steps:  # one change: attributes, the window and people, or nothing
        removal = Removal(tuple(sorted(due["person"])), "purge", "segment purge", detail)
        counts = remove(opened, removal, first=steps)
    if len(due):
        listed = ", ".join(f"{n} {name}" for name, n in by_relation.items())
        said.insert(0, f"Taken out: {len(due)} people ({listed}), {counts['rows']} rows and {counts['files']} files.")
    else:
        said.append(f"Nobody's retention period had run out on {day.isoformat()}.")
    if emptied:
        said.append(f"  attributes emptied: {', '.join(emptied)}")
    if undated:
        said.append(f"  {undated} people have no date to count from and were kept: give them one in the export")
    return said


def people_due(opened: OpenStudy, day: dt.date) -> tuple[pd.DataFrame, int]:
    """People (``person``, ``relation``) whose period has run out on a day, and how many have no date to count from."""
    people = opened.store.read("people").sort_values(["person", "spell"])
    last = people.drop_duplicates("person", keep="last").set_index("person")
    since = months_gone(people, day).reindex(last.index)
    candidate = last["relation"] == Relation.CANDIDATE
    since = since.where(~candidate, _months_since_heard(opened, last, day))
    periods = opened.config.privacy.retention.model_dump()
    limit = last["relation"].map({relation: float(months) for relation, months in periods.items()})
    due = last.index[(since > limit).to_numpy()]
    undated = int((since.isna() & (candidate | (last["relation"] == Relation.ALUMNUS))).sum())
    return last.loc[due, ["relation"]].reset_index(), undated


def _months_since_heard(opened: OpenStudy, last: pd.DataFrame, day: dt.date) -> pd.Series:
    """Months since a candidate's first day or last answer, whichever is later."""
    heard = last["start_date"].copy()
    dates = wave_dates(opened)
    if dates and opened.store.has("responses"):
        rows = opened.store.read("responses")[["person", "wave"]]
        answered = rows.assign(day=rows["wave"].map(dates)).groupby("person")["day"].max().reindex(last.index)
        heard = heard.where(~(answered > heard) & heard.notna(), answered)
    result: pd.Series = (pd.Timestamp(day) - heard).dt.days / DAYS_PER_MONTH
    return result


def _attributes_due(opened: OpenStudy, day: dt.date) -> list[str]:
    """Attributes of which something is beyond its own period."""
    before = tables_with_attributes(opened)
    after = blank_attributes(opened, before, day)
    found = {
        str(column)
        for name in before
        for column in before[name]
        if int(after[name][column].isna().sum()) > int(before[name][column].isna().sum())
    }
    return sorted(found)
