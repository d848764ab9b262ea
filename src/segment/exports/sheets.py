"""What each sheet of the workbook holds: columns, rows, and how each figure is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from segment.displays.labels import Row, bands_of, segment_number
from segment.displays.retention import cause_name
from segment.exports.answers import leaving_of, planned_actions, segment_answers
from segment.exports.blocks import spoken
from segment.exports.cells import HIDDEN, Column, Sheet, share_cell
from segment.exports.detection import detection_words
from segment.exports.finding_words import note_words
from segment.exports.first_actions import why_no_actions
from segment.exports.method_sections import (
    full_evaluation_grid,
    hidden_grid,
    release_floors,
    tried_grid,
)
from segment.exports.near_ties import in_words, whether_next
from segment.exports.registry_tables import figure_cell, shown_sheet, table_grids
from segment.exports.scales import converted
from segment.exports.staying_sheets import (
    association_columns,
    association_rows,
    column,
    first_year_rows,
    leaving_cells,
    value_columns,
    value_rows,
)
from segment.exports.story import Story
from segment.exports.weighting import weighed
from segment.locale import say
from segment.tables.registry import shown_tables

#: The sheets in their order; those of other tables come after these, before method and privacy.
_ORDER = (
    "segments", "profiles", "exemplars", "promises", "scorecard", "journey", "staying", "associations", "value",
    "groups", "attractiveness", "actions",
)  # fmt: skip
_LAST = ("method", "privacy")
#: More months than these are thinned out on the sheet of staying.
_MOST_MONTHS = 24


def sheets_of(story: Story, language: str) -> tuple[Sheet, ...]:
    """All sheets after the first, in their order; what was not measured says so instead of being left out."""
    tables = {one.sheet: (name, one) for name, one in shown_tables().items() if one.sheet not in ("", *_MADE)}
    further = [sheet for sheet in tables if sheet not in _ORDER and story.table(tables[sheet][0]) is not None]
    found = []
    for sheet in (*_ORDER, *further, *_LAST):
        if sheet in _MADE:
            names, make = _MADE[sheet]
            made = make(story, language)
        else:
            name, shown = tables[sheet]
            names, made = (name,), shown_sheet(story, name, shown, language)
        how = spoken((converted(story, names, language), weighed(story, names, language)))
        found.append(_counted(made, " ".join(how)))
    return (*found, _columns(found, language))


def _columns(sheets: Sequence[Sheet], language: str) -> Sheet:
    """What every column of every sheet means."""
    heads = (("sheet", 22), ("column", 34), ("meaning", 90))
    columns = tuple(Column(say(f"workbook.column.{name}", language), width=width) for name, width in heads)
    rows = tuple((sheet.name, one.heading, one.about) for sheet in sheets for one in sheet.columns if one.about)
    return Sheet(_sheet_name("columns", language), (), columns, rows)


def _counted(sheet: Sheet, how: str) -> Sheet:
    """The sheet with how it counts people: beside its headings, above it where it has none."""
    if any(column.heading for column in sheet.columns):
        return replace(sheet, note=how)
    return replace(sheet, words=(*sheet.words, how)) if how else sheet


def _sheet_name(name: str, language: str) -> str:
    return say(f"workbook.sheet.{name}", language)


def _absent(name: str, language: str) -> Sheet:
    return Sheet(_sheet_name(name, language), (say("report.not_measured.sentence", language),))


def _whom(story: Story) -> str:
    """What a column of groups is called: without segments it holds everyone alone."""
    return "whom" if story.status in ("none", "too few") else "segment"


def _segments(story: Story, language: str) -> Sheet:
    answers = {one.number: one for one in segment_answers(story, language)}
    if not answers:
        return _absent("segments", language)
    leaving = leaving_of(story)
    kind = {"risk": "leaving", "curve": "leaving.curve", "intention": "leaving.intention", "flag": "leaving.flag"}[
        leaving.origin if leaving else "risk"
    ]
    strongest = "strongest.experience" if story.by_experience else "strongest"
    columns = (
        column("number", language, "count", 6), column("name", language, width=32),
        column("n", language, "people", 10), column("share", language, "percent", 10),
        column("clear", language, "percent", 14), column(strongest, language, width=30),
        column("lacks", language, width=20), column("shortfall", language, "two", 12),
        replace(column(kind, language, "percent", 18, months=story.horizon_months), shade=True),
        column("low", language, "percent", 13), column("high", language, "percent", 13),
        column("of", language, "people", 13),
    )  # fmt: skip
    frame, labels, rows = story.released["segments"].frame, story.labels(language), []
    for row in frame.to_dict("records"):
        number = segment_number(row["segment"])
        if number is None:
            continue
        one = answers.get(number)
        if one is None:
            own = leaving_cells(leaving, number, language)
            rows.append((number + 1, labels.segment(number), *([HIDDEN] * 6), *own))
            continue
        rows.append(
            (
                number + 1, one.label, str(row["n"]),
                *(share_cell(row.get(name), bands_of(row)) for name in ("share", "mean_posterior")),
                in_words(one.strongest, language), in_words(one.lacks, language) or None,
                share_cell(one.lacks[0].value, one.lacks[0].bands) if one.lacks else None,
                *leaving_cells(leaving, number, language),
            )
        )  # fmt: skip
    return Sheet(_sheet_name("segments", language), (), columns, tuple(rows))


def _staying(story: Story, language: str) -> Sheet:
    """Chances, curves and causes in one long table: which figure, for whom, at which month."""
    name = say("workbook.sheet.staying.intention" if story.by_intention else "workbook.sheet.staying", language)
    rows = [*_leaving_rows(story, language), *_curve_rows(story, language), *first_year_rows(story, language, HIDDEN)]
    if not rows:
        return Sheet(name, (say("report.not_measured.sentence", language),))
    columns = (
        column("figure", language, width=26), column(_whom(story), language, width=32),
        column("month", language, "count", 10), column("n", language, "people", 10),
        column("value", language, "percent", 11), column("low", language, "percent", 13),
        column("high", language, "percent", 13),
    )  # fmt: skip
    return Sheet(name, (), columns, tuple(rows))


def _leaving_rows(story: Story, language: str) -> list[tuple[Any, ...]]:
    frame = story.table("leaving")
    if frame is None:
        return []
    figure = say("workbook.figure.intention" if story.by_intention else "workbook.figure.leaving", language)
    records = frame.to_dict("records")
    kinds = [(figure, ("value", "low", "high"), records)]
    if "left_low" in frame:
        foretold = [row for row in records if row["status"] != "hidden" and row["left_low"] == row["left_low"]]
        kinds.append((say("workbook.figure.left", language), ("", "left_low", "left_high"), foretold))
    return [
        _figure_row(story, language, name, row, row.get("horizon", story.horizon_months), columns)
        for name, columns, rows in kinds
        for row in rows
    ]


def _curve_rows(story: Story, language: str) -> list[tuple[Any, ...]]:
    frame = story.table("curves")
    if frame is None or story.by_intention:
        return []
    many = frame["month"].nunique() > _MOST_MONTHS
    records = frame[frame["month"].map(_worth_a_row) | (not many)].to_dict("records")
    staying = say("workbook.figure.staying", language)
    rows = [_figure_row(story, language, staying, row, row["month"], ("survival", "low", "high")) for row in records]
    for cause in (name for name in frame.columns if name.startswith("incidence_")):
        figure = say("workbook.figure.cause", language, cause=cause_name(cause.removeprefix("incidence_"), language))
        told = [row for row in records if row["status"] == "hidden" or row[cause] == row[cause]]
        rows += [_figure_row(story, language, figure, row, row["month"], (cause,)) for row in told]
    return rows


def _worth_a_row(month: float) -> bool:
    """Half-years for five years, then years: a sheet that can be printed. The report draws every told month."""
    return month % (6 if month <= 60 else 12) == 0


def _figure_row(
    story: Story, language: str, figure: str, row: Row, month: Any, columns: Sequence[str]
) -> tuple[Any, ...]:
    segment = story.labels(language).segment(segment_number(row.get("segment")))
    values = [figure_cell(row, name, "percent") if name in row else None for name in columns]
    count = HIDDEN if row["status"] == "hidden" else row["n"]
    return (figure, segment, month, count, *values, *([None] * (3 - len(values))))


def _long_sheet(
    story: Story,
    language: str,
    name: str,
    rows_of: Callable[[Story, str, object], list[tuple[Any, ...]]],
    columns: Sequence[Column],
) -> Sheet:
    """One figure per row; words only when nothing was measured."""
    rows = rows_of(story, language, HIDDEN)
    return Sheet(_sheet_name(name, language), (), tuple(columns), tuple(rows)) if rows else _absent(name, language)


def _actions(story: Story, language: str) -> Sheet:
    plans = [plan for one in (*story.segments, None) for plan in planned_actions(story, language, segment=one)]
    if not plans:
        return Sheet(_sheet_name("actions", language), (why_no_actions(story, language),))
    widths = {"segment": 32, "rank": 10, "action": 34, "need": 20, "what": 60, "first_step": 52, "owner": 24, "n": 10,
              "place": 8, "alike": 16}  # fmt: skip
    kinds = {"rank": "count", "n": "people", "place": "count"}
    columns = tuple(column(name, language, kinds.get(name, "text"), width) for name, width in widths.items())
    rows = tuple(
        (
            plan.segment_label,
            plan.rank,
            plan.title,
            plan.need,
            plan.what,
            plan.first_step,
            plan.owner,
            plan.n,
            plan.place,
            whether_next(plan.about_as_much, language),
        )
        for plan in plans
    )
    return Sheet(_sheet_name("actions", language), (say("workbook.actions.people", language),), columns, rows)


def _method(story: Story, language: str) -> Sheet:
    """What was tried, how reliable the questions are, how well the model predicts: one table under the other."""
    grids = [
        *tried_grid(story, language),
        *table_grids(story, "nearness", language),
        *table_grids(story, "reliability", language),
        *full_evaluation_grid(story, language),
    ]
    words = [say("report.method.digest", language, digest=story.study_digest[:16]), *detection_words(story, language)]
    words += [note_words(key, values, story.labels(language)) for key, values in story.notes]
    if not grids:
        return Sheet(_sheet_name("method", language), (say("report.not_measured.sentence", language), *words))
    wide = max(len(grid.columns) for grid in grids)
    columns = tuple(Column("", width=30 if place == 0 else 20) for place in range(wide))
    rows: list[tuple[Any, ...]] = []
    for grid in grids:
        rows += [(grid.title,), grid.columns, *grid.rows, ()]
    return Sheet(_sheet_name("method", language), tuple(words), columns, tuple(rows[:-1]))


def _privacy(story: Story, language: str) -> Sheet:
    floors = {name: int(floor) for name, floor in release_floors(story).items()}
    words = (
        say("report.privacy.text", language, **floors),
        say("workbook.legend", language),
        say("report.privacy.names", language),
    )
    if not story.released:
        return Sheet(_sheet_name("privacy", language), words)
    grid = hidden_grid(story, language)
    columns = (Column(grid.columns[0], width=30), *(Column(one, "count", 16) for one in grid.columns[1:]))
    rows = tuple(
        (grid.rows[place][0], len(table.frame), table.hidden, table.certificate.get("floor"))
        for place, (_, table) in enumerate(sorted(story.released.items()))
    )
    return Sheet(_sheet_name("privacy", language), words, columns, rows)


def _associations(story: Story, language: str) -> Sheet:
    return _long_sheet(story, language, "associations", association_rows, association_columns(language, _whom(story)))


def _value(story: Story, language: str) -> Sheet:
    return _long_sheet(story, language, "value", value_rows, value_columns(language, _whom(story)))


#: A sheet that tells of several tables together, or of more than a table: its tables, and what makes it.
_MADE: Mapping[str, tuple[tuple[str, ...], Callable[[Story, str], Sheet]]] = {
    "segments": (("segments", "shortfalls", "leaving"), _segments),
    "staying": (("leaving", "curves", "first_year"), _staying),
    "associations": (("effects", "segment_effects", "what_if"), _associations),
    "value": (("lifetime_value", "value_sensitivity"), _value),
    "actions": (("plans",), _actions),
    "method": (("reliability", "evaluation"), _method),
    "privacy": ((), _privacy),
}
