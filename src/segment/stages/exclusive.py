"""Verbs that write hold the workspace, whoever calls them: the command line, a notebook, a scheduler."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from segment.config import load_study
from segment.workspace.lock import alone_in

Given = ParamSpec("Given")
Said = TypeVar("Said")
Verb = Callable[Concatenate[Path, Given], Said]


def alone(doing: str) -> Callable[[Verb[Given, Said]], Verb[Given, Said]]:
    """Let a verb run alone in the workspace of the study it is given first, with ``overrides`` among its options.

    Who holds the workspace already, because it waited for it, goes on.
    """

    def held(verb: Verb[Given, Said]) -> Verb[Given, Said]:
        @wraps(verb)
        def holding(study: Path, *args: Given.args, **kwargs: Given.kwargs) -> Said:
            overrides = kwargs.get("overrides", ())
            asked = [str(one) for one in overrides] if isinstance(overrides, (list, tuple)) else []
            with alone_in(load_study(study, overrides=asked).workspace, doing=doing):
                return verb(study, *args, **kwargs)

        return holding  # type: ignore[return-value]  # the study may be named as well

    return held
