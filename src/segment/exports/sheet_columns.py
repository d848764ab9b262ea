"""The columns of each sheet of the workbook: heading, how a figure is written, and width."""

from __future__ import annotations

from typing import Any

from segment.exports.cells import Column
from segment.locale import say


def column(name: str, language: str, kind: str = "text", width: int = 14, **values: Any) -> Column:
    """A column with its heading and meaning from the catalogue; ``values`` fill the heading."""
    head, about = say(f"workbook.column.{name}", language, **values), say(f"workbook.about.{name}", language)
    return Column(head, kind, width, about=about)


def association_columns(language: str, whom: str) -> tuple[Column, ...]:
    """Columns of the sheet of what goes together with leaving; ``whom``: what the column of groups is called."""
    return (
        column("about", language, width=34), column("feature", language, width=40),
        column(whom, language, width=32), column("n", language, "people", 10),
        column("percentage", language, "points", 16), column("low", language, "points", 13),
        column("high", language, "points", 13),
    )  # fmt: skip


def value_columns(language: str, whom: str) -> tuple[Column, ...]:
    """Columns of the sheet of value."""
    return (
        column("about", language, width=52), column(whom, language, width=32),
        column("n", language, "people", 10), column("value", language, "amount", 14),
        column("low", language, "amount", 14), column("high", language, "amount", 14),
    )  # fmt: skip


def group_columns(language: str) -> tuple[Column, ...]:
    """Columns of the sheet of groups that are protected."""
    return (
        column("attribute", language, width=22), column("group", language, width=20),
        column("measure", language, width=44), column("n", language, "people", 10),
        column("share", language, "percent", 12), column("low", language, "percent", 13),
        column("high", language, "percent", 13), column("ratio", language, "points", 16),
        column("low", language, "points", 13), column("high", language, "points", 13),
    )  # fmt: skip
