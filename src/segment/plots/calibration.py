"""What was foretold beside what happened, in bins with bands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.displays.base import ACCENT_SOFT, MUTED, Axes, notebook_axes
from segment.plots.look import draw, legend, looks
from segment.retention import HazardModel, HorizonModel, calibration_table, evaluate


class CalibrationDisplay:
    """What was foretold beside what happened, in bins of equal size, with bands that hold for all bins at once.

    Parameters
    ----------
    table
        One row per bin: ``predicted``, ``observed``, ``low``, ``high``, as ``segment.retention.calibration_table``
        gives them.
    name
        What the model is called.

    Attributes
    ----------
    ax_, figure_, line_ : the axes, their figure and the points, once drawn.

    Examples
    --------
    >>> drawn = CalibrationDisplay.from_predictions([0, 0, 1, 1], [0.2, 0.2, 0.8, 0.8], bins=2)
    >>> drawn.table["observed"].tolist()
    [0.0, 1.0]
    """

    def __init__(self, table: pd.DataFrame, *, name: str = "model") -> None:
        self.table = table
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: HorizonModel | HazardModel,
        X: pd.DataFrame,
        y: npt.ArrayLike | pd.DataFrame,
        *,
        bins: int = 10,
        months: int = 12,
        sample_weight: npt.ArrayLike | None = None,
        ax: Axes | None = None,
        **line: object,
    ) -> CalibrationDisplay:
        """A fitted model on people it has not seen, drawn.

        Parameters
        ----------
        estimator
            A fitted ``HorizonModel``, or a fitted ``HazardModel``: leaving for any cause within ``months``, as
            ``segment.retention.evaluate`` counts it, in its ten bins.
        X
            People x attributes, as fitted.
        y
            One flag per person, or spells as in ``fit``.
        bins
            Bins of a ``HorizonModel``.
        months
            Months ahead of a ``HazardModel``.
        sample_weight
            Positive weights; of spells their column ``weight``.
        ax
            Where it is drawn; None: axes of its own.
        line
            How points look, as matplotlib takes it.
        """
        name = type(estimator).__name__
        if isinstance(y, pd.DataFrame):
            found = evaluate(estimator, X, y, horizons=(months,), n_boot=0).calibration
            return cls(found[found["cause"] == "any"].reset_index(drop=True), name=name).plot(ax, **line)
        told = estimator.predict_proba(X)[:, 1]
        return cls.from_predictions(y, told, bins=bins, sample_weight=sample_weight, name=name, ax=ax, **line)

    @classmethod
    def from_predictions(
        cls,
        y: npt.ArrayLike,
        p: npt.ArrayLike,
        *,
        bins: int = 10,
        sample_weight: npt.ArrayLike | None = None,
        name: str = "model",
        ax: Axes | None = None,
        **line: object,
    ) -> CalibrationDisplay:
        """Probabilities from any model beside what happened, drawn.

        Parameters
        ----------
        y
            0 or 1 per person.
        p
            Foretold probabilities, 0 to 1.
        bins
            Bins by foretold probability.
        sample_weight
            Positive weights.
        name
            What the model is called.
        ax
            Where it is drawn; None: axes of its own.
        line
            How points look, as matplotlib takes it.
        """
        weights = None if sample_weight is None else np.asarray(sample_weight, dtype=float)
        table = calibration_table(np.asarray(y), np.asarray(p, dtype=float), bins, weights)
        return cls(table, name=name).plot(ax, **line)

    def plot(self, ax: Axes | None = None, **line: object) -> CalibrationDisplay:
        """Draw what happened over what was foretold; on the diagonal they are the same.

        Parameters
        ----------
        ax
            Where; None: axes of its own.
        line
            How points look, as matplotlib takes it.
        """
        self.ax_, self.figure_ = notebook_axes(ax)
        table, end = self.table, float(np.nanmax(self.table[["predicted", "high"]].to_numpy()))
        self.ax_.plot([0, end], [0, end], color=MUTED, linewidth=1, linestyle=":", label="foretold as it happens")
        self.ax_.vlines(table["predicted"], table["low"], table["high"], color=ACCENT_SOFT, linewidth=3)
        look = looks(1)[0] | {"label": self.name} | line
        self.line_ = draw(self.ax_, table["predicted"], table["observed"], look)
        self.ax_.set(xlabel="share foretold", ylabel="share that happened")
        legend(self.ax_, 2)
        return self
