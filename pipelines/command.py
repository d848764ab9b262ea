"""The command line of every flow: ``python -m pipelines.study STUDY [--set k=v] [--from STAGE] [--only STAGE]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TypeVar, cast

from prefect import Flow, State

from pipelines.running import REFUSED
from pipelines.servers import refuse_lost_servers
from segment.cli import WAIT_HELP, with_seconds
from segment.config import load_study
from segment.errors import Refusal, StageFault
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import Receipt
from segment.stages.summary import describe_run
from segment.workspace.lock import alone_in

Ran = TypeVar("Ran")
DONE, EXIT_REFUSED, EXIT_FAILED = 0, 1, 3


def names_of(*, start: str | None, only: str | None) -> tuple[str, ...]:
    """The stages to run: all, from one on, or one alone.

    >>> names_of(start="relate", only=None)
    ('relate', 'personalise', 'publish')
    """
    if only is not None:
        return (only,)
    every = tuple(STAGES_IN_ORDER)
    return every[every.index(start) :] if start is not None else every


def run_command(flow: Flow[..., Ran], arguments: Sequence[str] | None = None, *, one_stage: bool = False) -> int:
    """Read the arguments, run the flow, say what came of it; returns the exit code (0 done, 1 refused, 3 failed)."""
    asked = with_seconds(sys.argv[1:] if arguments is None else arguments)
    given = vars(_parser(flow, one_stage=one_stage).parse_args(asked))
    study, wait = given.pop("study"), given.pop("wait")
    try:
        workspace = load_study(study, overrides=given["overrides"]).workspace
        # Before the flow: an embedded server starts with it, and two of them would make one database. Until after the
        # summary: it speaks of what this run left, not of what the next one makes.
        with alone_in(workspace, doing="run", wait=wait, tell=_tell):
            refuse_lost_servers(study, given["overrides"], tell=_tell)
            state = cast("State[list[Receipt]]", flow(study, return_state=True, **given))
            if state.is_completed():
                sys.stdout.write("\n".join(describe_run(study, given["overrides"], state.result())) + "\n")
                return DONE
    except (Refusal, StageFault) as fault:
        sys.stderr.write(f"{fault}\n")
        return EXIT_REFUSED if isinstance(fault, Refusal) else EXIT_FAILED
    if state.name == REFUSED:
        sys.stderr.write(f"{state.message}\n")
        return EXIT_REFUSED
    sys.stderr.write(f"The run failed: {state.message}\nThe log above says where; nothing that existed was lost.\n")
    return EXIT_FAILED


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _seconds(text: str) -> float:
    """A time to wait; never negative, and a number."""
    seconds = float(text)
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"expected seconds, 0 or more; found: {text}")
    return seconds


def _parser(flow: Flow[..., Ran], *, one_stage: bool) -> argparse.ArgumentParser:
    """What a flow's command line understands."""
    parser = argparse.ArgumentParser(
        prog=f"python -m pipelines.{f'flows {flow.name}' if one_stage else flow.name}",
        description=(flow.__doc__ or "").strip().splitlines()[0],
        epilog="example: python -m pipelines.study configs/studies/demo.yaml --set segmentation.n_splits=5",
    )
    parser.add_argument("study", help="the study's YAML file")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides", help="override a setting"
    )
    parser.add_argument("--wait", type=_seconds, default=0.0, metavar="[SECONDS]", help=WAIT_HELP)
    if not one_stage:
        every, which = list(STAGES_IN_ORDER), parser.add_mutually_exclusive_group()
        which.add_argument(
            "--from",
            choices=every,
            dest="start",
            help="start at this stage; earlier ones only if out of date",
        )
        which.add_argument(
            "--only",
            choices=every,
            help="run this stage alone; refused when an earlier one is out of date",
        )
    return parser
