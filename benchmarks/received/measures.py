"""What HR receives, counted: words, printed pages, charts, long sentences, and what a page asks for outside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from truths.pages import Page
from truths.readers import LANGUAGES
from truths.rows import Row, row

from received.browser import opened, paragraphs, printed_pages
from received.studies import Release

MOST_PAGES, MOST_WORDS = 8, 20
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d.,]*%?")
#: A sentence ends there; what follows a colon is a list, or a sentence of its own.
_END = re.compile(r"(?<=[.!?:])\s+")


def words_of(text: str) -> list[str]:
    """The words of a text; a number is one.

    >>> words_of("Het zijn er 2.062 (69%).")
    ['Het', 'zijn', 'er', '2.062', '69%']
    """
    return _WORD.findall(text)


def sentences_in(paragraphs: Iterable[str]) -> list[str]:
    """What ends as a sentence does; names, headings, lines of figures and lists after a colon do not.

    >>> sentences_in(["Dat is 0,5. En nu?", "Beloning 0,16", "Even dringend: praten en luisteren."])
    ['Dat is 0,5.', 'En nu?', 'Even dringend:']
    """
    found = []
    for told in paragraphs:
        pieces = _END.split(told)
        listed = {at + 1 for at, one in enumerate(pieces) if one.endswith(":")}
        found += [one for at, one in enumerate(pieces) if at not in listed and one.endswith((".", "!", "?", ":"))]
    return found


def charts_in(html: str) -> int:
    """Drawings, figures of rows and heat maps."""
    return len(re.findall(r"<svg[ >]", html)) + len(re.findall(r'<figure class="rows"|class="heatmap"', html))


def measured(release: Release, driver: Any) -> list[Row]:
    """One row per report, method file and one-pager: what it holds, against what a reader was promised."""
    rows = []
    for language in LANGUAGES:
        rows += [_page(release, path, driver) for path in _pages(release.exports, language)]
    return rows


def _pages(exports: Path, language: str) -> list[Path]:
    return [
        exports / f"report.{language}.html",
        exports / f"method.{language}.html",
        *sorted(exports.glob(f"segment_*.{language}.html")),
    ]


def _page(release: Release, path: Path, driver: Any) -> Row:
    html, page = path.read_text(encoding="utf-8"), Page.of(path)
    outside = opened(driver, path)
    pages = printed_pages(driver)
    long = [one for one in sentences_in(paragraphs(driver)) if len(words_of(one)) > MOST_WORDS]
    cells = [cell for table in page.tables for line in table.rows for cell in line]
    words = sum(len(words_of(text)) for text in (*(told for _, told in page.parts), *cells))
    shown = f": {long[0][:60]}" if long else ""
    most = 1 if path.name.startswith("segment_") else MOST_PAGES if path.name.startswith("report") else None
    told = (
        f"{pages} pages, {words} words, {charts_in(html)} charts, {len(long)} long sentences{shown}, "
        f"{len(outside)} outside requests, {len(html.encode()) / 1e3:.0f} kB"
    )
    promised = (f"at most {most} page{'s' if most > 1 else ''}, " if most else "") + "no long sentence, 0 outside"
    met = not long and not outside and (most is None or pages <= most)
    if most is None:
        met = not outside
        promised = "0 outside"
    return row(f"{release.name}: {path.name}", promised, told, met)
