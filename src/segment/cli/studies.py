"""Verbs around a study: run it, look at it beforehand, make one, put people into its segments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.base import Overrides, StudyFile, Wait, alone_with, answer, app
from segment.errors import Refusal, nearest
from segment.interruptions import BOTH
from segment.vocabulary import World
from segment.workspace.waiting import PUBLISH_HELP, WAVES_HELP

#: Exit codes above this say which signal ended a run.
_FROM_OUTSIDE = 128


def _known_stage(name: str | None) -> str | None:
    """A stage's name, or wrong usage with the nearest one: before anything is begun."""
    if name is None:
        return None
    from segment.stages import STAGES_IN_ORDER

    if name not in STAGES_IN_ORDER:
        hint = nearest(name, STAGES_IN_ORDER, listed=False)
        expected = ", ".join(STAGES_IN_ORDER)
        raise typer.BadParameter(f"expected a stage ({expected}), found '{name}'{hint and '; '}{hint}")
    return name


@app.command(epilog="example: segment run configs/studies/demo.yaml --from relate --set actions.per_segment=5")
@answer
def run(
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="the YAML file of each study")],
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="STAGE",
            callback=_known_stage,
            help="start at this stage; earlier ones only if out of date",
        ),
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="STAGE", callback=_known_stage, help="run this stage alone")
    ] = None,
    waves: Annotated[str | None, typer.Option(metavar="all|WAVE,...", help=WAVES_HELP)] = None,
    publish: Annotated[bool, typer.Option("--publish", help=PUBLISH_HELP)] = False,
    log_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="json: a line of JSON for each step; text when left out")
    ] = None,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Run studies the whole way, one after the other, or a part of it: the same as python -m pipelines.study STUDY."""
    options = [part for setting in overrides or [] for part in ("--set", setting)]
    options += [
        part
        for name, value in (("--from", start), ("--only", only), ("--waves", waves), ("--log-format", log_format))
        if value
        for part in (name, value)
    ]
    options += ["--publish"] if publish else []
    options += [f"--wait={wait}"] if wait else []
    if len(studies) > 1:
        _refuse_absent(studies)
    commands = [[sys.executable, "-m", "pipelines.study", str(study), *options] for study in studies]
    if len(commands) == 1:  # become the flow, so that a signal reaches it; until it listens, signals wait
        signal.pthread_sigmask(signal.SIG_BLOCK, BOTH)
        os.execv(sys.executable, commands[0])
    raise typer.Exit(_run_in_turn(commands))


def _refuse_absent(studies: Sequence[Path]) -> None:
    """Refuse before the first of several studies begins what the last would be refused for."""
    from segment.config.wording import refuse_absent

    for study in (one for one in studies if not one.is_file()):
        if "=" not in str(study):
            refuse_absent(study)
        raise Refusal(
            "One of these is not a study file.",
            expected="the YAML file of each study",
            came=str(study),
            advice=f"each setting needs its own --set: --set {study}",
        )


def _run_in_turn(commands: Sequence[Sequence[str]]) -> int:
    """Run commands in turn; returns the highest exit code. A signal ends the one that runs, and the rest."""
    highest = 0
    for command in commands:
        running = subprocess.Popen(command)
        before = signal.signal(signal.SIGTERM, lambda *_, own=running: own.terminate())
        listened = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches the one that runs itself
        try:
            code = running.wait()
        finally:
            signal.signal(signal.SIGTERM, before)
            signal.signal(signal.SIGINT, listened)
        highest = max(highest, code if code >= 0 else 128 - code)
        if highest > _FROM_OUTSIDE:
            break
    return highest


def is_terminal() -> bool:
    """Whether somebody types what is read."""
    return sys.stdin.isatty()


@app.command(epilog="example: segment init our-study --survey wave-2024.sav wave-2025.sav --people hr.xlsx")
@answer
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="where study, codebook and START.md are written")],
    survey: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE...", help="survey exports, and the questionnaire where there is one"),
    ] = None,
    people: Annotated[list[Path] | None, typer.Option(metavar="FILE...", help="the HR export")] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="put what only a person can decide here, at most ten questions")
    ] = False,
) -> None:
    """Propose a study from exports: reads them and writes what can be corrected; nothing there is overwritten."""
    from segment.onboarding import begin_study

    if ask and not is_terminal():
        raise Refusal(
            "There is nobody to ask: this is no terminal.", expected="a terminal beside --ask",
            came="input from a file or a program", advice="leave --ask out; START.md then holds the questions",
        )  # fmt: skip
    terminal = (sys.stdin.readline, typer.echo) if ask else None
    typer.echo("\n".join(begin_study(directory, surveys=survey or [], people=people or [], terminal=terminal)))


@app.command(epilog="example: segment check configs/studies/demo.yaml")
@answer
def check(
    study: StudyFile,
    html: Annotated[
        Path | None, typer.Option(help="write the same as one page, with response, missing answers and reliability")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Hold settings and data against the contract: every finding at once, no modelling, nothing but a page written."""
    from segment.stages.check import check_study

    try:
        typer.echo("\n".join(check_study(study, overrides=overrides or [], page=html)))
    finally:
        if html is not None and html.is_file():
            typer.echo(f"page: {html}")


