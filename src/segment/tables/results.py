"""The tables that stages write: what was found, one row per what, with its doubt."""

from __future__ import annotations

from segment.tables.columns import number, text
from segment.tables.relationship import CARDS, JOURNEY, LINKAGE, MATCH_COUNTS, MATCHES, PLANS, PROMISES, SCORECARD
from segment.tables.schema import TableSchema
from segment.tables.segmentation import (
    ASSIGNMENTS,
    CANDIDATES,
    DRIVERS,
    LADDER,
    MIGRATION,
    MOVEMENT,
    NEED_SCORES,
    PROFILES,
    RELIABILITY,
    SEGMENT_OUTCOMES,
    SEGMENTS,
    STABILITY,
    TYPING_TOOL,
    VERDICT,
)
from segment.tables.staying import (
    CALIBRATION,
    COMPETITION,
    CURVES,
    EFFECTS,
    EVALUATION,
    FIRST_YEAR,
    GROUP_RESULTS,
    LEAVING,
    LIFETIME_VALUE,
    RETENTION_FINDINGS,
    RISKS,
    SEGMENT_EFFECTS,
    VALUE_SENSITIVITY,
    WHAT_IF,
)

RECORDS = TableSchema(
    "records",
    "thing that tracking should see",
    (),
    (
        text("kind", "metric, param, tag or artifact"),
        text("run", "parent, or the child's name"),
        text("name", "name"),
        text("value", "value as text; for an artifact the released table it shows"),
        number("number", "value as a number"),
    ),
)

RESULT_TABLES: tuple[TableSchema, ...] = (
    NEED_SCORES,
    RELIABILITY,
    CANDIDATES,
    ASSIGNMENTS,
    PROFILES,
    SEGMENTS,
    STABILITY,
    VERDICT,
    LADDER,
    SEGMENT_OUTCOMES,
    DRIVERS,
    MOVEMENT,
    TYPING_TOOL,
    MIGRATION,
    CURVES,
    LEAVING,
    CALIBRATION,
    EVALUATION,
    EFFECTS,
    GROUP_RESULTS,
    RISKS,
    RETENTION_FINDINGS,
    SEGMENT_EFFECTS,
    WHAT_IF,
    COMPETITION,
    FIRST_YEAR,
    LIFETIME_VALUE,
    VALUE_SENSITIVITY,
    PROMISES,
    SCORECARD,
    JOURNEY,
    MATCHES,
    MATCH_COUNTS,
    LINKAGE,
    PLANS,
    CARDS,
    RECORDS,
)
