"""What tables have in common on their way out: shares in columns of their own, words for flags."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

#: Flags leave as words.
YES_NO = {True: "yes", False: "no"}

#: Table -> its means of answers -> what they are called where they are shares of people who say yes.
SAID_YES: Mapping[str, Mapping[str, str]] = {
    "profiles": {"mean": "share", "low": "share_low", "high": "share_high", "overall": "share_overall"},
    "promises": {"promised": "promised_yes", "kept": "kept_yes"},
    "journey": {"value": "share", "low": "share_low", "high": "share_high"},
}


def shares_apart(rows: pd.DataFrame, is_share: pd.Series, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Shares in columns of their own, because they are rounded and banded in another way than means.

    Parameters
    ----------
    rows
        With columns ``low`` and ``high``, and those named.
    is_share
        Which rows are shares; one flag per row.
    names
        Column -> column of its shares; by default ``value`` and ``share``.
    """
    columns = {**(names or {"value": "share"}), "low": "share_low", "high": "share_high"}
    shares = {new: rows[old].where(is_share) for old, new in columns.items()}
    return rows.assign(**shares, **{old: rows[old].where(~is_share) for old in columns})


def of_segments(released: pd.DataFrame) -> pd.DataFrame:
    """The rows of a segment, without those of everyone."""
    return released.dropna(subset="segment").reset_index(drop=True)


def where_any_is_of_a_segment(released: pd.DataFrame) -> pd.DataFrame:
    """All rows, or none where everyone stands alone."""
    return released if released["segment"].notna().any() else released.iloc[:0]


def with_their_r(released: pd.DataFrame) -> pd.DataFrame:
    """Rows with which of the seven Rs each is about (``of_r``), where any is about one."""
    return released.assign(of_r=released["r"]) if (released["r"].fillna("") != "").any() else released
