"""How good the retention model is on people and time it has not seen, beside what one would say without it.

Everything is counted from the day of prediction: each test person enters at a tenure, the model says what happens in
the months ahead given that tenure, and what did happen is compared. People already employed need no other treatment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.retention.ahead import Ahead
from segment.retention.calibration import (
    horizon_calibration,
    recalibrate,
)
from segment.retention.discrimination import (
    Followed,
    concordances,
    integrated_brier,
    known_by,
    weighted_auc,
)
from segment.retention.floors import CoxFloor, Forecaster, KaplanMeierFloor
from segment.retention.hazard import HazardModel
from segment.retention.outcomes import Watched, check_spells

#: An exit cause needs this many leavers within the horizon before it is judged.
FEWEST_CASES = 10


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    Attributes
    ----------
    metrics
        One row per model (``model`` or a floor) and metric: ``model``, ``sample``, ``metric``, ``value``, ``low``,
        ``high`` (95 %), ``n``.
    calibration
        One row per horizon, cause and bin: ``cause``, then the columns of
        :func:`~segment.retention.calibration.calibration_table`.
    decision
        One row per horizon and threshold: ``net_benefit`` of acting on the model, on everyone, on nobody.
    """

    metrics: pd.DataFrame
    calibration: pd.DataFrame
    decision: pd.DataFrame = field(default_factory=pd.DataFrame)

    def value(self, metric: str, *, model: str = "model") -> float:
        """One number by name."""
        rows = self.metrics[(self.metrics["metric"] == metric) & (self.metrics["model"] == model)]
        if len(rows) != 1:
            raise InvalidInput(
                "That metric was not measured.",
                expected=", ".join(self.metrics["metric"].unique()),
                came=metric,
                where="metric",
            )
        return float(rows["value"].iloc[0])


def evaluate(
    model: HazardModel,
    X: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    train: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    horizons: Sequence[float] = (6, 12, 24),
    sample: str = "hold-out",
    n_boot: int = 100,
    random_state: int = 0,
) -> Evaluation:
    """Judge a fitted hazard model on test people.

    Parameters
    ----------
    model
        A fitted :class:`~segment.retention.HazardModel`.
    X, spells
        Test rows, as for ``fit``. Of a person with several rows the first is the day of prediction and the last says
        what happened.
    train
        Attributes and spells the model learned from; when given, the floors (Kaplan-Meier and Cox) stand beside.
    horizons
        Months ahead. Those beyond the time anybody was watched are left out; where that is all of them, the longest
        whole number of months that somebody was watched stands for them.
    sample
        What these people are: ``hold-out`` or ``training``; written into the table.
    n_boot
        Bootstrap draws of people for the intervals; 0 for none.

    Returns
    -------
    Evaluation
        Metrics ``harrell``, ``uno`` (concordance until the longest horizon), ``ibs`` (integrated Brier score),
        ``auc_<h>``, ``slope_<h>``, ``intercept_<h>``, ``oe_<h>`` (observed over expected), and per cause
        ``auc_<cause>_<h>`` and ``oe_<cause>_<h>``. A cause with hardly any exits in ``train`` was not learned and is
        not judged apart.

    Raises
    ------
    InvalidInput
        When nobody left, or nobody was watched for a month.
    """
    watched = check_spells(spells, causes=model.causes, index=X.index)
    first, followed, start = follow_people(watched)
    kept = _watched_horizons(followed, horizons)
    grid = np.unique(np.r_[np.arange(1.0, max(kept) + 1e-9), kept])
    forecasts = {"model": model.predict_ahead(X.iloc[first], grid, start=start)}
    for name, floor in _floors(model, train).items():
        forecasts[name] = floor.predict_ahead(X.iloc[first], grid, start=start)
    rows = []
    foretold = _foretold(model.causes, train)
    for name, said in forecasts.items():
        rows += _judge(name, said, followed, kept, foretold=foretold, n_boot=n_boot, seed=random_state)
    metrics = pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"])
    metrics.insert(1, "sample", sample)
    metrics["n"] = len(first)
    said = forecasts["model"]
    return Evaluation(metrics, _calibrations(said, followed, kept, foretold), _decisions(said, followed, kept))


