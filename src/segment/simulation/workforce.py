"""The people of a simulated organisation: who is there when observation begins, who comes, who goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segment.simulation.leaving import PAST, VOLUNTARY, WINDOW, Circumstances, still_there, walk_careers
from segment.simulation.minds import Mind, Needscape, draw_first_year, draw_groups, join_minds, live_on
from segment.simulation.planted import DEPARTMENTS, FUNCTIONS, LOCATIONS, SOURCES, Planted
from segment.simulation.streams import Streams

_HOURS = np.array([16, 20, 24, 28, 32, 36, 40])
_REHIRED = 0.06
_BATCH = 4000


@dataclass(frozen=True)
class Workforce:
    """Employment spells: one row per spell.

    Attributes
    ----------
    person
        Position of the person in ``mind``; a rehired person has two rows.
    spell
        1, or 2 after coming back.
    start, last, cause
        Months relative to the window's first month, and why it ended (see ``leaving.walk_careers``).
    facts
        One row per spell: the columns of ``draw_facts``.
    mind
        One row per person.
    """

    person: np.ndarray
    spell: np.ndarray
    start: np.ndarray
    last: np.ndarray
    cause: np.ndarray
    facts: pd.DataFrame
    mind: Mind

    def in_service(self, month: int) -> np.ndarray:
        """Return the rows of everyone in service on the first day of ``month``, one row per person."""
        return np.flatnonzero((self.start < month) & (self.last >= month))


def circumstances_of(facts: pd.DataFrame) -> Circumstances:
    """Return the part of ``facts`` that hazards depend on."""
    return Circumstances(
        department=facts["department"].to_numpy(),
        source=facts["source"].to_numpy(),
        temporary=facts["temporary"].to_numpy(),
        performance=facts["performance"].to_numpy(),
        birth_month=facts["birth_month"].to_numpy(),
    )


def draw_facts(
    department: np.ndarray, start: np.ndarray, mixture: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw what an HR system knows of people hired in month ``start``; one row per person.

    ``mixture`` (departments, functions) holds each department's shares of functions. Columns: department,
    function, location and source as positions in the planted lists; hours a week; salary_band 1..8;
    manager_span (people under the same manager); performance 1..5; temporary at hiring; birth_month; sex.
    """
    n_people = len(department)
    function = (rng.random((n_people, 1)) > mixture.cumsum(axis=1)[department]).sum(axis=1)
    function = np.minimum(function, len(FUNCTIONS) - 1)
    years = np.minimum(19.0 + rng.gamma(2.2, 6.0, n_people), 60.0)
    worked = np.maximum(0.0, years + np.maximum(0, -start) / 12 - 22)
    level = np.array([1.0, 1.8, 2.6, 3.2, 1.4, 4.2])[function]
    salary = np.clip(np.rint(level + 0.08 * worked + rng.normal(0.0, 0.7, n_people)), 1, 8)
    return pd.DataFrame(
        {
            "department": department,
            "function": function,
            "location": rng.choice(len(LOCATIONS), n_people, p=[0.35, 0.25, 0.25, 0.15]),
            "source": rng.choice(len(SOURCES), n_people, p=[0.35, 0.20, 0.15, 0.15, 0.15]),
            "hours": rng.choice(_HOURS, n_people, p=[0.05, 0.08, 0.12, 0.10, 0.20, 0.25, 0.20]),
            "salary_band": salary.astype(int),
            "manager_span": 4 + rng.poisson(8.0, n_people),
            "performance": rng.choice([1, 2, 3, 4, 5], n_people, p=[0.05, 0.15, 0.45, 0.27, 0.08]),
            "temporary": rng.random(n_people) < 0.45,
            "birth_month": start - np.rint(12 * years).astype(int),
            "sex": rng.choice(["female", "male", "not stated"], n_people, p=[0.515, 0.475, 0.01]),
        }
    )


