"""What was promised and kept, and which moments in working life went well."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.displays.base import (
    ACCENT,
    CONTRAST,
    MUTED,
    NARROW,
    WIDE,
    Display,
    Panel,
    Series,
    dot_panel,
    number_ticks,
    theme,
    to_svg,
)
from segment.displays.labels import (
    Labels,
    floats,
    in_order,
    interval,
    of_segment,
    people_text,
    rows_of,
    segments_in,
    shares_text,
)
from segment.locale import number, say
from segment.privacy.release import ReleasedTable

_SCALE = (1, 5)


def draw_promises(promises: ReleasedTable, labels: Labels, *, prefix: str, only: int | None = None) -> Display | None:
    """What people say was promised against what was kept, per need; one panel per segment, everyone first.

    Released columns: ``segment, need``, ``promised`` and ``kept`` (1 to 5), perhaps ``broken_share``.
    """
    frame = rows_of(promises)
    segments = [one for one in segments_in(frame) if only is None or one == only]
    if frame.empty or not segments:
        return None
    language = labels.language
    needs = labels.need_order(frame["need"])
    title, text = say("display.promise.title", language), say("display.promise.text", language)
    width = WIDE if len(segments) == 1 else NARROW
    panels, lines = [], []
    for place, segment in enumerate(segments):
        rows = of_segment(frame, segment).set_index("need").reindex(needs)
        promised, kept = floats(rows, "promised"), floats(rows, "kept")
        heading = labels.segment(segment)
        with theme():
            figure = dot_panel(
                [labels.need(need) for need in needs],
                [Series(promised, marker="D", colour=CONTRAST, filled=False, size=7), Series(kept, size=7.5)],
                limits=_SCALE, ticks=number_ticks((1, 2, 3, 4, 5), language), joined=True, width=width,
                axis=say("display.promise.axis", language),
            )  # fmt: skip
            svg = to_svg(figure, prefix=f"{prefix}{place}", title=heading, description=text)
        panels.append(Panel(heading, svg, width))
        broken, told = floats(rows, "broken_share"), shares_text(rows, "broken_share", language)
        for at, need in enumerate(needs):
            if np.isfinite([promised[at], kept[at], broken[at]]).any():
                cells = (number(promised[at], language), number(kept[at], language), told[at])
                lines.append((heading, labels.need(need), _count(rows, at, labels.language), *cells))
    names = ("segment", "need", "n", "promised", "kept", "broken")
    columns = tuple(say(f"display.column.{name}", language) for name in names)
    return Display("promises", title, text, tuple(panels), columns, tuple(lines))


def draw_journey(journey: ReleasedTable, labels: Labels, *, prefix: str, only: int | None = None) -> Display | None:
    """How moments were lived, from the first to the last; one panel per segment, everyone first.

    Released columns: ``segment, moment``, ``value`` (1 to 5) and perhaps ``low, high, weight`` (share who say it
    weighed most).
    """
    frame = rows_of(journey)
    segments = [one for one in segments_in(frame) if only is None or one == only]
    if frame.empty or not segments:
        return None
    language = labels.language
    moments = labels.moment_order(frame["moment"])
    everyone = floats(of_segment(frame, None).set_index("moment").reindex(moments), "value")
    title, text = say("display.journey.title", language), say("display.journey.text", language)
    width = WIDE if len(segments) == 1 else NARROW
    panels, lines = [], []
    for place, segment in enumerate(segments):
        rows = of_segment(frame, segment).set_index("moment").reindex(moments)
        heading = labels.segment(segment)
        with theme():
            figure = dot_panel(
                [labels.moment(moment) for moment in moments],
                _moment_series(rows, everyone if segment is not None else None),
                limits=_SCALE, ticks=number_ticks((1, 2, 3, 4, 5), language), width=width,
                axis=say("display.journey.axis", language),
            )  # fmt: skip
            svg = to_svg(figure, prefix=f"{prefix}{place}", title=heading, description=text)
        panels.append(Panel(heading, svg, width))
        lines.extend(_moment_lines(rows, labels, heading=heading))
    names = ("segment", "moment", "n", "value", "interval", "weight")
    columns = tuple(say(f"display.column.{name}", language) for name in names)
    return Display("journey", title, text, tuple(panels), columns, tuple(lines))


def _moment_series(rows: pd.DataFrame, everyone: np.ndarray | None) -> list[Series]:
    values, low, high = (floats(rows, name) for name in ("value", "low", "high"))
    first = in_order(rows, floats(rows, "weight"), rank="place_of_weight")[:1]
    heaviest = np.isin(np.arange(len(values)), first)
    series = [] if everyone is None else [Series(everyone, colour=MUTED, filled=False, size=5.5)]
    pick = np.where(heaviest, np.nan, values), np.where(heaviest, np.nan, low), np.where(heaviest, np.nan, high)
    heavy = np.where(heaviest, values, np.nan), np.where(heaviest, low, np.nan), np.where(heaviest, high, np.nan)
    return [*series, Series(*pick, colour=ACCENT), Series(*heavy, marker="D", size=8)]


def _moment_lines(rows: pd.DataFrame, labels: Labels, *, heading: str) -> list[tuple[str, ...]]:
    language = labels.language
    values, low, high = (floats(rows, name) for name in ("value", "low", "high"))
    weight = shares_text(rows, "weight", language)
    return [
        (
            heading, labels.moment(str(moment)), _count(rows, at, language), number(values[at], language),
            interval(number(low[at], language), number(high[at], language), language), weight[at],
        )
        for at, moment in enumerate(rows.index)
        if np.isfinite(values[at])
    ]  # fmt: skip


def _count(rows: pd.DataFrame, at: int, language: str) -> str:
    value = rows["n"].iloc[at] if "n" in rows else None
    return "–" if value is None or pd.isna(value) else people_text(value, language)
