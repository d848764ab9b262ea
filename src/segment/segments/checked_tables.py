"""The tables of how sure segments are: what was tried, how firm they stand, and what a short form tells."""

from __future__ import annotations

from segment.needs.likeness import segments_alike
from segment.segments.released import each_length, longest_form, once_a_segment, whole_segments
from segment.segments.wave_tables import EARLIER_NAMES, IDENTITY, MIGRATION, MOVEMENT, TRANSITIONS, WAVE_STEPS
from segment.tables.columns import (
    ALIKE,
    BY_SEGMENT,
    EVERYONE,
    INTERVAL,
    NEED,
    PLACE,
    SEGMENT,
    count,
    number,
    text,
)
from segment.tables.release_plan import ReleasePlan, alike_by
from segment.tables.shown import Shown, ShownColumn, View
from segment.tables.spec import Column, TableSpec
from segment.vocabulary import Weighing

CANDIDATES = TableSpec(
    "candidates",
    "family of models and number of segments that was tried",
    ("family", "k"),
    (
        text("family", "family of models"),
        count("k", "number of segments", unit="segments"),
        Column("chosen", "flag", "the one that was taken"),
    ),
    open_to=("*",),
)

DIVISIONS = TableSpec(
    "divisions",
    "number of groups that a division was tried with, where no segments were found",
    ("k",),
    (
        count("k", "number of groups", unit="groups"),
        count("n", "people it was tried on"),
        number(
            "explained", "share of needs explained, on people and questions that were not used", unit="share of needs"
        ),
        number("explained_low", "95 % interval", unit="share of needs"),
        number("explained_high", "95 % interval", unit="share of needs"),
        text("rival", "what HR knows of people that comes nearest; empty where nothing is known"),
        number("rival_explained", "what that explains, with as many groups", unit="share of needs"),
        number("ahead", "how far the division is ahead of it", unit="share of needs"),
        number("ahead_low", "lower end of its 95 % interval", unit="share of needs"),
        number("again", "agreement with the group when asked again, beyond chance", -1, 1, unit="kappa"),
        number("again_low", "95 % interval, over samples of people", -1, 1, unit="kappa"),
        number("again_high", "95 % interval, over samples of people", -1, 1, unit="kappa"),
        number("same", "share of people in the same group when asked again", 0, 1),
        number("same_low", "95 % interval, over samples of people", 0, 1),
        number("same_high", "95 % interval, over samples of people", 0, 1),
        number("by_halves", "agreement of the groups read from either half of the questions", -1, 1, unit="kappa"),
        number(
            "agreement",
            "mean agreement of divisions of disjoint halves of the people",
            -1,
            1,
            unit="adjusted Rand index",
        ),
        number("agreement_low", "nine in ten of those halves give this or more", -1, 1, unit="adjusted Rand index"),
        number("agreement_high", "and this or less; a range", -1, 1, unit="adjusted Rand index"),
        number("style_share", "share of people's mean answer that the groups explain", 0, 1),
        number("spread_share", "share of people's spread that the groups explain", 0, 1),
        number("smallest_share", "share of the smallest group", 0, 1),
        count("smallest_n", "people in the smallest group"),
        text("failed", "criteria not met; empty: all were met"),
        Column("chosen", "flag", "the one that was taken"),
    ),
)

#: Shares and likenesses over everyone, reported to a hundredth.
_SHARES = dict.fromkeys(("agreement", *INTERVAL, "chance", "same"), 2)

