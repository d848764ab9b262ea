"""Who is still there, month by month: what a model of leaving foretells, as curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.displays.base import Axes, Line2D, notebook_axes
from segment.errors import InvalidInput
from segment.plots.look import Groups, draw, legend, looks, of_people
from segment.retention import HazardModel


class CurveDisplay:
    """Who is still there: a curve of staying for everyone, or one per group.

    Parameters
    ----------
    months
        Months of tenure, ascending, shape (T,).
    survival
        The share still there, 0 to 1, shape (groups, T).
    names
        What each curve is called.

    Attributes
    ----------
    ax_, figure_, lines_ : the axes, their figure and one line per group, once drawn.

    Examples
    --------
    >>> drawn = CurveDisplay.from_predictions([0, 12], [[1.0, 0.8], [1.0, 0.6]])
    >>> drawn.survival.tolist(), drawn.ax_.get_xlabel()
    ([[1.0, 0.7]], 'months of tenure')
    """

    def __init__(self, months: npt.ArrayLike, survival: npt.ArrayLike, *, names: Sequence[str] = ("everyone",)) -> None:
        self.months = np.asarray(months, dtype=float)
        self.survival = np.asarray(survival, dtype=float)
        self.names = tuple(names)

    @classmethod
    def from_estimator(
        cls,
        estimator: HazardModel,
        X: pd.DataFrame,
        months: npt.ArrayLike | None = None,
        *,
        groups: Groups | None = None,
        start: npt.ArrayLike | None = None,
        ax: Axes | None = None,
        **line: object,
    ) -> CurveDisplay:
        """The mean curve that a fitted model foretells, drawn.

        Parameters
        ----------
        estimator
            A fitted ``HazardModel``.
        X
            People x attributes, as fitted.
        months
            Months of tenure, ascending; None: each month that people were watched for.
        groups
            Whose curves are told apart, one label per person; None: everyone's.
        start
            Tenure already survived, one number or one per person; None: at the first day.
        ax
            Where it is drawn; None: axes of its own.
        line
            How lines look, as matplotlib takes it.
        """
        watched = np.arange(0.0, estimator.longest_watched_ + 1) if months is None else np.asarray(months, dtype=float)
        begin = None if start is None else np.asarray(start, dtype=float)
        foretold = estimator.predict_survival(X, watched, start=begin)
        return cls.from_predictions(watched, foretold, groups=groups, ax=ax, **line)

    @classmethod
    def from_predictions(
        cls,
        months: npt.ArrayLike,
        survival: npt.ArrayLike,
        *,
        groups: Groups | None = None,
        ax: Axes | None = None,
        **line: object,
    ) -> CurveDisplay:
        """The mean of people's curves, from any model, drawn.

        Parameters
        ----------
        months
            Months of tenure, ascending, shape (T,).
        survival
            The chance still to be there, people x months.
        groups
            One label per person; None: everyone together.
        ax
            Where it is drawn; None: axes of its own.
        line
            How lines look, as matplotlib takes it.

        Raises
        ------
        InvalidInput
            Curves of other lengths than the months, or labels for other people.
        """
        curves, times = np.asarray(survival, dtype=float), np.asarray(months, dtype=float)
        if curves.ndim != 2 or curves.shape[1] != len(times) or not len(curves):
            raise InvalidInput(
                "The curves do not fit the months.",
                expected=f"people x {len(times)}",
                came=" x ".join(map(str, curves.shape)),
                where="survival",
            )
        labels = of_people(groups, len(curves))
        names = sorted(labels.dropna().unique().tolist(), key=str)
        found = [curves[(labels == name).to_numpy()].mean(axis=0) for name in names]
        names = ["everyone"] if groups is None else [str(name) for name in names]
        return cls(times, found, names=names).plot(ax, **line)

    def plot(self, ax: Axes | None = None, **line: object) -> CurveDisplay:
        """Draw the curves: 0 to 1 over months of tenure.

        Parameters
        ----------
        ax
            Where; None: axes of its own.
        line
            How lines look, as matplotlib takes it.
        """
        self.ax_, self.figure_ = notebook_axes(ax)
        self.lines_: list[Line2D] = []
        for name, curve, look in zip(self.names, self.survival, looks(len(self.names)), strict=True):
            look = {key: value for key, value in look.items() if key != "marker"} | {"label": name} | line
            self.lines_.append(draw(self.ax_, self.months, curve, look))
        self.ax_.set(xlabel="months of tenure", ylabel="share still there", ylim=(0, 1))
        legend(self.ax_, len(self.names))
        return self
