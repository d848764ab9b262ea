"""Intervals of what a fitted model says: what goes together with leaving, and what a stay is worth."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
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
from segment.retention.leavers import DRIFT
from segment.retention.levels import Level, drawn_levels, level_of_exits
from segment.segments import TypingTool
from segment.stages.retention import value
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


def _worth(log_stay: np.ndarray, times: float) -> tuple[np.ndarray, np.ndarray]:
    """What a stay is worth, and what of it is lost within a year in which so many times as many leave."""
    alive, then = np.exp(log_stay), np.exp(times * log_stay)
    whole = lifetime_value(alive, {"left": 1 - alive}, **AMOUNTS)  # type: ignore[arg-type]
    return whole, value_at_risk({"left": 1 - then}, np.maximum(whole, 0.0))


#: What goes before: so many months to learn from, then a year to see at which level the model is.
LEARNED, SEEN = 24.0, 36.0


@cache
def _true_worth(percent: int) -> dict[int, tuple[float, float]]:
    """Worth, and value at risk in a year with so many percent of today's hazard, of those still there when the figures
    are made: of everyone (-1) and by half."""
    unmet = np.random.default_rng(6).normal(size=100_000)
    rate = np.exp(-4 + 0.5 * unmet)
    worths, still = _worth(-rate[:, None] * AHEAD, percent / 100), np.exp(-rate * SEEN)
    halves = {-1: np.ones(len(unmet), dtype=bool), 0: unmet <= 0, 1: unmet > 0}
    return {
        half: tuple(float(np.average(one[inside], weights=still[inside])) for one in worths)  # type: ignore[misc]
        for half, inside in halves.items()
    }


def worth(rng: np.random.Generator, *, n: int, at_risk: bool, draws: int = 20) -> Iterable[float]:
    """Everyone and two segments: learned until a day, levelled on the year after it, told of those who are left."""
    X = pd.DataFrame({"unmet": rng.normal(size=n)})
    leave = rng.exponential(np.exp(4 - 0.5 * X["unmet"].to_numpy()))
    half = (X["unmet"] > 0).to_numpy(dtype=float)
    entry = rng.uniform(0, 120, n)  # they have been there for up to ten years when watching begins
    spells = [pd.DataFrame({"entry": entry, "exit": entry + np.minimum(leave, end) + 1e-6,
                            "event": (leave < end).astype(int)}) for end in (LEARNED, SEEN)]  # fmt: skip
    levels = _levels(HazardModel("linear", causes=("left",)).fit(X, spells[0]), X, entry, leave, half)
    model, there = HazardModel("linear", causes=("left",)).fit(X, spells[1]), leave >= SEEN
    present, own, seed = X[there].reset_index(drop=True), half[there], int(rng.integers(2**31))
    tenure = entry[there] + SEEN
    models = [model, *refitted(model, X, spells[1], n_draws=draws, random_state=seed)]
    seen = [value.see(one, present, tenure, months=len(AHEAD), how=value.Assumed(rate=AMOUNTS["discount_rate"]))
            for one in models]  # fmt: skip
    sums = {"value": AMOUNTS["value"], "cost": AMOUNTS["cost"], "ramp": 0.0, "exit_left": AMOUNTS["exit_cost"]["left"]}
    amounts = pd.DataFrame([sums] * len(present))
    year, ones = seen[0].year, np.ones(len(present))
    truth = _true_worth(round(100 * rng.uniform(1 - DRIFT, 1 + DRIFT)))
    for groups, keys in ((np.zeros(len(present)), (None,)), (own, (0.0, 1.0))):
        told = {}
        for key in keys:
            inside = groups == (0.0 if key is None else key)
            level = levels[key]
            told[0.0 if key is None else key] = (level.shares(year[inside])[0], level.error)
        reckoned = value.reckon(seen, amounts, tenure, groups, ones, told, seed)
        figure, drawn = (reckoned.lost, reckoned.lost_drawn) if at_risk else (reckoned.worth, reckoned.worth_drawn)
        table = segment_value(figure, groups, draws=drawn, random_state=seed).set_index("segment")
        for key in keys:
            row = table.loc[0.0 if key is None else key]
            yield _holds(row["low"], row["high"], truth[-1 if key is None else int(key)][int(at_risk)])


def _levels(
    model: HazardModel, X: pd.DataFrame, entry: np.ndarray, leave: np.ndarray, half: np.ndarray
) -> dict[Hashable, Level]:
    """What the year after the cut says of everyone's level and of each half's."""
    there = leave >= LEARNED
    until = np.minimum(leave[there], SEEN) - LEARNED
    ahead = model.predict_ahead(X[there], np.arange(1.0, 13.0), start=entry[there] + LEARNED)
    stay = np.hstack([np.ones((len(until), 1)), ahead.survival])
    whole, rest = until.astype(int).clip(max=12), until % 1
    rows = np.arange(len(until))
    after = stay[rows, np.minimum(whole + 1, 12)]
    expected = -np.log(stay[rows, whole]) + rest * (np.log(stay[rows, whole]) - np.log(after))
    gone = (leave[there] < SEEN).astype(float)
    of = {key: level_of_exits(gone[half[there] == key].sum(), expected[half[there] == key].sum()) for key in (0.0, 1.0)}
    return drawn_levels(level_of_exits(gone.sum(), expected.sum()), of)


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
        Interval(
            "lifetime value, everyone and two segments of 600", partial(worth, n=600, at_risk=False), draws=200, short=0
        ),
        Interval(
            "value at risk, everyone and two segments of 600", partial(worth, n=600, at_risk=True), draws=200, short=0
        ),
        Interval("short form of 8: same segment, 400 people", partial(short_form, n=400), draws=200, short=0),
    ]  # type: ignore[arg-type]
