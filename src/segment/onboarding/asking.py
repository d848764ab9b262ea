"""Questions on a terminal: what only a person can decide about a proposed study, answered before it is written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from segment.errors import InvalidInput, Refusal, nearest

Read = Callable[[], str]
Tell = Callable[[str], None]
_PAIR = re.compile(r"\s*([^=]+?)\s*=\s*([^=]+?)\s*")
_YES, _NO = frozenset({"y", "yes", "j", "ja"}), frozenset({"n", "no", "nee"})


@dataclass(frozen=True)
class Answer:
    """How a decision is answered: what may be typed, what stands if nothing is, and what an answer does.

    ``take`` raises :class:`InvalidInput` for what is no answer.
    """

    expected: str
    default: str
    take: Callable[[str], None]


def yes_no(on_no: Callable[[], None]) -> Answer:
    """Whether what was proposed is so; 'no' takes it back."""

    def take(word: str) -> None:
        if word.casefold() in _NO:
            on_no()
        elif word.casefold() not in _YES:
            raise InvalidInput("That is neither.", expected="yes or no", came=_shown(word))

    return Answer("yes or no", "yes", take)


def one_of(options: Collection[str], default: str, put: Callable[[str], None]) -> Answer:
    """One of a few words."""

    def take(word: str) -> None:
        if word not in options:
            raise InvalidInput("That is not one of them.", expected=" or ".join(options), came=_shown(word))
        put(word)

    return Answer(" or ".join(options), default, take)


def some_of(names: Collection[str], put: Callable[[list[str]], None]) -> Answer:
    """Some of the study's own names, with commas between them; none when left out."""

    def take(word: str) -> None:
        chosen = [one.strip() for one in word.split(",") if one.strip()]
        for one in chosen:
            _refuse_stranger(one, names)
        put(chosen)

    return Answer("names of columns, with commas between them", "none", take)


def assigned(
    names: Collection[str], values: Collection[str] | re.Pattern[str], put: Callable[[Mapping[str, str]], None]
) -> Answer:
    """Some of the study's own names, each with a word: ``Q1=PAY, Q2=SEC``."""
    told = f"a code such as {next(iter(names), 'Q1')}=PAY" if isinstance(values, re.Pattern) else ", ".join(values)

    def take(word: str) -> None:
        pairs: dict[str, str] = {}
        for part in filter(None, map(str.strip, word.split(","))):
            found = _PAIR.fullmatch(part)
            if not found:
                raise InvalidInput("That names no column and word.", expected="column=word, with commas between them")
            _refuse_stranger(found[1], names)
            known = values.fullmatch(found[2]) if isinstance(values, re.Pattern) else found[2] in values
            if not known:
                raise InvalidInput("That word is not one of them.", expected=told, came=_shown(found[2]))
            pairs[found[1]] = found[2]
        put(pairs)

    return Answer(f"column=word, with commas between them ({told})", "as proposed", take)


def a_period(default: tuple[dt.date, dt.date], put: Callable[[dt.date, dt.date], None]) -> Answer:
    """A first day and a last one."""

    def take(word: str) -> None:
        first, _, last = word.partition(" to ")
        start, end = _day(first), _day(last)
        if end <= start:
            raise InvalidInput("The last day comes before the first.", expected="first day to last day")
        put(start, end)

    return Answer("first day to last day", f"{default[0]} to {default[1]}", take)


def a_day(put: Callable[[dt.date], None]) -> Answer:
    """A day that has been."""
    return Answer("a day such as 2025-04-30", "not known", lambda word: put(_day(word)))


def _day(word: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(word.strip())
    except ValueError:
        raise InvalidInput("That is no day.", expected="a day such as 2025-04-30", came=_shown(word)) from None
    if day > dt.date.today():
        raise InvalidInput("That day is still to come.", expected="a day that has been", came=str(day))
    return day


def _refuse_stranger(name: str, names: Collection[str]) -> None:
    if name not in names:
        hint = nearest(name, names, listed=False)
        raise InvalidInput("There is no such column.", expected=hint or "a column named above", came=_shown(name))


def _shown(word: str) -> str:
    return f"'{word[:40]}'" if word.strip() else "nothing"


def put_questions(open_: list[tuple[str, Answer | None]], *, read: Read, tell: Tell) -> list[str]:
    """Put decisions one by one; returns those that somebody answered, as text.

    An empty line keeps what was proposed. What is no answer is asked again.

    Raises
    ------
    Refusal
        The input ends before the questions do.
    """
    answered = []
    for number, (text, answer) in enumerate(open_, start=1):
        tell(f"\n{number} of {len(open_)}. {text.replace('**', '').replace('`', '')}")
        if answer is None:
            tell("   (nothing to type here: it stands in START.md)")
        elif (typed := _typed(answer, read, tell)) is not None:
            answered.append(f"{text.partition('**')[2].partition('**')[0]} You said: {typed}.")
    return answered


def _typed(answer: Answer, read: Read, tell: Tell) -> str | None:
    """What was typed and taken; nothing where what was proposed stays."""
    while True:
        tell(f"   {answer.expected} [{answer.default}]:")
        line = read()
        if not line:
            raise Refusal(
                "The answers end before the questions do; nothing was written.",
                expected="a line for each question; an empty one keeps what was proposed", came="the end of the input",
            )  # fmt: skip
        word = line.strip()
        if not word or word == answer.default:
            return None
        try:
            answer.take(word)
        except InvalidInput as refused:
            tell(f"   {refused}")
            continue
        return word
