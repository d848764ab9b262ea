"""The steps that Prefect watches: a stage, which has its time and is never repeated, and a server, asked again."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import State, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed
from prefect.tasks import exponential_backoff

from pipelines.faults import told_safely
from segment.config import load_study
from segment.errors import Refusal
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, Receipt, open_study, run_stage
from segment.stages.permission import last_stage
from segment.stages.publish import PUBLISH
from segment.stages.tracking import refuse_lost_tracker
from segment.tracking.reach import Unreachable

#: The name of the final state of a run that was refused; its message holds the reasons.
REFUSED = "Refused"
#: The name of the final state of a watch that raised an alarm; its message holds the first.
ALARM = "Alarm"
#: The name of the final state of a run in which a stage took longer than the study allows.
OUT_OF_TIME = "OutOfTime"


@task(name="run-stage", task_run_name="{name}", cache_policy=NO_CACHE, persist_result=False)
def run_one(name: str, study: str, overrides: Sequence[str], publish: bool = False) -> Receipt | str:
    """Run one stage; a refusal comes back as its words, so that no traceback stands between a reader and the reason."""
    try:
        return told_safely(lambda: _run(name, open_study(study, overrides=overrides), publish))
    except Refusal as refusal:
        return str(refusal)


def _run(name: str, opened: OpenStudy, publish: bool) -> Receipt:
    stage = last_stage(opened, asked=publish) if name == PUBLISH.name else STAGES_IN_ORDER[name]
    return run_stage(stage, opened)


def run_in_time(name: str, study: str, overrides: Sequence[str], *, publish: bool = False) -> Receipt | State[object]:
    """Run one stage within the minutes the study gives it; what ended otherwise is a failed state that says why."""
    seconds = load_study(study, overrides=overrides).config.operations.most_minutes.seconds(name)
    try:
        answer = run_one.with_options(timeout_seconds=seconds)(name, study, overrides, publish)
    except TimeoutError:
        given = f"{(seconds or 0) / 60:g}"
        return Failed(
            name=OUT_OF_TIME,
            message=f"Stage '{name}' took longer than the {given} minutes it may take, and was ended.\n"
            f"  what to do: what earlier stages made is kept; raise operations.most_minutes.{name} in the study",
        )
    return Failed(name=REFUSED, message=answer) if isinstance(answer, str) else answer


@task(name="reach-tracker", cache_policy=NO_CACHE, persist_result=False)
def _ask(study: str, overrides: Sequence[str]) -> State[object] | None:
    """Ask the tracking server once; a server that does not answer is a failed state, which Prefect tries again."""
    try:
        told_safely(lambda: refuse_lost_tracker(open_study(study, overrides=overrides), tell=lambda _: None))
    except Unreachable as refusal:
        return Failed(message=refusal.what)
    except Refusal:
        return None  # nothing that time mends: whoever needs the tracker gets the refusal
    return None


def reach_tracker(study: str, overrides: Sequence[str]) -> None:
    """Ask the tracking server until it answers or the tries are used up, each after twice as long.

    Nothing is raised: whoever needs the tracker finds out, and says so in its own words.
    """
    operations = load_study(study, overrides=overrides).config.operations
    pauses = exponential_backoff(operations.retry_seconds)
    asked = _ask.with_options(retries=operations.retries, retry_delay_seconds=pauses)
    asked(study, overrides, return_state=True)