def follow_people(watched: Watched) -> tuple[np.ndarray, Followed, np.ndarray]:
    """One row per person: the row of their first stretch, what followed in months from its entry, and that entry.

    New hires and people already employed are strata of their own, because they are watched for different times.
    """
    order = np.lexsort((watched.entry, watched.person))
    person = watched.person[order]
    first = order[np.r_[True, person[1:] != person[:-1]]]
    last = order[np.r_[person[1:] != person[:-1], True]]
    start = watched.entry[first]
    stratum = (start > 0).astype(np.int64)
    followed = Followed(watched.exit[last] - start, watched.event[last], watched.weight[first], stratum)
    return first, followed, start


def decision_curve(
    y: np.ndarray,
    p: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    thresholds: Sequence[float] = tuple(np.arange(1, 10) / 20),
) -> pd.DataFrame:
    """Whether acting on the model does more good than acting on everyone or nobody (Vickers & Elkin, MDM 2006).

    One row per ``threshold`` (the probability at which one would act): ``net_benefit`` = true positives minus false
    positives times threshold / (1 - threshold), per person; ``act_on_all`` the same for everyone; nobody is 0.

    >>> decision_curve(np.array([0, 1]), np.array([0.1, 0.9]), thresholds=[0.5])["net_benefit"].tolist()
    [0.5]
    """
    flag = np.asarray(y, dtype=float)
    weight = np.ones(len(flag)) if weights is None else weights
    total = weight.sum()
    rows = []
    for threshold in thresholds:
        price = threshold / (1 - threshold)
        gains = weight * (flag - (1 - flag) * price)
        rows.append((float(threshold), float(gains[p >= threshold].sum() / total), float(gains.sum() / total)))
    return pd.DataFrame(rows, columns=["threshold", "net_benefit", "act_on_all"])


def _floors(model: HazardModel, train: tuple[pd.DataFrame, pd.DataFrame] | None) -> Mapping[str, Forecaster]:
    if train is None:
        return {}
    X, spells = train
    return {
        "kaplan-meier": KaplanMeierFloor(model.causes).fit(X, spells),
        "cox": CoxFloor(causes=model.causes).fit(X, spells),
    }


def _foretold(causes: Sequence[str], train: tuple[pd.DataFrame, pd.DataFrame] | None) -> frozenset[int]:
    """Numbers of the causes that were seen often enough to be learned; all of them when the past is not given."""
    numbers = range(1, len(causes) + 1)
    if train is None:
        return frozenset(numbers)
    return frozenset(k for k in numbers if int((train[1]["event"] == k).sum()) >= FEWEST_CASES)


def _watched_horizons(followed: Followed, horizons: Sequence[float]) -> list[float]:
    if not followed.event.any():
        raise InvalidInput(
            "Nobody among the test people left, so nothing can be judged.",
            expected="at least one event",
            came="none",
            where="spells, column event",
        )
    longest = float(followed.time.max())
    kept = sorted(float(h) for h in horizons if 0 < h <= longest + 0.5) or [float(np.floor(longest + 0.5))]
    if kept[0] < 1:
        raise InvalidInput(
            "No horizon was watched to its end.",
            expected=f"months up to {longest:.1f}",
            came=", ".join(str(h) for h in horizons),
            where="horizons",
        )
    return kept


#: A row of metrics: model, metric, value, low, high.
Row = tuple[str, str, float, float, float]


def _judge(
    name: str,
    said: Ahead,
    followed: Followed,
    horizons: list[float],
    *,
    foretold: frozenset[int],
    n_boot: int,
    seed: int,
) -> list[Row]:
    def measures(seen: Followed, rows: np.ndarray) -> dict[str, float]:
        return _measures(said, seen, rows, horizons, foretold)

    everyone = np.arange(len(followed.time))
    values = measures(followed, everyone)
    low, high = _bootstrap(measures, followed, n_boot=n_boot, seed=seed)
    result = [(name, key, value, low.get(key, np.nan), high.get(key, np.nan)) for key, value in values.items()]
    for horizon in horizons:
        gone = 1 - said.survival[:, _place(said, horizon)]
        case, weight = known_by(followed, horizon)
        found = recalibrate(case[weight > 0], np.clip(gone, 0, 1)[weight > 0], weight[weight > 0])
        result.append((name, f"slope_{horizon:g}", found.slope, found.slope_low, found.slope_high))
        result.append((name, f"intercept_{horizon:g}", found.intercept, found.intercept_low, found.intercept_high))
    return result


