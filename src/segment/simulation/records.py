"""Records of simulated people: the HR system's export, and the truth that no organisation has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.simulation.answers import Wave
from segment.simulation.leaving import INVOLUNTARY, OTHER, STAYED, VOLUNTARY, WINDOW
from segment.simulation.planted import DEPARTMENTS, FUNCTIONS, LOCATIONS, NEEDS, SOURCES
from segment.simulation.population import NEVER, Population
from segment.vocabulary import EndReason, Relation

#: The observation window: five years, first and last day.
WINDOW_START, WINDOW_END = "2021-01-01", "2025-12-31"
_REASONS = {VOLUNTARY: EndReason.VOLUNTARY, INVOLUNTARY: EndReason.INVOLUNTARY, OTHER: EndReason.OTHER}
_UNKNOWN_SALARY, _UNKNOWN_SOURCE = 0.02, 0.04


def label_of(month: int) -> str:
    """Return the year and month, ``YYYY-MM``, of a month of the window.

    Examples
    --------
    >>> label_of(26)
    '2023-03'
    """
    return str(np.datetime64(WINDOW_START, "M") + month)


def export_people(population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """Return the HR system's export: one row per person and spell, in the order of their numbers.

    Columns: person_id; relation; start_date, end_date (ISO, NaN without a spell or while still there);
    end_reason; department; function; location; contract (permanent, temporary, external) and age (years), both
    on the later of the start date and the window's first day; hours a week; salary_band 1..8; manager_span
    (people under the same manager); performance 1..5 (last rating before observation, or the assessment on
    entry); hiring_source; sex.
    """
    spells = population.spells
    who, start, last = (spells[name].to_numpy() for name in ("person", "start", "last"))
    relation = population.relation[who]
    entry = np.where(start == NEVER, 0, np.maximum(start, 0))
    has_spell, ended = start != NEVER, spells["cause"].to_numpy() != STAYED
    inside = np.isin(relation, [str(Relation.EMPLOYEE), str(Relation.CONTRACTOR)])
    early = spells["temporary"].to_numpy() & (entry - start <= 24)
    contract = np.where(early, "temporary", "permanent").astype(object)
    contract[relation == Relation.CONTRACTOR] = "external"
    salary = spells["salary_band"].where((relation == Relation.EMPLOYEE) & (rng.random(len(spells)) >= _UNKNOWN_SALARY))
    source = _names((*SOURCES, "rehire"), spells["source"])
    return pd.DataFrame(
        {
            "person_id": population.person_id[who],
            "relation": relation,
            "start_date": pd.Series(_start_days(start, rng)).where(has_spell),
            "end_date": pd.Series(_end_days(last, rng)).where(has_spell & ended),
            "end_reason": spells["cause"].map({cause: str(reason) for cause, reason in _REASONS.items()}),
            "department": _names(tuple(DEPARTMENTS), spells["department"]),
            "function": _names(FUNCTIONS, spells["function"]),
            "location": _names(LOCATIONS, spells["location"]),
            "contract": pd.Series(contract, dtype="str").where(inside),
            "hours": spells["hours"].where(relation != Relation.ALUMNUS),
            "salary_band": salary,
            "manager_span": spells["manager_span"].where(inside),
            "performance": spells["performance"].where(relation == Relation.EMPLOYEE),
            "hiring_source": source.where(rng.random(len(spells)) >= _UNKNOWN_SOURCE),
            "age": (entry - spells["birth_month"].to_numpy()) // 12,
            "sex": spells["sex"].astype("str"),
        }
    ).astype({"person_id": "str", "relation": "str", "end_reason": "str"})


def tell_truth(wave: Wave, answering: np.ndarray) -> pd.DataFrame:
    """Return what was planted: one row per person who could be asked in a wave.

    Columns: person_id, wave, relation, responded; segment (0 the largest; all 0 if none is planted),
    style_group, level, stretch, straight_liner; need_<need>, experience_<need>, promised_<need> (need units);
    unmet, broken; the parts of the log hazard of quitting (hazard_base, _tenure, _unmet, _broken,
    _circumstances), and monthly_voluntary and monthly_involuntary, the hazards themselves in that month. Hazards
    are NaN for people who are not employees. A reorganisation is not in them.
    """
    present = wave.present
    parts = ["hazard_base", "hazard_tenure", "hazard_unmet", "hazard_broken", "hazard_circumstances"]
    employed = present["relation"] == Relation.EMPLOYEE
    planted = {
        f"{name}_{need}": values[:, column]
        for name, values in (("need", wave.need), ("experience", wave.experience), ("promised", wave.promised))
        for column, need in enumerate(NEEDS)
    }
    result: pd.DataFrame = pd.concat(
        [
            present[["person_id"]].assign(wave=wave.label, relation=present["relation"], responded=answering),
            present[["segment", "style_group", "level", "stretch"]],
            present["straight"].rename("straight_liner"),
            pd.DataFrame(planted),
            present[["unmet", "broken"]],
            present[parts].where(employed),
            np.exp(present[parts].sum(axis=1)).where(employed).rename("monthly_voluntary"),
            np.exp(present["hazard_involuntary"]).where(employed).rename("monthly_involuntary"),
        ],
        axis=1,
    ).astype({"person_id": "str", "relation": "str", "wave": "str"})
    return result


def _names(names: tuple[str, ...], positions: pd.Series) -> pd.Series:
    return pd.Series(np.array(names, dtype=object)[positions.to_numpy()], dtype="str")


def _start_days(month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ISO dates in each month: mostly the first day."""
    day = np.where(rng.random(len(month)) < 0.6, 0, rng.integers(1, 28, len(month)))
    return _iso(month, day)


def _end_days(month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ISO dates in each month: half of them the last day."""
    first = np.datetime64(WINDOW_START, "M") + month
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(int)
    day = np.where(rng.random(len(month)) < 0.5, length - 1, rng.integers(1, 27, len(month)))
    return _iso(month, day)


def _iso(month: np.ndarray, day: np.ndarray) -> np.ndarray:
    first = (np.datetime64(WINDOW_START, "M") + np.minimum(month, WINDOW)).astype("datetime64[D]")
    result: np.ndarray = np.datetime_as_string(first + day, unit="D").astype(object)
    return result
