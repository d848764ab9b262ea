"""Sheets that several tables share: what each line is, of whom, and its figure; every table says what it puts there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from segment.displays.column_text import heading, meaning, name_of
from segment.displays.labels import Labels, Row, bands_of
from segment.exports.cells import HIDDEN, Cell, Column, Sheet, share_cell
from segment.exports.registry_tables import is_told_in
from segment.exports.story import Story
from segment.locale import catalogue, say
from segment.tables.columns import OF_SEGMENT, PEOPLE
from segment.tables.registry import plan_of, shown_tables
from segment.tables.shown import FIGURES, Entry, ShownColumn

#: Sheet -> its columns; the first says what a line is.
SHARED: Mapping[str, tuple[ShownColumn, ...]] = {
    "staying": (
        ShownColumn("figure", width=26), OF_SEGMENT, ShownColumn("month", "count", width=10), PEOPLE,
        ShownColumn("value", "percent", width=11), *(ShownColumn(end, "percent", width=13) for end in ("low", "high")),
    ),
    "associations": (
        ShownColumn("about", width=34), ShownColumn("feature", "feature", width=40), OF_SEGMENT, PEOPLE,
        ShownColumn("percentage", "points", head="table.associations.percentage", width=16),
        *(ShownColumn(end, "points", width=13) for end in ("low", "high")),
        ShownColumn("cause", "word", words="display.cause", width=24),
    ),
    "value": (
        ShownColumn("about", width=52), OF_SEGMENT, PEOPLE,
        *(ShownColumn(one, "amount") for one in ("value", "low", "high")),
    ),
}  # fmt: skip


def tables_on(sheet: str) -> tuple[str, ...]:
    """The tables that put lines on a sheet, in the order of the report."""
    shown = shown_tables()
    here = (name for name, one in shown.items() if one.sheet == sheet and one.entries)
    return tuple(sorted(here, key=lambda name: shown[name].at))


def shared_sheet(story: Story, sheet: str, language: str) -> Sheet:
    """The lines of all tables on a sheet; words where there are none."""
    labels, columns = story.labels(language), SHARED[sheet]
    title = labels.say(f"workbook.sheet.{sheet}")
    lines = tuple(line for name in tables_on(sheet) for line in _lines(story, name, columns, labels))
    if not lines:
        return Sheet(title, (say("report.not_measured.sentence", language),))
    heads = (
        Column(
            heading("", told, labels),
            told.kind if told.kind in FIGURES else "text",
            told.width,
            about=meaning("", told, labels),
        )
        for told in columns
    )
    return Sheet(title, (), tuple(heads), lines)


def _lines(story: Story, table: str, columns: tuple[ShownColumn, ...], labels: Labels) -> Iterator[tuple[Cell, ...]]:
    frame = story.table(table)
    if frame is None:
        return
    for entry in shown_tables()[table].entries:
        if is_told_in(entry.study, story) and _has_figures(frame, table, entry):
            rows = entry.shape(frame) if entry.shape is not None else frame
            for row in rows.to_dict("records"):
                yield _what(entry, row, labels), *(_cell(row, table, entry, told, labels) for told in columns[1:])


def _has_figures(frame: pd.DataFrame, table: str, entry: Entry) -> bool:
    figures = [column for column in entry.cells.values() if column != "n" and column not in _about(table)]
    return figures[0] in frame


def _about(table: str) -> tuple[str, ...]:
    """The columns that say what a row is about: they stand where its figures are hidden."""
    plan = plan_of(table)
    return (*plan.groups, *plan.lines)


def _what(entry: Entry, row: Row, labels: Labels) -> str:
    """What a line is, in words."""
    own = f"{entry.what}.{str(row.get(entry.by)).replace(' ', '_')}"
    key = own if entry.by and own in catalogue() else labels.for_study(entry.what)
    fills = {
        name: say(told, labels.language) if isinstance(told, str) else name_of(told, row[told.column], labels)
        for name, told in entry.fills.items()
    }
    return say(key, labels.language, **fills)


def _cell(row: Row, table: str, entry: Entry, told: ShownColumn, labels: Labels) -> Cell:
    column = entry.cells.get(told.column, "")
    value = row.get(column)
    if told.kind == "word":
        return name_of(told, value, labels) if isinstance(value, str) and value else ""
    if told.kind not in FIGURES:
        return name_of(told, value, labels)
    if row["status"] == "hidden" and column and column not in _about(table):
        return HIDDEN
    return share_cell(value, bands_of(row) if told.kind == "percent" else None)
