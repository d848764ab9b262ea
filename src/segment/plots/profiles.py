"""What each segment needs more and less than other needs, as marks on lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.displays.base import GRID, Axes, Line2D, notebook_axes
from segment.errors import InvalidInput
from segment.needs.scoring import NeedScorer
from segment.plots.look import Groups, draw, legend, looks, of_people
from segment.segments import NeedsMixture, SegmentSelector


class ProfileDisplay:
    """What each segment needs more and less than other needs: one mark per segment on a line per need.

    Parameters
    ----------
    profiles
        Segments x needs, mean scores without response style, in answer units; 0: as important as needs are on average.

    Attributes
    ----------
    ax_, figure_, lines_ : the axes, their figure and one set of marks per segment, once drawn.

    Examples
    --------
    >>> answers = pd.DataFrame({"p": [5.0, 5, 1, 2], "m": [1.0, 2, 5, 5]})
    >>> drawn = ProfileDisplay.from_predictions(answers, [0, 0, 1, 1], {"p": "pay", "m": "meaning"})
    >>> drawn.profiles.round(2).to_numpy().tolist()
    [[1.75, -1.75], [-1.75, 1.75]]
    """

    def __init__(self, profiles: pd.DataFrame) -> None:
        self.profiles = profiles

    @classmethod
    def from_estimator(
        cls, estimator: SegmentSelector | NeedsMixture, *, ax: Axes | None = None, **marks: object
    ) -> ProfileDisplay:
        """The profiles that a fitted estimator of segments found, drawn.

        Parameters
        ----------
        estimator
            A fitted ``SegmentSelector`` or ``NeedsMixture``.
        ax
            Where it is drawn; None: axes of its own.
        marks
            How marks look, as matplotlib takes it.

        Raises
        ------
        InvalidInput
            There are no segments of needs.
        """
        profiles = estimator.need_profiles_
        if profiles is None:
            raise InvalidInput(
                "There are no segments whose needs could be drawn.", advice="reason_ and evidence_ say what was tried"
            )
        return cls(profiles).plot(ax, **marks)

    @classmethod
    def from_predictions(
        cls,
        items: pd.DataFrame,
        labels: Groups,
        need_map: Mapping[str, str],
        *,
        scales: Mapping[str, tuple[float, float]] | None = None,
        ax: Axes | None = None,
        **marks: object,
    ) -> ProfileDisplay:
        """The profiles of groups from anywhere, drawn.

        Parameters
        ----------
        items
            People x codes, NaN = not answered.
        labels
            The segment of each person.
        need_map
            Code to need.
        scales
            Lowest and highest answer per code; None: one scale for all.
        ax
            Where it is drawn; None: axes of its own.
        marks
            How marks look, as matplotlib takes it.
        """
        scores = NeedScorer().fit(items, need_map, scales=scales).transform(items).scores
        whose = of_people(labels, len(scores))
        return cls(scores.reset_index(drop=True).groupby(whose).mean()).plot(ax, **marks)

    def plot(self, ax: Axes | None = None, **marks: object) -> ProfileDisplay:
        """Draw the profiles: needs from top to bottom, what is needed more to the right.

        Parameters
        ----------
        ax
            Where; None: axes of its own.
        marks
            How marks look, as matplotlib takes it.
        """
        self.ax_, self.figure_ = notebook_axes(ax)
        self.ax_.axvline(0, color=GRID, zorder=0)
        places = np.arange(self.profiles.shape[1])
        self.lines_: list[Line2D] = []
        for (name, row), look in zip(self.profiles.iterrows(), looks(len(self.profiles)), strict=True):
            own = look | {"linestyle": "none", "label": f"segment {name}"} | marks
            self.lines_.append(draw(self.ax_, row, places, own))
        self.ax_.set_yticks(places, [str(need) for need in self.profiles.columns])
        self.ax_.set(xlabel="needed more than other needs (answer units)", ylim=(len(places) - 0.5, -0.5))
        legend(self.ax_, len(self.profiles), beside=True)
        return self
