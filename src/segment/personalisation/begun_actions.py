"""What the actions that were begun did: to the need they are for, and to what may get worse meanwhile.

An effect is the change of people for whom an action began less that of people who waited. So it is made of four sums of
answers: of either side, before and after. Who stands behind each (:func:`people_of_begun`) goes along, so that an
effect leaves only where all four might.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from segment.disclosure.figures import is_nearly, least_reach
from segment.needs.multiplicity import holm
from segment.personalisation.evaluated import stepped_effects
from segment.tables import spec_of

#: What is looked at besides the need: what the other needs lack, and means of answers, by the kind of their questions.
OTHER_NEEDS = "other_needs"
SIDES = ("engagement", "relationship", "stay")
#: Between which numbers those means lie; what is lacking lies between 0 and 1.
_ANSWERS, _LACKS = (1.0, 5.0), (0.0, 1.0)
_NOTHING = {
    "n": 0,
    "waiting": 0,
    "result": "",
    **dict.fromkeys(("before", "effect", "effect_low", "effect_high"), np.nan),
}


def action_effects(
    begun: pd.DataFrame,
    outcomes: pd.DataFrame,
    needs: Mapping[str, str],
    *,
    days: Mapping[str, dt.date],
    least: int,
    level: float = 0.95,
) -> pd.DataFrame:
    """The effect of every action that was begun, by differences in differences; or why none is known.

    Parameters
    ----------
    begun
        One row per action and segment: ``action``, ``segment`` (NaN: for everyone), ``known`` (whether that segment is
        one of ``outcomes``) and ``day``, on which it began.
    outcomes
        One row per person and wave: ``person``, ``wave``, ``segment`` (of the person, before anything began),
        ``weight``, a column ``shortfall_<need>`` (0 to 1) per need, and those of ``SIDES`` that were asked (1 to 5).
    needs
        Action -> the need it is for; actions without one are not of the catalogue.
    days
        Wave -> its last day of answering, earliest first. An action counts from the first wave after its day.
    least
        Fewest people on either side, who had begun and who waited, behind an effect.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        Table ``action_effects``. ``result`` is better or worse where that is no chance (Holm over all rows), unsure
        where it may be. ``reason`` says why there is none, where no answer has a say in that: ``unknown`` (no action of
        the catalogue), ``gone`` (the segment is none of these), ``everyone`` (nobody waited), ``later`` (no wave
        since), ``before`` (no wave before), ``absent`` (the need was not asked). Without an effect ``n`` is 0.

    Notes
    -----
    A figure of which nearly everyone of one side says the same in some wave has no effect: how that changed would say
    how nearly. No interval is as narrow as if all of a side had changed alike.
    :func:`segment.personalisation.stepped_effects` says how, and what it takes for granted. ``alongside`` counts other
    actions that began for one of these segments by the same wave: what is reported is what they did together.

    Examples
    --------
    >>> people = pd.DataFrame({"person": [f"P{k}" for k in range(80)], "segment": [0.0, 1.0] * 40, "weight": 1.0})
    >>> then = people.assign(wave="2023", shortfall_GRO=np.tile([0.5, 0.5, 0.4, 0.4], 20))
    >>> less = np.tile([0.3, 0.0, 0.2, 0.0], 20)  # in segment 0, where the action began
    >>> now = then.assign(wave="2024", shortfall_GRO=then["shortfall_GRO"] - less)
    >>> begun = pd.DataFrame({"action": ["mentor"], "segment": [0.0], "known": [True], "day": ["2023-09-01"]})
    >>> days = {"2023": dt.date(2023, 3, 31), "2024": dt.date(2024, 3, 31)}
    >>> table = action_effects(begun, pd.concat([then, now]), {"mentor": "GRO"}, days=days, least=30)
    >>> table[["about", "n", "waiting", "before", "effect", "effect_low", "effect_high", "result"]].round(2)
      about   n  waiting  before  effect  effect_low  effect_high  result
    0   GRO  40       40    0.45   -0.25       -0.27        -0.23  better
    """
    waves, placed = list(days), _dated(begun, days)
    rows = [
        {"action": str(action), "need": needs.get(str(action), ""), "alongside": _alongside(placed, own), **one}
        for action, own in placed.groupby("action", sort=True)
        for one in _of_action(own, outcomes, needs.get(str(action), ""), waves, least, level)
    ]
    spec = spec_of("action_effects")
    return spec.check(_judged(pd.DataFrame(rows), level).drop(columns="sign")) if rows else spec.empty()


def people_of_begun(
    begun: pd.DataFrame, outcomes: pd.DataFrame, needs: Mapping[str, str], *, days: Mapping[str, dt.date]
) -> pd.DataFrame:
    """Who stands behind the effects of :func:`action_effects`, with which wave's answers and on which side.

    Returns
    -------
    DataFrame
        Table ``begun_people``: ``begun`` (the segments in which an action began, as there), ``side`` (began or
        waiting), ``wave``, ``person`` and ``segment`` (of the person, before anything began).

    Examples
    --------
    >>> people = pd.DataFrame({"person": [f"P{k}" for k in range(80)], "segment": [0.0, 1.0] * 40, "weight": 1.0})
    >>> then = people.assign(wave="2023", shortfall_GRO=np.tile([0.5, 0.5, 0.4, 0.4], 20))
    >>> less = np.tile([0.3, 0.0, 0.2, 0.0], 20)  # in segment 0, where the action began
    >>> now = then.assign(wave="2024", shortfall_GRO=then["shortfall_GRO"] - less)
    >>> begun = pd.DataFrame({"action": ["mentor"], "segment": [0.0], "known": [True], "day": ["2023-09-01"]})
    >>> days = {"2023": dt.date(2023, 3, 31), "2024": dt.date(2024, 3, 31)}
    >>> behind = people_of_begun(begun, pd.concat([then, now]), {"mentor": "GRO"}, days=days)
    >>> behind.groupby(["begun", "side", "wave"]).size().reset_index(name="people")
          begun     side  wave  people
    0  1 (2024)    began  2023      40
    1  1 (2024)    began  2024      40
    2  1 (2024)  waiting  2023      40
    3  1 (2024)  waiting  2024      40
    """
    waves, placed = list(days), _dated(begun, days)
    made: dict[str, pd.DataFrame] = {}
    for action, own in placed.groupby("action", sort=True):
        since, why = _since(own), _untold(own, outcomes, needs.get(str(action), ""), waves)
        if not why and called(since) not in made:
            made[called(since)] = pd.concat(
                [rows.assign(side=side) for side, rows in _sides(outcomes, since, waves).items()]
            )
    spec = spec_of("begun_people")
    if not made:
        return spec.empty()
    told = pd.concat([rows.assign(begun=name) for name, rows in made.items()], ignore_index=True)
    return spec.check(told[["begun", "side", "wave", "person", "segment"]])


def called(since: Mapping[object, str]) -> str:
    """What the segments are called in which an action began, each with its first wave since; readers count from one.

    >>> called({0.0: "2024", 2.0: "2024"}), called({2.0: "2025", 0.0: "2024"})
    ('1+3 (2024)', '1 (2024) + 3 (2025)')
    """
    by_wave: dict[str, list[int]] = {}
    for segment, wave in since.items():
        by_wave.setdefault(wave, []).append(int(float(str(segment))) + 1)
    told = sorted((sorted(segments), wave) for wave, segments in by_wave.items())
    return " + ".join(f"{'+'.join(map(str, segments))} ({wave})" for segments, wave in told)


def _dated(begun: pd.DataFrame, days: Mapping[str, dt.date]) -> pd.DataFrame:
    """The list with the first wave that was answered after each day."""
    since = [_first_wave(day, days) for day in pd.to_datetime(begun["day"]).dt.date]
    return begun.reset_index(drop=True).assign(wave=pd.Series(since, dtype="object"))


def _since(own: pd.DataFrame) -> dict[object, str]:
    """Segment -> the first wave since the action began there."""
    rows = own[own["known"]].dropna(subset="wave").to_dict("records")
    return {float(row["segment"]): str(row["wave"]) for row in rows}


def _sides(rows: pd.DataFrame, since: Mapping[object, str], waves: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The rows (person and wave) that an effect is made of, by side: who had begun, and who waited in two waves.

    As :func:`stepped_effects` takes them: ``began`` are all rows of people who were seen before and since, with
    ``after`` saying which; ``waiting`` the rows before, of people who have two of these.
    """
    order = {wave: at for at, wave in enumerate(waves)}
    first = rows["segment"].map({segment: order[wave] for segment, wave in since.items()}).fillna(len(waves))
    after = (rows["wave"].map(order) >= first).to_numpy(dtype=bool)
    told = rows.assign(after=after)
    times = told.groupby("person")["after"].agg(["sum", "size"])
    waited = (times["size"] - times["sum"]).reindex(rows["person"]).to_numpy()
    seen_since = times["sum"].reindex(rows["person"]).to_numpy() > 0
    return {"began": told[(waited > 0) & seen_since], "waiting": told[(waited > 1) & ~after]}


