"""The tables of what to do: actions per segment, and what stands on a person's own card."""

from __future__ import annotations

import pandas as pd

from segment.personalisation.begun_actions import OTHER_NEEDS
from segment.tables.columns import ALIKE, NEED, PERSON, PLACE, WAVE, count, number, text
from segment.tables.registry import register
from segment.tables.release_plan import Alike, Frames, ReleasePlan
from segment.tables.shown import Shown, ShownColumn, View
from segment.tables.spec import Column, TableSpec
from segment.vocabulary import Weighing

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
        text("reason", "why it is planned here, without a figure", words="personalisation.reason"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        weighing=Weighing.PRIORITY,
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

_ENDS = ("effect_low", "effect_high")
#: Numbers of people who waited are reported in steps of so many, downwards.
_STEP = 5


def effects_told(rows: pd.DataFrame, _: Frames) -> pd.DataFrame:
    """Means before and effects, those of what is lacking as a share and in points of a hundred."""
    lacks = (rows["role"] == "target") | (rows["about"] == OTHER_NEEDS)
    apart = {"before": rows["before"].mask(lacks), "before_share": rows["before"].where(lacks)}
    in_points = {name: rows[name].where(~lacks, 100.0 * rows[name]) for name in ("effect", *_ENDS)}
    return rows.assign(**apart, **in_points, waiting=rows["waiting"] // _STEP * _STEP)


ACTION_EFFECTS = TableSpec(
    "action_effects",
    "action that was begun and figure that it may have changed",
    ("action", "about"),
    (
        text("action", "action code of the catalogue"),
        text("need", "need code that the action is for; empty where the catalogue has no such action"),
        text("role", "target (what the action is for) or side (what may get worse meanwhile)"),
        text("about", "need whose shortfall it is; other_needs (the mean of the others); or kind of questions"),
        text("reason", "why there can be no effect; empty where there may be one", words="action.reason"),
        text("begun", "segments in which it began, counted from one, with the first wave since; empty without"),
        count("n", "people of these segments who were seen before and since; 0 without an effect"),
        count("waiting", "people who were seen waiting in two waves; released at least, in steps of five"),
        count("alongside", "other actions that began for the same segments by the same wave", unit="actions"),
        number("before", "mean before it began, of those people", unit="of the figure"),
        number("effect", "change that goes with the action, less that of those who waited", unit="of the figure"),
        number("effect_low", "95 % interval", unit="of the figure"),
        number("effect_high", "95 % interval", unit="of the figure"),
        text("result", "better, worse, unsure (may be chance); empty without an effect", words="action.result"),
    ),
    release=ReleasePlan(
        groups=("begun",),
        lines=("action", "need", "role", "about", "reason"),
        means=("before", "effect", *_ENDS, "waiting", "alongside"),
        shares=("before_share",),
        texts=("result",),
        kind="driver",
        people="begun",
        answers=("before",),
        digits={"waiting": 0, "alongside": 0},
        shape=effects_told,
    ),
    made=(number("before_share", "mean before it began, of what lies between 0 and 1", 0, 1),),
    shown=Shown(
        (
            ShownColumn("action", "action", width=40),
            ShownColumn("role", "word", words="action.role", width=22),
            ShownColumn("about", "about", width=34),
            ShownColumn("reason", "word", words="action.reason", width=44),
            ShownColumn("n", "people"),
            ShownColumn("before", "one"),
            ShownColumn("before_share", "two"),
            ShownColumn("effect", "one"),
            *(ShownColumn(end, "one") for end in _ENDS),
            ShownColumn("before_share", "unit", head="table.action_effects.unit", width=24),
            ShownColumn("waiting", "count"),
            ShownColumn("alongside", "count"),
            ShownColumn("result", "word", words="action.result", width=34),
        ),
        views=(
            View(
                (
                    ShownColumn("action", "action", once=True),
                    ShownColumn("about", "about"),
                    ShownColumn("n", "people"),
                    ShownColumn("before", "one"),
                    ShownColumn("before_share", "two"),
                    ShownColumn(
                        "effect", "signed", ends=_ENDS, share="before_share", head="table.action_effects.within"
                    ),
                    ShownColumn("alongside", "count"),
                    ShownColumn("result", "word", words="action.result"),
                    ShownColumn("reason", "word", words="action.reason"),
                ),
            ),
        ),
        why_not="reason",
        section="actions",
        at=25,
        sheet="action_effects",
        title="table.action_effects.title",
        text="table.action_effects.text",
    ),
)

BEGUN_PEOPLE = TableSpec(
    "begun_people",
    "person behind an effect of an action, and wave whose answers count there",
    ("begun", "side", "wave", "person"),
    (
        text("begun", "segments in which an action began, as in action_effects"),
        text("side", "began (seen before and since) or waiting (in two waves)"),
        WAVE,
        PERSON,
        number("segment", "segment of the person before anything began", unit="segment"),
    ),
    about_people=True,
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

register(PLANS, ACTION_EFFECTS, BEGUN_PEOPLE, CARDS)
