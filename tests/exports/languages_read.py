"""Every string that a reader meets in a folder of exports, and which of them are not in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pages_read import read_page
from pptx import Presentation
from python_calamine import CalamineWorkbook

from segment.locale import catalogue

LANGUAGES = ("nl", "en")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
_FILE = re.compile(r"[\w.]+\.(html|xlsx|pptx|csv)")
_CODE = re.compile(r"\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b")

#: Words that both languages use, in names of the seven Rs and in words of people's own work.
_SHARED = frozenset({"recommendation", "recruitment", "team", "planning", "even", "hard"})


def strings_of(path: Path) -> Iterator[str]:
    """The text of a page with its figures, what is read aloud of it, the words of a workbook or of slides."""
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            yield name
            yield from (cell for row in book.get_sheet_by_name(name).to_python() for cell in row if type(cell) is str)
        return
    if path.suffix == ".pptx":
        for slide in Presentation(str(path)).slides:
            yield slide.notes_slide.notes_text_frame.text
            yield from (shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
            for chart in (shape.chart for shape in slide.shapes if shape.has_chart):
                yield from (*map(str, chart.plots[0].categories), *(series.name for series in chart.plots[0].series))
        return
    page = read_page(path.read_text(encoding="utf-8"))
    yield from page.words
    yield from (str(told[name]) for _, told in page.tags for name in ("alt", "title", "aria-label") if told.get(name))


def foreign(strings: Iterable[str], language: str, *, own: Iterable[str] = ()) -> dict[str, str]:
    """Word -> string it stands in: codes and keys, and words of the other language's catalogue that this one lacks.

    ``own``: texts of the study itself (its governance, names in its data), which are as the study wrote them.

    >>> found = foreign(["Aandeel", "the people", "shortfall_PAY", "report.yes"], "nl")
    >>> {"the", "shortfall_PAY", "report.yes"} <= set(found), "Aandeel" in found
    (True, False)
    """
    theirs = set(own)
    only = _vocabulary(*(one for one in LANGUAGES if one != language)) - _vocabulary(language) - _SHARED
    found: dict[str, str] = {}
    for text in strings:
        if text.strip() in theirs or _FILE.fullmatch(text.strip()):
            continue
        words = {word for word in _WORD.findall(text) if word.lower() in only}
        keys = {key for key in re.findall(r"\b[a-z_]+(?:\.[A-Za-z_0-9]+)+\b", text) if key in catalogue()}
        found |= dict.fromkeys(words | keys | set(_CODE.findall(text)), text.strip())
    return found


def named_otherwise(strings: Iterable[str], language: str, names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Code -> what it is called instead: its code, or its name in another language, where it has one in this one.

    ``names``: what a study calls its own things (needs, moments, questions, roles), per language, by their codes.

    >>> roles = {"shift_lead": {"nl": "Teamleider", "en": "Shift lead"}}
    >>> [named_otherwise([text], "nl", roles) for text in ("Teamleider", "shift lead", "rol: Shift lead.")]
    [{}, {'shift_lead': 'shift lead'}, {'shift_lead': 'shift lead'}]
    """
    whole = [text.strip() for text in strings]
    found = {}
    for code, texts in names.items():
        if len(code) < 2 or not texts.get(language):
            continue
        own = texts[language].lower()
        others = {code, code.replace("_", " "), *(text for one, text in texts.items() if one != language)}
        for other in sorted(one for one in others if one and one.lower() not in own):
            alone = re.fullmatch(r"\w+", other) and "_" not in other  # one word may be a word of the language
            pattern = re.compile(rf"^{other}$" if alone else rf"(?<!\w){re.escape(other)}(?!\w)", re.IGNORECASE)
            found |= dict.fromkeys([code] * any(map(pattern.search, whole)), other)
    return found


def loose_numbers(strings: Iterable[str]) -> list[str]:
    """Strings of a page with a number of four digits or more that has no sign between thousands; years may.

    >>> loose_numbers(["4254 mensen", "4.254 mensen", "in 2024", "kenmerk 3f9a1c77b2d04e55", "0,1234"])
    ['4254 mensen']
    """
    numbers = re.compile(r"(?<![\w.,-])(?!(?:19|20)\d\d(?!\d))\d{4,}(?![\w-])")
    return [text.strip() for text in strings if numbers.search(text)]


def _vocabulary(language: str) -> set[str]:
    return {word.lower() for texts in catalogue().values() for word in _WORD.findall(texts.get(language, ""))}
