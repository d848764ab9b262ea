"""The list of actions, filled in: what actions did since the wave before, told of segments that somebody chose.

Questions are answered from 1 to 5; what is lacking is the distance to 5, so that a figure of it is one of answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.linked_tables import Request
from segment.personalisation import action_effects, people_of_begun
from segment.stages.release.asked import Asked
from segment.stages.release.group_members import BEGUN, besides_of_begun, parts_of_begun
from segment.tables.registry import plan_of

TABLE = "action_effects"
#: People and waves, and what the sign of their mean is in a change.
MadeOf = tuple[tuple[frozenset[Any], float], ...]
_DAYS = {"then": dt.date(2023, 3, 31), "now": dt.date(2024, 3, 31)}
_ACTION, _SINCE = "ACT", pd.Timestamp("2023-09-01")


def people_in(told: str) -> tuple[int, int]:
    """The fewest and the most people that a number, a band or a dash stands for.

    >>> people_in("40"), people_in("10–19"), people_in("–")
    ((40, 40), (10, 19), (1, 4))
    """
    least, _, most = told.partition("–")
    return (int(least), int(most or least)) if least else (1, 4)


@dataclass(frozen=True)
class Listed:
    """What a release tells of a list: its table, who is behind it, and the answers of both waves (a row per person).

    ``units``: what each answer is called outside, by wave and person.
    """

    request: Request
    people: pd.DataFrame
    sources: Mapping[str, str]
    then: pd.DataFrame
    units: Mapping[tuple[str, str], Any]

    def beside(self, asked: Asked, sketch: Sketch | None) -> Asked:
        """A release with this table in it; ``sketch``: of the answers then."""
        return replace(
            asked,
            requests=(*asked.requests, self.request),
            kinds={**asked.kinds, TABLE: BEGUN},
            behind={**asked.behind, TABLE: began_now(self.people)},
            answers={**asked.answers, self.sources["then"]: sketch},
            besides={TABLE: besides_of_begun(self.people, "now", lambda wave: self.sources[wave])},
            parts={TABLE: parts_of_begun(self.people)},
        )

    def answers_of(self, side: str, wave: str) -> frozenset[Any]:
        """The answers of one side in one wave."""
        own = self.people[(self.people["side"] == side) & (self.people["wave"] == wave)]
        return frozenset(self.units[wave, person] for person in own["person"])

    def told(self, row: Mapping[Any, Any], items: Sequence[str]) -> Iterator[dict[str, Any]]:
        """What a row tells, one piece each: the mean then, the change, and how many people there are on both sides."""
        began, before, waited, waited_before = (
            self.answers_of(side, wave) for side in ("began", "waiting") for wave in ("now", "then")
        )
        item = items[0] if row["role"] == "target" else items[1]
        n, least = people_in(str(row["n"])), int(row["waiting"])
        change = ((began, 1.0), (before, -1.0), (waited, -1.0), (waited_before, 1.0))
        yield {"line": item, "people": before, "n": n, "shown": {"lacking": float(row["before_share"])}}
        yield {"line": item, "people": began, "n": n, "made_of": change, "shown": {"change": row["effect"] / 100}}
        for people in (waited, waited_before):
            yield {"line": "", "people": people, "n": (least, least + 4), "shown": {}}


def began_now(people: pd.DataFrame) -> pd.DataFrame:
    """Who answered in the later wave of those for whom an action began."""
    return people[(people["side"] == "began") & (people["wave"] == "now")]


def listed(
    then: pd.DataFrame, now: pd.DataFrame, *, items: Sequence[str], waves: Mapping[str, str], study: str,
    draw: np.random.Generator,
) -> Listed | None:  # fmt: skip
    """What an action for the first of two questions did that began between two waves in some segments, drawn at random.

    ``then``, ``now``: one row per answer by person, with ``segment`` and ``wave`` (what the wave is called outside);
    ``waves``: what the study calls them. None where there is one segment alone.
    """
    there = sorted(set(now["segment"]) & set(then["segment"]))
    if len(there) < 2:
        return None
    chosen = draw.choice(there, int(draw.integers(1, len(there))), replace=False).tolist()
    sources = {name: f"answers {wave} of {study}" for name, wave in waves.items()}
    then, now = (rows.assign(person=[f"{study} {one}" for one in rows.index]) for rows in (then, now))
    return _made(then, now, items, chosen, sources)


def _made(
    then: pd.DataFrame, now: pd.DataFrame, items: Sequence[str], chosen: Sequence[float], sources: Mapping[str, str]
) -> Listed:
    """The table as a release asks for it, with who is behind it."""
    waves = {"then": then, "now": now}
    lacking = {f"shortfall_{item}": item for item in items}
    outcomes = pd.concat(
        [
            own[["person", "segment"]].assign(
                wave=wave, weight=1.0, **{name: (5.0 - own[item]) / 4 for name, item in lacking.items()}
            )
            for wave, own in waves.items()
        ],
        ignore_index=True,
    )
    begun = pd.DataFrame({"action": _ACTION, "segment": list(chosen), "known": True, "day": _SINCE})
    needs = {_ACTION: items[0]}
    effects = action_effects(begun, outcomes, needs, days=_DAYS, least=30)
    plan = plan_of(TABLE)
    assert plan.shape is not None
    frame = plan.shape(effects, {}).assign(_least=1.0, _most=5.0)
    request = Request(
        TABLE, frame, plan.groups, sources["now"], lines=plan.lines,
        options={"means": plan.means, "shares": plan.shares, "texts": plan.texts, "kind": plan.kind,
                 "digits": plan.digits, "ends": {"before": ("_least", "_most")}},
    )  # fmt: skip
    units = {
        (wave, row["person"]): (at, row["wave"])
        for wave, own in waves.items()
        for at, row in zip(own.index, own.to_dict("records"), strict=True)
    }
    people = people_of_begun(begun, outcomes, needs, days=_DAYS)
    return Listed(request, people, sources, then, units)


def year_before(staff: pd.DataFrame, columns: Sequence[str], *, day: int) -> pd.DataFrame:
    """Answers of a wave before all others, of most of those who were there on a day; drawn apart from all else."""
    rng = np.random.default_rng([len(staff), day])
    there = staff.index[(staff["start"] <= day) & (staff["end"] > day)]
    own = there[rng.random(len(there)) < rng.uniform(0.75, 0.99)]
    return pd.DataFrame(rng.integers(1, 6, (len(own), len(columns))), index=own, columns=list(columns))
