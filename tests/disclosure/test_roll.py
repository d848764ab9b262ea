"""Secrets of people are committed to the ledger: an old copy put back and secrets taken out are told, and how."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.disclosure.ledger.members import Members
from segment.disclosure.ledger.rekeying import rekey_books
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.errors import RefusedRelease
from segment.governance.pseudonyms import derived_key

KEY = bytes(range(32))
TEAM = [f"p{number}" for number in range(30)]
Ledger = ReleaseLedger


def opened(folder: Path, key: bytes = KEY) -> Ledger:
    return ReleaseLedger(folder / "ledger.db", members=folder / "members.db", key=key)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A folder with a ledger of two releases and an erasure; ``before.db`` is its members before that."""
    folder = tmp_path / "work"
    folder.mkdir()
    ledger = opened(folder)
    ledger.record({"pay": {"team": TEAM}}, source="answers 1", digests={"pay": "1"})
    shutil.copy(folder / "members.db", folder / "first.db")
    ledger.record({"pay": {"team": [f"q{number}" for number in range(30)]}}, source="answers 2", digests={"pay": "2"})
    shutil.copy(folder / "members.db", folder / "before.db")
    ledger.erase("p3")
    assert ledger.verify() is None
    return folder


def secrets_gone(folder: Path, few: int) -> None:
    """What somebody does who has the key and a database program."""
    with Members(folder / "members.db", key=KEY)._open() as members:
        members.execute("DELETE FROM secrets WHERE person IN (SELECT person FROM secrets LIMIT ?)", (few,))


def one_exchanged(folder: Path) -> None:
    with Members(folder / "members.db", key=KEY)._open() as members:
        members.execute("UPDATE secrets SET secret = zeroblob(32) WHERE person = (SELECT MIN(person) FROM secrets)")


ATTACKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "before the erasure": (lambda f: shutil.copy(f / "before.db", f / "members.db"), "An older members.db was put"),
    "after the first release": (lambda f: shutil.copy(f / "first.db", f / "members.db"), "that of line 1 (after a rel"),
    "one secret": (lambda f: secrets_gone(f, 1), "no erasure or purge says so"),
    "five secrets": (lambda f: secrets_gone(f, 5), "no erasure or purge says so"),
    "one exchanged": (one_exchanged, "taken out, added or changed by hand"),
    "all secrets": (lambda f: secrets_gone(f, 99), "is gone or was emptied"),
    "the file": (lambda f: (f / "members.db").unlink(), "is gone or was emptied"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_told_with_what_to_do_and_nothing_is_built_on_it(book: Path, attack: str) -> None:
    do, words = ATTACKS[attack]
    shutil.copy(book / "members.db", book / "newest.db")
    do(book)
    problem = str(opened(book).verify())
    assert words in problem
    assert "Put the newest copy of members.db back." in problem
    head = opened(book).head
    with pytest.raises(RefusedRelease, match="nothing is built on them"):
        opened(book).record({"pay": {"team": TEAM}}, source="answers 3", digests={"pay": "3"})
    with pytest.raises(RefusedRelease, match="nothing is built on them"):
        opened(book).erase("p4")
    assert opened(book).head == head
    shutil.copy(book / "newest.db", book / "members.db")
    assert opened(book).verify() is None
    opened(book).erase("p4")
    assert opened(book).verify() is None


def test_an_erasure_and_a_purge_are_lines_of_the_book_that_say_no_number(book: Path) -> None:
    ledger, before = opened(book), opened(book).public_heads
    ledger.forget(["p5", "p6"], why="purge")
    ledger.forget(["p5"])  # nobody any more: nothing changed, so nothing is written
    with sqlite3.connect(book / "ledger.db") as lines:
        told = [json.loads(text) for (text,) in lines.execute("SELECT content FROM releases ORDER BY number")]
    assert [line.get("secrets", {}).get("why") for line in told] == ["release", "release", "erase", "purge"]
    assert all(set(line["secrets"]) == {"before", "after", "why"} for line in told)
    assert ledger.public_heads == before
    assert ledger.verify() is None


def test_a_change_that_was_cut_short_is_completed_and_no_alarm(book: Path) -> None:
    Members(book / "members.db", key=KEY).erase(["p7"])  # killed before the ledger was told
    assert opened(book).verify() is None
    number = opened(book).head[0]
    opened(book).erase("p8")
    assert opened(book).head[0] == number + 2
    assert opened(book).verify() is None
    shutil.copy(book / "before.db", book / "members.db")
    assert "An older members.db" in str(opened(book).verify())


def test_the_roll_goes_along_under_a_new_key_and_is_held_against_there(book: Path, tmp_path: Path) -> None:
    other, new = derived_key("other"), tmp_path / "new"
    new.mkdir()
    people = {person: f"new {person}" for person in (*TEAM, *(f"q{n}" for n in range(30)))}
    pairs = [(folder / "ledger.db", folder / "members.db") for folder in (book, new)]
    words = {"by": "A. Officer", "reason": "yearly"}
    rekey_books(*pairs, keys=(KEY, other), people=people, references={}, decided=words)
    assert opened(new, other).verify() is None
    shutil.copy(new / "members.db", new / "before.db")
    opened(new, other).erase("new p9")
    assert opened(new, other).verify() is None
    shutil.copy(new / "before.db", new / "members.db")
    assert "that of line 4 (after a change of key)" in str(opened(new, other).verify())


def test_a_changed_roll_is_not_sealed_under_a_new_key(book: Path, tmp_path: Path) -> None:
    secrets_gone(book, 5)
    pairs = [(folder / "ledger.db", folder / "members.db") for folder in (book, tmp_path)]
    words = {"by": "A. Officer", "reason": "yearly"}
    with pytest.raises(RefusedRelease, match="not sealed again"):
        rekey_books(*pairs, keys=(KEY, derived_key("other")), people={}, references={}, decided=words)
