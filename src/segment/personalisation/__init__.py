"""What can be done: actions matched to unmet needs, for a whole segment and on a person's own card."""

from __future__ import annotations

from segment.personalisation.begun_actions import action_effects, people_of_begun
from segment.personalisation.cards import build_cards
from segment.personalisation.catalogue import Action, Catalogue, catalogue_findings, read_catalogue
from segment.personalisation.evaluated import stepped_effects
from segment.personalisation.plans import plan_actions

__all__ = [
    "Action",
    "Catalogue",
    "action_effects",
    "build_cards",
    "catalogue_findings",
    "people_of_begun",
    "plan_actions",
    "read_catalogue",
    "stepped_effects",
]
