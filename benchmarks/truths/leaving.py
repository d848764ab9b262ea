"""Intervals about leaving: curves, first years, what a model's chances are worth, groups, and what goes together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

import numpy as np
import pandas as pd
from scipy.special import expit

from segment.retention import (
    HazardModel,
    HorizonModel,
    evaluate,
    evaluate_flag,
    foretell_flags,
    group_results,
    judge_durations,
    judge_flags,
    segment_curves,
)
from segment.retention.ahead import Ahead
from segment.retention.curves import first_year_risk
from segment.retention.discrimination import weighted_auc
from segment.retention.released import gains_in_percent
from truths.coverage import Interval

CAUSES = ("voluntary", "involuntary")
#: Monthly hazard of an average person, per cause, and what one standard deviation of the attribute adds to it.
RATES, WEIGHT = (0.014, 0.005), (0.8, 0.0)
MONTHS = np.array([6.0, 12.0, 24.0])


def watched(rng: np.random.Generator, n: int, *, truncated: bool) -> pd.DataFrame:
    """Spells with constant hazards; half of the people were employed already when watching began."""
    leave = rng.exponential(1 / sum(RATES), n)
    cause = 1 + (rng.random(n) < RATES[1] / sum(RATES)).astype(int)
    entry = np.where(rng.random(n) < 0.4, rng.uniform(0, 24, n), 0.0) if truncated else np.zeros(n)
    leave = np.where(entry > 0, entry + rng.exponential(1 / sum(RATES), n), leave)
    end = entry + rng.uniform(6, 48, n)
    return pd.DataFrame(
        {"entry": entry, "exit": np.minimum(leave, end) + 1e-6, "event": np.where(leave <= end, cause, 0)}
    )


def curve(rng: np.random.Generator, *, n: int, truncated: bool) -> Iterable[float]:
    spells = watched(rng, n, truncated=truncated)
    table = segment_curves(spells, np.zeros(n), causes=CAUSES)
    if "note" in table:
        table = table[table["note"] == ""]
    rows = table[table["segment"].notna() & table["month"].isin(MONTHS)]
    truth = np.exp(-sum(RATES) * rows["month"].to_numpy())
    return _inside(rows, truth)


#: What kinds of people weigh, how often each answered, and how fast each leaves beside the others.
KINDS = pd.DataFrame({"weight": [0.6, 1.0, 1.9], "share": [0.4, 0.4, 0.2], "faster": [0.6, 1.0, 1.6]})


def weighted_curve(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    """A curve of people as the survey weighs them: who answered less often counts for more, and leaves faster."""
    kind = rng.choice(3, n, p=KINDS["share"])
    rate = sum(RATES) * KINDS["faster"].to_numpy()[kind]
    leave, end = rng.exponential(1 / rate), rng.uniform(6, 48, n)
    cause = 1 + (rng.random(n) < RATES[1] / sum(RATES)).astype(int)
    spells = pd.DataFrame(
        {
            "entry": 0.0,
            "exit": np.minimum(leave, end) + 1e-6,
            "event": np.where(leave <= end, cause, 0),
            "weight": KINDS["weight"].to_numpy()[kind],
        }
    )
    table = segment_curves(spells, np.zeros(n), causes=CAUSES)
    rows = table[table["segment"].notna() & table["month"].isin(MONTHS)]
    return _inside(rows, _still_here(rows["month"].to_numpy(dtype=float)))


def _still_here(months: np.ndarray) -> np.ndarray:
    """The share of everyone who is still there, where every kind stands for its true number of people."""
    people = KINDS["weight"] * KINDS["share"]
    stay = np.exp(-sum(RATES) * np.outer(months, KINDS["faster"]))
    return np.asarray(stay @ (people / people.sum()).to_numpy())


def weighted_flags(rng: np.random.Generator, *, n: int, metric: str) -> Iterable[float]:
    """Figures of weighted flags whose chances are true."""
    y, p = flagged(rng, n)
    weights = rng.choice(KINDS["weight"], n, p=KINDS["share"])
    table = evaluate_flag(y, p, weights=weights, n_boot=0).metrics
    return _inside(table[table["metric"] == metric], _of_flags()[metric])


def weighted_tenths(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    y, p = flagged(rng, n)
    weights = rng.choice(KINDS["weight"], n, p=KINDS["share"])
    yield float(evaluate_flag(y, p, weights=weights, n_boot=0).calibration["covers"].all())


def foretold_people(rng: np.random.Generator, size: int, strength: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Attributes of which two matter, and what two of them add to the log odds (or log rate) of leaving."""
    X = pd.DataFrame(rng.normal(size=(size, 4)), columns=list("abcd"))
    return X, strength * (0.8 * X["a"] + 0.4 * X["b"]).to_numpy()


