"""The tables of needs: what people need by their answers, and how reliable the questions are."""

from __future__ import annotations

from segment.tables.columns import NEED, PERSON, WAVE, count, number, text
from segment.tables.registry import register
from segment.tables.release_plan import ReleasePlan
from segment.tables.shown import Shown, ShownColumn
from segment.tables.spec import Column, TableSpec

NEED_SCORES = TableSpec(
    "need_scores",
    "person and wave",
    ("person", "wave"),
    (
        PERSON,
        WAVE,
        Column("usable", "flag", "answered enough, and not the same answer everywhere"),
        number("answered", "share of the basis items answered", 0, 1),
        number("level", "the person's mean answer, on the scale (response style)", unit="scale of the answers"),
        number(
            "spread",
            "the person's spread over needs, relative to the pool (response style)",
            0,
            unit="times the pool's",
        ),
    ),
    # score_: style-free score in pool standard deviations; importance_, experience_: mean answer, 1 to 5;
    # shortfall_: unmet need, 0 (met) to 1
    open_to=("score_", "importance_", "experience_", "shortfall_", "wish_"),
    about_people=True,
)

RELIABILITY = TableSpec(
    "reliability",
    "need and block of items",
    ("need", "block"),
    (
        NEED,
        text("block", "importance or experience"),
        count("items", "number of items", unit="items"),
        count("n", "people"),
        number("alpha", "Cronbach's alpha", None, 1, unit="coefficient"),
        number("alpha_low", "95 % interval", unit="coefficient"),
        number("alpha_high", "95 % interval", unit="coefficient"),
        number("omega", "McDonald's omega", None, 1, unit="coefficient"),
        number("omega_low", "95 % interval", unit="coefficient"),
        number("omega_high", "95 % interval", unit="coefficient"),
        number("item_rest_min", "lowest item-rest correlation", -1, 1, unit="correlation"),
        number("item_rest_mean", "mean item-rest correlation", -1, 1, unit="correlation"),
        text("reason", "why a figure is missing; empty when none is", nullable=True, words="needs.reason"),
    ),
    release=ReleasePlan(
        groups=(), lines=("need", "block"), overall=("alpha", "omega"), digits={"alpha": 2, "omega": 2}
    ),
    shown=Shown(
        (
            ShownColumn("need", "need", head="display.column.need"),
            ShownColumn("block", "word", head="report.column.block", words="report.basis"),
            ShownColumn("alpha", "two", head="report.column.alpha"),
            ShownColumn("omega", "two", head="report.column.omega"),
        ),
        section="method", at=50, sheet="method", title="report.method.reliability",
        text="report.method.reliability.text",
    ),
)  # fmt: skip

register(NEED_SCORES, RELIABILITY)
