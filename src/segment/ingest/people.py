"""The HR export as people, snapshots and protected attributes: one spell per row, nothing known too early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.config import AttributeConfig, HistoryConfig, WindowConfig
from segment.errors import nearest_word
from segment.ingest.as_of import rows_by
from segment.ingest.date_formats import EARLIEST, LATEST
from segment.ingest.declared import DeclaredFile
from segment.ingest.histories import check_lists, split_absences, tell_vanished, with_ends
from segment.ingest.levels import check_levels, without_numbers_of_few
from segment.ingest.parsing import as_text
from segment.ingest.sensitive import identifying_patterns, is_nearly_unique, is_protected, looks_like_sex
from segment.ingest.spells import check_overlap, reason_or_left, spells_of_rows, spells_of_snapshots
from segment.ingest.unknown import on_unknown, quoted
from segment.vocabulary import DAYS_PER_MONTH, LONGEST_TENURE, EndReason, Purpose, Relation

#: Our names in an HR export.
PEOPLE_NAMES = ("person_id", "relation", "start_date", "end_date", "end_reason", "snapshot_date")
_RESERVED = ("person", "spell", "valid_from", *PEOPLE_NAMES)
_DATES = ("start_date", "end_date")
#: Words that stand for fewer people are not named, and how many a finding names.
_FEWEST_NAMED, _MOST_NAMED = 10, 8
#: Days at the end of the window without anybody who begins or leaves before it is asked about, and how many did in the
#: year before them where that is no chance.
_SILENT_DAYS, _BUSY_YEAR = 183, 10
_SPREADSHEET_ID = r"\d(?:[.,]\d+)?[eE]\+?\d+"


@dataclass(frozen=True)
class People:
    """What an HR export becomes: ``people``, ``snapshots`` (or nothing), ``audit``, and the rows they came from."""

    people: pd.DataFrame
    snapshots: pd.DataFrame | None
    audit: pd.DataFrame


def raw_persons(file: DeclaredFile) -> pd.Series:
    """Identifiers as text; missing and damaged ones are written down (DQ016, DQ045)."""
    ids = as_text(file.raw.frame[file.column("person_id")])
    if ids.isna().any():
        file.report("DQ016", "person_id", ids.isna().to_numpy())
    damaged = ids.str.fullmatch(_SPREADSHEET_ID).fillna(False).to_numpy(dtype=bool)
    if damaged.any() and not file.config.identifiers_as_written:
        file.report("DQ045", "person_id", damaged)
    return ids


def read_people(
    file: DeclaredFile,
    attributes: Mapping[str, AttributeConfig],
    *,
    persons: pd.Series,
    window: WindowConfig | None = None,
    history: HistoryConfig | None = None,
    day: dt.date | None = None,
) -> People:
    """People, one row per person and spell, with their snapshots and protected attributes.

    ``persons`` are the pseudonyms of the file's rows; ``window`` (dated spells only) tells which
    dates lie beyond what was observed, and makes a start date necessary. With ``history`` the snapshots are lists of
    everyone, and who is missing from the next one left in between (:mod:`segment.ingest.histories`).
    ``day``: rows are read as they were known on it (:func:`segment.ingest.as_of.rows_by`).
    A second start date of the same person is a second spell (a rehire); spells are numbered by start date. With
    snapshots, a year alone as the snapshot's date counts as that year's last day, because attributes may have
    changed until then: nothing is known before it was. ``people`` keeps the latest snapshot's attributes; start,
    end and reason (``left`` where nobody said why) come from all snapshots of the spell, which have to agree.

    Returns
    -------
    People
        ``people`` and ``snapshots`` as in their schemas, plus one column per attribute of purpose ``model`` or
        ``profile`` (text for categories and ordered attributes, float for numbers); ``audit`` with the attributes
        of purpose ``audit``, one row per person.
    """
    check_attributes(file, attributes)
    table = _spine(file, persons, window)
    values = {
        name: _attribute(file, name, setting)
        for name, setting in attributes.items()
        if file.has(name) and name not in _RESERVED
    }
    _check_values(file, attributes, values, table["person"])
    for name in values:
        if attributes[name].type == "category":
            values[name] = without_numbers_of_few(file, name, values[name], table["person"])
    open_names = [name for name in values if attributes[name].purpose != Purpose.AUDIT]
    table = pd.concat([table, pd.DataFrame(values, index=table.index)], axis=1)
    table = rows_by(table[table["person"].notna()], day)
    dated = file.has("snapshot_date")
    if dated and history is not None and check_lists(file, table, window):
        table, spells = spells_of_snapshots(file, split_absences(table, history), open_names)
        spells = with_ends(file, table, spells, history, open_names)
    else:
        table, spells = spells_of_snapshots(file, table, open_names) if dated else spells_of_rows(file, table)
        if dated and history is None and window is not None:
            tell_vanished(file, table, spells)
    check_overlap(file, spells, table)
    spells = spells.assign(end_reason=reason_or_left(spells))
    order = ["person", "spell", "valid_from"] if dated else ["person", "spell"]
    table = table.sort_values([*order, "row"], kind="stable")
    latest = table.drop_duplicates(["person", "spell"], keep="last")
    people = spells.merge(latest[["person", "spell", *open_names]], on=["person", "spell"], how="left")
    kept = ["person", "spell", "relation", "start_date", "end_date", "end_reason", *open_names]
    audit_names = [name for name in values if name not in open_names]
    audit = (
        table.groupby("person", sort=True)[audit_names].last().reset_index()
        if audit_names
        else table[["person"]].drop_duplicates().sort_values("person")
    )
    return People(
        people[kept].sort_values(["person", "spell"]).reset_index(drop=True),
        table[["person", "spell", "valid_from", *open_names]].reset_index(drop=True) if dated else None,
        audit.reset_index(drop=True),
    )


def check_attributes(file: DeclaredFile, attributes: Mapping[str, AttributeConfig]) -> None:
    """Attributes with a taken name, protected ones not for the audit, and outcomes among them (DQ011, DQ014, DQ050)."""
    outcomes = {column for name, column in file.names.items() if name.startswith("outcome_")}
    outcomes |= {file.column("end_date"), file.column("end_reason")}
    for name, setting in attributes.items():
        if name in _RESERVED:
            file.findings.add(
                "DQ011", file.file, column=name, count=1, came="an attribute with a name that the tables use themselves"
            )
        if file.column(name) in outcomes and setting.purpose == Purpose.MODEL:
            file.findings.add(
                "DQ050", file.file, column=file.column(name), count=1, came=f"attribute '{name}' for the model"
            )
        protected = is_protected(name) or is_protected(file.column(name))
        if protected and setting.purpose != Purpose.AUDIT:
            file.findings.add(
                "DQ014", file.file, column=file.column(name), count=1, expected="purpose 'audit'",
                came=f"purpose '{setting.purpose}' for '{name}'",
            )  # fmt: skip


def _spine(file: DeclaredFile, persons: pd.Series, window: WindowConfig | None) -> pd.DataFrame:
    """Person, relation, dates and reason of every row of the file, with its row number."""
    table = pd.DataFrame({"row": file.rows, "person": persons})
    nothing = pd.Series([None] * len(table), index=table.index, dtype="str")
    table["relation"] = _words(file, "relation", Relation) if file.has("relation") else nothing
    table["relation"] = table["relation"].fillna(str(Relation.EMPLOYEE))
    staff = table["relation"].isin([str(Relation.EMPLOYEE), str(Relation.CONTRACTOR)])
    for name in _DATES:
        dates = file.dates(name) if file.has(name) else pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]")
        table[name] = _plausible(file, name, dates, window, staff.to_numpy(dtype=bool))
    table["end_reason"] = _words(file, "end_reason", EndReason) if file.has("end_reason") else nothing
    for name in (
        "start_date",
        "end_date",
        "end_reason",
    ):  # what stands there and could not be read was reported as such
        table[f"{name}_unread"] = file.text(name).notna() & table[name].isna() if file.has(name) else False
    if file.has("snapshot_date"):
        table["valid_from"] = file.dates("snapshot_date", years=True)
        if table["valid_from"].isna().any():
            _report_empty_snapshot(file)
    if window is not None:
        if window.end > dt.date.today():
            came = f"{window.end.isoformat()} in the study file"
            file.findings.add(
                "DQ079", file.file, column=file.column("end_date"), count=1, expected="a day that has been", came=came
            )
        else:
            _report_silent_end(file, table, window)
        unknown = (staff & file.text("start_date").isna()).to_numpy()
        if unknown.any():
            file.report("DQ049", "start_date", unknown, expected="a start date for everyone who works here")
    _report_too_long(file, table, window)
    backwards = (table["end_date"] < table["start_date"]).to_numpy()
    if backwards.any():
        file.report("DQ025", "end_date", backwards, expected="an end on or after the start", came="an earlier end")
    return table


def _report_too_long(file: DeclaredFile, table: pd.DataFrame, window: WindowConfig | None) -> None:
    """Stays that no working life is long enough for (DQ055), up to the end or to where the window closes."""
    until = table["end_date"] if window is None else table["end_date"].fillna(pd.Timestamp(window.end))
    months = (until - table["start_date"]).dt.days / DAYS_PER_MONTH
    long = (months > LONGEST_TENURE).to_numpy()
    if long.any():
        file.report(
            "DQ055",
            "start_date",
            long,
            expected=f"stays of at most {LONGEST_TENURE / 12:.0f} years",
            came="longer ones",
            advice="correct the start date in the export; a date that was filled in is not one",
        )


def _report_silent_end(file: DeclaredFile, table: pd.DataFrame, window: WindowConfig) -> None:
    """A window in whose last months nobody begins or leaves after a busy year: the export was made before (DQ076)."""
    moves = pd.concat([table[["person", name]].set_axis(["person", "day"], axis=1) for name in _DATES])
    days = moves.dropna().drop_duplicates()["day"]
    days = days[days <= pd.Timestamp(window.end)]
    if days.empty:
        return
    last = days.max()
    silent = (pd.Timestamp(window.end) - last).days
    if silent > _SILENT_DAYS and (days > last - pd.DateOffset(years=1)).sum() >= _BUSY_YEAR:
        came = f"nobody begins or leaves in the last {silent // 30} months"
        file.findings.add("DQ076", file.file, column=file.column("end_date"), count=silent // 30, came=came)


def _report_empty_snapshot(file: DeclaredFile) -> None:
    empty = file.text("snapshot_date").isna().to_numpy()
    if empty.any():
        file.report("DQ022", "snapshot_date", empty, expected="the date of every snapshot", came="nothing")


def _words(file: DeclaredFile, name: str, known: type[Relation] | type[EndReason]) -> pd.Series:
    """A column of declared words, in lower case; unknown ones are written down (DQ030) and left out."""
    text = file.text(name).str.lower()
    unknown = (text.notna() & ~text.isin([str(word) for word in known])).to_numpy()
    if unknown.any():
        words = file.text(name)[unknown]
        persons = file.text("person_id")[unknown].groupby(words.to_numpy()).nunique()
        told = [str(word) for word, n in persons.items() if n >= _FEWEST_NAMED][:_MOST_NAMED]
        came = (
            ", ".join(map(quoted, told)) + ", and other words" * (len(told) < len(persons)) if told else "other words"
        )
        advice = _translated(file, name, told, known)
        file.report("DQ030", name, unknown, expected=", ".join(known), came=came, advice=advice)
    return text.mask(unknown)


def _translated(file: DeclaredFile, name: str, words: Sequence[str], known: type[Relation] | type[EndReason]) -> str:
    """The setting that makes declared words of others, the nearest where one is near; the rule's own without any."""
    if not words:
        return ""
    meant = {word: nearest_word(word, map(str, known)) for word in words}
    table = ", ".join(f"{quoted(word)}: {one or '...'}" for word, one in meant.items())
    open_words = f"; write for each '...' what it means: {', '.join(known)}" if "" in meant.values() else ""
    return f"translate them: values: {{{file.key(name)}: {{{table}}}}}{open_words}"


