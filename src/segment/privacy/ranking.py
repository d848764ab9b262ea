"""Orders that are decided on unrounded figures and travel with the released ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

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
    return values.groupby(_groups(rows, within)).rank(method="first").to_numpy(dtype=float)


#: Column of ranks -> the columns within which they are counted.
Ranks = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Alike:
    """Where it stands which figures cannot be told apart.

    ``rank``: the column of ranks that this goes with. ``name``: the column with the row's own name (missing: the row is
    never about as much as another). ``others``: a JSON list of the names of rows that are about as much, among those
    ranked together. ``near``: the column of flags that says of whom a figure is told as a band, where the ranked figure
    is made of it and is no figure about people itself; by default the row's own figures say so.
    """

    rank: str
    name: str
    others: str
    near: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(one for one in (self.rank, self.name, self.others, self.near) if one)


def next_alike(
    rows: pd.DataFrame, ranks: np.ndarray, alike: Alike, within: tuple[str, ...], *, withheld: np.ndarray
) -> np.ndarray:
    """How many of the next in rank are about as much as each row: 0, 1, ..; NaN where that is not told.

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
