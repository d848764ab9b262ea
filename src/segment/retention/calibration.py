"""Do the probabilities come true: of a hundred people given thirty per cent, did thirty leave?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm

from segment.errors import InvalidInput
from segment.proportions import wilson_interval
from segment.retention.curves import estimate_curve
from segment.retention.discrimination import Followed
from segment.retention.intervals import survival_band
from segment.retention.logistic import fit_ridge_logistic, sandwich_covariance
from segment.retention.outcomes import Watched

#: Chances nearer to 0 or 1 than this are certainties, which floating point may put a hair off.
_SURE = 1e-9


@dataclass(frozen=True)
class Recalibration:
    """Intercept and slope of the outcome on the predicted log odds; 0 and 1 when predictions come true.

    ``intercept`` is calibration in the large (with the slope held at 1); each with its 95 % interval.
    """

    intercept: float
    intercept_low: float
    intercept_high: float
    slope: float
    slope_low: float
    slope_high: float


def calibration_table(
    y: Sequence[float] | np.ndarray,
    p: Sequence[float] | np.ndarray,
    bins: int = 10,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """Predicted against observed in bins of equal size, with bands that hold for all bins at once.

    The bands are Wilson's (JASA 1927) at the level ``0.95 ** (1 / bins)`` each (Šidák), so that with true
    probabilities all of them cover the diagonal in 95 of 100 data sets. With weights the effective number
    ``(sum w)^2 / sum w^2`` stands for the number of people.

    Parameters
    ----------
    y, p
        0/1 outcomes and predicted probabilities, shape (n,).
    bins
        Bins by predicted probability; ties stay together, so there may be fewer.
    weights
        Positive weights.

    Returns
    -------
    DataFrame
        One row per bin, lowest risk first: ``bin`` (from 1), ``n``, ``predicted``, ``observed``, ``low``, ``high``
        (all 0 to 1), ``covers`` (the band holds ``predicted``).

    Examples
    --------
    >>> calibration_table([0, 0, 1, 1], [0.2, 0.2, 0.8, 0.8], bins=2)[["n", "predicted", "observed", "covers"]]
       n  predicted  observed  covers
    0  2        0.2       0.0    True
    1  2        0.8       1.0    True
    """
    flag, said, weight = _check(y, p, weights)
    place = quantile_bins(said, bins)
    n_bins = int(place.max()) + 1
    mass = np.bincount(place, weight, minlength=n_bins)
    predicted = np.bincount(place, weight * said, minlength=n_bins) / mass
    observed = np.bincount(place, weight * flag, minlength=n_bins) / mass
    effective = mass**2 / np.bincount(place, weight**2, minlength=n_bins)
    low, high = wilson_interval(observed, effective, level=0.95 ** (1 / n_bins))
    return pd.DataFrame(
        {
            "bin": np.arange(1, n_bins + 1),
            "n": np.bincount(place, minlength=n_bins),
            "predicted": predicted,
            "observed": observed,
            "low": low,
            "high": high,
            "covers": (low <= predicted) & (predicted <= high),
        }
    )


def quantile_bins(p: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each prediction, 0..: equal numbers of people, equal predictions together."""
    if bins < 1:
        raise InvalidInput("There must be at least one bin.", expected="1 or more", came=str(bins), where="bins")
    edges = np.unique(np.quantile(p, np.arange(1, bins) / bins))
    return np.unique(np.searchsorted(edges, p, side="left"), return_inverse=True)[1]


def recalibrate(
    y: Sequence[float] | np.ndarray, p: Sequence[float] | np.ndarray, weights: np.ndarray | None = None
) -> Recalibration:
    """Calibration intercept and slope (Cox, Biometrika 1958), with robust 95 % intervals.

    A chance of 0 or of 1 has no log odds: the slope is of everyone else, or it would tell where such chances are cut
    off instead of how they come true. That they did not shows in the intercept, which is of everyone.

    Parameters
    ----------
    y, p
        0/1 outcomes and predicted probabilities, shape (n,).
    weights
        For how many each person stands, shape (n,); None: one each.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> p = rng.uniform(0.05, 0.6, 4000)
    >>> found = recalibrate(rng.random(4000) < p, p)
    >>> bool(found.slope_low < 1 < found.slope_high)
    True
    """
    flag, said, weight = _check(y, p, weights)
    score, within = logit(np.clip(said, _SURE, 1 - _SURE)), (said > _SURE) & (said < 1 - _SURE)
    slope, slope_error = _slope(flag[within], score[within], weight[within])
    shift, shift_error = _in_the_large(flag, score, weight)
    reach = norm.ppf(0.975)
    return Recalibration(
        shift,
        shift - reach * shift_error,
        shift + reach * shift_error,
        slope,
        slope - reach * slope_error,
        slope + reach * slope_error,
    )