def _first_wave(day: dt.date, days: Mapping[str, dt.date]) -> str | None:
    """The first wave that was answered after a day."""
    return next((wave for wave, last in days.items() if last > day), None)


def _alongside(placed: pd.DataFrame, own: pd.DataFrame) -> int:
    """How many other actions began for one of these segments by the same wave."""
    key = ["segment", "wave"]
    together = placed.merge(own[key].drop_duplicates(), on=key)
    return int(together["action"].nunique() - 1)


def _of_action(
    own: pd.DataFrame, outcomes: pd.DataFrame, need: str, waves: Sequence[str], least: int, level: float
) -> Iterator[dict[str, object]]:
    """The rows of one action: the need it is for, then what may get worse; or one row that says why there are none."""
    target, since = f"shortfall_{need}", _since(own)
    why = _untold(own, outcomes, need, waves)
    name = {"begun": "" if why else called(since)}
    if why:
        yield {"role": "target", "about": need, "reason": why, "sign": 0, **name, **_NOTHING}
        return
    lacks = [name for name in outcomes if str(name).startswith("shortfall_") and name != target]
    told = outcomes.assign(**{OTHER_NEEDS: outcomes[lacks].mean(axis=1) if lacks else np.nan})
    figures = [target, *(name for name in (OTHER_NEEDS, *SIDES) if name in told and told[name].notna().any())]
    effects = stepped_effects(told, since, waves=waves, figures=figures, level=level)
    for _, row in effects.iterrows():
        figure = str(row["figure"])
        sides = _sides(told[told[figure].notna()], since, waves)
        yield {
            "role": "target" if figure == target else "side",
            "about": need if figure == target else figure,
            "reason": "",
            "sign": 1 if figure in SIDES else -1,
            **name,
            **_effect(row, sides, figure, least),
        }


