"""The tables of staying and leaving: curves, calibration, what goes together with leaving, and worth."""

from __future__ import annotations

from segment.needs.likeness import segments_alike
from segment.retention.released import (
    calibration_told,
    effects_in_percent,
    gains_in_percent,
    group_results_told,
    segment_effects_in_percent,
    sensitivity_in_percent,
    settings_in_words,
)
from segment.retention.steps import curves_told, first_year_told
from segment.tables.columns import ALIKE, EVERYONE, INTERVAL, PERSON, PLACE, YES_SHARES, count, number, text
from segment.tables.registry import register
from segment.tables.release_plan import ReleasePlan, alike_by
from segment.tables.shown import Shown
from segment.tables.spec import Column, TableSpec
from segment.vocabulary import EndReason, Severity

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
        lines=("month",),
        shares=("survival", *INTERVAL, *(f"incidence_{cause}" for cause in EndReason)),
        kind="curves",
        events="events",
        people="curves",
        shape=curves_told,
        counts_exits=True,
    ),
    made=(*(number(f"incidence_{cause}", f"share gone by then, by cause {cause}", 0, 1) for cause in EndReason),),
    shown=Shown(display="own", section="staying", at=20, sheet="staying"),
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
        lines=("horizon",),
        shares=("value", *INTERVAL, "left_low", "left_high"),
        kind="rates",
        people="present",
        ranks={"place": ("horizon",)},
        alike=alike_by("name"),
        orders={"place": lambda rows: -rows["value"]},
        likeness=segments_alike,
    ),
    made=(
        PLACE,
        ALIKE,
    ),
    shown=Shown(display="own", section="staying", at=10, sheet="staying"),
)

CALIBRATION = TableSpec(
    "calibration",
    "cause, horizon and tenth of predicted risk",
    ("cause", "horizon", "bin"),
    (
        text("cause", "cause of leaving; any for all together"),
        number("horizon", "months ahead", 0, unit="months"),
        count("bin", "tenth, 1 is the lowest risk", unit="tenth"),
        count("n", "people"),
        number("predicted", "mean predicted", 0, 1),
        number("observed", "share observed", 0, 1),
        number("low", "simultaneous 95 % band", 0, 1),
        number("high", "simultaneous 95 % band", 0, 1),
        Column("covers", "flag", "the band covers the prediction"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=("bin",),
        lines=("horizon",),
        shares=("predicted", "observed", *INTERVAL),
        texts=("covers",),
        kind="rates",
        people="hold-out",
        shape=calibration_told,
    ),
    shown=Shown(display="own", section="staying", at=70),
)

EVALUATION = TableSpec(
    "evaluation",
    "model, sample and metric",
    ("model", "sample", "metric"),
    (
        text("model", "model or floor"),
        text("sample", "hold-out or training"),
        text("metric", "name of the metric"),
        number("value", "value", unit="of the metric"),
        number("low", "95 % interval", unit="of the metric"),
        number("high", "95 % interval", unit="of the metric"),
        count("n", "people or spells"),
    ),
    release=ReleasePlan(groups=(), lines=("model", "sample", "metric"), overall=("value", *INTERVAL), people="watched"),
    shown=Shown(display="own", section="method", at=60, sheet="method"),
)

RETENTION_FINDINGS = TableSpec(
    "retention_findings",
    "finding about staying and leaving (never about a person)",
    (),
    (
        text("code", "stable code, such as FO001 or LK004"),
        Column("severity", "text", "how much it matters", allowed=tuple(Severity)),
        text("subject", "cause of leaving, or column"),
        text("where", "what was looked at"),
        count(
            "count",
            "of what the finding speaks of: exits, rows, people, groups, segments, months or percent",
            unit="of the finding",
        ),
        count("of", "out of how many", unit="of the finding"),
        number("value", "the figure it is about", unit="of the finding"),
        number("low", "95 % interval of it", unit="of the finding"),
        number("high", "95 % interval of it", unit="of the finding"),
        text("explanation", "what was expected and what came"),
        text("advice", "what to do"),
    ),
)

EFFECTS = TableSpec(
    "effects",
    "feature",
    ("feature",),
    (
        text("feature", "feature of the retention model"),
        number("effect", "goes together with leaving, in log odds", unit="log odds"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=(),
        lines=("feature",),
        overall=("change", "change_low", "change_high"),
        texts=("direction",),
        people="watched",
        kind="driver",
        ranks={"place": ()},
        shape=effects_in_percent,
    ),
    made=(
        EVERYONE,
        number("change", "by how much the odds of leaving differ", unit="percent"),
        number("change_low", "95 % interval of it", unit="percent"),
        number("change_high", "95 % interval of it", unit="percent"),
        text("direction", "up, down, or by level"),
        PLACE,
    ),
    shown=Shown(display="own", section="staying", at=40, sheet="associations"),
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
        count("events", "people of the segment who left", unit="exits"),
    ),
    release=ReleasePlan(
        lines=("feature",),
        means=("change", *INTERVAL),
        kind="driver",
        events="events",
        people="explained",
        ranks={"place": ()},
        shape=segment_effects_in_percent,
    ),
    made=(
        number("change", "by how much the odds of leaving differ; so are low and high", unit="percent"),
        PLACE,
    ),
    shown=Shown(display="own", section="staying", at=50, sheet="associations"),
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
        groups=(),
        lines=("feature", "level"),
        overall=("leaving",),
        kind="driver",
        people="watched",
        shape=sensitivity_in_percent,
    ),
    shown=Shown(display="own", section="staying", at=60, sheet="associations"),
)

