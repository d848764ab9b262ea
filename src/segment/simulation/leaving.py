"""Why and when simulated people leave: monthly hazards of quitting, being let go, and other endings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segment.simulation.minds import YEARS, Mind
from segment.simulation.planted import BROKEN_CENTRE, DEPARTMENTS, SOURCES, UNMET_CENTRE, Effects, Planted

#: Months of the observation window; month 0 is its first.
WINDOW = 12 * YEARS
#: Months before the window from which people may still be there.
PAST = 360
STAYED, VOLUNTARY, INVOLUNTARY, OTHER = 0, 1, 2, 3


@dataclass(frozen=True)
class Circumstances:
    """What leaving depends on besides the mind: one row per person.

    ``department`` and ``source`` as positions in the planted lists, ``temporary`` at hiring, ``performance``
    1..5, ``birth_month`` relative to the window's first month.
    """

    department: np.ndarray
    source: np.ndarray
    temporary: np.ndarray
    performance: np.ndarray
    birth_month: np.ndarray


def tenure_effect(effects: Effects, tenure: np.ndarray) -> np.ndarray:
    """Return the planted effect of tenure (months) on the log hazard of quitting."""
    steps = np.array(effects.tenure_steps)
    return steps[np.searchsorted(np.array(effects.tenure_edges), tenure, side="left")]


@dataclass(frozen=True)
class Components:
    """Parts of the log hazard of quitting that do not depend on tenure, and the log hazard of being let go.

    Each array has one value per person; the hazard of quitting is
    ``exp(base + unmet + broken + circumstances + tenure)``.
    """

    unmet: np.ndarray
    broken: np.ndarray
    circumstances: np.ndarray
    involuntary: np.ndarray

    @property
    def voluntary(self) -> np.ndarray:
        """The sum of the parts, without base and tenure."""
        total: np.ndarray = self.unmet + self.broken + self.circumstances
        return total


def weigh_reasons(planted: Planted, mind: Mind, facts: Circumstances, year: int) -> Components:
    """Return what moves each person's hazards in one year of the window."""
    effects, pull = planted.effects, planted.leaving_effect
    by_source = np.zeros(len(SOURCES) + 1)
    by_source[SOURCES.index("referral")] = effects.referral
    by_source[SOURCES.index("agency")] = effects.agency
    return Components(
        unmet=pull * effects.unmet * (mind.unmet(year) - UNMET_CENTRE),
        broken=pull * effects.broken * (mind.broken(year) - BROKEN_CENTRE),
        circumstances=by_source[facts.source],
        involuntary=effects.performance * (facts.performance - 3.0),
    )


@dataclass(frozen=True)
class Baseline:
    """Monthly hazards of a typical person by contract at hiring (first axis: permanent, temporary) and tenure.

    Each array is (2, months of tenure); month 0, the month of hiring, has no exits.
    """

    voluntary: np.ndarray
    involuntary: np.ndarray
    other: np.ndarray


def baseline_of(effects: Effects) -> Baseline:
    """Return the baseline hazards for every month of tenure that can occur."""
    tenure = np.arange(PAST + WINDOW + 1)
    temporary = np.array([[0.0], [1.0]]) * (tenure <= effects.temporary_months)
    voluntary = effects.voluntary_base + tenure_effect(effects, tenure) + effects.temporary_voluntary * temporary
    probation = effects.probation * (tenure <= effects.probation_months)
    involuntary = effects.involuntary_base + probation + effects.temporary_involuntary * temporary
    other = effects.other_base + effects.contract_end * temporary * (tenure >= 6)
    after = (tenure > 0).astype(float)
    return Baseline(np.exp(voluntary) * after, np.exp(involuntary) * after, np.exp(other) * after)


def still_there(
    planted: Planted, mind: Mind, facts: Circumstances, start: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Tell who of those hired in month ``start`` (before the window, so below 0) is still there when it opens.

    ``P(still there) = exp(-sum of monthly hazards since hiring)``, with the mind of the first year. People who
    are not still there never appear in any table: that is what left truncation means.
    """
    baseline, reasons = baseline_of(planted.effects), weigh_reasons(planted, mind, facts, 0)
    lived = -start - 1
    kind = facts.temporary.astype(int)
    total = (
        np.exp(reasons.voluntary) * baseline.voluntary.cumsum(axis=1)[kind, lived]
        + np.exp(reasons.involuntary) * baseline.involuntary.cumsum(axis=1)[kind, lived]
        + baseline.other.cumsum(axis=1)[kind, lived]
    )
    young_enough = -facts.birth_month < 12 * planted.effects.retirement_age
    stays: np.ndarray = (rng.random(len(start)) < np.exp(-total)) & young_enough
    return stays


def walk_careers(
    planted: Planted, mind: Mind, facts: Circumstances, start: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Walk everyone through the window month by month.

    Returns
    -------
    (last, cause)
        ``last``: the month someone leaves (always after the month of ``start``), or ``WINDOW`` when they stay;
        ``cause``: 0 stayed, 1 voluntary, 2 involuntary, 3 other.
    """
    effects, baseline = planted.effects, baseline_of(planted.effects)
    yearly = [weigh_reasons(planted, mind, facts, year) for year in range(YEARS)]
    reorganised = np.isin(facts.department, [list(DEPARTMENTS).index(name) for name in effects.reorganised])
    first, final = effects.reorganisation_months
    kind = facts.temporary.astype(int)
    last, cause = np.full(len(start), WINDOW), np.full(len(start), STAYED)
    for month in range(WINDOW):
        chance, sort = rng.random(len(start)), rng.random(len(start))
        here = np.flatnonzero((start < month) & (last == WINDOW))
        reasons, tenure = yearly[month // 12], month - start[here]
        quits = np.exp(reasons.voluntary[here]) * baseline.voluntary[kind[here], tenure]
        fired = np.exp(reasons.involuntary[here]) * baseline.involuntary[kind[here], tenure]
        if first <= month <= final:
            fired = fired * np.where(reorganised[here], np.exp(effects.reorganisation), 1.0)
        old = month - facts.birth_month[here] >= 12 * effects.retirement_age
        ends = baseline.other[kind[here], tenure] * np.where(old, np.exp(effects.retirement), 1.0)
        total = quits + fired + ends
        goes = chance[here] < -np.expm1(-total)
        share = sort[here] * total
        why = np.where(share < quits, VOLUNTARY, np.where(share < quits + fired, INVOLUNTARY, OTHER))
        last[here[goes]], cause[here[goes]] = month, why[goes]
    return last, cause