def staff_organisation(people: int, scape: Needscape, planted: Planted, streams: Streams) -> Workforce:
    """Staff an organisation and let it live through the window.

    ``people`` are employed when the window opens, as the survivors of everyone hired over the thirty years
    before, in each segment's planted share; new people are hired at the rate at which those were, so that the
    organisation keeps its size; 6 % of those who quit early enough come back for a second spell.
    """
    mixture = streams.of("setting", 1).dirichlet(np.full(len(FUNCTIONS), 2.0), len(DEPARTMENTS))
    incumbents, arrivals = _find_incumbents(people, scape, planted, mixture, streams.of("incumbents"))
    hires = _hire(arrivals, scape, planted, mixture, streams.of("hires"))
    mind = join_minds([incumbents[0], hires[0]])
    facts = pd.concat([incumbents[1], hires[1]], ignore_index=True)
    start = np.concatenate([incumbents[2], hires[2]])
    last, cause = walk_careers(planted, mind, circumstances_of(facts), start, streams.of("careers"))
    first = Workforce(np.arange(len(start)), np.ones(len(start), dtype=int), start, last, cause, facts, mind)
    return _take_back(first, planted, streams.of("rehires"))


_Group = tuple[Mind, pd.DataFrame, np.ndarray]


def _find_incumbents(
    people: int, scape: Needscape, planted: Planted, mixture: np.ndarray, rng: np.random.Generator
) -> tuple[_Group, np.ndarray]:
    """Return those employed when the window opens, and per segment how many are hired in a month."""
    quota = _round_to(people, scape.shares)
    hired, found = np.zeros(len(quota)), np.zeros(len(quota))
    groups: list[_Group] = []
    while (found < quota).any():
        n_hired = max(_BATCH, 4 * people)
        segment, department = draw_groups(scape, scape.shares, n_hired, rng)
        start = -rng.integers(1, PAST + 1, n_hired)
        mind = draw_first_year(scape, planted, segment, department, rng)
        facts = draw_facts(department, start, mixture, rng)
        stays = np.flatnonzero(still_there(planted, mind, circumstances_of(facts), start, rng))
        hired += np.bincount(segment, minlength=len(quota))
        found += np.bincount(segment[stays], minlength=len(quota))
        groups.append((mind.take(stays), facts.iloc[stays], start[stays]))
    mind, start = join_minds([group[0] for group in groups]), np.concatenate([group[2] for group in groups])
    facts = pd.concat([group[1] for group in groups], ignore_index=True)
    rows = np.concatenate([np.flatnonzero(mind.segment[0] == s)[:n] for s, n in enumerate(quota)])
    facts = facts.iloc[rows].reset_index(drop=True)
    aged = live_on(scape, planted, mind.take(rows), facts["department"].to_numpy(), rng)
    return (aged, facts, start[rows]), quota / found * hired / PAST


def _hire(
    arrivals: np.ndarray, scape: Needscape, planted: Planted, mixture: np.ndarray, rng: np.random.Generator
) -> _Group:
    """Return the people hired during the window; ``arrivals``: expected per segment and month."""
    n_hired = int(rng.poisson(arrivals.sum() * WINDOW))
    segment, department = draw_groups(scape, arrivals, n_hired, rng)
    start = rng.integers(0, WINDOW, n_hired)
    mind = draw_first_year(scape, planted, segment, department, rng)
    return live_on(scape, planted, mind, department, rng), draw_facts(department, start, mixture, rng), start


def _take_back(first: Workforce, planted: Planted, rng: np.random.Generator) -> Workforce:
    """Let some who quit come back for a second spell."""
    back = first.last + rng.integers(4, 19, len(first.last))
    returns = (first.cause == VOLUNTARY) & (back < WINDOW - 2) & (rng.random(len(back)) < _REHIRED)
    rows = np.flatnonzero(returns)
    facts = first.facts.iloc[rows].assign(temporary=False, source=len(SOURCES))
    last, cause = walk_careers(planted, first.mind.take(rows), circumstances_of(facts), back[rows], rng)
    return replace(
        first,
        person=np.concatenate([first.person, rows]),
        spell=np.concatenate([first.spell, np.full(len(rows), 2)]),
        start=np.concatenate([first.start, back[rows]]),
        last=np.concatenate([first.last, last]),
        cause=np.concatenate([first.cause, cause]),
        facts=pd.concat([first.facts, facts], ignore_index=True),
    )


def _round_to(total: int, shares: np.ndarray) -> np.ndarray:
    """Round shares of ``total`` to whole people that add up (largest remainders)."""
    exact = total * shares / shares.sum()
    whole: np.ndarray = np.floor(exact).astype(int)
    rest = np.argsort(whole - exact, kind="stable")[: total - whole.sum()]
    whole[rest] += 1
    return whole
