"""How sure a fitted model is: the same model learned again with people weighted at random."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from segment.retention.hazard import HazardModel
from segment.retention.outcomes import check_spells


def refitted(
    model: HazardModel, X: pd.DataFrame, spells: pd.DataFrame, *, n_draws: int = 20, random_state: int = 0
) -> Iterator[HazardModel]:
    """The model refitted under the Bayesian bootstrap (Rubin, Annals of Statistics 1981).

    Every person gets an exponential weight of mean one, the same in all their rows; learners and settings are those the
    model chose, without a new competition. The spread over draws is the doubt about the model.

    Parameters
    ----------
    model
        A fitted model; it is not changed.
    X, spells
        What it was fitted on.
    n_draws
        How many refits.

    Yields
    ------
    HazardModel
        One refit at a time, so that only one is held in memory.

    Examples
    --------
    >>> X = pd.DataFrame(index=range(60))
    >>> spells = pd.DataFrame({"exit": np.arange(60.0) + 1, "event": 1})
    >>> model = HazardModel("linear", causes=("left",)).fit(X, spells)
    >>> [draw.predict_survival(X[:1], [12]).shape for draw in refitted(model, X, spells, n_draws=2)]
    [(1, 1), (1, 1)]
    """
    check_is_fitted(model, "risks_")
    watched = check_spells(spells, causes=model.causes, index=X.index)
    rng = np.random.default_rng(random_state)
    for _ in range(n_draws):
        drawn = rng.standard_exponential(int(watched.person.max()) + 1)[watched.person]
        weighted = spells.assign(weight=watched.weight * drawn)
        yield clone(model).fit_like(X, weighted, like=model)
