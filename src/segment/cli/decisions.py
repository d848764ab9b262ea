"""Verbs of reviewers: the model that counts, the tracking pages, the audit of what was released."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.base import REFUSED, Overrides, StudyFile, Wait, alone_with, answer, app
from segment.errors import InvalidInput


@app.command(
    epilog="example: segment promote configs/studies/demo.yaml --model segmentation --version 1 "
    "--by 'A. Reviewer' --reason 'stable over both waves'"
)
@answer
def promote(
    study: StudyFile,
    model: Annotated[str, typer.Option(help="segmentation or retention")],
    version: Annotated[int, typer.Option(help="the version, as the MLflow UI shows it")],
    by: Annotated[str, typer.Option(help="who decides")],
    reason: Annotated[str, typer.Option(help="why")],
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Make a registered model the champion: a reviewer's decision, kept with name and reason."""
    from segment.stages.score import promote_model

    with alone_with(study, overrides, doing="promote", wait=wait):
        typer.echo(promote_model(study, model=model, version=version, by=by, reason=reason, overrides=overrides or []))


@app.command(epilog="example: segment compare configs/studies/demo.yaml; then: segment promote")
@answer
def compare(
    study: StudyFile,
    runs: Annotated[
        tuple[str, str] | None,
        typer.Option("--runs", metavar="A B", help="two runs by their ids, instead of champion and challenger"),
    ] = None,
    lang: Annotated[str | None, typer.Option(help="the language of the table; English when left out")] = None,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Show champion against challenger on one page: who would change segment, what is gained, what was missed."""
    from segment.locale import STANDS_IN
    from segment.stages.compare import compare_study

    with alone_with(study, overrides, doing="compare", wait=wait):
        said = compare_study(study, runs=runs, language=lang or STANDS_IN, overrides=overrides or [])
    typer.echo("\n".join(said))


@app.command(epilog="example: segment publish configs/studies/demo.yaml --preview; then: segment publish ... --yes")
@answer
def publish(
    study: StudyFile,
    preview: Annotated[
        bool, typer.Option("--preview", help="only say what would be shown, hidden and changed")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="publish without asking; on a terminal one is asked")] = False,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Publish the champion for HR, after saying what would be shown, hidden, and changed since the last release."""
    from segment.stages.publishing import preview_release, publish_study

    with alone_with(study, overrides, doing="publish", wait=wait):
        typer.echo("\n".join(preview_release(study, tell=_aside, overrides=overrides or [])))
        if preview:
            return
        if not yes and sys.stdin.isatty() and not typer.confirm("Publish this?"):
            typer.echo("Nothing was published.")
            return
        typer.echo("\n".join(publish_study(study, tell=_aside, overrides=overrides or [])))


def _aside(line: str) -> None:
    """A line about the work, beside what is answered."""
    typer.echo(line, err=True)


@app.command(epilog="example: segment rerun 962ea288c6ee43e49083de63aba22a8c")
@answer
def rerun(
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="the run's id in the MLflow UI, or how it begins")],
    study: Annotated[
        Path | None, typer.Option("--study", metavar="STUDY", help="its study, where that is not of this project")
    ] = None,
) -> None:
    """Rebuild a run from what was recorded, elsewhere, and say whether every released byte agrees; publish nothing."""
    from segment.stages.rerun import run_again

    found = run_again(run_id, study=study, tell=typer.echo)
    typer.echo("\n".join(found.said))
    raise typer.Exit(0 if found.agrees else REFUSED)


