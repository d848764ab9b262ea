"""What is done to a study between its runs, as flows for a schedule: new people into segments, retention periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from prefect import State, flow
from prefect.states import Failed

from pipelines.faults import told_safely
from pipelines.hooks import now_at, watched
from pipelines.tasks import REFUSED
from pipelines.telling import tell
from segment.config import load_study
from segment.errors import Refusal
from segment.stages.rights.purge import purge_study
from segment.stages.score import assign_file
from segment.workspace.lock import alone_in, patience


@watched
@flow(name="assign", persist_result=False)
def run_assign(
    study: str, survey: str, out: str, overrides: list[str] | None = None, wait: bool | float = False
) -> State[object] | None:
    """Put new people into existing segments with the champion model, as ``segment assign`` does."""
    given = overrides or []
    return _alone(
        "assign", study, given, wait,
        lambda: assign_file(Path(study), survey=Path(survey), out=Path(out), overrides=given),
    )  # fmt: skip


@watched
@flow(name="purge", persist_result=False)
def run_purge(study: str, overrides: list[str] | None = None, wait: bool | float = False) -> State[object] | None:
    """Take out people whose retention period has run out, as ``segment purge`` does."""
    given = overrides or []
    return _alone("purge", study, given, wait, lambda: purge_study(Path(study), overrides=given))


def _alone(
    verb: str, study: str, overrides: Sequence[str], wait: bool | float, work: Callable[[], list[str]]
) -> State[object] | None:
    """Do a verb's work alone in the workspace; what it says goes to the log with people in bands."""
    now_at(verb)
    try:
        with alone_in(load_study(study, overrides=overrides).workspace, doing=verb, wait=patience(wait)):
            said = told_safely(work)
    except Refusal as refusal:
        return Failed(name=REFUSED, message=str(refusal))
    for line in said:
        tell(line)
    return None
