"""What was promised and kept, and which moments in working life went well."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from segment.disclosure.release import ReleasedTable
from segment.displays import column_text
from segment.displays.base import (
    ACCENT,
    CONTRAST,
    MUTED,
    NARROW,
    WIDE,
    Display,
    Panel,
    Series,
    answer_axis,
    dot_panel,
    theme,
    to_svg,
)
from segment.displays.labels import (
    Labels,
    answers_text,
    floats,
    in_order,
    interval,
    numbers_in,
    of_segment,
    people_text,
    rows_of,
    segments_in,
    share_intervals,
    shares_text,
    told_as,
)
from segment.locale import number, say
from segment.tables.shapes import SAID_YES
from segment.tables.shown import ShownColumn

#: From the rows of one segment (None: everyone) to the marks of its panel.
_Draw = Callable[[pd.DataFrame, int | None], list[Series]]
_ANCHORS = {"promise": "promises", "journey": "journey"}
#: The kinds of questions that are reported on 1 to 5.
_KINDS = {"promise": ("promised", "kept"), "journey": ("moment",)}


def draw_promises(
    promises: ReleasedTable, labels: Labels, *, prefix: str, only: int | None = None, shares: bool = False
) -> Display | None:
    """What people say was promised against what was kept, per need; one panel per segment, everyone first.

    Released columns: ``segment, need``, ``promised`` and ``kept`` (1 to 5), perhaps ``broken_share``. ``shares``: the
    needs that were asked with yes and no, as shares of people; the others otherwise.
    """
    frame = told_as(rows_of(promises), SAID_YES["promises"], shares=shares)
    language, needs, lines = labels.language, labels.need_order(frame["need"]), []

    def draw(rows: pd.DataFrame, segment: int | None) -> list[Series]:
        promised, kept = floats(rows, "promised"), floats(rows, "kept")
        broken = floats(rows, "broken_share")
        told = [answers_text(rows, name, language, shares=shares) for name in ("promised", "kept")]
        told.append(shares_text(rows, "broken_share", language))
        for at, need in enumerate(needs):
            if np.isfinite([promised[at], kept[at], broken[at]]).any():
                figures = (column[at] for column in told)
                lines.append((labels.segment(segment), labels.need(need), _count(rows, at, language), *figures))
        return [Series(promised, marker="D", colour=CONTRAST, filled=False, size=7), Series(kept, size=7.5)]

    return _display(
        "promise",
        frame.assign(line=frame["need"]),
        {need: labels.need(need) for need in needs},
        draw,
        labels,
        prefix=prefix,
        only=only,
        shares=shares,
        lines=lines,
        columns=("segment", "need", "n", "promised", "kept", "broken"),
    )


def draw_journey(
    journey: ReleasedTable, labels: Labels, *, prefix: str, only: int | None = None, shares: bool = False
) -> Display | None:
    """How moments were lived, from the first to the last; one panel per segment, everyone first.

    Released columns: ``segment, moment``, ``value`` (1 to 5) and perhaps ``low, high, weight`` (share who say it
    weighed most). ``shares``: the moments that were asked about with yes and no, as shares of people.
    """
    frame = told_as(rows_of(journey), SAID_YES["journey"], shares=shares)
    moments = labels.moment_order(frame["moment"])
    everyone = floats(of_segment(frame, None).set_index("moment").reindex(moments), "value")
    lines: list[tuple[str, ...]] = []

    def draw(rows: pd.DataFrame, segment: int | None) -> list[Series]:
        lines.extend(_moment_lines(rows, labels, heading=labels.segment(segment), shares=shares))
        return _moment_series(rows, everyone if segment is not None else None)

    return _display(
        "journey",
        frame.assign(line=frame["moment"]),
        {moment: labels.moment(moment) for moment in moments},
        draw,
        labels,
        prefix=prefix,
        only=only,
        shares=shares,
        lines=lines,
        columns=("segment", "moment", "n", "value", "interval", "weight"),
    )


def _display(
    kind: str,
    frame: pd.DataFrame,
    names: dict[str, str],
    draw: _Draw,
    labels: Labels,
    *,
    prefix: str,
    only: int | None,
    shares: bool,
    lines: list[tuple[str, ...]],
    columns: tuple[str, ...],
) -> Display | None:
    """One panel per segment with a line per need or moment; ``draw`` makes the marks and the lines of the table."""
    segments = [one for one in segments_in(frame) if only is None or one == only]
    if frame.empty or not segments:
        return None
    language, also = labels.language, ".share" if shares else ""
    title, text = say(f"display.{kind}.title", language), say(f"display.{kind}.text{also}", language)
    axis = say(f"display.{kind}.axis{also}", language)
    if not shares:
        text, axis = f"{text} {labels.converted(*_KINDS[kind])}".strip(), labels.axis(axis, *_KINDS[kind])
    (limits, ticks), width = answer_axis(language, shares=shares), WIDE if len(segments) == 1 else NARROW
    panels = []
    for place, segment in enumerate(segments):
        series = draw(of_segment(frame, segment).set_index("line").reindex(list(names)), segment)
        heading = labels.segment(segment)
        with theme():
            figure = dot_panel(
                list(names.values()), series, limits=limits, ticks=ticks, joined=kind == "promise", width=width,
                axis=axis,
            )  # fmt: skip
            svg = to_svg(figure, prefix=f"{prefix}{place}", title=heading, description=text)
        panels.append(Panel(heading, svg, width))
    shown = (
        ShownColumn(one, "segment" if one == "segment" else "text", head=f"display.column.{one}") for one in columns
    )
    headings = tuple(column_text.heading(kind, one, labels) for one in shown)
    name = f"{_ANCHORS[kind]}{'-share' if shares else ''}"
    return Display(name, title, text, tuple(panels), headings, tuple(lines), numbers_in(segments))


def _moment_series(rows: pd.DataFrame, everyone: np.ndarray | None) -> list[Series]:
    values, low, high = (floats(rows, name) for name in ("value", "low", "high"))
    first = in_order(rows, floats(rows, "weight"), rank="place_of_weight")[:1]
    heaviest = np.isin(np.arange(len(values)), first)
    series = [] if everyone is None else [Series(everyone, colour=MUTED, filled=False, size=5.5)]
    pick = np.where(heaviest, np.nan, values), np.where(heaviest, np.nan, low), np.where(heaviest, np.nan, high)
    heavy = np.where(heaviest, values, np.nan), np.where(heaviest, low, np.nan), np.where(heaviest, high, np.nan)
    return [*series, Series(*pick, colour=ACCENT), Series(*heavy, marker="D", size=8)]


def _moment_lines(rows: pd.DataFrame, labels: Labels, *, heading: str, shares: bool) -> list[tuple[str, ...]]:
    language = labels.language
    values, weight = floats(rows, "value"), shares_text(rows, "weight", language)
    told = answers_text(rows, "value", language, shares=shares)
    between = share_intervals(rows, language) if shares else _intervals(rows, language)
    return [
        (
            heading, labels.moment(str(moment)), _count(rows, at, language), told[at], between[at], weight[at],
        )
        for at, moment in enumerate(rows.index)
        if np.isfinite(values[at])
    ]  # fmt: skip


def _intervals(rows: pd.DataFrame, language: str) -> list[str]:
    ends = zip(floats(rows, "low"), floats(rows, "high"), strict=True)
    return [interval(number(low, language), number(high, language), language) for low, high in ends]


def _count(rows: pd.DataFrame, at: int, language: str) -> str:
    value = rows["n"].iloc[at] if "n" in rows else None
    return "–" if value is None or pd.isna(value) else people_text(value, language)
