"""Everyone an organisation deals with: employees by spell, contractors, candidates and alumni."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.simulation.leaving import OTHER, STAYED, WINDOW
from segment.simulation.minds import Mind, Needscape, draw_first_year, draw_groups, join_minds, live_on
from segment.simulation.planted import DEPARTMENTS, FUNCTIONS, STYLE_GROUPS, Planted
from segment.simulation.streams import Streams
from segment.simulation.workforce import Workforce, draw_facts
from segment.vocabulary import Relation, World

#: People beside the employees, as shares of the employees: in modest numbers.
_BYSTANDERS: dict[Relation, float] = {
    Relation.CONTRACTOR: 0.04,
    Relation.CANDIDATE: 0.03,
    Relation.ALUMNUS: 0.02,
}
_LETTER = {Relation.EMPLOYEE: "E", Relation.CONTRACTOR: "X", Relation.CANDIDATE: "C", Relation.ALUMNUS: "A"}
#: Start month of people without a spell; they are in no month's count of people in service.
NEVER = WINDOW + 1


@dataclass(frozen=True)
class Style:
    """How each person uses an answer scale: one row per person.

    ``level`` shifts every answer (scale points), ``stretch`` multiplies the distance from the middle, ``group``
    is the style group of the ``style`` world (0 elsewhere), ``straight`` marks those who give one answer to all.
    """

    level: np.ndarray
    stretch: np.ndarray
    group: np.ndarray
    straight: np.ndarray


@dataclass(frozen=True)
class Population:
    """All people and their spells.

    ``person_id``, ``relation``, ``style`` and ``mind`` have one row per person; ``spells`` one row per person and
    spell: person (position), spell, start, last, cause (months of the window) and the columns of ``draw_facts``.
    """

    person_id: np.ndarray
    relation: np.ndarray
    style: Style
    mind: Mind
    spells: pd.DataFrame

    def attend(self, month: int) -> pd.DataFrame:
        """Return who can be asked on the first day of ``month``: one row per person, the spell they are in.

        Employees and contractors in service, and all candidates and alumni (who have no spell).
        """
        spells = self.spells
        without = spells["start"] == NEVER
        here = (spells["start"] < month) & (spells["last"] >= month)
        return spells[here | without].reset_index(drop=True)


def populate(workforce: Workforce, world: World, scape: Needscape, planted: Planted, streams: Streams) -> Population:
    """Join employees with contractors, candidates and alumni, and give everyone a number and a style."""
    mind, facts, relation = _draw_bystanders(len(workforce.mind), workforce, scape, planted, streams)
    n_people = len(mind)
    employed = workforce.facts.assign(
        person=workforce.person,
        spell=workforce.spell,
        start=workforce.start,
        last=workforce.last,
        cause=workforce.cause,
    )
    digits = max(6, len(str(4 * n_people)))
    numbers = streams.of("identity").choice(10**digits, n_people, replace=False, shuffle=True)
    letters = pd.Series(relation).map(_LETTER).to_numpy()
    names = np.array([f"{letter}{number:0{digits}d}" for letter, number in zip(letters, numbers, strict=True)])
    order = np.argsort(numbers)
    place = np.empty(n_people, dtype=int)
    place[order] = np.arange(n_people)
    spells = pd.concat([employed, facts], ignore_index=True)
    spells = spells.assign(person=place[spells["person"]]).sort_values(["person", "spell"], ignore_index=True)
    style = _draw_style(world, planted, n_people, streams.of("style"))
    return Population(names[order], relation[order], style, mind.take(order), spells)


def _draw_bystanders(
    n_before: int, workforce: Workforce, scape: Needscape, planted: Planted, streams: Streams
) -> tuple[Mind, pd.DataFrame, np.ndarray]:
    """Return everyone's minds (employees first), the bystanders' spells, and everyone's relation."""
    rng = streams.of("bystanders")
    employed = len(workforce.in_service(0))
    counts = {relation: max(3, round(share * employed)) for relation, share in _BYSTANDERS.items()}
    relation = np.repeat(np.array([str(name) for name in counts]), list(counts.values()))
    segment, department = draw_groups(scape, scape.shares, len(relation), rng)
    first = draw_first_year(scape, planted, segment, department, rng)
    mind = live_on(scape, planted, first, department, rng)
    hired = rng.integers(-12, WINDOW - 2, len(relation))
    at_work = relation == Relation.CONTRACTOR
    known = np.where(at_work, hired, 0)
    facts = draw_facts(department, known, np.full((len(DEPARTMENTS), len(FUNCTIONS)), 1 / len(FUNCTIONS)), rng)
    last = np.maximum(hired + rng.integers(3, 37, len(relation)), 0)
    spells = facts.assign(
        temporary=True,
        person=n_before + np.arange(len(relation)),
        spell=1,
        start=np.where(at_work, hired, NEVER),
        last=np.where(at_work, np.minimum(last, WINDOW), NEVER),
        cause=np.where(at_work & (last < WINDOW), OTHER, STAYED),
    )
    everyone = np.concatenate([np.full(n_before, str(Relation.EMPLOYEE)), relation]).astype(object)
    return join_minds([workforce.mind, mind]), spells, everyone


def _draw_style(world: World, planted: Planted, n_people: int, rng: np.random.Generator) -> Style:
    """Draw how people use the scale; in the ``style`` world in three groups."""
    level = rng.normal(0.0, planted.acquiescence, n_people)
    stretch = np.exp(rng.normal(0.0, planted.extremity, n_people))
    straight = rng.random(n_people) < planted.straight_liners
    group = np.zeros(n_people, dtype=int)
    if world is World.STYLE:
        shares, shifts, stretches = (np.array(values) for values in zip(*STYLE_GROUPS, strict=True))
        group = rng.choice(len(shares), n_people, p=shares)
        level, stretch = 0.3 * level + shifts[group], stretch**0.3 * stretches[group]
    return Style(level, stretch, group, straight)
