"""Who was in a released group, kept so that a person can be erased and the group still be recognised.

Every person has a random secret, and is in a group as a tag: a digest of the group's number under that secret.
With the secrets the ledger counts how many people of a new group were in an earlier one. Erasing a person destroys
the secret: the tags stay, belong to nobody, and still count; so an erased person cannot be found, and a group that
shrank by an erasure is still seen to differ. On disk all of this is encrypted under the study's key: without it not
even the sizes of groups and of what they share can be counted.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np

from segment.disclosure.ledger.answers import MISSING, Sketch
from segment.disclosure.ledger.record_linkage import COLUMNS, partners
from segment.disclosure.ledger.roll import Kept, Turn
from segment.governance.encryption import SealedBook

_TAG_BYTES = 16
#: Sketches of answers that are kept in memory: one per source of a release, and the next.
_REMEMBERED = 8
#: People whose answers are spelled out at a time.
_BLOCK = 4096
_TABLES = (
    "secrets (person BLOB PRIMARY KEY, secret BLOB NOT NULL)",
    "further (person BLOB, secret BLOB, PRIMARY KEY (person, secret))",
    "tags (released TEXT, tag BLOB, PRIMARY KEY (released, tag))",
    "asked (released TEXT PRIMARY KEY, columns TEXT NOT NULL)",
    "cells (released TEXT, tag BLOB, said BLOB, PRIMARY KEY (released, tag))",
    "aliases (person BLOB PRIMARY KEY, name BLOB NOT NULL)",
    "turn (one INTEGER PRIMARY KEY CHECK (one = 1), earlier TEXT, later TEXT, why TEXT)",
)


class Members:
    """The people of released groups in an SQLite file of its own, apart from the ledger that commits to them.

    Parameters
    ----------
    path
        The file, encrypted; made when missing. It never holds a pseudonym.
    key
        Secret of the ledger: without it neither people nor commitments can be recomputed.
    """

    def __init__(self, path: Path | str, *, key: bytes) -> None:
        self.path = Path(path)
        self._key = hashlib.blake2b(key, digest_size=32).digest()
        self._book = SealedBook(self.path, key=key, tables=_TABLES)
        self._inside: dict[str, frozenset[bytes]] = {}
        self._known: frozenset[tuple[bytes, bytes]] = frozenset()
        self._aliases: dict[bytes, bytes] | None = None
        self._taken: tuple[int, frozenset[bytes]] = (0, frozenset())
        self._digested: dict[bytes, np.ndarray] = {}
        self._own_names: dict[str, bytes] = {}

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._book.open()

    def problem(self) -> str | None:
        """None when the file can be read with this key, else what is wrong in words."""
        return self._book.problem()

    def add(self, groups: Mapping[str, Collection[str]]) -> dict[str, bytes]:
        """Remember the people of new groups, all or none; returns the commitment to each."""
        people = frozenset().union(*groups.values())
        secrets, own = self.secrets(people), {self._own(person): self._name(person) for person in people}
        self._names().update({one: name for one, name in own.items() if name != one})  # for good
        fresh = {self._name(person): os.urandom(32) for person in people - secrets.keys()}
        secrets |= {person: fresh[self._name(person)] for person in people - secrets.keys()}
        tags = {(number, _tag(secrets[person], number)) for number, inside in groups.items() for person in inside}
        with self._open() as book, self._turning(book, "release"):
            book.executemany("INSERT INTO secrets VALUES (?, ?)", sorted(fresh.items()))
            book.executemany("INSERT INTO tags VALUES (?, ?)", sorted(tags))
            book.executemany("INSERT OR REPLACE INTO aliases VALUES (?, ?)", sorted(self._names().items()))
        return {number: self.commitment(number) for number in groups}

    def commitment(self, released: str) -> bytes:
        """Keyed digest of the group's number and its sorted tags: nobody can be added, taken out or exchanged."""
        digest = hashlib.blake2b(released.encode(), digest_size=32, key=self._key)
        with self._open() as book:
            for (tag,) in book.execute("SELECT tag FROM tags WHERE released = ? ORDER BY tag", (released,)):
                digest.update(tag)
            for (columns,) in book.execute("SELECT columns FROM asked WHERE released = ?", (released,)):
                digest.update(columns.encode())
            for tag, said in book.execute("SELECT tag, said FROM cells WHERE released = ? ORDER BY tag", (released,)):
                digest.update(tag + said)
        return digest.digest()

    def inside(
        self, released: Iterable[str], people: Collection[str], *, others: bool = False
    ) -> dict[str, frozenset[str]]:
        """Which of these people were in each of the groups; erased people are in none.

        With ``others`` everyone else who is not erased as well, called by a keyed digest of who they are.
        """
        names = {self._name(person): person for person in people}
        secrets = frozenset([*self._secrets().items(), *self._further()])
        if secrets != self._known:
            self._inside, self._known = {}, secrets
        for number in released:
            if number not in self._inside:
                tags = self._tags(number)
                self._inside[number] = frozenset(name for name, one in secrets if _tag(one, number) in tags)
        return {
            number: frozenset(names.get(name, name.hex()) for name in self._inside[number] if others or name in names)
            for number in released
        }

    def remember_answers(self, number: str, answers: Sketch) -> None:
        """Keep the sketch of a source's answers, all or none; who is in it must have been added before."""
        secrets = self.secrets(answers.people)
        rows = sorted(
            (number, _tag(secrets[person], number), row.tobytes())
            for person, row in zip(answers.people, self._said(answers, secrets), strict=True)
            if person in secrets
        )
        with self._open() as book:
            book.execute("INSERT INTO asked VALUES (?, ?)", (number, json.dumps(list(answers.columns))))
            book.executemany("INSERT INTO cells VALUES (?, ?, ?)", rows)

    def answers_of(self, number: str, people: Collection[str]) -> Sketch:
        """The sketch kept under a number, of everyone who is not erased; ``people`` go by their names."""
        names = {self._name(person): person for person in people}
        columns = self.asked(number)
        with self._open() as book:
            kept = dict(book.execute("SELECT tag, said FROM cells WHERE released = ?", (number,)).fetchall())
        found = {
            names.get(name, name.hex()): kept[tag]
            for name, secret in self._secrets().items()
            if (tag := _tag(secret, number)) in kept
        }
        said = np.frombuffer(b"".join(found.values()), dtype=np.uint16).reshape(len(found), len(columns))
        return Sketch(tuple(found), columns, said)

    def asked(self, number: str) -> tuple[str, ...]:
        """The questions of an earlier source."""
        with self._open() as book:
            row = book.execute("SELECT columns FROM asked WHERE released = ?", (number,)).fetchone()
        return tuple(json.loads(row[0])) if row else ()

    def spelled(self, number: str, people: Sequence[str], words: Sequence[str]) -> Sketch:
        """What these people said in an earlier source, of these words; nothing where it was another. Who was in it."""
        secrets, columns = self.secrets(people), self.asked(number)
        with self._open() as book:
            kept = dict(book.execute("SELECT tag, said FROM cells WHERE released = ?", (number,)).fetchall())
        there = {p: tag for p in people if p in secrets and (tag := _tag(secrets[p], number)) in kept}
        said = np.full((len(there), len(columns)), "", dtype=object)
        for row, (person, tag) in enumerate(there.items()):
            for place, told in enumerate(np.frombuffer(kept[tag], dtype=np.uint16)):
                spelled = (word for word in words if _said(secrets[person], columns[place], word) == told)
                said[row, place] = "" if told == MISSING else next(spelled, "")
        return Sketch(tuple(there), columns, said)

    def sketch(self, answers: Sketch) -> Sketch:
        """Answers as they would be kept, of those people who were in a group before."""
        secrets = self.secrets(answers.people)
        there = [place for place, person in enumerate(answers.people) if person in secrets]
        known = Sketch(tuple(answers.people[place] for place in there), answers.columns, answers.said[there])
        return Sketch(known.people, known.columns, self._said(known, secrets))

    def recognise(self, number: str, answers: Sketch) -> int:
        """Call people by the names of those in an earlier sketch who answered the same; returns how many these are.

        For sources whose people do not go by the names they had. Who was recognised before keeps that name; a person
        who has the old name of somebody else, and is nobody of the sketch, goes by a name of their own from then on.
        The names are kept.
        """
        people = [place for place, person in enumerate(answers.people) if self._own(person) not in self._names()]
        asked = Sketch(tuple(answers.people[place] for place in people), answers.columns, answers.said[people])
        now, options = _as_numbers(asked)
        there, columns, earlier = self._as_numbers_of(number, options, without=set(self._names().values()))
        found = partners(earlier, now[:, [answers.columns.index(column) for column in columns]])
        if (found < 0).all():
            return 0
        for person, place in zip(asked.people, found, strict=True):
            own = self._own(person)
            if place >= 0:
                self._names()[own] = there[place]
            elif own in there:
                self._names()[own] = self._somebody_else(person)
        with self._open() as book:
            book.executemany("INSERT OR REPLACE INTO aliases VALUES (?, ?)", sorted(self._names().items()))
        return int((found >= 0).sum())

    def _as_numbers_of(
        self, number: str, options: Mapping[str, Sequence[str]], *, without: Collection[bytes]
    ) -> tuple[list[bytes], list[str], np.ndarray]:
        """Who is in a sketch, some questions of it, and the answers as numbers of these options; -1 for another."""
        with self._open() as book:
            kept = dict(book.execute("SELECT tag, said FROM cells WHERE released = ?", (number,)).fetchall())
        common = [(place, one) for place, one in enumerate(self.asked(number)) if one in options]
        common = common[:: max(1, len(common) // COLUMNS)]
        there = [
            (name, secret, tag) for name, secret in self._secrets().items() if (tag := _tag(secret, number)) in kept
        ]
        there = [one for one in there if one[0] not in without]
        found = np.zeros((len(there), len(common)), dtype=np.int32)
        for row, (_, secret, tag) in enumerate(there):
            told = np.frombuffer(kept[tag], dtype=np.uint16)
            for at, (place, column) in enumerate(common):
                digests = (_said(secret, column, word) for word in options[column])
                number_of = (code for code, digest in enumerate(digests, 1) if digest == told[place])
                found[row, at] = MISSING if told[place] == MISSING else next(number_of, -1)
        return [name for name, _, _ in there], [column for _, column in common], found

    def _names(self) -> dict[bytes, bytes]:
        if self._aliases is None:
            with self._open() as book:
                self._aliases = dict(book.execute("SELECT person, name FROM aliases").fetchall())
        return self._aliases

    def _said(self, answers: Sketch, secrets: Mapping[str, bytes]) -> np.ndarray:
        """Keyed digests of every answer, under the person's own secret (two bytes each).

        The last few are remembered by what they are made of: every table of one release asks for the same ones.
        """
        made_of = hashlib.sha256(repr((answers.people, answers.columns)).encode())
        for part in (*_in_blocks(answers.said), *(secrets.get(person, b"") for person in answers.people)):
            made_of.update(len(part).to_bytes(8, "little") + part)
        known = made_of.digest()
        if known not in self._digested:
            while len(self._digested) >= _REMEMBERED:
                self._digested.pop(next(iter(self._digested)))
            self._digested[known] = self._digests(answers, secrets)
        return self._digested[known]

    def _digests(self, answers: Sketch, secrets: Mapping[str, bytes]) -> np.ndarray:
        said = np.zeros(answers.said.shape, dtype=np.uint16)
        for row, person in enumerate(answers.people):
            if person in secrets:
                for place, column in enumerate(answers.columns):
                    said[row, place] = _said(secrets[person], column, str(answers.said[row, place]))
        said.setflags(write=False)  # it is handed out more than once
        return said

    def sizes(self) -> dict[str, int]:
        """People in every group when it was released, erased ones included."""
        with self._open() as book:
            return dict(book.execute("SELECT released, COUNT(*) FROM tags GROUP BY released").fetchall())

    def released_with(self, person: str, among: Iterable[str]) -> list[str]:
        """Which of the groups the person was in; none once erased."""
        return [number for number, people in self.inside(among, [person]).items() if people]

    def erase(self, people: Collection[str], *, why: str = "erase") -> int:
        """Destroy these people's secrets, all or none; returns how many had one."""
        names = [(self._name(person),) for person in people]
        with self._open() as book, self._turning(book, why):
            book.executemany("DELETE FROM further WHERE person = ?", names)
            book.executemany("DELETE FROM aliases WHERE name = ?", names)
            return book.executemany("DELETE FROM secrets WHERE person = ?", names).rowcount

    def copy_to(self, other: Members, people: Mapping[str, str]) -> int:
        """Copy everything to another file under another key; ``people`` says who is called what there.

        The secrets and tags stay as they are, so every group keeps its people. Whoever has a secret there already has
        this one as a further one. Who is not among ``people`` counts like an erased person from then on; returns how
        many these are.
        """
        with self._open() as book:
            kept = dict(book.execute("SELECT person, secret FROM secrets").fetchall())
            more = book.execute("SELECT person, secret FROM further").fetchall()
            tags = book.execute("SELECT released, tag FROM tags").fetchall()
            asked = book.execute("SELECT released, columns FROM asked").fetchall()
            cells = book.execute("SELECT released, tag, said FROM cells").fetchall()
        names = [(self._name(old), other._name(new)) for old, new in people.items()]
        rows = [(new, kept[old]) for old, new in names if old in kept]
        again = dict(names)
        further = [(again[old], secret) for old, secret in more if old in again]
        with other._open() as book, other._turning(book, "rekey"):
            there = dict(book.execute("SELECT person, secret FROM secrets").fetchall())
            further += [row for row in rows if there.get(row[0], row[1]) != row[1]]
            book.executemany("INSERT INTO secrets VALUES (?, ?)", [row for row in rows if row[0] not in there])
            book.executemany("INSERT OR IGNORE INTO further VALUES (?, ?)", further)
            book.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", tags)
            book.executemany("INSERT OR IGNORE INTO asked VALUES (?, ?)", asked)
            book.executemany("INSERT OR IGNORE INTO cells VALUES (?, ?, ?)", cells)
        return len(kept) - len(rows)

    def roll(self) -> Kept:
        """Which people have a secret, as a keyed digest, and how that changed last."""
        with self._open() as book:
            row = book.execute("SELECT earlier, later, why FROM turn").fetchone()
            nobody = book.execute("SELECT COUNT(*) FROM secrets").fetchone()[0] == 0
            return Kept(self._rolled(book), Turn(*row) if row else None, nobody)

    @contextmanager
    def _turning(self, book: sqlite3.Connection, why: str) -> Iterator[None]:
        """Keep how the block changed the roll, in the same write."""
        before = self._rolled(book)
        yield
        after = self._rolled(book)
        if after != before:
            book.execute("INSERT OR REPLACE INTO turn VALUES (1, ?, ?, ?)", (before, after, why))

    def _rolled(self, book: sqlite3.Connection) -> str:
        digest = hashlib.blake2b(b"roll", digest_size=32, key=self._key)
        for person, secret in book.execute("SELECT person, secret FROM secrets ORDER BY person"):
            digest.update(person + secret)
        for person, secret in book.execute("SELECT person, secret FROM further ORDER BY person, secret"):
            digest.update(person + secret)
        return digest.hexdigest()

    def keep_only(self, released: Collection[str]) -> None:
        """Drop groups that never came into the ledger (a crash between the two files)."""
        with self._open() as book:
            for table in ("tags", "cells", "asked"):
                there = {row[0] for row in book.execute(f"SELECT DISTINCT released FROM {table}")}
                gone = [(number,) for number in sorted(there - set(released))]
                book.executemany(f"DELETE FROM {table} WHERE released = ?", gone)

    def _own(self, person: str) -> bytes:
        """The keyed digest that a person goes by, before anybody was recognised."""
        if person not in self._own_names:
            self._own_names[person] = _digest(person, self._key)
        return self._own_names[person]

    def _name(self, person: str) -> bytes:
        own = self._own(person)
        names = self._names()
        if own in names:
            return names[own]
        if len(names) != self._taken[0]:
            self._taken = (len(names), frozenset(names.values()))
        return self._somebody_else(person) if own in self._taken[1] else own

    def _somebody_else(self, person: str) -> bytes:
        """The name of a person whose own one somebody else has, who was recognised under another identifier."""
        return _digest(f"{person}, somebody else", self._key)

    def secrets(self, people: Collection[str], *, others: bool = False) -> dict[str, bytes]:
        """The secrets of those people who were in a group before and are not erased; of all others as well if asked."""
        names = {self._name(person): person for person in people}
        kept = self._secrets()
        return {names.get(name, name.hex()): secret for name, secret in kept.items() if others or name in names}

    def _secrets(self) -> dict[bytes, bytes]:
        with self._open() as book:
            return dict(book.execute("SELECT person, secret FROM secrets").fetchall())

    def _further(self) -> list[tuple[bytes, bytes]]:
        """Second secrets of people who were known under two keys; answers are compared under the first one only."""
        with self._open() as book:
            return book.execute("SELECT person, secret FROM further").fetchall()

    def _tags(self, released: str) -> set[bytes]:
        with self._open() as book:
            return {row[0] for row in book.execute("SELECT tag FROM tags WHERE released = ?", (released,))}


def _as_numbers(answers: Sketch) -> tuple[np.ndarray, dict[str, list[str]]]:
    """Answers as numbers from 1 (zero: left open), and the word behind each number, by question."""
    options: dict[str, list[str]] = {}
    found = np.zeros(answers.said.shape, dtype=np.int32)
    for at, column in enumerate(answers.columns):
        options[column] = sorted({str(word) for word in answers.said[:, at] if word})
        code = {word: number for number, word in enumerate(options[column], 1)}
        found[:, at] = [code.get(str(word), MISSING) for word in answers.said[:, at]]
    return found, options


def _digest(person: str, key: bytes) -> bytes:
    return hashlib.blake2b(person.encode(), digest_size=16, key=key).digest()


def _in_blocks(said: np.ndarray) -> Iterator[bytes]:
    """Answers as bytes, some thousand people at a time: as one array of equally long texts they would fill memory."""
    for start in range(0, len(said), _BLOCK):
        texts = said[start : start + _BLOCK].astype(str)
        yield f"{texts.shape} {texts.dtype.str} ".encode() + texts.tobytes()


def _said(secret: bytes, column: str, answer: str) -> int:
    """A keyed digest of one answer in two bytes; zero for a question that was left open."""
    if not answer:
        return MISSING
    digest = hashlib.blake2b(f"{column}\n{answer}".encode(), digest_size=2, key=secret, person=b"segment answers")
    return int.from_bytes(digest.digest(), "little") or 1


def _tag(secret: bytes, released: str) -> bytes:
    return hashlib.blake2b(released.encode(), digest_size=_TAG_BYTES, key=secret).digest()
