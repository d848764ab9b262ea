"""The tables of what tells a segment apart, what goes with it and how attractive it is; drivers without segments."""

from __future__ import annotations

from dataclasses import replace

from segment.segments.released import (
    exemplars_told,
    outcomes_told,
)
from segment.tables.columns import (
    BY_SEGMENT,
    INTERVAL,
    NEED,
    OF_SEGMENT,
    PEOPLE,
    PLACE,
    SEGMENT,
    SHARE,
    SHARE_OF_ALL,
    YES_SHARE,
    YES_SHARE_OF_ALL,
    YES_SHARES,
    count,
    number,
    text,
)
from segment.tables.release_plan import ReleasePlan
from segment.tables.shown import Shown, ShownColumn, View
from segment.tables.spec import TableSpec

SEGMENT_OUTCOMES = TableSpec(
    "segment_outcomes",
    "outcome that was asked and segment",
    ("item", "segment"),
    (
        text("item", "code of the question"),
        text("kind", "kind of the question"),
        SEGMENT,
        count("n", "people of the segment who answered"),
        number("mean", "mean answer, corrected for wrong assignment (BCH)", unit="scale of the question"),
        number("low", "95 % interval", unit="scale of the question"),
        number("high", "95 % interval", unit="scale of the question"),
        number("overall", "mean of everyone", unit="scale of the question"),
        number("p_value", "that all segments are alike; Holm over all outcomes", 0, 1),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=("item",),
        means=("mean", *INTERVAL, "overall"),
        shares=("share", "share_low", "share_high", "share_overall"),
        texts=("differs",),
        answers=("mean", "overall"),
        shape=outcomes_told,
    ),
    made=(
        *YES_SHARES,
        YES_SHARE_OF_ALL,
        text("differs", "yes where segments surely differ in it"),
    ),
    shown=Shown(
        views=(
            View(
                (ShownColumn("item", "question", head="report.outcomes.question"),),
                across=ShownColumn("segment", "segment"),
                cells={"": ShownColumn("mean", "one", yes="share")},
                after=(
                    ShownColumn("overall", "one", head="display.everyone", yes="share_overall"),
                    ShownColumn("differs", "word", head="report.outcomes.differs", words="report"),
                ),
                lines=("item",),
            ),
        ),
        study="segments",
        section="segments",
        part="appendix",
        at=60,
        title="report.outcomes.title",
        text="report.outcomes.text",
    ),
)

EXEMPLARS = TableSpec(
    "exemplars",
    "segment and place in what its imagined person says",
    ("segment", "place"),
    (
        SEGMENT,
        count("place", "1 stands out most", unit="rank"),
        text("side", "more or less than others"),
        text("item", "code of the question"),
        NEED,
        count("n", "people of the segment who answered"),
        number("mean", "mean answer of the segment", unit="scale of the question"),
        number("overall", "mean answer of everyone", unit="scale of the question"),
        number("difference", "in standard deviations, the segment's own level taken out", unit="standard deviations"),
    ),
    release=ReleasePlan(
        lines=("place", "side", "item"),
        chosen=("place", "side", "item"),
        means=("mean", "overall"),
        shares=("share", "share_overall"),
        kind="segments",
        answers=("mean", "overall"),
        shape=exemplars_told,
    ),
    made=(YES_SHARE, YES_SHARE_OF_ALL,),
    shown=Shown(
        (
            OF_SEGMENT, ShownColumn("item", "feature", head="report.exemplar.question", width=52),
            ShownColumn("side", "word", head="report.exemplar.side", words="report.exemplar", width=24), PEOPLE,
            ShownColumn("mean", "one", width=13), ShownColumn("overall", "one", width=11), SHARE, SHARE_OF_ALL,
        ),
        views=(View(
            (
                replace(BY_SEGMENT, once=True), ShownColumn("item", "question", head="report.exemplar.question"),
                ShownColumn("side", "word", head="report.exemplar.side", words="report.exemplar"),
                ShownColumn("mean", "one", head="report.exemplar.mean", yes="share"),
                ShownColumn("overall", "one", head="report.exemplar.overall", yes="share_overall"),
            ),
            order=("segment", "place"), with_hidden=False,
        ),),
        study="segments", section="segments", part="appendix", at=50, sheet="exemplars", title="report.exemplar.title",
        text="report.exemplar.text",
    ),
)  # fmt: skip

