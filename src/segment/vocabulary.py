"""The words this project uses: one spelling for each, shared by every room."""

from __future__ import annotations

from enum import StrEnum


class Relation(StrEnum):
    """What a person is to the organisation."""

    EMPLOYEE = "employee"
    CANDIDATE = "candidate"
    CONTRACTOR = "contractor"
    ALUMNUS = "alumnus"


class EndReason(StrEnum):
    """Why an employment spell ended; ``left`` where nobody said why."""

    VOLUNTARY = "voluntary"
    INVOLUNTARY = "involuntary"
    OTHER = "other"
    LEFT = "left"


class Purpose(StrEnum):
    """What an attribute may be used for; protected attributes are ``audit`` only."""

    MODEL = "model"
    PROFILE = "profile"
    AUDIT = "audit"


class OutcomeKind(StrEnum):
    """What the retention model can see of staying and leaving."""

    SPELLS = "spells"
    DURATION = "duration"
    HORIZON = "horizon"


class Weighing(StrEnum):
    """How a table counts people in a weighted study: by weight, parts not (everyone, exits, order), or each once."""

    ALL = "weighted"
    SEGMENTS = "segments"
    EXITS = "exits"
    PRIORITY = "priority"
    NONE = "unweighted"


class DataKind(StrEnum):
    """Whose data these are; personal data need a pseudonym key and governance."""

    PERSONAL = "personal"
    PUBLIC = "public"
    SIMULATED = "simulated"


class Severity(StrEnum):
    """How much a finding matters: an error stops the study, a warning is shown, a note is kept."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Language(StrEnum):
    """The languages of what HR reads."""

    NL = "nl"
    EN = "en"


class World(StrEnum):
    """The simulated worlds: what really groups the people."""

    NEEDS = "needs"
    DEPARTMENTS = "departments"
    NONE = "none"
    GRADIENT = "gradient"
    STYLE = "style"


class ItemKind(StrEnum):
    """What a survey item asks; the kinds of the codebook."""

    IMPORTANCE = "importance"
    EXPERIENCE = "experience"
    RANK = "rank"
    PROMISED = "promised"
    KEPT = "kept"
    PROMISE_TRUST = "promise_trust"
    OVERPROMISE = "overpromise"
    OWN_CONTRIBUTION = "own_contribution"
    EMPLOYER_ASK = "employer_ask"
    BALANCE = "balance"
    TALK = "talk"
    FIT_NOW = "fit_now"
    FIT_FUTURE = "fit_future"
    MOMENT = "moment"
    MOMENT_PICK = "moment_pick"
    ENGAGEMENT = "engagement"
    PRIDE = "pride"
    BELONGING = "belonging"
    RELATIONSHIP = "relationship"
    STAY = "stay"
    ENPS = "enps"
    REFERRAL = "referral"
    REPUTATION = "reputation"
    RECRUITMENT = "recruitment"
    WISH = "wish"
    DREAM = "dream"
    SURVEY_TRUST = "survey_trust"
    PERSONALISE_OPTIN = "personalise_optin"


#: The seven Rs of the relationship with the employer, as the codebook spells them (Dutch) and in English.
SEVEN_RS: dict[str, str] = {
    "Relatie": "Relationship",
    "Relevantie": "Relevance",
    "Reputatie": "Reputation",
    "Recruitment": "Recruitment",
    "Retentie": "Retention",
    "Recommendation": "Recommendation",
    "Referral": "Referral",
}

#: The stages of a study, in their order.
STAGES: tuple[str, ...] = ("prepare", "discover", "retain", "relate", "personalise", "publish")
