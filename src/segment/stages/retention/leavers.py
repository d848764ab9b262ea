"""How many will have left within a year, per segment and of everyone, as a band that holds the number that comes."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from segment.retention.leavers import OTHERS, leaver_bands
from segment.retention.levels import Level, level_of_exits
from segment.stages.base import OpenStudy
from segment.stages.retention.evaluation import level_of_all, levels_apart, segment_of


def with_bands(opened: OpenStudy, leaving: pd.DataFrame, chances: pd.Series, seen: pd.DataFrame) -> pd.DataFrame:
    """The ``leaving`` table with the band of the share that will have left, in whole percent, rounded outward.

    Everyone is in exactly one group, a segment with a level of its own or the others, so that the bands of segments and
    of everyone come from the same draws. People are counted, each once, whatever they stand for.

    Parameters
    ----------
    leaving
        Rows of segments and of everyone (``segment`` empty).
    chances
        Each person's chance to leave within the year, by person.
    seen
        What was seen on later time, as :func:`~segment.stages.retention.evaluation.levels_by_segment` takes it.
    """
    own = levels_apart(opened, seen)
    label = segment_of(opened).reindex(chances.index)
    label = label.where(label.isin(list(own))).astype(object).where(lambda one: one.notna(), OTHERS)
    groups: dict[Hashable, np.ndarray] = {
        group: people.to_numpy(dtype=float) for group, people in chances.groupby(label.to_numpy(), sort=True)
    }
    found = leaver_bands(
        groups,
        own | {OTHERS: _level_of_others(seen, list(own))},
        level_of_all(seen),
        random_state=opened.config.random_state,
    )
    of = found.assign(group=[np.nan if group is None else group for group in found["group"]])
    of = of[of["group"] != OTHERS].set_index("group")
    low, high = (of[end] / of["n"] for end in ("low", "high"))
    return leaving.assign(
        left_low=np.floor(100 * leaving["segment"].map(low) + 1e-9) / 100,
        left_high=np.ceil(100 * leaving["segment"].map(high) - 1e-9) / 100,
    )


def _level_of_others(seen: pd.DataFrame, segments: list[Hashable]) -> Level:
    """The level of all the time watched that is not counted in one of these segments."""
    inside = seen["segment"].isin(segments)
    observed, expected = (
        float(seen[of_all].sum() - seen.loc[inside, within].sum())
        for of_all, within in (("observed", "observed_in"), ("expected", "expected_in"))
    )
    return level_of_exits(max(observed, 0.0), max(expected, 0.0))
