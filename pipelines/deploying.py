"""One deployment of one study on a live Prefect server: when it runs, where, and what happens when two meet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.types.entrypoint import EntrypointType

from pipelines.environment import DEFAULTS
from pipelines.servers import refuse_lost_prefect
from pipelines.study import run_study
from segment.config import load_study
from segment.errors import InvalidInput, NotReady
from segment.tracking.reach import without_secrets

#: What a run does that finds another, by the word for it: Prefect's rule, and how it is shown.
_RULES = {
    "enqueue": (ConcurrencyLimitStrategy.ENQUEUE, "a run that finds another waits for it"),
    "cancel": (ConcurrencyLimitStrategy.CANCEL_NEW, "a run that finds another is cancelled"),
}


@dataclass(frozen=True)
class Deployment:
    """When a study runs (``cron`` in ``time_zone``), in which work pool, and what a second run at once does."""

    cron: str
    time_zone: str = "UTC"
    pool: str = "segment"
    collision: str = "enqueue"


def deploy_study(study: Path, asked: Deployment, *, overrides: Sequence[str] = ()) -> list[str]:
    """Make or replace the deployment ``study/<name>`` on the server of ``PREFECT_API_URL``, and its pool if missing.

    Raises
    ------
    Refusal
        No server, one that does not answer, a study with mistakes, or a schedule that is none.
    """
    name = load_study(study, overrides=overrides).config.study
    if asked.collision not in _RULES:
        known = " or ".join(_RULES)
        raise InvalidInput("There is no such rule for two runs at once.", expected=known, came=asked.collision)
    address = os.environ.get("PREFECT_API_URL", "")
    if not address:
        raise NotReady(
            "There is no Prefect server to deploy on.",
            expected="the address of a server in PREFECT_API_URL",
            advice="prefect server start; export PREFECT_API_URL=http://127.0.0.1:4200/api",
        )
    refuse_lost_prefect(address)
    _apply(study, name, asked, overrides)
    return [
        f"Deployed study/{name} on {without_secrets(address)}: '{asked.cron}' in {asked.time_zone}, "
        f"one at a time; {_RULES[asked.collision][1]}.",
        f"What runs it, on the machine with the study: prefect worker start --pool {asked.pool} --type process",
        f"Run it now: prefect deployment run study/{name}",
    ]


def _apply(study: Path, name: str, asked: Deployment, overrides: Sequence[str]) -> None:
    made = RunnerDeployment.from_flow(
        run_study,
        name,
        schedules=[_schedule(asked)],
        parameters={"study": str(study.resolve()), "overrides": list(overrides), "wait": True},
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=_RULES[asked.collision][0]),
        work_pool_name=asked.pool,
        job_variables={"env": DEFAULTS},
        entrypoint_type=EntrypointType.MODULE_PATH,
        tags=["segment"],
    )
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(asked.pool)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=asked.pool, type="process"))
    made.apply()


def _schedule(asked: Deployment) -> CronSchedule:
    try:
        return CronSchedule(cron=asked.cron, timezone=asked.time_zone)
    except ValueError:
        raise InvalidInput(
            "The schedule cannot be read.",
            expected="five fields (minute, hour, day, month, weekday) and a time zone such as Europe/Amsterdam",
            came=f"'{asked.cron}' in '{asked.time_zone}'",
            advice="'0 5 1 */3 *' is five in the morning on the first day of a quarter",
        ) from None
