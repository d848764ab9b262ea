"""The tables of staying and leaving: curves, what goes together with leaving, first years."""

from __future__ import annotations

from functools import partial

from segment.needs.likeness import segments_alike
from segment.retention.judged_tables import JUDGED
from segment.retention.released import (
    effects_in_percent,
    segment_effects_in_percent,
    sensitivity_in_percent,
)
from segment.retention.shown import (
    ends_shown,
    foretold,
    gone_by,
    months_to_print,
    sensitivity_ends,
    strongest_of_segments,
    surest_shown,
)
from segment.retention.steps import curves_told, first_year_told
from segment.retention.value_tables import VALUE
from segment.tables.columns import (
    ALIKE,
    BY_SEGMENT,
    COUNTED,
    INTERVAL,
    PLACE,
    count,
    number,
    text,
)
from segment.tables.registry import register
from segment.tables.release_plan import ReleasePlan, alike_by
from segment.tables.shapes import of_segments, where_any_is_of_a_segment
from segment.tables.shown import Entry, Shown, ShownColumn, View
from segment.tables.spec import TableSpec
from segment.vocabulary import EndReason, Weighing

CURVES = TableSpec(
    "curves",
    "segment and month of tenure",
    ("segment", "month"),
    (
        number("segment", "segment number; empty for everyone together", unit="segment"),
        number("month", "months of tenure", 0, unit="months"),
        number("survival", "share still here", 0, 1),
        number("low", "95 % band", 0, 1),
        number("high", "95 % band", 0, 1),
        count("at_risk", "people at risk"),
        count("events", "exits so far", unit="exits"),
        count("n", "people with a spell"),
    ),
    # incidence_<cause>: share gone by that cause; events_<cause>: exits by it so far
    open_to=("incidence_", "events_", "note"),
    release=ReleasePlan(
        weighing_by_hr=Weighing.SEGMENTS,
        lines=("month",),
        shares=("survival", *INTERVAL, *(f"incidence_{cause}" for cause in EndReason)),
        kind="curves",
        events="events",
        people="curves",
        chosen=("month",),
        shape=curves_told,
        counts="left",
    ),
    made=(*(number(f"incidence_{cause}", f"share gone by then, by cause {cause}", 0, 1) for cause in EndReason),),
    shown=Shown(
        display="own",
        section="staying",
        at=20,
        entries=(
            Entry(
                "workbook.figure.staying",
                {"segment": "segment", "month": "month", "n": "n", "value": "survival", "low": "low", "high": "high"},
                shape=months_to_print,
                study="seen",
            ),
            *(
                Entry(
                    "workbook.figure.cause",
                    {"segment": "segment", "month": "month", "n": "n", "value": f"incidence_{cause}"},
                    fills={"cause": f"display.cause.{cause}"},
                    shape=partial(gone_by, cause=cause),
                    study="seen",
                )
                for cause in EndReason
            ),
        ),
        sheet="staying",
    ),
)

