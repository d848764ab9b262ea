"""The files of a release as an outsider reads them: every table in them, and every number."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from segment.segments.names import released_names

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Grid:
    """One table in a file: where, its headings, and its rows (words, or numbers where the file keeps numbers)."""

    where: str
    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def read_csv(path: Path) -> list[Grid]:
    """The table of a CSV file with semicolons."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file, delimiter=";")]
    return [Grid(path.name, rows[0], tuple(rows[1:]))] if rows else []


def read_html(path: Path) -> list[Grid]:
    """Every table of a page."""
    parser = _Tables()
    parser.feed(path.read_text(encoding="utf-8"))
    return [Grid(path.name, rows[0], tuple(rows[1:])) for rows in parser.tables if rows]


def read_frame(path: Path) -> pd.DataFrame:
    """A released table as it was written for the tracker."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return pd.DataFrame(content["data"], columns=content["columns"])


def read_names(folder: Path) -> pd.DataFrame:
    """What the segments of a release are called, as it was written for the tracker (by this version or an earlier)."""
    names, segments = (
        read_frame(path) if (path := folder / f"{name}.json").is_file() else pd.DataFrame()
        for name in ("segment_names", "segments")
    )
    return released_names(names, segments)


def read_slides(path: Path) -> tuple[str, list[float]]:
    """The texts of slides, notes and charts, and the numbers that their charts and the workbooks of these hold."""
    texts, numbers = [], []
    for name, part in _xml_in(path.read_bytes()):
        texts += [html.unescape(one) for one in re.findall(r"<(?:a:t|t|c:v)(?:\s[^>]*)?>([^<]*)<", part)]
        if name.startswith("ppt/charts/"):
            drawn = re.findall(r"<c:val>(.*?)</c:val>", part, flags=re.DOTALL)
            numbers += [float(one) for values in drawn for one in re.findall(r"<c:v>([^<]*)<", values)]
        elif "/worksheets/" in name:
            numbers += [float(one) for one in re.findall(r'<c r="\w+"(?: s="\d+")?><v>([^<]*)<', part)]
    return "\n".join(texts), numbers


def _xml_in(content: bytes) -> Iterator[tuple[str, str]]:
    """The parts of a packed file, and those of the workbooks in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith(".xlsx"):
                yield from _xml_in(packed.read(name))
            elif name.endswith(".xml"):
                yield name, packed.read(name).decode("utf-8")


def text_of(path: Path) -> str:
    """The text of a page without its marks, or the text of any other file as it is."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return re.sub(r"<[^>]*>", " ", text) if path.suffix == ".html" else text


def numbers_in(text: str) -> int:
    """How many numbers stand in a text."""
    return sum(1 for _ in _NUMBER.finditer(text))


def grids_with(grids: list[Grid], headings: frozenset[str]) -> Iterator[tuple[Grid, int]]:
    """Grids with a column of one of these names, and its place."""
    for grid in grids:
        for place, heading in enumerate(grid.headings):
            if str(heading).strip() in headings:
                yield grid, place


class _Tables(HTMLParser):
    """Collects the cells of all tables of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[tuple[str, ...]]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._row is not None and self._cell is not None:
            self._row.append(" ".join("".join(self._cell).split()))
            self._cell = None
        elif tag == "tr" and self._row is not None and self.tables:
            self.tables[-1].append(tuple(self._row))
            self._row = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
