"""Every stage as a flow of its own, made from the one list of stages: ``python -m pipelines.flows discover STUDY``."""

from __future__ import annotations

import sys

from pipelines.environment import embed

if __name__ == "__main__":
    embed(sys.argv[1:], terminal=sys.stdout.isatty())

from prefect import Flow, State, flow

from pipelines.command import run_command
from pipelines.hooks import watched
from pipelines.running import run_stages
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import Receipt, Stage


def flow_of(stage: Stage) -> Flow[..., object]:
    """A flow that runs one stage alone; it is called as the stage is, and says what that does."""

    def run(study: str, overrides: list[str] | None = None, publish: bool = False) -> list[Receipt] | State[object]:
        return run_stages((stage.name,), study, overrides or [], publish=publish)

    run.__doc__ = stage.run.__doc__
    return watched(flow(name=stage.name, persist_result=False)(run))


#: Every stage's flow by the stage's name, in the order a study walks through them.
FLOWS: dict[str, Flow[..., object]] = {name: flow_of(stage) for name, stage in STAGES_IN_ORDER.items()}


def main(arguments: list[str]) -> int:
    """Run the stage that is named first; returns the exit code."""
    if not arguments or arguments[0] not in FLOWS:
        sys.stderr.write(f"usage: python -m pipelines.flows {{{','.join(FLOWS)}}} STUDY [--set KEY=VALUE]\n")
        return 0 if arguments in (["-h"], ["--help"]) else 2
    return run_command(FLOWS[arguments[0]], arguments[1:], one_stage=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
