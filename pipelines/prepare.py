"""The prepare stage as a flow of its own."""

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


@flow(name="prepare", persist_result=False)
def run_prepare(study: str, overrides: list[str] | None = None) -> list[Receipt] | State[Any]:
    """Take the raw exports in, by contract, and score needs."""
    return run_stages(("prepare",), study, overrides or [])


if __name__ == "__main__":
    raise SystemExit(run_command(run_prepare, one_stage=True))
