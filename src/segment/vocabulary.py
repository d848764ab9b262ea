"""The words this project uses: one spelling for each, shared by every room."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

#: The longest that anybody works anywhere, in months: seventy years.
LONGEST_TENURE = 840.0

#: A month where only its average length matters.
DAYS_PER_MONTH = 365.2425 / 12


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


#: What each kind of item asks.
ITEM_KINDS: dict[ItemKind, str] = {
    ItemKind.IMPORTANCE: "how important something is to the person",
    ItemKind.EXPERIENCE: "how far it is true of the work as it is",
    ItemKind.RANK: "the place of a need in an order of needs",
    ItemKind.PROMISED: "how much the employer promised",
    ItemKind.KEPT: "how far that promise was kept",
    ItemKind.PROMISE_TRUST: "trust that promises will be kept",
    ItemKind.OVERPROMISE: "whether more was promised at hiring than was kept",
    ItemKind.OWN_CONTRIBUTION: "what the person gives",
    ItemKind.EMPLOYER_ASK: "what the employer asks",
    ItemKind.BALANCE: "whether giving and getting are in balance",
    ItemKind.TALK: "whether expectations are talked about",
    ItemKind.FIT_NOW: "how the work fits the person now",
    ItemKind.FIT_FUTURE: "how it will fit in two years",
    ItemKind.MOMENT: "how a moment of the journey was lived",
    ItemKind.MOMENT_PICK: "which moment weighed most",
    ItemKind.ENGAGEMENT: "engagement",
    ItemKind.PRIDE: "pride in the employer",
    ItemKind.BELONGING: "belonging",
    ItemKind.RELATIONSHIP: "the relationship with the employer",
    ItemKind.STAY: "the wish to stay, or to leave",
    ItemKind.ENPS: "how likely the person is to recommend the employer, 0 to 10",
    ItemKind.REFERRAL: "whether the person brought somebody in",
    ItemKind.REPUTATION: "what is thought of the employer",
    ItemKind.RECRUITMENT: "whether the picture at hiring was honest",
    ItemKind.WISH: "a wish that was picked from a list",
    ItemKind.DREAM: "an open question about what the person dreams of",
    ItemKind.SURVEY_TRUST: "trust that answers are handled with care",
    ItemKind.PERSONALISE_OPTIN: "whether the person wants a card of their own",
}

#: Status of a row about something that a study did not measure.
NOT_MEASURED = "not measured"

#: What stands for the wave where there was no survey and nothing is dated.
UNDATED = "all"

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

#: The families of models that can describe segments: every module of `segments/families/` is one, and is called so.
FAMILY_NAMES: tuple[str, ...] = tuple(
    sorted(
        file.stem
        for file in (Path(__file__).parent / "segments" / "families").glob("*.py")
        if not file.stem.startswith("_")
    )
)
