"""What segments are made of in a study: which items, which needs, which wave."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segment.tables.codebook import Codebook
from segment.vocabulary import ItemKind

#: Kinds of items that are answered on a scale and belong to one need.
RATED = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)


@dataclass(frozen=True)
class Basis:
    """The rated items that segments are made of: ``need_map`` {code: need}, ``scales`` {code: (low, high)}."""

    need_map: dict[str, str]
    scales: dict[str, tuple[float, float]]
    kinds: tuple[str, ...]

    def items(self, responses: pd.DataFrame) -> pd.DataFrame:
        """People x items, indexed as the responses are."""
        return responses[list(self.need_map)].astype("float64")


def basis_of(codebook: Codebook, kinds: tuple[str, ...], columns: pd.Index) -> Basis:
    """The basis of a study: rated items of the kinds it names that were asked."""
    rated = tuple(kind for kind in kinds if kind in RATED)
    need_map = {code: need for code, need in codebook.need_map(*rated).items() if code in columns}
    scales = codebook.scales()
    return Basis(need_map, {code: scales[code] for code in need_map}, rated)


def model_wave(responses: pd.DataFrame, wanted: str | None) -> str:
    """The wave segments are made on: the one named, else the last."""
    return wanted if wanted is not None else str(max(responses["wave"]))
