"""How a flow runs stages: one task per stage, receipts between tasks, records to MLflow from the flow's process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from prefect import State
from prefect.states import Failed

from pipelines.faults import told_safely
from pipelines.hooks import now_at
from pipelines.run_log import tell, tell_step
from pipelines.tasks import REFUSED, reach_tracker, run_in_time
from segment.config import load_study
from segment.errors import Refusal
from segment.stages.base import OpenStudy, Receipt, open_study
from segment.stages.freshness import out_of_date, refuse_out_of_date
from segment.stages.recovery import complete_interrupted
from segment.stages.tracking import Recording
from segment.workspace.lock import alone_in, patience


def run_stages(
    names: Sequence[str],
    study: str,
    overrides: Sequence[str],
    *,
    publish: bool = False,
    first: bool = False,
    wait: bool | float = False,
) -> list[Receipt] | State[object]:
    """Run stages in order, alone in the workspace; ``wait``: how many seconds somebody else may take to
    finish first, True for as long as it takes; ``publish``: also what nobody has decided on.

    Earlier stages that are out of date run first, if ``first`` says so, or are a refusal. Returns the receipts, or a
    failed state named ``Refused`` with every reason in its message.
    """
    try:
        with alone_in(load_study(study, overrides=overrides).workspace, doing="run", wait=patience(wait)):
            opened = told_safely(lambda: _begin(study, overrides))
            if first:
                names = (*out_of_date(names, opened), *names)
            refuse_out_of_date(names, opened)
            return _run_stages(names, study, overrides, publish)
    except Refusal as refusal:
        return Failed(name=REFUSED, message=str(refusal))


def _run_stages(
    names: Sequence[str], study: str, overrides: Sequence[str], publish: bool
) -> list[Receipt] | State[object]:
    """Run stages in order, tell the one who watches, and send what tracking should see."""
    receipts: list[Receipt] = []
    recording, killed = None, False
    loaded = load_study(study, overrides=overrides)
    try:
        reach_tracker(study, overrides)
        warn = partial(tell, aside=True)
        recording = told_safely(lambda: Recording.of(open_study(study, overrides=overrides), tell=warn))
        for position, name in enumerate(names, start=1):
            started = time.monotonic()
            now_at(name)
            answer = run_in_time(name, study, overrides, publish=publish)
            if isinstance(answer, State):
                return answer
            receipts.append(answer)
            told_safely(partial(recording.take, answer))
            seconds = time.monotonic() - started
            tell_step(loaded, answer, position=position, of=len(names), seconds=seconds)
    except BaseException as ending:
        killed = not isinstance(ending, Exception)
        raise
    finally:
        if recording is not None:
            if recording.lost and not killed:
                reach_tracker(study, overrides)
            told_safely(partial(recording.end, failed=len(receipts) < len(names), killed=killed))
    return receipts


def _begin(study: str, overrides: Sequence[str]) -> OpenStudy:
    """The study, after completing what an interrupted removal of people left undone."""
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    return opened
