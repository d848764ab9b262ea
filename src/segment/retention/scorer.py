"""A retention model that can be served: chances for people from their attributes, and tenure where time counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel


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

        A hazard model needs the column ``tenure`` (months so far) beside the attributes.

        Raises
        ------
        InvalidInput
            When a hazard model is asked without tenure.
        """
        if isinstance(self.model, HorizonModel):
            return pd.DataFrame({"p_leave": self.model.predict(frame)}, index=frame.index)
        if "tenure" not in frame:
            raise InvalidInput(
                "How likely leaving is depends on how long somebody has been there.",
                expected="a column 'tenure' with months of tenure so far",
                came="no such column",
            )
        tenure = np.asarray(frame["tenure"], dtype=float)
        ahead = self.model.predict_ahead(frame.drop(columns="tenure"), [self.months], start=tenure)
        chances = {"p_leave": 1.0 - ahead.survival[:, 0]}
        chances |= {f"p_{cause}": values[:, 0] for cause, values in ahead.incidence.items()}
        return pd.DataFrame(chances, index=frame.index)
