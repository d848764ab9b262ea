"""The tables of what to do: actions per segment, and what stands on a person's own card."""

from __future__ import annotations

from segment.tables.columns import ALIKE, NEED, PERSON, PLACE, WAVE, count, number, text
from segment.tables.registry import register
from segment.tables.release_plan import Alike, ReleasePlan
from segment.tables.shown import Shown
from segment.tables.spec import Column, TableSpec

PLANS = TableSpec(
    "plans",
    "segment and action",
    ("segment", "action"),
    (
        number("segment", "segment number; empty for everyone", unit="segment"),
        NEED,
        text("action", "action code of the catalogue"),
        number("rank", "order within the segment, 1 first", 1, unit="rank"),
        number("priority", "shortfall times share of people", unit="shortfall times share"),
        count("n", "people of the segment who answered about the need"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=("rank", "action", "need"),
        chosen=("rank", "action", "need"),
        shares=("priority",),
        kind="rates",
        ranks={"place": ()},
        alike={"about_as_much": Alike("place", "name", "alike", near="near")},
        orders={"place": lambda rows: -rows["priority"]},
    ),
    made=(
        PLACE,
        ALIKE,
    ),
    shown=Shown(display="own", section="actions", at=10, sheet="actions"),
)

CARDS = TableSpec(
    "cards",
    "person, need and action on the person's own card",
    ("person", "rank"),
    (
        PERSON,
        WAVE,
        Column("rank", "integer", "order on the card, 1 first", low=1, unit="rank"),
        NEED,
        text("action", "action code of the catalogue", nullable=True),
    ),
    open_to=("*",),
    about_people=True,
)

register(PLANS, CARDS)