DETECTION = TableSpec(
    "detection",
    "kind of groups that were planted to see what would have been found",
    ("planted",),
    (
        Column(
            "planted", "text", "groups among people without any, or one further group beside those found",
            allowed=("groups", "further"),
        ),
        count("groups", "how many groups were planted", unit="groups"),
        number("smallest", "share of the smallest, of the further one where one was planted", 0, 1),
        number("limit", "smallest difference that is found in 80 % of worlds; of none: the largest tried", 0,
               unit="points of the scale"),
        number("low", "interval, meant to hold 90 %", 0, unit="points of the scale"),
        number("high", "interval, meant to hold 90 %", 0, unit="points of the scale"),
        Column("reached", "text", "no: not even the largest difference is found", allowed=("yes", "no")),
        number("width", "width of the answer scale", 0, unit="points of the scale"),
        count("worlds", "simulated worlds", unit="worlds"),
        count("n", "people whose answers the worlds are made after"),
    ),
    release=ReleasePlan(
        groups=(), lines=("planted",), overall=("groups", "smallest", "limit", *INTERVAL, "width", "worlds"),
        texts=("reached",), digits={**dict.fromkeys(("limit", *INTERVAL), 1), "smallest": 2},
    ),
    shown=Shown(display="words", section="method", at=12),
)  # fmt: skip

NEARNESS = TableSpec(
    "nearness",
    "gate that found segments have to pass",
    ("gate",),
    (
        text("gate", "name of the gate"),
        count("k", "number of segments of the best candidate that was not taken", unit="segments"),
        count("n", "people it was tried on"),
        number("reached", "what it reached", unit="of the gate"),
        number("needed", "what is needed: at least, at most for style", unit="of the gate"),
        Column("passed", "text", "whether it passed", allowed=("yes", "no")),
    ),
    release=ReleasePlan(
        groups=(),
        lines=("gate",),
        overall=("k", "reached", "needed"),
        texts=("passed",),
        digits={"k": 0, "reached": 2, "needed": 2},
    ),
    shown=Shown(
        (
            ShownColumn("gate", "word", words="report.nearness.gate", width=40),
            ShownColumn("k", "count"),
            ShownColumn("reached", "two"),
            ShownColumn("needed", "two"),
            ShownColumn("passed", "word", words="report"),
        ),
        section="method",
        part="appendix",
        at=14,
        sheet="method",
        title="report.nearness.title",
        text="report.nearness.text",
        run="discover",
    ),
)

