"""The scorecard of the relationship: seven Rs side by side, each measured or said not to be, never one total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.experience.answers import TOLD_ON, Group, asked, groups_of, numbers, person_means
from segment.experience.estimates import (
    Estimate,
    checked_level,
    net_promoters,
    weighted_mean,
    weighted_share,
    wilson,
)
from segment.tables import spec_of
from segment.tables.codebook import Codebook, Item
from segment.tables.waves import latest_wave, rows_by_wave
from segment.vocabulary import SEVEN_RS, EndReason, ItemKind

#: What each R is read from: kinds of items, and one figure from HR's own spells.
MEASURES: dict[str, tuple[str, ...]] = {
    "Relatie": (
        ItemKind.EXPERIENCE, ItemKind.KEPT, ItemKind.RELATIONSHIP, ItemKind.BELONGING, ItemKind.ENGAGEMENT,
        ItemKind.BALANCE, ItemKind.TALK, ItemKind.OWN_CONTRIBUTION, ItemKind.EMPLOYER_ASK, ItemKind.SURVEY_TRUST,
        ItemKind.MOMENT,
    ),
    "Relevantie": (ItemKind.FIT_NOW, ItemKind.FIT_FUTURE),
    "Reputatie": (ItemKind.REPUTATION, ItemKind.PROMISE_TRUST, ItemKind.PRIDE),
    "Recruitment": (ItemKind.RECRUITMENT, ItemKind.OVERPROMISE),
    "Retentie": (ItemKind.STAY, "voluntary_exits"),
    "Recommendation": (ItemKind.ENPS,),
    "Referral": (ItemKind.REFERRAL,),
}  # fmt: skip

#: The measure that comes from HR's spells instead of the survey, and its name where nobody said why people left.
EXITS, EXITS_OF_ANY_CAUSE = "voluntary_exits", "exits"

#: Of questions that are answered with yes or no the share that says yes is reported.
_SHARE = (0.0, 1.0)
_RATED = frozenset(kind for kinds in MEASURES.values() for kind in kinds) - {ItemKind.ENPS, ItemKind.REFERRAL, EXITS}
_FIRST_MONTHS = re.compile(r"tenure\s*<\s*(\d+)")


@dataclass(frozen=True)
class Measure:
    """One line of the card: the R it belongs to, what is measured, and the items it is read from."""

    r: str
    name: str
    items: tuple[Item, ...]


def scorecard(
    responses: pd.DataFrame,
    assignments: pd.DataFrame | None,
    codebook: Codebook,
    *,
    exits: pd.DataFrame | None = None,
    tenure: pd.DataFrame | None = None,
    waves: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The seven Rs per segment and for everyone.

    Parameters
    ----------
    responses
        One row per person and wave with item columns.
    assignments
        One row per person and wave with ``segment``; None for everyone only.
    exits
        One row per segment (NaN: everyone) with ``n`` and ``share`` (0 to 1, left of their own accord within twelve
        months), optionally ``low``, ``high``, ``wave`` and ``cause``; without ``wave`` it belongs to the last wave.
        Where the cause is ``left``, the measure is ``exits``. See ``exits_by_segment``.
    tenure
        One row per person and wave with ``months``: items that the codebook reserves for newcomers ("tenure <24 m" in
        its column ``use``) are then read from them only.
    waves
        The waves, earliest first; when left out their names tell.
    codebook
        The questionnaire: which item asks which R.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        Table ``scorecard``, one row per wave, segment (NaN: everyone), R and measure. ``status`` is ``measured`` or
        ``not measured``; ``reason`` (a code of ``experience.reason``) says why not. ``n`` people, ``value`` with
        ``low`` and ``high``, ``unit`` (``mean`` on ``scale_low`` to ``scale_high``; ``share`` 0 to 1; ``points`` -100
        to 100), ``items``. A mean is over each person's own mean of the items they answered; reversed items were turned
        round when they were taken in, so that higher is better (of exits, lower). Every R has at least one
        row; there is no total.

    Raises
    ------
    InvalidInput
        Frames without their key columns, people twice in a wave, shares outside 0 to 1.

    Examples
    --------
    >>> card = scorecard(pd.DataFrame({"person": ["a"], "wave": ["2024"]}), None, Codebook((), {}))
    >>> card.loc[card["r"] == "Recommendation", ["measure", "status", "reason"]].to_numpy().tolist()
    [['enps', 'not measured', 'not_in_questionnaire']]
    >>> from segment.locale import say
    >>> say("experience.reason.not_in_questionnaire", "en")
    'The questionnaire does not ask about this.'
    """
    checked_level(level)
    outside = _checked_exits(exits)
    measures = measures_of(codebook)
    asked_in = responses["wave"].unique() if "wave" in responses and len(responses) else [""]
    last_wave = waves[-1] if waves else latest_wave(asked_in)
    months = months_by_person(tenure)
    rows = [
        _exit_row(group, outside, last_wave, level) if measure.name == EXITS else _row(group, measure, months, level)
        for group in groups_of(responses, assignments)
        for measure in measures
    ]
    schema = spec_of("scorecard")
    further = ("unit", "scale_low", "scale_high", "items")
    table = pd.DataFrame(rows, columns=[*(column.name for column in schema.columns), *further])
    return schema.check(table.astype({"scale_low": float, "scale_high": float, "unit": "str", "items": "str"}))


