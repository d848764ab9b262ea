"""Orders that are decided on unrounded figures and travel with the released ones."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from segment.tables.release_plan import Alike


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
    return values.groupby(_groups(rows, within)).rank(method="first").to_numpy(dtype=float)


def next_alike(
    rows: pd.DataFrame, ranks: np.ndarray, alike: Alike, within: tuple[str, ...], *, withheld: np.ndarray
) -> np.ndarray:
    """How many of the next in rank are about as much as each row: 0, 1, ..; NaN if that is not shown.

    Counted over ranked rows only, as ranks are, and up to the first that can be told apart or is ``withheld`` (hidden,
    or a band that would say by its neighbours how nearly unanimous people are). Nothing is said of a row that is
    withheld, nor of one whose next is.

    >>> rows = pd.DataFrame({"need": ["A", "B", "C"], "others": ['["B", "C"]', '["A"]', '["A"]']})
    >>> how = {"ranks": np.array([1.0, 2.0, 3.0]), "alike": Alike("place", "need", "others"), "within": ()}
    >>> next_alike(rows, withheld=np.array([False, False, False]), **how).tolist()
    [2.0, 0.0, 0.0]
    >>> next_alike(rows, withheld=np.array([False, True, False]), **how).tolist()
    [nan, nan, 0.0]
    """
    found = np.full(len(rows), np.nan)
    names = rows[alike.name].astype(object).where(rows[alike.name].notna(), None).tolist()
    places = pd.Series(np.arange(len(rows)))[np.isfinite(ranks)]
    groups = [key.to_numpy()[places] for key in _groups(rows, within)] or [np.zeros(len(places))]
    for _, own in places.groupby(groups):
        order = [int(at) for at in own.to_numpy()[np.argsort(ranks[own])] if names[int(at)] is not None]
        for place, at in enumerate(order):
            following = order[place + 1 :]
            if withheld[at] or (following and withheld[following[0]]):
                continue
            others = _names(rows[alike.others].iloc[at])
            if others is None:
                continue
            found[at] = _run([not withheld[one] and str(names[one]) in others for one in following])
    return found


def _run(flags: list[bool]) -> int:
    """How many are true before the first that is not."""
    return next((at for at, flag in enumerate(flags) if not flag), len(flags))


def _names(cell: object) -> set[str] | None:
    """The names in a cell; ``None`` where it is not known."""
    return set(json.loads(cell)) if isinstance(cell, str) and cell else None


def _groups(rows: pd.DataFrame, within: tuple[str, ...]) -> list[pd.Series]:
    return [rows[name].astype(object).where(rows[name].notna(), "") for name in within]
