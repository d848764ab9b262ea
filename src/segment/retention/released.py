"""Figures of staying and leaving as they leave: log odds as percentages, settings in words, gains on the floor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.disclosure.figures import rounded
from segment.tables.release_plan import Frames
from segment.tables.shapes import YES_NO, shares_apart

#: What is reported of a group's outcome.
_OF_OUTCOME = ("observed", "oe", "fpr", "fnr")
#: Standard errors on either side of a 95 % interval.
_REACH = 1.96


def segment_effects_in_percent(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """``change``: by how many percent a feature shifts the odds of leaving in a segment; features that do, only.

    >>> rows = pd.DataFrame({"segment": [0], "feature": ["pay"], "n": [40], "events": [12], "effect": [0.0953]})
    >>> segment_effects_in_percent(rows.assign(low=0.0, high=0.2))[["change", "low", "high"]].round(1).values.tolist()
    [[10.0, 0.0, 22.1]]
    """
    named = (("change", "effect"), ("low", "low"), ("high", "high"))
    shown = rows.assign(**{new: _percent(rows[old]) for new, old in named}, place=surest_first(rows, "effect"))
    most = shown.groupby("feature")["change"].transform(lambda change: change.abs().max())
    return shown[most.round() >= 1].reset_index(drop=True)


def effects_in_percent(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """``change`` of the odds of everyone in percent, with its interval; no log odds beside it.

    An attribute of which no two groups could be compared has no association: it is left out.

    >>> rows = pd.DataFrame({"feature": ["pay", "of"], "effect": [0.0953, None], "low": [0, None], "high": [0.2, None]})
    >>> effects_in_percent(rows)[["change", "change_low", "change_high"]].round(1).values.tolist()
    [[10.0, 0.0, 22.1]]
    """
    rows = rows[rows["effect"].notna()].reset_index(drop=True)
    named = (("change", "effect"), ("change_low", "low"), ("change_high", "high"))
    told = {new: _percent(rows[old]) for new, old in named if old in rows}
    return rows.assign(**told, place=surest_first(rows, "effect"))


def surest_first(rows: pd.DataFrame, value: str) -> pd.Series:
    """What puts associations in order, the lowest first: those whose interval leaves out zero, the largest first.

    The interval is that which is printed, in whole percent: one that ends at 0 % is not sure to a reader.

    >>> rows = pd.DataFrame({"effect": [1.0, -0.4, 0.2], "low": [-0.2, -0.7, 0.1], "high": [2.3, -0.1, 0.3]})
    >>> surest_first(rows, "effect").rank().tolist()
    [3.0, 1.0, 2.0]
    >>> zero = pd.DataFrame({"effect": [-0.9, 0.1], "low": [-1.8, 0.02], "high": [-0.004, 0.2]})
    >>> surest_first(zero, "effect").rank().tolist()
    [2.0, 1.0]
    """
    size = rows[value].abs()
    if not {"low", "high"} <= set(rows):
        return -size
    low, high = (rounded(end, _percent(rows[end]).to_numpy(), 0) for end in ("low", "high"))
    doubtful = ~((low > 0) | (high < 0))
    return doubtful - size / (1 + size)


def sensitivity_in_percent(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """Expected shares in percent."""
    return rows.assign(leaving=100 * rows["leaving"])


def settings_in_words(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """The tornado of everyone's mean value, its settings as percentages."""
    words = {name: [f"{100 * value:.0f}%" for value in rows[name]] for name in ("low_setting", "high_setting")}
    return rows.assign(segment=float("nan"), **words)


def gains_in_percent(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """What each learner gains on the floor, and lacks beside the best, in percent of the floor's log loss."""
    floors = rows[rows["learner"] == "floor"].drop_duplicates("cause").set_index("cause")["log_loss"]
    of = rows["cause"].map(floors)
    found = rows.assign(chosen=rows["chosen"].map(YES_NO))
    for name in ("gain", "behind"):
        value, error = 100 * rows[name] / of, 100 * rows[f"{name}_error"] / of
        found = found.assign(
            **{name: value, f"{name}_low": value - _REACH * error, f"{name}_high": value + _REACH * error}
        )
    return found[found["log_loss"].notna()].reset_index(drop=True)


def _percent(log_odds: pd.Series) -> pd.Series:
    with np.errstate(over="ignore"):
        return pd.Series(100 * np.expm1(log_odds.to_numpy(dtype=float)), index=log_odds.index)


def group_results_told(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """Shares, and observed over expected in percent; nothing about the outcome of a group with few of a kind.

    What was observed, its errors and their ratio stand beside each other, of those who left, who stayed, and both: one
    minus the other is the third. So all of them are shown for the people of the whole group, or none where too few
    left or stayed for a figure about exits.
    """
    rows = rows[rows["group"] != "(difference)"]
    rows = _of_both_kinds(rows.assign(group=rows["group"].where(rows["group"] != "(everyone)")))
    is_ratio = rows["metric"] == "oe"
    told = {name: (100 * rows[name]).where(is_ratio, rows[name]) for name in ("value", "low", "high")}
    return shares_apart(rows.assign(**told), ~is_ratio)


def calibration_told(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """Of leaving for any cause, with words for flags."""
    rows = rows[rows["cause"] == "any"]
    return rows.assign(covers=rows["covers"].map(YES_NO))


def _of_both_kinds(rows: pd.DataFrame) -> pd.DataFrame:
    """``n`` of the whole group beside every figure of its outcome; ``fewer``: the smaller of who left and stayed."""
    place = pd.MultiIndex.from_frame(rows[["attribute", "group"]])
    sizes = {name: rows.loc[rows["metric"] == name].set_index(["attribute", "group"])["n"] for name in _OF_OUTCOME}
    whole, stayed, left = (sizes[name].reindex(place).fillna(0).to_numpy() for name in ("observed", "fpr", "fnr"))
    about = rows["metric"].isin(_OF_OUTCOME).to_numpy()
    fewer = np.where(about, np.minimum(stayed, left), rows["n"])
    return rows.assign(n=np.where(about, whole, rows["n"]).astype("int64"), fewer=fewer.astype("int64"))
