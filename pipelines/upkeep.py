"""What is done to a study between its runs, as flows for a schedule: new people, a watch, retention periods."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, Failed

from pipelines.faults import told_safely
from pipelines.hooks import now_at, watched
from pipelines.run_log import tell
from pipelines.tasks import ALARM, REFUSED
from segment.config import load_study
from segment.disclosure.rounding import words_in_bands
from segment.errors import Refusal
from segment.stages.monitor import Look, monitor_study
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


@watched
@flow(name="monitor", persist_result=False)
def run_monitor(study: str, overrides: list[str] | None = None, wait: bool | float = False) -> State[object] | None:
    """Look whether the decided models still fit, as ``segment monitor`` does; alarms reach hook and artifact."""
    given, looks = overrides or [], list[Look]()

    def work() -> list[str]:
        looks.append(monitor_study(Path(study), overrides=given))
        return looks[-1].said

    refused = _alone("monitor", study, given, wait, work)
    if refused is not None:
        return refused
    look, name = looks[-1], load_study(study, overrides=given).config.study
    told = "\n".join(f"- {words_in_bands(line)}" for line in look.said)
    create_markdown_artifact(told, key=f"monitor-{artifact_key(name)}", description=f"Look {look.number} at {name}")
    if not look.alarms:
        return None
    return Completed(name=ALARM, message=f"{len(look.alarms)} alarms; advice: {look.advice}. First: {look.alarms[0]}")


def artifact_key(study: str) -> str:
    """A study's name as Prefect takes it in the key of an artifact.

    >>> artifact_key("Our_Study")
    'our-study'
    """
    return re.sub(r"[^a-z0-9]+", "-", study.lower()).strip("-")


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
