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

import pandas as pd

from segment.disclosure.rounding import in_band
from segment.governance.kept_out import REASONS, KeptOut
from segment.governance.organisation import ties_of
from segment.ingest import Inputs
from segment.stages.base import OpenStudy
from segment.stages.observation_window import FILE
from segment.store import read_json, save_json
from segment.vocabulary import DAYS_PER_MONTH


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


def out_elsewhere(opened: OpenStudy, identities: pd.DataFrame) -> dict[str, str]:
    """Person to reason, for those of a table ``identities`` who were erased or object under the organisation's key."""
    shared = opened.organisation
    return KeptOut(shared).of(ties_of(identities, key=opened.key)) if shared is not None else {}


def keep_out_elsewhere(opened: OpenStudy, identities: pd.DataFrame, reasons: Mapping[str, str]) -> None:
    """Keep people (person to reason) out of every study under the key; a purge is of this study alone."""
    shared = opened.organisation
    if shared is None or not reasons:
        return
    rows = identities[identities["person"].isin(reasons.keys())]
    ties = ties_of(rows, key=opened.key)
    for why in REASONS:
        KeptOut(shared).add([tie for person, tie in ties.items() if reasons[person] == why], why)


def who_stays_out(opened: OpenStudy, inputs: Inputs) -> dict[str, str]:
    """Person to reason, for those of what was read who stay out, by this study's list or the organisation's."""
    identities = inputs.tables["identities"]
    here = Excluded.of(opened).reasons
    listed = {person: reference_of(opened, person) for person in identities["person"]} if here else {}
    own = {person: here[reference] for person, reference in listed.items() if reference in here}
    return out_elsewhere(opened, identities) | own


def warn_of_left_out(out: Collection[str]) -> list[str]:
    """That people whom the exports name are left out, and why; how many is shown as a band."""
    if not out:
        return []
    return [
        f"{in_band(len(out))} people are left out: they were erased, object, or their time has run out, in this study "
        "or (erased, objecting) in another one under the key."
    ]


def without_excluded(opened: OpenStudy, inputs: Inputs) -> Inputs:
    """What was read, without the people who stay out and without attributes whose time has run out."""
    excluded, out = Excluded.of(opened), who_stays_out(opened, inputs).keys()
    if not out and excluded.purged_until is None:
        return inputs
    tables = {name: _kept(frame, out) for name, frame in inputs.tables.items()}
    outcome = None if inputs.outcome is None else _kept(inputs.outcome, out)
    if excluded.purged_until is not None:
        tables = blank_attributes(opened, tables, excluded.purged_until)
    return replace(inputs, tables=tables, outcome=outcome)


def blank_attributes(opened: OpenStudy, tables: Mapping[str, pd.DataFrame], day: dt.date) -> dict[str, pd.DataFrame]:
    """The tables with attributes emptied, for people who left longer ago than the attribute may be kept."""
    found, people = dict(tables), tables.get("people")
    source = opened.config.sources.people
    declared = source.attributes if source is not None else {}
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


def empty_attributes(opened: OpenStudy, content: Mapping[str, str]) -> None:
    """The step of a purge: attributes beyond their own period on a ``day`` are emptied, now and at every reading.

    It can be done twice.
    """
    day, excluded = dt.date.fromisoformat(content["day"]), Excluded.of(opened)
    replace(excluded, purged_until=max(day, excluded.purged_until or day)).save(opened)
    for name, frame in blank_attributes(opened, tables_with_attributes(opened), day).items():
        opened.store.write(name, frame)
    for path in opened.receipts.glob("*.json"):
        path.unlink()


def let_leavers_go(opened: OpenStudy, content: Mapping[str, str]) -> None:
    """The step of a purge: exits before a ``day`` are no longer watched. It can be done twice."""
    gone, excluded = dt.date.fromisoformat(content["day"]), Excluded.of(opened)
    replace(excluded, leavers_gone=max(gone, excluded.leavers_gone or gone)).save(opened)


def tables_with_attributes(opened: OpenStudy) -> dict[str, pd.DataFrame]:
    """The tables of the study that hold attributes of people, by name."""
    return {name: opened.store.read(name) for name in ("people", "snapshots", "audit") if opened.store.has(name)}


def months_gone(people: pd.DataFrame, day: dt.date) -> pd.Series:
    """Months since each person's last day, by person; only of those who have left for good."""
    open_ended = people.loc[people["end_date"].isna(), "person"]
    ended = people[~people["person"].isin(open_ended)].groupby("person")["end_date"].max()
    result: pd.Series = ((pd.Timestamp(day) - ended).dt.days / DAYS_PER_MONTH).rename("months")
    return result


def _kept(frame: pd.DataFrame, out: Collection[str]) -> pd.DataFrame:
    if "person" not in frame or not out:
        return frame
    return frame[~frame["person"].isin(out)].reset_index(drop=True)


def _path(opened: OpenStudy) -> Path:
    return opened.workspace / FILE
