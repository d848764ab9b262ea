"""Intervals of what a fitted model says: what goes together with leaving, and what a stay is worth."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

import numpy as np
import pandas as pd
from scipy.special import expit

from segment.retention import (
    HazardModel,
    HorizonModel,
    effects,
    explain_people,
    refitted,
    segment_doubt,
    segment_effects,
)
from segment.segments import TypingTool
from segment.value import lifetime_value, segment_value, value_at_risk
from truths.coverage import Interval
from truths.groups import SHARES

#: Log odds of intending to leave per standard deviation of each number.
TRUE = {"unmet": 0.6, "pay": -0.3, "noise": 0.0}


def asked(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Attributes, an intention to leave, and segments whose unmet needs differ."""
    segment = rng.choice(3, n, p=SHARES)
    X = pd.DataFrame({name: rng.normal(size=n) for name in TRUE})
    X["unmet"] += np.array([0.4, 0.0, -1.0])[segment]
    X["site"] = rng.choice(list("ABCDE"), n)
    odds = -1.0 + sum(weight * X[name] for name, weight in TRUE.items())
    return X, (rng.random(n) < expit(odds)).astype(float), segment


def _holds(low: float, high: float, truth: float) -> float:
    return float(low <= truth <= high) if np.isfinite(low) and np.isfinite(high) else np.nan


def of_numbers(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    """The highest fifth of a number against the lowest, all else equal."""
    X, y, _ = asked(rng, n)
    table = effects(HorizonModel("linear").fit(X, y), X).set_index("feature")
    for name, weight in TRUE.items():
        top, bottom = (X[name][side] for side in (X[name] >= X[name].quantile(0.8), X[name] <= X[name].quantile(0.2)))
        yield _holds(table.loc[name, "low"], table.loc[name, "high"], weight * (top.mean() - bottom.mean()))


def of_levels(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    """The two levels that lie furthest apart of an attribute that has nothing to do with leaving."""
    X, y, _ = asked(rng, n)
    table = effects(HorizonModel("linear").fit(X, y), X).set_index("feature")
    yield _holds(table.loc["site", "low"], table.loc["site", "high"], 0.0)


def by_segment(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    """By how much unmet needs put a segment's odds above or below those of all segments together."""
    X, y, segment = asked(rng, n)
    model = HorizonModel("linear").fit(X, y)
    parts = explain_people(model, X)
    table = segment_effects(parts - parts.mean(), segment, doubt=segment_doubt(model, X, segment, parts=parts))
    apart = np.array([0.4, 0.0, -1.0]) - float(SHARES @ [0.4, 0.0, -1.0])
    for row in table[table["feature"] == "unmet"].to_dict("records"):
        yield _holds(row["low"], row["high"], TRUE["unmet"] * apart[int(row["segment"])])


AMOUNTS = {"value": 5_000.0, "cost": 3_600.0, "discount_rate": 0.04, "exit_cost": {"left": 15_000.0}}
AHEAD = np.arange(1.0, 37.0)


def _worth(alive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gone = {"left": 1 - alive}
    whole = lifetime_value(alive, gone, **AMOUNTS)  # type: ignore[arg-type]
    return whole, value_at_risk(gone, np.maximum(whole, 0.0))


@cache
def _true_worth() -> tuple[float, float]:
    unmet = np.random.default_rng(6).normal(size=200_000)
    whole, risk = _worth(np.exp(-np.exp(-4 + 0.5 * unmet)[:, None] * AHEAD))
    return float(whole.mean()), float(risk.mean())


def worth(rng: np.random.Generator, *, at_risk: bool, draws: int = 20) -> Iterable[float]:
    """The mean of a segment of 400, with as many refits as a study takes by default."""
    X = pd.DataFrame({"unmet": rng.normal(size=400)})
    leave = rng.exponential(np.exp(4 - 0.5 * X["unmet"]))
    spells = pd.DataFrame({"exit": np.minimum(leave, 36) + 1e-6, "event": (leave < 36).astype(int)})
    model = HazardModel("linear", causes=("left",)).fit(X, spells)
    seed = int(rng.integers(2**31))
    again = [_worth(one.predict_ahead(X, AHEAD).survival)[at_risk]
             for one in refitted(model, X, spells, n_draws=draws, random_state=seed)]  # fmt: skip
    found = segment_value(_worth(model.predict_ahead(X, AHEAD).survival)[at_risk], np.zeros(400), draws=np.array(again))
    yield _holds(found["low"].iloc[0], found["high"].iloc[0], _true_worth()[at_risk])


def _answers(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Eighteen questions of three kinds, and memberships as all of them tell."""
    own, of = rng.choice(3, n, p=SHARES), np.repeat(np.arange(3), 6)
    centres = np.where(np.arange(3)[:, None] == of, 3.9, 3.0)
    seen = centres[own] + rng.normal(0, 1.0, (n, 18))
    likely = SHARES * np.exp(-((seen[:, None, :] - centres) ** 2).sum(axis=2) / 2)
    answers = pd.DataFrame(np.clip(np.round(seen), 1, 5), columns=[f"q{k}" for k in range(18)])
    return answers, likely / likely.sum(axis=1, keepdims=True)


def short_form(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    """How often eight questions put new people where all questions put them."""
    answers, memberships = _answers(rng, n)
    tool = TypingTool(n_items=8, random_state=0).fit(answers, memberships)
    row = tool.agreement_.set_index("n_items").loc[8]
    others, truth = _answers(rng, 20_000)
    right = float((tool.predict(others) == truth.argmax(axis=1)).mean())
    yield _holds(row["low"], row["high"], right)


def associations() -> list[Interval]:
    """What takes a fitted model; none of it in the short form."""
    few = {"draws": 300, "short": 0}
    return [
        Interval("effects: highest against lowest fifth, 500 people", partial(of_numbers, n=500), **few),
        Interval("effects: two levels of five, no difference, 500 people", partial(of_levels, n=500), **few),
        Interval("effects per segment, 500 people", partial(by_segment, n=500), **few),
        Interval("lifetime value of a segment, 400 people", partial(worth, at_risk=False), draws=200, short=0),
        Interval("value at risk of a segment, 400 people", partial(worth, at_risk=True), draws=200, short=0),
        Interval("short form of 8: same segment, 400 people", partial(short_form, n=400), draws=200, short=0),
    ]  # type: ignore[arg-type]
