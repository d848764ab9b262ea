"""The way in: raw exports become pseudonymous, typed tables, or are refused with every reason at once."""

from segment.ingest.contract import (
    Inputs,
    finding_lines,
    has_column,
    open_codebook,
    read_inputs,
    refuse_errors,
    renamed_people,
    renamed_ties,
)
from segment.ingest.rules import RULES, Rule

__all__ = [
    "RULES",
    "Inputs",
    "Rule",
    "finding_lines",
    "has_column",
    "open_codebook",
    "read_inputs",
    "refuse_errors",
    "renamed_people",
    "renamed_ties",
]
