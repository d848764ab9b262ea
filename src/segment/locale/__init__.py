"""Every sentence HR reads, in every language, and how numbers are written in each.

A room's file holds its messages in the languages that studies write their own words in. A further language is one file
of its own, ``languages/<code>.yaml``: key -> text, for every message. Nothing else names a language.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from numbers import Integral
from pathlib import Path
from string import Formatter
from typing import TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import NumberPattern, format_decimal, parse_pattern
from ruamel.yaml import YAML

from segment.errors import NotReady

#: The sign before what is less than zero, on every page: a hyphen breaks at the end of a line and is too short.
MINUS = "\N{MINUS SIGN}"


#: The language whose words stand in where a study wrote none in another.
STANDS_IN = "en"

_FOLDER = Path(__file__).parent
#: Faults of a language's file that are named, at most.
_TOLD = 10
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
    texts: dict[str, object] = YAML(typ="safe").load(file) or {}
    lacking = [key for key in messages if key not in texts]
    faults = [fault for key, text in texts.items() if (fault := _fault(key, text, messages.get(key)))]
    if lacking:
        named = f"{', '.join(lacking[:3])}{', ...' if len(lacking) > 3 else ''}"
        faults.append(f"no text for {len(lacking):,} of {len(messages):,} messages ({named})")
    if faults:
        raise NotReady(
            f"The language '{file.stem}' cannot be used.",
            expected="a text for every message of the catalogue and no other, each leaving open what its message does",
            came="; ".join(faults[:_TOLD]) + (f"; and {len(faults) - _TOLD:,} more" if len(faults) > _TOLD else ""),
            where=file.name,
            advice="correct them, or keep the file outside locale/languages until it is complete",
        )
    return {key: str(text) for key, text in texts.items()}


def _fault(key: str, text: object, others: Mapping[str, str] | None) -> str:
    """What is wrong with one text of a further language; nothing where it can be used."""
    if others is None:
        return f"'{key}' is in no other language"
    if not isinstance(text, str) or not text:
        return f"'{key}' has no text"
    given = _left_open(" ".join(others.values()))
    if foreign := sorted(_left_open(text) - given):
        return f"'{key}' leaves open {', '.join(foreign)}, its message {', '.join(sorted(given)) or 'nothing'}"
    if key == "language.locale" and not _is_locale(text):
        return f"'{key}' is no locale of Unicode's CLDR, such as en_GB"
    return ""


def _is_locale(name: str) -> bool:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


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
    """The key of the words for a study of these kinds, as the catalogue has them, in their order; else the key itself.

    >>> of_kind("compare.gate.ranks", ["intention"]), of_kind("compare.gate.size", ["intention"])
    ('compare.gate.ranks.intention', 'compare.gate.size')
    """
    for kind in kinds:
        key = own if (own := f"{key}.{kind}") in catalogue() else key
    return key


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

    Rounded as the binary number that it is; Babel then writes what came of it.

    >>> number(1234.56, "nl"), number(-2.5, "en"), number(float("nan"), "nl"), number(-0.004, "nl", digits=2)
    ('1.234,6', '−2.5', '–', '0,00')
    """
    if value != value:
        return "–"
    text = f"{value:.{digits}f}"
    text = text.lstrip("-") if not text.strip("-0.") else text  # nothing is less than zero by rounding
    return format_decimal(Decimal(text), format=_pattern(language, digits), locale=_locale(language)).replace(
        "-", MINUS
    )


@cache
def _pattern(language: str, digits: int) -> NumberPattern:
    """Groups of digits as a language has them, and so many decimals."""
    groups, _, _ = str(_locale(language).decimal_formats[None].pattern).partition(".")
    return parse_pattern(f"{groups}.{'0' * digits}".rstrip("."))


@cache
def _locale(language: str) -> Locale:
    """By which a language writes numbers and dates: one of Unicode's CLDR."""
    return Locale.parse(say("language.locale", language))


@cache
def day_told(day: str, language: str) -> str:
    """A day given as year-month-day, as it is written in a sentence of one language.

    >>> day_told("2024-03-31", "nl"), day_told("2024-03-01", "en")
    ('31 maart 2024', '1 March 2024')
    """
    return format_date(dt.date.fromisoformat(day), format="long", locale=_locale(language))


def percent(share: float, language: str, *, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage.

    >>> percent(0.256, "nl"), percent(0.256, "en", digits=1)
    ('26%', '25.6%')
    """
    return "–" if share != share else f"{number(100 * share, language, digits=digits)}%"
