"""The gate through which figures about single people leave: under governance, or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import Protocol

import pandas as pd

from segment.errors import RefusedRelease
from segment.governance.decisions import says_something

_MAKER = object()

#: Columns that would say who somebody is; a granted table knows people by their pseudonym only.
DIRECT_IDENTIFIERS: frozenset[str] = frozenset(
    (
        "person_id", "employee_id", "staff_number", "personeelsnummer", "bsn", "ssn", "iban",
        "name", "first_name", "last_name", "surname", "full_name", "naam", "voornaam", "achternaam",
        "email", "e_mail", "mail", "phone", "telephone", "telefoon", "mobile", "mobiel", "address", "adres", "postcode",
    )
)  # fmt: skip

#: What each line of the governance file is for, in the words of a refusal.
_NEEDED: dict[str, str] = {
    "works_council": "reference of the works council's consent",
    "dpia": "reference of the data protection impact assessment",
    "data_protection_officer": "name of the data protection officer",
    "legal_basis": "legal basis of the processing",
    "purpose": "purpose that was agreed",
    "approver": "who approved it",
    "expires": "date until which it holds",
}


#: What stands for words that are still to be filled in; left as it is, it fills in nothing.
_BLANK = "'...'"
#: Lines that name a person, a body or an aim in words.
_NAMES = ("approver", "data_protection_officer", "legal_basis", "purpose")


class Governance(Protocol):
    """Who agreed to what, until when."""

    @property
    def works_council(self) -> str: ...
    @property
    def dpia(self) -> str: ...
    @property
    def data_protection_officer(self) -> str: ...
    @property
    def legal_basis(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def approver(self) -> str: ...
    @property
    def expires(self) -> dt.date: ...


class Events(Protocol):
    """Where a grant is written down: the log, or the events that are part of a change."""

    def write(self, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None) -> object: ...


@dataclass(frozen=True, eq=False)
class GrantedTable:
    """Rows about single people that may be handed over; only :func:`grant` makes one.

    ``frame`` (a copy each time) has one row per person, or per person and thing, under the pseudonym ``person``.
    It belongs in ``handover/``, with its purpose, approver and expiry; never in ``exports/`` or tracking.

    Parameters
    ----------
    name
        Name of the table.
    purpose, approver, expires, legal_basis
        For what, by whose word, until which day and on which ground in law.
    content
        Its rows.
    maker
        Known to :func:`grant` only.

    Examples
    --------
    >>> GrantedTable("cards", "a talk", "A. Officer", dt.date(2030, 1, 1), content=pd.DataFrame())
    Traceback (most recent call last):
        ...
    segment.errors.RefusedRelease: A granted table can only be made by segment.privacy.grant.
      what to do: hand the rows to grant(), which asks for governance
    """

    name: str
    purpose: str
    approver: str
    expires: dt.date
    _: KW_ONLY
    legal_basis: str = ""
    content: InitVar[pd.DataFrame]
    maker: InitVar[object] = None
    _frame: pd.DataFrame = field(init=False, repr=False)

    def __post_init__(self, content: pd.DataFrame, maker: object) -> None:
        if maker is not _MAKER:
            raise RefusedRelease(
                "A granted table can only be made by segment.privacy.grant.",
                advice="hand the rows to grant(), which asks for governance",
            )
        object.__setattr__(self, "_frame", content.copy())

    @property
    def frame(self) -> pd.DataFrame:
        """The granted rows; a copy, so that nobody changes what was granted."""
        return self._frame.copy()


def grant(
    name: str,
    frame: pd.DataFrame,
    *,
    governance: Governance | None,
    purpose: str,
    events: Events,
    today: dt.date | None = None,
    actor: str = "segment",
) -> GrantedTable:
    """Let rows about single people leave under governance, and write that down.

    Parameters
    ----------
    name
        Name of the table.
    frame
        One row per person (or person and thing), with the pseudonym in ``person``.
    governance
        Who agreed to what (``governance`` in the study file); None where the study has none.
    purpose
        What these rows are for.
    events
        The log that the grant is written to, or the events of a change that hands the rows out.
    today
        The day against which expiry is judged; the computer's date when left out.
    actor
        Who asks, for the log.

    Raises
    ------
    RefusedRelease
        No governance, an empty line in it, an expired one, no purpose, no pseudonyms, or a direct identifier.

    Examples
    --------
    >>> grant("cards", pd.DataFrame({"person": ["k3"]}), governance=None, purpose="cards", events=None)
    Traceback (most recent call last):
    segment.errors.RefusedRelease: Table 'cards' is about single people, and this study has no governance.
      expected: works_council (reference of the works council's consent); dpia (reference of the data protection \
impact assessment); data_protection_officer (name of the data protection officer); legal_basis (legal basis of the \
processing); purpose (purpose that was agreed); approver (who approved it); expires (date until which it holds)
      what to do: add to the study file, each '...' and the date filled in: governance: {works_council: '...', \
dpia: '...', data_protection_officer: '...', legal_basis: '...', purpose: '...', approver: '...', expires: \
YYYY-MM-DD}; or leave single people out
    """
    day = today or dt.datetime.now(dt.UTC).date()
    agreed = refuse_ungoverned(name, governance, day)
    _refuse_rows(name, frame, purpose)
    granted = GrantedTable(
        name, purpose, agreed.approver, agreed.expires,
        legal_basis=agreed.legal_basis, content=frame, maker=_MAKER,
    )  # fmt: skip
    detail = {
        "purpose": purpose,
        "agreed_purpose": agreed.purpose,
        "approver": agreed.approver,
        "expires": agreed.expires.isoformat(),
        "rows": len(frame),
        "people": int(frame["person"].nunique()),
        "columns": [str(column) for column in frame.columns],
        "digest": _digest(frame),
    }
    events.write(actor, "grant", name, detail)
    return granted


def refuse_ungoverned(name: str, governance: Governance | None, today: dt.date) -> Governance:
    """The governance itself, where what is called ``name`` may be shown of single people.

    Raises
    ------
    RefusedRelease
        No governance, an empty line in it, or one whose last day was before ``today``.
    """
    blank = [key for key in _NEEDED if not _filled(key, getattr(governance, key, ""))]
    if governance is None or blank:
        state = "this study has no governance" if governance is None else "its governance is not complete"
        raise RefusedRelease(
            f"Table '{name}' is about single people, and {state}.",
            expected="; ".join(f"{key} ({_NEEDED[key]})" for key in blank),
            advice=_advice(governance, blank),
        )
    if governance.expires < today:
        raise RefusedRelease(
            f"Table '{name}' is about single people, and the governance of this study has expired.",
            expected=f"a date of expiry on or after {today.isoformat()}",
            came=governance.expires.isoformat(),
            where="'expires' under 'governance' in the study file",
            advice="have it approved again before handing anything over, and write the new date there",
        )
    return governance


def _advice(governance: Governance | None, blank: Sequence[str]) -> str:
    """The setting that is missing, as the study file takes it once its words are filled in."""
    lines = ", ".join(f"{key}: {'YYYY-MM-DD' if key == 'expires' else _BLANK}" for key in blank)
    if governance is None:
        return (
            f"add to the study file, each {_BLANK} and the date filled in: governance: {{{lines}}}; "
            f"or leave single people out"
        )
    return f"fill in under 'governance' in the study file: {lines}; or leave single people out"


def _filled(key: str, value: object) -> bool:
    """Whether a line of the governance says something; who approves has a name that is no placeholder."""
    return says_something(value) if key in _NAMES else bool(str(value or "").strip(" -.?/"))


def _refuse_rows(name: str, frame: pd.DataFrame, purpose: str) -> None:
    """Refuse rows without pseudonym or purpose, and rows that say who somebody is."""
    direct = sorted(c for c in map(str, frame.columns) if c.lower().replace("-", "_") in DIRECT_IDENTIFIERS)
    problems = [
        (not purpose.strip(), "no purpose"),
        ("person" not in frame, "no column person"),
        (bool(direct), "direct identifiers: " + ", ".join(direct)),
    ]
    if any(wrong for wrong, _ in problems):
        raise RefusedRelease(
            f"Table '{name}' cannot be granted.",
            expected="a purpose, and rows that know people by their pseudonym (column person) and by nothing else",
            came="; ".join(text for wrong, text in problems if wrong),
            advice="say what the rows are for, and leave identifiers in the lookup table",
        )


def _digest(frame: pd.DataFrame) -> str:
    """Fingerprint of the rows and column names, for the log."""
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()
    names = "\n".join(str(column) for column in frame.columns).encode()
    return hashlib.blake2b(names + b"\n" + rows, digest_size=16).hexdigest()
