"""The tables of the relationship: promises, the seven Rs, the journey, matches, and results of units."""

from __future__ import annotations

from typing import Any

import pandas as pd

from segment.experience.as_released import changes_now, changes_then, match_shares, scorecard_told
from segment.experience.response_tables import RESPONSE
from segment.tables.columns import (
    ALIKE,
    INTERVAL,
    MEANS,
    NEED,
    OF_NEED,
    OF_SEGMENT,
    PEOPLE,
    PERSON,
    PLACE,
    RANKED,
    SHARE,
    SHARES,
    WAVE,
    YES_SHARES,
    count,
    number,
    text,
)
from segment.tables.registry import register
from segment.tables.release_plan import ReleasePlan, alike_by
from segment.tables.shapes import with_their_r
from segment.tables.shown import Shown, ShownColumn, View
from segment.tables.spec import Column, TableSpec
from segment.vocabulary import NOT_MEASURED, SEVEN_RS, Weighing


def all_seven(released: pd.DataFrame) -> pd.DataFrame:
    """The seven Rs in their order; one without a measure stands there as not measured."""
    segments = released["segment"].drop_duplicates() if len(released) else [float("nan")]
    absent = [
        {"r": code, "measure": None, "segment": one, "status": NOT_MEASURED}
        for code in SEVEN_RS if code not in set(released["r"]) for one in segments
    ]  # fmt: skip
    rows = pd.concat([released, pd.DataFrame(absent, columns=released.columns)]) if absent else released
    return rows.sort_values("r", key=lambda codes: codes.map(list(SEVEN_RS).index), kind="stable", ignore_index=True)


def seven_of_everyone(released: pd.DataFrame) -> pd.DataFrame:
    """The seven Rs as everyone together answered."""
    return all_seven(released[released["segment"].isna()].reset_index(drop=True))


def seven_by_segment(released: pd.DataFrame) -> pd.DataFrame:
    """The seven Rs of each segment; nothing where there are no segments."""
    return all_seven(released) if released["segment"].notna().any() else released.iloc[:0]


def _reason(words: str) -> Column:
    return text("reason", "why there is no figure; empty where there is one", nullable=True, words=words)


