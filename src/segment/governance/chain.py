"""A book in which lines can be added and never changed: each line carries a digest of all lines before it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segment.errors import InvalidInput

_START = "0" * 64


@dataclass(frozen=True)
class Link:
    """One line of a chain: its number from 1, its content, and its digest over content and previous digest."""

    number: int
    content: dict[str, Any]
    digest: str


class Chain:
    """An append-only, hash-chained list in one table of an SQLite file.

    Parameters
    ----------
    path
        The file; it and its folder are made when missing.
    name
        The table, so that several chains can share a file.
    key
        With a key only its holder can write a chain that verifies; without one, somebody who can write the file
        and knows this code can rewrite all of it. Keep :attr:`head` elsewhere to notice a chain cut short.
    """

    def __init__(self, path: Path | str, *, name: str, key: bytes = b"") -> None:
        if not name.isidentifier():
            raise InvalidInput("A chain needs a plain name.", expected="letters, digits and _", came=repr(name))
        self.path, self.name = Path(path), name
        self._key = hashlib.blake2b(key, digest_size=32).digest() if key else b""
        self._read: tuple[tuple[int, str], list[Link]] = ((0, _START), [])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.open() as book:
                book.executescript(_schema(name))
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as fault:
            raise InvalidInput(
                f"The file {self.path.name} cannot be read as a database.",
                came=str(fault),
                where=str(self.path),
                advice="put the last good copy back; it is never made again from nothing",
            ) from None

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection in which changes are kept together or not at all."""
        with closing(sqlite3.connect(self.path, timeout=60, isolation_level=None)) as book:
            yield book

    def append(self, content: Mapping[str, object]) -> Link:
        """Add a line (values that JSON can hold) and return it."""
        return self.extend([content])[0]

    def extend(self, contents: Iterable[Mapping[str, object]]) -> list[Link]:
        """Add lines, all or none, and return them."""
        added = []
        with self.open() as book:
            book.execute("BEGIN IMMEDIATE")
            last = book.execute(f"SELECT number, digest FROM {self.name} ORDER BY number DESC LIMIT 1").fetchone()
            number, previous = last or (0, _START)
            for content in contents:
                text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
                number, previous = number + 1, self._digest(number + 1, text, previous)
                book.execute(f"INSERT INTO {self.name} VALUES (?, ?, ?)", (number, text, previous))
                added.append(Link(number, json.loads(text), previous))
            book.execute("COMMIT")
        return added

    def links(self) -> list[Link]:
        """All lines, oldest first; read again when lines were added."""
        head = self.head
        if head != self._read[0]:
            self._read = head, [Link(number, json.loads(text), digest) for number, text, digest in self._rows()]
        return list(self._read[1])

    @property
    def head(self) -> tuple[int, str]:
        """Number and digest of the last line: what to keep elsewhere."""
        with self.open() as book:
            row = book.execute(f"SELECT number, digest FROM {self.name} ORDER BY number DESC LIMIT 1").fetchone()
        return (int(row[0]), str(row[1])) if row else (0, _START)

    def holds(self, head: tuple[int, str]) -> bool:
        """Whether a line kept elsewhere (number and digest) stands here; number 0 is the empty chain."""
        if head[0] == 0:
            return head[1] == _START
        with self.open() as book:
            row = book.execute(f"SELECT digest FROM {self.name} WHERE number = ?", (head[0],)).fetchone()
        return row is not None and row[0] == head[1]

    @property
    def ours(self) -> bool:
        """Whether the first line was written under this key; an empty chain is anybody's."""
        with self.open() as book:
            row = book.execute(f"SELECT content, digest FROM {self.name} WHERE number = 1").fetchone()
        return row is None or row[1] == self._digest(1, str(row[0]), _START)

    def verify(self, *, head: tuple[int, str] | None = None) -> str | None:
        """None when every line is as it was written, else what is wrong in words.

        ``head``: a number and digest kept elsewhere; the chain must hold that line.
        """
        try:
            rows = self._rows()
        except (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError):
            return f"The file {self.path.name} cannot be read as a database any more."
        previous, digests = _START, {0: _START}
        for place, (number, text, digest) in enumerate(rows, start=1):
            try:
                good = number == place and digest == self._digest(number, text, previous)
            except (AttributeError, TypeError, ValueError):
                good = False
            if not good:
                return f"Line {place} of {self.name} in {self.path.name} is not as it was written."
            previous = digest
            digests[number] = digest
        if head is not None and digests.get(head[0]) != head[1]:
            return f"Line {head[0]} of {self.name} in {self.path.name} is missing or was replaced."
        return None

    def _rows(self) -> list[tuple[int, str, str]]:
        with self.open() as book:
            return book.execute(f"SELECT number, content, digest FROM {self.name} ORDER BY number").fetchall()

    def _digest(self, number: int, text: str, previous: str) -> str:
        line = f"{self.name}\n{number}\n{previous}\n{text}".encode()
        return hashlib.blake2b(line, digest_size=32, key=self._key).hexdigest()


def _schema(name: str) -> str:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name} can only grow'); END;"
    return (
        f"CREATE TABLE IF NOT EXISTS {name} (number INTEGER PRIMARY KEY, content TEXT NOT NULL, digest TEXT NOT NULL);"
        f"CREATE TRIGGER IF NOT EXISTS {name}_keep_lines BEFORE UPDATE ON {name} {refuse}"
        f"CREATE TRIGGER IF NOT EXISTS {name}_keep_all BEFORE DELETE ON {name} {refuse}"
    )
