"""Answers in words as points of their scale: the usual labels in every language, and those that a study adds."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import pandas as pd

from segment.ingest.parsing import Spell
from segment.ingest.unknown import NAMED_FROM, quoted
from segment.locale import catalogue, own_words

_KEY = re.compile(r"scale\.(\w+?)\.(\d+)")
#: The one number that stands by itself in an answer such as '1 - disagree'.
_LABELLED = re.compile(r"[\s(\[]*(\d+)\b\D*|\D*[\s(\[](\d+)[\s)\].]*")
#: Words that programs write for yes and no.
_TRUTH = {"true", "false", "waar", "onwaar"}
#: How alike two labels have to be for one to be shown as the nearest to the other; words that advice tells at most.
_ALIKE, _MOST_WORDS = 0.8, 12


def plain(label: str) -> str:
    """A label without case, accents, signs and spaces too many.

    >>> plain("  Helemaal  mee-eens! "), plain("Très important")
    ('helemaal mee eens', 'tres important')
    """
    bare = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.replace("'", "")).split())


@cache
def usual_scales() -> Mapping[str, Mapping[str, int]]:
    """The usual scales: name -> {plain label: its place, 1 is the lowest answer}.

    >>> usual_scales()["agree5"]["strongly agree"], usual_scales()["agree7"]["mee eens"]
    (5, 6)
    """
    return {
        name: {label: place for labels in told.values() for label, place in labels.items()}
        for name, told in _by_language().items()
    }


@cache
def _by_language() -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    """Scale -> language -> {plain label: its place}."""
    scales: dict[str, dict[str, dict[str, int]]] = {}
    for key, texts in catalogue().items():
        if found := _KEY.fullmatch(key):
            for language, text in texts.items():
                labels = scales.setdefault(found[1], {}).setdefault(language, {})
                labels |= {plain(label): int(found[2]) for label in text.split("|")}
    return scales


def usual_labels(scale: str, language: str) -> list[str]:
    """The words of a usual scale in one language, the lowest answer first; none where there is no such scale.

    >>> usual_labels("agree5", "en")[-1], usual_labels("nothing", "en")
    ('strongly agree', [])
    """
    if scale not in usual_scales():
        return []
    keys = [f"scale.{scale}.{place}" for place in range(1, points_of(scale) + 1)]
    return [own_words(catalogue()[key], language).split("|")[0].strip() for key in keys]


def points_of(scale: str) -> int:
    """How many answers a usual scale has.

    >>> points_of("agree7")
    7
    """
    return max(usual_scales()[scale].values())


def usual_scale(words: Iterable[str], *, points: int | None = None) -> str | None:
    """The usual scale that knows all these words, of so many points if given; nothing if none or no single one does.

    >>> usual_scale(["Mee eens", "Helemaal mee eens", "neutraal", "enigszins mee oneens"])
    'agree7'
    >>> usual_scale(["blue", "agree"]) is None
    True
    """
    asked = {plain(word) for word in words} - {""}
    fits = [
        name for name, labels in usual_scales().items()
        if asked and asked <= labels.keys() and points in (None, points_of(name)) and _one_each(name, asked)
    ]  # fmt: skip
    readings = {tuple(usual_scales()[name][word] for word in sorted(asked)) for name in fits}
    same_words = len({name.rstrip("0123456789") for name in fits}) == 1
    return fits[0] if len(readings) == 1 or same_words else None


def _one_each(scale: str, asked: Collection[str]) -> bool:
    """Whether no two of these words stand at one place in one language: they would be two answers made one."""
    for labels in _by_language()[scale].values():
        places = [place for label, place in labels.items() if label in asked]
        if len(set(places)) < len(places):
            return False
    return True


def numbers_of(
    words: Collection[str], *, low: float, high: float, own: Mapping[str, float] | None = None
) -> dict[str, str]:
    """The number, as text, that each word stands for on a scale from ``low`` to ``high``; unknown words are left out.

    ``own``: labels that the study adds for this scale. Where these do not tell, one usual scale with as many points has
    to know all other words. "True" without another word of its scale is a program's yes, and no label.

    >>> numbers_of(["True"], low=1, high=5), numbers_of(["True", "Not true"], low=1, high=5)["True"]
    ({}, '4')
    >>> numbers_of(["Strongly agree", "AGREE", "?"], low=1, high=5, own={"?": 3})
    {'?': '3', 'Strongly agree': '5', 'AGREE': '4'}
    """
    mine = {plain(label): value for label, value in (own or {}).items()} | dict(own or {})
    told = {word: mine.get(word, mine.get(plain(word))) for word in words}
    found = {word: f"{value:g}" for word, value in told.items() if value is not None}
    rest = [word for word in words if word not in found and plain(word)]
    points = int(high - low) + 1
    known = [word for word in rest if any(plain(word) in labels for labels in usual_scales().values())]
    if {plain(word) for word in known} <= _TRUTH:
        return found
    scale = usual_scale(known, points=points)
    labels = usual_scales().get(scale or "", {})
    return found | {word: f"{low + labels[plain(word)] - 1:g}" for word in known if plain(word) in labels}


def nearest(word: str, *, points: int, own: Iterable[str] = ()) -> str:
    """The known label of a scale with so many points that is most like a word; nothing if none is.

    >>> nearest("strongly agre", points=5)
    'strongly agree'
    """
    usual = {label for name, labels in usual_scales().items() if points_of(name) == points for label in labels}
    found = difflib.get_close_matches(plain(word), sorted({*usual, *map(plain, own)}), n=1, cutoff=_ALIKE)
    return found[0] if found else ""


def number_in(word: str) -> str | None:
    """The one number that an answer in words begins or ends with.

    >>> number_in("1 - oneens"), number_in("eens (5)"), number_in("3 of 4"), number_in("oneens")
    ('1', '5', None, None)
    """
    found = _LABELLED.fullmatch(word)
    return str(int(found[1] or found[2])) if found and re.search(r"[^\W\d]", word) else None


def on_labelled(key: str, words: pd.Series, labels: Mapping[str, str]) -> str:
    """The setting that reads words which hold their number; words of few people are not repeated."""
    often = {word for word, count in words.value_counts().items() if count >= NAMED_FROM}
    pairs = [f"{quoted(word)}: '{labels[word]}'" for word in sorted(labels) if word in often]
    told = ", ".join(pairs) or "'the word': '1'"
    rest = words.nunique() - len(pairs)
    more = f"; and likewise for the {rest} other words in this column" if rest else ""
    return (
        f"these answers hold their number: values: {{{key}: {{{told}}}}}{more} "
        f"('*' instead of {key} for all columns); never name answers under 'missing' or 'unanswered'"
    )


@dataclass(frozen=True)
class Labels:
    """The labels of one scale: its name, its lowest and highest answer, and what the study adds to the usual ones."""

    name: str
    low: float
    high: float
    own: Mapping[str, float]

    def reader(self, spoken: Mapping[str, str]) -> Spell:
        """What gives the numbers that labels of this scale stand for.

        ``spoken``: what the file itself says that its codes stand for.
        """
        return partial(self._numbers, spoken)

    def _numbers(self, spoken: Mapping[str, str], words: pd.Series) -> dict[str, str]:
        labels = {str(word): spoken.get(str(word), str(word)) for word in words.unique()}
        known = numbers_of(list(labels.values()), low=self.low, high=self.high, own=self.own)
        return {word: known[label] for word, label in labels.items() if label in known}

    def advice_on(self, words: pd.Series) -> str:
        """The labels that words of many people are most like, and the setting that reads them; nothing if none is.

        Words of few people are not repeated.
        """
        often = [str(word) for word, count in words.value_counts().items() if count >= NAMED_FROM][:_MOST_WORDS]
        points = int(self.high - self.low) + 1
        like = {word: label for word in often if (label := nearest(word, points=points, own=self.own))}
        if not like:
            return ""
        told = "; ".join(f"{quoted(word)} is most like '{label}'" for word, label in like.items())
        setting = f"labels: {{{self.name}: {{{quoted(next(iter(like)))}: 1}}}}"
        return (
            f"{told}: say which number each word stands for, as in codebook: {{{setting}}}, or correct the export; "
            f"words that mean 'not known' belong under 'missing' or 'unanswered'"
        )
