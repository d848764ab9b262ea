"""The table of who answered every question."""

from __future__ import annotations

from one_more_table.making import complete_answers

from segment.tables import Maker, Shown, ShownColumn, TableSpec
from segment.tables.columns import WAVE, count, number
from segment.tables.release_plan import ReleasePlan

COMPLETE = TableSpec(
    "complete",
    "wave and segment",
    ("wave", "segment"),
    (
        WAVE,
        number("segment", "segment number; empty for everyone"),
        count("n", "people who answered"),
        number("share", "share who left no question open", 0, 1),
        number("low", "95 % interval", 0, 1),
        number("high", "95 % interval", 0, 1),
    ),
    release=ReleasePlan(shares=("share", "low", "high"), kind="rates"),
    shown=Shown(
        columns=(
            ShownColumn("segment", "segment", width=32),
            ShownColumn("n", "people"),
            ShownColumn("share", "percent", shade=True),
            ShownColumn("low", "percent"),
            ShownColumn("high", "percent"),
        ),
        display="dots",
        line="segment",
        value="share",
        ends=("low", "high"),
        section="segments",
        sheet="complete",
        title="complete.finding",
        text="complete.text",
    ),
    maker=Maker("relate", ("need_scores", "assignments"), complete_answers),
)
