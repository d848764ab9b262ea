"""How far segments come back when they are looked for again, per number of segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.displays.base import Axes, Line2D, notebook_axes
from segment.errors import InvalidInput
from segment.plots.look import draw, legend, looks
from segment.segments import SegmentSelector
from segment.segments.stability import agreement


class StabilityDisplay:
    """How far segments come back when they are looked for again, per number of segments, beside what chance gives.

    Parameters
    ----------
    table
        One row per family and number of segments: ``family``, ``k``, ``agreement`` (1 the same, 0 as by chance) with
        ``agreement_low`` and ``agreement_high`` (5th and 95th percentile), ``agreement_chance`` (NaN: not known).

    Attributes
    ----------
    ax_, figure_, lines_ : the axes, their figure and one line per family, once drawn.

    Examples
    --------
    >>> drawn = StabilityDisplay.from_predictions({2: [([0, 0, 1, 1], [1, 1, 0, 0]), ([0, 0, 1, 1], [0, 1, 0, 1])]})
    >>> drawn.table[["k", "agreement"]].to_numpy().tolist()
    [[2.0, 0.25]]
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table

    @classmethod
    def from_estimator(cls, estimator: SegmentSelector, *, ax: Axes | None = None, **line: object) -> StabilityDisplay:
        """What a search found on disjoint halves of the people, drawn; what was not tried is left out.

        Parameters
        ----------
        estimator
            A fitted ``SegmentSelector``.
        ax
            Where it is drawn; None: axes of its own.
        line
            How lines look, as matplotlib takes it.

        Raises
        ------
        InvalidInput
            Nothing was tried on halves.
        """
        tried = estimator.evidence_.dropna(subset="agreement")
        if tried.empty:
            raise InvalidInput(
                "Nothing was tried on halves of the people, so nothing is known of stability.",
                advice="reason_ and evidence_ say why",
            )
        return cls(tried.reset_index(drop=True)).plot(ax, **line)

    @classmethod
    def from_predictions(
        cls,
        pairs: Mapping[int, Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]],
        *,
        family: str = "again",
        ax: Axes | None = None,
        **line: object,
    ) -> StabilityDisplay:
        """How far pairs of groupings of the same people agree, drawn.

        Parameters
        ----------
        pairs
            Number of segments -> pairs of groupings, each one label per person.
        family
            What made them.
        ax
            Where it is drawn; None: axes of its own.
        line
            How lines look, as matplotlib takes it.
        """
        rows = []
        for k, tried in pairs.items():
            found = np.array([agreement(first, second) for first, second in tried])
            low, high = np.quantile(found, (0.05, 0.95))
            rows.append((family, k, found.mean(), low, high, np.nan))
        columns = ["family", "k", "agreement", "agreement_low", "agreement_high", "agreement_chance"]
        return cls(pd.DataFrame(rows, columns=columns)).plot(ax, **line)

    def plot(self, ax: Axes | None = None, **line: object) -> StabilityDisplay:
        """Draw agreement over the number of segments, its spread as a bar, and a cross where chance lies.

        Parameters
        ----------
        ax
            Where; None: axes of its own.
        line
            How lines look, as matplotlib takes it.
        """
        self.ax_, self.figure_ = notebook_axes(ax)
        families = list(dict.fromkeys(self.table["family"]))
        self.lines_: list[Line2D] = []
        for place, (family, look) in enumerate(zip(families, looks(len(families)), strict=True)):
            rows = self.table[self.table["family"] == family].sort_values("k")
            beside = rows["k"] + 0.08 * (place - (len(families) - 1) / 2)
            self.ax_.vlines(beside, rows["agreement_low"], rows["agreement_high"], color=str(look["color"]), alpha=0.5)
            cross = {"linestyle": "none", "marker": "x", "color": look["color"], "label": f"{family}, by chance"}
            if rows["agreement_chance"].notna().any():
                draw(self.ax_, beside, rows["agreement_chance"], cross)
            self.lines_.append(draw(self.ax_, beside, rows["agreement"], look | {"label": family} | line))
        self.ax_.set_xticks(sorted(set(self.table["k"])))
        self.ax_.set(xlabel="segments", ylabel="agreement (1 the same, 0 by chance)")
        legend(self.ax_, len(self.ax_.get_legend_handles_labels()[0]), beside=True)
        return self
