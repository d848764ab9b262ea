"""The codebook as a survey to field: blocks of questions with the answers to choose from, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from segment.errors import NotReady
from segment.ingest.labels import usual_labels
from segment.locale import own_words, say
from segment.tables.codebook import Codebook, Item
from segment.tables.options import Options, options_of
from segment.vocabulary import ItemKind

#: How a block is answered: each row on one scale, one option, several, all in order, in words, or in a few signs.
Answering = Literal["grid", "one", "many", "rank", "words", "sign"]
#: Options of a list that may be picked; rows of a grid that are read in one go.
MOST_PICKS, MOST_ROWS = 3, 9
#: The usual scale whose words stand at the answers of a kind, beside those of scales that carry its name.
_USUAL = {ItemKind.IMPORTANCE: "important", ItemKind.EXPERIENCE: "true"}


@dataclass(frozen=True)
class Choice:
    """One answer: the number or the code that it stands for, and its words."""

    code: str
    text: str


@dataclass(frozen=True)
class Row:
    """One question: the column of its answers, and its wording."""

    code: str
    text: str


@dataclass(frozen=True)
class Block:
    """Questions that are put together: under one heading, with one way to answer them.

    Only a grid has several ``rows``. ``worded``: the choices have words of their own, beyond numbers.
    """

    heading: str
    how: str
    answering: Answering
    rows: tuple[Row, ...]
    choices: tuple[Choice, ...] = ()
    worded: bool = True


@dataclass(frozen=True)
class Survey:
    """All that respondents see, in one language."""

    title: str
    intro: str
    language: str
    blocks: tuple[Block, ...]


def survey_of(
    codebook: Codebook, wishes: Options, *, title: str, language: str, short: bool = False, token: str = ""
) -> Survey:
    """The codebook as a survey, in its own order.

    Parameters
    ----------
    wishes
        Option -> words, of the list to pick from.
    short
        The questions of the short form alone.
    token
        The column of the code that respondents make themselves, which is then asked first.

    Raises
    ------
    NotReady
        A short form of no question.
    """
    items = [item for item in codebook.items if item.short or not short]
    if not items:
        raise NotReady(
            "This codebook has no short form.", expected="'yes' in column 'short' for the questions of it",
            advice="mark them in the codebook, or leave --short out",
        )  # fmt: skip
    blocks = [_token_block(token, language)] if token else []
    for (kind, scale), found in groupby(items, key=lambda item: (item.kind, item.scale)):
        block = list(found)
        if kind in (ItemKind.WISH, ItemKind.RANK, ItemKind.MOMENT_PICK) or scale == "open":
            blocks += [_single(item, codebook, wishes, language) for item in block]
        else:
            blocks += _grids(block, language)
    return Survey(title, say("questionnaire.intro", language), language, tuple(blocks))


def _token_block(token: str, language: str) -> Block:
    asked = Row(token, say("questionnaire.token.ask", language))
    return Block(say("questionnaire.token", language), say("questionnaire.token.how", language), "sign", (asked,))


def _single(item: Item, codebook: Codebook, wishes: Options, language: str) -> Block:
    """A question that stands by itself: a list, a ranking, a pick of one, or an open one."""
    answering: dict[str, Answering] = {
        ItemKind.WISH: "many", ItemKind.RANK: "rank", ItemKind.MOMENT_PICK: "one",
    }  # fmt: skip
    options = options_of(item, codebook, wishes)
    choices = tuple(Choice(option, own_words(texts, language, option)) for option, texts in options.items())
    way = answering.get(item.kind, "words") if choices else "words"
    return Block(_heading(item, language), "", way, (Row(item.code, item.text(language)),), choices)


def _grids(items: Sequence[Item], language: str) -> Iterator[Block]:
    """Questions on one scale, a readable number of them at a time."""
    item = items[0]
    turned = all(one.reverse for one in items)
    labels = {} if turned else _labels(item, language)
    numbers = range(int(item.low), int(item.high) + 1)
    if (item.low, item.high) == (0, 1):
        choices = [Choice("1", say("report.yes", language)), Choice("0", say("report.no", language))]
        how = say("questionnaire.how.yes_no", language)
    else:
        choices = [Choice(str(number), labels.get(number, str(number))) for number in numbers]
        ends = "plain" if turned else "scale"
        how = say(f"questionnaire.how.{ends}", language, low=int(item.low), high=int(item.high))
    pages = -(-len(items) // MOST_ROWS)
    size = -(-len(items) // pages)
    for start in range(0, len(items), size):
        rows = tuple(Row(one.code, one.text(language)) for one in items[start : start + size])
        worded = bool(labels) or len(choices) == 2
        yield Block(_heading(item, language), how, "grid", rows, tuple(choices), worded)


def _heading(item: Item, language: str) -> str:
    return say(f"questionnaire.kind.{item.kind}", language)


def _labels(item: Item, language: str) -> Mapping[int, str]:
    """The words of a scale's answers, where all have some: the study's own, else those of the usual scale."""
    numbers = range(int(item.low), int(item.high) + 1)
    own: dict[int, str] = {}
    for word, number in item.labels.items():
        own.setdefault(int(number), word)
    if all(number in own for number in numbers):
        return own
    for name in (item.scale, f"{_USUAL.get(item.kind, '')}{len(numbers)}"):
        usual = usual_labels(name, language)
        if len(usual) == len(numbers):
            return dict(zip(numbers, usual, strict=True))
    return {}