@app.command(epilog="example: segment simulate var/four-hundred --people 400 --seed 1 --world gradient")
@answer
def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="where the exports and the study are written")],
    people: Annotated[
        int,
        typer.Option(
            help="employees when the five years begin; those hired since, candidates, contractors, alumni come on top"
        ),
    ] = 3000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same organisation")] = 0,
    world: Annotated[World, typer.Option(help="what really groups the people")] = World.NEEDS,
    waves: Annotated[int, typer.Option(help="how many surveys")] = 2,
    months_between_waves: Annotated[int, typer.Option(help="months from one survey to the next")] = 12,
) -> None:
    """Make an organisation with a known answer, with its study beside it and the truth in truth.parquet."""
    from segment.stages.simulate import simulate_into

    told = simulate_into(
        directory, people=people, seed=seed, world=world, waves=waves, months_between_waves=months_between_waves
    )
    typer.echo("\n".join(told))


@app.command(epilog="example: segment power --people 800 --needs 6 --items 4 --difference 1.5 --out power.png")
@answer
def power(
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="a study whose survey was answered")] = None,
    people: Annotated[int | None, typer.Option(help="people who answer")] = None,
    needs: Annotated[int | None, typer.Option(help="needs that are asked about")] = None,
    items: Annotated[int | None, typer.Option(help="questions for each need")] = None,
    difference: Annotated[float | None, typer.Option(help="how far groups differ, in points of the scale")] = None,
    segments: Annotated[int | None, typer.Option(help="groups that are planted")] = None,
    shares: Annotated[str | None, typer.Option(help="their sizes, such as 40,30,20,10")] = None,
    out: Annotated[Path | None, typer.Option(help="where the curve is drawn (.png or .svg)")] = None,
    worlds: Annotated[int, typer.Option(help="simulated worlds for each curve")] = 36,
    seed: Annotated[int, typer.Option(help="the same seed gives the same answer")] = 0,
    jobs: Annotated[int, typer.Option(help="processes at once; -1: all cores; the answer is the same")] = 1,
    overrides: Overrides = None,
) -> None:
    """Tell what would be found with so many people and questions, before a survey is fielded."""
    from segment.stages.power import Question, read_shares, tell_power

    asked = Question(
        people=people, needs=needs, items=items, difference=difference, segments=segments, shares=read_shares(shares),
        out=out, worlds=worlds, seed=seed, n_jobs=jobs,
    )  # fmt: skip
    typer.echo("\n".join(tell_power(study, asked, overrides=overrides or [])))


@app.command(
    epilog="example: segment questionnaire configs/studies/demo.yaml --lang nl --format qualtrics --out survey.qsf; "
    "or segment questionnaire configs/studies/demo.yaml --adaptive --person 10042 --out answers.csv"
)
@answer
def questionnaire(
    study: StudyFile,
    lang: Annotated[str | None, typer.Option(help="the language of the questions; English when left out")] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format", help="md (Markdown), docx (Word), limesurvey (.txt), qualtrics (.qsf) or forms (a script, .gs)"
        ),
    ] = "md",
    short: Annotated[bool, typer.Option("--short", help="the questions of the short form alone")] = False,
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="ask one person here, question by question, until the segment is sure")
    ] = False,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="with --adaptive: whose answers these are; - reads it from input")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="where it is written; printed when left out")] = None,
    overrides: Overrides = None,
) -> None:
    """The codebook as a survey to field, or asked here one by one, as few questions as this person needs."""
    from segment.locale import STANDS_IN
    from segment.stages.questionnaire import ask_one, refuse_options, write_questionnaire

    refuse_options(adaptive=adaptive, person=person, out=out)
    if person is not None and out is not None and adaptive:
        said = ask_one(
            study, person=person, language=lang or STANDS_IN, out=out, read=sys.stdin.readline, tell=typer.echo,
            overrides=overrides or [],
        )  # fmt: skip
    else:
        said = write_questionnaire(
            study, language=lang or STANDS_IN, form=form, out=out, short=short, overrides=overrides or []
        )
    typer.echo("\n".join(said))


@app.command(
    epilog="example: segment assign configs/studies/demo.yaml --survey new_people.csv --out new_people_segments.csv"
)
@answer
def assign(
    study: StudyFile,
    survey: Annotated[
        Path,
        typer.Option(
            help="a survey file with the columns that the study declares for its last survey; identifiers may "
            "stand in a column person_id as well; a column wave names each row's wave, without it all rows are one wave"
        ),
    ],
    out: Annotated[Path, typer.Option(help="where the segments are written (CSV or Parquet)")],
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Put new people into existing segments with the champion model."""
    from segment.stages.score import assign_file

    with alone_with(study, overrides, doing="assign", wait=wait):
        typer.echo("\n".join(assign_file(study, survey=survey, out=out, overrides=overrides or [])))
