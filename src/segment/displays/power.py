"""The chance to find planted groups as a curve: what a survey could show, drawn before it is fielded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from segment.displays.base import ACCENT, ACCENT_SOFT, CONTRAST, MUTED, PAPER, canvas, plot_area, theme, to_svg
from segment.errors import InvalidInput
from segment.locale import STANDS_IN, percent

#: Kinds of pictures, by the end of the file's name.
KINDS = (".png", ".svg")
_WIDTH, _HEIGHT = 560, 340


def refuse_picture(path: Path) -> None:
    """Stop where a file's name is of no kind of picture that is drawn.

    Raises
    ------
    InvalidInput
        With the kinds there are.
    """
    if path.suffix.lower() not in KINDS:
        raise InvalidInput(
            "The curve cannot be drawn into that file.", expected=f"a name that ends in {' or '.join(KINDS)}",
            came=path.name, where="--out",
        )  # fmt: skip


def draw_power(
    curve: pd.DataFrame, rungs: pd.DataFrame, path: Path, *, axis: str, title: str, limit: float, wanted: float
) -> None:
    """Draw the curve with its band, what was seen on each rung, and where the wanted chance is reached.

    Parameters
    ----------
    curve
        ``x``, ``chance``, ``low``, ``high``: points of the curve from left to right.
    rungs
        ``x``, ``found``, ``worlds``: share found and number of worlds, one row per rung.
    path
        File to write, of one of ``KINDS``.
    limit
        Where ``wanted`` is reached; NaN: nowhere.
    """
    with theme():
        figure = canvas(_WIDTH, _HEIGHT)
        axes = plot_area(figure, 58, 48, 18, 34)
        axes.fill_between(curve["x"], curve["low"], curve["high"], color=ACCENT_SOFT, linewidth=0)
        axes.plot(curve["x"], curve["chance"], color=ACCENT)
        axes.scatter(
            rungs["x"],
            rungs["found"],
            s=12 + 5 * rungs["worlds"],
            color=PAPER,
            edgecolors=ACCENT,
            zorder=3,
            clip_on=False,
        )
        axes.axhline(wanted, color=MUTED, linewidth=1)
        if np.isfinite(limit):
            axes.plot([limit, limit], [0, wanted], color=CONTRAST, linewidth=1.5)
        axes.set(ylim=(0, 1), xlim=(curve["x"].min(), curve["x"].max()), xlabel=axis)
        ticks = (0, 0.2, 0.4, 0.6, 0.8, 1)
        axes.set_yticks(ticks, [percent(tick, STANDS_IN) for tick in ticks])
        axes.grid(axis="y")
        axes.set_title(title, loc="left", fontsize=12)
        if path.suffix.lower() == ".svg":
            path.write_text(to_svg(figure, prefix="power", title=title, description=axis), encoding="utf-8")
        else:
            figure.savefig(path, format="png", dpi=144, facecolor=PAPER, metadata={"Software": None})
