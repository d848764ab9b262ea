"""What of measures, changes and matches leaves: figures as a release takes them, from the tables of a stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.disclosure.figures import BROAD_UNDER, round_shares, rounded
from segment.tables.release_plan import Frames
from segment.tables.shapes import shares_apart


def scorecard_told(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """What was measured, shares apart from means."""
    measured = rows[rows["status"] == "measured"]
    told = _points_of_few(measured, ("value", "low", "high"), (measured["unit"] == "points") & _few(measured, "n"))
    return shares_apart(told, told["unit"] == "share")


def match_shares(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """Of the people a role was compared with, the share that fits on both sides."""
    counts = rows[rows["n"] > 0]
    return counts.assign(share=counts["both"] / counts["n"])


def changes_now(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """Figures then and now with their changes, shares apart from means."""
    share, rows = rows["unit"] == "share", _changes_of_few(rows)
    apart = {f"{one}_share": rows[one].where(share) for one in ("before", "now")}
    return _on_own_scale(rows, share).assign(**{one: rows[one].mask(share) for one in ("before", "now")}, **apart)


def changes_then(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """The same figures then, with how many people answered then."""
    share, rows = rows["unit"] == "share", _changes_of_few(rows)
    told = _on_own_scale(rows, share).assign(n=rows["n_before"])
    return told.assign(before=rows["before"].mask(share), before_share=rows["before"].where(share))


def _on_own_scale(rows: pd.DataFrame, share: pd.Series) -> pd.DataFrame:
    """Shares are on no scale of answers."""
    return rows.assign(**{end: rows[end].mask(share) for end in ("scale_low", "scale_high")})


def _few(rows: pd.DataFrame, column: str) -> pd.Series:
    """Where a number of people leaves as a band."""
    return rows[column] < BROAD_UNDER


def _changes_of_few(rows: pd.DataFrame) -> pd.DataFrame:
    """Each side as coarse as its own number of people allows, and the change as the smaller of both does."""
    share, points = rows["unit"] == "share", rows["unit"] == "points"
    few_then, few_now, told = _few(rows, "n_before"), _few(rows, "n"), rows
    for column, people, few in (("before", "n_before", few_then), ("now", "n", few_now)):
        among, none = rows[people].to_numpy(dtype=float), np.zeros(len(rows), dtype=bool)
        shares, _ = round_shares(rows[column].to_numpy(dtype=float), hidden=none, band=True, people=among)
        told = told.assign(**{column: told[column].mask(share & few, pd.Series(shares, index=rows.index))})
        told = _points_of_few(told, (column,), points & few)
    return _points_of_few(told, ("change", "change_low", "change_high"), (share | points) & (few_then | few_now))


def _points_of_few(rows: pd.DataFrame, columns: Sequence[str], few: pd.Series) -> pd.DataFrame:
    """Points of a hundred in tens where few people are behind them, ends of intervals outward: they are shares as well.

    >>> rows = pd.DataFrame({"value": [31.6, 31.6], "low": [-4.2, 12.0], "high": [68.1, 51.1]})
    >>> _points_of_few(rows, ["value", "low", "high"], pd.Series([True, False])).values.tolist()
    [[30.0, -10.0, 70.0], [31.6, 12.0, 51.1]]
    """
    told = {name: rounded(name, rows[name].to_numpy(dtype=float), -1) for name in columns}
    return rows.assign(**{name: np.where(few, values, rows[name]) for name, values in told.items()})
