"""How good the retention model is on people and time it has not seen, beside what one would say without it.

Everything is counted from the day of prediction: each test person enters at a tenure, the model says what happens in
the months ahead given that tenure, and what did happen is compared. People already employed need no other treatment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.retention.ahead import Ahead
from segment.retention.calibration import horizon_calibration, recalibrate
from segment.retention.discrimination import (
    Followed,
    concordances,
    follow_people,
    integrated_brier,
    known_by,
    weighted_auc,
)
from segment.retention.floors import CoxFloor, Forecaster, KaplanMeierFloor
from segment.retention.hazard import HazardModel
from segment.retention.intervals import Scale, interval_around
from segment.retention.outcomes import check_spells

#: Where nobody said whether the model has seen these people.
NOT_SAID = "not said"
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

    Examples
    --------
    >>> found = pd.DataFrame({"model": ["model"], "metric": ["uno"], "value": [0.62]})
    >>> Evaluation(found, pd.DataFrame()).value("uno")
    0.62
    """

    metrics: pd.DataFrame
    calibration: pd.DataFrame
    decision: pd.DataFrame = field(default_factory=pd.DataFrame)

    def value(self, metric: str, *, model: str = "model") -> float:
        """One number by name.

        Parameters
        ----------
        metric
            Name in column ``metric``.
        model
            Name in column ``model``.
        """
        rows = self.metrics[(self.metrics["metric"] == metric) & (self.metrics["model"] == model)]
        if len(rows) != 1:
            raise InvalidInput(
                "That metric was not measured.",
                expected=", ".join(self.metrics["metric"].unique()),
                came=metric,
                where="metric",
            )
        return float(rows["value"].iloc[0])

    def replacing(self, rows: Sequence[Row]) -> Evaluation:
        """The same with these metrics in the place of those of the same name, or added.

        Parameters
        ----------
        rows
            ``(model, metric, value, low, high)``, one tuple a metric.
        """
        first = self.metrics.iloc[0]
        told = pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"])
        told = told.assign(sample=first["sample"], n=first["n"])[self.metrics.columns]
        key = ["model", "metric"]
        every = pd.concat([self.metrics, told], ignore_index=True)
        place = every.groupby(key, sort=False).ngroup()
        last = every[~every.duplicated(key, keep="last")]
        return replace(self, metrics=last.iloc[np.argsort(place[last.index], kind="stable")].reset_index(drop=True))


#: A row of metrics: model, metric, value, low, high.
Row = tuple[str, str, float, float, float]


