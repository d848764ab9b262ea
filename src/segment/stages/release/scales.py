"""On which scale the answers behind a released mean were given, so that a unanimous group can be told from others."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from segment.experience.answers import common_scale
from segment.ingest import open_codebook
from segment.stages.base import OpenStudy
from segment.tables.codebook import Codebook
from segment.vocabulary import ItemKind

#: The columns with the least and the most an answer can be.
ENDS = ("_least", "_most")
#: Mean answers per need, and the scale that profiles have them on; scores free of response style are on none.
_ON_SCALE, _PROFILES = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE), (1.0, 5.0)


def with_ends(frame: pd.DataFrame, opened: OpenStudy) -> pd.DataFrame:
    """A table with the ends of the scale beside each row; missing where its figure is on none."""
    if {"scale_low", "scale_high"} <= set(frame):
        return frame.assign(_least=frame["scale_low"], _most=frame["scale_high"])
    codebook = open_codebook(opened.study)
    if codebook is None:
        return frame.assign(_least=float("nan"), _most=float("nan"))
    ends = [_ends(codebook, row) for row in frame.to_dict("records")]
    return frame.assign(**{name: [pair[side] for pair in ends] for side, name in enumerate(ENDS)})


def yes_no_apart(profiles: pd.DataFrame, opened: OpenStudy) -> pd.DataFrame:
    """Profiles with the means of needs that were asked with yes and no as shares of people, in columns of their own.

    Answers are brought to one scale of 1 to 5 to be compared; ranks were decided there and stay. Without such needs the
    table has no shares, and stays as it is.
    """
    codebook = open_codebook(opened.study)
    if codebook is None:
        return profiles
    two = {(str(kind), need) for kind in _ON_SCALE for need in codebook.yes_no_needs(kind)}
    asked = np.array([pair in two for pair in zip(profiles["measure"], profiles["need"], strict=True)], dtype=bool)
    if not asked.any():
        return profiles
    low, high = _PROFILES
    named = {"mean": "share", "low": "share_low", "high": "share_high", "overall": "share_overall"}
    shares = {new: ((profiles[old] - low) / (high - low)).clip(0.0, 1.0).where(asked) for old, new in named.items()}
    return profiles.assign(**shares, **{old: profiles[old].mask(asked) for old in named})


def _ends(codebook: Codebook, row: Mapping[Hashable, Any]) -> tuple[float, float]:
    """The scale of a row's question; of the answers per need in profiles; of a promise, kept or not."""
    if "measure" in row:
        return _PROFILES if row["measure"] in _ON_SCALE else (float("nan"), float("nan"))
    code, need = row.get("item", row.get("moment")), row.get("need")
    promises = codebook.of_kind(ItemKind.PROMISED, ItemKind.KEPT)
    found = [i for i in codebook.items if i.code == code] or [i for i in promises if i.need == need]
    return common_scale(found)
