"""The organisation's books: one release ledger per key for all its studies and workspaces, and its people.

Two studies call a person by two pseudonyms, so that nobody can join their tables. The organisation's ledger has to know
that it is the same person, and does so by a tie: a third pseudonym under the same key. In a study's tables it lies
sealed: two studies hold two different words for it, and only the key makes them one again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from filelock import FileLock

from segment.config import Study
from segment.errors import InvalidInput
from segment.governance.chain import Chain
from segment.governance.pseudonyms import Pseudonymiser
from segment.store import make_private
from segment.vocabulary import DataKind

#: Names the organisation's ledger (a file that ends in .db), or a folder for it.
LEDGER = "SEGMENT_LEDGER"
_PURPOSE = "organisation"


def organisation_key(key: bytes) -> bytes:
    """The key of the organisation's books, from the pseudonym key (32 bytes)."""
    return hashlib.blake2b(key, digest_size=32, person=b"segment organi").digest()


def organisation_ties(key: bytes) -> Pseudonymiser:
    """Makes ties: who a person is in all studies under the key."""
    return Pseudonymiser(key, _PURPOSE)


def sealed_ties(raw_ids: pd.Series, persons: pd.Series, *, key: bytes) -> pd.Series:
    """For each person the tie as it may lie in a table: under a pad of this study's pseudonym.

    Parameters
    ----------
    raw_ids, persons
        Identifiers (text) and the pseudonyms that stand for them, row by row; none missing.
    """
    ties = organisation_ties(key).persons(raw_ids)
    sealed = [_padded(tie, person, key) for tie, person in zip(ties, persons, strict=True)]
    return pd.Series(sealed, index=persons.index, dtype="str")


def ties_of(identities: pd.DataFrame, *, key: bytes) -> dict[str, str]:
    """Person to tie, from a study's table ``identities``.

    >>> key = bytes(range(32))
    >>> raw = pd.Series(["007"])
    >>> ties = []
    >>> for study in ("one", "other"):
    ...     persons = Pseudonymiser(key, study).persons(raw)
    ...     table = pd.DataFrame({"person": persons, "tie": sealed_ties(raw, persons, key=key)})
    ...     ties.append((table["tie"][0], ties_of(table, key=key)[persons[0]]))
    >>> ties[0][0] == ties[1][0], ties[0][1] == ties[1][1]
    (False, True)
    """
    pairs = zip(identities["person"], identities["tie"], strict=True)
    return {person: _padded(tie, person, key) for person, tie in pairs}


def resealed(identities: pd.DataFrame, *, old: bytes, new: bytes, ties: Mapping[str, str]) -> pd.Series:
    """The ties of a table under another key; ``person`` must hold the new pseudonyms, ``before`` the old ones."""
    rows = zip(identities["tie"], identities["before"], identities["person"], strict=True)
    return pd.Series([_padded(ties[_padded(tie, was, old)], now, new) for tie, was, now in rows], dtype="str")


def _padded(tie: str, person: str, key: bytes) -> str:
    """A tie under its person's pad; done twice it is the tie again."""
    pad = hashlib.blake2b(person.encode(), digest_size=16, key=organisation_key(key), person=b"segment tie").digest()
    return bytes(a ^ b for a, b in zip(bytes.fromhex(tie), pad, strict=True)).hex()


def ledger_file(study: Study, key_id: str, environment: Mapping[str, str], *, home: Path | None = None) -> Path | None:
    """Where the organisation's ledger lies; nothing for simulated and public data, whose key anybody can derive.

    ``SEGMENT_LEDGER`` names it, or a folder for it. Else it lies beside the key file, else in the user's folder for
    what programs remember (``XDG_STATE_HOME``, else ``~/.local/state``), under the key's fingerprint.

    Raises
    ------
    InvalidInput
        It would lie in the workspace, and would be copied and rolled back with it.
    """
    if study.config.data != DataKind.PERSONAL:
        return None
    name, chosen = f"{key_id}.ledger.db", environment.get(LEDGER, "")
    key = environment.get(f"{study.config.privacy.key}_FILE", "")
    if chosen:
        file = Path(chosen).resolve()
        file = file if file.suffix == ".db" else file / name
        if file.is_relative_to(study.workspace.resolve()):
            raise InvalidInput(
                "The organisation's ledger would lie in the workspace of one study.",
                expected="a place outside every workspace, that all studies under the key can reach",
                where=f"environment variable {LEDGER}",
            )
        return file
    if key:
        return Path(key).resolve().parent / name
    state = environment.get("XDG_STATE_HOME", "")
    return (Path(state) if state else (home or Path.home()) / ".local" / "state") / "segment" / name


@dataclass(frozen=True)
class Organisation:
    """The organisation's books: the file of the ledger, the people of its groups beside it, and their key."""

    file: Path
    key: bytes = field(repr=False)

    @property
    def members(self) -> Path:
        """The people of its groups, encrypted."""
        return self.file.with_name(self.file.name.removesuffix(".db") + ".members.db")

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the books."""
        return self.file, self.members

    def chain(self) -> Chain:
        """The lines of the ledger; its file is made when missing, for its owner alone."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        book = Chain(self.file, name="releases", key=self.key)
        make_private(self.file)
        return book

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else asks or writes the ledger while the block runs: studies that publish at once take turns."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self.file.with_name(f".{self.file.name}.turn"), mode=0o600, is_singleton=True):
            yield
