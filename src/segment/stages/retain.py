"""Who stays, for how long, and what that is worth: the retention model, its evaluation, curves and risks."""

from __future__ import annotations

from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.retention.data_sufficiency import gaps_of_dates, too_few_flags
from segment.stages.retention.durations import retain_duration
from segment.stages.retention.flags import retain_flag
from segment.stages.retention.leakage import refuse_random_rows
from segment.stages.retention.survival import retain_time
from segment.vocabulary import OutcomeKind


def retain(opened: OpenStudy) -> StageResult:
    """Model staying and leaving by the study's kind of outcome."""
    outcome = opened.config.outcome
    if outcome is None or not opened.store.has("spells"):
        return StageResult({}, said="no outcome in this study: staying and leaving were not modelled")
    if opened.store.read("spells").empty:
        dated = outcome.kind == OutcomeKind.SPELLS
        found = gaps_of_dates(opened.store.read("people"), opened.config) if dated else too_few_flags(0, 0)
        return StageResult({"retention_findings": found}, said="nobody is known to have stayed or left: not modelled")
    if outcome.kind == OutcomeKind.SPELLS:
        return retain_time(opened)
    refuse_random_rows(opened)
    return retain_flag(opened) if outcome.kind == OutcomeKind.HORIZON else retain_duration(opened)


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
        "held_out_leaving",
        "lifetime_value",
        "value_sensitivity",
        "retention_findings",
        "segment_effects",
        "what_if",
        "competition",
        "first_year",
    ),
    settings=("retention", "outcome", "random_state", "sources", "codebook", "wave", "waves"),
)
