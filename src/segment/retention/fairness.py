"""Does the model treat groups alike: its errors and its scores by protected attribute, which it never sees itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import norm

from segment.errors import InvalidInput
from segment.floors import FLOORS
from segment.proportions import wilson_interval
from segment.retention.calibration import observed_over_expected
from segment.retention.discrimination import auc_interval
from segment.retention.features import plan_features
from segment.retention.horizon import check_flag, check_weight
from segment.retention.leakage import single_auc
from segment.retention.logistic import fit_ridge_logistic
from segment.retention.unseen import person_folds

#: A figure of a group needs at least this many people in its denominator.
FEWEST_PEOPLE = FLOORS.min_driver
#: Above this AUC the features tell the protected attribute well enough to be named.
PROXY_AUC = 0.65
#: Ridge strength of the proxy test.
PROXY_RIDGE = 10.0

COLUMNS = ["attribute", "group", "metric", "n", "value", "low", "high", "note"]


def group_results(
    y: Sequence[float] | np.ndarray | pd.Series,
    p: Sequence[float] | np.ndarray,
    protected: pd.DataFrame,
    *,
    weights: np.ndarray | None = None,
    threshold: float | None = None,
    fewest_people: int = FEWEST_PEOPLE,
) -> pd.DataFrame:
    """Errors and scores by group of each protected attribute.

    Parameters
    ----------
    y, p
        0/1 outcomes and predicted probabilities of people the model has not seen. For a hazard, take those watched for
        the whole horizon, or pass the weights of :func:`~segment.retention.discrimination.known_by`.
    protected
        One column per protected attribute, same rows.
    threshold
        The probability from which somebody counts as "expected to leave"; default the overall share that left.
    fewest_people
        Below this many people in a figure's denominator there is no figure: ``note`` says ``too_few``.

    Returns
    -------
    DataFrame
        One row per attribute, group and metric; group ``(everyone)`` first, then each group, then ``(difference)``, the
        largest minus the smallest group. ``metric``: ``observed`` and ``predicted`` (shares), ``oe`` (observed over
        expected: calibration in the large), ``fpr``, ``fnr`` (false positive and negative rate), ``score_p10``,
        ``score_p50``, ``score_p90``. ``value``, ``low``, ``high`` (95 %), ``n`` (people in the denominator), ``note``.

    Examples
    --------
    >>> sex = pd.DataFrame({"sex": ["f", "m"] * 100})
    >>> table = group_results([0, 0, 1, 1] * 50, [0.4, 0.4, 0.6, 0.6] * 50, sex)
    >>> table.query("metric == 'oe' and group == 'f'")["value"].item()
    1.0
    """
    flag, said = check_flag(y, len(protected)), np.asarray(p, dtype=float)
    if said.shape != flag.shape:
        raise InvalidInput(
            "Outcomes and predictions do not match.",
            expected=f"{len(flag)} predictions",
            came=f"{said.size}",
            where="p",
        )
    weight = check_weight(weights, len(flag))
    cut = float(np.average(flag, weights=weight)) if threshold is None else threshold
    rows: list[tuple[object, ...]] = []
    for attribute in protected.columns:
        level = protected[attribute].astype(object).map(str, na_action="ignore")
        everyone = np.ones(len(flag), dtype=bool)
        rows += _one_group(attribute, "(everyone)", everyone, flag, said, weight, cut, fewest_people)
        first = len(rows)
        for name in sorted(level.dropna().unique()):
            rows += _one_group(attribute, name, (level == name).to_numpy(), flag, said, weight, cut, fewest_people)
        rows += _differences(attribute, rows[first:])
    return pd.DataFrame(rows, columns=COLUMNS)


def proxy_test(
    X: pd.DataFrame,
    protected: pd.DataFrame,
    *,
    most_people: int = 4_000,
    fewest_people: int = FEWEST_PEOPLE,
    random_state: int = 0,
) -> pd.DataFrame:
    """How well the features tell a protected attribute, though it is not among them.

    Each group against the rest, predicted from the features on people not used for fitting (three folds), by a spline
    logistic with one ridge strength for all: what features tell should not be overlooked for lack of a good search, and
    a proxy worth naming does not depend on it.

    Parameters
    ----------
    X
        People x features of the model.
    protected
        People x protected attributes, same index.
    most_people
        A larger data set is sampled down to so many.
    fewest_people
        A group of fewer gets no figure.
    random_state
        Seed of folds and sample.

    Returns
    -------
    DataFrame
        Shaped as :func:`group_results`, metric ``proxy_auc``; ``note`` is ``proxy`` above 0.65, with the three features
        that tell most behind a colon, ``too_few`` where a group is too small, else empty.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> protected = pd.DataFrame({"sex": rng.choice(["f", "m"], 300)})
    >>> X = pd.DataFrame({"hours": 32 + 4 * (protected["sex"] == "m") + rng.normal(size=300)})
    >>> proxy_test(X, protected)["note"].iloc[0]
    'proxy: hours'
    """
    rng = np.random.default_rng(random_state)
    kept = np.sort(rng.permutation(len(X))[:most_people])
    features = X.iloc[kept].reset_index(drop=True)
    plan = plan_features(features)
    Z = np.column_stack([np.ones(len(features)), plan.linear(features)])
    penalty = np.r_[0.0, PROXY_RIDGE * plan.penalties]
    rows: list[tuple[object, ...]] = []
    for attribute in protected.columns:
        level = protected[attribute].iloc[kept].astype(object).map(str, na_action="ignore")
        names = sorted(level.dropna().unique())
        for name in names[:1] if len(names) == 2 else names:
            member = (level == name).to_numpy()
            if min(member.sum(), (~member).sum()) < fewest_people:
                rows.append((attribute, name, "proxy_auc", int(member.sum()), np.nan, np.nan, np.nan, "too_few"))
            else:
                rows.append((attribute, name, *_proxy_row(features, Z, penalty, member.astype(float), random_state)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _one_group(
    attribute: str,
    name: str,
    inside: np.ndarray,
    flag: np.ndarray,
    said: np.ndarray,
    weight: np.ndarray,
    cut: float,
    fewest: int,
) -> list[tuple[object, ...]]:
    flag, said, weight = flag[inside], said[inside], weight[inside]
    left, flagged = flag > 0, said >= cut
    rows = [
        _share(attribute, name, "observed", flag, weight, np.ones(len(flag), dtype=bool), fewest),
        _mean(attribute, name, "predicted", said, weight, fewest),
        _share(attribute, name, "fpr", flagged.astype(float), weight, ~left, fewest),
        _share(attribute, name, "fnr", (~flagged).astype(float), weight, left, fewest),
    ]
    if len(flag) < fewest:
        return rows + [
            (attribute, name, metric, len(flag), np.nan, np.nan, np.nan, "too_few")
            for metric in ("oe", "score_p10", "score_p50", "score_p90")
        ]
    rows.append((attribute, name, "oe", len(flag), *observed_over_expected(flag, said, weight), ""))
    quantiles = [
        (attribute, name, f"score_p{percent}", len(said), *_quantile(said, percent / 100), "")
        for percent in (10, 50, 90)
    ]
    return [*rows, *quantiles]


def _share(
    attribute: str, name: str, metric: str, hit: np.ndarray, weight: np.ndarray, base: np.ndarray, fewest: int
) -> tuple[object, ...]:
    size = int(base.sum())
    if size < fewest:
        return attribute, name, metric, size, np.nan, np.nan, np.nan, "too_few"
    share = float(np.average(hit[base], weights=weight[base]))
    effective = weight[base].sum() ** 2 / np.sum(weight[base] ** 2)
    low, high = wilson_interval(np.array([share]), np.array([effective]))
    return attribute, name, metric, size, share, float(low[0]), float(high[0]), ""


def _mean(
    attribute: str, name: str, metric: str, values: np.ndarray, weight: np.ndarray, fewest: int
) -> tuple[object, ...]:
    if len(values) < fewest:
        return attribute, name, metric, len(values), np.nan, np.nan, np.nan, "too_few"
    mean = float(np.average(values, weights=weight))
    error = float(np.sqrt(np.sum((weight * (values - mean)) ** 2)) / weight.sum())
    reach = norm.ppf(0.975) * error
    return attribute, name, metric, len(values), mean, mean - reach, mean + reach, ""


def _quantile(values: np.ndarray, share: float) -> tuple[float, float, float]:
    """A quantile with its distribution-free interval from order statistics (David & Nagaraja 2003)."""
    ordered, n = np.sort(values), len(values)
    reach = norm.ppf(0.975) * np.sqrt(n * share * (1 - share))
    low, high = int(max(np.floor(n * share - reach), 0)), int(min(np.ceil(n * share + reach), n - 1))
    return float(np.quantile(values, share)), float(ordered[low]), float(ordered[high])


def _differences(attribute: str, rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Largest minus smallest group per metric, with the interval of the two groups' difference."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table[(table["note"] == "") & table["value"].notna()]
    found: list[tuple[object, ...]] = []
    for metric, part in table.groupby("metric", sort=False):
        if len(part) < 2:
            continue
        values, reach = part["value"].to_numpy(float), (part["high"] - part["low"]).to_numpy(float) / 2
        people, ends = part["n"].to_numpy(int), [int(values.argmax()), int(values.argmin())]
        gap, error = float(np.ptp(values)), float(np.hypot(*reach[ends]))
        found.append((attribute, "(difference)", metric, int(people[ends].sum()), gap, gap - error, gap + error, ""))
    return found


def _proxy_row(
    X: pd.DataFrame, Z: np.ndarray, penalty: np.ndarray, member: np.ndarray, seed: int
) -> tuple[object, ...]:
    fold = person_folds(np.arange(len(member)), member, n_folds=3, seed=seed)
    score = np.empty(len(member))
    for number in range(3):
        held = fold == number
        fit = fit_ridge_logistic(
            partial(_rows, Z[~held]),
            member[~held],
            weight=np.ones(int((~held).sum())),
            penalty=penalty,
            tolerance=1e-3,
        )
        score[held] = Z[held] @ fit.coef
    auc, low, high = auc_interval(member > 0, score)
    note = f"proxy: {', '.join(_telling(X, member))}" if auc > PROXY_AUC else ""
    return "proxy_auc", int(member.sum()), auc, low, high, note


def _rows(Z: np.ndarray, start: int, stop: int) -> np.ndarray:
    return Z[start:stop]


def _telling(X: pd.DataFrame, member: np.ndarray) -> list[str]:
    """The three features that alone tell the group best."""
    found = {str(name): single_auc(X[name], member > 0) for name in X.columns}
    return sorted(found, key=lambda name: -found[name])[:3]
