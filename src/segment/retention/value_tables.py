"""The tables of what staying is worth: the risk of each person, value by segment, and what it depends on."""

from __future__ import annotations

from segment.retention.released import (
    settings_in_words,
)
from segment.retention.shown import (
    past_where_it_counts,
    past_worth_saying,
)
from segment.tables.columns import (
    BY_SEGMENT,
    COUNTED,
    INTERVAL,
    PERSON,
    PLACE,
    count,
    number,
    text,
)
from segment.tables.release_plan import ReleasePlan
from segment.tables.shown import Entry, Shown, ShownColumn, View
from segment.tables.spec import TableSpec
from segment.vocabulary import Weighing

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

HELD_OUT_LEAVING = TableSpec(
    "held_out_leaving",
    "person held out (restricted: never leaves as it is)",
    ("person",),
    (
        PERSON,
        number("horizon", "months ahead", 0, unit="months"),
        number("left", "left within the horizon: 1", 0, 1),
        number("weight", "for how many the person stands, against censoring", 0, unit="weight"),
        number("own", "chance to leave by the model, which had not seen this person", 0, 1),
        number("floor", "chance to leave by the simplest peer", 0, 1),
    ),
    about_people=True,
)

#: Figures in the study's currency, reported in whole units.
_AMOUNTS = ("value", *INTERVAL, "at_risk", "at_risk_low", "at_risk_high")
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
        weighing_by_hr=Weighing.SEGMENTS,
        means=(*_AMOUNTS, "past"),
        kind="driver",
        people="present",
        counts="model",
        digits=dict.fromkeys(_AMOUNTS, 0),
    ),
    made=(
        number("at_risk", "value that is expected to leave", unit="the study's currency"),
        number("at_risk_low", "95 % band of it", unit="the study's currency"),
        number("at_risk_high", "95 % band of it", unit="the study's currency"),
        number("past", "part of the value that lies past what was watched", unit="percent"),
    ),
    shown=Shown(
        views=(
            View(
                (
                    BY_SEGMENT,
                    COUNTED,
                    ShownColumn("value", "amount", head="display.column.value"),
                    ShownColumn("low", "amount", head="display.column.interval", ends=INTERVAL),
                    ShownColumn("at_risk", "amount", head="report.value.at_risk"),
                    ShownColumn(
                        "at_risk_low", "amount", head="display.column.interval", ends=("at_risk_low", "at_risk_high")
                    ),
                    ShownColumn("past", "points", head="report.value.past", note="report.staying.value.past"),
                ),
                shape=past_where_it_counts,
                with_hidden=False,
            ),
        ),
        section="staying",
        part="appendix",
        at=80,
        entries=(
            Entry(
                "workbook.figure.value",
                {"segment": "segment", "n": "n", "value": "value", "low": "low", "high": "high"},
            ),
            Entry(
                "workbook.figure.at_risk",
                {"segment": "segment", "n": "n", "value": "at_risk", "low": "at_risk_low", "high": "at_risk_high"},
            ),
            Entry("workbook.figure.past", {"segment": "segment", "n": "n", "value": "past"}, shape=past_worth_saying),
        ),
        sheet="value",
        title="report.staying.value",
        text="report.staying.value.text",
    ),
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
        number("at_low_setting", "mean value of everyone at the low end", unit="the study's currency"),
        number("at_high_setting", "mean value of everyone at the high end", unit="the study's currency"),
        number("width", "how far apart these are", 0, unit="the study's currency"),
        count("n", "people"),
    ),
    release=ReleasePlan(
        weighing=Weighing.NONE,
        lines=("assumption",),
        means=("at_low_setting", "at_high_setting"),
        texts=("low_setting", "high_setting"),
        digits={"at_low_setting": 0, "at_high_setting": 0},
        ranks={"place": ()},
        kind="driver",
        people="present",
        counts="model",
        orders={"place": lambda rows: -(rows["at_high_setting"] - rows["at_low_setting"]).abs()},
        shape=settings_in_words,
    ),
    made=(
        number("segment", "always empty: everyone", unit="segment"),
        PLACE,
    ),
    shown=Shown(
        display="own",
        section="staying",
        part="appendix",
        at=90,
        entries=tuple(
            Entry(
                "workbook.figure.assumed",
                {"n": "n", "value": f"at_{end}_setting"},
                fills={
                    "assumption": ShownColumn("assumption", "word", words="display.assumption"),
                    "setting": ShownColumn(f"{end}_setting"),
                },
            )
            for end in ("low", "high")
        ),
        sheet="value",
    ),
)

VALUE = (RISKS, HELD_OUT_LEAVING, LIFETIME_VALUE, VALUE_SENSITIVITY)
