"""The same answers in other words: questions under other names, and answers under other codes.

Whoever renames every question, counts from zero or turns all scales round has the same answers of the same people as
before. That shows in the people: who gave one answer then gives one answer now. Each question of today is put beside
those of an earlier source, and is one of them when one code for each code makes nearly everybody's answers agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from segment.disclosure.ledger.answers import SAME, Sketch

#: So many people are looked at, and at least so many, who answered a question both times.
TRIAL, _FEWEST_PEOPLE = 100, 15
#: A question with more different answers is no scale, and is left as it is.
_MOST_WORDS = 30
#: What a match is above the commonest answer of everybody, as a share of what it could be.
_ABOVE_CHANCE = 0.5
#: Fewest questions found again; and of the questions of the shorter source this share.
_FEWEST, _SHARE = 3, 0.5


@dataclass(frozen=True)
class Rewording:
    """Which question of today is which of an earlier source (``columns``), and which answer which (``words``)."""

    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]

    @property
    def recoded(self) -> bool:
        """Whether some answer goes by another code: figures of before are on another scale."""
        return any(word != told for own in self.words.values() for word, told in own.items())

    def of(self, answers: Sketch) -> Sketch:
        """Answers of today as the earlier source would have held them.

        A question that was not found again keeps its name, and gets another one where that is another question's.
        """
        taken = set(self.columns.values())
        names = [self.columns.get(one, f"{one} anew" if one in taken else one) for one in answers.columns]
        said = answers.said.astype(object)
        for at, column in enumerate(answers.columns):
            told = self.words.get(column, {})
            if column in self.columns:
                said[:, at] = [told.get(str(word), f"{word} anew" if word else "") for word in said[:, at]]
        order = np.argsort(np.array(names, dtype=str), kind="stable")
        return Sketch(answers.people, tuple(names[at] for at in order), said[:, order])


def reworded(earlier: Sketch, now: Sketch) -> Rewording | None:
    """How the answers of ``now`` were reported in ``earlier``; None where too few questions are the same.

    Both hold the same people in the same order, and their answers as words (empty: not answered).

    Examples
    --------
    >>> rows = np.random.default_rng(0).integers(1, 6, (40, 4))
    >>> people = tuple(map(str, range(40)))
    >>> then = Sketch(people, ("a", "b", "c", "d"), rows.astype(str))
    >>> again = Sketch(people, ("p", "q", "r", "s"), (6 - rows[:, ::-1]).astype(str))
    >>> found = reworded(then, again)
    >>> sorted(found.columns.items()), found.words["p"]["5"]
    ([('p', 'd'), ('q', 'c'), ('r', 'b'), ('s', 'a')], '1')
    >>> reworded(then, Sketch(people, again.columns, np.random.default_rng(1).integers(1, 6, (40, 4)).astype(str)))
    """
    then, today = _options(earlier), _options(now)
    found = sorted(_alike(earlier, now, then, today), key=lambda one: (-one[0], one[1] != one[2], one[1], one[2]))
    columns: dict[str, str] = {}
    words: dict[str, Mapping[str, str]] = {}
    for _, before, after, told in found:
        if after not in columns and before not in columns.values():
            columns[after], words[after] = before, told
    least = max(_FEWEST, _SHARE * min(len(then), len(today)))
    return Rewording(columns, words) if len(columns) >= least else None


def _options(answers: Sketch) -> dict[str, list[str]]:
    """The answers given to each question that has few different ones, and more than one."""
    given = {
        column: sorted({str(word) for word in answers.said[:, at] if word}) for at, column in enumerate(answers.columns)
    }
    return {column: words for column, words in given.items() if 1 < len(words) <= _MOST_WORDS}


def _flags(answers: Sketch, options: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Who gave which answer: people x answers to all questions, one question after the other."""
    place = {column: at for at, column in enumerate(answers.columns)}
    rows = [answers.said[:, place[column]].astype(str) == word for column in options for word in options[column]]
    return np.array(rows, dtype=float).reshape(len(rows), len(answers.people)).T


def _alike(
    earlier: Sketch, now: Sketch, then: Mapping[str, Sequence[str]], today: Mapping[str, Sequence[str]]
) -> Iterator[tuple[float, str, str, dict[str, str]]]:
    """Pairs of questions whose answers agree, one code for one code: the share that does, the names, and the codes."""
    counts = _flags(earlier, then).T @ _flags(now, today)
    rows, columns = (np.cumsum([0, *(len(words) for words in own.values())]) for own in (then, today))
    for i, before in enumerate(then):
        for j, after in enumerate(today):
            table = counts[rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
            both = table.sum()
            if both < _FEWEST_PEOPLE or table.max(axis=1).sum() < SAME * both:
                continue
            one, other = optimize.linear_sum_assignment(-table)
            share = table[one, other].sum() / both
            chance = min(table.sum(axis=0).max(), table.sum(axis=1).max()) / both
            if share >= SAME and share - chance >= _ABOVE_CHANCE * (1 - chance):
                yield share, before, after, {today[after][b]: then[before][a] for a, b in zip(one, other, strict=True)}
