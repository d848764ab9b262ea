"""The tables of segments: how people group, what that says of them, and how sure it is."""

from __future__ import annotations

from dataclasses import replace

from segment.locale import languages, say
from segment.segments.checked_tables import CHECKED
from segment.segments.released import (
    exemplars_told,
    nothing_where_it_is_less,
    of_needs,
    outcomes_told,
    shortfalls,
    without_shortfalls,
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
    YES_SHARE,
    YES_SHARE_OF_ALL,
    YES_SHARES,
    count,
    number,
    text,
)
from segment.tables.registry import register
from segment.tables.release_plan import Alike, ReleasePlan, alike_by
from segment.tables.shown import Shown, Told, View
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
        shape=without_shortfalls,
    ),
    made=(*YES_SHARES, YES_SHARE_OF_ALL, PLACE, ALIKE,),
    shown=Shown(
        (
            OF_SEGMENT, OF_NEED, Told("measure", "measure"), PEOPLE, Told("mean", "one", width=13), *MEANS,
            Told("overall", "one", width=11), SHARE, *SHARES, SHARE_OF_ALL, *RANKED,
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

_NAMES = tuple(f"name_{lang}" for lang in languages())

SEGMENTS = TableSpec(
    "segments",
    "wave and segment",
    ("wave", "segment"),
    (
        WAVE,
        SEGMENT,
        *(
            text(name, f"neutral name in {say('language.called', lang)}")
            for name, lang in zip(_NAMES, languages(), strict=True)
        ),
        count("n", "people"),
        number("share", "weighted share", 0, 1),
        number("mean_posterior", "mean membership of the people in it", 0, 1),
        count("between", "people between segments"),
    ),
    open_to=("*",),
    release=ReleasePlan(shares=("share", "mean_posterior"), texts=_NAMES, kind="segments"),
    shown=Shown(
        views=(
            View(
                (
                    BY_SEGMENT,
                    COUNTED,
                    *(
                        Told(name, "percent", head=f"report.column.{head}")
                        for name, head in (("share", "share"), ("mean_posterior", "between"))
                    ),
                )
            ),
        ),
        study="segments",
        section="segments",
        at=10,
        sheet="segments",
        title="report.segments.sizes",
    ),
)

_EXPLAINED = (
    Told("grouping", "grouping", head="display.column.grouping"),
    Told("explained", "percent", head="display.column.explained", blank="display.verdict.nothing"),
    Told(
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
        display="dots",
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
    release=ReleasePlan(groups=(), lines=("need", "rung", "reason"), overall=("between_share",)),
    made=(EVERYONE,),
    shown=Shown(
        (
            Told("need", "need", head="display.column.need"),
            Told("rung", "word", head="report.column.rung", words="report.rung"),
            Told("reason", "word", head="report.column.rung.reason", words="report.rung.reason"),
            Told("between_share", "percent", head="report.column.between_share"),
        ),
        order="need", section="actions", at=30, title="report.actions.ladder", text="report.actions.ladder.text",
    ),
)  # fmt: skip

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
                (Told("item", "question", head="report.outcomes.question"),),
                across=Told("segment", "segment"),
                cells={"": Told("mean", "one", yes="share")},
                after=(
                    Told("overall", "one", head="display.everyone", yes="share_overall"),
                    Told("differs", "word", head="report.outcomes.differs", words="report"),
                ),
                lines=("item",),
            ),
        ),
        study="segments",
        section="segments",
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
            OF_SEGMENT, Told("item", "feature", head="report.exemplar.question", width=52),
            Told("side", "word", head="report.exemplar.side", words="report.exemplar", width=24), PEOPLE,
            Told("mean", "one", width=13), Told("overall", "one", width=11), SHARE, SHARE_OF_ALL,
        ),
        views=(View(
            (
                replace(BY_SEGMENT, once=True), Told("item", "question", head="report.exemplar.question"),
                Told("side", "word", head="report.exemplar.side", words="report.exemplar"),
                Told("mean", "one", head="report.exemplar.mean", yes="share"),
                Told("overall", "one", head="report.exemplar.overall", yes="share_overall"),
            ),
            order=("segment", "place"), with_hidden=False,
        ),),
        study="segments", section="segments", at=50, sheet="exemplars", title="report.exemplar.title",
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
        ranks={"place": ("criterion",)},
        orders={"place": lambda rows: -rows["attractiveness"]},
    ),
    made=(PLACE,),
    shown=Shown(
        (
            OF_SEGMENT, Told("criterion", "word", words="report.attractive", width=24), PEOPLE,
            Told("rating", "one", width=13, shade=True), Told("attractiveness", "one", width=16),
        ),
        views=(View(
            (BY_SEGMENT,), across=Told("criterion", "word", words="report.attractive"),
            cells={"": Told("rating", "one")},
            after=(Told("attractiveness", "one", head="report.attractive.together"),), lines=("segment",),
            order=("place",), with_hidden=False,
        ),),
        study="segments", section="actions", at=20, sheet="attractiveness", title="report.attractive.title",
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
                    Told("need", "need", head="display.column.need"),
                    *(
                        Told(f"shrunken{end}", "one", head=f"report.drivers.{head}")
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

register(
    SHORTFALLS, ASSIGNMENTS, PROFILES, SEGMENTS, VERDICT, LADDER, SEGMENT_OUTCOMES, EXEMPLARS, ATTRACTIVENESS, DRIVERS,
    *CHECKED,
)  # fmt: skip
