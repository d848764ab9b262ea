"""How good probabilities of one flag per person are on people the model has not seen, beside the base rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.retention.calibration import calibration_table, observed_over_expected, recalibrate
from segment.retention.discrimination import auc_interval, weighted_auc
from segment.retention.evaluation import NOT_SAID, Evaluation, Row, decision_curve, spread
from segment.retention.intervals import interval_around, mean_error


def evaluate_flag(
    y: Sequence[float] | np.ndarray,
    p: Sequence[float] | np.ndarray,
    *,
    weights: np.ndarray | None = None,
    base_rate: float | None = None,
    sample: str = NOT_SAID,
    bins: int = 10,
    n_boot: int = 100,
    random_state: int = 0,
) -> Evaluation:
    """Judge probabilities of one flag per person.

    Parameters
    ----------
    y, p
        0/1 outcomes and predicted probabilities of people the model has not seen.
    weights
        Positive weights.
    base_rate
        The share in the training people; when given, the floor that says it to everyone stands beside.
    bins
        Bins of the calibration table.
    n_boot
        Draws of people for the interval of a weighted AUC.
    sample
        What these people are to the model, as for :func:`~segment.retention.evaluate`.
    random_state
        Seed of those draws.

    Returns
    -------
    Evaluation
        Metrics ``auc`` (DeLong's interval; bootstrap when weighted), ``brier``, ``slope``, ``intercept``, ``oe``,
        ``ece`` (mean distance in the bins); the calibration table; the decision curve. No mean log loss: it has no
        bound, so one person given a chance of zero who leaves would decide it, or wherever it is cut off would.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.uniform(0, 1, 500)
    >>> 0.8 < evaluate_flag(rng.random(500) < p, p).value("auc") < 0.9
    True
    """
    flag, said = np.asarray(y, dtype=float), np.asarray(p, dtype=float)
    table = calibration_table(flag, said, bins, weights)
    weight = np.ones(len(flag)) if weights is None else np.asarray(weights, dtype=float)
    rows = _flag_rows("model", flag, said, weight, n_boot=n_boot, seed=random_state, weighted=weights is not None)
    share = np.average(np.abs(table["predicted"] - table["observed"]), weights=table["n"])
    rows.append(("model", "ece", float(share), np.nan, np.nan))
    if base_rate is not None:
        same = np.full(len(flag), base_rate)
        rows += [("base rate", "auc", 0.5, np.nan, np.nan), _brier("base rate", flag, same, weight)]
    metrics = pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"])
    metrics.insert(1, "sample", sample)
    metrics["n"] = len(flag)
    return Evaluation(metrics, table, decision_curve(flag, said, weight))


def _flag_rows(
    name: str, flag: np.ndarray, said: np.ndarray, weight: np.ndarray, *, n_boot: int, seed: int, weighted: bool
) -> list[Row]:
    auc, low, high = auc_interval(flag > 0, said)
    if weighted:
        auc = weighted_auc(flag > 0, said, weight)
        rng, size = np.random.default_rng(seed), len(flag)
        drawn = [rng.integers(0, size, size) for _ in range(n_boot)]
        error = spread(np.array([weighted_auc(flag[rows] > 0, said[rows], weight[rows]) for rows in drawn]))
        low, high = interval_around(auc, error, "share", degrees=n_boot - 1)
    found, ratio = recalibrate(flag, said, weight), observed_over_expected(flag, said, weight)
    return [
        (name, "auc", auc, low, high),
        _brier(name, flag, said, weight),
        (name, "slope", found.slope, found.slope_low, found.slope_high),
        (name, "intercept", found.intercept, found.intercept_low, found.intercept_high),
        (name, "oe", *ratio),
    ]


def _brier(name: str, flag: np.ndarray, said: np.ndarray, weight: np.ndarray) -> Row:
    """The mean squared distance between chance and flag, with the interval of a weighted mean."""
    loss = (said - flag) ** 2
    mean = float(np.average(loss, weights=weight))
    return (name, "brier", mean, *interval_around(mean, mean_error(loss, weight), "positive"))
