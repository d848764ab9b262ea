"""What is named first, with what cannot be told apart from it: 'Pay; Growth and Meaning (about as much)'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    """Something of which only the name is shown."""

    name: str
    alike: int


Named = TypeVar("Named", bound=Ranked)


def first_of(ordered: Sequence[Named], most: int) -> tuple[Named, ...]:
    """The first ``most``, and those after them that are about as much as one of these."""
    return tuple(ordered[: max([most, *(at + one.alike + 1 for at, one in enumerate(ordered[:most]))])])


def counts_among(alike: Sequence[int], kept: Sequence[bool]) -> list[int]:
    """How many of the next are about as much, of those of an order that are kept, when only these are named.

    >>> counts_among([2, 0, 0], [True, False, True])
    [1, 0]
    """
    return [sum(kept[at + 1 : at + 1 + more]) for at, more in enumerate(alike) if kept[at]]


def runs_of(named: Sequence[Named]) -> list[list[Named]]:
    """What is named, in runs of which the first is about as much as each of the others.

    Being about as much is no chain: where the second is as much as the third and the first is not, there are two runs
    with the second in both. A run that lies within another is left out (the lines of a compact letter display: Piepho,
    Journal of Computational and Graphical Statistics 2004).

    >>> chain = [Name("A", 1), Name("B", 1), Name("C", 0), Name("D", 0)]
    >>> ["".join(one.name for one in run) for run in runs_of(chain)]
    ['AB', 'BC', 'D']
    """
    runs: list[list[Named]] = []
    reached = 0
    for at, one in enumerate(named):
        until = min(at + one.alike + 1, len(named))
        if until > reached:
            runs.append(list(named[at:until]))
            reached = until
    return runs


def in_words(named: Sequence[Ranked], language: str) -> str:
    """Names in their order, each once; those that are about as much as the next stand together and say so."""
    runs = runs_of(named)
    if all(len(run) == 1 for run in runs):
        return ", ".join(run[0].name for run in runs)
    return "; ".join(_chained(chain, language) for chain in _chains(runs))


def _chains(runs: Sequence[list[Ranked]]) -> list[list[list[Ranked]]]:
    """Runs that have a name in common, together."""
    chains: list[list[list[Ranked]]] = []
    for run in runs:
        if chains and chains[-1][-1][-1] in run:
            chains[-1].append(run)
        else:
            chains.append([run])
    return chains


def _chained(chain: Sequence[list[Ranked]], language: str) -> str:
    if len(chain) == 1 and len(chain[0]) == 1:
        return chain[0][0].name
    if len(chain) == 1:
        return say("report.alike.names", language, names=listed(chain[0], language))
    every = [*chain[0], *(one for before, run in pairwise(chain) for one in run if one not in before)]
    return say("report.alike.chain", language, names=listed(every, language))


def sentence(named: Sequence[Ranked], language: str, *, about: str = "sentence", after: bool = False) -> str:
    """Which of the named are about as much, as a sentence; empty when all can be told apart.

    ``after``: what the first of them is was just said, and is not said again.
    """
    runs = [run[1:] if after and not at else run for at, run in enumerate(runs_of(named)) if len(run) > 1]
    names = "; ".join(listed(run, language) for run in runs)
    return say(f"report.alike.{about}", language, names=names) if names else ""


def sentences(named: Sequence[Ranked], language: str, *, about: str) -> tuple[str, ...]:
    """The same as :func:`sentence` with a sentence for each run: for names that are phrases themselves."""
    runs = [run for run in runs_of(named) if len(run) > 1]
    return tuple(say(f"report.alike.{about}", language, names=listed(run, language)) for run in runs)


def listed(run: Sequence[Ranked], language: str) -> str:
    """Names as one phrase: 'Pay, Growth and Meaning'; of many the first, and how many more."""
    names = [one.name for one in (run[:_MOST] if len(run) > _MOST + 1 else run)]
    if len(run) == 1:
        return names[0]
    more = len(run) - len(names)
    last = say("report.alike.more", language, n=more) if more else names.pop()
    return say("report.and", language, first=", ".join(names), last=last)


def following(rows: pd.DataFrame, *, column: str = "about_as_much") -> list[int]:
    """Of each released row, how many of the next in rank are about as much; zero if that is not shown."""
    return [int(value) if value == value else 0 for value in floats(rows, column)]


def whether_next(count: float, language: str) -> str:
    """Whether the next in rank is about as much; empty if that is not shown."""
    return "" if count != count else say("report.yes" if count > 0 else "report.no", language)