def _effect(row: pd.Series, sides: Mapping[str, pd.DataFrame], figure: str, least: int) -> dict[str, object]:
    """An effect with the people behind it, the mean before of those who had begun, and an interval that has width."""
    n, waiting, ends = int(row["n"]), int(row["n_waiting"]), _ANSWERS if figure in SIDES else _LACKS
    if min(n, waiting) < least or np.isnan(row["effect"]) or _alike(sides, figure, ends):
        return _NOTHING
    before, scale = sides["began"][~sides["began"]["after"]], (np.array([ends[0]]), np.array([ends[1]]))
    reach = max((row["high"] - row["low"]) / 2, float(least_reach(np.array([min(n, waiting)]), ends=scale)[0]))
    return {
        "n": n, "waiting": waiting, "result": "unsure",
        "before": float(np.average(before[figure], weights=before["weight"])),
        "effect": row["effect"], "effect_low": row["effect"] - reach, "effect_high": row["effect"] + reach,
    }  # fmt: skip


def _alike(sides: Mapping[str, pd.DataFrame], figure: str, ends: tuple[float, float]) -> bool:
    """Whether in some wave nearly everyone of a side is at one end of the scale."""
    for rows in sides.values():
        for _, own in rows.groupby("wave"):
            place = (np.average(own[figure], weights=own["weight"]) - ends[0]) / (ends[1] - ends[0])
            if is_nearly(np.array([place]), np.array([len(own)]))[0]:
                return True
    return False


