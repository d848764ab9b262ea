"""On which scale the answers behind a released mean were given, so that a unanimous group can be told from others."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from segment.experience.answers import TOLD_ON
from segment.ingest import open_codebook
from segment.stages.base import OpenStudy
from segment.tables.codebook import Codebook
from segment.tables.shapes import SAID_YES
from segment.vocabulary import ItemKind

#: The columns with the least and the most an answer can be.
ENDS = ("_least", "_most")
#: Profiles have mean answers per need; scores free of response style are on no scale.
_ON_SCALE, _PROMISES = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE), (ItemKind.PROMISED, ItemKind.KEPT)


def with_ends(frame: pd.DataFrame, opened: OpenStudy) -> pd.DataFrame:
    """A table with the ends of the scale beside each row; missing where its figure is on none."""
    if {"scale_low", "scale_high"} <= set(frame):
        return frame.assign(_least=frame["scale_low"], _most=frame["scale_high"])
    codebook = open_codebook(opened.study)
    if codebook is None:
        return frame.assign(_least=float("nan"), _most=float("nan"))
    ends = [_ends(codebook, row) for row in frame.to_dict("records")]
    return frame.assign(**{name: [pair[side] for pair in ends] for side, name in enumerate(ENDS)})


def yes_no_apart(name: str, rows: pd.DataFrame, opened: OpenStudy) -> pd.DataFrame:
    """A table with the means of what was asked with yes and no as shares of people, in columns of their own.

    Answers are brought to one scale of 1 to 5 to be compared; ranks were decided there and stay. Without such questions
    the table has no shares, and stays as it is.
    """
    codebook = open_codebook(opened.study) if name in SAID_YES else None
    if codebook is None:
        return rows
    asked = _asked_yes_no(rows, codebook)
    if not asked.any():
        return rows
    (low, high), named = TOLD_ON, SAID_YES[name]
    shares = {new: ((rows[old] - low) / (high - low)).clip(0.0, 1.0).where(asked) for old, new in named.items()}
    return rows.assign(**shares, **{old: rows[old].mask(asked) for old in named})


def _asked_yes_no(rows: pd.DataFrame, codebook: Codebook) -> np.ndarray:
    """Of each row of profiles, promises or a journey, whether what it tells was asked with two answers only."""
    if "moment" in rows:
        two = {item.code for item in codebook.of_kind(ItemKind.MOMENT) if item.is_yes_no}
        return rows["moment"].isin(two).to_numpy()
    if "measure" not in rows:
        return rows["need"].isin(codebook.yes_no_needs(*_PROMISES)).to_numpy()
    pairs = {(str(kind), need) for kind in _ON_SCALE for need in codebook.yes_no_needs(kind)}
    return np.array([pair in pairs for pair in zip(rows["measure"], rows["need"], strict=True)], dtype=bool)


def _ends(codebook: Codebook, row: Mapping[Hashable, object]) -> tuple[float, float]:
    """The scale of a row's own question; where answers were brought to one scale, that one."""
    if "measure" in row:
        return TOLD_ON if row["measure"] in _ON_SCALE else (float("nan"), float("nan"))
    own = [(item.low, item.high) for item in codebook.items if item.code == row.get("item")]
    return own[0] if own else TOLD_ON
