"""Verbs about people's rights, retention periods, cards and keys."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.base import Overrides, StudyFile, Wait, alone_with, answer, app

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
@answer
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

    with alone_with(study, overrides, doing="subject export", wait=wait):
        typer.echo("\n".join(export_subject(study, person=person, out=out, overrides=overrides or [])))


@subject.command(epilog="example: echo 10042 | segment subject erase configs/studies/demo.yaml --person -")
@answer
def erase(study: StudyFile, person: Person, wait: Wait = 0.0, overrides: Overrides = None) -> None:
    """Erase one person from every store of the study, for good."""
    from segment.stages.rights.subject import erase_subject

    with alone_with(study, overrides, doing="subject erase", wait=wait):
        typer.echo("\n".join(erase_subject(study, person=person, overrides=overrides or [])))


@subject.command("object", epilog="example: echo 10042 | segment subject object configs/studies/demo.yaml --person -")
@answer
def stay_out(study: StudyFile, person: Person, wait: Wait = 0.0, overrides: Overrides = None) -> None:
    """Keep one person out of the study from now on."""
    from segment.stages.rights.subject import object_subject

    with alone_with(study, overrides, doing="subject object", wait=wait):
        typer.echo("\n".join(object_subject(study, person=person, overrides=overrides or [])))


@app.command(epilog="example: segment purge configs/studies/demo.yaml")
@answer
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

    with alone_with(study, overrides, doing="purge", wait=wait):
        day = today.date() if today is not None else None
        typer.echo("\n".join(purge_study(study, today=day, overrides=overrides or [])))


@app.command(epilog="example: segment deliver configs/studies/demo.yaml; or one person: --person 10042")
@answer
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

    with alone_with(study, overrides, doing="deliver", wait=wait):
        typer.echo("\n".join(deliver_cards(study, person=person, overrides=overrides or [])))


@app.command(
    epilog="example: segment rekey configs/studies/ours.yaml --new-key-file ~/keys/2027.key --by 'A. Officer' "
    "--reason 'yearly change of key'"
)
@answer
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

    with alone_with(study, overrides, doing="rekey", wait=wait):
        said = rekey_study(
            study, new_key_file=new_key_file, by=by, reason=reason, let_go=let_go, overrides=overrides or []
        )
        typer.echo("\n".join(said))
