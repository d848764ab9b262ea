"""The publish stage as a flow of its own."""

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


@flow(name="publish", persist_result=False)
def run_publish(study: str, overrides: list[str] | None = None) -> list[Receipt] | State[Any]:
    """Release what may leave, and write the report."""
    return run_stages(("publish",), study, overrides or [])


if __name__ == "__main__":
    raise SystemExit(run_command(run_publish, one_stage=True))
