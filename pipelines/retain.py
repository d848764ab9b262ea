"""The retain stage as a flow of its own."""

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


@flow(name="retain", persist_result=False)
def run_retain(study: str, overrides: list[str] | None = None) -> list[Receipt] | State[Any]:
    """Model who stays, for how long and what that is worth."""
    return run_stages(("retain",), study, overrides or [])


if __name__ == "__main__":
    raise SystemExit(run_command(run_retain, one_stage=True))
