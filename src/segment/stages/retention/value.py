"""What a stay is worth in a study: amounts per function, bands from models learned again times scenarios, a tornado."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from segment.config import given
from segment.config.models import StudyConfig, ValueConfig, ValueParameters
from segment.retention import Ahead, HazardModel, refitted
from segment.retention.foresight import COLUMNS
from segment.retention.leavers import DRIFT
from segment.retention.levels import Level
from segment.stages.base import OpenStudy
from segment.stages.causes import causes_in
from segment.stages.retention.evaluation import segment_of
from segment.stages.survey_weights import weight_in_segments
from segment.value import lifetime_value, ramp_up, segment_value, sensitivity, value_at_risk
from segment.vocabulary import DAYS_PER_MONTH, EndReason, Severity


@dataclass(frozen=True)
class Assumed:
    """One scenario: how many times the given amounts, and the yearly discount rate."""

    value: float = 1.0
    cost: float = 1.0
    exits: float = 1.0
    ramp: float = 1.0
    rate: float = 0.0


#: Group (``None``: everyone) -> the share reported to leave within twelve months, and the error of its level.
ReportedShares = Mapping[float | None, tuple[float, float]]


def worth_of(
    opened: OpenStudy,
    model: HazardModel,
    X: pd.DataFrame,
    tenure: pd.Series,
    *,
    learned: tuple[pd.DataFrame, pd.DataFrame],
    told: ReportedShares | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables ``lifetime_value`` and ``value_sensitivity`` of those present; none where the study states no amounts.

    ``learned`` is what the model learned from; it is learned again from people drawn with replacement, each time with
    a scenario drawn from the range of the amounts, so that the bands carry both doubts. ``told``: hazards of each group
    are multiplied so that the share that leaves within a year is the one reported of it, and its doubt goes into
    the bands; a segment that is not among them has no value of its own. Without it chances stay as the model says.
    """
    settings: ValueConfig | None = opened.config.retention.value
    if settings is None:
        return {}
    start, seed, amounts = tenure.to_numpy(dtype=float), opened.config.random_state, _amounts(opened, settings, X)
    again = list(refitted(model, *learned, n_draws=settings.draws, random_state=seed))
    rng = np.random.default_rng(seed)
    scenarios = [Assumed(rate=settings.discount_rate), *(_drawn(settings, rng) for _ in again)]
    pairs = zip([model, *again], scenarios, strict=True)
    seen = [see(one, X, start, months=settings.horizon_months, how=how) for one, how in pairs]
    answered = weight_in_segments(opened)
    weights = np.ones(len(X)) if answered is None else answered.reindex(X.index).fillna(1.0).to_numpy(dtype=float)
    label = segment_of(opened).reindex(X.index).to_numpy(dtype=float)
    own = {} if told is None else {key: level for key, level in told.items() if key is not None}
    label = label if told is None else np.where(np.isin(label, np.array(list(own), dtype=float)), label, np.nan)
    everyone = reckon(seen, amounts, start, np.zeros(len(X)), np.ones(len(X)), {0.0: told[None]} if told else {}, seed)
    apart = reckon(seen, amounts, start, label, weights, own, seed)
    found = []
    for reckoned, groups, counts in ((everyone, np.full(len(X), np.nan), None), (apart, label, weights)):
        flows = _flows(opened, model, reckoned.ahead, amounts, start=start)
        rows = _by_segment(reckoned, groups, flows, weights=counts, seed=seed)
        found.append(rows[rows["segment"].isna() == (counts is None)])
    every = pd.concat(found, ignore_index=True)
    return {
        "lifetime_value": every[every["note"] == ""].reset_index(drop=True),
        "value_sensitivity": _tornado(settings, everyone.ahead, amounts, start),
    }


@dataclass(frozen=True)
class Seen:
    """What one model expects, month by month and within a year (n,), and the scenario that goes with it."""

    ahead: Ahead
    year: np.ndarray
    how: Assumed


def see(model: HazardModel, X: pd.DataFrame, start: np.ndarray, *, months: int, how: Assumed) -> Seen:
    """What one model, learned again or not, expects of people from their tenure on."""
    ahead = model.predict_ahead(X, np.arange(1.0, months + 1), start=start)
    a_year = ahead.survival[:, 11] if months >= 12 else model.predict_ahead(X, [12.0], start=start).survival[:, 0]
    return Seen(ahead, 1.0 - a_year, how)


@dataclass(frozen=True)
class Reckoned:
    """What a stay is worth and what of it is at risk within a year, per person (n,) and per draw (B, n)."""

    ahead: Ahead
    worth: np.ndarray
    worth_drawn: np.ndarray
    lost: np.ndarray
    lost_drawn: np.ndarray