_LEAVING = (
    BY_SEGMENT,
    COUNTED,
    ShownColumn("value", "percent", head="display.column.value"),
    ShownColumn("low", "percent", head="display.column.interval", ends=INTERVAL),
)
LEAVING = TableSpec(
    "leaving",
    "segment and horizon",
    ("segment", "horizon"),
    (
        number("segment", "segment number; empty for everyone", unit="segment"),
        number("horizon", "months ahead", 0, unit="months"),
        count("n", "people"),
        number("value", "share that leaves or intends to", 0, 1),
        number("low", "95 % interval", 0, 1),
        number("high", "95 % interval", 0, 1),
        text("origin", "risk (expected by the model), seen (who left) or intention (as answered)"),
        number(
            "left_low", "nine times in ten at least this share will have left; empty where nothing is expected", 0, 1
        ),
        number("left_high", "and at most this share; rounded outward", 0, 1),
    ),
    release=ReleasePlan(
        weighing_by_hr=Weighing.SEGMENTS,
        lines=("horizon",),
        shares=("value", *INTERVAL, "left_low", "left_high"),
        kind="rates",
        people="present",
        counts="model",
        ranks={"place": ("horizon",)},
        alike=alike_by("name"),
        orders={"place": lambda rows: -rows["value"]},
        likeness=segments_alike,
    ),
    made=(
        PLACE,
        ALIKE,
    ),
    shown=Shown(
        _LEAVING,
        views=(View(_LEAVING, shape=of_segments),),
        study="segments",
        display="own",
        value="value",
        ends=INTERVAL,
        line="segment",
        order="segment",
        axis=False,
        reference=True,
        shape=where_any_is_of_a_segment,
        scale=(0.1, 0.2, 0.3, 0.4, 0.6, 1.0),
        section="staying",
        at=10,
        entries=(
            Entry(
                "workbook.figure.leaving",
                {"segment": "segment", "month": "horizon", "n": "n", "value": "value", "low": "low", "high": "high"},
            ),
            Entry(
                "workbook.figure.left",
                {"segment": "segment", "month": "horizon", "n": "n", "low": "left_low", "high": "left_high"},
                shape=foretold,
            ),
        ),
        sheet="staying",
        title="display.leaving.title",
        text="display.leaving.text",
    ),
)

