"""The tables that raw exports become: pseudonymous, typed, and nothing that was not declared."""

from __future__ import annotations

from segment.tables.registry import register
from segment.tables.spec import Column, TableSpec
from segment.vocabulary import EndReason, Relation, Severity

_PERSON = Column("person", "text", "keyed pseudonym of the person")
_SPELL = Column("spell", "integer", "employment spell of this person, 1 is the first", low=1, unit="spell")
_WAVE = Column("wave", "text", "survey wave, as the study names it")

PEOPLE = TableSpec(
    "people",
    "person and employment spell",
    ("person", "spell"),
    (
        _PERSON,
        _SPELL,
        Column("relation", "text", "what the person is to the organisation", allowed=tuple(Relation)),
        Column("start_date", "date", "first day of the spell", nullable=True),
        Column("end_date", "date", "last day of the spell; empty while it lasts", nullable=True),
        Column("end_reason", "text", "why it ended", nullable=True, allowed=tuple(EndReason)),
    ),
    open_to=("*",),
    about_people=True,
)

SNAPSHOTS = TableSpec(
    "snapshots",
    "person, employment spell and date from which attributes were known",
    ("person", "spell", "valid_from"),
    (_PERSON, _SPELL, Column("valid_from", "date", "date from which these attributes were known")),
    open_to=("*",),
    about_people=True,
)

SPELLS = TableSpec(
    "spells",
    "person and employment spell under observation",
    ("person", "spell"),
    (
        _PERSON,
        _SPELL,
        Column(
            "entry",
            "number",
            "tenure in months when observation began; empty for a horizon outcome",
            nullable=True,
            low=0,
            unit="months",
        ),
        Column(
            "exit",
            "number",
            "tenure in months when observation ended; the horizon's months for a horizon outcome",
            low=0,
            unit="months",
        ),
        Column("cause", "text", "how it ended; empty when the person was still there", nullable=True),
        Column("weight", "number", "weight of this spell", low=0, unit="weight"),
        Column("start_date", "date", "first day of the spell", nullable=True),
    ),
    about_people=True,
)

AUDIT = TableSpec(
    "audit",
    "person (protected attributes, kept apart, never a feature)",
    ("person",),
    (_PERSON,),
    open_to=("*",),
    about_people=True,
)

RESPONSES = TableSpec(
    "responses",
    "person and wave",
    ("person", "wave"),
    (_PERSON, _WAVE, Column("weight", "number", "sampling weight; 1 if the file has none", low=0, unit="weight")),
    open_to=("*",),
    about_people=True,
)

WAVE_DAYS = TableSpec(
    "wave_days",
    "wave that has a file of its own with a date",
    ("wave",),
    (_WAVE, Column("day", "date", "last day of answering, as the study says of the file")),
)

IDENTITIES = TableSpec(
    "identities",
    "person (who it is for the organisation's release ledger)",
    ("person",),
    (_PERSON, Column("tie", "text", "the person's tie to the organisation's ledger, sealed under the study's key")),
    about_people=True,
)

EMPLOYER = TableSpec(
    "employer",
    "need, as the employer filled it in",
    ("need",),
    (
        Column("need", "text", "need code of the codebook"),
        Column(
            "promised",
            "number",
            "how much the organisation promises, 1 to 5",
            nullable=True,
            low=1,
            high=5,
            unit="1 to 5",
        ),
        Column("offered", "number", "how much it says it offers, 1 to 5", nullable=True, low=1, high=5, unit="1 to 5"),
    ),
    open_to=("*",),
)

OFFERS = TableSpec(
    "offers",
    "role that seeks a person",
    ("offer",),
    (Column("offer", "text", "name of the role"),),
    open_to=("*",),
)

UNITS = TableSpec(
    "units",
    "unit of the organisation with its results",
    ("unit",),
    (Column("unit", "text", "name of the unit, as in the people attribute that links to it"),),
    open_to=("*",),
)

BEGUN = TableSpec(
    "begun",
    "segment and action that was begun for it, as somebody filled in",
    ("listed", "action"),
    (
        Column("listed", "integer", "number of the segment in the report of that list; 0 for everyone", low=0,
               unit="number in the report"),
        Column("called", "text", "what the segment was called in that list", nullable=True),
        Column("action", "text", "action code of the catalogue"),
        Column("day", "date", "the day on which it began"),
    ),
)  # fmt: skip

FINDINGS = TableSpec(
    "findings",
    "finding about the data (never about a person)",
    (),
    (
        Column("code", "text", "stable code, such as DQ003"),
        Column("severity", "text", "error stops a study", allowed=tuple(Severity)),
        Column("subject", "text", "column, table or file; never a person"),
        Column("where", "text", "file, column and row numbers, with their waves where there are several"),
        Column("wave", "text", "wave that it is about, where the study has several and it is about one", nullable=True),
        Column("count", "integer", "how many rows or cells", low=0, unit="rows or cells"),
        Column("explanation", "text", "what was expected and what was found"),
        Column("advice", "text", "what to do"),
    ),
)

register(PEOPLE, SNAPSHOTS, SPELLS, AUDIT, RESPONSES, WAVE_DAYS, IDENTITIES, EMPLOYER, OFFERS, UNITS, BEGUN, FINDINGS)
