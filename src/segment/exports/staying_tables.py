"""Tables on what goes together with leaving, first years, the model's sensitivity, and how its learners compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from segment.displays.labels import (
    floats,
    in_order,
    people_text,
    rows_of,
    segment_number,
    segments_in,
    share_text,
    signed,
)
from segment.displays.retention import cause_name
from segment.exports.answers import leaving_of
from segment.exports.blocks import Grid
from segment.exports.story import Story
from segment.locale import catalogue, number, percent, say

#: Features shown per segment, the strongest first; the workbook has all of them.
_MOST_FEATURES = 10
_YES_NO = {True: "report.yes", False: "report.no"}


def segment_effects_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """One row per feature, one column per segment: by how much the odds differ from the average employee's."""
    table = story.released.get("segment_effects")
    if table is None or table.frame.empty or not story.segments:
        return ()
    labels, frame = story.labels(language), table.frame.reset_index(drop=True)
    first = in_order(frame, np.abs(floats(frame, "change")))
    strongest = dict.fromkeys(frame["feature"].astype(str).iloc[first])
    segments = [
        one for one in segments_in(frame.assign(segment=frame["segment"].map(segment_number))) if one is not None
    ]
    cells = {
        (str(feature), segment_number(segment)): say("report.hidden", language)
        if status == "hidden"
        else with_interval(value, low, high, language, digits=0)
        for feature, segment, status, value, low, high in zip(
            frame["feature"],
            frame["segment"],
            frame["status"],
            *(floats(frame, name) for name in ("change", "low", "high")),
            strict=True,
        )
    }
    lines = tuple(
        (labels.feature(name), *(cells.get((name, one), "–") for one in segments))
        for name in list(strongest)[:_MOST_FEATURES]
    )
    key = "report.segment_effects.title.intention" if story.by_intention else "report.segment_effects.title"
    columns = (say("display.column.feature", language), *(labels.segment(one) for one in segments))
    return (
        (Grid(say(key, language), columns, lines, note=say("report.segment_effects.text", language)),) if lines else ()
    )


def what_if_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """What is expected of everyone at the low and the high end of one feature at a time."""
    ends = sensitivity_ends(story)
    if ends.empty:
        return ()
    labels = story.labels(language)
    columns = (
        say("display.column.feature", language),
        *(say(f"report.what_if.{name}", language) for name in ("low", "high", "difference")),
    )
    lines = tuple(
        (
            labels.feature(str(feature)),
            *(f"{number(value, language, digits=1)}%" for value in (low, high)),
            signed(high - low, language, digits=1, unit=""),
        )
        for feature, low, high in zip(ends.index, ends["low"], ends["high"], strict=True)
    )
    note = " ".join(_reckoned(story, language))
    return (Grid(say("report.what_if.title", language), columns, lines, note=note),)


def _reckoned(story: Story, language: str) -> tuple[str, ...]:
    """What the figures at either end are: of whom, of which months, and why page one has another figure."""
    watched = story.outcome_kind in ("spells", "duration")
    whom = say(f"report.what_if.whom.{'there' if watched else 'everyone'}", language)
    leaving, told = leaving_of(story), [say("report.what_if.text", language, whom=whom)]
    if watched and leaving is not None:
        told.append(say(f"report.what_if.other.{leaving.origin}", language, months=leaving.months))
    return tuple(told)


def sensitivity_ends(story: Story) -> pd.DataFrame:
    """Per feature the expected percentage at its ``low`` and its ``high`` level, in the order they were asked about."""
    table = story.released.get("what_if")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty:
        return pd.DataFrame(columns=["low", "high"])
    rows = rows.assign(leaving=floats(rows, "leaving"))
    wide = rows.pivot_table(index="feature", columns="level", values="leaving", sort=False)
    return wide[["low", "high"]].dropna()


