"""A retention model that can be served: chances for people from their attributes, and tenure where time counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel
from segment.vocabulary import DAYS_PER_MONTH, LONGEST_TENURE

#: Months by which a tenure and the days it lasted may differ.
_APART = 1.5


@dataclass(frozen=True)
class RetentionScorer:
    """A fitted model behind one question: how likely is leaving within ``months``?

    Attributes
    ----------
    model
        A fitted :class:`HazardModel` or :class:`HorizonModel`.
    months
        The horizon; a :class:`HorizonModel` knows only the one it was fitted for.
    """

    model: HazardModel | HorizonModel
    months: float = 12.0

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """One row per person: ``p_leave`` and, for a hazard model, ``p_<cause>``.

        A hazard model needs the column ``tenure`` (months so far) beside the attributes, or the columns ``start_date``
        and ``on`` (YYYY-MM-DD): the first day, and the day that is asked about.

        Raises
        ------
        InvalidInput
            When a hazard model is asked without tenure, or an attribute is missing.
        """
        features = frame.reindex(columns=[name for name in self.model.plan_.names if name in frame])
        if isinstance(self.model, HorizonModel):
            return pd.DataFrame({"p_leave": self.model.predict(features)}, index=frame.index)
        ahead = self.model.predict_ahead(features, [self.months], start=_tenure(frame))
        chances = {"p_leave": 1.0 - ahead.survival[:, 0]}
        chances |= {f"p_{cause}": values[:, 0] for cause, values in ahead.incidence.items()}
        return pd.DataFrame(chances, index=frame.index)

    def refuse_unknown_levels(self, frame: pd.DataFrame) -> None:
        """Refuse a level of a category that the model has not learned from by name; it says which column, not what.

        Raises
        ------
        InvalidInput
            Rare levels share one term without a name, so a rare one is refused as well.
        """
        wrong = [
            one.name
            for one in self.model.plan_.attributes
            if one.kind == "category" and one.name in frame
            if not frame[one.name].dropna().astype(str).isin(one.levels).all()
        ]
        if wrong:
            raise InvalidInput(
                "A level is not one that the model has learned from by name.",
                where=", ".join(wrong),
                advice="correct it, or ask without 'strict'",
            )


def _tenure(frame: pd.DataFrame) -> np.ndarray:
    """Months of tenure of each person: as given, else between two days."""
    dates = {"start_date", "on"} <= set(frame)
    if "tenure" not in frame and not dates:
        raise InvalidInput(
            "How likely leaving is depends on how long somebody has been there.",
            expected="a column 'tenure' with months of tenure so far, or 'start_date' and 'on' (YYYY-MM-DD)",
            came="no such columns",
        )
    unknown = np.full(len(frame), np.nan)
    given = frame["tenure"].to_numpy(dtype=float) if "tenure" in frame else unknown
    dated = _between_days(frame) if dates else unknown
    if (np.abs(given - dated) > _APART).any():
        raise InvalidInput(
            "Somebody's tenure and days tell different things.",
            expected="'tenure' in months, as long as from 'start_date' to 'on'",
            advice="give one of the two",
        )
    tenure = np.where(np.isnan(given), dated, given)
    if not ((tenure >= 0) & (tenure <= LONGEST_TENURE)).all():
        expected = f"months of tenure so far, from 0 to {LONGEST_TENURE:.0f}"
        days = "'start_date' on or before 'on', both YYYY-MM-DD"
        raise InvalidInput(
            "Everybody's tenure has to be known." if "tenure" in frame else "Everybody's first day has to be known.",
            expected=expected if not dates else days if "tenure" not in frame else f"{expected}; or {days}",
        )
    return tenure


def _between_days(frame: pd.DataFrame) -> np.ndarray:
    """Months from ``start_date`` to ``on``; unknown where either is no day."""
    first, last = (pd.to_datetime(frame[name], format="%Y-%m-%d", errors="coerce") for name in ("start_date", "on"))
    return np.asarray((last - first).dt.days.to_numpy(dtype=float) / DAYS_PER_MONTH)
