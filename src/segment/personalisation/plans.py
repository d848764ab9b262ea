"""Plans per segment: which actions would help first, given where its people fall short and how many they are."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import nan
from typing import Any

import pandas as pd

from segment.personalisation.catalogue import Action, Catalogue
from segment.tables import spec_of
from segment.tables.waves import latest_wave


def plan_actions(
    profiles: pd.DataFrame,
    catalogue: Catalogue,
    *,
    per_segment: int = 3,
    min_shortfall: float = 0.05,
    ladder: pd.DataFrame | None = None,
    wave: str | None = None,
) -> pd.DataFrame:
    """What each segment would be helped by first.

    Parameters
    ----------
    profiles
        Table ``profiles``; its rows with measure ``shortfall`` (0 met, 1 wholly unmet) are read.
    per_segment
        At most so many actions per segment. Every need has its first action before any has a second; what was chosen is
        shown by priority, as it is over all segments.
    min_shortfall
        Needs met better than this get no action.
    ladder
        Table ``ladder``: a need with rung ``one policy`` is planned once, for everyone (``segment`` NaN); for one with
        rung ``per individual``, what managers can do comes first and the reason says to take it up person by person.
    wave
        The wave to plan for; the last by default.

    Returns
    -------
    DataFrame
        Table ``plans``, one row per segment and action, best first: ``rank``, ``priority`` (shortfall times the share
        of the people), ``n`` people, ``wave``, ``shortfall`` with ``low`` and ``high``, ``rung``, ``owner``,
        ``effort``, ``evidence``, ``reason`` (a code of ``personalisation.reason``). No rows when no need with an action
        falls short.

    Examples
    --------
    >>> talk = {"nl": "Praat erover", "en": "Talk about it"}
    >>> catalogue = Catalogue((Action("PAY_talk", "PAY", "segment", "hr", 1, talk, talk, talk, "practice"),))
    >>> short = {"measure": "shortfall", "n": 80, "mean": 0.4, "low": 0.3, "high": 0.5, "overall": 0.2}
    >>> profiles = pd.DataFrame([{"wave": "2024", "segment": 0, "need": "PAY", **short}])
    >>> plan_actions(profiles, catalogue)[["segment", "action", "rank", "priority", "n"]]
       segment    action  rank  priority   n
    0      0.0  PAY_talk   1.0       0.4  80
    """
    rungs = {} if ladder is None else dict(zip(ladder["need"], ladder["rung"], strict=True))
    short = _shortfalls(profiles, wave, rungs)
    rows: list[dict[str, object]] = []
    for _, needs in short[short["shortfall"] >= min_shortfall].groupby("segment", dropna=False, sort=True):
        ordered = needs.sort_values("priority", ascending=False, kind="stable")
        facts = {str(fact["need"]): fact for fact in ordered.to_dict("records")}
        chosen = _in_turn([_fitting(catalogue, need, str(fact["rung"])) for need, fact in facts.items()])[:per_segment]
        chosen.sort(key=lambda action: list(facts).index(action.need))  # stable: one need's actions keep their order
        largest = next(iter(facts))
        for rank, action in enumerate(chosen, start=1):
            rows.append(_plan_row(facts[action.need], action, rank, first=action.need == largest))
    schema = spec_of("plans")
    further: dict[Hashable, str] = {
        "wave": "str", "shortfall": "float64", "low": "float64", "high": "float64", "rung": "str", "owner": "str",
        "effort": "int64", "evidence": "str",
    }  # fmt: skip
    table = pd.DataFrame(rows, columns=[*(column.name for column in schema.columns), *further])
    return schema.check(table.astype(further))


def _shortfalls(profiles: pd.DataFrame, wave: str | None, rungs: Mapping[str, str]) -> pd.DataFrame:
    """One row per segment and need (one for everyone where one policy fits), with its priority."""
    rows = profiles[profiles["measure"] == "shortfall"]
    if rows.empty:
        return pd.DataFrame(columns=["segment", "need", "shortfall", "priority", "rung"])
    rows = rows[rows["wave"] == (latest_wave(rows["wave"].unique()) if wave is None else wave)]
    rows = rows.assign(
        rung=rows["need"].map(lambda need: rungs.get(need, "")),
        shortfall=rows["mean"],
        segment=rows["segment"].astype(float),
        share=rows["n"] / rows.groupby("need")["n"].transform("sum").clip(lower=1),
    )
    alike = rows["rung"] == "one policy"
    everyone = rows[alike].groupby("need", sort=False, as_index=False).agg(
        wave=("wave", "first"), rung=("rung", "first"), shortfall=("overall", "first"), n=("n", "sum")
    )  # fmt: skip
    both = pd.concat([everyone.assign(segment=nan, share=1.0, low=nan, high=nan), rows[~alike]], ignore_index=True)
    return both.assign(priority=both["shortfall"] * both["share"])


def _fitting(catalogue: Catalogue, need: str, rung: str) -> list[Action]:
    """What can be done for many people about a need, best first; managers first where people differ."""
    actions = catalogue.about(need, "segment", "both")
    if rung == "per individual":
        return sorted(actions, key=lambda action: action.owner != "manager")
    return list(actions)


def _in_turn(queues: Sequence[Sequence[Action]]) -> list[Action]:
    """The first of every queue, then the second of every queue, and so on."""
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def _plan_row(fact: Mapping[Hashable, Any], action: Action, rank: int, *, first: bool) -> dict[str, object]:
    told = "one_policy" if fact["rung"] == "one policy" else "largest" if first else "further"
    person_by_person = "_by_person" if fact["rung"] == "per individual" else ""
    return {
        "segment": fact["segment"], "need": action.need, "action": action.code, "rank": rank,
        "priority": fact["priority"], "n": int(fact["n"]), "wave": fact["wave"], "shortfall": fact["shortfall"],
        "low": fact["low"], "high": fact["high"], "rung": fact["rung"], "owner": action.owner, "effort": action.effort,
        "evidence": action.evidence, "reason": told + person_by_person,
    }  # fmt: skip
