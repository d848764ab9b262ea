"""Who stays, for how long, and what that is worth: the retention model, its evaluation, curves and risks."""

from __future__ import annotations

from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.retain_flag import retain_flag
from segment.stages.retain_time import retain_time
from segment.vocabulary import OutcomeKind


def retain(opened: OpenStudy) -> StageResult:
    """Model staying and leaving by the study's kind of outcome."""
    outcome = opened.config.outcome
    if outcome is None or not opened.store.has("spells"):
        return StageResult({}, said="no outcome in this study: staying and leaving were not modelled")
    if not opened.store.read("spells")["cause"].notna().any():
        return StageResult({}, said="nobody left in these data: staying and leaving were not modelled")
    return retain_flag(opened) if outcome.kind == OutcomeKind.HORIZON else retain_time(opened)


RETAIN = Stage(
    "retain",
    retain,
    builds_on=("prepare", "discover"),
    writes=(
        "curves",
        "leaving",
        "calibration",
        "evaluation",
        "effects",
        "group_results",
        "risks",
        "lifetime_value",
        "retention_findings",
    ),
    settings=("retention", "outcome", "random_state", "sources", "codebook"),
)
