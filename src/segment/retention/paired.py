"""Two forecasts of the same held-out people, held against each other in pairs: which comes closer, and is that sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from segment.errors import InvalidInput
from segment.retention.discrimination import follow_people, known_by
from segment.retention.floors import KaplanMeierFloor
from segment.retention.hazard import HazardModel
from segment.retention.intervals import mean_error
from segment.retention.outcomes import check_spells


@dataclass(frozen=True)
class PairedGain:
    """How much closer the second of two comes to what happened, per person; above zero: the second is better.

    Attributes
    ----------
    value, low, high
        Mean difference of the two losses with its 95 % interval.
    share
        The same as a share of the first one's mean loss; NaN where that is no positive number.
    n
        People in the pairs.
    """

    value: float
    low: float
    high: float
    share: float
    n: int

    @property
    def sure(self) -> int:
        """1: surely better; -1: surely worse; 0: neither was shown."""
        return int(self.low > 0) - int(self.high < 0)


def paired_gain(first: ArrayLike, second: ArrayLike, *, weight: ArrayLike | None = None) -> PairedGain:
    """The mean difference of two losses of the same people, with the interval of a paired test.

    Parameters
    ----------
    first, second
        Loss per person under either model, shape (n,): less is better.
    weight
        For how many each stands, shape (n,); None: one each.

    Raises
    ------
    InvalidInput
        Fewer than two people, or losses of different length.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loss = rng.uniform(0, 1, 400)
    >>> gain = paired_gain(loss, loss - 0.1 + rng.normal(0, 0.2, 400))
    >>> round(gain.value, 1), gain.sure, paired_gain(loss, loss).sure
    (0.1, 1, 0)
    """
    before, after = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if before.shape != after.shape or before.ndim != 1 or len(before) < 2:
        raise InvalidInput(
            "Two forecasts are compared on the same people.",
            expected="one loss per person under either, of two people at least",
            came=f"{before.shape} and {after.shape}",
        )
    weights = np.ones(len(before)) if weight is None else np.asarray(weight, dtype=float)
    apart = before - after
    mean, error = float(np.average(apart, weights=weights)), mean_error(apart, weights)
    reach = float(norm.ppf(0.975)) * error
    base = float(np.average(before, weights=weights))
    return PairedGain(mean, mean - reach, mean + reach, mean / base if base > 0 else float("nan"), len(before))


def squared_loss(left: ArrayLike, chance: ArrayLike) -> np.ndarray:
    """Squared distance between chance and what happened, per person (Brier, Monthly Weather Review 1950).

    >>> squared_loss([1, 0], [0.8, 0.5]).round(2).tolist()
    [0.04, 0.25]
    """
    distance: np.ndarray = np.asarray(left, dtype=float) - np.asarray(chance, dtype=float)
    return distance**2


def held_out_chances(
    model: HazardModel, seen: pd.DataFrame, later: pd.DataFrame, train: tuple[pd.DataFrame, pd.DataFrame],
    *, months: float,
) -> pd.DataFrame:  # fmt: skip
    """What was said of people held out, and what happened within so many months.

    Parameters
    ----------
    model
        Learned from ``train``.
    seen, later
        What was known of the people held out, and their spells, as for ``evaluate``.
    train
        Attributes and spells that were learned from: the floor learns from the same.
    months
        The horizon; shorter where nobody was watched that long.

    Returns
    -------
    DataFrame
        One row per person whose outcome is known: ``row`` (place in ``seen``), ``horizon``, ``left`` (0 or 1),
        ``weight`` (against censoring), ``own`` and ``floor`` (chances by the model and by tenure alone).
    """
    first, followed, start = follow_people(check_spells(later, causes=model.causes))
    horizon = min(float(months), float(np.floor(followed.time.max() + 0.5)))
    if horizon < 1:
        return pd.DataFrame()
    left, weight = known_by(followed, horizon)
    told = weight > 0
    rows, begun = first[told], start[told]
    floor = KaplanMeierFloor(model.causes).fit(*train)
    own, simple = (
        1.0 - one.predict_ahead(seen.iloc[rows], [horizon], start=begun).survival[:, 0] for one in (model, floor)
    )
    return pd.DataFrame(
        {"row": rows, "horizon": horizon, "left": left[told].astype(float), "weight": weight[told],
         "own": own, "floor": simple}
    )  # fmt: skip
