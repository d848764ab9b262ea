"""Every sentence HR reads, in Dutch and English, and how numbers are written in each."""

from __future__ import annotations

from functools import cache
from numbers import Integral
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from segment.errors import NotReady

#: The sign before what is less than nought, on every page: a hyphen breaks at the end of a line and is too short.
MINUS = "\N{MINUS SIGN}"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All messages: key -> {nl, en}. One YAML file per room in this folder; a key stands in one file only."""
    messages: dict[str, dict[str, str]] = {}
    for file in sorted(Path(__file__).parent.glob("*.yaml")):
        for key, texts in (YAML(typ="safe").load(file) or {}).items():
            if key in messages:
                raise NotReady(f"The message '{key}' stands in two files of the catalogue.", where=file.name)
            messages[key] = texts
    return messages


def say(key: str, language: str, **values: Any) -> str:
    """A message of the catalogue in one language, with its values filled in: whole numbers as it writes them.

    >>> say("language.name", "nl")
    'Nederlands'
    """
    texts = catalogue().get(key)
    if texts is None or language not in texts:
        raise NotReady(f"There is no message '{key}' in language '{language}'.", advice="add it to segment/locale")
    return texts[language].format(**{name: _whole(value, language) for name, value in values.items()})


def _whole(value: Any, language: str) -> Any:
    """A whole number of people or answers with its thousands apart; anything else as it came."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return number(value, language, digits=0) if whole else value


def number(value: float, language: str, *, digits: int = 1) -> str:
    """A number as it is written in one language: Dutch has decimal commas and points between thousands.

    >>> number(1234.56, "nl"), number(-2.5, "en"), number(float("nan"), "nl"), number(-0.004, "nl", digits=2)
    ('1.234,6', '−2.5', '–', '0,00')
    """
    if value != value:
        return "–"
    text = f"{value:,.{digits}f}"
    text = text.lstrip("-") if not text.strip("-0.") else text  # nothing is less than nought by rounding
    text = text.replace("-", MINUS)
    return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text


def percent(share: float, language: str, *, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage.

    >>> percent(0.256, "nl"), percent(0.256, "en", digits=1)
    ('26%', '25.6%')
    """
    return "–" if share != share else f"{number(100 * share, language, digits=digits)}%"
