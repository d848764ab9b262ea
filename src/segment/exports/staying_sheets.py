"""Sheets of the workbook on what goes together with leaving, on worth, and on first years, as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segment.displays.column_text import group_name
from segment.displays.labels import floats, in_order, segment_number
from segment.displays.retention import assumption_name
from segment.exports.answers import Leaving
from segment.exports.cells import HIDDEN, Column, share_cell
from segment.exports.story import Story
from segment.locale import say
from segment.retention.shown import sensitivity_ends

#: Cells: words, numbers, or the mark of a hidden figure that the caller hands in.
Rows = list[tuple[Any, ...]]

_ENDS = ("", "_low", "_high")


def column(name: str, language: str, kind: str = "text", width: int = 14, **values: Any) -> Column:
    """A column with its heading and meaning from the catalogue; ``values`` fill the heading."""
    head, about = say(f"workbook.column.{name}", language, **values), say(f"workbook.about.{name}", language)
    return Column(head, kind, width, about=about)


def association_columns(language: str, whom: str) -> tuple[Column, ...]:
    """Columns of the sheet of what goes together with leaving; ``whom``: what the column of groups is called."""
    return (
        column("about", language, width=34), column("feature", language, width=40),
        column(whom, language, width=32), column("n", language, "people", 10),
        column("percentage", language, "points", 16), column("low", language, "points", 13),
        column("high", language, "points", 13),
    )  # fmt: skip


def value_columns(language: str, whom: str) -> tuple[Column, ...]:
    """Columns of the sheet of value."""
    return (
        column("about", language, width=52), column(whom, language, width=32),
        column("n", language, "people", 10), column("value", language, "amount", 14),
        column("low", language, "amount", 14), column("high", language, "amount", 14),
    )  # fmt: skip


def leaving_cells(leaving: Leaving | None, segment: int, language: str) -> tuple[Any, ...]:
    """A segment's leaving, its interval and of how many people; words where only everyone together has a figure."""
    if leaving is None:
        return (None,) * 4
    share = leaving.shares.get(segment)
    if share is None and segment in leaving.hidden:
        return (HIDDEN,) * 4
    if share is None:
        return (say("workbook.together", language) if leaving.together(segment) else None, None, None, None)
    ends = (share_cell(end, share.bands) for end in (share.value, share.low, share.high))
    return (*ends, share.n or None)


def association_rows(story: Story, language: str, hidden: object) -> Rows:
    """What, feature, segment, people, percentage (difference in odds, or expected share), lower and upper limit."""
    labels, rows = story.labels(language), Rows()
    effects = story.shown("effects")
    ordered = effects.iloc[in_order(effects, floats(effects, "change"))] if effects is not None else pd.DataFrame()
    for row in ordered.to_dict("records"):
        word = say(f"workbook.figure.association{'.kinds' if row.get('direction') == 'by level' else ''}", language)
        figures = (_finite(float(row[f"change{end}"])) for end in _ENDS)
        rows.append((word, labels.feature(str(row["feature"])), labels.segment(None), str(row["n"]), *figures))
    word = say("workbook.figure.association", language)
    by_segment = story.table("segment_effects")
    for row in by_segment.to_dict("records") if by_segment is not None else ():
        segment = labels.segment(segment_number(row["segment"]))
        shown = [_finite(float(row[name])) for name in ("change", "low", "high")]
        told = [str(row["n"]), *shown] if row["status"] != "hidden" else [hidden] * 4
        rows.append((word, labels.feature(str(row["feature"])), segment, *told))
    expected = story.shown("what_if")
    for row in sensitivity_ends(expected).to_dict("records") if expected is not None else ():
        word = say(f"workbook.figure.if_{row['level']}", language)
        name = labels.feature(str(row["feature"]))
        rows.append((word, name, labels.segment(None), None, _finite(float(row["leaving"])), None, None))
    return rows


def value_rows(story: Story, language: str, hidden: object) -> Rows:
    """What, segment, people, amount, lower and upper limit."""
    labels, rows = story.labels(language), Rows()
    worth = story.table("lifetime_value")
    for row in worth.to_dict("records") if worth is not None else ():
        segment = labels.segment(segment_number(row["segment"]))
        for figure, names in (("value", ("value", "low", "high")), ("at_risk", tuple(f"at_risk{e}" for e in _ENDS))):
            if all(name in row for name in names):
                shown = [str(row["n"]), *(_finite(float(row[name])) for name in names)]
                told = shown if row["status"] != "hidden" else [hidden] * 4
                rows.append((say(f"workbook.figure.{figure}", language), segment, *told))
        if "past" in row and (row["status"] == "hidden" or row["past"] >= 1):
            told = [str(row["n"]), _finite(float(row["past"]))] if row["status"] != "hidden" else [hidden] * 2
            rows.append((say("workbook.figure.past", language), segment, *told, None, None))
    tornado = story.table("value_sensitivity")
    for row in tornado.to_dict("records") if tornado is not None else ():
        for end in ("low", "high"):
            assumption = assumption_name(str(row["assumption"]), language)
            word = say("workbook.figure.assumed", language, assumption=assumption, setting=row[f"{end}_setting"])
            told = [str(row["n"]), _finite(float(row[f"at_{end}"]))] if row["status"] != "hidden" else [hidden] * 2
            rows.append((word, labels.segment(None), *told, None, None))
    return rows


def first_year_rows(story: Story, language: str, hidden: object) -> Rows:
    """Figure, segment (everyone), month, people, share gone, lower and upper limit; a row per source and month."""
    frame, rows = story.table("first_year"), Rows()
    if frame is None or story.by_intention:
        return rows
    labels = story.labels(language)
    for row in frame.to_dict("records"):
        word = say("workbook.figure.first_year", language, source=group_name(row["source"], labels))
        shown = [str(row["n"]), *(_finite(float(row[name])) for name in ("gone", "low", "high"))]
        rows.append((word, labels.segment(None), row["month"], *(shown if row["status"] != "hidden" else [hidden] * 4)))
    return rows


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
