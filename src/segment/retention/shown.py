"""What is made of released figures of staying and leaving before they are shown: ends, the strongest, rivals."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: More months than these are thinned out where they are printed.
_MOST_MONTHS = 24


def strongest_of_segments(released: pd.DataFrame) -> pd.DataFrame:
    """The rows of a segment, in the order of the features; a feature of which all is hidden is not among them."""
    rows = released.dropna(subset="segment")
    place = rows["place"].where(rows["change"].notna()).groupby(rows["feature"]).transform("min")
    rows = rows.assign(place=place)[place.notna()]
    return rows.sort_values("place", kind="stable").reset_index(drop=True)


def sensitivity_ends(released: pd.DataFrame) -> pd.DataFrame:
    """What is expected at the low and at the high end of each feature, and how far apart these are."""
    rows = released[released["level"].isin(("low", "high"))]
    wide = rows.pivot_table(index="feature", columns="level", values="leaving", sort=False)
    wide = wide.reindex(columns=["low", "high"]).dropna()
    rows = rows[rows["feature"].isin(wide.index)]
    return rows.assign(difference=rows["feature"].map(wide["high"] - wide["low"])).reset_index(drop=True)


def rivals_told(released: pd.DataFrame) -> pd.DataFrame:
    """Gains with a margin only; whether a learner was chosen, or (``named``) taken because the study file says so."""
    rows = released
    for name in ("gain", "behind"):
        low, high = rows[f"{name}_low"], rows[f"{name}_high"]
        rows = rows.assign(**{name: rows[name].where(np.isfinite(low) & np.isfinite(high) & (low != high))})
    if not _asked_for(rows):
        return rows
    named = rows["chosen"].where((rows["chosen"] != "yes") | (rows["learner"] == "floor"), "set")
    return rows.assign(named=named).drop(columns="chosen")


def _asked_for(rows: pd.DataFrame) -> bool:
    """Whether the study file named the learner: one ran alone, or one was taken that is not surely better."""
    rivals = rows[rows["learner"] != "floor"]
    if rivals.empty:
        return False
    unsure = (rivals["chosen"] == "yes") & (rivals["gain_low"] < 0)
    return bool(unsure.any() or (rivals.groupby("cause").size() == 1).all())


def past_where_it_counts(released: pd.DataFrame) -> pd.DataFrame:
    """Without the part of the value that lies past what was watched, where that is under a percent for everybody."""
    if "past" in released and not (released["past"] >= 1).any():
        return released.drop(columns="past")
    return released


def past_worth_saying(released: pd.DataFrame) -> pd.DataFrame:
    """Of whom at least a percent of the value lies past what was watched, or where that is hidden."""
    return released[(released["status"] == "hidden") | (released["past"] >= 1)]


def months_to_print(released: pd.DataFrame) -> pd.DataFrame:
    """Of many months half-years for five years, then years; a picture has every shown month.

    The month at which a curve begins is left out: that everyone is still there then is no finding.
    """
    released = released[~(released["survival"].notna() & released["low"].isna())]
    if released["month"].nunique() <= _MOST_MONTHS:
        return released
    return released[released["month"] % np.where(released["month"] <= 60, 6, 12) == 0]


def gone_by(released: pd.DataFrame, *, cause: str) -> pd.DataFrame:
    """The months to print that say who left by a cause, or hide it."""
    rows = months_to_print(released)
    return rows[(rows["status"] == "hidden") | rows[f"incidence_{cause}"].notna()]


def foretold(released: pd.DataFrame) -> pd.DataFrame:
    """The rows that say how many will have left."""
    return released[(released["status"] != "hidden") & released["left_low"].notna()]


def surest_shown(released: pd.DataFrame) -> pd.DataFrame:
    """Associations that are shown and have a figure, in the order of their rank."""
    return released[released["change"].notna()].sort_values("place", kind="stable")


def ends_shown(released: pd.DataFrame) -> pd.DataFrame:
    """What is expected at either end, where it is shown."""
    return sensitivity_ends(released[released["status"] != "hidden"])
