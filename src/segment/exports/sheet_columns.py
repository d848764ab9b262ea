"""The columns of each sheet of the workbook: heading, how a figure is written, and width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.exports.cells import Column
from segment.locale import say


def heading(name: str, language: str, **values: Any) -> str:
    """What stands above a column."""
    return say(f"workbook.column.{name}", language, **values)


#: Frame column -> column of the sheet.
Columns = Mapping[str, Column]


def _order_columns(language: str) -> Columns:
    """The rank that was decided before rounding, and whether the next in rank is about as much."""
    return {
        "place": Column(heading("place", language), "count", 8),
        "about_as_much": Column(heading("alike", language), width=16),
    }


def profile_columns(language: str) -> Columns:
    """Columns of the sheet of needs per segment."""
    return {
        "segment": Column(heading("segment", language), width=32),
        "need": Column(heading("need", language), width=22),
        "measure": Column(heading("measure", language), width=14),
        "n": Column(heading("n", language), "people", 10),
        "mean": Column(heading("mean", language), "one", 13),
        "low": Column(heading("low", language), "one", 13),
        "high": Column(heading("high", language), "one", 13),
        "overall": Column(heading("overall", language), "one", 11),
        "share": Column(heading("share", language), "percent", 11),
        "share_low": Column(heading("low", language), "percent", 13),
        "share_high": Column(heading("high", language), "percent", 13),
        "share_overall": Column(heading("share_overall", language), "percent", 15),
        **_order_columns(language),
    }


def exemplar_columns(language: str) -> Columns:
    """Columns of the sheet of answers that stand out."""
    return {
        "segment": Column(heading("segment", language), width=32),
        "item": Column(say("report.exemplar.question", language), width=52),
        "side": Column(say("report.exemplar.side", language), width=24),
        "n": Column(heading("n", language), "people", 10),
        "mean": Column(heading("mean", language), "one", 13),
        "overall": Column(heading("overall", language), "one", 11),
        "share": Column(heading("share", language), "percent", 11),
        "share_overall": Column(heading("share_overall", language), "percent", 15),
    }


def attractiveness_columns(language: str) -> Columns:
    """Columns of the sheet of where acting promises most."""
    return {
        "segment": Column(heading("segment", language), width=32),
        "criterion": Column(heading("criterion", language), width=24),
        "n": Column(heading("n", language), "people", 10),
        "rating": Column(heading("rating", language), "one", 13, shade=True),
        "attractiveness": Column(heading("attractiveness", language), "one", 16),
    }


def promise_columns(language: str) -> Columns:
    """Columns of the sheet of promises."""
    return {
        "segment": Column(heading("segment", language), width=32),
        "need": Column(heading("need", language), width=22),
        "n": Column(heading("n", language), "people", 10),
        "promised": Column(heading("promised", language), "one", 15),
        "kept": Column(heading("kept", language), "one", 17),
        "promised_yes": Column(heading("promised_yes", language), "percent", 17),
        "kept_yes": Column(heading("kept_yes", language), "percent", 18),
        "employer_promised": Column(heading("employer_promised", language), "one", 19),
        "employer_offered": Column(heading("employer_offered", language), "one", 19),
        "broken_share": Column(heading("broken", language), "percent", 18, shade=True),
        **_order_columns(language),
    }


def scorecard_columns(language: str) -> Columns:
    """Columns of the sheet of the seven Rs."""
    return {
        "r": Column(heading("r", language), width=18),
        "measure": Column(heading("measure", language), width=46),
        "segment": Column(heading("segment", language), width=32),
        "n": Column(heading("n", language), "people", 10),
        "value": Column(heading("value", language), "one", 11),
        "low": Column(heading("low", language), "one", 13),
        "high": Column(heading("high", language), "one", 13),
        "share": Column(heading("share", language), "percent", 11),
    }


def journey_columns(language: str) -> Columns:
    """Columns of the sheet of moments."""
    return {
        "moment": Column(heading("moment", language), width=44),
        "segment": Column(heading("segment", language), width=32),
        "n": Column(heading("n", language), "people", 10),
        "value": Column(heading("value", language), "one", 11, shade=True),
        "low": Column(heading("low", language), "one", 13),
        "high": Column(heading("high", language), "one", 13),
        "share": Column(heading("share", language), "percent", 11),
        "share_low": Column(heading("low", language), "percent", 13),
        "share_high": Column(heading("high", language), "percent", 13),
        "weight": Column(heading("weight", language), "percent", 15),
        **_order_columns(language),
    }


def association_columns(language: str) -> tuple[Column, ...]:
    """Columns of the sheet of what goes together with leaving."""
    return (
        Column(heading("about", language), width=34), Column(heading("feature", language), width=40),
        Column(heading("segment", language), width=32), Column(heading("n", language), "people", 10),
        Column(heading("percentage", language), "points", 16), Column(heading("low", language), "points", 13),
        Column(heading("high", language), "points", 13),
    )  # fmt: skip


def value_columns(language: str) -> tuple[Column, ...]:
    """Columns of the sheet of value."""
    return (
        Column(heading("about", language), width=52), Column(heading("segment", language), width=32),
        Column(heading("n", language), "people", 10), Column(heading("value", language), "amount", 14),
        Column(heading("low", language), "amount", 14), Column(heading("high", language), "amount", 14),
    )  # fmt: skip


def group_columns(language: str) -> tuple[Column, ...]:
    """Columns of the sheet of groups that are protected."""
    return (
        Column(heading("attribute", language), width=22), Column(heading("group", language), width=20),
        Column(heading("measure", language), width=44), Column(heading("n", language), "people", 10),
        Column(heading("share", language), "percent", 12), Column(heading("low", language), "percent", 13),
        Column(heading("high", language), "percent", 13), Column(heading("ratio", language), "points", 16),
        Column(heading("low", language), "points", 13), Column(heading("high", language), "points", 13),
    )  # fmt: skip
