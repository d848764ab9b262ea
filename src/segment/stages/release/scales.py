"""On which scale the answers behind a released mean were given, so that a unanimous group can be told from others."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

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


def _ends(codebook: Codebook, row: Mapping[Hashable, Any]) -> tuple[float, float]:
    """The scale of a row's question; of the answers per need in profiles; of a promise, kept or not."""
    if "measure" in row:
        return _PROFILES if row["measure"] in _ON_SCALE else (float("nan"), float("nan"))
    code, need = row.get("item", row.get("moment")), row.get("need")
    promises = codebook.of_kind(ItemKind.PROMISED, ItemKind.KEPT)
    found = [i for i in codebook.items if i.code == code] or [i for i in promises if i.need == need]
    return common_scale(found)
