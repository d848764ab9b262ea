"""Orders that are decided on unrounded figures and travel with the released ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def ranks_of(rows: pd.DataFrame, column: str, within: tuple[str, ...], *, hidden: np.ndarray) -> np.ndarray:
    """Ranks 1, 2, .. of the shown rows by an unrounded ``column``, the lowest first; NaN where hidden or not known.

    Counted over the shown rows only, in each combination of ``within``: a number left out would say between which
    figures a hidden one lies. What is equal keeps the order of the rows.

    >>> rows = pd.DataFrame({"segment": [0, 0, 0, 1], "place": [-0.12, -0.13, -0.4, -0.1]})
    >>> ranks_of(rows, "place", ("segment",), hidden=np.array([False, False, True, False])).tolist()
    [2.0, 1.0, nan, 1.0]
    """
    values = rows[column].astype(float).where(~hidden)
    if not within:
        return values.rank(method="first").to_numpy(dtype=float)
    groups = [rows[name].astype(object).where(rows[name].notna(), "") for name in within]
    return values.groupby(groups).rank(method="first").to_numpy(dtype=float)


#: Column of ranks -> the columns within which they are counted.
Ranks = Mapping[str, tuple[str, ...]]
