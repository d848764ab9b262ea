"""The planted answer: what is really true of a simulated organisation, in one place.

Every number here is a choice of ours, made so that the answer can be found with about 2,000 answers; the
population follows the yardstick of the segmentation benchmark: needs in "need units" (a person's importance of
a need relative to their other needs), items with loadings, intercepts and noise on a scale of 1 to 5.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

#: The eight needs of the default questionnaire with their names.
NEEDS: dict[str, tuple[str, str]] = {
    "PAY": ("Beloning", "Pay"),
    "SEC": ("Zekerheid", "Security"),
    "SOC": ("Verbondenheid", "Belonging"),
    "GRO": ("Ontwikkeling", "Growth"),
    "AUT": ("Autonomie", "Autonomy"),
    "MEA": ("Zingeving", "Meaning"),
    "REC": ("Waardering", "Recognition"),
    "EAS": ("Werkgemak", "Ease of work"),
}

#: Share of each planted segment, largest first.
SEGMENT_SHARES: tuple[float, ...] = (0.35, 0.25, 0.20, 0.12, 0.08)

#: Mean need positions per segment (rows) over ``NEEDS`` (columns), need units; each row sums to zero, because
#: only what a person finds more important than their other needs can be told from how they use the scale.
SEGMENT_MEANS: np.ndarray = np.array(
    [
        [1.23, 1.12, -0.22, -0.9, -0.45, -0.67, -0.22, 0.11],
        [-0.34, -0.9, -0.22, 1.46, 0.22, 0.34, 0.22, -0.78],
        [-0.56, 0.11, 1.34, -0.56, -0.78, 0.11, 0.9, -0.56],
        [-0.11, -0.56, -0.78, 0.0, 1.67, -0.22, -0.67, 0.67],
        [-1.23, -0.45, 0.22, 0.22, 0.11, 1.81, -0.34, -0.34],
    ]
)

#: Direction of the ``gradient`` world: from "pay and security" to "growth and meaning".
GRADIENT: np.ndarray = np.array([-0.5, -0.45, 0.0, 0.55, 0.2, 0.4, 0.05, -0.25])

#: What the organisation gives and what it promises, per need, in need units (promise above gift: a broken promise).
OFFERED: np.ndarray = np.array([0.2, 0.4, 0.5, -0.8, 0.1, 0.3, -0.2, -0.4])
PROMISED: np.ndarray = np.array([0.3, 0.4, 0.4, 0.5, 0.2, 0.4, 0.1, 0.0])

#: Departments with their share of the people, and the profile each follows in the ``departments`` world.
DEPARTMENTS: dict[str, tuple[float, int]] = {
    "Operations": (0.15, 0),
    "Logistics": (0.12, 0),
    "Care": (0.11, 2),
    "Customer service": (0.10, 2),
    "Maintenance": (0.09, 0),
    "Sales": (0.08, 1),
    "IT": (0.08, 3),
    "Research": (0.07, 1),
    "Finance": (0.07, 1),
    "Planning": (0.04, 3),
    "Communication": (0.05, 4),
    "People": (0.04, 4),
}

FUNCTIONS: tuple[str, ...] = ("Operator", "Technician", "Advisor", "Specialist", "Support", "Manager")
LOCATIONS: tuple[str, ...] = ("North", "East", "South", "West")
SOURCES: tuple[str, ...] = ("website", "referral", "agency", "campus", "network")

#: Style groups of the ``style`` world: share, shift of the level, stretch about the middle of the scale.
STYLE_GROUPS: tuple[tuple[float, float, float], ...] = ((0.40, -0.8, 0.75), (0.35, 0.0, 1.0), (0.25, 0.9, 1.4))


@dataclass(frozen=True)
class Effects:
    """Effects on the log of the monthly hazard; the planted truth of leaving.

    ``hazard_c(month) = exp(base_c + effects)``; ``P(leave in a month) = 1 - exp(-sum_c hazard_c)`` (grouped-time
    proportional hazards, Prentice and Gloeckler 1978). The tenure curve is a step function: ``tenure_steps[i]``
    holds up to and including ``tenure_edges[i]`` months, the last step for ever after.

    Parameters
    ----------
    voluntary_base, involuntary_base, other_base
        Log of the monthly hazard of each cause where nothing else counts.
    unmet, broken
        Per point, as means over needs: of importance above experience, and of what was promised above it.
    tenure_edges, tenure_steps
        The tenure curve of leaving by choice: last months of its steps, and their heights.
    temporary_voluntary, temporary_involuntary
        Of a temporary contract.
    temporary_months
        Tenure in months up to which a contract may be temporary.
    referral, agency
        Of having been hired so.
    performance
        Of one standard deviation of performance, on being let go.
    probation, probation_months
        Of the first months, on being let go, and how many they are.
    reorganised, reorganisation_months, reorganisation
        Departments that are reorganised, first and last month of it since the window began, and its effect on
        being let go.
    contract_end
        Of a temporary contract that ends.
    retirement_age, retirement
        From which age on people retire, and the effect of having reached it.

    Examples
    --------
    >>> Effects(unmet=0.0).unmet, Effects().tenure_edges
    (0.0, (12, 36, 84, 180))
    """

    voluntary_base: float = -5.15
    unmet: float = 2.5
    broken: float = 1.2
    tenure_edges: tuple[int, ...] = (12, 36, 84, 180)
    tenure_steps: tuple[float, ...] = (0.7, 0.35, 0.0, -0.4, -0.8)
    temporary_voluntary: float = 0.3
    temporary_months: int = 24
    referral: float = -0.3
    agency: float = 0.35
    involuntary_base: float = -6.3
    performance: float = -0.55
    temporary_involuntary: float = 0.7
    probation: float = 0.5
    probation_months: int = 12
    reorganised: tuple[str, ...] = ("Logistics", "Finance")
    reorganisation_months: tuple[int, int] = (30, 34)
    reorganisation: float = 1.8
    other_base: float = -7.8
    contract_end: float = 3.0
    retirement_age: float = 66.5
    retirement: float = 6.0


@dataclass(frozen=True)
class Planted:
    """All planted parameters of one simulated organisation.

    Parameters
    ----------
    separation
        Factor of the distances between segments.
    leaving_effect
        Factor of the effects of unmet needs and broken promises.
    within_sd, within_correlation
        Of needs within a segment.
    need_persistence
        Correlation of a need with itself a wave later.
    segment_change
        Chance that a person is in another segment a wave later.
    experience_sd, experience_correlation, experience_persistence
        Of what people experience of each need: spread, correlation between needs and from wave to wave.
    department_experience_sd
        Spread between departments of what is experienced.
    promise_sd
        Spread of what was promised.
    acquiescence, extremity
        Standard deviations of a person's shift in points of the scale, and of the logarithm of their stretch
        about its middle.
    intercept, intercept_sd
        Of an item: mean answer and its spread over items.
    loading
        Least and greatest loading of an item on its need.
    importance_noise, noise
        Standard deviation of what an answer holds beside the need, for importance and for other items.
    response_rate
        Share of those invited who answer, 0 to 1.
    missing
        Share of single answers that are left out, 0 to 1.
    straight_liners, break_off
        Shares of people who give one answer throughout, and who stop midway.

    Examples
    --------
    >>> Planted(separation=0.5).separation, Planted().segment_change
    (0.5, 0.06)
    """

    separation: float = 1.0
    leaving_effect: float = 1.0
    within_sd: float = 0.45
    within_correlation: float = 0.3
    need_persistence: float = 0.9
    segment_change: float = 0.06
    experience_sd: float = 0.6
    experience_correlation: float = 0.35
    experience_persistence: float = 0.8
    department_experience_sd: float = 0.25
    promise_sd: float = 0.4
    acquiescence: float = 0.5
    extremity: float = 0.2
    intercept: float = 3.4
    intercept_sd: float = 0.45
    loading: tuple[float, float] = (0.65, 1.05)
    importance_noise: float = 0.9
    noise: float = 0.8
    response_rate: float = 0.70
    missing: float = 0.05
    straight_liners: float = 0.03
    break_off: float = 0.03
    effects: Effects = Effects()

    def as_dict(self) -> dict[str, object]:
        """All parameters as plain values, for a record beside the data."""
        return asdict(self)


#: Mean and spread of a person's unmet need and broken promise in the ``needs`` world, need units: measured once,
#: used to centre the effects above so that the base is the hazard of a typical person.
UNMET_CENTRE, UNMET_SPREAD = 0.35, 0.21
BROKEN_CENTRE, BROKEN_SPREAD = 0.39, 0.24
