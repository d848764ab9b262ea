"""Named tables and models on disk: written whole or not at all, checked on the way in and out."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import joblib
import pandas as pd

from segment.errors import InvalidTable, NotReady, Refusal
from segment.places import inside, refuse_outside
from segment.tables import spec_of

#: What to do about a table that has other columns than this version writes.
_ANEW = "run the study again (segment run STUDY), which writes its tables again"
_ROOTS: ContextVar[tuple[Path, ...]] = ContextVar("roots", default=())


@contextmanager
def confined(*roots: Path) -> Iterator[None]:
    """While the block runs, files are written inside these folders only, and for their owner only.

    Links are followed before they are believed. The process's umask is set for the block, so that what libraries write
    (databases, artifacts) is as private as what is written here.
    """
    token = _ROOTS.set(tuple(root.resolve() for root in roots))
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
        _ROOTS.reset(token)


def make_private(place: Path) -> None:
    """Leave a file, or a folder and all it holds, to its owner; links are not followed."""
    for path in (place, *(place.rglob("*") if place.is_dir() else ())):
        try:
            if not path.is_symlink() and path.stat().st_mode & 0o077:
                path.chmod(0o700 if path.is_dir() else 0o600)
        except FileNotFoundError:  # taken away meanwhile by whoever else is running
            continue


def refuse_stray(path: Path) -> None:
    """Refuse to write or swap a path outside the folders this process is confined to; nothing where it is not.

    Raises
    ------
    Refusal
        Says where the path leads.
    """
    roots, place = _ROOTS.get(), path.resolve()
    if roots and not any(place.is_relative_to(root) for root in roots):
        refuse_outside(path, roots[0])


@contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends without an error.

    Readers see the old file or the new one, never half of one; when the block fails the old one stays. What is
    written is its owner's alone (0600).

    Raises
    ------
    Refusal
        The path lies outside the folders that are written now (:func:`confined`).
    """
    refuse_stray(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def copy_database(source: Path, target: Path) -> None:
    """A whole copy of an SQLite database, whatever its journal still holds.

    Raises
    ------
    sqlite3.DatabaseError
        The source is none.
    """
    with (
        written_atomically(target) as temporary,
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(temporary)) as new,
    ):
        old.backup(new)


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_text(*parts: str) -> str:
    """SHA-256 of texts, each closed so that no two lists of texts share a digest.

    >>> digest_text("ab", "c") == digest_text("a", "bc")
    False
    """
    total = hashlib.sha256()
    for part in parts:
        total.update(f"{len(part)}:{part}".encode())
    return total.hexdigest()


def _state_of(path: Path) -> tuple[int, ...]:
    """What changes whenever a file is written again: tables are exchanged whole, so each is a file of its own."""
    found = path.stat()
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


#: Tables that this process found to keep their schema as they lie there: a stage reads the same ones many times.
_AS_CHECKED: dict[Path, tuple[int, tuple[int, ...]]] = {}

Model = TypeVar("Model")


@dataclass(frozen=True)
class Store:
    """One study's tables (``tables/<name>.parquet``) and models.

    All of them can be read by their owner only; every table is checked against its schema when it is
    written and when it is read.
    """

    tables: Path
    models: Path

    def has(self, name: str) -> bool:
        """Whether a table is there."""
        return self.table_path(name).is_file()

    def table_path(self, name: str) -> Path:
        """Where a table lies."""
        return inside(self.tables, f"{name}.parquet")

    def read(self, name: str) -> pd.DataFrame:
        """A table by its name, checked.

        Raises
        ------
        NotReady
            When no stage has written it yet, or when the file is damaged.
        InvalidTable
            When it does not keep its schema: an earlier version wrote it, or somebody else.
        """
        path = self.table_path(name)
        if not path.is_file():
            raise NotReady(
                f"The table '{name}' is not there yet.",
                where=str(path),
                advice="run the study from an earlier stage (--from prepare)",
            )
        spec, state = spec_of(name), _state_of(path)
        try:
            frame = pd.read_parquet(path)
        except (OSError, ValueError):
            raise NotReady(
                f"The table '{name}' is damaged.", where=str(path), advice="remove the file and run the study again"
            ) from None
        if _AS_CHECKED.get(path) == (id(spec), state):
            return frame
        try:
            checked = spec.check(frame)
        except InvalidTable as failure:
            raise InvalidTable(failure.what, came=failure.came, where=str(path), advice=_ANEW) from None
        if checked.equals(frame):
            _AS_CHECKED[path] = (id(spec), state)
        return checked

    def read_or_empty(self, name: str) -> pd.DataFrame:
        """A table by its name, or its schema without rows where this study does not have it."""
        return self.read(name) if self.has(name) else spec_of(name).empty()

    def write(self, name: str, frame: pd.DataFrame) -> str:
        """Check a table and write it; returns the digest of the written file."""
        schema = spec_of(name)
        checked = schema.check(frame).reset_index(drop=True)
        with written_atomically(self.table_path(name)) as temporary:
            checked.to_parquet(temporary, index=False)
        return digest_file(self.table_path(name))

    def remove(self, name: str) -> None:
        """Take a table away; nothing happens when it is not there."""
        self.table_path(name).unlink(missing_ok=True)

    def model_path(self, name: str) -> Path:
        """Where a model lies; its card lies beside it."""
        return inside(self.models, f"{name}.joblib")

    def save_model(self, name: str, model: object, *, card: Mapping[str, object]) -> str:
        """Write a model and, beside it, its JSON card with the file's digest; returns that digest."""
        path = self.model_path(name)
        with written_atomically(path) as temporary:
            joblib.dump(model, temporary, compress=("zlib", 3))
        digest = digest_file(path)
        save_json(path.with_suffix(".json"), {**card, "file": path.name, "sha256": digest})
        return digest

    def load_model(self, name: str, kind: type[Model]) -> Model:
        """A model, only when its bytes are those its card speaks of (a joblib file is code).

        Raises
        ------
        NotReady
            When there is no such model.
        Refusal
            When file and card do not belong together, or it is a model of another kind.
        """
        path = self.model_path(name)
        card = path.with_suffix(".json")
        if not (path.is_file() and card.is_file()):
            raise NotReady(f"There is no {name} model yet.", where=str(path), advice="run the study first")
        if read_json(card).get("sha256") != digest_file(path):
            raise Refusal(
                f"The {name} model was not loaded: the file is not the one its card speaks of.",
                where=str(path),
                advice="restore both files together, or run the study again; a joblib file can run code when loaded",
            )
        model = joblib.load(path)
        if not isinstance(model, kind):
            raise Refusal(
                f"The {name} model was not loaded: it is of another kind.",
                expected=kind.__name__, came=type(model).__name__, where=str(path), advice="run the study again",
            )  # fmt: skip
        return model


def save_json(path: Path, content: Mapping[str, object]) -> None:
    """Write JSON with sorted keys, atomically."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    with written_atomically(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    NotReady
        When the file is missing or damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotReady(
            "A file of the workspace is missing or damaged.", where=str(path), advice="run the study again"
        ) from None
    return dict(content)
