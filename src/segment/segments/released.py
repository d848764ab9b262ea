"""Figures of segments as they leave: unmet needs in a table of their own, yes-no answers as shares."""

from __future__ import annotations

import pandas as pd

from segment.tables.release_plan import Frames
from segment.tables.shapes import YES_NO, shares_apart


def means_and_scores(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """What segments answered and what weighs for them; unmet needs are a table of their own.

    Scores are counted from everyone's own mean: of everyone they are nought by construction, and say nothing.
    """
    noughts = (rows["measure"] == "score") & (len(set(rows["segment"])) == 1)
    return rows[(rows["measure"] != "shortfall") & ~noughts]


def shortfalls(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """Unmet needs per segment, and of everyone: the weighted mean that stands beside every segment."""
    rows = rows[rows["measure"] == "shortfall"]
    kept = ["segment", "need", "n", "shortfall", "low", "high", *(c for c in ("alike", "alike_of_all") if c in rows)]
    own = rows.rename(columns={"mean": "shortfall"})[kept]
    own = own.assign(low=own["low"].clip(lower=0.0), high=own["high"].clip(upper=1.0))
    told = {"n": ("n", "sum"), "shortfall": ("overall", "first")}
    if "alike" in rows and len(set(rows["segment"])) == 1:
        told["alike"] = ("alike", "first")
    everyone = rows.groupby("need", sort=False).agg(**told).reset_index()
    together = pd.concat([own, everyone.assign(segment=float("nan"))], ignore_index=True)
    names = [
        None if segment != segment else f"{segment:.0f} {need}"
        for segment, need in zip(together["segment"].astype(float), together["need"], strict=True)
    ]
    return together.assign(name_of_all=pd.Series(names, index=together.index, dtype=object))


def outcomes_told(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """What was asked with two answers is a share, as it is wherever else it is reported."""
    told = rows.assign(differs=(rows["p_value"] < 0.05).map(YES_NO))
    is_share = told["unit"] == "share" if "unit" in told else pd.Series(False, index=told.index)
    return shares_apart(told, is_share, {"mean": "share", "overall": "share_overall"})


def exemplars_told(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """What was asked with two answers is a share of people."""
    if "unit" not in rows:
        return rows
    shares = {"share": rows["mean"], "share_overall": rows["overall"]}
    return rows.assign(**shares, mean=float("nan"), overall=float("nan"))


def whole_segments(rows: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """With everyone in the segment, because that is what it is about; it is measured on most of them."""
    rows = rows.dropna(subset="segment")
    return rows.assign(n=rows["segment"].map(frames["segments"].set_index("segment")["n"]).astype("int64"))


def of_both_waves(released: pd.DataFrame) -> pd.DataFrame:
    """The rows of a segment then and a segment now, without those of all of a segment."""
    return released.dropna(subset=["segment_from", "segment_to"]).reset_index(drop=True)


def each_length(released: pd.DataFrame) -> pd.DataFrame:
    """One row per length of the short form."""
    return released.drop_duplicates("n_items").reset_index(drop=True)


def longest_form(released: pd.DataFrame) -> pd.DataFrame:
    """The questions of the longest short form."""
    lengths = released["n_items"].astype(float)
    return released[lengths == lengths.max()].reset_index(drop=True)


def of_needs(released: pd.DataFrame) -> pd.DataFrame:
    """What groupings explain of needs, where that was asked; else of what was."""
    needs = released["target"] == "needs"
    return released[needs].reset_index(drop=True) if needs.any() else released


def nothing_where_it_is_less(released: pd.DataFrame) -> pd.DataFrame:
    """Without figures where a grouping explains nothing of other people: a band of zero to zero would be too sure."""
    figures = ["explained", "low", "high"]
    less = released["high"] <= 0
    return released.assign(**{name: released[name].where(~less).clip(0, 1) for name in figures})


def once_a_segment(released: pd.DataFrame) -> pd.DataFrame:
    """One row per segment: by the first measure that was taken of it."""
    return released.dropna(subset="segment").drop_duplicates("segment").reset_index(drop=True)