STABILITY = TableSpec(
    "stability",
    "measure of stability, number of segments and segment",
    (),
    (
        text("measure", "what was measured"),
        count("k", "number of segments", unit="segments"),
        number("segment", "segment number; empty for the whole solution", unit="segment"),
        number("value", "mean over repetitions", unit="of the measure"),
        number("low", "5th percentile", unit="of the measure"),
        number("high", "95th percentile", unit="of the measure"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        weighing=Weighing.NONE,
        lines=("measure",),
        shares=("value", *INTERVAL),
        kind="segments",
        ranks={"place": ("measure",)},
        alike=alike_by("name"),
        orders={"place": lambda rows: rows["value"]},
        shape=whole_segments,
        likeness=segments_alike,
    ),
    made=(
        EVERYONE,
        PLACE,
        ALIKE,
    ),
    shown=Shown(
        (
            BY_SEGMENT,
            ShownColumn("value", "percent", head="display.column.value"),
            ShownColumn("low", "percent", head="display.column.middle", ends=INTERVAL),
        ),
        study="segments",
        display="dots",
        value="value",
        ends=INTERVAL,
        line="segment",
        order="segment",
        axis=False,
        shape=once_a_segment,
        scale=(1.0,),
        steps=4,
        section="method",
        at=10,
        title="display.stability.title",
        text="display.stability.text",
    ),
)

TYPING_TOOL = TableSpec(
    "typing_tool",
    "length of the short form and place in it",
    ("n_items", "place"),
    (
        count("n_items", "questions in the short form", unit="questions"),
        count("place", "1 tells most", unit="rank"),
        text("item", "code of the question"),
        NEED,
        number("agreement", "share of unseen people put in their segment of the full form", 0, 1),
        number("low", "95 % interval", unit="share"),
        number("high", "95 % interval", unit="share"),
        number("chance", "agreement when everyone is put in the largest segment", 0, 1),
        count("n", "unseen people"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=(), lines=("n_items", "place", "item"), overall=("agreement", *INTERVAL, "chance"), digits=_SHARES
    ),
    shown=Shown(
        views=(
            View(
                (
                    ShownColumn("n_items", "count", head="report.short.n_items"),
                    ShownColumn("agreement", "percent", head="report.short.agreement"),
                    ShownColumn("low", "percent", head="report.short.interval", ends=INTERVAL),
                    ShownColumn("chance", "percent", head="report.short.chance"),
                ),
                shape=each_length,
                with_hidden=False,
                title="report.short.title",
                text="report.short.text",
            ),
            View(
                (
                    ShownColumn("place", "count", head="report.short.place"),
                    ShownColumn("item", "feature", head="report.outcomes.question"),
                ),
                shape=longest_form,
                with_hidden=False,
                title="report.short.questions",
            ),
        ),
        study="segments",
        section="method",
        at=40,
    ),
)

INTERVIEW = TableSpec(
    "interview",
    "form that adapts to what somebody answered",
    ("most",),
    (
        count("most", "questions that anybody is asked at most", unit="questions"),
        number("questions", "questions that unseen people were asked, on average", 0, unit="questions"),
        number("agreement", "share of unseen people put in their segment of the full form", 0, 1),
        number("low", "95 % interval", unit="share"),
        number("high", "95 % interval", unit="share"),
        count("n", "unseen people"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=(), lines=("most",), overall=("questions", "agreement", *INTERVAL), digits={**_SHARES, "questions": 1}
    ),
    shown=Shown(
        (
            ShownColumn("questions", "one"),
            ShownColumn("most", "count"),
            ShownColumn("agreement", "percent", head="report.short.agreement"),
            ShownColumn("low", "percent", head="report.short.interval", ends=INTERVAL),
        ),
        study="segments",
        section="method",
        at=41,
        title="report.interview.title",
        text="report.interview.text",
    ),
)

NEIGHBOURS = TableSpec(
    "neighbours",
    "segment",
    ("segment",),
    (
        SEGMENT,
        count("n", "people"),
        number("stability", "segment-level stability across solutions, from one segment fewer", 0, 1),
        text("one_with", "segments it is one with when there is one segment fewer; empty: it stands by itself"),
        text("parts", "in how many segments it falls when there is one more"),
    ),
    release=ReleasePlan(
        shares=("stability",),
        texts=("one_with", "parts"),
        kind="segments",
        shape=whole_segments,
        weighing=Weighing.NONE,
    ),
    shown=Shown(
        views=(
            View(
                (
                    BY_SEGMENT,
                    ShownColumn(
                        "one_with",
                        "segments",
                        head="report.neighbours.fewer",
                        words="report.neighbours.one_with",
                        blank="report.neighbours.itself",
                    ),
                    ShownColumn("parts", "parts", head="report.neighbours.more", words="report.neighbours"),
                    ShownColumn("stability", "percent", head="report.neighbours.stability"),
                ),
                with_hidden=False,
            ),
        ),
        study="segments",
        section="method",
        at=20,
        title="report.neighbours.title",
        text="report.neighbours.text",
    ),
)

WITHOUT_CHOICES = TableSpec(
    "without_choices",
    "kinds of questions that were left out",
    ("kinds",),
    (
        text("kinds", "rank, wish or both"),
        count("n", "people"),
        number(
            "agreement", "with the segments that have them (adjusted Rand index)", None, 1, unit="adjusted Rand index"
        ),
        number("same", "share of people who stay in the same segment", 0, 1),
    ),
    release=ReleasePlan(groups=(), lines=("kinds",), overall=("agreement", "same"), digits=_SHARES),
    shown=Shown(display="words", section="method", at=30),
)

CHECKED = (
    CANDIDATES,
    DIVISIONS,
    DETECTION,
    NEARNESS,
    STABILITY,
    MIGRATION,
    TYPING_TOOL,
    INTERVIEW,
    IDENTITY,
    EARLIER_NAMES,
    NEIGHBOURS,
    WITHOUT_CHOICES,
    MOVEMENT,
    TRANSITIONS,
    WAVE_STEPS,
)
