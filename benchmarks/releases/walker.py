"""Where in a folder a word is written: every file is opened as what it is, and read as plain bytes as well.

Shares no code with the library's own search: tables with all their columns, numbers included; packed files member by
member; databases row by row (and, as bytes, the pages of rows that were deleted).
"""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as parquet

_DATABASE = b"SQLite format 3\x00"


def holding(folders: list[Path], words: list[str], *, without: list[Path] = ()) -> dict[Path, set[str]]:
    """Files (by resolved path) in whose name or content some of these words stand, and which of them."""
    sources = {path.resolve() for path in without}
    files = {path.resolve() for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file()}
    found = {}
    for path in sorted(files - sources):
        texts = [path.name.encode(), *_texts(path)]
        there = {word for word in words if any(form in text for text in texts for form in _forms(word))}
        if there:
            found[path] = there
    return found


def _forms(word: str) -> tuple[bytes, bytes]:
    return word.encode(), word.encode("utf-16-le")


def _texts(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what is packed in it."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".parquet":
        for column in parquet.read_table(path).columns:
            yield "\n".join(map(str, column.unique().to_pylist())).encode()
    elif content.startswith(_DATABASE):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as book:
            yield "\n".join(book.iterdump()).encode()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())