COMPETITION = TableSpec(
    "competition",
    "cause and learner",
    ("cause", "learner"),
    (
        text("cause", "cause of leaving; any for a flag"),
        text("learner", "learner, or floor"),
        text("setting", "its setting"),
        number("log_loss", "mean log loss on people it had not seen", 0, unit="log loss"),
        number("gain", "how much lower than the floor's", unit="log loss"),
        number("gain_error", "standard error of the gain", 0, unit="log loss"),
        number("behind", "how much higher than the best learner's", 0, unit="log loss"),
        number("behind_error", "standard error of that", 0, unit="log loss"),
        Column("chosen", "flag", "it was taken"),
    ),
    release=ReleasePlan(
        groups=(),
        lines=("cause", "learner"),
        overall=("log_loss", "gain", "gain_low", "gain_high", "behind", "behind_low", "behind_high"),
        texts=("chosen",),
        people="watched",
        shape=gains_in_percent,
    ),
    made=(
        EVERYONE,
        number("gain_low", "95 % interval of the gain; in a release all are percent of the floor's", unit="percent"),
        number("gain_high", "95 % interval of the gain", unit="percent"),
        number("behind_low", "95 % interval of what it lacks beside the best", unit="percent"),
        number("behind_high", "95 % interval of what it lacks beside the best", unit="percent"),
    ),
    shown=Shown(display="own", section="method", at=70),
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
        groups=("source",),
        lines=("month",),
        shares=("gone", *INTERVAL),
        kind="curves",
        events="events",
        people="hires",
        shape=first_year_told,
        counts_exits=True,
    ),
    shown=Shown(display="own", section="staying", at=30, sheet="staying"),
)

GROUP_RESULTS = TableSpec(
    "group_results",
    "protected attribute, group and metric",
    ("attribute", "group", "metric"),
    (
        text("attribute", "protected attribute"),
        text("group", "group"),
        text("metric", "metric"),
        count("n", "people"),
        number("value", "value", unit="of the metric"),
        number("low", "95 % interval", unit="of the metric"),
        number("high", "95 % interval", unit="of the metric"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        groups=("group",),
        lines=("attribute", "metric"),
        means=("value", *INTERVAL),
        shares=("share", "share_low", "share_high"),
        kind="rates",
        events="fewer",
        people="hold-out",
        who=("attribute",),
        shape=group_results_told,
    ),
    made=(*YES_SHARES,),
    shown=Shown(display="own", section="staying", at=120, sheet="groups"),
)

RISKS = TableSpec(
    "risks",
    "person (restricted: never leaves as it is)",
    ("person",),
    (
        PERSON,
        number("horizon", "months ahead", 0, unit="months"),
        number("p_leave", "probability of leaving within the horizon", 0, 1),
    ),
    open_to=("p_",),
    about_people=True,
)

LIFETIME_VALUE = TableSpec(
    "lifetime_value",
    "segment",
    ("segment",),
    (
        number("segment", "segment number; empty for everyone", unit="segment"),
        count("n", "people"),
        number("value", "expected discounted value, in the study's currency", unit="the study's currency"),
        number("low", "95 % band", unit="the study's currency"),
        number("high", "95 % band", unit="the study's currency"),
        # past: percent of it, gains and losses alike, that lies past what was watched
    ),
    open_to=("*",),
    release=ReleasePlan(
        means=("value", *INTERVAL, "at_risk", "at_risk_low", "at_risk_high", "past"), kind="driver", people="present"
    ),
    made=(
        number("at_risk", "value that is expected to leave", unit="the study's currency"),
        number("at_risk_low", "95 % band of it", unit="the study's currency"),
        number("at_risk_high", "95 % band of it", unit="the study's currency"),
        number("past", "part of the value that lies past what was watched", unit="percent"),
    ),
    shown=Shown(display="own", section="staying", at=80, sheet="value"),
)

VALUE_SENSITIVITY = TableSpec(
    "value_sensitivity",
    "assumption of lifetime value",
    ("assumption",),
    (
        text("assumption", "what is assumed"),
        number(
            "low_setting",
            "its low end, as a share of what was given; the discount rate as it is",
            unit="times what was given",
        ),
        number("high_setting", "its high end", unit="times what was given"),
        number("at_low", "mean value of everyone at the low end", unit="the study's currency"),
        number("at_high", "mean value of everyone at the high end", unit="the study's currency"),
        number("width", "how far apart these are", 0, unit="the study's currency"),
        count("n", "people"),
    ),
    release=ReleasePlan(
        lines=("assumption",),
        means=("at_low", "at_high"),
        texts=("low_setting", "high_setting"),
        ranks={"place": ()},
        kind="driver",
        people="present",
        orders={"place": lambda rows: -(rows["at_high"] - rows["at_low"]).abs()},
        shape=settings_in_words,
    ),
    made=(
        number("segment", "always empty: everyone", unit="segment"),
        PLACE,
    ),
    shown=Shown(display="own", section="staying", at=90, sheet="value"),
)

register(
    CURVES, LEAVING, CALIBRATION, EVALUATION, RETENTION_FINDINGS, EFFECTS, SEGMENT_EFFECTS, WHAT_IF, COMPETITION,
    FIRST_YEAR, GROUP_RESULTS, RISKS, LIFETIME_VALUE, VALUE_SENSITIVITY,
)  # fmt: skip