PROMISES = TableSpec(
    "promises",
    "wave, segment and need",
    ("wave", "segment", "need"),
    (
        WAVE,
        number("segment", "segment number; empty for everyone", unit="segment"),
        NEED,
        count("n", "people who answered"),
        number("promised", "mean of what people say was promised, 1 to 5", unit="1 to 5"),
        number("kept", "mean of what was kept, 1 to 5", unit="1 to 5"),
        number("broken_share", "share with a promise made and not kept", 0, 1),
        number("low", "95 % interval", unit="share"),
        number("high", "95 % interval", unit="share"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=("need",),
        means=("promised", "kept", "employer_promised", "employer_offered"),
        shares=("broken_share", *INTERVAL, "promised_yes", "kept_yes"),
        kind="rates",
        ranks={"place": ("segment",)},
        alike=alike_by("need"),
        answers=("promised", "kept"),
        orders={"place": lambda rows: rows["kept"] - rows["promised"]},
    ),
    made=(
        number("employer_promised", "how much the organisation says it promises, 1 to 5", unit="1 to 5"),
        number("employer_offered", "how much the organisation says it offers, 1 to 5", unit="1 to 5"),
        number("promised_yes", "share who say it was promised, where that was asked with yes and no", 0, 1),
        number("kept_yes", "share who say it was kept, where that was asked with yes and no", 0, 1),
        PLACE,
        ALIKE,),
    shown=Shown(
        (
            OF_SEGMENT, OF_NEED, PEOPLE, ShownColumn("promised", "one", width=15), ShownColumn("kept", "one", width=17),
            ShownColumn("promised_yes", "percent", width=17), ShownColumn("kept_yes", "percent", width=18),
            ShownColumn("employer_promised", "one", width=19), ShownColumn("employer_offered", "one", width=19),
            ShownColumn("broken_share", "percent", head="workbook.column.broken", width=18, shade=True), *RANKED,
        ),
        display="own", section="promises", at=10, sheet="promises",
    ),
)  # fmt: skip

SURFACES = TableSpec(
    "surfaces",
    "need and figure of the surface of the relationship over what was promised and received",
    ("need", "feature"),
    (
        WAVE,
        NEED,
        text("feature", "slope or curvature of the surface"),
        text("outcome", "kind of question that is explained"),
        count("n", "people who answered all three"),
        number("value", "points of the relationship per point of the scale, or per point squared", unit="points"),
        number("low", "95 % interval", unit="points"),
        number("high", "95 % interval", unit="points"),
        number("explained", "share of variance that the surface explains, adjusted", unit="share of variance"),
        number("explained_by_gap", "the same by received minus promised alone", unit="share of variance"),
    ),
    release=ReleasePlan(
        groups=(), lines=("need", "feature", "outcome"), overall=("value", *INTERVAL, "explained", "explained_by_gap"),
        digits=dict.fromkeys(("value", *INTERVAL, "explained", "explained_by_gap"), 2)
    ),
    shown=Shown(
        (
            OF_NEED, ShownColumn("feature", "word", head="table.surfaces.feature", words="report.surface", width=44),
            PEOPLE, ShownColumn("value", "two", width=11, ends=INTERVAL), ShownColumn("explained", "percent", width=14),
            ShownColumn("explained_by_gap", "percent", width=18),
        ),
        views=(View(
            (ShownColumn("need", "need"),), across=ShownColumn("feature", "word", words="report.surface"),
            cells={"": ShownColumn("value", "two", ends=INTERVAL)}, lines=("need",),
            after=(ShownColumn("explained", "percent"), ShownColumn("explained_by_gap", "percent")), part="appendix",
        ),),
        section="promises", at=15, sheet="surfaces", title="report.surface.title",
        text="report.surface.text",
    ),
)  # fmt: skip

_SEVEN = (
    ShownColumn("r", "r", head="report.rs.r", once=True),
    ShownColumn("measure", "measure", head="report.rs.measure", yes="share"),
)
_BY_SEGMENT: dict[str, Any] = {
    "across": ShownColumn("segment", "segment"),
    "cells": {"": ShownColumn("value", "measured", yes="share")},
    "lines": ("r", "measure"),
}

SCORECARD = TableSpec(
    "scorecard",
    "wave, segment, one of the seven Rs and measure",
    ("wave", "segment", "r", "measure"),
    (
        WAVE,
        number("segment", "segment number; empty for everyone", unit="segment"),
        text("r", "one of the seven Rs, as the codebook spells it"),
        text("measure", "item kind or figure"),
        text("status", "measured or not measured"),
        _reason("experience.reason"),
        count("n", "people"),
        number("value", "mean or share", unit="of the measure"),
        number("low", "95 % interval", unit="of the measure"),
        number("high", "95 % interval", unit="of the measure"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=("r", "measure"), means=("value", *INTERVAL), shares=("share", "share_low", "share_high"),
        answers=("value",), shape=scorecard_told, counts="left before the end", weighing_by_hr=Weighing.EXITS,
    ),
    made=(*YES_SHARES,),
    shown=Shown(
        (
            ShownColumn("r", "r", width=18), ShownColumn("measure", "measure", width=46, yes="share"), OF_SEGMENT,
            PEOPLE, ShownColumn("value", "one", width=11), *MEANS, SHARE,
        ),
        views=(
            View(_SEVEN, shape=seven_of_everyone, **_BY_SEGMENT),
            View(_SEVEN, shape=seven_by_segment, part="appendix", **_BY_SEGMENT),
        ),
        always=True, section="seven-rs", at=10, sheet="scorecard", title="report.rs.table", text="report.rs.scale",
    ),
)  # fmt: skip

JOURNEY = TableSpec(
    "journey",
    "wave, segment and moment",
    ("wave", "segment", "moment"),
    (
        WAVE,
        number("segment", "segment number; empty for everyone", unit="segment"),
        text("moment", "item code of the moment"), count("n", "people who lived it"),
        number("value", "mean, 1 to 5", unit="1 to 5"),
        number("low", "95 % interval", unit="1 to 5"), number("high", "95 % interval", unit="1 to 5"),
        number("weight", "share who say it weighed most", 0, 1),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=("moment",), means=("value", *INTERVAL),
        shares=("weight", "share", "share_low", "share_high"),
        kind="rates",
        ranks={"place": ("segment",), "place_of_weight": ("segment",)},
        alike=alike_by("moment"),
        answers=("value",),
        orders={"place": lambda rows: rows["value"], "place_of_weight": lambda rows: -rows["weight"]},
    ),
    made=(
        *YES_SHARES, PLACE, ALIKE,
        number("place_of_weight", "place by how many say it weighed most, 1 first", 1, unit="rank"),
    ),
    shown=Shown(
        (
            ShownColumn("moment", "moment", width=44), OF_SEGMENT, PEOPLE,
            ShownColumn("value", "one", width=11, shade=True), *MEANS, SHARE, *SHARES,
            ShownColumn("weight", "percent", width=15), *RANKED,
        ),
        display="own", section="journey", at=10, sheet="journey",
    ),
)  # fmt: skip

MATCHES = TableSpec(
    "matches",
    "person and offer (both sides fit)",
    ("person", "offer"),
    (
        PERSON,
        text("offer", "role"),
        number("fit_person", "how the offer fits the person, 0 to 1", 0, 1),
        number("fit_offer", "how the person fits the offer, 0 to 1", 0, 1),
    ),
    open_to=("*",),
    about_people=True,
)

MATCH_COUNTS = TableSpec(
    "match_counts",
    "open role",
    ("offer",),
    (
        text("offer", "role"), count("n", "people it was compared with"), count("both", "people who fit on both sides"),
        _reason("experience.matched"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=("offer",), shares=("share",), kind="rates", people="roles", shape=match_shares, weighing=Weighing.NONE
    ),
    made=(number("share", "share who fit on both sides", 0, 1),),
    shown=Shown(
        (
            ShownColumn("offer", "offer", head="report.matches.role"),
            ShownColumn("n", "people", head="report.matches.n"),
            ShownColumn("share", "percent", head="report.matches.fit"),
        ),
        section="promises", part="appendix", at=20, title="report.matches.title", text="report.matches.text",
    ),
)  # fmt: skip

LINKAGE = TableSpec(
    "linkage",
    "measure and unit result",
    ("measure", "result"),
    (
        text("measure", "survey measure"),
        text("result", "unit result"),
        count("units", "units compared", unit="units"),
        count("needed", "units that are needed at least", unit="units"),
        _reason("experience.linked"),
        number("correlation", "rank correlation", -1, 1, unit="rank correlation"),
        number("low", "95 % interval", unit="rank correlation"),
        number("high", "95 % interval", unit="rank correlation"),
    ),
    open_to=("*",),
)

_CHANGED = ("change_low", "change_high")
_LINES = ("topic", "r", "about", "since")
CHANGES = TableSpec(
    "changes",
    "wave, segment and figure that an earlier wave gave as well",
    ("wave", "segment", "topic", "r", "about"),
    (
        WAVE,
        text("since", "the last wave before it that asked the same"),
        number("segment", "segment number; empty for everyone", unit="segment"),
        text("topic", "shortfall, importance or experience of a need, promise kept less promised, or seven (the Rs)"),
        text("r", "one of the seven Rs; empty for needs"),
        text("about", "need, or measure of the seven Rs"),
        text("unit", "mean, share or points"),
        count("n", "people who answered now"),
        count("n_before", "people who answered then"),
        number("before", "figure then", unit="of the figure"),
        number("now", "figure now", unit="of the figure"),
        number("change", "now less then; of shares in points of a hundred", unit="of the figure"),
        number("change_low", "95 % interval of the change", unit="of the figure"),
        number("change_high", "95 % interval of the change", unit="of the figure"),
        text("direction", "more, less, or unsure where it may be chance (Holm, over all figures of the group)"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        lines=_LINES,
        means=("before", "now", "change", *_CHANGED),
        shares=("before_share", "now_share"),
        texts=("direction",),
        kind="rates",
        answers=("before", "now"),
        beside=("changes_before",),
        shape=changes_now,
    ),
    made=(number("before_share", "share then", 0, 1), number("now_share", "share now", 0, 1)),
    shown=Shown(
        (
            ShownColumn("topic", "word", words="change.topic", width=24), ShownColumn("r", "r", width=18),
            ShownColumn("about", "about", width=34), OF_SEGMENT,
            ShownColumn("since", width=14), ShownColumn("before", "one", width=11),
            ShownColumn("before_share", "two", width=11), PEOPLE,
            ShownColumn("now", "one", width=11), ShownColumn("now_share", "two", width=11),
            ShownColumn("change", "one", width=12), *(ShownColumn(end, "one", width=13) for end in _CHANGED),
            ShownColumn("now_share", "unit", head="table.changes.unit", width=24),
            ShownColumn("direction", "word", words="change.direction", width=18),
        ),
        views=(
            View(
                (
                    ShownColumn("topic", "word", words="change.topic", once=True),
                    ShownColumn("of_r", "r", head="report.rs.r"),
                    ShownColumn("about", "about"),
                ),
                across=ShownColumn("segment", "segment"),
                cells={"": ShownColumn("change", "signed", ends=_CHANGED, share="now_share")},
                lines=("topic", "r", "about"), shape=with_their_r, part="appendix",
            ),
        ),
        display="own", section="changes", at=10, sheet="changes", title="change.table", text="change.table.text",
    ),
)  # fmt: skip

CHANGES_BEFORE = TableSpec(
    "changes_before",
    "segment and figure that is reported again now, as it was then (exists in a release only)",
    ("segment", "topic", "r", "about"),
    (
        number("segment", "segment number; empty for everyone", unit="segment"),
        text("topic", "as in changes"),
        text("r", "one of the seven Rs; empty for needs"),
        text("about", "need, or measure of the seven Rs"),
        text("since", "the wave that it was reported in"),
        count("n", "people who answered then"),
        number("before", "figure then", unit="of the figure"),
    ),
    release=ReleasePlan(
        lines=_LINES,
        means=("before",),
        shares=("before_share",),
        kind="rates",
        people="wave before",
        answers=("before",),
        beside=("changes",),
        shape=changes_then,
        made_of="changes",
    ),
    made=(number("before_share", "share then", 0, 1),),
    shown=Shown(display="words", section="changes", at=20),
)

register(PROMISES, SURFACES, SCORECARD, JOURNEY, MATCHES, MATCH_COUNTS, LINKAGE, CHANGES, CHANGES_BEFORE, RESPONSE)
