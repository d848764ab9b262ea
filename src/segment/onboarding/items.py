"""Which columns of a survey are questions, on which scale, about which need."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from segment.ingest.labels import plain as plain_label
from segment.ingest.labels import points_of, usual_scales
from segment.ingest.unknown import looks_unknown
from segment.locale import catalogue
from segment.onboarding.columns import Column
from segment.onboarding.names import is_amount, is_answer, sounds_opposite
from segment.vocabulary import ItemKind

#: Scales from the lowest to the highest answer that questionnaires use, the more usual first.
_SCALES = ((1, 5), (1, 7), (1, 4), (0, 10), (1, 10), (0, 1), (1, 6), (1, 3), (0, 4), (0, 3), (0, 6))
#: Codes that tools and people write for 'no answer'.
_NO_ANSWER = frozenset({-99, -98, -97, -9, -8, -7, -2, -1, 77, 88, 96, 97, 98, 99, 999, 9999})
#: Questions of one scale in a row that make a block; answers from which the ends of a scale are seen.
_FEWEST, _ENOUGH = 3, 100
#: Needs that are proposed at most where nothing but the answers tells.
_MOST_NEEDS = 6
_WORDS = re.compile(r"onboarding\.words\.(\w+)")


@dataclass(frozen=True)
class Question:
    """One question as proposed: its column, kind, need, scale and wording, and why."""

    code: str
    text: str
    low: int
    high: int
    kind: ItemKind
    need: str = ""
    block: str = ""
    reverse: bool = False
    unanswered: tuple[str, ...] = ()
    certain: bool = False
    opposite: bool = False

    @property
    def scale(self) -> str:
        """What its scale is called in the study."""
        if (self.low, self.high) == (1, 5):
            return "imp5" if self.kind == ItemKind.IMPORTANCE else "true5"
        named = {(0, 10): "0-10", (0, 1): "yesno"}
        return named.get((self.low, self.high), f"{self.low} to {self.high}")


def find_questions(columns: Sequence[Column], blocks: Mapping[str, str]) -> list[Question]:
    """The questions among a survey's columns, in the file's order; ``blocks``: column -> its block."""
    found = {column.name: one for column in columns if (one := _alone(column)) is not None}
    runs = _runs(columns, found)
    kept = [
        _in_block(run, column, found[column.name])
        for run in runs
        for column in run
        if found[column.name].certain or is_answer(column.name) or _in_a_row(run, column, found)
    ]
    return [replace(one, block=blocks.get(one.code, one.block)) for one in kept]


def _alone(column: Column) -> Question | None:
    """A column as a question, as far as it tells by itself."""
    text = column.question
    kind = _kind(f"{text} {column.name}")
    if column.usual is not None:
        low, high = 1, points_of(column.usual)
        labels = usual_scales()[column.usual]
        spoken = {int(code): plain_label(word) for code, word in _codes(column).items()}
        numbered = {code: labels[word] for code, word in spoken.items() if word in labels}
        if numbered:
            low, high = min(numbered), min(numbered) + high - 1
        falling = len(numbered) > 1 and bool(np.corrcoef(list(numbered), list(numbered.values()))[0, 1] < 0)
        away = tuple(sorted(code for code, word in column.labels.items() if looks_unknown(word)))
        away = away or tuple(sorted(word for word in column.counts.index if looks_unknown(str(word))))
        return Question(column.name, text, low, high, kind, reverse=falling, unanswered=away, certain=True)
    if column.kind != "number" or not column.points or column.doubtful:
        return None
    points, codes = _body(column)
    if len(points) < 2 or points[0] < 0 or points[-1] > 10:
        return None
    ends = (points[0], points[-1])
    fits = [one for one in _SCALES if one[0] <= ends[0] and ends[1] <= one[1]]
    if not fits:
        return None
    low, high = ends if ends in fits else fits[0]
    certain = bool(text) and len(text.split()) > 2 and not is_amount(column.name) and (high - low) > 1
    unanswered = tuple(str(code) for code in codes)
    return Question(column.name, text, low, high, kind, unanswered=unanswered, certain=certain)


def _codes(column: Column) -> dict[str, str]:
    """Codes that are whole numbers, with their labels."""
    return {code: word for code, word in column.labels.items() if re.fullmatch(r"-?\d+", code)}


def _body(column: Column) -> tuple[list[int], list[int]]:
    """The points of a scale, and the codes beside it that mean 'no answer'."""
    labelled = {int(code) for code, word in _codes(column).items() if looks_unknown(word)}
    points = [point for point in column.points if point not in labelled]
    away = [point for point in column.points if point in labelled]
    rest = [point for point in points if point not in _NO_ANSWER]
    away += [point for point in points if point in _NO_ANSWER]
    while len(rest) > 2 and rest[-1] in (8, 9) and rest[-1] - rest[0] > 4 and rest[-2] < 6:
        away.append(rest.pop())
    if len(rest) > 3 and rest[-2:] == [8, 9] and rest[-3] <= 5:
        away, rest = [*away, 8, 9], rest[:-2]
    return rest, sorted(set(away))


def _kind(words: str) -> ItemKind:
    told = words.casefold().replace("_", " ").split()
    says = any(word.startswith(("important", "importance", "belangrijk", "motie")) for word in told)
    return ItemKind.IMPORTANCE if says else ItemKind.EXPERIENCE


def _runs(columns: Sequence[Column], found: Mapping[str, Question]) -> list[list[Column]]:
    """Questions that stand next to each other in the file."""
    return [list(run) for is_one, run in groupby(columns, key=lambda column: column.name in found) if is_one]


def _in_a_row(run: Sequence[Column], column: Column, found: Mapping[str, Question]) -> bool:
    """Whether a question stands among others that are named like it, or in a long row of questions.

    Yes and no are no amount, whatever their name.
    """
    ticks = [other for other in run if found[other.name].high == 1]
    if found[column.name].high == 1 and len(ticks) >= _FEWEST + 2:
        return True
    stem = _stem(column.name)
    alike = sum(_stem(other.name) == stem for other in run) if stem else 0
    quiet = [other for other in run if not is_amount(other.name)]
    return alike >= _FEWEST or (len(quiet) >= _FEWEST + 2 and not is_amount(column.name))


def _stem(name: str) -> str:
    """What names of one block share: all but the number or the letters at their end."""
    return re.sub(r"[\W_]*\d+[a-z]?[\W_]*$", "", name)


def _in_block(run: Sequence[Column], column: Column, one: Question) -> Question:
    """A question whose scale few people's answers show: it has that of most questions around it."""
    seen = int(np.isfinite(column.numbers).sum())
    if (one.certain and column.usual is not None) or (seen >= _ENOUGH and (one.low, one.high) in _SCALES):
        return one
    around = Counter(
        (other.low, other.high) for other in (_alone(beside) for beside in run) if other is not None
    )  # fmt: skip
    low, high = around.most_common(1)[0][0] if around else (one.low, one.high)
    fits = low <= one.low and one.high <= high
    return replace(one, low=low, high=high) if fits else one


