"""What every group of settings keeps, and values that many of them take: names, days, months, seeds, texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from segment.errors import nearest
from segment.locale import languages, own_languages, own_words
from segment.places import EXPECTED, is_safe_name


class Settings(BaseModel):
    """A frozen group of settings that refuses words it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )


def _safe(name: str) -> str:
    if not is_safe_name(name):
        raise ValueError(f"this name becomes part of a path: {EXPECTED}")
    return name


#: A name that becomes part of a path.
SafeName = Annotated[str, AfterValidator(_safe)]


def _plain(name: str) -> str:
    if not is_safe_name(name) or re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) is None:
        raise ValueError(
            "this name becomes part of a path: 1 to 80 small letters a to z, digits and _ -, "
            "beginning with a letter or digit, and no name of a device such as 'con'"
        )
    return name


#: What a study is called: a safe name in plain signs.
StudyName = Annotated[str, AfterValidator(_plain)]


def _within_centuries(day: dt.date) -> dt.date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"expected a day from {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


#: A day that tables can hold, with a working life before and after it.
Day = Annotated[dt.date, AfterValidator(_within_centuries)]
_FIRST_YEAR, _LAST_YEAR = 1900, 2150
#: A number of months, up to a century.
Months = Annotated[int, Field(gt=0, le=1200)]
#: A seed that every generator of random numbers takes.
Seed = Annotated[int, Field(ge=0, lt=2**32)]


def _a_language(code: str) -> str:
    if code not in languages():
        raise ValueError(f"there is no catalogue in '{code}'; {nearest(code, languages())}")
    return code


#: A language that there is a catalogue in.
LanguageCode = Annotated[str, AfterValidator(_a_language)]


def _none_or_a_curve(worlds: int) -> int:
    if 0 < worlds < FEWEST_WORLDS:
        raise ValueError(f"expected 0 (none) or at least {FEWEST_WORLDS}: fewer make no curve")
    return worlds


#: Fewest simulated worlds that a curve of chances can be drawn through: one on every rung.
FEWEST_WORLDS = 10
#: A number of simulated worlds: none, or enough for a curve.
Worlds = Annotated[int, AfterValidator(_none_or_a_curve)]


def _some_cores(n_jobs: int | None) -> int | None:
    if n_jobs == 0:
        raise ValueError("expected 1 or more processes, or -1 for all cores")
    return n_jobs


#: Processes at once: a number, -1 for all cores, or nothing for one.
Cores = Annotated[int | None, AfterValidator(_some_cores)]


def in_turn(order: Iterable[str]) -> AfterValidator:
    """Words that stand side by side, as this order has them; those that it does not hold after, by name.

    Draws, splits and ties go through such settings; an order that nobody meant would reach figures.
    """
    place = {str(one): at for at, one in enumerate(order)}

    def turned(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(given, key=lambda one: (place.get(str(one), len(place)), str(one))))

    return AfterValidator(turned)


#: Numbers that stand side by side, each once, the smallest first.
ASCENDING = AfterValidator(lambda given: tuple(sorted(set(given))))
#: Numbers that stand side by side, the largest first.
DESCENDING = AfterValidator(lambda given: tuple(sorted(given, reverse=True)))


class Bilingual(Settings):
    """A text in Dutch and English, and where a study likes in further languages that there is a catalogue in."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str]

    nl: str
    """in Dutch"""
    en: str
    """in English"""

    @model_validator(mode="after")
    def _known_languages(self) -> Bilingual:
        for other in (self.model_extra or {}).keys() - set(languages()):
            raise ValueError(f"'{other}' is not a known setting; {nearest(other, languages())}")
        return self

    @property
    def texts(self) -> dict[str, str]:
        """The text in each language it was written in."""
        return {**{name: str(getattr(self, name)) for name in own_languages()}, **(self.model_extra or {})}

    def text(self, language: str) -> str:
        """The text in one language."""
        return own_words(self.texts, language)
