"""The pictures that a spec asks for: a heat map, dots with intervals, or a curve, of a released table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from segment.disclosure.release import ReleasedTable
from segment.displays.base import (
    ACCENT,
    ACCENT_SOFT,
    GRID,
    INK,
    MUTED,
    NARROW,
    PAPER,
    WIDE,
    Display,
    Floats,
    Panel,
    Series,
    canvas,
    dot_panel,
    number_ticks,
    percent_ticks,
    plot_area,
    round_up,
    share_ticks,
    theme,
    to_svg,
)
from segment.displays.column_text import cell_text, heading, name_of, title_of
from segment.displays.labels import Labels, floats, rows_of
from segment.displays.tabular import in_order_of, tabular
from segment.tables.shown import Shown, ShownColumn

#: From the rows of one panel to its drawing of this width, among others of the same scale.
_Draw = Callable[[pd.DataFrame, int], Figure]
_Ticks = list[tuple[float, str]]
_LINE, _CELL = 27, 74


def draw_shown(name: str, table: ReleasedTable, shown: Shown, labels: Labels) -> Display | None:
    """The picture of a table as its spec says, with the same figures as a table.

    Returns
    -------
    ``None`` where no row has a figure to draw.

    Raises
    ------
    RefusedRelease
        When something else than a ``ReleasedTable`` is handed in.
    """
    frame = rows_of(table)
    frame = shown.shape(frame) if shown.shape is not None else frame
    frame = in_order_of(shown.tables[0], frame[np.isfinite(floats(frame, shown.value))], labels)
    if frame.empty:
        return None
    title = title_of(name, shown, labels)
    text = labels.say(shown.text, **labels.values) if shown.text else title
    heads = {told.column: heading(name, told, labels) for told in shown.columns}
    draw = {"heat": _heat, "dots": _dots, "curve": _curve}[shown.display](frame, shown, labels, heads)
    panels = []
    for place, (head, rows, width) in enumerate(_panels(frame, shown, labels, title)):
        with theme():
            svg = to_svg(draw(rows, width), prefix=f"shown-{name}-{place}", title=head, description=text)
        panels.append(Panel(head, svg, width))
    told = tabular(name, frame, shown.tables[0], labels)
    return Display(name, title, text, tuple(panels), told.columns, told.rows, told.segments)


def _panels(frame: pd.DataFrame, shown: Shown, labels: Labels, title: str) -> list[tuple[str, pd.DataFrame, int]]:
    """One panel per value of the column across; of a heat map, or without such a column, one for all rows."""
    if shown.display == "heat" or not shown.across:
        return [(title, frame, WIDE)]
    told = shown.column_of(shown.across)
    parts = [rows.reset_index(drop=True) for _, rows in frame.groupby(shown.across, sort=False, dropna=False)]
    width = WIDE if len(parts) == 1 else NARROW
    return [(name_of(told, rows[shown.across].iloc[0], labels), rows, width) for rows in parts]


def _dots(frame: pd.DataFrame, shown: Shown, labels: Labels, heads: Mapping[str, str]) -> _Draw:
    limits, ticks = _axis(frame, shown, labels.language)
    told, axis = shown.column_of(shown.line), heads[shown.value] if shown.axis else ""

    def draw(rows: pd.DataFrame, width: int) -> Figure:
        rows, everyone = _everyone_apart(rows, shown)
        names = [name_of(told, value, labels) for value in rows[shown.line]]
        value, *ends = (floats(rows, one) for one in (shown.value, *shown.ends))
        if shown.scale:
            value, *ends = (np.clip(one, *limits) for one in (value, *ends))
        low, high = ends or (None, None)
        figures = Series(value, low, high)
        return dot_panel(names, [figures], limits=limits, ticks=ticks, width=width, reference=everyone, axis=axis)

    return draw


def _everyone_apart(rows: pd.DataFrame, shown: Shown) -> tuple[pd.DataFrame, float | None]:
    """The rows without that of everyone, and its figure, where that is drawn as a line."""
    if not shown.reference:
        return rows, None
    whole = rows[shown.line].isna()
    values = floats(rows[whole], shown.value)
    return rows[~whole].reset_index(drop=True), float(values[0]) if len(values) else None


def _curve(frame: pd.DataFrame, shown: Shown, labels: Labels, heads: Mapping[str, str]) -> _Draw:
    limits, ticks = _axis(frame, shown, labels.language)
    along = floats(frame, shown.line)

    def draw(rows: pd.DataFrame, width: int) -> Figure:
        rows = rows.iloc[np.argsort(floats(rows, shown.line), kind="stable")]
        figure = canvas(width, 230)
        axes = plot_area(figure, 52, 42, 16, 10)
        axes.set(xlim=(along.min(), max(along.max(), along.min() + 1)), ylim=limits)
        axes.set_xticks(*zip(*_number_ticks(along, labels.language), strict=True))
        axes.set_yticks(*zip(*ticks, strict=True))
        axes.tick_params(axis="y", labelsize=11, labelcolor=MUTED)
        axes.grid(axis="y")
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(heads[shown.line])
        at, value, *ends = (floats(rows, one) for one in (shown.line, shown.value, *shown.ends))
        if ends:
            low, high = ends
            axes.fill_between(at, low, high, color=ACCENT_SOFT, alpha=0.6, linewidth=0)
        axes.plot(at, value, color=ACCENT)
        return figure

    return draw


def _heat(frame: pd.DataFrame, shown: Shown, labels: Labels, _: Mapping[str, str]) -> _Draw:
    """Lines down, columns across, each cell as dark as its figure is high among all."""
    down, across = (list(dict.fromkeys(_keys(frame, name))) for name in (shown.line, shown.across))
    names = {name: dict(zip(_keys(frame, name), _names(frame, shown.column_of(name), labels), strict=True))
             for name in (shown.line, shown.across)}  # fmt: skip
    told = shown.column_of(shown.value)

    def draw(rows: pd.DataFrame, _: int) -> Figure:
        values = floats(rows, shown.value)
        low, high = float(values.min()), float(values.max())
        shade = LinearSegmentedColormap.from_list("shade", [PAPER, ACCENT_SOFT])
        figure = canvas(172 + _CELL * len(across) + 8, 36 + _LINE * len(down))
        axes = plot_area(figure, 172, 2, 6, 34)
        axes.set(xlim=(0, len(across)), ylim=(len(down), 0))
        axes.set_xticks(np.arange(len(across)) + 0.5, [names[shown.across][one] for one in across])
        axes.set_yticks(np.arange(len(down)) + 0.5, [names[shown.line][one] for one in down])
        axes.xaxis.tick_top()
        for side in axes.spines.values():
            side.set_visible(False)
        cells = zip(_keys(rows, shown.line), _keys(rows, shown.across), values, rows.to_dict("records"), strict=True)
        for line, column, value, row in cells:
            place = across.index(column), down.index(line)
            depth = (value - low) / (high - low) if high > low else 0.5
            axes.add_patch(Rectangle(place, 1, 1, facecolor=shade(depth), edgecolor=GRID))
            text = cell_text(row, told, labels)
            axes.text(place[0] + 0.5, place[1] + 0.5, text, ha="center", va="center", color=INK, fontsize=11)
        return figure

    return draw


def _keys(frame: pd.DataFrame, column: str) -> list[str]:
    """The values of a column as keys; what is missing is one of them."""
    return [str(value) for value in frame[column]]


def _names(frame: pd.DataFrame, told: ShownColumn, labels: Labels) -> list[str]:
    return [name_of(told, value, labels) for value in frame[told.column]]


def _axis(frame: pd.DataFrame, shown: Shown, language: str) -> tuple[tuple[float, float], _Ticks]:
    """Ends and ticks that hold the figures and their intervals: shares as percentages, else numbers."""
    values = np.concatenate([floats(frame, name) for name in (shown.value, *shown.ends)])
    if shown.scale:
        limit = round_up(float(np.nanmax(values)), shown.scale)
        return (0, limit), percent_ticks([limit * step / shown.steps for step in range(shown.steps + 1)], language)
    if shown.column_of(shown.value).kind == "percent":
        ticks = percent_ticks(share_ticks(values), language)
    else:
        ticks = _number_ticks(values, language)
    return (ticks[0][0], ticks[-1][0]), ticks


def _number_ticks(values: Floats, language: str) -> _Ticks:
    """Round numbers, at most six, that hold all values."""
    known = values[np.isfinite(values)]
    places = MaxNLocator(5).tick_values(float(known.min()), float(known.max()))
    digits = next((d for d in range(4) if np.allclose(places, np.round(places, d), rtol=0, atol=1e-9)), 4)
    return number_ticks([float(one) for one in places], language, digits=digits)
