"""A study with everything a dossier can tell of, for the tests of its documents and of its pages in a browser."""

from __future__ import annotations

from dataclasses import replace

import sample_story

from segment.disclosure.rules import ReleaseRules
from segment.exports.dossier import FIXED_COLUMNS, Column, Facts, ModelFacts
from segment.exports.story import Story

AGREED = {
    "purpose": "planning <b>rosters</b>",
    "legal_basis": "legitimate interest",
    "approver": "board of Ut",
    "expires": "2031-05-17",
    "works_council": "WC/2031/4",
    "dpia": "DPIA-99",
    "data_protection_officer": "officer@example.org",
}


def facts(**changes: object) -> Facts:
    """A study with everything in it."""
    told = Facts(
        version="9.8.7",
        code="c0dec0dec0dec0dec0de",
        key_id="ab12cd34",
        columns=(
            Column("contract", "model", "ordinary", "payroll", 7),
            Column("salary_band", "model", "confidential"),
            Column("team", "profile", "ordinary", "payroll"),
            Column("age", "audit", "protected", "payroll"),
        ),
        fixed=FIXED_COLUMNS,
        relations=("employee", "candidate"),
        waves=(("2025-1", ""), ("2025-2", "2025-09-30")),
        questions={"importance": 24, "experience": 17},
        organisation=("employer", "units", "offers"),
        window=("2021-01-04", "2025-08-31"),
        causes=("voluntary", "involuntary"),
        periods={"employee": 25, "candidate": 11},
        floors={**ReleaseRules().as_dict(), "min_group": 7, "min_rate_group": 13, "min_segment": 42},
        models=(
            ModelFacts("segmentation", "needs_mixture", ("I_1", "I_2"), "5e9" * 20, groups=4),
            ModelFacts("retention", "spells", ("contract", "shortfall_GRO"), "8e7" * 20),
        ),
        cards=True,
        matching=True,
        barred=3,
        sealed=1,
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def proven(story: Story) -> Story:
    """The story with the certificate that its tables give."""
    tables = {name: table.certificate for name, table in story.released.items()}
    hidden = {name: table.hidden for name, table in story.released.items()}
    return replace(story, certificate={"tables": tables, "hidden": hidden, "passed": True})


def governed() -> Story:
    return proven(replace(sample_story.full_story(), governance=AGREED))
