"""Who stays out of a study: people who were erased, who object, or whose time has run out.

Raw exports may still hold them, so every reading leaves them out again. The list (``excluded.json``) knows people by a
keyed reference that is not their pseudonym: without the key it names nobody, and with it only somebody who knows the
identifier can ask for one person.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from segment.ingest import Inputs
from segment.stages.base import OpenStudy
from segment.stages.window import DAYS_PER_MONTH, FILE
from segment.store import read_json, save_json


@dataclass(frozen=True)
class Excluded:
    """References of people who stay out, each with the reason, and the day up to which attributes were purged."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    purged_until: dt.date | None = None
    leavers_gone: dt.date | None = None

    @classmethod
    def of(cls, opened: OpenStudy) -> Excluded:
        """The list of a study; empty where there is none."""
        path = _path(opened)
        if not path.is_file():
            return cls()
        content = read_json(path)
        days = [content.get(name) for name in ("purged_until", "leavers_gone")]
        return cls(dict(content.get("reasons", {})), *(dt.date.fromisoformat(day) if day else None for day in days))

    def with_people(self, references: Collection[str], reason: str) -> Excluded:
        """The list with more people; a reason that stands is kept, but for an objection that became an erasure."""
        added = {
            reference: reason
            for reference in references
            if reference not in self.reasons or (self.reasons[reference] == "object" and reason != "object")
        }
        return replace(self, reasons={**self.reasons, **added})

    def save(self, opened: OpenStudy) -> None:
        """Write the list, whole."""
        days = {"purged_until": self.purged_until, "leavers_gone": self.leavers_gone}
        told = {name: day.isoformat() if day is not None else None for name, day in days.items()}
        save_json(_path(opened), {"reasons": dict(self.reasons), **told})


def reference_of(opened: OpenStudy, person: str) -> str:
    """How books speak of a person: a keyed digest of the pseudonym, for this purpose only."""
    return hashlib.blake2b(person.encode(), key=opened.key[:64], digest_size=16, person=b"segment subject").hexdigest()


def without_excluded(opened: OpenStudy, inputs: Inputs) -> Inputs:
    """What was read, without the people who stay out and without attributes whose time has run out."""
    excluded = Excluded.of(opened)
    if not excluded.reasons and excluded.purged_until is None:
        return inputs
    tables = {name: _kept(opened, frame, excluded) for name, frame in inputs.tables.items()}
    outcome = None if inputs.outcome is None else _kept(opened, inputs.outcome, excluded)
    if excluded.purged_until is not None:
        tables = blank_attributes(opened, tables, excluded.purged_until)
    return replace(inputs, tables=tables, outcome=outcome)


def blank_attributes(opened: OpenStudy, tables: Mapping[str, pd.DataFrame], day: dt.date) -> dict[str, pd.DataFrame]:
    """The tables with attributes emptied, for people who left longer ago than the attribute may be kept."""
    found, people = dict(tables), tables.get("people")
    declared: Mapping[str, Any] = opened.config.sources.people.attributes if opened.config.sources.people else {}
    limits = {name: one.retention_months for name, one in declared.items() if one.retention_months is not None}
    if people is None or not limits:
        return found
    gone = months_gone(people, day)
    for table in ("people", "snapshots", "audit"):
        if table in found:
            frame = found[table]
            ago = frame["person"].map(gone)
            changed = {n: frame[n].mask(ago > months) for n, months in limits.items() if n in frame}
            found[table] = frame.assign(**changed)
    return found


def months_gone(people: pd.DataFrame, day: dt.date) -> pd.Series:
    """Months since each person's last day, by person; only of those who have left for good."""
    open_ended = people.loc[people["end_date"].isna(), "person"]
    ended = people[~people["person"].isin(open_ended)].groupby("person")["end_date"].max()
    return ((pd.Timestamp(day) - ended).dt.days / DAYS_PER_MONTH).rename("months")


def _kept(opened: OpenStudy, frame: pd.DataFrame, excluded: Excluded) -> pd.DataFrame:
    if "person" not in frame or not excluded.reasons:
        return frame
    out = {p for p in frame["person"].dropna().unique() if reference_of(opened, p) in excluded.reasons}
    return frame[~frame["person"].isin(out)].reset_index(drop=True)


def _path(opened: OpenStudy) -> Path:
    return opened.workspace / FILE