def reckon(
    seen: Sequence[Seen],
    amounts: pd.DataFrame,
    tenure: np.ndarray,
    group: np.ndarray,
    weights: np.ndarray,
    told: Mapping[float, tuple[float, float]],
    seed: int,
) -> Reckoned:
    """Worth at the level that is reported of each person's group, as expected and under each draw of all three doubts.

    What is lost within a year also carries the change of everyone's level that the number of leavers carries
    (:mod:`segment.retention.leavers`).
    """
    rng, keys = np.random.default_rng([seed, 1]), list(told)
    shocks = np.vstack([np.zeros(len(keys)), rng.normal(size=(len(seen) - 1, len(keys)))])
    drift = np.r_[1.0, np.random.default_rng([seed, 2]).uniform(1 - DRIFT, 1 + DRIFT, len(seen) - 1)]
    at = []
    for one, shock in zip(seen, shocks, strict=True):
        log_ratio = np.zeros(len(group))
        for key, times in zip(keys, shock, strict=True):
            inside, (share, error) = group == key, told[key]
            if inside.any():
                log_ratio[inside] = _log_ratio(one.year[inside], weights[inside], share) + error * times
        at.append(one.ahead.times(np.exp(log_ratio)))
    worth = [_worth(ahead, amounts, tenure, one.how) for ahead, one in zip(at, seen, strict=True)]
    lost = [
        value_at_risk(ahead.times(np.full(len(own), times)).incidence, np.maximum(own, 0.0))
        for ahead, own, times in zip(at, worth, drift, strict=True)
    ]
    return Reckoned(at[0], worth[0], np.array(worth[1:]), lost[0], np.array(lost[1:]))


def _log_ratio(year: np.ndarray, weights: np.ndarray, share: float) -> float:
    """By what the hazards of these people are to be multiplied (logarithm) so that this share leaves within a year."""
    level = Level(0.0, 0.0)

    def off(shift: float) -> float:
        return float(np.average(level.chances(year, shift=shift), weights=weights)) - share

    return float(brentq(off, -8.0, 8.0)) if off(-8.0) < 0 < off(8.0) else 0.0


def _by_segment(
    reckoned: Reckoned,
    labels: np.ndarray,
    flows: tuple[np.ndarray, np.ndarray],
    *,
    weights: np.ndarray | None,
    seed: int,
) -> pd.DataFrame:
    """Mean value of everyone, each counted once, and per segment, each for as many as they stand for."""
    tell = partial(segment_value, labels=labels, weights=weights, random_state=seed)
    found = tell(reckoned.worth, draws=reckoned.worth_drawn)
    risk = tell(reckoned.lost, draws=reckoned.lost_drawn)
    counts = np.ones(len(labels)) if weights is None else weights
    past = _past_by_segment(found["segment"], labels, counts, flows)
    # What is lost is never below zero, so nor is the band of it, however wide the amounts make it.
    low = risk["low"].clip(lower=0.0)
    return found.assign(at_risk=risk["value"], at_risk_low=low, at_risk_high=risk["high"], past=past)


def past_finding(tables: Mapping[str, pd.DataFrame], config: StudyConfig) -> pd.DataFrame:
    """Finding ``RT008``: how much of everyone's expected value lies past what was watched; none under one percent.

    ``count`` is that percentage, ``of`` the months looked ahead.
    """
    worth = tables.get("lifetime_value", pd.DataFrame({"segment": [], "past": []}))
    everyone = worth.loc[worth["segment"].isna(), "past"]
    if everyone.empty or not everyone.iloc[0] >= 1:
        return pd.DataFrame(columns=COLUMNS)
    months, percentage = config.retention.value.horizon_months, round(float(everyone.iloc[0]))  # type: ignore[union-attr]
    said = f"{percentage}% of the value expected in {months} months lies past the last month anybody was watched"
    advice = "lower retention.value.horizon_months, or read that part as drawn on, not as measured"
    nothing = (float("nan"),) * 3
    row = ("RT008", Severity.WARNING, "any", "lifetime value", percentage, months, *nothing, said, advice)
    return pd.DataFrame([row], columns=COLUMNS)


