"""From the tables of the stages to figures about groups: one wave, one row per group and line, words for flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from segment.needs.likeness import SHARES_ALIKE, intervals_meet, names_alike
from segment.stages.release.staying_figures import STAYING_SHAPES

#: Tables that exist for a release only, made of another one.
MADE_HERE = ("shortfalls",)

_YES_NO = {True: "yes", False: "no"}

Frames = Mapping[str, pd.DataFrame]


def shaped(tables: Frames, wave: str | None) -> dict[str, pd.DataFrame]:
    """Every table as a release takes it."""
    frames = {name: _of_wave(frame, wave) for name, frame in tables.items()}
    if "profiles" in frames:
        frames["shortfalls"] = frames["profiles"]
    made = {name: _SHAPES[name](frame, frames) if name in _SHAPES else frame for name, frame in frames.items()}
    if "segments" in frames and frames["segments"]["segment"].nunique() < 2:
        made = {name: _of_everyone(frame) for name, frame in made.items()}
    return {name: in_order_of(name, frame) for name, frame in made.items()}


def _of_everyone(rows: pd.DataFrame) -> pd.DataFrame:
    """Where there are no segments, what is said of the only one is said of everyone, and once."""
    if "segment" not in rows:
        return rows
    if rows["segment"].isna().any():
        return rows[rows["segment"].isna()]
    return rows.assign(segment=float("nan"))


#: What rows are told in the order of, the lowest first, on unrounded figures: column of the rank -> its number.
_ORDERS: Mapping[str, Mapping[str, Callable[[pd.DataFrame], pd.Series]]] = {
    "profiles": {"place": lambda rows: -rows["mean"]},
    "shortfalls": {"place": lambda rows: -rows["shortfall"], "place_of_all": lambda rows: -rows["shortfall"]},
    "promises": {"place": lambda rows: rows["kept"] - rows["promised"]},
    "journey": {"place": lambda rows: rows["value"], "place_of_weight": lambda rows: -rows["weight"]},
    "stability": {"place": lambda rows: rows["value"]},
    "leaving": {"place": lambda rows: -rows["value"]},
    "plans": {"place": lambda rows: -rows["priority"]},
    "value_sensitivity": {"place": lambda rows: -(rows["at_high"] - rows["at_low"]).abs()},
    "verdict": {"place": lambda rows: -rows["explained"]},
    "attractiveness": {"place": lambda rows: -rows["attractiveness"]},
}


def in_order_of(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """A table with the unrounded numbers by which its rows are told in order, under the names of the ranks."""
    ranked = rows.assign(**{rank: number(rows).astype(float) for rank, number in _ORDERS.get(name, {}).items()})
    return _LIKENESS[name](ranked) if name in _LIKENESS else ranked


def _of_segments(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares of segments with intervals of their own: which meet, line by line; everyone is no segment among others."""
    rows = rows.assign(name=rows["segment"])
    lines = [c for c in ("horizon", "measure") if c in rows]
    for _, own in rows[rows["segment"].notna()].groupby(lines):
        meet = intervals_meet(own["value"], own["low"], own["high"], least=SHARES_ALIKE)
        rows.loc[own.index, "alike"] = names_alike(meet, own["segment"].tolist())
    return rows


#: Tables whose likeness is not that of the same people answering, and is read from the intervals they come with.
_LIKENESS: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {"leaving": _of_segments, "stability": _of_segments}


def _of_wave(frame: pd.DataFrame, wave: str | None) -> pd.DataFrame:
    """The rows of one wave without its column; of moves, those from the wave before into this one."""
    if wave is None:
        return frame
    if {"wave_from", "segment_from"} <= set(frame):
        return frame[frame["wave_to"] == wave]  # moves are from the wave before
    return frame[frame["wave"] == wave].drop(columns="wave") if "wave" in frame else frame


def _profiles(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    return rows[rows["measure"] != "shortfall"]


def _shortfalls(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
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


def _scorecard(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    measured = rows[rows["status"] == "measured"]
    return _shares_apart(measured, measured["unit"] == "share")


def _group_results(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """Shares, and observed over expected in whole percent."""
    rows = rows.assign(group=rows["group"].where(rows["group"] != "(everyone)"))
    rows = rows[rows["group"] != "(difference)"]
    is_ratio = rows["metric"] == "oe"
    whole = {name: (100 * rows[name]).round().where(is_ratio, rows[name]) for name in ("value", "low", "high")}
    return _shares_apart(rows.assign(**whole), ~is_ratio)


def _calibration(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    rows = rows[rows["cause"] == "any"]
    return rows.assign(covers=rows["covers"].map(_YES_NO))


def _segment_outcomes(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """What was asked with two answers is a share, as it is wherever else it is told."""
    told = rows.assign(differs=(rows["p_value"] < 0.05).map(_YES_NO))
    is_share = told["unit"] == "share" if "unit" in told else pd.Series(False, index=told.index)
    return _shares_apart(told, is_share, {"mean": "share", "overall": "share_overall"})


def _exemplars(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """What was asked with two answers is a share of people."""
    if "unit" not in rows:
        return rows
    shares = {"share": rows["mean"], "share_overall": rows["overall"]}
    return rows.assign(**shares, mean=float("nan"), overall=float("nan"))


def _whole_segments(rows: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """With everyone in the segment, because that is what it is about; it is measured on most of them."""
    rows = rows.dropna(subset="segment")
    return rows.assign(n=rows["segment"].map(frames["segments"].set_index("segment")["n"]).astype("int64"))


def _match_counts(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    counts = rows[rows["n"] > 0]
    return counts.assign(share=counts["both"] / counts["n"])


def _shares_apart(rows: pd.DataFrame, is_share: pd.Series, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Shares in columns of their own, because they are rounded and banded in another way than means."""
    columns = {**(names or {"value": "share"}), "low": "share_low", "high": "share_high"}
    shares = {new: rows[old].where(is_share) for old, new in columns.items()}
    return rows.assign(**shares, **{old: rows[old].where(~is_share) for old in columns})


_SHAPES: Mapping[str, Callable[[pd.DataFrame, Frames], pd.DataFrame]] = {
    "profiles": _profiles,
    "shortfalls": _shortfalls,
    "scorecard": _scorecard,
    "group_results": _group_results,
    "calibration": _calibration,
    "segment_outcomes": _segment_outcomes,
    "exemplars": _exemplars,
    "stability": _whole_segments,
    "neighbours": _whole_segments,
    "match_counts": _match_counts,
    **STAYING_SHAPES,
}
