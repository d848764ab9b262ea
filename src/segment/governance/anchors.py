"""Heads of the books kept outside the workspace: a book cut short, and a copy put back, are told from the newest.

A chain shows that no line was changed, not that the last ones are gone. So number and digest of the last event and the
last release are written down where the workspace's copies do not go: beside the key, or where ``SEGMENT_ANCHORS`` says.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segment.config import Study
from segment.errors import InvalidInput, RefusedRelease
from segment.governance.chain import Chain
from segment.governance.organisation import LEDGER, Organisation
from segment.store import read_json, save_json
from segment.vocabulary import DataKind

#: Names a folder for the heads of all studies.
ANCHORS = "SEGMENT_ANCHORS"
BOOKS = ("events", "releases")
#: The release ledger of all studies under a key.
SHARED = "organisation"


def anchor_file(study: Study, key_id: str, environment: Mapping[str, str]) -> Path | None:
    """Where the heads of a study's books are kept; nothing where no such place is known.

    ``SEGMENT_ANCHORS`` names a folder. Else it is the folder of the key file; simulated and public data, which have no
    key file, use that of the study's models.

    Raises
    ------
    InvalidInput
        The folder lies in the workspace, and would be rolled back with it.
    """
    name, config = f"{study.config.study}.{key_id}.anchors.json", study.config
    chosen, key = environment.get(ANCHORS, ""), environment.get(f"{config.privacy.key}_FILE", "")
    if chosen:
        folder = Path(chosen).resolve()
        if folder.is_relative_to(study.workspace):
            raise InvalidInput(
                "The heads of the books would lie in the workspace that they vouch for.",
                expected="a folder outside it",
                where=f"environment variable {ANCHORS}",
            )
        return folder / name
    if config.data != DataKind.PERSONAL:
        return study.models / "anchors.json"
    return Path(key).resolve().parent / name if key else None


@dataclass(frozen=True)
class Anchor:
    """The books of one workspace, and the file outside it that keeps their heads (None: nowhere).

    ``anew``: books may be begun anew in the same place, as those of simulated and public data may. ``organisation``:
    the release ledger that is shared with other studies, whose head is kept as well.
    """

    file: Path | None
    book: Path
    key: bytes = field(repr=False)
    anew: bool = False
    organisation: Organisation | None = None

    def keep(self) -> None:
        """Write the heads down as they are now; books that are older than what is kept change nothing."""
        if self.file is None or not self.book.is_file():
            return
        first = self._first()
        if first is not None and self.problem() is None:
            entry = {"workspace": str(self.book.parent), **{name: list(head) for name, head in self.heads().items()}}
            others = {one: kept for one, kept in self._kept().items() if kept.get("workspace") != entry["workspace"]}
            save_json(self.file, {"books": {**others, first: entry}})

    def ended(self, *, to: str) -> dict[str, str] | None:
        """What :func:`end_books` needs, when the key is about to be changed; nothing where no heads are kept.

        ``to``: the fingerprint of the new key.
        """
        kept, first = self._kept(), self._first() if self.book.is_file() else None
        return {"file": str(self.file), "first": str(first), "to": to} if first in kept else None

    def heads(self) -> dict[str, tuple[int, str]]:
        """Number and digest of the last line of each book."""
        return {name: self._chain(name).head for name in self._books}

    @property
    def _books(self) -> tuple[str, ...]:
        return (*BOOKS, SHARED) if self.organisation is not None else BOOKS

    def problem(self) -> str | None:
        """None when the books hold every line that is kept, else what is wrong in words."""
        kept = self._kept_under_any_name()
        if self.file is None or not kept:
            return None
        first = self._first() if self.book.is_file() else None
        own = kept.get(str(first))
        if own is None:
            here = str(self.book.parent)
            lost = any(entry.get("workspace") == here for entry in kept.values())
            said = f"The books were started again since their heads were kept in {self.file}."
            return said if (lost and not self.anew) or self._headless() else None
        if "rekeyed" in own:
            return (
                f"The key of these books was changed to {own['rekeyed']} since, as {self.file} says: an older copy "
                "of the workspace was put back."
            )
        return self.short_of(own, self.file)

    def short_of(self, heads: Mapping[str, Any], where: Path) -> str | None:
        """What of these heads (book: number and digest) the books do not hold, in words; None when they hold all."""
        for name in self._books:
            head = heads.get(name)
            if head is not None and not self._chain(name).holds((int(head[0]), str(head[1]))):
                if name == SHARED:
                    return (
                        f"Line {head[0]} of the organisation's release ledger is kept in {where}, and is not there: "
                        f"the ledger was cut short, an older copy was put back, or it lies elsewhere ({LEDGER})."
                    )
                return (
                    f"Line {head[0]} of {name} is kept in {where}, and is not in the books: they were cut short, or "
                    "an older copy of the workspace was put back."
                )
        return None

    def refuse_older(self) -> None:
        """Refuse to go on with books that are older than what is kept.

        Raises
        ------
        RefusedRelease
            Says which line is missing.
        """
        problem = self.problem()
        if problem is not None:
            raise RefusedRelease(
                "The books of this study are not the newest, so nothing is done on them.",
                came=problem,
                where=str(self.book),
                advice="put the newest copy of the workspace back; or, when it is lost and a reviewer answers for "
                "what was released, take this study's file of heads away",
            )

    def holds_file(self, file: Path) -> str | None:
        """What is wrong when the books are held against heads somebody kept: a copy of the anchors, or plain heads."""
        content = read_json(file)
        books = content.get("books")
        if books is None:
            return self.short_of(content, file)
        own = books.get(str(self._first()))
        return self.short_of(own, file) if own else f"None of the books in {file} is this study's."

    def _chain(self, name: str) -> Chain:
        if name == SHARED and self.organisation is not None:
            return self.organisation.chain()
        return Chain(self.book, name=name, key=self.key)

    def _first(self) -> str | None:
        """The digest of the first event: which books these are, wherever they were copied to."""
        with self._chain("events").open() as book:
            row = book.execute("SELECT digest FROM events WHERE number = 1").fetchone()
        return str(row[0]) if row else None

    def _headless(self) -> bool:
        """Whether something was released and no event says by which run: every run is an event before that."""
        return self.book.is_file() and self._chain("events").head[0] == 0 < self._chain("releases").head[0]

    @property
    def keeps(self) -> bool:
        """Whether heads of these books are kept, under whatever name of the study."""
        return self.book.is_file() and str(self._first()) in self._kept_under_any_name()

    def _kept(self) -> dict[str, dict[str, Any]]:
        if self.file is None or not self.file.is_file():
            return {}
        return dict(read_json(self.file).get("books", {}))

    def _kept_under_any_name(self) -> dict[str, dict[str, Any]]:
        """What is kept in any file under this key: a study that was renamed has the books that it had."""
        if self.file is None:
            return {}
        key = self.file.name.removesuffix(".anchors.json").rpartition(".")[2]
        books = self._kept()
        for file in sorted(self.file.parent.glob(f"*.{key}.anchors.json")):
            for first, entry in read_json(file).get("books", {}).items():
                if first not in books or _lines(entry) > _lines(books[first]):
                    books[first] = entry
        return books


def end_books(ended: Mapping[str, str]) -> None:
    """Write down that the key was changed: books under the one until now are an older copy from here on."""
    file = Path(ended["file"])
    kept = dict(read_json(file).get("books", {})) if file.is_file() else {}
    if ended["first"] in kept:
        save_json(file, {"books": {**kept, ended["first"]: {**kept[ended["first"]], "rekeyed": ended["to"]}}})


def _lines(entry: Mapping[str, Any]) -> int:
    """How many events stood in the books when their heads were written down; all of them once the key was changed."""
    return sys.maxsize if "rekeyed" in entry else int(entry.get("events", (0,))[0])
