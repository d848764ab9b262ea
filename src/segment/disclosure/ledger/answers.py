"""Which answers stand behind a source: sketches that tell whether two sources hold the same answers of a person.

A source is known by whom and which answers it holds, not by its name. A wave that was renamed, a study under another
name or a merged wave hold the same answers of the same people, and a group of theirs is compared as if the name were
the same; a new wave holds other answers of the same people, and is another matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: From this share of equal answers on a person has answered once, and some answers were corrected or came late.
SAME = 0.8
#: From this share of people with the same answers on, who answered nothing that both asked is the same as well.
_MOST = 0.5
#: What stands for a question that was left open, among keyed digests.
MISSING = 0


@dataclass(frozen=True, eq=False)
class Sketch:
    """Answers as people x columns: ``said`` holds the answers themselves, or keyed digests of them."""

    people: tuple[str, ...]
    columns: tuple[str, ...]
    said: np.ndarray

    @classmethod
    def of(cls, answers: pd.DataFrame) -> Sketch:
        """The answers of a table with one row per ``person``; words, numbers and missing answers as text.

        >>> Sketch.of(pd.DataFrame({"person": ["a"], "PAY": [4.0], "SEC": [None]})).said.tolist()
        [['4', '']]
        """
        rows = answers.drop_duplicates("person")
        columns = sorted(str(column) for column in rows.columns if column != "person")
        words = [_words(rows[column]) for column in columns]
        said = np.column_stack(words) if words else np.empty((len(rows), 0), dtype=object)
        return cls(tuple(rows["person"]), tuple(columns), said)


def _words(answers: pd.Series) -> np.ndarray:
    """Answers as text: each different one is spelled once, since people outnumber the answers that can be given."""
    place, different = pd.factorize(answers, use_na_sentinel=True)
    spelled = np.array([*map(_word, different), ""], dtype=object)  # the last one: left open
    return spelled[place]


def _word(answer: object) -> str:
    if answer is None or answer != answer or answer is pd.NA or answer is pd.NaT:
        return ""
    return f"{float(answer):g}" if isinstance(answer, int | float | np.number) else str(answer)


@dataclass(frozen=True)
class LinkedNames:
    """How the people of one source are called when sources are held against each other.

    ``names``: person to name; who answered the same in an earlier source has that one's name. ``corrected``: people who
    have the name of an earlier source, and at least one other answer than there, by the place of that source.
    ``shared``: of the people of both, the share who have the same answers, by the place of the earlier source.
    """

    names: dict[str, str]
    corrected: dict[int, frozenset[str]]
    shared: dict[int, float]


def told_apart(sources: Sequence[tuple[str, Sketch | None]]) -> list[LinkedNames]:
    """Call people of several sources by one name where their answers are the same, oldest source first.

    Parameters
    ----------
    sources
        Label and sketch of each. Sources with the same label are one, whatever was answered; without a sketch nothing
        is known of the answers and people go by their own names.

    Examples
    --------
    >>> one, other = (Sketch(("a", "b"), ("x", "y"), np.array(rows)) for rows in ([[1, 2], [3, 4]], [[1, 2], [9, 9]]))
    >>> told_apart([("spring", one), ("again", other)])[1].names
    {'a': 'a', 'b': 'b 1'}
    """
    found: list[LinkedNames] = []
    for place, (label, sketch) in enumerate(sources):
        told = LinkedNames({}, {}, {})
        for earlier in range(place):
            other = sources[earlier][1]
            if sketch is None or other is None:
                continue
            same, corrected = _agreeing(other, sketch, always=sources[earlier][0] == label)
            fresh = {p: found[earlier].names.get(p, p) for p in same if p not in told.names}
            told.names.update(fresh)
            if same:
                told.corrected[earlier] = frozenset(corrected)
                told.shared[earlier] = len(same) / len(set(other.people) & set(sketch.people))
        apart = any(source is not None for _, source in sources[:place])
        if sketch is not None and apart:
            before = {p for earlier in range(place) if (one := sources[earlier][1]) is not None for p in one.people}
            told.names.update({p: f"{p} {place}" for p in sketch.people if p in before and p not in told.names})
        found.append(told)
    return found


def _agreeing(one: Sketch, other: Sketch, *, always: bool) -> tuple[list[str], list[str]]:
    """People of both with the same answers (all of them with ``always``), and who of these has another one."""
    columns = [column for column in one.columns if column in set(other.columns)]
    rows = {person: row for row, person in enumerate(one.people)}
    people = [person for person in other.people if person in rows]
    if not people:
        return [], []
    if not columns:
        return (people, []) if always else ([], [])
    place = {name: {column: at for at, column in enumerate(s.columns)} for name, s in (("one", one), ("other", other))}
    left = one.said[np.ix_([rows[p] for p in people], [place["one"][c] for c in columns])]
    where = {person: row for row, person in enumerate(other.people)}
    right = other.said[np.ix_([where[p] for p in people], [place["other"][c] for c in columns])]
    both, equal = (left != MISSING) & (right != MISSING), left == right
    answered = both.sum(axis=1)
    same = always | ((answered > 0) & ((both & equal).sum(axis=1) >= SAME * answered))
    if (answered > 0).any() and same[answered > 0].mean() >= _MOST:  # who left open what both asked is nobody else
        same |= answered == 0
    other_answers = ~equal.all(axis=1)
    agreeing = [person for person, there in zip(people, same, strict=True) if there]
    return agreeing, [p for p, there, changed in zip(people, same, other_answers, strict=True) if there and changed]
