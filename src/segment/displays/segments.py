"""What segments need, how sure they are, and how they compare with other ways of grouping people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.displays.base import (
    ACCENT,
    MUTED,
    NARROW,
    WIDE,
    Display,
    Panel,
    Series,
    dot_panel,
    number_ticks,
    percent_ticks,
    round_up,
    theme,
    to_svg,
)
from segment.displays.labels import Labels, floats, interval, of_segment, rows_of, segments_in, shortfall_rows
from segment.locale import number, percent, say
from segment.privacy.release import ReleasedTable


def draw_profiles(
    profiles: ReleasedTable, labels: Labels, *, prefix: str, measure: str = "score", only: int | None = None
) -> Display | None:
    """What weighs most in each segment: one panel per segment, the needs in one order, everyone beside it.

    Parameters
    ----------
    profiles
        Released ``segment, need, measure`` with ``mean`` and perhaps ``low, high, overall``.
    measure
        ``score`` (style-free weight) or ``experience``.
    only
        Draw this segment alone.

    Returns
    -------
    ``None`` when the table has no row of this measure to show.
    """
    frame = rows_of(profiles)
    frame = frame[frame["measure"] == measure].reset_index(drop=True)
    segments = [one for one in segments_in(frame) if one is not None] or segments_in(frame)
    segments = [one for one in segments if only is None or one == only]
    if frame.empty or not segments:
        return None
    single = len(segments) == 1
    needs = labels.need_order(frame["need"])
    limit = _reach(frame)
    word = measure if measure in ("score", "experience") else "score"
    title = say("display.profile.title.one" if single else f"display.profile.title.{word}", labels.language)
    whole = single and only is None
    text = say("display.profile.text.one" if whole else f"display.profile.text.{word}", labels.language)
    panels = []
    for place, segment in enumerate(segments):
        rows = of_segment(frame, segment).set_index("need").reindex(needs)
        panels.append(
            _profile_panel(
                rows, labels, heading=labels.segment(None if whole else segment), limit=limit,
                prefix=f"{prefix}{place}", axis=say(f"display.profile.axis.{word}", labels.language),
                text=text, compare=not whole, width=WIDE if single else NARROW,
            )
        )  # fmt: skip
    columns, rows_out = _need_table(frame, labels, needs=needs, segments=segments)
    return Display(f"profiles-{measure}", title, text, tuple(panels), columns, rows_out)


def _profile_panel(
    rows: pd.DataFrame, labels: Labels, *, heading: str, limit: float, prefix: str, axis: str, text: str,
    compare: bool, width: int,
) -> Panel:  # fmt: skip
    means = floats(rows, "mean")
    strongest = set(np.argsort(np.where(np.isnan(means), -np.inf, means), kind="stable")[::-1][:2])
    top = np.array([place in strongest for place in range(len(means))])
    low, high = floats(rows, "low"), floats(rows, "high")
    series = [
        Series(np.where(top, np.nan, means), np.where(top, np.nan, low), np.where(top, np.nan, high)),
        Series(
            np.where(top, means, np.nan), np.where(top, low, np.nan), np.where(top, high, np.nan), marker="D", size=7.5
        ),
    ]
    if compare:
        series.insert(0, Series(floats(rows, "overall"), marker="o", colour=MUTED, filled=False, size=5.5))
    with theme():
        figure = dot_panel(
            [labels.need(need) for need in rows.index], series, limits=(-limit, limit), reference=0, axis=axis, width=width,
            ticks=number_ticks((-limit, -limit / 2, 0, limit / 2, limit), labels.language, digits=1 if limit < 2 else 0),
        )  # fmt: skip
        svg = to_svg(figure, prefix=prefix, title=heading, description=text)
    return Panel(heading, svg, width)


def _reach(frame: pd.DataFrame) -> float:
    values = np.concatenate([floats(frame, name) for name in ("mean", "low", "high", "overall")])
    return round_up(float(np.nanmax(np.abs(values))), (0.4, 1.0, 2.0, 3.0, 4.0))


def _need_table(
    frame: pd.DataFrame, labels: Labels, *, needs: Sequence[str], segments: Sequence[int | None], digits: int = 1
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Needs down, segments across, everyone last where it is known."""
    columns = [say("display.column.need", labels.language), *(labels.segment(one) for one in segments)]
    shown = {one: of_segment(frame, one).set_index("need").reindex(needs) for one in segments}
    overall = np.full(len(needs), np.nan)
    for rows in shown.values():
        overall = np.where(np.isnan(overall), floats(rows, "overall"), overall)
    with_everyone = len(segments) > 1 and bool(np.isfinite(overall).any())
    lines = []
    for place, need in enumerate(needs):
        values = [floats(shown[one], "mean")[place] for one in segments] + ([overall[place]] if with_everyone else [])
        lines.append((labels.need(need), *(number(value, labels.language, digits=digits) for value in values)))
    return (*columns, *([labels.segment(None)] if with_everyone else [])), tuple(lines)