def _slope(flag: np.ndarray, score: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The slope on log odds and its robust error; nan when everyone or nobody left, or all were given the same."""
    if len(flag) == 0 or score.std() < 1e-9 or not 0 < flag @ weight < weight.sum():
        return float("nan"), float("nan")
    middle = float(np.average(score, weights=weight))
    Z = np.column_stack([np.ones(len(score)), score - middle])
    fit = fit_ridge_logistic(
        lambda a, b: Z[a:b], flag, weight=weight, penalty=np.array([0, 1e-6]), start=np.array([middle, 1.0])
    )
    covariance = sandwich_covariance(lambda a, b: Z[a:b], flag, weight=weight, fit=fit, group=np.arange(len(flag)))
    return float(fit.coef[1]), float(np.sqrt(covariance[1, 1]))


def _in_the_large(flag: np.ndarray, score: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The intercept with the slope held at 1, and its robust error; nan when everyone or nobody left."""
    if not 0 < flag @ weight < weight.sum():
        return float("nan"), float("nan")
    shift = 0.0
    for _ in range(100):
        said = expit(score + shift)
        information = float(weight @ (said * (1 - said)))
        step = float(weight @ (flag - said)) / information
        shift += float(np.clip(step, -1, 1))
        if abs(step) < 1e-10:
            break
    return shift, float(np.sqrt(np.sum((weight * (flag - said)) ** 2)) / information)


def observed_over_expected(
    y: np.ndarray, p: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Leavers observed over leavers expected, with a 95 % interval on the log scale.

    Parameters
    ----------
    y, p
        0/1 outcomes and predicted probabilities, shape (n,).
    weights
        For how many each person stands, shape (n,); None: one each.

    Examples
    --------
    >>> [round(one, 2) for one in observed_over_expected(np.array([1, 0] * 50), np.full(100, 0.4))]
    [1.25, 1.03, 1.51]
    """
    flag, said, weight = _check(y, p, weights)
    seen, expected = float(weight @ flag), float(weight @ said)
    if seen <= 0 or expected <= 0:
        return (0.0 if expected > 0 else float("nan")), float("nan"), float("nan")
    error = np.sqrt(np.sum(weight**2 * said * (1 - said))) / seen
    ratio = seen / expected
    reach = norm.ppf(0.975) * error
    return ratio, float(ratio * np.exp(-reach)), float(ratio * np.exp(reach))


def horizon_calibration(
    followed: Followed,
    predicted: np.ndarray,
    months: float,
    *,
    cause: int | None = None,
    bins: int = 10,
    n_causes: int = 1,
) -> pd.DataFrame:
    """Predicted against observed leaving within so many months, where some were lost from sight before.

    Observed is one minus Kaplan-Meier (all causes) or Aalen-Johansen (one cause) in each bin; bands are those of
    :func:`~segment.retention.intervals.survival_band` at the Šidák level. Columns as in
    :func:`calibration_table`, and ``horizon``.
    """
    place = quantile_bins(predicted, bins)
    n_bins = int(place.max()) + 1
    names = tuple(str(k) for k in range(max(n_causes, int(followed.event.max(initial=1)))))
    rows = []
    for number in range(n_bins):
        part = followed.take(place == number)
        size = len(part.time)
        watched = Watched(np.zeros(size), part.time, part.event, part.weight, np.arange(size), names)
        curve = estimate_curve(watched)
        gone = 1 - curve.survival_at([months])[0]
        variance = np.r_[0.0, curve.variance][np.searchsorted(curve.times, months + 1e-9, side="right")]
        observed, low, high = _observed_band(
            curve.incidence_at([months])[:, 0], gone, variance, cause, level=0.95 ** (1 / n_bins), size=size
        )
        said = float(np.average(predicted[place == number], weights=part.weight))
        rows.append((float(months), number + 1, size, said, observed, low, high, bool(low <= said <= high)))
    return pd.DataFrame(rows, columns=["horizon", "bin", "n", "predicted", "observed", "low", "high", "covers"])


def _observed_band(
    incidence: np.ndarray, gone: float, variance: float, cause: int | None, *, level: float, size: int
) -> tuple[float, float, float]:
    """Observed share and its band; for one cause as a share of an effective number of people."""
    observed = gone if cause is None else float(incidence[cause - 1])
    if cause is None and 0 < gone < 1:
        low, high = survival_band(np.array([1 - gone]), np.array([variance]), np.array([size]), level=level)
        return observed, float(1 - high[0]), float(1 - low[0])
    spread = (1 - gone) * variance
    effective = gone / spread if spread > 0 else float(size)
    low, high = wilson_interval(np.array([observed]), np.array([min(effective, size)]), level=level)
    return observed, float(low[0]), float(high[0])


def _check(
    y: Sequence[float] | np.ndarray, p: Sequence[float] | np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    flag, said = np.asarray(y, dtype=float).ravel(), np.asarray(p, dtype=float).ravel()
    weight = np.ones(len(flag)) if weights is None else np.asarray(weights, dtype=float).ravel()
    if len(flag) == 0 or not len(flag) == len(said) == len(weight):
        raise InvalidInput(
            "Outcomes and predictions do not match.",
            expected="one prediction per outcome",
            came=f"{len(flag)} outcomes, {len(said)} predictions, {len(weight)} weights",
            where="y, p",
        )
    if not np.isin(flag, (0, 1)).all() or not ((said >= 0) & (said <= 1)).all() or not (weight >= 0).all():
        raise InvalidInput(
            "Outcomes must be 0 or 1, predictions probabilities.",
            expected="0 or 1, and 0 to 1",
            came="other numbers",
            where="y, p",
        )
    return flag, said, weight
