"""What surrounds the people: the employer's form, roles with what they offer and ask, results of departments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.simulation.answers import Wave
from segment.simulation.planted import DEPARTMENTS, LOCATIONS, NEEDS, OFFERED, PROMISED
from segment.vocabulary import Relation

_ROLES: tuple[tuple[str, str, str, str, str], ...] = (
    ("shift_lead", "Operations", "Manager", "Teamleider ploeg", "Shift lead"),
    ("planner", "Logistics", "Support", "Planner", "Planner"),
    ("care_coach", "Care", "Advisor", "Begeleider zorg", "Care coach"),
    ("service_agent", "Customer service", "Support", "Medewerker klantcontact", "Service agent"),
    ("field_engineer", "Maintenance", "Technician", "Monteur buitendienst", "Field engineer"),
    ("account_advisor", "Sales", "Advisor", "Adviseur verkoop", "Account advisor"),
    ("developer", "IT", "Specialist", "Ontwikkelaar", "Developer"),
    ("researcher", "Research", "Specialist", "Onderzoeker", "Researcher"),
    ("controller", "Finance", "Specialist", "Controller", "Controller"),
    ("people_advisor", "People", "Advisor", "Adviseur mens en werk", "People advisor"),
)


def fill_employer_form() -> pd.DataFrame:
    """Return the employer's form: one row per need.

    Columns: need; promised and offered, 1..5 (how much the organisation promises and gives of it); nl, en.
    """
    names = list(NEEDS.values())
    return pd.DataFrame(
        {
            "need": list(NEEDS),
            "promised": _to_scale(PROMISED),
            "offered": _to_scale(OFFERED),
            "nl": [dutch for dutch, _ in names],
            "en": [english for _, english in names],
        }
    )


def list_offers(climate: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return open roles: one row per role, what it offers and what it asks.

    Columns: role; department; function; location; for (who it is open to: candidate or contractor); offer_<need>
    1..5 per need; ask_hours (a week); ask_contribution 1..5 (comparable with what people say they give); nl; en.
    ``climate`` (departments, needs) is what departments give beyond the organisation, need units.
    """
    departments = list(DEPARTMENTS)
    places = [departments.index(department) for _, department, *_ in _ROLES]
    gives = OFFERED + climate[places] + rng.normal(0.0, 0.6, (len(_ROLES), len(NEEDS)))
    open_to = np.where(np.arange(len(_ROLES)) % 3 == 2, Relation.CONTRACTOR, Relation.CANDIDATE)
    table = pd.DataFrame(_ROLES, columns=["role", "department", "function", "nl", "en"])
    table["location"] = rng.choice(np.array(LOCATIONS, dtype=object), len(_ROLES))
    table["for"] = [str(relation) for relation in open_to]
    for need, column in zip(NEEDS, gives.T, strict=True):
        table[f"offer_{need}"] = _to_scale(column)
    table["ask_hours"] = rng.choice([24, 32, 36, 40], len(_ROLES))
    table["ask_contribution"] = rng.choice([3, 4, 4, 5], len(_ROLES))
    asked = ["role", "department", "function", "location", "for", *(f"offer_{need}" for need in NEEDS)]
    return table[[*asked, "ask_hours", "ask_contribution", "nl", "en"]]


def report_units(wave: Wave, rng: np.random.Generator) -> pd.DataFrame:
    """Return results of departments in a wave: one row per department.

    Columns: department; wave; n (employees in service); customer_score 1..10, which rises by 0.4 per standard
    deviation of its employees' mean fit between needs and experience; absence_rate in percent, which falls by
    0.8. A department without employees has no row.
    """
    staff = wave.present[wave.present["relation"] == Relation.EMPLOYEE]
    by_department = staff.groupby("department")["fit"].agg(["size", "mean"])
    centred = by_department["mean"] - by_department["mean"].mean()
    spread = centred.std(ddof=0)
    standing = (centred / spread if spread > 0 else centred * 0.0).to_numpy()
    noise = rng.normal(0.0, 1.0, (2, len(DEPARTMENTS)))[:, by_department.index]
    return pd.DataFrame(
        {
            "department": np.array(list(DEPARTMENTS), dtype=object)[by_department.index],
            "wave": wave.label,
            "n": by_department["size"].to_numpy(),
            "customer_score": np.clip(7.4 + 0.4 * standing + 0.25 * noise[0], 1.0, 10.0).round(1),
            "absence_rate": np.clip(5.2 - 0.8 * standing + 0.5 * noise[1], 0.0, None).round(1),
        }
    )


def _to_scale(units: np.ndarray) -> np.ndarray:
    """Return need units as a level 1..5."""
    level: np.ndarray = np.clip(np.rint(3.2 + 2.0 * units), 1, 5).astype(int)
    return level
