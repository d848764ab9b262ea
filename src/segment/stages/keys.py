"""Which key a workspace belongs to, and the last step of a change of key, which needs no key at all.

A study on personal data keeps its pseudonyms, ledger and memberships under one key. With another key nobody would be
recognised, and two releases could be subtracted; so a workspace remembers its key's fingerprint and refuses others.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from segment.config import Study
from segment.errors import Refusal
from segment.places import refuse_outside
from segment.privacy import EventLog, ReleaseLedger
from segment.privacy.chain import Chain
from segment.privacy.pseudonyms import Pseudonymiser
from segment.store import read_json, save_json
from segment.vocabulary import DataKind

NAME = "key.json"
#: What is to be put in place, written when everything is ready.
NOTE = "rekey.json"
#: Where the files under the new key wait.
WAITING = ".rekey"


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


def ready_to_swap(workspace: Path, *, gone: Collection[Path]) -> None:
    """Say that everything under ``WAITING`` is complete: from here on the change of key can only be completed.

    ``gone``: files of the workspace that have no place any more.
    """
    waiting = workspace / WAITING
    ready = [path for path in waiting.rglob("*") if path.is_file() and path.suffix != ".lock"]
    ready = [path for path in waiting.rglob("*") if path.is_file() and path.suffix != ".lock"]
    files = sorted(path.relative_to(waiting).as_posix() for path in ready)
    left = sorted(path.relative_to(workspace).as_posix() for path in gone)
    save_json(workspace / NOTE, {"files": files, "gone": left})
    (workspace / NOTE).chmod(0o600)


def complete_swap(workspace: Path) -> bool:
    """Put files that wait under a new key in their places; True when there were any. Every step can be done twice."""
    note = workspace / NOTE
    if not note.is_file():
        return False
    content, waiting = read_json(note), workspace / WAITING
    for name in (*content["files"], *content["gone"]):
        refuse_outside(workspace / name, workspace)
    for name in content["files"]:
        if (waiting / name).is_file():
            (workspace / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (waiting / name).replace(workspace / name)
    for name in content["gone"]:
        if name not in content["files"]:
            (workspace / name).unlink(missing_ok=True)
    for folder in sorted((workspace / "handover").rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    shutil.rmtree(waiting, ignore_errors=True)
    note.unlink()
    return True


def _other_key(study: Study, expected: str, came: str) -> Refusal:
    return Refusal(
        "This workspace belongs to another pseudonym key.",
        expected=f"the key with fingerprint {expected}" if len(expected) == 8 else expected,
        came=f"the key with fingerprint {came}",
        where=str(study.workspace),
        advice="use the key the study was run with; to change it: segment rekey STUDY --new-key-file FILE",
    )
