"""Who is counted where: people in scope of a wave, those of them who answered, and others who answered as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from segment.stages.base import OpenStudy
from segment.stages.waves import wave_dates
from segment.vocabulary import OutcomeKind, Purpose, Relation

#: Fewer people than this are not told apart: they join the rest, or the numbers around them are left out.
FEWEST = 5
REST = "other"
#: Whose staying and leaving is watched.
STAFF = (Relation.EMPLOYEE, Relation.ALUMNUS)


@dataclass(frozen=True)
class Population:
    """The people of one wave.

    Attributes
    ----------
    scope : people employed on the wave's day (everyone who answered, where nothing but answers is known).
    asked : those of them who answered.
    answered : everyone who answered, about needs where segments were looked for; segments hold these people.
    outside : who answered and is not in scope, by relation (``employee``: not employed on that day).
    employed : whether ``scope`` are people known to be employed; without dates, who left may have left before.
    counted_on : the day ``scope`` was counted on instead, where nobody knows when the wave was; else nothing.
    day : the day ``scope`` was employed on; nothing where that has no dates.
    """

    scope: int
    asked: int
    answered: int
    outside: Mapping[str, int]
    employed: bool = True
    counted_on: dt.date | None = None
    day: dt.date | None = None

    @property
    def told(self) -> dict[str, int]:
        """People outside as they may be shown: kinds of fewer than five are one, with as many others as it takes.

        >>> Population(90, 80, 103, {"candidate": 12, "alumnus": 9, "contractor": 2}).told
        {'candidate': 12, 'other': 11}
        """
        kinds = dict(sorted(self.outside.items(), key=lambda kind: (-kind[1], kind[0])))
        rest = kinds.pop(REST, 0) + sum(n for n in kinds.values() if n < FEWEST)
        kinds = {kind: n for kind, n in kinds.items() if n >= FEWEST}
        while 0 < rest < FEWEST and kinds:
            rest += kinds.popitem()[1]
        return {**kinds, **({REST: rest} if rest >= FEWEST else {})}

    @property
    def rate(self) -> float | None:
        """Share of the people in scope who answered; None where nothing tells who could be asked.

        Who was employed on another day, or has left on a day that nobody knows, may not have been there to answer.
        """
        known = self.employed and self.counted_on is None
        return self.asked / self.scope if self.asked and known else None

    @property
    def apart(self) -> bool:
        """Whether people in scope and others may be counted apart: a difference of a few people gives them away."""
        return not 0 < self.answered - self.asked < FEWEST


def population_of(opened: OpenStudy, wave: str) -> Population:
    """The people of a wave; those in scope were employed on its day, where dates are known."""
    counted = people_counted(opened, wave)
    if not opened.store.has("people"):
        answered = len(counted[ANSWERED])
        return Population(answered, answered, answered, {})
    _, day = employed_on_its_day(opened, wave)
    outside = {kind.removeprefix(OUTSIDE): len(own) for kind, own in counted.items() if kind.startswith(OUTSIDE)}
    employed = day is not None or not _some_left(opened)
    instead = day if day is not None and wave not in wave_dates(opened) else None
    scope, asked, answered = (len(counted[kind]) for kind in (SCOPE, ASKED, ANSWERED))
    return Population(scope, asked, answered, outside, employed, instead, day)


#: Whom the numbers of a wave count: in scope, who of them answered, who did not, all who answered; others by relation.
SCOPE, ASKED, SILENT, ANSWERED, OUTSIDE = "in scope", "who answered", "who did not", "all who answered", "outside "


def people_counted(opened: OpenStudy, wave: str) -> dict[str, frozenset[str]]:
    """Everybody whom the numbers of a wave count, by number."""
    answered = frozenset(took_part(opened, wave))
    if not opened.store.has("people"):
        return {ANSWERED: answered}
    people, (here, _) = opened.store.read("people"), employed_on_its_day(opened, wave)
    scope = frozenset(here["person"])
    relations = people.drop_duplicates("person", keep="last").set_index("person")["relation"]
    kinds = {person: f"{OUTSIDE}{relations.get(person, REST)}" for person in answered - scope}
    others = {kind: frozenset(one for one, own in kinds.items() if own == kind) for kind in sorted(set(kinds.values()))}
    return {SCOPE: scope, ASKED: scope & answered, SILENT: scope - answered, ANSWERED: answered, **others}


def took_part(opened: OpenStudy, wave: str) -> set[str]:
    """Who answered in this wave: about needs, where segments were looked for."""
    store = opened.store
    responses = store.read("responses") if store.has("responses") else pd.DataFrame({"wave": [], "person": []})
    answered = set(responses.loc[responses["wave"] == wave, "person"])
    if store.has("assignments"):  # who answered nothing about needs took no part, where segments were looked for
        assigned = store.read("assignments")
        answered &= set(assigned.loc[assigned["wave"] == wave, "person"]) or answered
    return answered


def employed_on_its_day(opened: OpenStudy, wave: str) -> tuple[pd.DataFrame, dt.date | None]:
    """HR's rows of the people employed on a wave's day, and that day; of all employees where nobody has dates."""
    here, dated = _employed(opened.store.read("people"), day := wave_day(opened, wave))
    return here, day.date() if dated and day is not None else None


def _employed(people: pd.DataFrame, day: pd.Timestamp | None) -> tuple[pd.DataFrame, bool]:
    """The rows of people employed on a day, their last one included; of all employees where no dates say it."""
    here = people[people["relation"] == Relation.EMPLOYEE]
    if day is None or not here["start_date"].notna().any():
        return here, False
    return here[(here["start_date"] <= day) & ~(here["end_date"] < day)], True


def _some_left(opened: OpenStudy) -> bool:
    """Whether people on the list have left on a day that nobody knows: only that they did, or how long they stayed."""
    outcome = opened.config.outcome
    if outcome is None or outcome.kind == OutcomeKind.SPELLS or outcome.meaning == "intention":
        return False
    return not opened.store.has("spells") or bool(opened.store.read("spells")["cause"].notna().any())


def wave_day(opened: OpenStudy, wave: str) -> pd.Timestamp | None:
    """The day of a wave: when it was answered, else the end of the observation window."""
    found = wave_dates(opened).get(wave)
    if found is not None:
        return found
    outcome = opened.config.outcome
    return pd.Timestamp(outcome.window.end) if outcome is not None and outcome.window is not None else None


def of_staff(seen: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """The rows of an outcome without candidates and contractors who are nothing else: nobody leaves when they go.

    >>> people = pd.DataFrame({"person": ["a", "b"], "relation": ["employee", "contractor"]})
    >>> of_staff(pd.DataFrame({"person": ["a", "b", "c"]}), people)["person"].tolist()
    ['a', 'c']
    """
    others = set(people["person"]) - set(people.loc[people["relation"].isin(STAFF), "person"])
    return seen[~seen["person"].isin(others)]


def of_employed(asked: pd.DataFrame, people: pd.DataFrame, days: Mapping[str, pd.Timestamp]) -> pd.DataFrame:
    """The answers of people who were employed on the day of their wave; of all employees where that has no dates.

    Nobody else can intend to leave: a candidate, a contractor, who has left, and who is not on HR's list.

    >>> people = pd.DataFrame({"person": ["a", "b"], "relation": ["employee", "alumnus"], "start_date": pd.NaT})
    >>> of_employed(pd.DataFrame({"person": ["a", "b", "c"]}), people, {})["person"].tolist()
    ['a']
    """
    waves = asked["wave"].astype(str) if "wave" in asked else pd.Series("", index=asked.index)
    kept = [
        rows.index[rows["person"].isin(_employed(people, days.get(wave))[0]["person"])]
        for wave, rows in asked.groupby(waves, sort=False)
    ]
    return asked.loc[[at for one in kept for at in one]].sort_index()


def knows_everyone(opened: OpenStudy) -> bool:
    """Whether HR's list of people is a list of its own, so that a response rate means something."""
    people = opened.config.sources.people
    return people is not None and all(people.file != source.file for source in opened.config.sources.responses)


def asked_by_group(opened: OpenStudy, wave: str) -> pd.Series | None:
    """The group of everyone who could answer in this wave, by person, as ``experience.response_by`` names it.

    None where nobody knows who could, or where HR's list has no such attribute that may describe people.
    """
    source, name = opened.config.sources.people, opened.config.experience.response_by
    attribute = source.attributes.get(name) if source is not None else None
    told = attribute is not None and attribute.purpose == Purpose.PROFILE and attribute.type != "number"
    if not told or not knows_everyone(opened) or population_of(opened, wave).rate is None:
        return None
    here, _ = employed_on_its_day(opened, wave)
    return without_rare(here.drop_duplicates("person", keep="last").set_index("person")[name])


def without_rare(groups: pd.Series) -> pd.Series:
    """The group of everybody, and nothing for those in one of fewer than five: its name could be somebody's own.

    A row that stays hidden is named all the same, and nobody needs a row that no figure will ever stand in.

    >>> without_rare(pd.Series(["Care"] * 5 + ["A. Jansen"])).isna().tolist()
    [False, False, False, False, False, True]
    """
    return groups.where(groups.map(groups.value_counts()) >= FEWEST)