def by_folds(rng: np.random.Generator, *, n: int, metric: str) -> Iterable[float]:
    """The figure of repeated folds against that of the model of everyone on people nobody has seen."""
    (X, score), (new, other) = foretold_people(rng, n), foretold_people(rng, 20_000)
    y, gone = ((rng.random(len(of)) < expit(of - 1.2)).astype(float) for of in (score, other))
    model = HorizonModel("linear").fit(X, y)
    judged = judge_flags(foretell_flags(model, X, y, groups=np.arange(n)), y).metrics
    said = model.predict(new)
    brier = float(np.mean((gone - said) ** 2))
    truth = {
        "auc": weighted_auc(gone > 0, said),
        "brier": brier,
        "gain": 1 - brier / float(np.mean((gone - y.mean()) ** 2)),
    }
    return _inside(judged[(judged["model"] == "model") & (judged["metric"] == metric)], truth[metric])


def competed(rng: np.random.Generator, *, n: int, strength: float = 1.0) -> Iterable[float]:
    """A learner's printed gain on the floor, in percent, against that of the model of everyone on people nobody saw."""
    (X, score), (new, other) = foretold_people(rng, n, strength), foretold_people(rng, 20_000, strength)
    y, gone = ((rng.random(len(of)) < expit(of - 1.2)).astype(float) for of in (score, other))
    model = HorizonModel("linear").fit(X, y)
    table = gains_in_percent(model.competition_.assign(cause="any"))
    said, level = model.predict(new), y.mean()
    losses = [-np.mean(gone * np.log(p) + (1 - gone) * np.log(1 - p)) for p in (said, level)]
    rows = table[table["learner"] == "linear"].rename(columns={"gain_low": "low", "gain_high": "high"})
    rows = rows.mask(rows["low"] == rows["high"])  # it says what the floor says: nothing was compared
    return _inside(rows, 100 * float(1 - losses[0] / losses[1]))


def durations_by_folds(rng: np.random.Generator, *, n: int, metrics: tuple[str, ...]) -> Iterable[float]:
    """The same of tenures without dates."""
    (X, score), (new, other) = foretold_people(rng, n), foretold_people(rng, 4_000)
    own, later = (_spells(rng, of) for of in (score, other))
    model = HazardModel("linear", causes=("left",)).fit(X, own)
    judged = judge_durations(model, X, own, groups=np.arange(n), horizons=(12,)).metrics
    truth = evaluate(model, new, later, train=(X, own), horizons=(12,), n_boot=0).metrics
    truth = truth[truth["model"] == "model"].set_index("metric")["value"]
    rows = judged[(judged["model"] == "model") & judged["metric"].isin(metrics)]
    return _inside(rows, rows["metric"].map(truth).to_numpy())


def _spells(rng: np.random.Generator, score: np.ndarray) -> pd.DataFrame:
    leave, end = rng.exponential(1 / (0.03 * np.exp(score))), rng.uniform(6, 36, len(score))
    return pd.DataFrame({"exit": np.minimum(leave, end) + 1e-6, "event": (leave <= end).astype(int)})


