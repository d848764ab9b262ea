"""What a model says when one attribute is changed and everything else is left as it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel
from segment.retention.levels import Level


def what_if(
    model: HazardModel | HorizonModel,
    X: pd.DataFrame,
    feature: str,
    values: Sequence[float | str],
    *,
    months: float = 12,
    tenure: Sequence[float] | np.ndarray | None = None,
    weights: np.ndarray | None = None,
    level: Level | None = None,
) -> pd.DataFrame:
    """Sensitivity of the model to one attribute: the mean predicted chance to leave if everyone had each value.

    This is what the model says, with everything else left as it is; it is not what would happen. ``level``: chances are
    brought to the level that later time showed.

    Parameters
    ----------
    model
        A fitted `HazardModel` or `HorizonModel`.
    X
        People x attributes, as in `fit`.
    feature
        Column of ``X`` that is varied.
    values
        The values it gets, one after another.
    months
        The horizon.
    tenure
        Months of tenure of each person.
    weights
        For how many each person stands, shape (n,); None: one each.
    level
        Chances are brought to the level that later time showed; None: as the model says.

    Returns
    -------
    DataFrame
        One row per value: ``feature``, ``value``, ``leaving`` (mean probability within ``months``), ``low``, ``high``
        (10th and 90th percentile over people), ``reading`` (always ``sensitivity``).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"unmet": rng.normal(size=400)})
    >>> model = HorizonModel("linear").fit(X, (X["unmet"] + rng.normal(size=400) > 0).astype(int))
    >>> bool(what_if(model, X, "unmet", [-1.0, 1.0])["leaving"].is_monotonic_increasing)
    True
    """
    if feature not in X:
        raise InvalidInput("There is no such attribute.", expected=", ".join(X.columns), came=feature, where="feature")
    rows = []
    for value in values:
        changed = X.assign(**{feature: value})
        if isinstance(model, HorizonModel):
            leaving = model.predict(changed)
        else:
            leaving = 1 - model.predict_ahead(changed, [months], start=tenure).survival[:, 0]
        leaving = leaving if level is None else level.chances(leaving)
        low, high = np.quantile(leaving, [0.1, 0.9])
        mean = float(np.average(leaving, weights=weights))
        rows.append((feature, value, mean, float(low), float(high), "sensitivity"))
    return pd.DataFrame(rows, columns=["feature", "value", "leaving", "low", "high", "reading"])
