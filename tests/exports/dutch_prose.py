"""How readable Dutch is: words, syllables and sentences, the measure of Flesch and Douma, and words never to be said.

Douma, W. H. (1960). De leesbaarheid van landbouwbladen. Flesch's reading ease, brought to Dutch: 206.84 less 0.93 times
the words per sentence, less 77 times the syllables per word; 80 and more reads easily.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import NamedTuple

#: Words in one sentence, at most.
LONGEST = 20

#: What is never said -> what is said instead: one word for one thing, and none of the office's own.
NEVER: dict[str, str] = {
    r"gemis": "tekort",
    r"mensen in beeld|iedereen in beeld": "medewerkers in dienst op een dag, of mensen in dit onderzoek",
    r"teneinde": "om",
    r"middels|door middel van": "met",
    r"dienaangaande|desbetreffende?|betreffende": "hierover, deze",
    r"aangaande|omtrent|inzake|ten aanzien van|met betrekking tot": "over",
    r"alsmede|evenals": "en",
    r"indien|ingeval": "als",
    r"derhalve|mitsdien|zodoende": "daarom",
    r"dient te|dienen te": "moet",
    r"conform": "zoals",
    r"ter zake|te dien einde|uit hoofde van": "daarvoor",
    r"trachten|tracht": "proberen",
    r"reeds": "al",
    r"thans": "nu",
    r"respondent(?:en)?": "mensen die antwoordden",
    r"werknemers?|personeelsleden": "medewerkers",
    r"verloopintentie": "voornemen om te gaan",
    r"human capital|employees?|stakeholders?": "mensen",
}

_WORD = re.compile(r"\{[^{}]*\}|[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d.,]*%?")
_END = re.compile(r"(?<=[.!?])\s+")
_VOWELS = "aeiouy"
_BARE = str.maketrans("àáâäèéêìíîòóôùúû", "aaaaeeeiiiooouuu")
#: Vowels that are one sound together, longest first.
_TOGETHER = re.compile(rf"aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|eu|ui|ei|au|ou|ai|oi|[{_VOWELS}]")


def words(text: str) -> list[str]:
    """The words of a text; a number is one, and so is a placeholder.

    >>> words("Het zijn er 2.062 (69%), zegt {whom}: oud-medewerkers.")
    ['Het', 'zijn', 'er', '2.062', '69%', 'zegt', '{whom}', 'oud-medewerkers']
    """
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """The syllables of a Dutch word, at least one; a diaeresis begins one of its own.

    >>> [syllables(word) for word in ("ijs", "één", "geëist", "moeilijk", "tekort", "Brier")]
    [1, 1, 2, 2, 2, 1]
    """
    told = (
        re.sub("[ëïöü]", lambda found: "-" + "eiou"["ëïöü".index(found.group())], word.lower())
        .translate(_BARE)
        .replace("ij", "y")
    )
    return max(1, sum(len(_TOGETHER.findall(group)) for group in re.findall(f"[{_VOWELS}]+", told)))


def sentences(text: str) -> list[str]:
    """The sentences of a text; what holds no word is none.

    >>> sentences("Dat is 0,5. En nu?  Ja")
    ['Dat is 0,5.', 'En nu?', 'Ja']
    """
    return [one for one in _END.split(" ".join(text.split())) if words(one)]


def douma(told: Sequence[str]) -> float:
    """Flesch-Douma of these sentences: from 0 (hardly to be read) to 100 and more; numbers have no syllables."""
    every = [word for one in told for word in words(one)]
    spoken = [word for word in every if word[0].isalpha()]
    return 206.84 - 0.93 * len(every) / len(told) - 77 * sum(map(syllables, spoken)) / len(spoken)


class Hard(NamedTuple):
    """One thing wrong with a sentence: what, and the sentence."""

    why: str
    sentence: str


def hard(told: Iterable[str], *, least: float | None = None) -> list[Hard]:
    """What is wrong with these sentences: too long, words never to be said, and (``least``) too hard one by one."""
    found = []
    for one in told:
        if (count := len(words(one))) > LONGEST:
            found.append(Hard(f"{count} words", one))
        found += [
            Hard(f"say '{instead}'", one)
            for never, instead in NEVER.items()
            if re.search(rf"\b(?:{never})\b", one, re.IGNORECASE)
        ]
        if least is not None and douma([one]) < least:
            found.append(Hard(f"Flesch-Douma {douma([one]):.0f}", one))
    return found


class _Paragraphs(HTMLParser):
    """The text of paragraphs and items of lists, each by itself, without figures."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self._within: list[str] = []
        self._drawn = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._drawn += tag == "svg"
        if tag in ("p", "li", "figcaption"):
            self._within.append(tag)
            self.told.append("")
        elif self._within:
            self.told[-1] += " "

    def handle_endtag(self, tag: str) -> None:
        self._drawn -= tag == "svg"
        if self._within and tag == self._within[-1]:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if self._within and not self._drawn:
            self.told[-1] += data


def told_on(page: str) -> list[str]:
    """The sentences of a page's paragraphs and lists: headings, tables and figures are no sentences."""
    reader = _Paragraphs()
    reader.feed(page)
    return [one for text in reader.told for one in sentences(text)]
