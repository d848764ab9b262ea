"""A study in a place of its own: with copies of its books, so that whatever is tried there is written nowhere else."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from segment.config import Study
from segment.governance.anchors import Anchor
from segment.governance.organisation import Organisation, organisation_key
from segment.stages.base import OpenStudy
from segment.store import Store, confined

#: What of a workspace a release depends on beside settings, data and code.
_BOOKS = ("ledger.db", "members.db", "releases.json", "key.json", "excluded.json", "facts.db")


@dataclass(frozen=True)
class Apart(OpenStudy):
    """A study in a workspace of its own: nothing outside it is read for its books, or written."""

    shared: Path | None = None

    @property
    def anchor(self) -> Anchor:
        return Anchor(None, self.book, self.key, anew=True, organisation=self.organisation)

    @property
    def organisation(self) -> Organisation | None:
        return Organisation(self.shared, organisation_key(self.key)) if self.shared is not None else None


def copy_books(opened: OpenStudy, place: Path) -> Path | None:
    """Copy a study's books to another place; returns the organisation's ledger there, where the study has one."""
    place.mkdir(mode=0o700)
    for name in _BOOKS:
        if (opened.workspace / name).is_file():
            shutil.copy2(opened.workspace / name, place / name)
    shared = opened.organisation
    if shared is None:
        return None
    copied = Organisation(place / shared.file.name, shared.key)
    for file, copy in zip(shared.files, copied.files, strict=True):
        if file.is_file():
            shutil.copy2(file, copy)
    return copied.file


def moved(study: Study, place: Path) -> Study:
    """The same settings with another workspace."""
    return replace(study, config=study.config.model_copy(update={"workspace": str(place)}))


@contextmanager
def with_copied_books(opened: OpenStudy) -> Iterator[Apart]:
    """A study as it is, with copies of its books: a release can be tried on them, and is written into none that stays.

    Its tables are the study's own, and nobody may write them here.
    """
    with tempfile.TemporaryDirectory(prefix="segment-apart-") as scratch:
        place = Path(scratch).resolve() / "workspace"
        shared = copy_books(opened, place)
        with confined(place):
            yield Apart(moved(opened.study, place), Store(opened.store.tables, opened.store.models), opened.key, shared)
