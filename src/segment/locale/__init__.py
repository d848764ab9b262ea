"""Every sentence HR reads, in every language, and how numbers are written in each.

A room's file holds its messages in the languages that studies write their own words in. A further language is one file
of its own, ``languages/<code>.yaml``: key -> text, for every message. Nothing else names a language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from numbers import Integral
from pathlib import Path
from string import Formatter
from typing import TypeVar

from ruamel.yaml import YAML

from segment.errors import NotReady

#: The sign before what is less than zero, on every page: a hyphen breaks at the end of a line and is too short.
MINUS = "\N{MINUS SIGN}"


#: The language whose words stand in where a study wrote none in another.
STANDS_IN = "en"

_FOLDER = Path(__file__).parent
_Made = TypeVar("_Made")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All messages: key -> text per language. One YAML file per room in this folder; a key stands in one file only."""
    messages: dict[str, dict[str, str]] = {}
    for file in sorted(_FOLDER.glob("*.yaml")):
        for key, texts in (YAML(typ="safe").load(file) or {}).items():
            if key in messages:
                raise NotReady(f"The message '{key}' stands in two files of the catalogue.", where=file.name)
            messages[key] = texts
    for file in _further():
        for key, text in _translated(file, messages).items():
            messages[key][file.stem] = text
    return messages


def _translated(file: Path, messages: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """A language's own file: every message there is and no other, each leaving open what the message leaves open.

    Half a language would be refused in the middle of a run, or leave a page in two languages.
    """
    texts: dict[str, str] = YAML(typ="safe").load(file) or {}
    unknown, lacking = [key for key in texts if key not in messages], [key for key in messages if key not in texts]
    if unknown:
        raise NotReady(f"The message '{unknown[0]}' is in no other language.", where=file.name)
    if lacking:
        raise NotReady(
            f"The language '{file.stem}' lacks {len(lacking):,} of {len(messages):,} messages.",
            expected="every message of the catalogue",
            came=f"none for {', '.join(lacking[:3])}{', ...' if len(lacking) > 3 else ''}",
            where=file.name,
            advice="write them, or keep the file outside locale/languages until it is whole",
        )
    for key, text in texts.items():
        others = _left_open(" ".join(messages[key].values()))
        if not isinstance(text, str) or not _left_open(text) <= others:
            raise NotReady(
                f"The message '{key}' cannot be written.",
                expected=f"a text that leaves open {', '.join(sorted(others)) or 'nothing'}",
                came=", ".join(sorted(_left_open(text))) if isinstance(text, str) else "no text",
                where=file.name,
            )
    return texts


def _left_open(text: str) -> set[str]:
    """The names of the values that a text has to be given."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@cache
def own_languages() -> tuple[str, ...]:
    """The languages that studies write their own words in: those of the rooms' files, in their order.

    >>> own_languages()
    ('nl', 'en')
    """
    return tuple(YAML(typ="safe").load(_FOLDER / "general.yaml")["language.name"])


@cache
def languages() -> tuple[str, ...]:
    """Every language that there is a catalogue in: those of the rooms' files, then those with a file of their own."""
    return (*own_languages(), *(file.stem for file in _further()))


def in_every_language(made: Callable[[str], _Made]) -> dict[str, _Made]:
    """What a function makes of each language.

    >>> in_every_language(lambda language: say("language.name", language))["nl"]
    'Nederlands'
    """
    return {language: made(language) for language in languages()}


def own_words(texts: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """Words of a study in one language; in English, or else ``otherwise``, where the study wrote none in it.

    >>> own_words({"nl": "loon", "en": "pay"}, "nl"), own_words({"nl": "loon", "en": "pay"}, "de")
    ('loon', 'pay')
    """
    return texts.get(language) or texts.get(STANDS_IN) or otherwise


def say(key: str, language: str, **values: object) -> str:
    """A message of the catalogue in one language, with its values filled in.

    Whole numbers as the language writes them; of a value that is given per language, the words in this one. A wave
    whose name begins with the word for one has it once.

    >>> say("language.name", "nl")
    'Nederlands'
    """
    texts = catalogue().get(key)
    if texts is None or language not in texts:
        raise NotReady(f"There is no message '{key}' in language '{language}'.", advice="add it to segment/locale")
    if "wave" in values and f"{say('wave.word', language)} {{wave}}" in texts[language].lower():
        values["wave"] = bare_wave(str(values["wave"]))
    return texts[language].format(**{name: _as_told(value, language) for name, value in values.items()})


def of_kind(key: str, kinds: Iterable[str]) -> str:
    """The key of the words for a study of these kinds, the first that the catalogue has; else the key itself.

    >>> of_kind("compare.gate.ranks", ["intention"]), of_kind("compare.gate.size", ["intention"])
    ('compare.gate.ranks.intention', 'compare.gate.size')
    """
    return next((own for own in (f"{key}.{kind}" for kind in kinds) if own in catalogue()), key)


def bare_wave(name: str) -> str:
    """A wave's name to stand behind the word for one: without that word, in whichever language it begins with it.

    >>> bare_wave("wave 10"), bare_wave("Meting 3"), bare_wave("2024-03"), bare_wave("wave"), bare_wave("waves")
    ('10', '3', '2024-03', 'wave', 'waves')
    """
    words = "|".join(catalogue()["wave.word"].values())
    return re.sub(rf"^(?:{words})(?:[\s_-]+(?=\S)|(?=\d))", "", name, flags=re.IGNORECASE)


def _as_told(value: object, language: str) -> object:
    if isinstance(value, Mapping):
        return own_words(value, language)
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return number(float(value), language, digits=0) if whole else value  # type: ignore[arg-type]


def _further() -> list[Path]:
    return sorted((_FOLDER / "languages").glob("*.yaml"))


def number(value: float, language: str, *, digits: int = 1) -> str:
    """A number as it is written in one language: Dutch has decimal commas and points between thousands.

    >>> number(1234.56, "nl"), number(-2.5, "en"), number(float("nan"), "nl"), number(-0.004, "nl", digits=2)
    ('1.234,6', '−2.5', '–', '0,00')
    """
    if value != value:
        return "–"
    text = f"{value:,.{digits}f}"
    text = text.lstrip("-") if not text.strip("-0.") else text  # nothing is less than zero by rounding
    text = text.replace("-", MINUS)
    return text.translate(str.maketrans(",.", f"{say('number.thousands', language)}{say('number.decimal', language)}"))


def day_told(day: str, language: str) -> str:
    """A day given as year-month-day, as it is written in a sentence of one language.

    >>> day_told("2024-03-31", "nl"), day_told("2024-03-01", "en")
    ('31 maart 2024', '1 March 2024')
    """
    year, month, number_of = (int(part) for part in day.split("-"))
    named = say("date.months", language).split()[month - 1]
    return say("date.words", language, day=number_of, month=named, year=str(year))


def percent(share: float, language: str, *, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage.

    >>> percent(0.256, "nl"), percent(0.256, "en", digits=1)
    ('26%', '25.6%')
    """
    return "–" if share != share else f"{number(100 * share, language, digits=digits)}%"