def _measures(
    said: Ahead, seen: Followed, rows: np.ndarray, horizons: list[float], foretold: frozenset[int]
) -> dict[str, float]:
    last = max(horizons)
    gone = 1 - said.survival[rows]
    inside = said.months <= last
    harrell, uno = concordances(seen, gone[:, _place(said, last)], until=last + 1e-6)
    found = {
        "harrell": harrell,
        "uno": uno,
        "ibs": integrated_brier(seen, said.survival[rows][:, inside], said.months[inside]),
    }
    for horizon in horizons:
        place = _place(said, horizon)
        left, weight = known_by(seen, horizon)
        found[f"auc_{horizon:g}"] = weighted_auc(left, gone[:, place], weight)
        found[f"oe_{horizon:g}"] = _ratio(weight @ left, seen.weight @ gone[:, place])
        for number, (cause, incidence) in enumerate(said.incidence.items(), start=1):
            case = left & (seen.event == number)
            if cause == "any" or number not in foretold or np.count_nonzero(case) < FEWEST_CASES:
                continue
            chance = incidence[rows, place]
            found[f"auc_{cause}_{horizon:g}"] = weighted_auc(case, chance, weight)
            found[f"oe_{cause}_{horizon:g}"] = _ratio(weight @ case, seen.weight @ chance)
    return found


def _ratio(observed: float, expected: float) -> float:
    return float(observed / expected) if expected > 0 else float("nan")


def _place(said: Ahead, horizon: float) -> int:
    return int(np.argmin(np.abs(said.months - horizon)))


def _bootstrap(
    measures: Callable[[Followed, np.ndarray], dict[str, float]], followed: Followed, *, n_boot: int, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """The 2.5th and 97.5th percentile of each measure over draws of people with replacement."""
    rng = np.random.default_rng(seed)
    size = len(followed.time)
    draws = []
    for _ in range(n_boot):
        rows = rng.integers(0, size, size)
        drawn = followed.take(rows)
        if drawn.event.any():
            draws.append(measures(drawn, rows))
    if not draws:
        return {}, {}
    keys = set().union(*draws)
    limits = {key: middle(np.array([d[key] for d in draws if key in d])) for key in sorted(keys)}
    return {key: pair[0] for key, pair in limits.items()}, {key: pair[1] for key, pair in limits.items()}


def middle(values: np.ndarray) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of what could be measured; NaN where no draw could."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _calibrations(said: Ahead, followed: Followed, horizons: list[float], foretold: frozenset[int]) -> pd.DataFrame:
    tables = []
    n_causes = len(said.incidence)
    for horizon in horizons:
        place = _place(said, horizon)
        whole = horizon_calibration(followed, 1 - said.survival[:, place], horizon, n_causes=n_causes)
        tables.append(whole.assign(cause="any"))
        for number, (cause, incidence) in enumerate(said.incidence.items(), start=1):
            cases = np.count_nonzero((followed.event == number) & (followed.time <= horizon))
            if number in foretold and cases >= FEWEST_CASES:
                part = horizon_calibration(followed, incidence[:, place], horizon, cause=number, n_causes=n_causes)
                tables.append(part.assign(cause=cause))
    return pd.concat(tables, ignore_index=True)


def _decisions(said: Ahead, followed: Followed, horizons: list[float]) -> pd.DataFrame:
    tables = []
    for horizon in horizons:
        case, weight = known_by(followed, horizon)
        curve = decision_curve(case, 1 - said.survival[:, _place(said, horizon)], weight)
        tables.append(curve.assign(horizon=horizon))
    return pd.concat(tables, ignore_index=True)
