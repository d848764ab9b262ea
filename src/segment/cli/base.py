"""What every verb shares: the group of verbs, options that recur, and how refusals and faults are reported."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from segment import __version__
from segment.errors import Refusal, describe_fault
from segment.workspace.waiting import WAIT_HELP, with_seconds

REFUSED, FAILED = 1, 3
#: Options that several files may follow.
_OF_SEVERAL = ("--survey", "--people")


def with_each(arguments: Sequence[str]) -> list[str]:
    """Arguments of `init` in which several files may follow one option.

    >>> with_each(["init", "ours", "--survey", "a.sav", "b.sav"])
    ['init', 'ours', '--survey', 'a.sav', '--survey', 'b.sav']
    """
    if "init" not in arguments[:1]:
        return list(arguments)
    spelled: list[str] = []
    option = ""
    for word in arguments:
        if option and not word.startswith("-") and spelled[-1] != option:
            spelled.append(option)
        option = word if word in _OF_SEVERAL else "" if word.startswith("-") else option
        spelled.append(word)
    return spelled


#: How the parser says that a number is none.
_NO_NUMBER = re.compile(r"Input should be a valid (number|integer)\b.*", re.S)


def number_told(message: str) -> str:
    """The parser's message about a number in the words of every other refusal.

    >>> number_told("Input should be a valid integer, unable to parse"), number_told("another message")
    ('expected a whole number, found another text', 'another message')
    """
    found = _NO_NUMBER.fullmatch(message)
    wanted = "a whole number" if found and found[1] == "integer" else "a number"
    return f"expected {wanted}, found another text" if found else message


class _Verbs(typer.core.TyperGroup):
    """Every verb; seconds to wait may be left out, and several files may follow one option."""

    def invoke(self, ctx: Any) -> Any:
        """As click does; numbers that are none are reported in our words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as failure:
            failure.message = number_told(failure.message)
            raise

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As click does."""
        return super().parse_args(ctx, with_seconds(with_each(args)))


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
Wait = Annotated[float, typer.Option("--wait", metavar="[SECONDS]", min=0, show_default=False, help=WAIT_HELP)]


def answer(verb: Callable[..., None]) -> Callable[..., None]:
    """Turn refusals into words and exit code 1, faults into one line that says where, and exit code 3."""

    @wraps(verb)
    def answered(*args: object, **kwargs: object) -> None:
        try:
            verb(*args, **kwargs)
        except Refusal as refusal:
            typer.echo(str(refusal), err=True)
            raise typer.Exit(REFUSED) from None
        except typer.Exit:  # the verb's own exit code
            raise
        except Exception as fault:
            if os.environ.get("SEGMENT_DEBUG"):
                raise
            typer.echo(_say_fault(fault), err=True)
            raise typer.Exit(FAILED) from None

    return answered


@contextmanager
def alone_with(study: Path, overrides: Sequence[str] | None, *, doing: str, wait: float) -> Iterator[None]:
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