EFFECTS = TableSpec(
    "effects",
    "feature",
    ("feature",),
    (
        text("feature", "feature of the retention model"),
        number("effect", "goes together with leaving, in log odds", unit="log odds"),
        text("cause", "whose odds these are: the cause that is asked for, else the most frequent; left: any"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        weighing_by_hr=Weighing.NONE,
        groups=(),
        lines=("feature",),
        overall=("change", "change_low", "change_high"),
        digits=dict.fromkeys(("change", "change_low", "change_high"), 0),
        texts=("direction", "cause"),
        people="watched",
        counts="model",
        kind="driver",
        ranks={"place": ()},
        shape=effects_in_percent,
    ),
    made=(
        count("n", "people learned from: of dated spells everyone who was watched, also who left"),
        number("change", "by how much the odds of leaving differ", unit="percent"),
        number("change_low", "95 % interval of it", unit="percent"),
        number("change_high", "95 % interval of it", unit="percent"),
        text("direction", "up, down, or by level"),
        PLACE,
    ),
    shown=Shown(
        display="own",
        section="staying",
        part="appendix",
        at=40,
        entries=(
            Entry(
                "workbook.figure.association",
                {
                    "feature": "feature",
                    "n": "n",
                    "percentage": "change",
                    "low": "change_low",
                    "high": "change_high",
                    "cause": "cause",
                },
                by="direction",
                shape=surest_shown,
            ),
        ),
        sheet="associations",
    ),
)

SEGMENT_EFFECTS = TableSpec(
    "segment_effects",
    "segment and feature",
    ("segment", "feature"),
    (
        number("segment", "segment number", unit="segment"),
        text("feature", "feature of the retention model"),
        count("n", "people present"),
        number("effect", "mean part of the log odds of leaving, against everyone with a segment", unit="log odds"),
        number("low", "95 % interval, people only", unit="log odds"),
        number("high", "95 % interval, people only", unit="log odds"),
        number("importance", "mean absolute part of the log odds, held against the same", 0, unit="log odds"),
        count("events", "people of the segment who left for that cause", unit="exits"),
        text("cause", "whose odds these are: the cause that is asked for, else the most frequent; left: any"),
    ),
    release=ReleasePlan(
        weighing_by_hr=Weighing.SEGMENTS,
        lines=("feature",),
        texts=("cause",),
        means=("change", *INTERVAL),
        digits=dict.fromkeys(("change", *INTERVAL), 0),
        kind="driver",
        events="events",
        people="explained",
        counts="model",
        relative=True,
        chosen=("feature",),
        ranks={"place": ()},
        shape=segment_effects_in_percent,
    ),
    made=(
        number("change", "by how much the odds of leaving differ; so are low and high", unit="percent"),
        PLACE,
    ),
    shown=Shown(
        views=(
            View(
                (ShownColumn("feature", "feature", head="display.column.feature"),),
                across=ShownColumn("segment", "segment"),
                cells={"": ShownColumn("change", "change", ends=INTERVAL)},
                lines=("feature",),
                shape=strongest_of_segments,
                most=10,
            ),
        ),
        study="segments",
        section="staying",
        part="appendix",
        at=50,
        entries=(
            Entry(
                "workbook.figure.association.segment",
                {
                    "feature": "feature",
                    "segment": "segment",
                    "n": "n",
                    "percentage": "change",
                    "low": "low",
                    "high": "high",
                    "cause": "cause",
                },
            ),
        ),
        sheet="associations",
        title="report.segment_effects.title",
        text="report.segment_effects.text",
    ),
)

WHAT_IF = TableSpec(
    "what_if",
    "feature and value (sensitivity of the model, not what would happen)",
    ("feature", "value"),
    (
        text("feature", "feature that everyone is given the same value of"),
        number("value", "that value", unit="of the feature"),
        text("level", "low (the tenth with least has no more), middle or high (the tenth with most has no less)"),
        number("leaving", "mean predicted chance of leaving within a year", 0, 1),
        number("low", "10th percentile over people", 0, 1),
        number("high", "90th percentile over people", 0, 1),
        text("reading", "always: sensitivity"),
        count("n", "people asked about"),
    ),
    release=ReleasePlan(
        weighing_by_hr=Weighing.NONE,
        groups=(),
        lines=("feature", "level"),
        overall=("leaving",),
        digits={"leaving": 1},
        kind="driver",
        people="watched",
        counts="model",
        shape=sensitivity_in_percent,
    ),
    shown=Shown(
        views=(
            View(
                (ShownColumn("feature", "feature", head="display.column.feature"),),
                across=ShownColumn("level"),
                cells={end: ShownColumn("leaving", "points", head=f"report.what_if.{end}") for end in ("low", "high")},
                after=(ShownColumn("difference", "signed", head="report.what_if.difference"),),
                lines=("feature",),
                shape=sensitivity_ends,
                with_hidden=False,
            ),
        ),
        section="staying",
        part="appendix",
        at=60,
        entries=(
            Entry(
                "workbook.figure.if",
                {"feature": "feature", "percentage": "leaving"},
                by="level",
                shape=ends_shown,
            ),
        ),
        sheet="associations",
        title="report.what_if.title",
    ),
)

FIRST_YEAR = TableSpec(
    "first_year",
    "source of hire and month of tenure",
    ("source", "month"),
    (
        text("source", "where people were hired from; empty for everyone", nullable=True),
        number("month", "months since hire", 0, unit="months"),
        count("n", "new hires"),
        count("events", "exits in the first year", unit="exits"),
        count("so_far", "exits until this month", unit="exits"),
        number("gone", "share gone by then", 0, 1),
        number("low", "95 % band", 0, 1),
        number("high", "95 % band", 0, 1),
        text("note", "too_few where there is no figure, else empty"),
    ),
    release=ReleasePlan(
        weighing_by_hr=Weighing.NONE,
        groups=("source",),
        lines=("month",),
        shares=("gone", *INTERVAL),
        kind="curves",
        events="events",
        people="hires",
        chosen=("month",),
        shape=first_year_told,
        counts="left",
    ),
    shown=Shown(
        views=(
            View(
                (ShownColumn("source", "group", head="report.first_year.by"), COUNTED),
                across=ShownColumn("month", "month", words="report.first_year.month"),
                cells={"": ShownColumn("gone", "percent", ends=INTERVAL)},
                lines=("source",),
            ),
        ),
        study="seen",
        section="staying",
        part="appendix",
        at=30,
        entries=(
            Entry(
                "workbook.figure.first_year",
                {"month": "month", "n": "n", "value": "gone", "low": "low", "high": "high"},
                fills={"source": ShownColumn("source", "group")},
                study="seen",
            ),
        ),
        sheet="staying",
        title="report.first_year.title",
        text="report.first_year.text",
    ),
)

register(CURVES, LEAVING, EFFECTS, SEGMENT_EFFECTS, WHAT_IF, FIRST_YEAR, *VALUE, *JUDGED)