def _plausible(
    file: DeclaredFile, name: str, dates: pd.Series, window: WindowConfig | None, staff: np.ndarray
) -> pd.Series:
    """Dates without placeholders (DQ023); those after the window (DQ024) or still to come (DQ065) are written down."""
    placeholder = ((dates < EARLIEST) | (dates > LATEST)).to_numpy()
    if placeholder.any():
        file.report(
            "DQ023",
            name,
            placeholder,
            expected=f"dates from {EARLIEST.year} to {LATEST.year}",
            advice=on_unknown(file.key(name), file.text(name)[placeholder]),
        )
    if window is not None:
        future = pd.Timestamp(max(dt.date.today(), window.end))
        ahead = (dates > future).to_numpy() & ~placeholder & (name == "start_date") & staff
        if ahead.any():
            file.report("DQ065", name, ahead, expected="a day that has been", came="a day that is still to come")
        late = (dates > pd.Timestamp(window.end)).to_numpy() & ~placeholder & ~ahead
        if late.any():
            file.report("DQ024", name, late, expected=f"dates up to {window.end.isoformat()}")
    return dates.mask(placeholder)


# ------------------------------------------------------------------------------------------ attributes


def _attribute(file: DeclaredFile, name: str, setting: AttributeConfig) -> pd.Series:
    """One attribute in its declared type."""
    if setting.type == "number":
        return file.numbers(name)
    text = file.text(name)
    if setting.type == "ordered":
        unknown = (text.notna() & ~text.isin(list(setting.order))).to_numpy()
        if unknown.any():
            file.report("DQ030", name, unknown, expected=", ".join(setting.order), came="other values")
        text = text.mask(unknown)
    return text


def _check_values(
    file: DeclaredFile, attributes: Mapping[str, AttributeConfig], values: Mapping[str, pd.Series], people: pd.Series
) -> None:
    """What the values of attributes give away, whatever their names say (DQ013, DQ014, DQ015, DQ044)."""
    for name, column in values.items():
        text = column if column.dtype == "str" else as_text(column)
        for found in identifying_patterns(text):
            file.report("DQ013", name, found.cells, came=found.kind)
        protected = is_protected(name) or is_protected(file.column(name))
        if attributes[name].purpose != Purpose.AUDIT and not protected and looks_like_sex(text):
            file.findings.add(
                "DQ014",
                file.file,
                column=file.column(name),
                count=1,
                expected="purpose 'audit'",
                came="words for sex under another name",
            )
        if len(column.dropna().unique()) <= 1:
            came = "nothing but empty cells" if not column.notna().any() else "one and the same value everywhere"
            file.findings.add("DQ044", file.file, column=file.column(name), count=len(column), came=came)
        elif attributes[name].type == "category":
            if is_nearly_unique(text, people):
                came = f"{text.nunique()} different values"
                file.findings.add("DQ015", file.file, column=file.column(name), count=int(text.nunique()), came=came)
            else:
                check_levels(file, name, text)
