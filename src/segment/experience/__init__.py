"""The relationship between people and their employer: promises, seven Rs, the journey, and what each side expects."""

from __future__ import annotations

from segment.experience.change import change_table
from segment.experience.expectations import match_counts, match_expectations
from segment.experience.journey import journey_table
from segment.experience.linkage import linkage, unit_means
from segment.experience.promises import promise_table
from segment.experience.response_tables import response_table
from segment.experience.scorecard import MEASURES, exits_by_segment, scorecard
from segment.experience.surface import fit_surface, surface_table

__all__ = [
    "MEASURES",
    "change_table",
    "exits_by_segment",
    "fit_surface",
    "journey_table",
    "linkage",
    "match_counts",
    "match_expectations",
    "promise_table",
    "response_table",
    "scorecard",
    "surface_table",
    "unit_means",
]
