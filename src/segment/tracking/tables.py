"""The table of neutral records: what a stage wants tracking to see."""

from __future__ import annotations

from segment.tables.columns import number, text
from segment.tables.registry import register
from segment.tables.spec import Column, TableSpec

RECORDS = TableSpec(
    "records",
    "thing that tracking should see",
    (),
    (
        text("kind", "metric, param, tag or artifact"),
        text("run", "parent, or the child's name"),
        text("name", "name"),
        text("value", "value as text; for an artifact the released table it shows"),
        number("number", "value as a number", unit="of the record"),
        Column("step", "integer", "where on its line a metric lies: segments, or months", low=0, unit="step"),
    ),
)

register(RECORDS)
