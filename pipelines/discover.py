"""The discover stage as a flow of its own."""

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


@flow(name="discover", persist_result=False)
def run_discover(study: str, overrides: list[str] | None = None) -> list[Receipt] | State[Any]:
    """Find segments of people by what drives them, or say that there are none."""
    return run_stages(("discover",), study, overrides or [])


if __name__ == "__main__":
    raise SystemExit(run_command(run_discover, one_stage=True))
