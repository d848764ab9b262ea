"""The columns of each sheet of the workbook: heading, how a figure is written, and width."""

from __future__ import annotations

from typing import Any

from segment.exports.cells import Column
from segment.locale import say


def heading(name: str, language: str, **values: Any) -> str:
    """What stands above a column."""
    return say(f"workbook.column.{name}", language, **values)


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
