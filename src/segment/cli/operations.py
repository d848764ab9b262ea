"""Verbs of operators: a schedule, a look at how things are, and what a workspace may lose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.base import REFUSED, Overrides, StudyFile, Wait, alone_with, answer, app


@app.command(epilog="example: segment deploy ours/study.yaml --cron '0 5 1 */3 *' --time-zone Europe/Amsterdam")
@answer
def deploy(
    study: StudyFile,
    cron: Annotated[str, typer.Option(help="when it runs: minute, hour, day of the month, month, weekday")],
    time_zone: Annotated[str, typer.Option(help="whose clock that is")] = "UTC",
    pool: Annotated[str, typer.Option(help="the work pool; made if it does not exist")] = "segment",
    collision: Annotated[
        str, typer.Option(metavar="RULE", help="a run that finds another: enqueue (it waits) or cancel (it is dropped)")
    ] = "enqueue",
    overrides: Overrides = None,
) -> None:
    """Put a study on a schedule of the Prefect server in PREFECT_API_URL: one deployment, replaced when made again."""
    from pipelines.environment import quieten

    quieten()  # before anything of Prefect is imported
    from pipelines.deploying import Deployment, deploy_study

    asked = Deployment(cron=cron, time_zone=time_zone, pool=pool, collision=collision)
    typer.echo("\n".join(deploy_study(study, asked, overrides=overrides or [])))


@app.command(epilog="example: segment doctor configs/studies/demo.yaml")
@answer
def doctor(
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="the study's YAML file")] = None,
    overrides: Overrides = None,
) -> None:
    """Look at versions, servers, key, room, lock, rights and stores: a line each, and 1 if something must be done."""
    from pipelines.servers import refuse_lost_prefect
    from segment.stages.doctor import examine

    found = examine(study, knock=refuse_lost_prefect, overrides=overrides or [])
    typer.echo("\n".join(one.line() for one in found))
    if any(one.advice for one in found):
        raise typer.Exit(REFUSED)


@app.command(epilog="example: segment clean configs/studies/demo.yaml; segment clean configs/studies/demo.yaml --yes")
@answer
def clean(
    study: StudyFile,
    keep: Annotated[int, typer.Option(min=0, help="damaged stores that were moved aside and stay, the newest")] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="delete it; without this they are only listed")] = False,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Say what a workspace may lose and how much that is; never receipts, tables, ledgers, events, keys or exports."""
    from segment.stages.cleaning import clean_study

    with alone_with(study, overrides, doing="clean", wait=wait):
        typer.echo("\n".join(clean_study(study, keep=keep, delete=yes, overrides=overrides or [])))


@app.command(epilog="example: segment monitor configs/studies/demo.yaml")
@answer
def monitor(study: StudyFile, wait: Wait = 0.0, overrides: Overrides = None) -> None:
    """Look whether answers, segments, response and exits are still what the decided models know; changes no model."""
    from segment.stages.monitor import monitor_study

    with alone_with(study, overrides, doing="monitor", wait=wait):
        typer.echo("\n".join(monitor_study(study, overrides=overrides or []).said))


@app.command(epilog="example: segment backtest configs/studies/demo.yaml")
@answer
def backtest(study: StudyFile, wait: Wait = 0.0, overrides: Overrides = None) -> None:
    """Walk through the study's own past, wave by wave: what would have been said, what came, what gates decided."""
    from segment.stages.backtest import backtest_study

    with alone_with(study, overrides, doing="backtest", wait=wait):
        typer.echo(
            "\n".join(backtest_study(study, tell=lambda line: typer.echo(line, err=True), overrides=overrides or []))
        )
