"""The tables of segments: how people group, what that says of them, and how sure it is."""

from __future__ import annotations

from segment.segments.checked_tables import CHECKED
from segment.segments.profile_tables import TELLING
from segment.segments.released import (
    means_and_scores,
    nothing_where_it_is_less,
    of_needs,
    shortfalls,
    whole_segments,
)
from segment.tables.columns import (
    ALIKE,
    BY_SEGMENT,
    COUNTED,
    EVERYONE,
    INTERVAL,
    MEANS,
    NEED,
    OF_NEED,
    OF_SEGMENT,
    PEOPLE,
    PERSON,
    PLACE,
    RANKED,
    SEGMENT,
    SHARE,
    SHARE_OF_ALL,
    SHARES,
    WAVE,
    YES_SHARE_OF_ALL,
    YES_SHARES,
    count,
    number,
    text,
)
from segment.tables.registry import register
from segment.tables.release_plan import Alike, ReleasePlan, alike_by
from segment.tables.shown import Shown, ShownColumn, View
from segment.tables.spec import Column, TableSpec

ASSIGNMENTS = TableSpec(
    "assignments",
    "person and wave",
    ("person", "wave"),
    (
        PERSON,
        WAVE,
        SEGMENT,
        number("entropy", "doubt about the segment, 0 (none) to 1", 0, 1),
        Column("between", "flag", "between segments: no segment is clearly the person's own"),
        Column("fitted", "flag", "was part of the fit; others were scored afterwards"),
    ),
    open_to=("p_",),
    about_people=True,
)

HELD_OUT_SEGMENTS = TableSpec(
    "held_out_segments",
    "person held out (restricted: never leaves as it is)",
    ("person",),
    (
        PERSON,
        number("weight", "for how many the person stands", 0, unit="weight"),
        number("own", "log-likelihood of the answers under the segments, learned without this person", unit="nats"),
        number("one", "the same under one segment", unit="nats"),
        text("footing", "what was looked at: equal where two tables can be compared"),
    ),
    about_people=True,
)

