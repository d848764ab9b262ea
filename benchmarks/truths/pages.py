"""The files of a release as their readers see them: tables with their captions, lists, sentences, and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"(?<![\w.,])[−-]?\d+(?:[.,]\d+)*%?")
_GROUPED = {"nl": re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?"), "en": re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")}
_VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "path", "use", "rect"})


@dataclass(frozen=True)
class Figure:
    """A number as it was written: its value, how many decimals it shows, and whether it is a percentage."""

    value: float
    decimals: int
    percent: bool

    def is_of(self, exact: float) -> bool:
        """Whether a figure could have been written like this."""
        told = 100 * exact if self.percent else exact
        return abs(told - self.value) <= 0.5 * 10.0**-self.decimals + 1e-6


def figures(text: str, language: str) -> list[Figure]:
    """The numbers in a text of one language; words with digits in them are none.

    >>> [one.value for one in figures("1.240 mensen, 34% (0,5 tot −2)", "nl")]
    [1240.0, 34.0, 0.5, -2.0]
    """
    return [_figure(found.group(), language) for found in _NUMBER.finditer(text)]


def _figure(text: str, language: str) -> Figure:
    bare = text.rstrip("%").replace("−", "-")
    grouping, mark = (".", ",") if language == "nl" else (",", ".")
    if _GROUPED[language].fullmatch(bare.lstrip("-")):
        bare = bare.replace(grouping, "")
    whole, _, decimals = bare.replace(mark, ".").partition(".")
    if decimals and not decimals.isdigit():
        raise ValueError(f"'{text}' is no number as '{language}' writes it")
    return Figure(float(f"{whole}.{decimals or 0}"), len(decimals), text.endswith("%"))


@dataclass
class Table:
    """A table of a page, or a figure of rows: its caption, its headings, its rows of words, and its figure's anchor."""

    caption: str = ""
    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    anchor: str = ""


@dataclass
class Page(HTMLParser):
    """What a reader sees of a page: ``tables``, and ``parts``: (path of tags and classes, words) outside of them.

    ``figures`` are the figures of rows: a row is a name, what stands under it, and the figure in words.
    """

    tables: list[Table] = field(default_factory=list)
    figures: list[Table] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    _anchor: str = ""
    _cell: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, path: Path) -> Page:
        page = cls()
        page.feed(path.read_text(encoding="utf-8"))
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._say()
        if tag in _VOID:
            return
        classes, anchor = dict(attrs).get("class") or dict(attrs).get("id"), dict(attrs).get("id") or ""
        self._open.append(f"{tag}.{classes}" if classes else tag)
        self._anchor = anchor.removeprefix("figure-") if anchor.startswith("figure-") else self._anchor
        if tag == "table":
            self.tables.append(Table(anchor=self._anchor if "div.heatmap" in self._open else ""))
        elif tag == "figure" and classes == "rows":
            self.figures.append(Table(anchor=self._anchor))
        elif tag == "li" and "figure.rows" in self._open:
            self.figures[-1].rows.append(["", "", ""])
        elif tag in ("td", "th"):
            self._cell = []
        elif tag == "tr":
            self.tables[-1].rows.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self._say(cell=tag in ("td", "th"))
        while self._open and self._open.pop().split(".")[0] != tag:
            pass
        if tag == "thead":
            self.tables[-1].headings = self.tables[-1].rows.pop()

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def _say(self, *, cell: bool = False) -> None:
        """Put what was said since the last tag where it belongs."""
        words = " ".join(" ".join(self._words).split())
        self._words = []
        tags = [one.split(".")[0] for one in self._open]
        if "svg" in tags or "style" in tags:
            return
        if tags[-1:] == ["caption"] and words:
            self.tables[-1].caption = words
        elif cell and self.tables:
            self.tables[-1].rows[-1].append(" ".join([*self._cell, *([words] if words else [])]))
        elif words and ("td" in tags or "th" in tags):
            self._cell.append(words)
        elif words and "table" not in tags:
            self.parts.append((" ".join(self._open), words))
            if "figure.rows" in self._open and "li" in tags:
                place = 2 if "span.v" in self._open else 1 if tags[-1] == "small" else 0
                self.figures[-1].rows[-1][place] = words

    def within(self, *marks: str) -> list[str]:
        """The words of all parts whose path holds every one of these marks."""
        return [words for path, words in self.parts if all(mark in path for mark in marks)]

    def by_item(self, mark: str) -> Iterator[list[str]]:
        """The words of a list, item by item: each begins where its path ends in ``mark``."""
        item: list[str] = []
        for path, words in self.parts:
            if mark in path:
                item.append(words)
        yield item


def workbook(path: Path) -> dict[str, list[list[Any]]]:
    """Sheet -> rows of cells: numbers, words, or empty words."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
