"""The relate stage as a flow of its own."""

from __future__ import annotations

import sys
from typing import Any

from pipelines.environment import embed

if __name__ == "__main__":
    embed(sys.argv[1:], terminal=sys.stdout.isatty())

from prefect import flow
from prefect.states import State

from pipelines.command import run_command
from pipelines.running import run_stages
from segment.stages.base import Receipt


@flow(name="relate", persist_result=False)
def run_relate(study: str, overrides: list[str] | None = None) -> list[Receipt] | State[Any]:
    """Hold promises against experience."""
    return run_stages(("relate",), study, overrides or [])


if __name__ == "__main__":
    raise SystemExit(run_command(run_relate, one_stage=True))
