"""Which key a workspace belongs to, and the last step of a change of key, which needs no key at all.

A study on personal data keeps its pseudonyms, ledger and memberships under one key. With another key nobody would be
recognised, and two releases could be subtracted; so a workspace remembers its key's fingerprint and refuses others.
"""

from __future__ import annotations

from segment.config import Study
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.errors import Refusal
from segment.governance.anchors import end_books
from segment.governance.chain import Chain
from segment.governance.events import EventLog
from segment.governance.pseudonyms import Pseudonymiser
from segment.store import read_json, save_json
from segment.vocabulary import DataKind
from segment.workspace.lock import alone_in
from segment.workspace.transaction import ROOM, complete, pending

NAME = "key.json"
#: Where the files under a new key wait.
WAITING = f"{ROOM}/rekey"
#: What a change of key does beyond files.
END_BOOKS = "end-books"
STEPS = {END_BOOKS: end_books}


def fingerprint(key: bytes) -> str:
    """The fingerprint of a key, safe to publish."""
    return Pseudonymiser(key, "person").key_id


def refuse_other_key(study: Study, key: bytes) -> None:
    """Refuse a key or a kind of data that the workspace does not belong to.

    Anybody can derive the key of simulated and public data: under it nothing may be written beside personal data.

    Raises
    ------
    Refusal
        Says which key is expected.
    """
    path, book = study.workspace / NAME, study.workspace / "ledger.db"
    if not path.is_file():
        if book.is_file() and not Chain(book, name="events", key=key).ours:
            raise _other_key(study, "the one its books were written under", fingerprint(key))
        return
    if study.config.data != DataKind.PERSONAL:
        raise Refusal(
            "This workspace holds personal data.",
            expected="data: personal",
            came=f"data: {study.config.data}, whose key anybody can derive",
            where=str(study.workspace),
            advice="put the study's 'data' back; for other data give the study a workspace of its own",
        )
    expected = str(read_json(path)["key_id"])
    if expected != fingerprint(key):
        raise _other_key(study, expected, fingerprint(key))


def remember_key(study: Study, key: bytes) -> None:
    """Write down which key the workspace belongs to; books that are there already must verify under it.

    Raises
    ------
    Refusal
        The books of this workspace were written under another key.
    """
    path = study.workspace / NAME
    if study.config.data != DataKind.PERSONAL or path.is_file():
        return
    book, members = study.workspace / "ledger.db", study.workspace / "members.db"
    if book.is_file():
        ledger, events = ReleaseLedger(book, members=members, key=key), EventLog(book, key=key)
        if ledger.verify() is not None or events.verify() is not None:
            raise _other_key(study, "the one its books were written under", fingerprint(key))
    save_json(path, {"key_id": fingerprint(key)})


def complete_swap(study: Study) -> None:
    """Complete a change that was interrupted where that takes no key, as a change of key does, and nobody is at it.

    Raises
    ------
    Refusal
        Somebody holds the workspace: the change is being made.
    """
    if pending(study.workspace) is not None:
        with alone_in(study.workspace, doing="complete what was interrupted"):
            complete(study.workspace, beside=(study.models,), steps=STEPS)


def _other_key(study: Study, expected: str, came: str) -> Refusal:
    return Refusal(
        "This workspace belongs to another pseudonym key.",
        expected=f"the key with fingerprint {expected}" if len(expected) == 8 else expected,
        came=f"the key with fingerprint {came}",
        where=str(study.workspace),
        advice="use the key the study was run with; to change it: segment rekey STUDY --new-key-file FILE",
    )
