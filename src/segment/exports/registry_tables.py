"""What the registry says of a released table, as blocks of the report and as a sheet of the workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from segment.displays.column_text import EXITS, heading, meaning, name_of
from segment.displays.labels import Labels, Row, bands_of
from segment.displays.retention import explained_exits
from segment.displays.shown import draw_shown
from segment.displays.tabular import tabular
from segment.exports.answers import leaving_of
from segment.exports.blocks import Block, Grid, pictures, spoken
from segment.exports.cells import HIDDEN, Cell, Column, Sheet, share_cell
from segment.exports.confidence import doubt_by_group
from segment.exports.first_actions import beside_where_to_begin
from segment.exports.left_out import with_left_out
from segment.exports.pictures import PICTURES, REVIEWED
from segment.exports.scales import converted
from segment.exports.story import Story
from segment.locale import say
from segment.tables.registry import shown_tables, spec_of
from segment.tables.shown import FIGURES, Shown, ShownColumn
from segment.vocabulary import NOT_MEASURED


def tables_in(section: str, *, part: str | None = None) -> tuple[str, ...]:
    """The tables of a section of the report (of one part of it), in their order."""
    shown = shown_tables()
    here = [name for name, one in shown.items() if one.section == section and part in (None, one.part)]
    return tuple(sorted(here, key=lambda name: shown[name].at))


def table_grids(story: Story, name: str, language: str, *, part: str = "main") -> list[Grid]:
    """The tables that a spec makes of a released table for a part of the report; none where it has no rows."""
    shown = shown_tables()[name]
    frame = _of_study(story, name, shown)
    if frame is None:
        return []
    labels, grids = story.labels(language), []
    for view in (one for one in shown.tables if one.part == part):
        told = tabular(name, frame, view, labels)
        title = labels.say(view.title or shown.title or f"report.table.{name}")
        keys = [key for key in (view.text or shown.text, *told.notes) if key]
        notes = [labels.say(key, **labels.values) for key in keys]
        notes += [of_study(story, language) for of_study in map(_NOTES.get, (name, view.title)) if of_study is not None]
        if told.rows:
            grids.append(Grid(title, told.columns, told.rows, note=" ".join(spoken(notes)), segments=told.segments))
    return grids


def _of_study(story: Story, name: str, shown: Shown) -> pd.DataFrame | None:
    """The rows that a study tells of a table: no exits where leaving was asked about; without any where it is due.

    A row that says why it can have no figure hides none.
    """
    frame = story.table(name)
    if frame is None:
        return pd.DataFrame(columns=[*spec_of(name).leaving, "status"]) if shown.always else None
    if shown.why_not:
        frame = frame.assign(status=frame["status"].mask(frame[shown.why_not] != "", NOT_MEASURED))
    return frame[~frame["measure"].isin(EXITS)] if story.by_intention and "measure" in frame else frame


def blocks_in(story: Story, section: str, language: str, *, part: str | None = "main") -> list[Block]:
    """The tables of a part of a section (``None``: of both), each as its spec says, as far as the study has them."""
    return [block for name in tables_in(section, part=part) for block in blocks_of(story, name, language)]


def reviewed_in(story: Story, section: str, language: str) -> list[Block]:
    """What the method file shows of a section: what the report draws, segment by segment, and what only stands here."""
    shown = shown_tables()
    own: list[Block] = []
    for name in tables_in(section, part="main"):
        if is_told_in(shown[name].study, story):
            drawn = REVIEWED[name](story, language) if name in REVIEWED else []
            own += with_left_out(story, name, drawn, language)
            own += with_left_out(story, name, table_grids(story, name, language, part="appendix"), language)
    return [*own, *blocks_in(story, section, language, part="appendix")]


def blocks_of(story: Story, name: str, language: str) -> Sequence[Block]:
    """A table as the report shows it: its own picture, or what its spec asks for; nothing where words give it.

    After it stands which segments it leaves out, where it tells of them one by one.
    """
    return with_left_out(story, name, _blocks_of(story, name, language), language)


def _blocks_of(story: Story, name: str, language: str) -> Sequence[Block]:
    shown = shown_tables()[name]
    if not is_told_in(shown.study, story):
        return ()
    if shown.display in ("own", "words"):
        return PICTURES[name][0](story, language) if shown.display == "own" else ()
    if not shown.is_drawn:
        return table_grids(story, name, language)
    table = story.released.get(name)
    return pictures(draw_shown(name, table, shown, story.labels(language))) if table is not None else ()


def is_told_in(study: str, story: Story) -> bool:
    """Whether a study is one of those (:data:`segment.tables.shown.STUDIES`) in which something is shown."""
    return {"segments": bool(story.segments), "seen": not story.by_intention}.get(study, True)


def shown_sheet(story: Story, name: str, shown: Shown, language: str) -> Sheet:
    """A released table as it is: codes in words, hidden rows marked; columns it does not have are left out."""
    title, frame = story.say(f"workbook.sheet.{shown.sheet}", language), _of_study(story, name, shown)
    if frame is None or frame.empty:
        return Sheet(title, (say("report.not_measured.sentence", language),))
    labels = story.labels(language)
    columns = [told for told in shown.columns if told.column in frame]
    heads = tuple(
        Column(
            heading(name, told, labels),
            told.kind if told.kind in FIGURES else "text",
            told.width,
            told.shade,
            meaning(name, told, labels),
        )
        for told in columns
    )
    rows = (tuple(_cell(row, told, labels) for told in columns) for row in frame.to_dict("records"))
    return Sheet(title, (), heads, tuple(rows))


def _cell(row: Row, told: ShownColumn, labels: Labels) -> Cell:
    """A released code in words, or its figure; a code that a hidden group's figures chose is hidden with them."""
    if (
        row["status"] in ("hidden", NOT_MEASURED)
        and told.kind != "r"
        and (row[told.column] == "" or told.kind == "unit")
    ):
        return figure_cell(row, told.column, told.kind)
    if told.kind not in FIGURES:
        return name_of(told, row[told.column], labels)
    return figure_cell(row, told.column, told.kind)