def evaluate(
    model: HazardModel,
    X: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    train: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    horizons: Sequence[float] = (6, 12, 24),
    sample: str = NOT_SAID,
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
        What these people are to the model, ``hold-out`` or ``training``, as written into the table.
    n_boot
        Bootstrap draws of people for the intervals; 0 for none.

    Returns
    -------
    Evaluation
        Metrics ``harrell``, ``uno`` (concordance until the longest horizon), ``ibs`` (integrated Brier score),
        ``auc_<h>``, ``slope_<h>``, ``intercept_<h>``, ``oe_<h>`` (observed over expected), and per cause
        ``auc_<cause>_<h>`` and ``oe_<cause>_<h>``; with ``train`` also ``gain`` over Kaplan-Meier. A cause with hardly
        any exits in ``train`` was not learned and is not judged apart.

    Raises
    ------
    InvalidInput
        When nobody left, or nobody was watched for a month.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"unmet": rng.normal(size=400)})
    >>> exits = np.minimum(rng.exponential(20 * np.exp(-X["unmet"])) + 0.01, 24)
    >>> spells = pd.DataFrame({"exit": exits, "event": (exits < 24).astype(int)})
    >>> model = HazardModel("linear", causes=("left",)).fit(X[:200], spells[:200])
    >>> bool(evaluate(model, X[200:], spells[200:], sample="hold-out", n_boot=0).value("uno") > 0.65)
    True
    """
    watched = check_spells(spells, causes=model.causes, index=X.index)
    first, followed, start = follow_people(watched)
    kept = watched_horizons(followed, horizons)
    grid = np.unique(np.r_[np.arange(1.0, max(kept) + 1e-9), kept])
    forecasts = {"model": model.predict_ahead(X.iloc[first], grid, start=start)}
    for name, floor in floors_of(model, train).items():
        forecasts[name] = floor.predict_ahead(X.iloc[first], grid, start=start)
    foretold = _foretold(model.causes, train)
    judged = {
        name: judge_forecast(said, followed, kept, foretold=foretold, n_boot=n_boot, seed=random_state)
        for name, said in forecasts.items()
    }
    rows = [row for name, found in judged.items() for row in _rows_of(name, found, n_boot)]
    if "kaplan-meier" in judged:
        gain = gained(judged["model"], judged["kaplan-meier"])
        rows += _rows_of("model", gain, n_boot)
    said = forecasts["model"]
    for name, one in forecasts.items():
        rows += slopes(name, one, followed, kept)
    metrics = pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"])
    metrics.insert(1, "sample", sample)
    metrics["n"] = len(first)
    return Evaluation(metrics, calibrations(said, followed, kept, foretold), decisions(said, followed, kept))


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

    Parameters
    ----------
    y, p
        0/1 outcomes and predicted probabilities, shape (n,).
    weights
        For how many each person stands, shape (n,); None: one each.
    thresholds
        Probabilities at which one would act, above 0 and under 1.

    Examples
    --------
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


def floors_of(model: HazardModel, train: tuple[pd.DataFrame, pd.DataFrame] | None) -> Mapping[str, Forecaster]:
    """What one would say without the model, learned from the same people; none without these."""
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


def watched_horizons(followed: Followed, horizons: Sequence[float]) -> list[float]:
    """The horizons that somebody was watched for, else the longest whole number of months."""
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


@dataclass(frozen=True)
class Judged:
    """Measures of one forecast, and the same on people drawn with replacement."""

    figures: Mapping[str, float]
    draws: Sequence[Mapping[str, float]]

    @cached_property
    def errors(self) -> dict[str, float]:
        """The spread of every measure over draws; NaN where it is not known."""
        return {key: spread(np.array([draw.get(key, np.nan) for draw in self.draws])) for key in self.figures}


def judge_forecast(
    said: Ahead, followed: Followed, horizons: list[float], *, foretold: frozenset[int], n_boot: int, seed: int
) -> Judged:
    """Measures of a forecast of these people, and of ``n_boot`` draws of them."""
    rng, size = np.random.default_rng(seed), len(followed.time)
    values = measures(said, followed, np.arange(size), horizons, foretold=foretold)
    draws = []
    for _ in range(n_boot):
        rows = rng.integers(0, size, size)
        drawn = followed.take(rows)
        if drawn.event.any():
            draws.append(measures(said, drawn, rows, horizons, foretold=foretold))
    return Judged(values, draws)


def gained(model: Judged, floor: Judged) -> Judged:
    """``gain``: how much smaller the integrated Brier score is than the floor's, as a share, draw by draw.

    Kattan & Gerds (Diagnostic and Prognostic Research 2018) call it the index of prediction accuracy; 0 is no better.
    """
    pairs = [(model.figures, floor.figures), *zip(model.draws, floor.draws, strict=True)]
    gains = [{"gain": 1 - one["ibs"] / other["ibs"]} for one, other in pairs]
    return Judged(gains[0], gains[1:])


def _rows_of(name: str, found: Judged, n_boot: int) -> list[Row]:
    """Rows of metrics with intervals around their values, from the spread over draws."""
    return [
        (name, key, value, *interval_around(value, found.errors[key], scale_of(key), degrees=n_boot - 1))
        for key, value in found.figures.items()
    ]


def slopes(name: str, said: Ahead, followed: Followed, horizons: Sequence[float]) -> list[Row]:
    """Slope and intercept of calibration at each horizon, with robust intervals."""
    rows: list[Row] = []
    for horizon in horizons:
        gone = 1 - said.survival[:, _place(said, horizon)]
        case, weight = known_by(followed, horizon)
        found = recalibrate(case[weight > 0], np.clip(gone, 0, 1)[weight > 0], weight[weight > 0])
        rows.append((name, f"slope_{horizon:g}", found.slope, found.slope_low, found.slope_high))
        rows.append((name, f"intercept_{horizon:g}", found.intercept, found.intercept_low, found.intercept_high))
    return rows


def measures(
    said: Ahead,
    seen: Followed,
    rows: np.ndarray,
    horizons: Sequence[float],
    *,
    foretold: frozenset[int],
    fewest: int = FEWEST_CASES,
) -> dict[str, float]:
    """Ranks, errors and levels of a forecast; ``seen`` is what followed of the people in these ``rows`` of it.

    A cause with fewer than ``fewest`` exits within the horizon is not judged apart.
    """
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
            if cause == "any" or number not in foretold or np.count_nonzero(case) < fewest:
                continue
            chance = incidence[rows, place]
            found[f"auc_{cause}_{horizon:g}"] = weighted_auc(case, chance, weight)
            found[f"oe_{cause}_{horizon:g}"] = _ratio(weight @ case, seen.weight @ chance)
    return found


def _ratio(observed: float, expected: float) -> float:
    return float(observed / expected) if expected > 0 else float("nan")


def _place(said: Ahead, horizon: float) -> int:
    return int(np.argmin(np.abs(said.months - horizon)))


def scale_of(metric: str) -> Scale:
    """How far a metric can go: ranks are shares, errors and ratios positive, a gain or a level anything."""
    word = metric.partition("_")[0]
    shares, positive = ("harrell", "uno", "auc"), ("ibs", "brier", "log", "oe", "ece")
    return "share" if word in shares else "positive" if word in positive else "any"


def spread(values: np.ndarray) -> float:
    """The standard deviation of what could be measured; NaN where fewer than two draws could."""
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else float("nan")


def calibrations(said: Ahead, followed: Followed, horizons: list[float], foretold: frozenset[int]) -> pd.DataFrame:
    """Tenths of predicted leaving per horizon, of all causes and of each that was foretold."""
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


def decisions(said: Ahead, followed: Followed, horizons: list[float]) -> pd.DataFrame:
    """The decision curve per horizon."""
    tables = []
    for horizon in horizons:
        case, weight = known_by(followed, horizon)
        curve = decision_curve(case, 1 - said.survival[:, _place(said, horizon)], weight)
        tables.append(curve.assign(horizon=horizon))
    return pd.concat(tables, ignore_index=True)