@app.command(epilog="example: segment name configs/studies/demo.yaml --segment 1 --nl 'De bouwers' --en 'Builders'")
@answer
def name(
    study: StudyFile,
    segment: Annotated[str, typer.Option(help="its number in the report, or what it is called there")],
    nl: Annotated[str, typer.Option(help="the name in Dutch: words that say what this group needs")],
    en: Annotated[str, typer.Option(help="the name in English")],
    by: Annotated[str, typer.Option(help="who names it")] = "HR",
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Call a segment what people will remember, from the next release on; kept in the event log."""
    from segment.locale import own_languages
    from segment.stages.naming import name_segment

    names = dict(zip(own_languages(), (nl, en), strict=True))
    with alone_with(study, overrides, doing="name", wait=wait):
        typer.echo(name_segment(study, segment=segment, names=names, by=by, overrides=overrides or []))


@app.command(epilog="example: segment plan configs/studies/demo.yaml --budget 20000 --lang nl --out plan.csv")
@answer
def plan(
    study: StudyFile,
    budget: Annotated[float, typer.Option(help="most that may be spent, in the currency of the study's costs")],
    aim: Annotated[
        str, typer.Option("--for", help="need: take away most unmet need; value: most value at risk that goes with it")
    ] = "need",
    lang: Annotated[str | None, typer.Option(help="the language of the plan; English when left out")] = None,
    out: Annotated[Path | None, typer.Option(help="where the plan is written (CSV) as well")] = None,
    overrides: Overrides = None,
) -> None:
    """Choose actions under a budget, for everyone fairly, from the figures of the last release."""
    from segment.locale import STANDS_IN
    from segment.stages.plan import Asked, plan_under_budget

    asked = Asked(budget=budget, aim=aim, language=lang or STANDS_IN, out=out)
    typer.echo("\n".join(plan_under_budget(study, asked, overrides=overrides or [])))


@app.command(epilog="example: segment ui configs/studies/demo.yaml --port 5000")
@answer
def ui(
    study: StudyFile,
    port: Annotated[int, typer.Option(help="port on this machine")] = 5000,
    overrides: Overrides = None,
) -> None:
    """Open the MLflow UI on this study's store; it listens on this machine only, and ends with Ctrl-C."""
    from segment.config import load_study
    from segment.tracking.interface import serve_interface

    loaded = load_study(study, overrides=overrides or [])
    sys.exit(serve_interface(loaded.workspace, port=port))


@app.command(
    epilog="example: segment serve configs/studies/demo.yaml --port 5100; then: curl http://127.0.0.1:5100/health"
)
@answer
def serve(
    study: StudyFile,
    model: Annotated[str, typer.Option(help="segmentation or retention")] = "segmentation",
    port: Annotated[int, typer.Option(help="port on this machine; 0 takes a free one", min=0, max=65535)] = 5100,
    overrides: Overrides = None,
) -> None:
    """Serve the champion (or the newest, where nobody decided) on this machine only, under governance."""
    from segment.stages.serve import serve_model

    serve_model(study, model=model, port=port, tell=lambda line: typer.echo(line, err=True), overrides=overrides or [])


@app.command(epilog="example: segment track configs/studies/demo.yaml --resume")
@answer
def track(
    study: StudyFile,
    resume: Annotated[bool, typer.Option("--resume", help="send what is missing, once")] = False,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Say what the tracker lacks of what lies on disk, or send it; runs that were killed are ended as such."""
    from segment.stages.tracking import track_study

    with alone_with(study, overrides, doing="track", wait=wait):
        said = track_study(
            study, resume=resume, tell=lambda line: typer.echo(line, err=True), overrides=overrides or []
        )
    typer.echo(said)


@app.command(epilog="example: segment audit configs/studies/demo.yaml; segment audit configs/studies/demo.yaml --log")
@answer
def audit(
    study: StudyFile,
    log: Annotated[bool, typer.Option("--log", help="verify the event log and the release ledger instead")] = False,
    head: Annotated[
        Path | None, typer.Option("--head", metavar="FILE", help="with --log: heads of the books, kept elsewhere")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Attack the study's own exports and print the certificate; refuses when anything can be recovered."""
    from segment.stages.audit import audit_log, audit_study

    if head is not None and not log:
        raise InvalidInput("Heads are held against the books.", expected="--log --head FILE", came="--head alone")
    said = (
        audit_log(study, head=head, overrides=overrides or []) if log else audit_study(study, overrides=overrides or [])
    )
    typer.echo("\n".join(said))


@app.command(
    epilog="example: segment withdraw configs/studies/demo.yaml --by 'A. Reviewer' --reason 'old files destroyed'"
)
@answer
def withdraw(
    study: StudyFile,
    by: Annotated[str, typer.Option(help="who decides")],
    reason: Annotated[str, typer.Option(help="why, and how it was made sure that nobody holds the old files")],
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Take earlier releases back, so that a new one may replace them: a reviewer's decision, kept with its reason."""
    from segment.stages.release.history import withdraw as take_back

    with alone_with(study, overrides, doing="withdraw", wait=wait):
        typer.echo(take_back(study, by=by, reason=reason, overrides=overrides or []))