def _untold(own: pd.DataFrame, outcomes: pd.DataFrame, need: str, waves: Sequence[str]) -> str:
    """Why the effect of an action cannot be known at all; empty where it may be."""
    since = _since(own)
    if not need:
        return "unknown"
    if f"shortfall_{need}" not in outcomes:
        return "absent"
    if own["segment"].isna().any() or (since and set(outcomes["segment"].dropna()) <= set(since)):
        return "everyone"
    if not own["known"].any():
        return "gone"
    if not since:
        return "later"
    return "before" if all(wave == waves[0] for wave in since.values()) else ""


def _judged(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Better or worse where that is no chance by Holm's step-down rule over all effects, else unsure."""
    told = rows.index[rows["result"] != ""]
    half = (rows.loc[told, "effect_high"] - rows.loc[told, "effect_low"]) / 2
    score = (rows.loc[told, "effect"].abs() / half * stats.norm.ppf(0.5 + level / 2)).astype(float)
    chance = 2 * stats.norm.sf(score)
    sure = holm(chance) <= 1 - level
    good = (rows.loc[told, "effect"] * rows.loc[told, "sign"]).to_numpy(dtype=float) > 0
    rows.loc[told, "result"] = np.where(sure, np.where(good, "better", "worse"), "unsure")
    return rows


def learned_share(
    assumed: tuple[float, float, float], before: float, effect: float, low: float, high: float, *, level: float = 0.95
) -> tuple[float, float, float]:
    """The share of a shortfall that an action takes away, after it was tried here: least, likeliest and largest.

    Parameters
    ----------
    assumed
        The same before it was tried: the three corners of a triangular distribution.
    before, effect, low, high
        Mean shortfall before, and how much it changed with its interval, as in table ``action_effects``.
    level
        Of that interval.

    Notes
    -----
    Assumption and measurement are weighed by their precision, as for a normal mean (Gelman et al., Bayesian Data
    Analysis, section 2.5); what comes out has a triangle of the same mean and variance, between 0 and 1.

    Examples
    --------
    >>> [round(one, 2) for one in learned_share((0.0, 0.05, 0.15), 0.4, -0.12, -0.16, -0.08)]
    [0.06, 0.13, 0.2]
    >>> [round(one, 2) for one in learned_share((0.0, 0.05, 0.15), 0.4, 0.0, -0.5, 0.5)]
    [0.0, 0.07, 0.14]
    """
    least, likeliest, most = assumed
    mean = sum(assumed) / 3
    variance = (least**2 + likeliest**2 + most**2 - least * likeliest - least * most - likeliest * most) / 18
    share, error = -effect / before, (high - low) / before / (2 * stats.norm.ppf(0.5 + level / 2))
    trust = variance / (variance + error**2) if variance > 0 else 0.0
    centre, reach = mean + trust * (share - mean), float(np.sqrt(6 * variance * (1 - trust)))
    corners = np.clip([centre - reach, centre, centre + reach], 0.0, 0.99)
    return float(corners[0]), float(corners[1]), float(corners[2])
