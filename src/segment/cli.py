"""The command line: small verbs around stages; everything heavy is imported inside the verb that needs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from segment import __version__
from segment.errors import InvalidInput, Refusal, describe_fault
from segment.vocabulary import World

REFUSED, FAILED = 1, 3
_NUMBER = re.compile(r"\d+(\.\d*)?")


def with_seconds(arguments: Sequence[str]) -> list[str]:
    """Arguments with the seconds of ``--wait`` spelled out: a word behind it that is no number is not its own.

    >>> with_seconds(["--wait", "study.yaml"]), with_seconds(["study.yaml", "--wait", "30"])
    (['--wait=inf', 'study.yaml'], ['study.yaml', '--wait=30'])
    """
    left, spelled = list(arguments), []
    while left:
        word = left.pop(0)
        if word == "--wait":
            word = f"--wait={left.pop(0) if left and _NUMBER.fullmatch(left[0]) else 'inf'}"
        spelled.append(word)
    return spelled


class _Verbs(typer.core.TyperGroup):
    """Every verb; seconds to wait may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As click does."""
        return super().parse_args(ctx, with_seconds(args))


app = typer.Typer(
    name="segment",
    cls=_Verbs,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"segment {__version__}")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="say which version this is")
    ] = False,
) -> None:
    """Needs-based employee segmentation. The whole way of a study: segment run STUDY"""


StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="the study's YAML file")]
Overrides = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="override a setting")]
WAIT_HELP = "wait for another command in this workspace to end, SECONDS at most; as long as it takes when left out"
Wait = Annotated[float, typer.Option("--wait", metavar="[SECONDS]", min=0, show_default=False, help=WAIT_HELP)]


def _answer(verb: Callable[..., None]) -> Callable[..., None]:
    """Turn refusals into words and exit code 1, faults into one line that says where, and exit code 3."""

    @wraps(verb)
    def answered(*args: Any, **kwargs: Any) -> None:
        try:
            verb(*args, **kwargs)
        except Refusal as refusal:
            typer.echo(str(refusal), err=True)
            raise typer.Exit(REFUSED) from None
        except Exception as fault:
            if os.environ.get("SEGMENT_DEBUG"):
                raise
            typer.echo(_say_fault(fault), err=True)
            raise typer.Exit(FAILED) from None

    return answered


@contextmanager
def _alone(study: Path, overrides: Sequence[str] | None, *, doing: str, wait: float) -> Iterator[None]:
    """Hold the study's workspace: what writes there runs one at a time."""
    from segment.config import load_study
    from segment.workspace.lock import alone_in

    workspace = load_study(study, overrides=overrides or []).workspace
    with alone_in(workspace, doing=doing, wait=wait, tell=lambda line: typer.echo(line, err=True)):
        yield


def _say_fault(fault: Exception) -> str:
    """What failed and where, and what to do."""
    return (
        f"Something failed that should not have: {describe_fault(fault)}.\n"
        "  what to do: nothing that existed was lost; "
        "run again with SEGMENT_DEBUG=1 for the whole trace (it may show data), and report it"
    )


