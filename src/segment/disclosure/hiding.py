"""Which rows of a table are hidden: groups under the floor, groups that are barred, and those hidden with them."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from segment.disclosure.cells import EVERYONE, Dimension, dimension_of, fill_cells
from segment.disclosure.presentation import Form
from segment.disclosure.rules import ReleaseRules
from segment.disclosure.suppression import Suppression, suppress

#: A group's labels in both dimensions; None: everyone.
_Key = tuple[Hashable, Hashable]


def suppress_lines(
    frame: pd.DataFrame,
    request: Form,
    *,
    floor: int,
    rules: ReleaseRules,
    hierarchy: Mapping[str, Mapping[Hashable, Hashable]],
) -> tuple[pd.DataFrame, list[Suppression]]:
    """Decide line by line what is hidden; the rows gain ``_hidden`` and ``_primary``, empty groups gain rows."""
    dimensions = [dimension_of(frame[g], parents=hierarchy.get(g)) for g in request.groups]
    first, second = (*dimensions, EVERYONE, EVERYONE)[:2]
    barred = _barred(frame, request, rules)
    known: dict[bytes, Suppression] = {}
    pieces, suppressions = [], []
    for rows in _by_line(frame, request.lines) if not request.chosen else [frame.reset_index(drop=True)]:
        keys = _keys(rows, request.groups)
        sizes, bars = _of_groups(keys, rows[request.count].tolist(), barred[rows.index].tolist(), floor=floor)
        cells = fill_cells(first, second, keys=list(sizes), counts=list(sizes.values()), table=request.name)
        also = np.zeros(cells.sizes.shape, dtype=bool)
        for key in bars:
            also[first.place[key[0]], second.place[key[1]]] = True
        fingerprint = cells.sizes.tobytes() + also.tobytes()
        if fingerprint not in known:
            known[fingerprint] = suppress(cells, floor=floor, width=rules.min_group, also=also)
        found = known[fingerprint]
        suppressions.append(found)
        places = [(first.place[one], second.place[two]) for one, two in keys]
        rows = rows.assign(
            _hidden=[bool(found.hidden[place]) for place in places],
            _primary=[bool(found.primary[place]) for place in places],
        )
        pieces.append(_with_empty_groups(rows, request, first, second))
    if not pieces:
        return frame.assign(_hidden=pd.Series(dtype=bool), _primary=pd.Series(dtype=bool)), []
    return pd.concat(pieces, ignore_index=True), suppressions


def _of_groups(
    keys: Sequence[_Key], counts: Sequence[int], barred: Sequence[bool], *, floor: int
) -> tuple[dict[_Key, int], set[_Key]]:
    """People of each group and the groups that are barred: on one line as it is, over several the most and any bar.

    A total over several lines that is smaller than its parts (not everybody answers every question) is left out.
    """
    sizes: dict[_Key, int] = {}
    for key, count in zip(keys, counts, strict=True):
        sizes[key] = max(int(count), sizes.get(key, 0))
    bars = {key for key, bar in zip(keys, barred, strict=True) if bar}
    if len(sizes) < len(keys):
        bars |= {key for key, count in zip(keys, counts, strict=True) if 0 < count < floor}
        whole, parts = sizes.get((None, None)), sum(n for key, n in sizes.items() if key != (None, None))
        if whole is not None and whole < parts:
            del sizes[None, None]
    return sizes, bars


def _by_line(frame: pd.DataFrame, lines: tuple[str, ...]) -> list[pd.DataFrame]:
    rows = frame.reset_index(drop=True)
    if not lines:
        return [rows] if len(rows) else []
    return [part for _, part in rows.groupby(list(lines), sort=False, dropna=False)]


def _keys(rows: pd.DataFrame, groups: tuple[str, ...]) -> list[tuple[Hashable, Hashable]]:
    """The place of each row: its group in both dimensions, None for everyone."""
    columns = [[None if pd.isna(label) else label for label in rows[g].tolist()] for g in groups]
    columns += [[None] * len(rows)] * (2 - len(columns))
    return list(zip(*columns, strict=True))


def _barred(frame: pd.DataFrame, request: Form, rules: ReleaseRules) -> np.ndarray:
    """Rows whose group has too few exits, too few answers among those invited, or is barred for another reason."""
    rows = frame.reset_index(drop=True)
    barred = np.zeros(len(rows), dtype=bool)
    if request.events is not None:
        most = rows[request.events]
        if request.groups and request.kind == "curves":
            most = rows.groupby(list(request.groups), dropna=False)[request.events].transform("max")
        barred |= (most < rules.min_curve_events).to_numpy()
    if request.response is not None:
        barred |= ~(rows[request.response] >= rules.min_response).to_numpy()
    if request.barred is not None:
        barred |= rows[request.barred].to_numpy(dtype=bool)
    return barred


def _with_empty_groups(rows: pd.DataFrame, request: Form, first: Dimension, second: Dimension) -> pd.DataFrame:
    """Add hidden rows for combinations nobody is in, because their absence would say so."""
    if len(request.groups) < 2:
        return rows
    one, two = request.groups
    there = set(_keys(rows, request.groups))
    wanted = itertools.product(_leaf_labels(first), _leaf_labels(second))
    absent = [key for key in wanted if key not in there]
    if not absent:
        return rows
    extra = pd.DataFrame(absent, columns=[one, two]).astype({one: rows[one].dtype, two: rows[two].dtype})
    for column in request.lines:
        extra[column] = rows[column].iloc[[0] * len(extra)].to_numpy()
    extra = extra.assign(**{request.count: 0, "_hidden": True, "_primary": True})
    return pd.concat([rows, extra], ignore_index=True)


def _leaf_labels(dimension: Dimension) -> list[Hashable]:
    return [label for label, place in dimension.place.items() if label is not None and place not in dimension.children]
