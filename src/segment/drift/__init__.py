"""What changes after a model was decided on: answers, attributes, groups, and exits beside those expected."""

from segment.drift.findings import ALPHA, Advice, Alarm, level_of_look
from segment.drift.inputs import input_drift
from segment.drift.outcomes import Ratio, observed_against_expected
from segment.drift.sizes import proportions_differ, shares_differ

__all__ = [
    "ALPHA",
    "Advice",
    "Alarm",
    "Ratio",
    "input_drift",
    "level_of_look",
    "observed_against_expected",
    "proportions_differ",
    "shares_differ",
]
