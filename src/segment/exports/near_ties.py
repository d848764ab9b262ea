"""What is named first, with what cannot be told apart from it: 'Pay; Growth and Meaning (about as much)'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import pandas as pd

from segment.displays.labels import floats
from segment.locale import say

#: Names of things that are about as much before the rest is counted.
_MOST = 4


class Ranked(Protocol):
    """Something with a name, in the order of its rank; ``alike``: how many of the next are about as much."""

    @property
    def name(self) -> str: ...
    @property
    def alike(self) -> int: ...


@dataclass(frozen=True)
class Name:
    """Something of which only the name is told."""

    name: str
    alike: int


Named = TypeVar("Named", bound=Ranked)


def first_of(ordered: Sequence[Named], most: int) -> tuple[Named, ...]:
    """The first ``most``, and those after them that are about as much as one of these."""
    return tuple(ordered[: max([most, *(at + one.alike + 1 for at, one in enumerate(ordered[:most]))])])


def runs_of(named: Sequence[Named]) -> list[list[Named]]:
    """What is named, with each next one that is about as much in the same run."""
    runs: list[list[Named]] = []
    for at, one in enumerate(named):
        if at and named[at - 1].alike:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def in_words(named: Sequence[Ranked], language: str) -> str:
    """Names in their order; those that are about as much as the next stand together and say so."""
    runs = runs_of(named)
    if all(len(run) == 1 for run in runs):
        return ", ".join(run[0].name for run in runs)
    return "; ".join(
        say("report.alike.names", language, names=listed(run, language)) if len(run) > 1 else run[0].name
        for run in runs
    )


def sentence(named: Sequence[Ranked], language: str, *, about: str = "sentence") -> str:
    """Which of the named are about as much, as a sentence; empty when all can be told apart."""
    runs = "; ".join(listed(run, language) for run in runs_of(named) if len(run) > 1)
    return say(f"report.alike.{about}", language, names=runs) if runs else ""


def listed(run: Sequence[Ranked], language: str) -> str:
    """Names as one phrase: 'Pay, Growth and Meaning'; of many the first, and how many more."""
    names = [one.name for one in (run[:_MOST] if len(run) > _MOST + 1 else run)]
    more = len(run) - len(names)
    last = say("report.alike.more", language, n=more) if more else names.pop()
    return say("report.and", language, first=", ".join(names), last=last)


def following(rows: pd.DataFrame, at: int, *, column: str = "about_as_much") -> int:
    """How many of the next in rank are about as much as a released row; nought where that is not told."""
    value = floats(rows.iloc[[at]], column)[0]
    return int(value) if value == value else 0


def whether_next(count: float, language: str) -> str:
    """Whether the next in rank is about as much; empty where that is not told."""
    return "" if count != count else say("report.yes" if count > 0 else "report.no", language)