def with_needs(questions: Sequence[Question], answers: Mapping[str, Column]) -> tuple[list[Question], str]:
    """The questions with a need each where one is reported, and by what: ``words``, ``blocks``, ``answers`` or nothing.

    Words of the wording come first; where few questions have any, blocks; where there are none, the answers themselves
    put questions together.
    """
    by_words = [replace(one, need=_need(f"{one.text} {_spelled(one.code)}")) for one in questions]
    if sum(bool(one.need) for one in by_words) >= 0.3 * len(by_words):
        return by_words, "words"
    blocks = list(dict.fromkeys(one.block for one in questions if one.block))
    if len(blocks) >= 2:
        number = {block: f"B{place}" for place, block in enumerate(blocks, start=1)}
        return [replace(one, need=number.get(one.block, "")) for one in questions], "blocks"
    groups = _together(questions, answers)
    return [replace(one, need=groups.get(one.code, "")) for one in questions], "answers" if groups else ""


def _spelled(code: str) -> str:
    return " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", code.replace("_", " ")))


def _need(words: str) -> str:
    """The need that a wording speaks of most."""
    told = re.findall(r"\w+", words.casefold())
    counts: Counter[str] = Counter()
    for key, texts in catalogue().items():
        if found := _WORDS.fullmatch(key):
            known = [word for text in texts.values() for word in text.split()]
            counts[found[1]] = sum(any(one.startswith(word) for word in known) for one in told)
    best = counts.most_common(1)
    return best[0][0] if best and best[0][1] else ""


def _together(questions: Sequence[Question], answers: Mapping[str, Column]) -> dict[str, str]:
    """Questions whose answers go together, as needs without a name (average linkage of correlations)."""
    table = pd.DataFrame(
        {one.code: answers[one.code].numbers for one in questions if answers[one.code].kind == "number"}
    )
    table = table.loc[:, table.std() > 0]
    if table.shape[1] < 4 or len(table) < 30:
        return {}
    apart = 1 - table.corr().fillna(0.0).to_numpy().clip(-1, 1)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), method="average")
    groups = fcluster(tree, t=max(2, min(_MOST_NEEDS, table.shape[1] // 3)), criterion="maxclust")
    order = {group: f"N{place}" for place, group in enumerate(dict.fromkeys(groups), start=1)}
    return {str(code): order[group] for code, group in zip(table.columns, groups, strict=True)}


def with_doubts(questions: Sequence[Question], answers: Mapping[str, Column]) -> list[Question]:
    """The questions, with those marked that may ask for the opposite: by their wording, or by how the answers go."""
    table = pd.DataFrame({one.code: answers[one.code].numbers for one in questions})
    marked = []
    for one in questions:
        others = [
            other.code for other in questions
            if other.need == one.need and other.kind == one.kind and other.code != one.code and one.need
        ]  # fmt: skip
        against = False
        if len(others) >= 2 and len(table) >= 30:
            mean = table[others].mean(axis=1)
            against = bool(table[one.code].std() > 0 and mean.std() > 0 and table[one.code].corr(mean) < -0.2)
        marked.append(replace(one, opposite=not one.reverse and (against or sounds_opposite(one.text))))
    return marked
