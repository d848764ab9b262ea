"""Who stays, who leaves, how well that was foreseen, and what goes together with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from segment.disclosure.release import ReleasedTable
from segment.displays.base import (
    ACCENT,
    ACCENT_SOFT,
    CONTRAST,
    INK,
    MUTED,
    NARROW,
    WIDE,
    Display,
    Panel,
    Series,
    canvas,
    dot_panel,
    number_ticks,
    plot_area,
    round_up,
    share_ticks,
    theme,
    to_svg,
)
from segment.displays.labels import (
    Labels,
    floats,
    in_order,
    interval,
    numbers_in,
    of_segment,
    people_text,
    rows_of,
    segment_number,
    segments_in,
    share_intervals,
    shares_text,
    signed,
)
from segment.locale import catalogue, number, percent, say
from segment.vocabulary import EndReason

_CAUSE_COLOURS = (CONTRAST, ACCENT, MUTED)
_CAUSE_MARKS = ("o", "s", "^")
#: Up to so many reported months each has a dot.
_FEW_MONTHS = 30


def draw_curves(curves: ReleasedTable, labels: Labels, *, prefix: str) -> Display | None:
    """The share still there by years of service, with its band; one panel per segment, everyone dashed in each."""
    frame = rows_of(curves)
    segments = segments_in(frame)
    if frame.empty:
        return None
    segments = [one for one in segments if one is not None] or segments
    language = labels.language
    everyone = of_segment(frame, None).sort_values("month")
    last = float(np.nanmax(floats(frame, "month")))
    single = len(segments) == 1
    compared = not everyone.empty and None not in segments
    title = say("display.curve.title", language)
    text = labels.say("display.curve.text" if compared else "display.curve.text.one")
    text = " ".join((text, *late_starts(curves, labels, segments)))
    width = WIDE if single else NARROW
    panels = []
    for place, segment in enumerate(segments):
        rows = of_segment(frame, segment).sort_values("month").reset_index(drop=True)
        heading = labels.segment(segment)
        with theme():
            figure = canvas(width, 230)
            axes = _time_axes(figure, last, language)
            _draw_curve(axes, rows, everyone if compared else rows.iloc[:0])
            svg = to_svg(figure, prefix=f"{prefix}{place}", title=heading, description=text)
        panels.append(Panel(heading, svg, width))
    across = [None, *segments] if compared else segments
    columns, lines = _curve_table(frame, labels, across)
    return Display("curves", title, text, tuple(panels), columns, lines, numbers_in(segments))


def late_starts(curves: ReleasedTable, labels: Labels, drawn: Sequence[int | None]) -> list[str]:
    """A sentence per drawn segment whose first months too few were watched in: its curve is of those still there."""
    months, whom = floats(curves.frame, "month"), [segment_number(one) for one in curves.frame["segment"]]
    every = dict.fromkeys(whom)
    begins = [(one, min(m for m, who in zip(months, whom, strict=True) if who == one)) for one in every]
    return [
        say(
            "display.curve.from",
            labels.language,
            segment=labels.segment(one),
            month=number(m, labels.language, digits=0),
        )
        for one, m in begins
        if m > 0 and one in drawn
    ]


def _time_axes(figure: Figure, last: float, language: str) -> Axes:
    axes = plot_area(figure, 46, 42, 16, 10)
    step = round_up(last / 12 / 5, (0.2, 0.5, 1, 2, 5, 10))
    years = np.arange(0, last / 12 + step / 2, step)
    axes.set(xlim=(0, max(last, 1)), ylim=(0, 1))
    axes.set_xticks(years * 12, [number(year, language, digits=0 if step >= 1 else 1) for year in years])
    axes.set_yticks((0, 0.25, 0.5, 0.75, 1), [percent(value, language) for value in (0, 0.25, 0.5, 0.75, 1)])
    axes.tick_params(axis="y", labelsize=11, labelcolor=MUTED)
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say("display.curve.axis", language))
    return axes


def _draw_curve(axes: Axes, rows: pd.DataFrame, everyone: pd.DataFrame) -> None:
    month, share = floats(rows, "month"), floats(rows, "survival")
    low, high = floats(rows, "low"), floats(rows, "high")
    if np.isfinite(low).any():
        begins = np.isnan(low) & (share == 1)  # all are still there by definition: the band opens from one point
        low, high = np.where(begins, share, low), np.where(begins, share, high)
        axes.fill_between(month, low, high, color=ACCENT_SOFT, alpha=0.6, linewidth=0)
    if not everyone.empty:
        axes.plot(
            floats(everyone, "month"), floats(everyone, "survival"), color=MUTED, linewidth=1.4, linestyle=(0, (4, 3)),
        )  # fmt: skip
    axes.plot(month, share, color=ACCENT, **_marks(month))


def _marks(month: np.ndarray) -> dict[str, Any]:
    """A dot at each shown month where there are few: between them the line is a guide for the eye."""
    return {"marker": "o", "markersize": 4} if len(month) <= _FEW_MONTHS else {}


def _curve_table(
    frame: pd.DataFrame, labels: Labels, segments: Sequence[int | None]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Months down, segments across, each share with its interval."""
    language = labels.language
    shown = {one: of_segment(frame, one).set_index("month") for one in segments}
    lines = []
    for month in told_months(frame):
        cells = (_curve_cell(shown[one], month, language) for one in segments)
        lines.append((number(month, language, digits=0), *cells))
    return (say("display.column.month", language), *(labels.segment(one) for one in segments)), tuple(lines)


