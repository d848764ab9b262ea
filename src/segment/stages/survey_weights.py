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
    """How each released table counts people, as its spec says; empty where no answer weighs more than another.

    What a spec says of leaving as HR's files know it holds where leaving was not asked in a weighted survey; of exits
    that HR counts, where they have a day.
    """
    if answers_weighted(opened) is None:
        return {}
    asked = opened.store.has("spells") and weight_of_outcome(opened) is not None
    dated = opened.config.outcome is not None and opened.config.outcome.kind == OutcomeKind.SPELLS
    found = {}
    for name, plan in released_tables().items():
        by_hr = None if asked or (plan.weighing_by_hr == Weighing.EXITS and not dated) else plan.weighing_by_hr
        found[name] = by_hr or plan.weighing
    return {name: how for name, how in found.items() if how != Weighing.ALL}