PROFILES = TableSpec(
    "profiles",
    "wave, segment, need and measure",
    ("wave", "segment", "need", "measure"),
    (
        WAVE,
        SEGMENT,
        NEED,
        text("measure", "score, importance, experience or shortfall"),
        count("n", "people"),
        number("mean", "weighted mean", unit="of the measure"),
        number("low", "95 % interval", unit="of the measure"),
        number("high", "95 % interval", unit="of the measure"),
        number("overall", "mean of everyone", unit="of the measure"),
        number("difference", "mean minus overall", unit="of the measure"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=("need", "measure"),
        means=("mean", *INTERVAL, "overall"),
        shares=("share", "share_low", "share_high", "share_overall"),
        answers=("mean", "overall"),
        ranks={"place": ("segment", "measure")},
        alike=alike_by("need"),
        orders={"place": lambda rows: -rows["mean"]},
        shape=means_and_scores,
    ),
    made=(*YES_SHARES, YES_SHARE_OF_ALL, PLACE, ALIKE,),
    shown=Shown(
        (
            OF_SEGMENT, OF_NEED, ShownColumn("measure", "measure"), PEOPLE,
            ShownColumn("mean", "one", width=13), *MEANS,
            ShownColumn("overall", "one", width=11), SHARE, *SHARES, SHARE_OF_ALL, *RANKED,
        ),
        display="own", section="segments", at=20, sheet="profiles",
    ),
)  # fmt: skip

SHORTFALLS = TableSpec(
    "shortfalls",
    "segment and need (exists in a release only)",
    ("segment", "need"),
    (
        number("segment", "segment number; empty for everyone", unit="segment"),
        NEED,
        count("n", "people"),
        number("shortfall", "unmet need, 0 (met) to 1", 0, 1),
        number("low", "95 % interval", 0, 1),
        number("high", "95 % interval", 0, 1),
    ),
    release=ReleasePlan(
        lines=("need",),
        shares=("shortfall", *INTERVAL),
        kind="rates",
        ranks={"place": ("segment",), "place_of_all": ()},
        alike={**alike_by("need"), "about_as_much_of_all": Alike("place_of_all", "name_of_all", "alike_of_all")},
        orders={"place": lambda rows: -rows["shortfall"], "place_of_all": lambda rows: -rows["shortfall"]},
        shape=shortfalls,
        made_of="profiles",
    ),
    made=(
        PLACE,
        number("place_of_all", "place over all segments, 1 first", 1, unit="rank"),
        ALIKE,
        number("about_as_much_of_all", "how many of the next over all segments are about as much", 0, unit="rows"),
    ),
    shown=Shown(display="own", section="segments", at=30, sheet="segments"),
)

SEGMENTS = TableSpec(
    "segments",
    "wave and segment",
    ("wave", "segment"),
    (
        WAVE,
        SEGMENT,
        count("n", "people"),
        number("share", "weighted share", 0, 1),
        number("mean_posterior", "mean membership of the people in it", 0, 1),
        count("between", "people between segments"),
    ),
    open_to=("*",),
    release=ReleasePlan(shares=("share", "mean_posterior"), kind="segments"),
    shown=Shown(
        views=(
            View(
                (
                    BY_SEGMENT,
                    COUNTED,
                    *(
                        ShownColumn(name, "percent", head=f"report.column.{head}")
                        for name, head in (("share", "share"), ("mean_posterior", "between"))
                    ),
                )
            ),
        ),
        study="segments",
        section="segments",
        part="appendix",
        at=10,
        sheet="segments",
        title="report.segments.sizes",
    ),
)

SEGMENT_NAMES = TableSpec(
    "segment_names",
    "wave, segment and language",
    ("wave", "segment", "language"),
    (
        WAVE,
        SEGMENT,
        text("language", "code of the language"),
        text("called", "what the segment is called in it, neutrally; names that HR gives stand in the event log"),
    ),
    release=ReleasePlan(lines=("language",), texts=("called",), kind="segments", shape=whole_segments),
    made=(count("n", "people"),),
)

_EXPLAINED = (
    ShownColumn("grouping", "grouping", head="display.column.grouping"),
    ShownColumn("explained", "percent", head="display.column.explained", blank="display.verdict.nothing"),
    ShownColumn(
        "low", "percent", head="display.column.interval", ends=INTERVAL, blank="display.verdict.nothing.interval"
    ),
)  # fmt: skip
VERDICT = TableSpec(
    "verdict",
    "grouping of people that was compared",
    ("grouping", "target"),
    (
        text("grouping", "needs segments, department, function, ..."),
        text("target", "needs or an outcome"),
        number("explained", "cross-validated share of variance explained", unit="share of variance"),
        number("low", "95 % interval", unit="share of variance"),
        number("high", "95 % interval", unit="share of variance"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=(),
        lines=("grouping", "target"),
        overall=("explained", *INTERVAL),
        digits=dict.fromkeys(("explained", *INTERVAL), 2),
        ranks={"place": ("target",)},
        orders={"place": lambda rows: -rows["explained"]},
    ),
    made=(
        EVERYONE,
        PLACE,
    ),
    shown=Shown(
        _EXPLAINED,
        views=(View(_EXPLAINED, shape=nothing_where_it_is_less),),
        study="segments",
        display="own",
        value="explained",
        ends=INTERVAL,
        line="grouping",
        order="place",
        axis=False,
        shape=of_needs,
        scale=(0.1, 0.2, 0.4, 0.6, 1.0),
        section="segments",
        at=40,
        title="display.verdict.title",
        text="display.verdict.text",
    ),
)

LADDER = TableSpec(
    "ladder",
    "need",
    ("need",),
    (
        NEED,
        text("rung", "one policy, per segment or per individual"),
        text("reason", "constant, groups, inside, continuum, doubt or small_differences"),
        number("between_share", "variance between segments", 0, 1),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=(), lines=("need", "rung", "reason"), overall=("between_share",), digits={"between_share": 2}
    ),
    made=(EVERYONE,),
    shown=Shown(
        (
            ShownColumn("need", "need", head="display.column.need"),
            ShownColumn("rung", "word", head="report.column.rung", words="report.rung"),
            ShownColumn("reason", "word", head="report.column.rung.reason", words="report.rung.reason"),
            ShownColumn("between_share", "percent", head="report.column.between_share"),
        ),
        order="need", section="actions", at=30, title="report.actions.ladder", text="report.actions.ladder.text",
    ),
)  # fmt: skip

register(
    SHORTFALLS, ASSIGNMENTS, HELD_OUT_SEGMENTS, PROFILES, SEGMENTS, SEGMENT_NAMES, VERDICT, LADDER, *TELLING, *CHECKED,
)  # fmt: skip