@app.command(epilog="example: segment run configs/studies/demo.yaml --from relate --set actions.per_segment=5")
@_answer
def run(
    studies: Annotated[list[Path], typer.Argument(metavar="STUDY...", help="the YAML file of each study")],
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="STAGE", help="start at this stage; earlier ones only if out of date"),
    ] = None,
    only: Annotated[str | None, typer.Option(metavar="STAGE", help="run this stage alone")] = None,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Run studies the whole way, one after the other, or a part of it: the same as python -m pipelines.study STUDY."""
    options = [part for setting in overrides or [] for part in ("--set", setting)]
    options += [part for name, value in (("--from", start), ("--only", only)) if value for part in (name, value)]
    options += [f"--wait={wait}"] if wait else []
    commands = [[sys.executable, "-m", "pipelines.study", str(study), *options] for study in studies]
    if len(commands) == 1:  # become the flow, so that a signal reaches it
        os.execv(sys.executable, commands[0])
    ended = [subprocess.run(command, check=False).returncode for command in commands]
    raise typer.Exit(max(ended))


@app.command(epilog="example: segment check configs/studies/demo.yaml")
@_answer
def check(study: StudyFile, overrides: Overrides = None) -> None:
    """Hold settings and data against the contract: every finding at once, no modelling, nothing written."""
    from segment.stages.check import check_study

    typer.echo("\n".join(check_study(study, overrides=overrides or [])))


@app.command(epilog="example: segment simulate var/four-hundred --people 400 --seed 1 --world gradient")
@_answer
def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="where the exports and the study are written")],
    people: Annotated[int, typer.Option(help="employees when the five years begin")] = 3000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same organisation")] = 0,
    world: Annotated[World, typer.Option(help="what really groups the people")] = World.NEEDS,
    waves: Annotated[int, typer.Option(help="how many surveys")] = 2,
) -> None:
    """Make an organisation with a known answer, with its study beside it and the truth in truth.parquet."""
    from segment.stages.simulate import simulate_into

    typer.echo("\n".join(simulate_into(directory, people=people, seed=seed, world=world, waves=waves)))


@app.command(epilog="example: segment power --people 800 --needs 6 --items 4 --difference 1.5 --out power.png")
@_answer
def power(
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="a study whose survey was answered")] = None,
    people: Annotated[int | None, typer.Option(help="people who answer")] = None,
    needs: Annotated[int | None, typer.Option(help="needs that are asked about")] = None,
    items: Annotated[int | None, typer.Option(help="questions for each need")] = None,
    difference: Annotated[float | None, typer.Option(help="how far groups differ, in points of the scale")] = None,
    segments: Annotated[int | None, typer.Option(help="groups that are planted")] = None,
    shares: Annotated[str | None, typer.Option(help="their sizes, such as 40,30,20,10")] = None,
    out: Annotated[Path | None, typer.Option(help="where the curve is drawn (.png or .svg)")] = None,
    worlds: Annotated[int, typer.Option(help="simulated worlds for each curve")] = 48,
    seed: Annotated[int, typer.Option(help="the same seed gives the same answer")] = 0,
    jobs: Annotated[int, typer.Option(help="processes at once; -1: all cores; the answer is the same")] = 1,
    overrides: Overrides = None,
) -> None:
    """Tell what would be found with so many people and questions, before a survey is fielded."""
    from segment.stages.power import ask, tell_power

    asked = ask(
        people=people, needs=needs, items=items, difference=difference, segments=segments, shares=shares, out=out,
        worlds=worlds, seed=seed, n_jobs=jobs,
    )  # fmt: skip
    typer.echo("\n".join(tell_power(study, asked, overrides=overrides or [])))


@app.command(
    epilog="example: segment questionnaire configs/studies/demo.yaml --lang nl --out survey.md; "
    "or segment questionnaire configs/studies/demo.yaml --adaptive --person 10042 --out answers.csv"
)
@_answer
def questionnaire(
    study: StudyFile,
    lang: Annotated[str, typer.Option(help="the language of the questions")] = "en",
    form: Annotated[str, typer.Option("--format", help="md: Markdown, to print or to copy")] = "md",
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="ask one person here, question by question, until the segment is sure")
    ] = False,
    person: Annotated[str | None, typer.Option(metavar="ID", help="with --adaptive: whose answers these are")] = None,
    out: Annotated[Path | None, typer.Option(help="where it is written; printed when left out")] = None,
    overrides: Overrides = None,
) -> None:
    """The codebook as a survey to field, or asked here one by one, as few questions as this person needs."""
    from segment.stages.questionnaire import ask_one, refuse_options, write_questionnaire

    refuse_options(adaptive=adaptive, person=person, out=out)
    if person is not None and out is not None and adaptive:
        said = ask_one(
            study, person=person, language=lang, out=out, read=sys.stdin.readline, tell=typer.echo,
            overrides=overrides or [],
        )  # fmt: skip
    else:
        said = write_questionnaire(study, language=lang, form=form, out=out, overrides=overrides or [])
    typer.echo("\n".join(said))


@app.command(
    epilog="example: segment assign configs/studies/demo.yaml --survey new_people.csv --out new_people_segments.csv"
)
@_answer
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

    with _alone(study, overrides, doing="assign", wait=wait):
        typer.echo("\n".join(assign_file(study, survey=survey, out=out, overrides=overrides or [])))


@app.command(
    epilog="example: segment promote configs/studies/demo.yaml --model segmentation --version 1 "
    "--by 'A. Reviewer' --reason 'stable over both waves'"
)
@_answer
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

    with _alone(study, overrides, doing="promote", wait=wait):
        typer.echo(promote_model(study, model=model, version=version, by=by, reason=reason, overrides=overrides or []))


@app.command(epilog="example: segment ui configs/studies/demo.yaml --port 5000")
@_answer
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


@app.command(epilog="example: segment audit configs/studies/demo.yaml; segment audit configs/studies/demo.yaml --log")
@_answer
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


subject = typer.Typer(
    help="What a person may ask: a copy of everything, to be erased, to stay out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(subject, name="subject")

Person = Annotated[
    str, typer.Option("--person", metavar="ID", help="the identifier in the export; - reads it from input")
]


@subject.command(epilog="example: segment subject export configs/studies/demo.yaml --person - --out copy.json")
@_answer
def export(
    study: StudyFile,
    person: Person,
    out: Annotated[
        Path | None, typer.Option(help="where the copy is written (JSON); in handover/ when left out")
    ] = None,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Write everything the study holds about one person to one file, for that person."""
    from segment.stages.rights.subject import export_subject

    with _alone(study, overrides, doing="subject export", wait=wait):
        typer.echo("\n".join(export_subject(study, person=person, out=out, overrides=overrides or [])))


