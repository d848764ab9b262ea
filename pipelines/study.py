"""The whole way of a study, from raw exports to what HR can read, as one flow."""

from __future__ import annotations

import sys

from pipelines.environment import embed

if __name__ == "__main__":
    embed(sys.argv[1:], terminal=sys.stdout.isatty())

from collections.abc import Sequence

from prefect import State, flow
from prefect.states import Failed

from pipelines.arguments import names_of
from pipelines.command import run_command
from pipelines.faults import told_safely
from pipelines.hooks import watched
from pipelines.run_log import tell
from pipelines.running import run_stages
from pipelines.tasks import REFUSED
from segment.errors import Refusal
from segment.stages import STAGES_IN_ORDER
from segment.stages.backfill import waves_to_run
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
    waves: str | None = None,
) -> list[Receipt] | State[object]:
    """Run a study: all stages, those from one on, or one alone; ``wait`` (seconds, or True) lets another end first.

    HR's files change only when its models are those that were decided on; with ``publish`` also before any decision.
    ``waves`` (all, or names with commas between them) runs one after the other, each as it would have been known then.
    """
    settings = overrides or []
    if waves is None:
        names = names_of(start=start, only=only)
        return run_stages(names, study, settings, publish=publish, first=only is None, wait=wait)
    return _run_waves(waves, study, settings, publish=publish, wait=wait)


def _run_waves(
    asked: str, study: str, overrides: Sequence[str], *, publish: bool = False, wait: bool | float = False
) -> list[Receipt] | State[object]:
    """Run all stages for each wave that is asked for, earliest first, each as it would have been known then.

    Returns the receipts of the last one, or the failed state of the first that did not get through.
    """
    try:
        waves = told_safely(lambda: waves_to_run(study, asked, overrides=overrides))
    except Refusal as refusal:
        return Failed(name=REFUSED, message=str(refusal))
    ended: list[Receipt] | State[object] = []
    for number, (name, then) in enumerate(waves, start=1):
        tell(f"wave {name} ({number} of {len(waves)}): {' '.join(then[:1]) or 'as known now'}")
        ended = run_stages(tuple(STAGES_IN_ORDER), study, [*overrides, *then], publish=publish, first=True, wait=wait)
        if isinstance(ended, State):
            break
    return ended


if __name__ == "__main__":
    raise SystemExit(run_command(run_study))
