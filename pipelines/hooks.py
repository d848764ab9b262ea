"""Who is told how a run ended: one message to the address of a hook, with study, stage, run and a sentence.

The address, of a web page or a mail server, stands in an environment variable, as it is often a secret; a hook that
cannot be reached ends nothing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from smtplib import SMTPException
from typing import ParamSpec, TypeVar, cast

from prefect import Flow, State
from prefect.client.schemas.objects import FlowRun
from prefect.flows import FlowStateHook
from prefect.logging import get_logger
from prefect.runtime import flow_run as this_run

from pipelines.messages import send
from pipelines.tasks import ALARM, OUT_OF_TIME, REFUSED
from segment.config import OperationsConfig, load_study
from segment.disclosure.rounding import words_in_bands
from segment.errors import Refusal
from segment.tracking.reach import what_broke

Given = ParamSpec("Given")
Said = TypeVar("Said")
_STAGE: dict[str, str] = {}  # where each flow run of this process is, by its id


def now_at(stage: str) -> None:
    """Keep which stage the flow run of this context is at, for whoever is told how it ends."""
    _STAGE[str(this_run.id)] = stage


def tell_hook(flow: Flow[..., object], flow_run: FlowRun, state: State[object]) -> None:
    """Tell the study's hook, where it has one and wants to know of such an ending; Prefect names the arguments."""
    given = {**flow_run.parameters}
    try:
        loaded = load_study(str(given.get("study")), overrides=given.get("overrides") or [])
        name, operations = loaded.config.study, loaded.config.operations
    except Refusal:  # that may be what the hook is to hear
        name, operations = Path(str(given.get("study"))).stem, OperationsConfig()
    address, ending = os.environ.get(operations.hook), _ending(state)
    if not address or ending not in operations.hook_on:
        return
    run = str(flow_run.id)
    told = {"study": name, "flow": flow.name, "stage": _STAGE.get(run, ""), "run": run}
    told |= {"ending": ending, "sentence": sentence(state)}
    try:
        send(address, told, form=operations.hook_form)
    except (OSError, ValueError, SMTPException) as fault:
        get_logger("segment").warning(f"The hook in {operations.hook} did not take the message: {what_broke(fault)}")


def sentence(state: State[object]) -> str:
    """How a run ended, in one sentence: reasons without their details, faults by type and place, people in bands."""
    said = state.message or ""
    if state.name in (REFUSED, OUT_OF_TIME, ALARM):
        return words_in_bands(said.splitlines()[0])
    if state.is_completed():
        return "The run is done."
    if state.is_crashed() or state.is_cancelled():
        return (
            "The run was ended from outside: cancelled, killed or out of memory. The next run goes on where it stopped."
        )
    fault = re.search(r"StageFault: (.+)", said)
    return fault[1] if fault else "The run failed; its log says where."


def watched(flow: Flow[Given, Said]) -> Flow[Given, Said]:
    """A flow that tells the hook how it ends."""
    told = [cast(FlowStateHook[Given, Said], tell_hook)]
    return flow.with_options(on_failure=told, on_crashed=told, on_cancellation=told, on_completion=told)


def _ending(state: State[object]) -> str:
    known = {REFUSED: "refused", ALARM: "alarm", "Completed": "done"}
    return known.get(str(state.name), "failed" if state.is_failed() else "ended")
