"""For how many people an answer stands: the weights of a survey, and which figures they reach.

Weights belong to who answered. What HR's own files hold of everybody is counted person by person and says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.stages.base import OpenStudy
from segment.stages.waves import by_wave
from segment.tables.registry import released_tables
from segment.vocabulary import OutcomeKind, Weighing

#: Tables from answers whose figures are of how often a model or an employer says something, or of everyone asked.
_NEVER = ("stability", "neighbours", "match_counts", "response")
#: Tables of staying: those by segment, whose rows of everyone are from HR's files unless the outcome was asked.
_BY_SEGMENT = ("leaving", "curves", "segment_effects", "lifetime_value")
_OF_EVERYONE = ("first_year", "what_if", "competition", "group_results", "calibration", "evaluation", "effects")


def relative_weights(responses: pd.DataFrame) -> pd.DataFrame | None:
    """``person``, ``wave`` and ``weight`` of every answer, one on average within its wave; None where all are alike."""
    mean = responses.groupby("wave")["weight"].transform("mean")
    weight = responses["weight"] / mean
    if len(weight) == 0 or np.allclose(weight, 1.0, rtol=1e-9):
        return None
    return responses[["person", "wave"]].assign(weight=weight)


def answers_weighted(opened: OpenStudy) -> pd.DataFrame | None:
    """The weights of a study's answers (:func:`relative_weights`); None where it has none."""
    return relative_weights(opened.store.read("responses")) if opened.store.has("responses") else None


def weight_of(opened: OpenStudy) -> pd.Series | None:
    """For how many each person stands in their last wave, indexed by person; None where nothing is weighted."""
    weights = answers_weighted(opened)
    if weights is None:
        return None
    return by_wave(opened, weights).drop_duplicates("person", keep="last").set_index("person")["weight"]


def weight_of_outcome(opened: OpenStudy) -> pd.Series | None:
    """For how many each person stands whose outcome was asked in a weighted survey, indexed by person; else None."""
    spells = opened.store.read("spells").drop_duplicates("person").set_index("person")["weight"]
    return None if np.allclose(spells, 1.0, rtol=1e-9) else spells


def weight_in_segments(opened: OpenStudy) -> pd.Series | None:
    """For how many each person stands in segments' figures of staying: as asked for the outcome, else as last asked."""
    asked = weight_of_outcome(opened)
    return weight_of(opened) if asked is None else asked


def counted_in_outcome(opened: OpenStudy) -> str:
    """How figures of everyone's staying count people: 'weighted', 'unweighted', or empty where nothing is weighted."""
    if answers_weighted(opened) is None:
        return ""
    return str(Weighing.NONE if weight_of_outcome(opened) is None else Weighing.ALL)


def weighing_of(opened: OpenStudy) -> Mapping[str, Weighing]:
    """How each table that may be released counts people; empty where no answer weighs more than another."""
    if answers_weighted(opened) is None:
        return {}
    asked = opened.store.has("spells") and weight_of_outcome(opened) is not None
    by_hr = dict.fromkeys(_BY_SEGMENT, Weighing.SEGMENTS) | dict.fromkeys(_OF_EVERYONE, Weighing.NONE)
    if opened.config.outcome is not None and opened.config.outcome.kind == OutcomeKind.SPELLS:
        by_hr["scorecard"] = Weighing.EXITS
    found = {} if asked else by_hr
    own = {name: plan.weighing for name, plan in released_tables().items() if plan.weighing is not None}
    found = {**found, "plans": Weighing.PRIORITY}
    return {**found, "value_sensitivity": Weighing.NONE, **dict.fromkeys(_NEVER, Weighing.NONE), **own}