ATTRACTIVENESS = TableSpec(
    "attractiveness",
    "segment and criterion",
    ("segment", "criterion"),
    (
        SEGMENT,
        text("criterion", "size, distinctness, cohesion, shortfall or leaving"),
        count("n", "people"),
        number("value", "in the criterion's own unit", unit="of the criterion"),
        number("rating", "0 the lowest of the segments, 10 the highest", 0, 10, unit="0 to 10"),
        number("importance", "of the criterion; adds to one", 0, 1),
        number("attractiveness", "weighted mean of the ratings", 0, 10, unit="0 to 10"),
        count("rank", "1 is the most attractive", unit="rank"),
    ),
    release=ReleasePlan(
        lines=("criterion",),
        means=("rating", "attractiveness"),
        kind="segments",
        relative=True,
        ranks={"place": ("criterion",)},
        orders={"place": lambda rows: -rows["attractiveness"]},
    ),
    made=(PLACE,),
    shown=Shown(
        (
            OF_SEGMENT, ShownColumn("criterion", "word", words="report.attractive", width=24), PEOPLE,
            ShownColumn("rating", "one", width=13, shade=True), ShownColumn("attractiveness", "one", width=16),
        ),
        views=(View(
            (BY_SEGMENT,), across=ShownColumn("criterion", "word", words="report.attractive"),
            cells={"": ShownColumn("rating", "one")},
            after=(ShownColumn("attractiveness", "one", head="report.attractive.together"),), lines=("segment",),
            order=("place",), with_hidden=False,
        ),),
        study="segments", section="actions", part="appendix",
        at=20, sheet="attractiveness", title="report.attractive.title",
        text="report.attractive.text",
    ),
)  # fmt: skip

DRIVERS = TableSpec(
    "drivers",
    "need, in an organisation too small for segments",
    ("need",),
    (
        NEED,
        count("n", "people"),
        number("mean", "mean importance, centred within the person, in answer units", unit="scale of the answers"),
        number("low", "95 % interval, of these answers alone", unit="scale of the answers"),
        number("high", "95 % interval, of these answers alone", unit="scale of the answers"),
        number("pull", "how far the estimate is drawn toward what is usual", 0, 1),
        number("shrunken", "the best estimate (empirical Bayes)", unit="scale of the answers"),
        number("shrunken_low", "its 95 % interval", unit="scale of the answers"),
        number("shrunken_high", "its 95 % interval", unit="scale of the answers"),
        count("rank", "1 is the strongest", unit="rank"),
        text("code", "SM001 too few to cluster, SM002 and the archetypes do not fit"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=("need", "rank"),
        chosen=("need", "rank"),
        means=("shrunken", "shrunken_low", "shrunken_high"),
        kind="driver",
    ),
    made=(number("segment", "always empty: everyone", unit="segment"),),
    shown=Shown(
        views=(
            View(
                (
                    ShownColumn("need", "need", head="display.column.need"),
                    *(
                        ShownColumn(f"shrunken{end}", "one", head=f"report.drivers.{head}")
                        for end, head in (("", "weight"), ("_low", "low"), ("_high", "high"))
                    ),
                ),
                order=("rank",),
                with_hidden=False,
            ),
        ),
        section="segments",
        at=70,
        title="report.drivers.title",
        text="report.drivers.text",
    ),
)

#: All of them, for the room to register.
TELLING = (SEGMENT_OUTCOMES, EXEMPLARS, ATTRACTIVENESS, DRIVERS)