@subject.command(epilog="example: echo 10042 | segment subject erase configs/studies/demo.yaml --person -")
@_answer
def erase(study: StudyFile, person: Person, wait: Wait = 0.0, overrides: Overrides = None) -> None:
    """Erase one person from every store of the study, for good."""
    from segment.stages.rights.subject import erase_subject

    with _alone(study, overrides, doing="subject erase", wait=wait):
        typer.echo("\n".join(erase_subject(study, person=person, overrides=overrides or [])))


@subject.command("object", epilog="example: echo 10042 | segment subject object configs/studies/demo.yaml --person -")
@_answer
def stay_out(study: StudyFile, person: Person, wait: Wait = 0.0, overrides: Overrides = None) -> None:
    """Keep one person out of the study from now on."""
    from segment.stages.rights.subject import object_subject

    with _alone(study, overrides, doing="subject object", wait=wait):
        typer.echo("\n".join(object_subject(study, person=person, overrides=overrides or [])))


@app.command(epilog="example: segment purge configs/studies/demo.yaml")
@_answer
def purge(
    study: StudyFile,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day to count to; today when left out")
    ] = None,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Apply retention periods: take out people whose time has run out, by what they were to the organisation."""
    from segment.stages.rights.purge import purge_study

    with _alone(study, overrides, doing="purge", wait=wait):
        day = today.date() if today is not None else None
        typer.echo("\n".join(purge_study(study, today=day, overrides=overrides or [])))


@app.command(epilog="example: segment deliver configs/studies/demo.yaml; or one person: --person 10042")
@_answer
def deliver(
    study: StudyFile,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="one person; everyone who asked when left out")
    ] = None,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Hand individual cards to the people they are about, under governance."""
    from segment.stages.rights.delivery import deliver_cards

    with _alone(study, overrides, doing="deliver", wait=wait):
        typer.echo("\n".join(deliver_cards(study, person=person, overrides=overrides or [])))


@app.command(
    epilog="example: segment withdraw configs/studies/demo.yaml --by 'A. Reviewer' --reason 'old files destroyed'"
)
@_answer
def withdraw(
    study: StudyFile,
    by: Annotated[str, typer.Option(help="who decides")],
    reason: Annotated[str, typer.Option(help="why, and how it was made sure that nobody holds the old files")],
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Take earlier releases back, so that a new one may replace them: a reviewer's decision, kept with its reason."""
    from segment.stages.release.history import withdraw as take_back

    with _alone(study, overrides, doing="withdraw", wait=wait):
        typer.echo(take_back(study, by=by, reason=reason, overrides=overrides or []))


@app.command(
    epilog="example: segment rekey configs/studies/ours.yaml --new-key-file ~/keys/2027.key --by 'A. Officer' "
    "--reason 'yearly change of key'"
)
@_answer
def rekey(
    study: StudyFile,
    new_key_file: Annotated[Path, typer.Option(help="file with the new key, outside the project")],
    by: Annotated[str, typer.Option(help="who decides")],
    reason: Annotated[str, typer.Option(help="why")],
    let_go: Annotated[
        bool, typer.Option("--let-go", help="accept that people who stand in no export can no longer be kept out")
    ] = False,
    wait: Wait = 0.0,
    overrides: Overrides = None,
) -> None:
    """Change the pseudonym key: everybody gets another code, and nothing that was released is forgotten."""
    from segment.stages.rekey import rekey_study

    with _alone(study, overrides, doing="rekey", wait=wait):
        said = rekey_study(
            study, new_key_file=new_key_file, by=by, reason=reason, let_go=let_go, overrides=overrides or []
        )
        typer.echo("\n".join(said))


def main() -> None:
    """Run the command line."""
    app()
