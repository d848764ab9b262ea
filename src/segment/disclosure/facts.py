"""Facts sealed with a release when it is made: what an audit needs to attack it later, and no number of people.

An audit that recomputed an earlier release from the tables of today would refuse a good one, or find nothing to
recompute it from: segments are made anew in the next wave, and people are taken out. So what a release was decided on
is written down with it. Of every row of every table: whether its group was under its floor or barred, which rows stand
for equally many people of one group, and which totals hold all of their parts. Nothing else of the true numbers is
kept, and nothing about a person, so nothing has to be taken out when somebody is erased.

On disk all of it is encrypted under the study's key; the release ledger holds a keyed digest of every release's facts.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from segment.errors import RefusedRelease
from segment.governance.encryption import SealedBook

#: The file in a workspace, beside the ledger.
FILE = "facts.db"

_TABLES = ("facts (name TEXT PRIMARY KEY, content BLOB NOT NULL)",)


@dataclass(frozen=True)
class TableFacts:
    """What was true of one released table, row by row in the order of its rows.

    ``digest``: fingerprint of what it shows; ``source``: what its figures come from; ``floor``: people a group needed.
    ``same``, ``secret``, ``exact``: as in
    :class:`segment.disclosure.attack.Cell`; empty for tables without groups. ``scales``: ends of scales other than
    1 to 5, by line, as the certificate tells them; None in facts from before they were sealed.
    """

    digest: str
    source: str
    floor: int
    same: Sequence[int | None] = ()
    secret: Sequence[bool] = ()
    exact: Sequence[Sequence[str]] = ()
    scales: Mapping[str, Sequence[float]] | None = None


@dataclass(frozen=True)
class ReleaseFacts:
    """What was true of one release: its wave, the rules it was made under, its tables.

    ``few``: fewer had answered than may be shown; ``warn``: so few that readers had to be warned.
    """

    wave: str
    rules: Mapping[str, float]
    tables: Mapping[str, TableFacts]
    few: bool = False
    warn: bool = False

    def as_text(self) -> str:
        """The facts as JSON, the same for the same facts."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> ReleaseFacts:
        """The facts that :meth:`as_text` wrote."""
        content = json.loads(text)
        tables = {name: TableFacts(**one) for name, one in content.pop("tables").items()}
        return cls(**content, tables=tables)


class FactsBook:
    """The facts of all releases of a workspace, in one encrypted file.

    Parameters
    ----------
    path
        The file; made when missing.
    key
        The study's key.

    Examples
    --------
    >>> import tempfile
    >>> facts = ReleaseFacts("2024-03", {"min_group": 5}, {"pay": TableFacts("d1", "s", 5, [1], [False], [[]])})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book = FactsBook(Path(folder) / "facts.db", key=b"secret")
    ...     name = book.keep(facts)
    ...     book.read(name) == facts, book.commitment(name) == name
    (True, True)
    """

    def __init__(self, path: Path | str, *, key: bytes) -> None:
        self.path = Path(path)
        self._key = hashlib.blake2b(key, digest_size=32, person=b"segment facts").digest()
        self._book = SealedBook(self.path, key=self._key, tables=_TABLES)

    def keep(self, facts: ReleaseFacts) -> str:
        """Keep the facts of a release; returns the name they go by: a keyed digest, the same for the same facts."""
        text = facts.as_text()
        name = self._digest(text)
        with self._book.open() as book:
            packed = zlib.compress(text.encode(), 9)
            book.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, packed))
        return name

    def read(self, name: str) -> ReleaseFacts | None:
        """The facts that go by a name; None where there are none.

        Raises
        ------
        RefusedRelease
            The file was changed, or belongs to another key.
        """
        text = self._text(name)
        return ReleaseFacts.from_text(text) if text is not None else None

    def commitment(self, name: str) -> str | None:
        """Keyed digest of the facts that go by a name, under the study's present key; None where there are none."""
        text = self._text(name)
        return self._digest(text) if text is not None else None

    def copy_to(self, other: FactsBook) -> None:
        """Copy everything to a file under another key; every release keeps the name of its facts."""
        if not self.path.is_file():
            return
        with self._book.open() as book:
            rows = book.execute("SELECT name, content FROM facts").fetchall()
        with other._book.open() as book:
            book.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", rows)

    def problem(self, committed: Mapping[str, str]) -> str | None:
        """None when all facts are as ``committed`` (name: digest) says, else what is wrong in words."""
        if not self.path.is_file():
            return f"The file {self.path.name} with the facts of earlier releases is gone." if committed else None
        problem = self._book.problem()
        if problem is not None:
            return problem
        for name, digest in committed.items():
            if self.commitment(name) not in (None, digest):
                return f"Facts of a release in {self.path.name} are not as they were sealed."
        return None

    def _text(self, name: str) -> str | None:
        if not self.path.is_file():
            return None
        with self._book.open() as book:
            row = book.execute("SELECT content FROM facts WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        try:
            return zlib.decompress(row[0]).decode()
        except (zlib.error, UnicodeDecodeError):
            raise RefusedRelease(
                f"Facts of a release in {self.path.name} are not as they were sealed.", where=str(self.path)
            ) from None

    def _digest(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), digest_size=16, key=self._key).hexdigest()