def told_months(frame: pd.DataFrame, *, most: int = 12) -> list[float]:
    """The months a table tells of: whole years where there are enough, evenly spaced, about ``most`` of them."""
    months = sorted({float(month) for month in frame["month"]})
    years = [month for month in months if month % 12 == 0]
    whole = years if len(years) > 2 else months
    return whole[:: max(1, -(-len(whole) // most))]


def _curve_cell(rows: pd.DataFrame, month: float, language: str) -> str:
    row = rows.loc[[month]] if month in rows.index else rows.iloc[:0]
    values = [floats(row, name) for name in ("survival", "low", "high")]
    if not len(values[0]):
        return "–"
    share, low, high = (percent(value[0], language) for value in values)
    return f"{share} ({low}–{high})" if "–" not in (low, high) else share


def draw_incidence(curves: ReleasedTable, labels: Labels, *, prefix: str) -> Display | None:
    """The share of everyone gone by each cause, by years of service. ``None`` without ``incidence_`` columns."""
    frame = rows_of(curves)
    causes = [name for name in frame.columns if name.startswith("incidence_")]
    rows = of_segment(frame, None)
    if not len(rows) and len(segments_in(frame)) == 1:
        rows = frame
    rows = rows.sort_values("month")
    rows = rows[rows[causes].notna().all(axis=1)].reset_index(drop=True)
    if not causes or len(rows) < 2:
        return None
    language = labels.language
    names = [cause_name(cause.removeprefix("incidence_"), language) for cause in causes]
    title, text = say("display.incidence.title", language), say("display.incidence.text", language)
    month = floats(rows, "month")
    with theme():
        figure = canvas(WIDE, 250)
        axes = _time_axes(figure, float(month.max()), language)
        top = max(float(np.nanmax(floats(rows, cause))) for cause in causes)
        limit = round_up(top * 1.05, (0.1, 0.2, 0.4, 0.6, 1.0))
        axes.set_ylim(0, limit)
        axes.set_yticks((0, limit / 2, limit), [percent(value, language) for value in (0, limit / 2, limit)])
        _draw_causes(axes, rows, causes, names)
        svg = to_svg(figure, prefix=prefix, title=title, description=text)
    told = told_months(rows)
    keep = [at for at in range(len(month)) if month[at] in told]
    columns = (say("display.column.month", language), *names)
    lines = tuple(
        (number(month[at], language, digits=0), *(percent(floats(rows, cause)[at], language) for cause in causes))
        for at in keep
    )
    return Display("incidence", title, text, (Panel(title, svg, WIDE),), columns, lines)


def _draw_causes(axes: Axes, rows: pd.DataFrame, causes: Sequence[str], names: Sequence[str]) -> None:
    month = floats(rows, "month")
    every = max(1, len(month) // 6)
    for place, (cause, name) in enumerate(zip(causes, names, strict=True)):
        values = floats(rows, cause)
        colour, mark = _CAUSE_COLOURS[place % 3], _CAUSE_MARKS[place % 3]
        axes.plot(month, values, color=colour, marker=mark, markevery=every, markersize=6, label=name)
    legend = axes.legend(loc="upper left", frameon=False, fontsize=11, borderaxespad=0, handlelength=1.6)
    for text in legend.get_texts():
        text.set_color(INK)


def cause_name(cause: str, language: str) -> str:
    """A cause of leaving in words; the cause itself when it is the study's own."""
    known = (*EndReason, "any")
    return say(f"display.cause.{cause}", language) if cause in known else cause.replace("_", " ")


def draw_calibration(calibration: ReleasedTable, labels: Labels, *, prefix: str, months: int) -> Display | None:
    """Predicted against observed shares per tenth of predicted risk, with simultaneous bands."""
    frame = rows_of(calibration)
    if "horizon" in frame and len(frame):
        horizon = floats(frame, "horizon")
        nearest = horizon[int(np.argmin(np.abs(horizon - months)))]
        frame = frame[horizon == nearest]
    frame = frame.sort_values("bin", kind="stable").reset_index(drop=True)
    if frame.empty:
        return None
    language = labels.language
    predicted, observed, low, high = (floats(frame, name) for name in ("predicted", "observed", "low", "high"))
    across, up = share_ticks(predicted), share_ticks(np.concatenate([observed, low, high]))
    title, text = say("display.calibration.title", language), say("display.calibration.text", language)
    if across != up:
        text = f"{text} {say('display.calibration.axes', language)}"
    with theme():
        figure = canvas(WIDE, 390)
        axes = plot_area(figure, 64, 48, 16, 12)
        axes.set(xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
        axes.set_xticks(across, [percent(at, language) for at in across])
        axes.set_yticks(up, [percent(at, language) for at in up])
        axes.tick_params(axis="y", labelsize=11, labelcolor=MUTED)
        axes.grid()
        axes.spines["left"].set_visible(False)
        axes.plot((0, 1), (0, 1), color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.vlines(predicted, low, high, color=ACCENT, linewidth=1.6, alpha=0.55)
        axes.plot(predicted, observed, linestyle="none", marker="o", markersize=7, color=ACCENT, clip_on=False)
        axes.set_xlabel(say("display.calibration.axis.x", language))
        axes.set_ylabel(say("display.calibration.axis.y", language))
        svg = to_svg(figure, prefix=prefix, title=title, description=text)
    columns = tuple(
        say(f"display.column.{name}", language) for name in ("tenth", "n", "predicted", "observed", "interval")
    )
    shares = (shares_text(frame, name, language) for name in ("predicted", "observed"))
    told = zip(frame["bin"], frame["n"], *shares, share_intervals(frame, language), strict=True)
    lines = tuple((str(tenth), people_text(n, language), *figures) for tenth, n, *figures in told)
    return Display("calibration", title, text, (Panel(title, svg, WIDE),), columns, lines)


def draw_effects(
    effects: ReleasedTable, labels: Labels, *, prefix: str, intention: bool, most: int = 12
) -> Display | None:
    """What goes together with leaving more or less, in percent of the odds: what is sure first, the largest first.

    Drawn on the scale of log odds, so that half and double lie equally far from zero. A category has no direction:
    its two levels furthest apart are compared.
    """
    frame = rows_of(effects)
    frame = frame.iloc[in_order(frame, np.abs(floats(frame, "change")))]
    frame = frame[floats(frame, "change") != 0][:most].reset_index(drop=True)
    if frame.empty:
        return None
    language = labels.language
    told = [floats(frame, name) for name in ("change", "change_low", "change_high")]
    told = [np.where(np.isfinite(column), column, np.nan) for column in told]
    furthest = float(np.nanmax(np.abs(_log_odds(np.concatenate(told)))))
    reach = round_up(furthest, [float(np.log1p(one)) for one in _ODDS])
    values, low, high = (np.clip(_log_odds(column), -reach, reach) for column in told)
    names = [labels.feature(str(name)) for name in frame["feature"]]
    key = "display.effect.title.intention" if intention else "display.effect.title.exit"
    title, text = say(key, language), say("display.effect.text", language)
    text = f"{text} {explained_exits(frame, language)}".strip()
    category = (frame["direction"] == "by level").to_numpy() if "direction" in frame else np.zeros(len(frame), bool)
    up, down = ~category & (values > 0), ~category & (values < 0)
    series = [
        Series(_of(up, values), _of(up, low), _of(up, high), colour=CONTRAST),
        Series(_of(down, values), _of(down, low), _of(down, high), filled=False),
        Series(_of(category, values), _of(category, low), _of(category, high), colour=MUTED, marker="D"),
    ]
    ticks = [(at, signed(100 * float(np.expm1(at)), language)) for at in (-reach, 0.0, reach)]
    with theme():
        figure = dot_panel(
            names, series, limits=(-reach, reach), reference=0, width=WIDE, axis=say("display.effect.axis", language),
            ticks=ticks,
        )  # fmt: skip
        svg = to_svg(figure, prefix=prefix, title=title, description=text)
    columns = tuple(say(f"display.column.{name}", language) for name in ("feature", "effect", "interval"))
    lines = tuple(
        (name, signed(v, language), interval(signed(a, language), signed(b, language), language))
        for name, v, a, b in zip(names, *told, strict=True)
    )
    return Display("effects", title, text, (Panel(title, svg, WIDE),), columns, lines)


#: Where the axis of associations may end, as shares by which odds are higher.
_ODDS = (0.25, 1.0, 3.0, 9.0)


def explained_exits(frame: pd.DataFrame, language: str) -> str:
    """Leaving for which cause these associations are about, in a sentence; empty of an intention.

    >>> explained_exits(pd.DataFrame({"cause": ["", "voluntary"]}), "en")
    "This is about leaving of one's own will."
    """
    told = [str(one) for one in frame["cause"].dropna() if one] if "cause" in frame else []
    if not told:
        return ""
    own = "report.explained.any" if told[0] == EndReason.LEFT else f"report.explained.{told[0]}"
    if own in catalogue():
        return say(own, language)
    return say("report.explained.one", language, cause=cause_name(told[0], language))


def _of(own: np.ndarray, column: np.ndarray) -> np.ndarray:
    return np.where(own, column, np.nan)


def _log_odds(change: np.ndarray) -> np.ndarray:
    """Changes of the odds in percent as log odds; a change of minus hundred lies beyond every axis."""
    return np.asarray(np.log1p(np.maximum(change, -99.9) / 100))


def draw_tornado(sensitivity: ReleasedTable, labels: Labels, *, prefix: str) -> Display | None:
    """How far everyone's mean value moves with each assumption, the widest first.

    Released columns: ``assumption``, ``low_setting`` and ``high_setting`` (words), ``at_low_setting`` and
    ``at_high_setting``.
    """
    frame = rows_of(sensitivity)
    width = np.abs(floats(frame, "at_high_setting") - floats(frame, "at_low_setting"))
    frame = frame.iloc[in_order(frame, np.nan_to_num(width))].reset_index(drop=True)
    low, high = floats(frame, "at_low_setting"), floats(frame, "at_high_setting")
    if not len(frame) or not np.isfinite(low).all() or not np.isfinite(high).all():
        return None
    language = labels.language
    title, text = say("display.tornado.title", language), say("display.tornado.text", language)
    names = [assumption_name(str(name), language) for name in frame["assumption"]]
    ends = np.concatenate([low, high])
    room = 0.04 * max(float(np.ptp(ends)), 1.0)
    limits = (float(ends.min()) - room, float(ends.max()) + room)
    ticks = number_ticks((float(ends.min()), float(ends.max())), language)
    marks, axis = [Series(low, filled=False), Series(high)], say("display.column.value", language)
    with theme():
        figure = dot_panel(names, marks, limits=limits, ticks=ticks, width=WIDE, joined=True, axis=axis)
        svg = to_svg(figure, prefix=prefix, title=title, description=text)
    columns = tuple(
        say(f"display.column.{name}", language) for name in ("assumption", "at_low_setting", "at_high_setting")
    )
    lines = tuple(
        (name, *(f"{number(value, language, digits=0)} ({setting})" for value, setting in pairs))
        for name, *pairs in zip(
            names,
            zip(low, frame["low_setting"], strict=True),
            zip(high, frame["high_setting"], strict=True),
            strict=True,
        )
    )
    return Display("tornado", title, text, (Panel(title, svg, WIDE),), columns, lines)


def assumption_name(assumption: str, language: str) -> str:
    """An assumption about worth in words."""
    known = ("value", "cost", "exits", "ramp", "rate")
    return say(f"display.assumption.{assumption}", language) if assumption in known else assumption.replace("_", " ")
