"""Runs of a small study on their way into the tracker, decided on and compared, as a reviewer does it."""

from __future__ import annotations

import json
from pathlib import Path

from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.tracking import Recording
from tests.stages.conftest import Decided


def record(study: Decided) -> str:
    """Every stage of the study, on its way into the tracker; the id of the run."""
    recording = Recording.of(study.open())
    for stage in STAGES_IN_ORDER.values():
        recording.take(run_stage(stage, study.open(), force=stage.name in ("discover", "retain", "publish")))
    recording.end(failed=False)
    return str(recording.run.run_id)


def decide(study: Decided, version: int, model: str = "segmentation") -> str:
    code, said = study.type(
        "promote", "--model", model, "--version", str(version), "--by", "A. Reviewer", "--reason", "it holds"
    )
    assert code == 0, said
    return said


def compared(study: Decided, *words: str) -> tuple[str, dict[str, object], Path]:
    """What is said, the facts, and the folder."""
    code, said = study.type("compare", *words)
    assert code == 0, said
    folder = Path(said.strip().splitlines()[-1].partition(": ")[2]).parent
    return said, json.loads((folder / "comparison.json").read_text()), folder
