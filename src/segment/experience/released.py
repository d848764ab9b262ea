"""Figures of the relationship as they leave: shares in columns of their own, matches as shares of people."""

from __future__ import annotations

import pandas as pd

from segment.tables.release_plan import Frames
from segment.tables.shapes import shares_apart


def scorecard_told(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """What was measured, shares apart from means."""
    measured = rows[rows["status"] == "measured"]
    return shares_apart(measured, measured["unit"] == "share")


def match_shares(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """Of the people a role was compared with, the share that fits on both sides."""
    counts = rows[rows["n"] > 0]
    return counts.assign(share=counts["both"] / counts["n"])
