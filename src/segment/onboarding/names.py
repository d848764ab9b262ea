"""What names of columns say: words that HR systems and survey tools give to what a study knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from segment.ingest.sensitive import words_of

#: Whole names, as words joined by nothing, of what identifies a person: the surest first.
IDENTIFIERS = (
    "personid",
    "employeeid",
    "medewerkerid",
    "workerid",
    "externalreference",
    "externaldatareference",
    "token",
    "employeenumber",
    "personeelsnummer",
    "medewerkernummer",
    "personnelnumber",
    "staffnumber",
    "empid",
    "emplid",
    "respondentid",
    "respondent",
    "responseid",
    "participantid",
    "caseid",
    "yearid",
    "recordid",
    "pid",
    "subjectid",
    "id",
)
STARTS = (
    "startdate",
    "hiredate",
    "originalhiredate",
    "orighiredate",
    "orighiredatekey",
    "datehired",
    "dateofhire",
    "indienst",
    "datumindienst",
    "indiensttreding",
    "datumindiensttreding",
    "indienstdatum",
    "startdatum",
    "begindatum",
    "joindate",
    "entrydate",
    "employmentstart",
    "dateinservice",
    "startdatedienstverband",
)
ENDS = (
    "enddate",
    "terminationdate",
    "terminationdatekey",
    "dateterminated",
    "uitdienst",
    "datumuitdienst",
    "uitdiensttreding",
    "uitdienstdatum",
    "einddatum",
    "exitdate",
    "leavedate",
    "leavingdate",
    "dateofleaving",
    "ontslagdatum",
    "lastday",
    "employmentend",
    "einddatumdienstverband",
)
REASONS = (
    "endreason",
    "termtypedesc",
    "termtype",
    "terminationtype",
    "terminationreason",
    "reasonforleaving",
    "exitreason",
    "redenuitdienst",
    "uitdienstreden",
    "vertrekreden",
    "ontslagreden",
    "redenvertrek",
    "typeofleaving",
)
SNAPSHOTS = (
    "snapshotdate",
    "statusyear",
    "peildatum",
    "snapshot",
    "asofdate",
    "recorddate",
    "referencedate",
    "jaarmaand",
)
WAVES = ("wave", "golf", "meting", "surveywave", "meetmoment", "round", "ronde")
WEIGHTS = ("weight", "weging", "gewicht", "wegingsfactor", "postwt", "weightfactor", "surveyweight", "wt", "wgt")
#: What somebody said or did about leaving, and words that make it an intention.
LEAVING = (
    "attrition",
    "leaving",
    "turnover",
    "left",
    "leavejob",
    "vertrokken",
    "vertrek",
    "uitstroom",
    "intentiontoleave",
)
_INTENDS = ("leaving", "intention", "intend", "vertrekintentie", "leavejob", "plan")
#: Known of somebody only once they have left, and derived from dates that are there anyway.
AFTERWARDS = ("status", "employmentstatus", "termreasondesc", "termreason", "active", "terminated", "actief")
DERIVED = ("lengthofservice", "dienstjaren", "diensttijd", "seniority", "tenuredays")
#: The day of answering, the surest first.
_DAYS = (
    "recordeddate",
    "submitdate",
    "datestamp",
    "enddate",
    "completeddate",
    "completiontime",
    "datesubmitted",
    "timestamp",
    "tijdstempel",
    "tijdvanvoltooien",
    "date",
)
#: Words in names of answers on a scale, and of counts, amounts and levels that only look like them.
_ANSWERS = (
    "satisf",
    "tevred",
    "involvement",
    "engag",
    "betrokken",
    "balance",
    "balans",
    "important",
    "belangrijk",
    "agree",
    "trust",
    "vertrouw",
    "motivat",
    "motief",
    "commit",
    "happy",
    "geluk",
    "stress",
)
_AMOUNTS = frozenset(
    {
        "year",
        "years",
        "jaar",
        "jaren",
        "month",
        "months",
        "day",
        "days",
        "level",
        "niveau",
        "number",
        "num",
        "count",
        "total",
        "totaal",
        "times",
        "aantal",
        "hours",
        "uren",
        "rate",
        "rating",
        "salary",
        "salaris",
        "income",
        "inkomen",
        "loon",
        "schaal",
        "band",
        "grade",
        "educ",
        "education",
        "opleiding",
        "degree",
        "stock",
        "option",
        "distance",
        "companies",
        "children",
        "kinderen",
        "size",
        "grootte",
        "fte",
        "age",
        "leeftijd",
        "hrs",
        "duration",
        "panstat",
        "storey",
        "since",
        "span",
        "code",
        "store",
        "block",
        "trial",
    }
)
_ILL = frozenset(
    {"health", "gezondheid", "illness", "ziekte", "ziekteverzuim", "verzuim", "verzuimdagen", "sickness", "sick"}
)
_OPPOSITE = re.compile(
    r"\b(?:niet|geen|nooit|nauwelijks|overweeg|weg wil|not|never|no|hardly|rarely|lack|unable|unfair|leave|quit)\b",
    re.I,
)


def joined(name: str) -> str:
    """A name as its words without what parts them.

    >>> joined("Datum in dienst"), joined("EmployeeID")
    ('datumindienst', 'employeeid')
    """
    return "".join(words_of(name))


def place_in(name: str, known: Iterable[str]) -> int | None:
    """The place of a name in a list of names, the surest first; nothing where it is not in it."""
    return next((place for place, word in enumerate(known) if joined(name) == word), None)


def surest(names: Iterable[str], known: tuple[str, ...]) -> str | None:
    """The name among these that stands first in a list of known ones."""
    found = [(place, name) for name in names if (place := place_in(name, known)) is not None]
    return min(found)[1] if found else None


def day_of_answering(names: Iterable[str]) -> str | None:
    """The column that tells when somebody answered."""
    return surest(names, _DAYS)


def is_amount(name: str) -> bool:
    """Whether a name speaks of a count, an amount or a level."""
    return bool(_AMOUNTS.intersection(words_of(name)))


def is_answer(name: str) -> bool:
    """Whether a name speaks of an answer on a scale."""
    return any(word in joined(name) for word in _ANSWERS) and not is_amount(name)


def is_health(name: str) -> bool:
    """Whether a name speaks of somebody's health."""
    return bool(_ILL.intersection(words_of(name)))


def is_intention(name: str) -> bool:
    """Whether a name speaks of leaving as something planned."""
    return any(word in joined(name) for word in _INTENDS)


def sounds_opposite(question: str) -> bool:
    """Whether a wording may ask for the opposite of the others.

    >>> sounds_opposite("Ik overweeg om te vertrekken"), sounds_opposite("My work is useful")
    (True, False)
    """
    return _OPPOSITE.search(question) is not None
