"""The stages of a study, in their order."""

from segment.stages.base import OpenStudy, Receipt, Stage, StageResult, open_study, run_stage
from segment.stages.discover import DISCOVER
from segment.stages.personalise import PERSONALISE
from segment.stages.prepare import PREPARE
from segment.stages.publish import PUBLISH
from segment.stages.relate import RELATE
from segment.stages.retain import RETAIN

#: Every stage by its name, in the order a study walks through them.
STAGES_IN_ORDER: dict[str, Stage] = {
    stage.name: stage for stage in (PREPARE, DISCOVER, RETAIN, RELATE, PERSONALISE, PUBLISH)
}

__all__ = ["STAGES_IN_ORDER", "OpenStudy", "Receipt", "Stage", "StageResult", "open_study", "run_stage"]
