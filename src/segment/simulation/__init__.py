"""An organisation with a known answer: would we find what we look for, with this many people?"""

from segment.simulation.organisation import Organisation, simulate_organisation
from segment.simulation.planted import NEEDS, SEGMENT_MEANS, SEGMENT_SHARES, Effects, Planted
from segment.simulation.questionnaire import Questionnaire, open_questionnaire
from segment.simulation.writing import write_organisation

__all__ = [
    "NEEDS",
    "SEGMENT_MEANS",
    "SEGMENT_SHARES",
    "Effects",
    "Organisation",
    "Planted",
    "Questionnaire",
    "open_questionnaire",
    "simulate_organisation",
    "write_organisation",
]
