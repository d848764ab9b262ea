"""The whole way of a study, from raw exports to what HR can read, as one flow."""

from __future__ import annotations

import sys

from pipelines.environment import embed

if __name__ == "__main__":
    embed(sys.argv[1:], terminal=sys.stdout.isatty())

from prefect import State, flow

from pipelines.arguments import names_of
from pipelines.command import run_command
from pipelines.hooks import watched
from pipelines.running import run_stages
from segment.stages.base import Receipt


@watched
@flow(name="study", persist_result=False)
def run_study(
    study: str,
    overrides: list[str] | None = None,
    start: str | None = None,
    only: str | None = None,
    publish: bool = False,
    wait: bool | float = False,
) -> list[Receipt] | State[object]:
    """Run a study: all stages, those from one on, or one alone; ``wait`` (seconds, or True) lets another end first.

    HR's files change only when its models are those that were decided on; with ``publish`` also before any decision.
    """
    return run_stages(
        names_of(start=start, only=only), study, overrides or [], publish=publish, first=only is None, wait=wait
    )


if __name__ == "__main__":
    raise SystemExit(run_command(run_study))
