"""The table of who answered every question."""

from __future__ import annotations

from one_more_table.making import complete_answers

from segment.tables import Maker, Shown, TableSpec, Told
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
            Told("segment", "segment", width=32),
            Told("n", "people"),
            Told("share", "percent", shade=True),
            Told("low", "percent"),
            Told("high", "percent"),
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