def figure_cell(row: Row, column: str, kind: str) -> Cell:
    """A figure of a released row as a cell: hidden, a bound of a share, the number, or empty if it was not measured."""
    if row["status"] == "hidden":
        return HIDDEN
    if row["status"] == NOT_MEASURED:
        return None
    return share_cell(row[column], bands_of(row) if kind in ("percent", "two") else None)


def _moved(story: Story, language: str) -> str:
    """Whether it was people or the model that moved, and what follows from that."""
    frame = story.table("movement")
    codes = [code for code in frame["code"] if code] if frame is not None else []
    return story.say(f"report.moved.{codes[0]}", language) if codes else ""


def _converted(table: str) -> Callable[[Story, str], str]:
    return lambda story, language: converted(story, (table,), language)


def _explained(story: Story, language: str) -> str:
    """Leaving for which cause associations are about."""
    frame = story.table("segment_effects")
    return explained_exits(frame, language) if frame is not None else ""


def _reckoned(story: Story, language: str) -> str:
    """What the figures at either end are: of whom, of which months, and why page one has another figure."""
    watched = story.outcome_kind in ("spells", "duration")
    whom = say(f"report.what_if.whom.{'there' if watched else 'everyone'}", language)
    leaving, told = leaving_of(story), say("report.what_if.text", language, whom=whom)
    if watched and leaving is not None:
        told += f" {say(f'report.what_if.other.{leaving.origin}', language, months=leaving.months)}"
    return told


def _without_alpha(story: Story, language: str) -> str:
    """What a dash stands for among the coefficients of reliability; empty where every need has its own."""
    rows = story.shown("reliability")
    without = rows is not None and bool(rows["alpha"].isna().any())
    return say("report.method.reliability.without", language) if without else ""


#: What is said under a table because of the study, by the table; under one of its views only, by the title of that.
_NOTES: Mapping[str, Callable[[Story, str], str]] = {
    "attractiveness": beside_where_to_begin,
    "reliability": _without_alpha,
    "movement": _moved,
    "drivers": _converted("drivers"),
    "scorecard": _converted("scorecard"),
    "what_if": _reckoned,
    "segment_effects": _explained,
    "report.staying.groups": doubt_by_group,
}