def exits_by_segment(
    spells: pd.DataFrame,
    assignments: pd.DataFrame | None = None,
    *,
    waves: Sequence[str] | None = None,
    weight: pd.Series | None = None,
    months: int = 12,
    cause: str = EndReason.VOLUNTARY,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the people employed ``months`` before observation ended who then left of their own accord, or at all.

    Parameters
    ----------
    spells
        Table ``spells``, with start dates and, in months of tenure, ``entry``, ``exit`` and ``cause``.
    assignments
        Table ``assignments``; each person's last segment counts. People without one count for everyone only.
    waves
        The waves, earliest first; when left out their names tell.
    weight
        For how many a person stands who answered, indexed by person: in segments; everyone is counted once.
    cause
        The cause that counts.
    months
        Length of the year that is looked at, in months.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        One row for everyone (``segment`` NaN) and per segment: ``n`` people employed then, ``share`` with Wilson's
        ``low`` and ``high``, ``cause``. No rows when no spell has a start date.

    Notes
    -----
    Segments hold people who answered a survey; who left before they could answer is in everyone's figure only.

    Examples
    --------
    >>> spells = pd.DataFrame({"person": ["a", "b"], "entry": [0.0, 0.0], "exit": [24.0, 20.0], "weight": 1.0,
    ...                        "cause": [None, "voluntary"], "start_date": pd.to_datetime(["2022-01-01"] * 2)})
    >>> exits_by_segment(spells)[["n", "share"]]
       n  share
    0  2    0.5
    """
    checked_level(level)
    columns = ["segment", "n", "share", "low", "high"]
    if spells["start_date"].isna().all():
        return pd.DataFrame({name: pd.Series(dtype="int64" if name == "n" else float) for name in columns})
    present = employed_before_the_end(spells, months=months)
    left = (present["cause"] == cause).fillna(False).to_numpy(dtype=float)
    weights = present["weight"].to_numpy(dtype=float)
    answered = weights if weight is None else present["person"].map(weight).fillna(1.0).to_numpy(dtype=float)
    groups = {nan: np.ones(len(present), dtype=bool)}
    if assignments is not None:
        own = last_segments(present["person"], assignments, waves=waves).to_numpy(dtype=float)
        groups |= {float(segment): own == segment for segment in np.unique(own[np.isfinite(own)])}
    rows = []
    for segment, members in groups.items():
        worth = weights if segment != segment else answered
        share = weighted_share(left[members], worth[members], level=level)
        rows.append((segment, share.n, share.value, share.low, share.high))
    return pd.DataFrame(rows, columns=columns).astype({"n": "int64"}).assign(cause=cause)


def employed_before_the_end(spells: pd.DataFrame, *, months: int = 12) -> pd.DataFrame:
    """The dated spells of people employed so many months before observation ended: whose exits a scorecard counts."""
    dated = spells[spells["start_date"].notna()]
    first_month = dated["start_date"].dt.year * 12 + dated["start_date"].dt.month + dated["start_date"].dt.day / 30.44
    entered, ended = (first_month + dated[side].fillna(0.0) for side in ("entry", "exit"))
    begin = float(ended.max()) - months
    present: pd.DataFrame = dated[(entered <= begin + 1e-9) & (ended > begin + 1e-9)]
    return present


def last_segments(people: pd.Series, assignments: pd.DataFrame, *, waves: Sequence[str] | None) -> pd.Series:
    """The last segment of each of these people; missing for whoever has none."""
    latest = rows_by_wave(assignments, waves).drop_duplicates("person", keep="last")
    return people.map(latest.set_index("person")["segment"])


def measures_of(codebook: Codebook) -> list[Measure]:
    """Every line of the card, in order; lines without items are those that this questionnaire lacks."""
    found: dict[tuple[str, str], list[Item]] = {}
    for item in codebook.by_code():
        if item.kind in _RATED or item.kind in (ItemKind.ENPS, ItemKind.REFERRAL):
            found.setdefault((_r_of(item), str(item.kind)), []).append(item)
    asked_elsewhere = {kind for (_, kind) in found}
    lines: list[Measure] = []
    for r in SEVEN_RS:
        usual = [str(kind) for kind in MEASURES[r]]
        more = [kind for of, kind in found if of == r and kind not in usual]
        of_r = [Measure(r, kind, tuple(found.get((r, kind), ()))) for kind in (*usual, *more)]
        lines += [line for line in of_r if line.items or line.name not in asked_elsewhere] or of_r[:1]
    return lines


def _r_of(item: Item) -> str:
    """The R an item belongs to: as the codebook says, in Dutch or English, else as its kind usually does."""
    english = {name: r for r, name in SEVEN_RS.items()}
    written = english.get(item.r, item.r)
    if written in SEVEN_RS:
        return written
    return next(r for r, kinds in MEASURES.items() if item.kind in kinds)


def _row(group: Group, measure: Measure, months: pd.Series | None, level: float) -> dict[str, object]:
    """One line of the card in one segment."""
    items = asked(measure.items, group.answers)
    if not items:
        return _not_measured(group, measure, "not_in_questionnaire" if not measure.items else "not_in_wave")
    values, unit, scale = _values(group, measure, items)
    values = np.where(concerned_by(group.answers, items, months), values, np.nan)
    estimate = _estimate(values, group.weights, unit, scale, level)
    if estimate.n == 0:
        return _not_measured(group, measure, "nobody_answered")
    return _measured(group, measure, estimate, unit, scale)


def _values(group: Group, measure: Measure, items: Sequence[Item]) -> tuple[np.ndarray, str, tuple[float, float]]:
    """One value per person, its unit, and the ends of its scale."""
    if measure.name == ItemKind.ENPS:
        return numbers(group.answers, items[0].code), "points", (-100.0, 100.0)
    if measure.name == ItemKind.REFERRAL:
        yes = numbers(group.answers, items[0].code)
        return np.where(np.isfinite(yes), (yes == items[0].high).astype(float), np.nan), "share", _SHARE
    unit, scale = ("share", _SHARE) if all(item.is_yes_no for item in items) else ("mean", TOLD_ON)
    return person_means(group.answers, items, scale=scale), unit, scale


def _estimate(values: np.ndarray, weights: np.ndarray, unit: str, scale: tuple[float, float], level: float) -> Estimate:
    if unit == "points":
        return net_promoters(values, weights, level=level)
    if unit == "share":
        return weighted_share(values, weights, level=level)
    return weighted_mean(values, weights, level=level, bounds=scale)


def concerned_by(answers: pd.DataFrame, items: Sequence[Item], months: pd.Series | None) -> np.ndarray:
    """Whom these items are about, a flag per row: newcomers only, where the codebook says so and tenure is known."""
    limits = [int(found.group(1)) for item in items if (found := _FIRST_MONTHS.search(item.use))]
    if months is None or len(limits) < len(items):
        return np.ones(len(answers), dtype=bool)
    own = months.reindex(pd.MultiIndex.from_frame(answers[["person", "wave"]])).to_numpy(dtype=float)
    return own < max(limits)


def months_by_person(tenure: pd.DataFrame | None) -> pd.Series | None:
    """Months of tenure by person and wave; None where they are not known."""
    return None if tenure is None else tenure.set_index(["person", "wave"])["months"]


def _exit_row(group: Group, exits: pd.DataFrame | None, last_wave: str, level: float) -> dict[str, object]:
    """Exits from HR's spells in one segment."""
    unnamed = exits is not None and "cause" in exits and exits["cause"].eq(EndReason.LEFT).any()
    measure = Measure("Retentie", EXITS_OF_ANY_CAUSE if unnamed else EXITS, ())
    if exits is None or exits.empty:
        return _not_measured(group, measure, "no_spells")
    wave = exits["wave"].astype("str") if "wave" in exits.columns else pd.Series(last_wave, index=exits.index)
    same = exits["segment"].isna() if group.segment != group.segment else exits["segment"] == group.segment
    found = exits[(wave == group.wave) & same]
    if found.empty or not found["n"].iloc[0] or pd.isna(found["share"].iloc[0]):
        return _not_measured(group, measure, "no_spells_here")
    first = found.iloc[0]
    low, high = wilson(float(first["share"]), float(first["n"]), level=level)
    bounds = (float(first.get("low", low)), float(first.get("high", high)))
    return _measured(group, measure, Estimate(int(first["n"]), float(first["share"]), *bounds), "share", _SHARE)


def _checked_exits(exits: pd.DataFrame | None) -> pd.DataFrame | None:
    if exits is None:
        return None
    absent = [column for column in ("segment", "n", "share") if column not in exits.columns]
    if absent:
        raise InvalidInput("The exits lack columns.", expected="segment, n, share", came=f"without {', '.join(absent)}",
                           where="exits")  # fmt: skip
    outside = int((~exits["share"].dropna().between(0, 1)).sum())
    if outside:
        raise InvalidInput("A share of exits lies outside 0 to 1.", expected="0 to 1",
                           came=f"{outside} row{'s' if outside != 1 else ''}", where="exits, column share",
                           advice="divide percentages by a hundred")  # fmt: skip
    return exits


def _measured(
    group: Group, measure: Measure, estimate: Estimate, unit: str, scale: tuple[float, float]
) -> dict[str, object]:
    return _line(group, measure) | {
        "status": "measured", "n": estimate.n, "value": estimate.value, "low": estimate.low, "high": estimate.high,
        "unit": unit, "scale_low": scale[0], "scale_high": scale[1],
    }  # fmt: skip


def _not_measured(group: Group, measure: Measure, reason: str) -> dict[str, object]:
    return _line(group, measure) | {"status": "not measured", "reason": reason}


def _line(group: Group, measure: Measure) -> dict[str, object]:
    return {
        "wave": group.wave, "segment": group.segment, "r": measure.r, "measure": measure.name, "n": 0, "value": nan,
        "low": nan, "high": nan, "unit": "", "scale_low": nan, "scale_high": nan,
        "items": " ".join(item.code for item in measure.items), "reason": "",
    }  # fmt: skip