def hires(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    found = first_year_risk(watched(rng, n, truncated=False), ["site"] * n, causes=CAUSES)
    rows = found[found["source"] == "site"]
    return _inside(rows, 1 - np.exp(-sum(RATES) * rows["month"].to_numpy(dtype=float)))


def _inside(table: pd.DataFrame, truth: np.ndarray | float) -> np.ndarray:
    low, high = (table[end].to_numpy(dtype=float) for end in ("low", "high"))
    return np.where(np.isfinite(low) & np.isfinite(high), (low <= truth) & (truth <= high), np.nan)


def flagged(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Flags and the chances that made them: predictions that come true."""
    chances = expit(rng.normal(-1.4, 1.0, n))
    return (rng.random(n) < chances).astype(float), chances


@cache
def _of_flags() -> dict[str, float]:
    y, p = flagged(np.random.default_rng(3), 400_000)
    table = evaluate_flag(y, p, n_boot=0).metrics
    return dict(zip(table["metric"], table["value"], strict=True)) | {"oe": 1.0, "slope": 1.0, "intercept": 0.0}


def flags(rng: np.random.Generator, *, n: int, metric: str) -> Iterable[float]:
    y, p = flagged(rng, n)
    table = evaluate_flag(y, p, n_boot=100 if metric == "brier" else 0).metrics
    return _inside(table[table["metric"] == metric], _of_flags()[metric])


def tenths(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    y, p = flagged(rng, n)
    yield float(evaluate_flag(y, p, n_boot=0).calibration["covers"].all())


class _Known:
    """A forecaster that knows every hazard; what it says of ``X`` is true."""

    causes = CAUSES

    def predict_ahead(self, X: pd.DataFrame, months: np.ndarray, start: np.ndarray) -> Ahead:  # noqa: ARG002
        return _ahead(X["unmet"].to_numpy(), np.asarray(months))


def _ahead(unmet: np.ndarray, months: np.ndarray) -> Ahead:
    rates = [rate * np.exp(weight * unmet) for rate, weight in zip(RATES, WEIGHT, strict=True)]
    total = np.sum(rates, axis=0)
    alive = np.exp(-total[:, None] * months)
    return Ahead(months, alive, {c: (r / total)[:, None] * (1 - alive) for c, r in zip(CAUSES, rates, strict=True)})


def employed(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who was employed at the cut, and what followed in up to thirty months."""
    X = pd.DataFrame({"unmet": rng.normal(size=n)})
    rates = [rate * np.exp(weight * X["unmet"].to_numpy()) for rate, weight in zip(RATES, WEIGHT, strict=True)]
    leave = rng.exponential(1 / np.sum(rates, axis=0))
    cause = 1 + (rng.random(n) < rates[1] / np.sum(rates, axis=0)).astype(int)
    entry, end = rng.uniform(1, 120, n), rng.uniform(14, 30, n)
    time = np.minimum(leave, end) + 1e-6
    event = np.where(leave <= end, cause, 0)
    return X, pd.DataFrame({"entry": entry, "exit": entry + time, "event": event})


@cache
def _of_spells() -> dict[str, float]:
    X, spells = employed(np.random.default_rng(4), 60_000)
    table = evaluate(_Known(), X, spells, horizons=(12,), n_boot=0).metrics  # type: ignore[arg-type]
    found = dict(zip(table["metric"], table["value"], strict=True))
    return found | {name: 1.0 for name in found if name.startswith(("oe", "slope"))} | {"intercept_12": 0.0}


def judged(rng: np.random.Generator, *, n: int, metrics: tuple[str, ...], n_boot: int = 200) -> Iterable[float]:
    """Figures of the evaluation; the draws are as many as a study takes by default."""
    X, spells = employed(rng, n)
    table = evaluate(_Known(), X, spells, horizons=(12,), n_boot=n_boot).metrics  # type: ignore[arg-type]
    rows = table[table["metric"].isin(metrics)]
    return _inside(rows, rows["metric"].map(_of_spells()).to_numpy())


def later_tenths(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    X, spells = employed(rng, n)
    table = evaluate(_Known(), X, spells, horizons=(12,), n_boot=0).calibration  # type: ignore[arg-type]
    yield float(table.loc[table["cause"] == "any", "covers"].all())


@cache
def _of_groups() -> dict[str, float]:
    y, p = flagged(np.random.default_rng(5), 400_000)
    table = group_results(y, p, pd.DataFrame({"sex": np.repeat("f", len(y))}), threshold=0.25)
    rows = table[table["group"] == "f"]
    return dict(zip(rows["metric"], rows["value"], strict=True)) | {"oe": 1.0}


def treated(rng: np.random.Generator, *, n: int, metrics: tuple[str, ...]) -> Iterable[float]:
    y, p = flagged(rng, 3 * n)
    sex = pd.DataFrame({"sex": np.repeat(["f", "m", "m"], n)})
    table = group_results(y, p, sex, threshold=0.25)
    rows = table[(table["group"] == "f") & table["metric"].isin(metrics)]
    return _inside(rows, rows["metric"].map(_of_groups()).to_numpy())


def leaving() -> list[Interval]:
    """Observed first, then what a model's predictions are judged by, with predictions that are true."""
    found = [
        Interval(f"curves: still here after 6, 12, 24 months; {n} people", partial(curve, n=n, truncated=truncated))
        for n, truncated in ((60, False), (400, True))
    ]
    found += [
        Interval(f"curves, weighted: still here after 6, 12, 24 months; {n} people", partial(weighted_curve, n=n))
        for n in (60, 400)
    ]
    found += [Interval(f"first year: gone after 3, 6, 12 months; {n} people", partial(hires, n=n)) for n in (60, 400)]
    for metric, name in (("auc", "AUC"), ("slope", "calibration slope"), ("intercept", "calibration in the large"),
                         ("oe", "observed over expected"), ("brier", "Brier score")):  # fmt: skip
        for n in (150, 600):
            found.append(Interval(f"flag model: {name}; {n} people", partial(flags, n=n, metric=metric)))
    for metric, name in (("oe", "observed over expected"), ("slope", "calibration slope")):
        draw = partial(weighted_flags, n=600, metric=metric)
        found.append(Interval(f"flag model, weighted: {name}; 600 people", draw))
    found.append(Interval("calibration, weighted: all tenths at once, flags; 600 people",
                          partial(weighted_tenths, n=600), cautious=True))  # fmt: skip
    for n in (200, 500):
        for metric, name in (("auc", "AUC"), ("brier", "Brier score"), ("gain", "gain over the base rate")):
            draw = partial(by_folds, n=n, metric=metric)
            named = f"repeated folds, flags: {name} on unseen people; {n} people"
            found.append(Interval(named, draw, draws=150, short=3 if n == 200 else 0, cautious=True))
    found += [
        Interval(f"competition: a learner's gain on the floor, on unseen people; {n} people{of}",
                 partial(competed, n=n, strength=strength), draws=300, short=3 if n == 300 else 0, cautious=True)
        for n, strength, of in ((300, 1.0, ""), (900, 1.0, ""), (300, 0.3, ", hardly anything to tell"),
                                (300, 0.0, ", nothing to tell"))
    ]  # fmt: skip
    draw = partial(durations_by_folds, n=300, metrics=("uno", "oe_12", "gain"))
    named = "repeated folds, durations: concordance, observed over expected, gain on unseen people; 300 people"
    found.append(Interval(named, draw, draws=100, short=2, cautious=True))
    found.append(Interval("calibration: all tenths at once, flags; 600 people", partial(tenths, n=600), cautious=True))
    found.append(Interval("calibration: all tenths at once, later time; 600 people", partial(later_tenths, n=600),
                          draws=400, short=60, cautious=True))  # fmt: skip
    for metrics, name, draws in (
        (("harrell", "uno"), "concordance", 200),
        (("auc_12", "auc_voluntary_12"), "AUC", 200),
        (("oe_12", "oe_voluntary_12"), "observed over expected", 200),
        (("ibs",), "integrated Brier score", 200),
        (("slope_12", "intercept_12"), "calibration", 0),
    ):
        draw = partial(judged, n=400, metrics=metrics, n_boot=draws)
        found.append(Interval(f"later time: {name}; 400 people", draw, draws=300, short=0))
    for metrics, name in ((("observed", "fpr", "fnr"), "shares"), (("predicted",), "mean chance"),
                          (("oe",), "observed over expected")):  # fmt: skip
        draw = partial(treated, n=120, metrics=metrics)
        found.append(Interval(f"groups: {name}; 120 people", draw, cautious=name == "shares"))
    return found
