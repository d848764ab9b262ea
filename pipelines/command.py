"""The command line of every flow: ``python -m pipelines.study STUDY [--set k=v] [--from STAGE] [--only STAGE]``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from prefect import Flow, State

from pipelines.arguments import parser_of
from pipelines.embedded import start_embedded_server
from pipelines.endings import ENDINGS, code_of, said_of, terminable
from pipelines.run_log import End, tell_end
from pipelines.servers import refuse_lost_servers
from pipelines.tasks import REFUSED
from segment.config import load_study
from segment.errors import Refusal, StageFault
from segment.stages.base import Receipt
from segment.stages.summary import describe_run
from segment.workspace.lock import alone_in
from segment.workspace.waiting import with_seconds

Ran = TypeVar("Ran")
DONE, EXIT_REFUSED, EXIT_FAILED = 0, 1, 3


def run_command(flow: Flow[..., Ran], arguments: Sequence[str] | None = None, *, one_stage: bool = False) -> int:
    """Read the arguments, run the flow, say what came of it; returns the exit code.

    0 done, 1 refused, 3 failed; 130 and 143 when it was ended by Ctrl-C or SIGTERM.
    """
    asked = with_seconds(sys.argv[1:] if arguments is None else arguments)
    given = vars(parser_of(flow, one_stage=one_stage).parse_args(asked))
    study, overrides, wait, form = (given.pop(name) for name in ("study", "overrides", "wait", "log_format"))
    overrides += [f"operations.log_format={form}"] if form else []
    try:
        with terminable():
            end = _run(flow, study, overrides, wait, given)
    except Refusal as refusal:
        end = End("refused", EXIT_REFUSED, str(refusal))
    except StageFault as fault:
        end = End("failed", EXIT_FAILED, str(fault))
    except ENDINGS as ending:
        end = End("ended", code_of(ending), said_of(ending))
    tell_end(end, study=study, overrides=overrides)
    return end.code


def _run(flow: Flow[..., Ran], study: str, overrides: list[str], wait: float, given: Mapping[str, object]) -> End:
    """Run the flow alone in its workspace, with its servers; returns how that ended."""
    workspace = load_study(study, overrides=overrides).workspace
    # Before the flow: an embedded server starts with it, and two of them would make one database. Until after the
    # summary: it speaks of what this run left, not of what the next one makes.
    with alone_in(workspace, doing="run", wait=wait, tell=_tell):
        refuse_lost_servers(study, overrides, tell=_tell)
        if start_embedded_server(workspace) is not None:
            _tell("An earlier run was killed and left its server; that has been ended.")
        state = cast("State[list[Receipt]]", flow(study, return_state=True, overrides=overrides, **given))
        run = str(state.state_details.flow_run_id)
        if state.is_completed():
            return End("done", DONE, "\n".join(describe_run(study, overrides, state.result())), run)
    if state.name == REFUSED:
        return End("refused", EXIT_REFUSED, str(state.message), run)
    said = f"The run failed: {state.message}\nThe log above says where; nothing that existed was lost."
    return End("failed", EXIT_FAILED, said, run)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