def draw_shortfalls(
    shortfalls: ReleasedTable, labels: Labels, *, prefix: str, only: int | None = None
) -> Display | None:
    """What people lack per segment: unmet need from 0 to 1. ``None`` when shortfall was not measured."""
    frame = shortfall_rows(shortfalls)
    segments = [one for one in segments_in(frame) if one is not None] or segments_in(frame)
    segments = [one for one in segments if only is None or one == only]
    if frame.empty or not segments:
        return None
    needs = labels.need_order(frame["need"])
    language = labels.language
    text = say("display.shortfall.text", language)
    values = np.concatenate([floats(frame, name) for name in ("mean", "high", "overall")])
    limit = round_up(float(np.nanmax(values)), (0.2, 0.4, 0.6, 1.0))
    single = len(segments) == 1
    panels = []
    for place, segment in enumerate(segments):
        rows = of_segment(frame, segment).set_index("need").reindex(needs)
        heading = labels.segment(None if single and only is None else segment)
        with theme():
            figure = dot_panel(
                [labels.need(need) for need in needs],
                [
                    Series(floats(rows, "overall"), marker="o", colour=MUTED, filled=False, size=5.5),
                    Series(floats(rows, "mean"), floats(rows, "low"), floats(rows, "high")),
                ],
                limits=(0, limit), axis=say("display.shortfall.axis", language), width=WIDE if single else NARROW,
                ticks=number_ticks((0, limit / 2, limit), language, digits=1),
            )  # fmt: skip
            svg = to_svg(figure, prefix=f"{prefix}{place}", title=heading, description=text)
        panels.append(Panel(heading, svg, WIDE if single else NARROW))
    columns, lines = _need_table(frame, labels, needs=needs, segments=segments, digits=2)
    return Display("shortfalls", say("display.shortfall.title", language), text, tuple(panels), columns, lines)


def draw_verdict(verdict: ReleasedTable, labels: Labels, *, prefix: str) -> Display | None:
    """How much of the differences each grouping of people explains; shares of variance, held out."""
    frame = rows_of(verdict)
    if "target" in frame and (frame["target"] == "needs").any():
        frame = frame[frame["target"] == "needs"]
    frame = frame.sort_values("explained", ascending=False, kind="stable").reset_index(drop=True)
    if frame.empty:
        return None
    language = labels.language
    values, low, high = (np.clip(floats(frame, name), 0, 1) for name in ("explained", "low", "high"))
    limit = round_up(float(np.nanmax(np.concatenate([values, high]))), (0.1, 0.2, 0.4, 0.6, 1.0))
    names = [grouping_name(name, labels) for name in frame["grouping"]]
    text = say("display.verdict.text", language)
    title = say("display.verdict.title", language)
    with theme():
        figure = dot_panel(
            names, [Series(values, low, high)], limits=(0, limit), width=WIDE,
            ticks=percent_ticks((0, limit / 2, limit), language),
        )  # fmt: skip
        svg = to_svg(figure, prefix=prefix, title=title, description=text)
    columns = tuple(say(f"display.column.{name}", language) for name in ("grouping", "explained", "interval"))
    lines = tuple(
        (name, percent(value, language), interval(percent(a, language), percent(b, language), language))
        for name, value, a, b in zip(names, values, low, high, strict=True)
    )
    return Display("verdict", title, text, (Panel(title, svg, WIDE),), columns, lines)


def grouping_name(code: str, labels: Labels) -> str:
    """A grouping as readers know it: the needs segments, or an attribute's name."""
    if code in ("needs", "segment", "segments", "needs segments"):
        return say("display.grouping.needs", labels.language)
    return labels.feature(code)


def draw_stability(stability: ReleasedTable, labels: Labels, *, prefix: str) -> Display | None:
    """How much of each segment comes back under resampling, 0 to 1, with the middle 90 % of the repeats."""
    frame = rows_of(stability)
    if "segment" not in frame:
        return None
    frame = frame[frame["segment"].notna()]
    frame = frame.sort_values("segment", kind="stable").drop_duplicates("segment").reset_index(drop=True)
    if frame.empty:
        return None
    language = labels.language
    names = [labels.segment(one) for one in frame["segment"]]
    values, low, high = (np.clip(floats(frame, name), 0, 1) for name in ("value", "low", "high"))
    title, text = say("display.stability.title", language), say("display.stability.text", language)
    with theme():
        figure = dot_panel(
            names, [Series(values, low, high, colour=ACCENT)], limits=(0, 1), width=WIDE,
            ticks=number_ticks((0, 0.25, 0.5, 0.75, 1), language, digits=2),
        )  # fmt: skip
        svg = to_svg(figure, prefix=prefix, title=title, description=text)
    columns = tuple(say(f"display.column.{name}", language) for name in ("segment", "value", "interval"))
    lines = tuple(
        (
            name,
            number(v, language, digits=2),
            interval(number(a, language, digits=2), number(b, language, digits=2), language),
        )
        for name, v, a, b in zip(names, values, low, high, strict=True)
    )
    return Display("stability", title, text, (Panel(title, svg, WIDE),), columns, lines)