def first_year_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """One row per source of hire, everyone first: the share of new hires gone after so many months."""
    table = story.released.get("first_year")
    if table is None or table.frame.empty or story.by_intention:
        return ()
    frame = table.frame.assign(month=floats(table.frame, "month"))
    months = sorted(set(frame["month"]))
    by = story.labels(language).feature(story.hires_by)
    columns = (
        by[:1].upper() + by[1:],
        say("display.column.n", language),
        *(say("report.first_year.month", language, month=number(m, language, digits=0)) for m in months),
    )
    lines = []
    for source, rows in frame.groupby("source", sort=False, dropna=False):
        shown = {row["month"]: row for row in rows.to_dict("records")}
        people = people_text(rows["n"].iloc[0], language)
        lines.append((source_name(source, language), people, *(_gone(shown.get(m), language) for m in months)))
    note = say("report.first_year.text", language, by=by)
    return (Grid(say("report.first_year.title", language), columns, tuple(lines), note=note),)


def source_name(source: object, language: str) -> str:
    """A source of hire as the study calls it; everyone where it is empty."""
    return say("display.everyone", language) if pd.isna(source) else str(source).replace("_", " ")  # type: ignore[call-overload]


def _gone(row: Mapping[Any, Any] | None, language: str) -> str:
    if row is None:
        return "–"
    if row["status"] == "hidden":
        return say("report.hidden", language)
    share, low, high = (float(row[name]) for name in ("gone", "low", "high"))
    if share != share:
        return "–"
    return f"{share_text(share, language)} ({percent(low, language)}–{percent(high, language)})"


def competition_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """One row per cause and learner: its gain on the floor, its distance behind the best, and whether it was taken."""
    table = story.released.get("competition")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty:
        return ()
    figures = {
        f"{name}{end}": floats(rows, f"{name}{end}") for name in ("gain", "behind") for end in ("", "_low", "_high")
    }

    def told(name: str, at: int) -> str:
        value, low, high = (float(figures[f"{name}{end}"][at]) for end in ("", "_low", "_high"))
        return _with_margin(value, low, high, language)

    asked = _asked_for(rows)
    taken = "report.competition.set" if asked else "report.yes"
    lines = tuple(
        (
            _about(str(cause), story, language),
            learner_name(str(learner), story, language),
            told("gain", at),
            told("behind", at),
            say(taken if chosen == "yes" and learner != "floor" else _YES_NO[chosen == "yes"], language),
        )
        for at, (cause, learner, chosen) in enumerate(zip(rows["cause"], rows["learner"], rows["chosen"], strict=True))
    )
    columns = tuple(
        say(f"report.competition.{name}", language) for name in ("cause", "learner", "gain", "behind", "chosen")
    )
    note = say("report.competition.asked" if asked else "report.competition.text", language)
    return (Grid(say("report.competition.title", language), columns, lines, note=note),)


def _asked_for(rows: pd.DataFrame) -> bool:
    """Whether the study file named the learner: one ran alone, or one was taken that is not surely better."""
    rivals = rows[rows["learner"] != "floor"]
    if rivals.empty:
        return False
    unsure = (rivals["chosen"] == "yes").to_numpy() & (floats(rivals, "gain_low") < 0)
    return bool(unsure.any() or (rivals.groupby("cause").size() == 1).all())


def _about(cause: str, story: Story, language: str) -> str:
    return say("workbook.figure.intention", language) if story.by_intention else cause_name(cause, language)


def learner_name(learner: str, story: Story, language: str) -> str:
    """A learner in words; the floor of a flag knows no tenure."""
    key = f"report.learner.{learner}"
    key += ".horizon" if learner == "floor" and story.outcome_kind == "horizon" else ""
    return say(key, language) if key in catalogue() else learner


def _with_margin(value: float, low: float, high: float, language: str) -> str:
    """A percentage with its interval; nothing for a learner held against itself."""
    if not np.isfinite([value, low, high]).all() or low == high:
        return "–"
    return with_interval(value, low, high, language, digits=1)


def with_interval(value: float, low: float, high: float, language: str, *, digits: int) -> str:
    """A signed percentage, with its interval where that is known.

    >>> with_interval(-1.2, -5.0, 3.0, "en", digits=0), with_interval(2.0, float("nan"), 3.0, "nl", digits=0)
    ('−1% (−5% to +3%)', '+2%')
    """
    told = signed(value, language, digits=digits)
    if not np.isfinite([value, low, high]).all():
        return told
    low_text, high_text = (signed(end, language, digits=digits) for end in (low, high))
    return f"{told} ({say('display.between', language, low=low_text, high=high_text)})"