def _flows(
    opened: OpenStudy, model: HazardModel, ahead: Ahead, amounts: pd.DataFrame, *, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Per person the discounted amounts of all months, gains and losses alike, and those past what was watched.

    A month is past it where fewer than ten people were watched for a tenure as long, or where it lies further ahead
    than the window is wide: nobody was followed for so long.
    """
    settings = given(opened.config.retention.value, "retention.value")
    window = opened.outcome.watched
    wide = (pd.Timestamp(window.end) - pd.Timestamp(window.start)).days / DAYS_PER_MONTH
    watched = (start[:, None] + ahead.months <= model.longest_watched_ + 1) & (ahead.months <= np.ceil(wide))
    net = np.abs(amounts[["value"]].to_numpy() * _ramp(ahead, amounts, start, 1.0) - amounts[["cost"]].to_numpy())
    reckon = partial(lifetime_value, ahead.survival, {}, discount_rate=settings.discount_rate)
    return reckon(value=net), reckon(value=net * ~watched)


def _past_by_segment(
    segments: pd.Series, label: np.ndarray, weights: np.ndarray, flows: tuple[np.ndarray, np.ndarray]
) -> list[float]:
    """The percentage of these amounts that lies past what was watched, per segment and of everyone (empty)."""
    found, (every, past) = list[float](), flows
    for segment in segments:
        counts = np.ones(len(label)) if pd.isna(segment) else weights * (label == segment)
        total = float(counts @ every)
        found.append(100 * float(counts @ past) / total if total > 0 else float("nan"))
    return found


def _amounts(opened: OpenStudy, settings: ValueConfig, X: pd.DataFrame) -> pd.DataFrame:
    """One row per person of ``X``: the amounts of their function, else those of everyone."""
    function = pd.Series(None, index=X.index, dtype=object)
    if settings.by is not None:
        people = opened.store.read("people").drop_duplicates("person", keep="last").set_index("person")
        function = people[settings.by].astype(object).reindex(X.index)
    causes = causes_in(opened)  # read once: it looks into the table of spells
    of = {name: _numbers(settings.functions.get(str(name), settings.everyone), causes) for name in set(function)}
    return pd.DataFrame([of[name] for name in function], index=X.index)


def _numbers(given: ValueParameters, causes: tuple[str, ...]) -> dict[str, float]:
    # An exit that nobody named the cause of costs at least what the cheapest of those with a price does.
    unnamed = {str(EndReason.LEFT): min(given.exit_cost.values(), default=0.0)}
    exits = {f"exit_{cause}": (unnamed | given.exit_cost).get(str(cause), 0.0) for cause in causes}
    return {"value": given.value_per_month, "cost": given.cost_per_month, "ramp": given.months_to_full, **exits}


def _worth(ahead: Ahead, amounts: pd.DataFrame, tenure: np.ndarray, assumed: Assumed) -> np.ndarray:
    """Lifetime value per person under one scenario."""
    ramp = _ramp(ahead, amounts, tenure, assumed.ramp)
    return lifetime_value(
        ahead.survival,
        ahead.incidence,
        value=assumed.value * amounts[["value"]].to_numpy(),
        cost=assumed.cost * amounts[["cost"]].to_numpy(),
        ramp=ramp,
        discount_rate=assumed.rate,
        exit_cost={cause: assumed.exits * amounts[f"exit_{cause}"].to_numpy() for cause in ahead.incidence},
    )


def _ramp(ahead: Ahead, amounts: pd.DataFrame, tenure: np.ndarray, times: float) -> np.ndarray:
    """Share of full strength per person and month ahead, with the months it takes so many times as long."""
    full = amounts["ramp"].to_numpy() * times
    ramp = np.empty_like(ahead.survival)
    for months in np.unique(full):
        mine = full == months
        ramp[mine] = ramp_up(tenure[mine], months_to_full=float(months), horizon_months=len(ahead.months))
    return ramp


def _drawn(settings: ValueConfig, rng: np.random.Generator) -> Assumed:
    """A scenario: each amount from a triangle around what was given, the widest as far as the study is unsure."""
    reach = settings.unsure
    times = rng.triangular(1 - reach, 1.0, 1 + reach, size=4) if reach > 0 else np.ones(4)
    value, cost, exits, ramp = (float(number) for number in times)
    return Assumed(value, cost, exits, ramp, settings.discount_rate)


def _tornado(settings: ValueConfig, ahead: Ahead, amounts: pd.DataFrame, tenure: np.ndarray) -> pd.DataFrame:
    """How far the mean value of everyone moves when one assumption goes from its low to its high end."""
    low, high, rate = 1 - settings.unsure, 1 + settings.unsure, settings.discount_rate
    ends = {"value": (low, high), "cost": (low, high), "exits": (low, high), "ramp": (low, high)}
    ends["rate"] = (rate - 0.02, rate + 0.02)
    found = {
        name: {
            end: float(_worth(ahead, amounts, tenure, Assumed(**({"rate": rate} | {name: end}))).mean()) for end in pair
        }
        for name, pair in ends.items()
    }
    return sensitivity(ends, found).assign(n=len(amounts))
