"""Figures then and now as lines from left to right: what surely changed in colour, the rest in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from segment.displays.base import ACCENT, GRID, INK, MUTED, WIDE, Floats, Panel, canvas, plot_area, theme, to_svg

#: Pixels between two labels of one side, and the margins that hold these.
_APART, _LEFT, _RIGHT = 17.0, 52, 208


@dataclass(frozen=True)
class Slope:
    """One line: its name, its figure then and now with their words, and whether it surely changed."""

    name: str
    before: float
    now: float
    told: tuple[str, str]
    sure: bool


def draw_slopes(
    slopes: Sequence[Slope], moments: tuple[str, str], *, prefix: str, title: str, description: str
) -> Panel:
    """Lines from one moment to the next, each labelled at its ends; no two labels lie on each other."""
    with theme():
        height = int(max(len(slopes) * _APART, 120)) + 52
        figure = canvas(WIDE, height)
        axes = plot_area(figure, _LEFT, 10, _RIGHT, 34)
        values = np.array([[one.before, one.now] for one in slopes])
        low, high = float(values.min()), float(values.max())
        room = (high - low) * 0.06 or 0.5
        axes.set(xlim=(0, 1), ylim=(low - room, high + room))
        axes.set_xticks([0, 1], list(moments))
        axes.xaxis.tick_top()
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        for at in (0, 1):
            axes.axvline(at, color=GRID, linewidth=1.5)
        scale = (height - 44) / (high - low + 2 * room)
        for side, (at, align) in enumerate(((-8, "right"), (8, "left"))):
            for one, place in zip(slopes, _apart(values[:, side], _APART / scale), strict=True):
                text = one.told[side] if side == 0 else f"{one.told[side]}  {one.name}"
                _label(axes, one, text, side, place, at, align)
        for one in sorted(slopes, key=lambda one: one.sure):
            colour = ACCENT if one.sure else MUTED
            axes.plot(
                [0, 1], [one.before, one.now], color=colour, linewidth=2.6 if one.sure else 1.2, marker="o",
                markersize=6 if one.sure else 4, clip_on=False, zorder=3 if one.sure else 2,
            )  # fmt: skip
        return Panel(title, to_svg(figure, prefix=prefix, title=title, description=description), WIDE)


def _label(axes: Axes, one: Slope, text: str, side: int, place: float, shift: int, align: str) -> None:
    axes.annotate(
        text, (side, place), (shift, -4), textcoords="offset points", ha=align, va="baseline", annotation_clip=False,
        color=ACCENT if one.sure else INK, fontweight="bold" if one.sure else "normal",
    )  # fmt: skip


def _apart(values: Floats, least: float) -> Floats:
    """Places for labels as near to their values as can be, none nearer to another than ``least``.

    Neighbours that are too near are moved as one block about the mean of where they want to be.

    >>> _apart(np.array([1.0, 1.1, 3.0]), 0.5).round(2).tolist()
    [0.8, 1.3, 3.0]
    """
    order = np.argsort(values, kind="stable")
    blocks: list[tuple[float, int]] = []  # the middle of a block, and how many labels it holds
    for value in values[order]:
        blocks.append((float(value), 1))
        while len(blocks) > 1 and blocks[-1][0] - blocks[-2][0] < least * (blocks[-1][1] + blocks[-2][1]) / 2:
            (above, more), (below, own) = blocks.pop(), blocks.pop()
            blocks.append(((below * own + above * more) / (own + more), own + more))
    placed = [middle + least * (at - (size - 1) / 2) for middle, size in blocks for at in range(size)]
    result = np.empty(len(values))
    result[order] = placed
    return result
