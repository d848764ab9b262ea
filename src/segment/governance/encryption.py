"""A small database that lies on disk only encrypted: whoever can read the file, but has no key, learns nothing from it.

AES-256-GCM (NIST SP 800-38D) under a key of its own, derived with HKDF (RFC 5869) from the study's. The content is
padded to a power of two, so that not even the size tells how many people or groups there are. A changed byte is
noticed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from filelock import FileLock

from segment.errors import RefusedRelease
from segment.store import written_atomically

_MAGIC = b"segment sealed book 1\n"
_PLAIN = b"SQLite format 3\x00"
_NONCE, _LENGTH, _LEAST = 12, 8, 1 << 18


class SealedBook:
    """An SQLite database in memory, kept in one encrypted file.

    Parameters
    ----------
    path
        The file; made when missing. One that an earlier version left in the clear is encrypted when it is opened.
    key
        The study's key (any length).
    tables
        Its tables, each as SQLite's CREATE TABLE wants it.
    """

    def __init__(self, path: Path, *, key: bytes, tables: Sequence[str]) -> None:
        self.path, self._tables = path, tuple(tables)
        self._cipher = AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"segment members").derive(key))
        self._seen: tuple[int, ...] | None = None
        self._book: sqlite3.Connection | None = None

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """The database; what the block changes is kept together or not at all.

        Raises
        ------
        RefusedRelease
            The file was changed, or belongs to another key.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_name(f".{self.path.name}.lock"), mode=0o600, is_singleton=True):
            book = self._loaded()
            before = book.total_changes
            try:
                with book:
                    yield book
                if book.total_changes != before or not self.path.is_file():
                    self._save(book)
            except BaseException:
                self._seen = None  # read again what is on disk
                raise

    def problem(self) -> str | None:
        """None when the file can be read, else what is wrong in words; the file itself is looked at again."""
        self._seen = None
        try:
            with self.open():
                return None
        except RefusedRelease:
            return f"The file {self.path.name} is not as it was written, or belongs to another key."

    def _loaded(self) -> sqlite3.Connection:
        now = self._signature()
        if self._book is not None and now is not None and now == self._seen:
            return self._book
        book = sqlite3.connect(":memory:", check_same_thread=False)
        raw = self.path.read_bytes() if now else b""
        if raw:
            book.deserialize(raw if raw.startswith(_PLAIN) else self._opened(raw))
        book.execute("PRAGMA secure_delete = ON")
        for table in self._tables:
            book.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        book.commit()
        if raw.startswith(_PLAIN):
            self._save(book)
        self._book, self._seen = book, self._signature()
        return book

    def _opened(self, raw: bytes) -> bytes:
        start = len(_MAGIC) + _NONCE
        try:
            plain = self._cipher.decrypt(raw[len(_MAGIC) : start], raw[start:], raw[: len(_MAGIC)])
        except (InvalidTag, ValueError):
            raise RefusedRelease(
                f"The file {self.path.name} is not as it was written, or belongs to another key.",
                where=str(self.path),
                advice="use the key the study was run with; else put the last good copy back",
            ) from None
        return plain[_LENGTH : _LENGTH + int.from_bytes(plain[:_LENGTH])]

    def _save(self, book: sqlite3.Connection) -> None:
        content = book.serialize()
        size = max(_LEAST, 1 << (_LENGTH + len(content) - 1).bit_length())
        padded = (len(content).to_bytes(_LENGTH) + content).ljust(size, b"\x00")
        nonce = os.urandom(_NONCE)
        with written_atomically(self.path) as temporary:
            temporary.write_bytes(_MAGIC + nonce + self._cipher.encrypt(nonce, padded, _MAGIC))
        self._seen = self._signature()

    def _signature(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)
