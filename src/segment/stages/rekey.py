"""A change of the pseudonym key: everybody gets another pseudonym, and nothing that was released is forgotten.

Files under the new key are made beside the old ones; only when all of them are there are they put in place, in one go
that needs no key and can be repeated. Until then the study is as it was, under the old key.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from segment.disclosure.ledger.rekeying import rekey_books
from segment.disclosure.ledger.shared import merge_ledgers
from segment.errors import Refusal
from segment.governance.anchors import Anchor, anchor_file
from segment.governance.decisions import refuse_nobody
from segment.governance.organisation import Organisation, ledger_file, organisation_key, resealed
from segment.governance.pseudonyms import key_in_file
from segment.ingest import renamed_people, renamed_ties
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, current_receipt, open_study, stage_key
from segment.stages.exclusive import alone
from segment.stages.keys import END_BOOKS, NAME, STEPS, WAITING, fingerprint
from segment.stages.observation_window import FILE as EXCLUDED
from segment.stages.recovery import complete_interrupted
from segment.stages.rights.erasure import tables_about_people
from segment.stages.rights.exclusion import Excluded, reference_of
from segment.stages.rights.traces import codes_left
from segment.store import Store, digest_file, read_json, save_json
from segment.vocabulary import DataKind
from segment.workspace.transaction import Transaction

_CODE = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_BOOKS = ("ledger.db", "members.db")


@dataclass(frozen=True)
class _Change:
    """A change of key: the study under the old key, under the new one (beside the old), and who is called what."""

    old: OpenStudy
    new: OpenStudy
    people: Mapping[str, str]
    ties: Mapping[str, str]

    @property
    def waiting(self) -> Path:
        """Where files under the new key are made."""
        return self.old.workspace / WAITING

    def references(self) -> dict[str, str]:
        """How books speak of people: old reference to new."""
        return {reference_of(self.old, a): reference_of(self.new, b) for a, b in self.people.items()}


@alone("rekey")
def rekey_study(
    study: Path, *, new_key_file: Path, by: str, reason: str, let_go: bool = False, overrides: Sequence[str] = ()
) -> list[str]:
    """Give everybody in a study another pseudonym, under a new key; returns what was done.

    The raw exports tell who is who, so they must be the ones the study was last run on.

    Parameters
    ----------
    new_key_file
        A file outside the project with the new key.
    by, reason
        Who decides, and why; both are written into the event log.
    let_go
        Accept that people who were erased or objected, and stand in no export any more, can no longer be kept out.

    Raises
    ------
    Refusal
        Data without a key of their own, the same key, nobody who decides, tables that know people the exports do not,
        or people who could no longer be kept out.
    RefusedRelease
        The books are not as they were written, or not the newest.
    """
    refuse_nobody("A change of key", by=by, reason=reason)
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    with Transaction(opened.workspace, doing="rekey", steps=STEPS) as swap:
        change = _begin(opened, _new_key(opened, new_key_file))
        lost = _refuse_lost(change, let_go=let_go)
        change.waiting.mkdir(parents=True, mode=0o700)
        _tables(change)
        gone = _handover(change)
        _excluded(change)
        unknown = _books(change, by=by, reason=reason)
        _organisation(change, new_key_file, by=by, reason=reason)
        _receipts(change)
        save_json(change.waiting / NAME, {"key_id": change.new.key_id})
        _swap(change, swap, gone=[*gone, opened.receipts / "publish.json"])
    _keep_heads(opened, change, new_key_file)
    _refuse_traces(opened, change)
    return _say(opened, change, unknown=unknown, lost=lost)


def _new_key(opened: OpenStudy, file: Path) -> bytes:
    if opened.config.data != DataKind.PERSONAL:
        raise Refusal(
            "This study has no key of its own to change.",
            expected="data: personal",
            came=f"data: {opened.config.data}, whose key anybody can derive",
        )
    key = key_in_file(file, opened.study, where="--new-key-file")
    if fingerprint(key) == opened.key_id:
        raise Refusal("The new key is the one the study has.", expected="another key", where="--new-key-file")
    return key


def _begin(opened: OpenStudy, key: bytes) -> _Change:
    """The change, with everybody the raw exports name; refuses when the tables know others."""
    people = renamed_people(opened.study, old=opened.key, new=key)
    strangers: set[str] = set()
    for _, frame in tables_about_people(opened):
        strangers |= set(frame["person"].dropna()) - people.keys()
    if strangers:
        raise Refusal(
            "The tables know people whom the raw exports do not name any more.",
            expected="exports that the study was last run on",
            came=f"{len(strangers)} people in tables only",
            advice="run the study on these exports first, then change the key",
        )
    beside = opened.config.model_copy(update={"workspace": str(opened.workspace / WAITING)})
    study = dataclasses.replace(opened.study, config=beside)
    store = Store(opened.workspace / WAITING / "tables", opened.store.models)
    ties = renamed_ties(opened.study, old=opened.key, new=key)
    return _Change(opened, OpenStudy(study, store, key), people, ties)


def _refuse_lost(change: _Change, *, let_go: bool) -> int:
    """How many people could no longer be kept out, because no export names them; refuses unless that is accepted."""
    lost = len(Excluded.of(change.old).reasons.keys() - change.references().keys())
    if lost and not let_go:
        raise Refusal(
            "Under a new key some people could no longer be kept out.",
            expected="exports that still name everybody who was erased, objected or was purged",
            came=f"{lost} who stand in no export any more",
            advice="change the key with the last exports that name them; or, when no export will ever name them again, "
            "say so with --let-go",
        )
    return lost


def _tables(change: _Change) -> None:
    for path, frame in tables_about_people(change.old):
        target = change.waiting / "tables" / path.name
        target.parent.mkdir(exist_ok=True, mode=0o700)
        renamed = frame.assign(person=frame["person"].map(change.people).astype(frame["person"].dtype))
        if path.stem == "identities":
            keys = {"old": change.old.key, "new": change.new.key}
            renamed["tie"] = resealed(renamed.assign(before=frame["person"]), ties=change.ties, **keys)
        _write(target, renamed)


def _write(path: Path, frame: pd.DataFrame) -> None:
    frame.to_parquet(path, index=False)
    path.chmod(0o600)
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _handover(change: _Change) -> list[Path]:
    """Files about single people under their new codes; returns those that lie elsewhere from now on, or nowhere."""
    root, gone = change.old.workspace, []
    for path in sorted((root / "handover").rglob("*")):
        if not path.is_file():
            continue
        name, strangers = _renamed(path.relative_to(root).as_posix(), change.people)
        target = change.waiting / name
        if strangers:
            gone.append(path)
            continue
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            known = frame[frame["person"].isin(change.people)].reset_index(drop=True)
            known = known.assign(person=known["person"].map(change.people).astype(known["person"].dtype))
            _write(target, known.sort_values("person", ignore_index=True))
        else:
            text, _ = _renamed(path.read_text(encoding="utf-8"), change.people)
            target.write_text(text, encoding="utf-8")
            target.chmod(0o600)
        gone += [path] if root / name != path else []
    return gone


def _renamed(text: str, people: Mapping[str, str]) -> tuple[str, bool]:
    """A text with every pseudonym replaced, and whether it holds a code that belongs to nobody known."""
    codes = _CODE.findall(text)
    return _CODE.sub(lambda found: people.get(found[0], found[0]), text), any(code not in people for code in codes)


def _excluded(change: _Change) -> None:
    excluded, references = Excluded.of(change.old), change.references()
    kept = {references[one]: why for one, why in excluded.reasons.items() if one in references}
    if excluded.reasons or excluded.purged_until is not None:
        dataclasses.replace(excluded, reasons=kept).save(change.new)
        (change.waiting / EXCLUDED).chmod(0o600)


def _books(change: _Change, *, by: str, reason: str) -> int:
    old, new = ((folder / _BOOKS[0], folder / _BOOKS[1]) for folder in (change.old.workspace, change.waiting))
    return rekey_books(
        old,
        new,
        keys=(change.old.key, change.new.key),
        people=change.people,
        references=change.references(),
        decided={"by": by, "reason": reason},
    )


def _organisation(change: _Change, new_key_file: Path, *, by: str, reason: str) -> None:
    """The ledger of all studies under the new key, which knows what the one under the old key does.

    It is written before the study changes: lines that it holds too early can only hide too much.
    """
    old, variable = change.old.organisation, f"{change.old.config.privacy.key}_FILE"
    named = {variable: str(new_key_file)} if os.environ.get(variable) else {}
    file = ledger_file(change.old.study, change.new.key_id, {**os.environ, **named})
    if old is None or file is None:
        return
    changed = {"from": change.old.key_id, "to": change.new.key_id, "by": by, "reason": reason}
    merge_ledgers(old, Organisation(file, organisation_key(change.new.key)), ties=change.ties, changed=changed)


def _receipts(change: _Change) -> None:
    """Receipts of stages that were up to date still are: their tables are the same, under other codes.

    All but that of publish, whose files speak of the key.
    """
    for name, stage in STAGES_IN_ORDER.items():
        if name == "publish" or current_receipt(stage, change.old) is None:
            return
        content = read_json(change.old.receipts / f"{name}.json")
        for table, entry in content["tables"].items():
            fresh = change.new.store.table_path(table)
            entry["sha256"] = digest_file(fresh) if fresh.is_file() else entry["sha256"]
        save_json(change.new.receipts / f"{name}.json", {**content, "key": stage_key(stage, change.new)})


def _swap(change: _Change, swap: Transaction, *, gone: Collection[Path]) -> None:
    """Let everything that waits take its place; ``gone``: files of the workspace that have no place any more."""
    ended = change.old.anchor.ended(to=change.new.key_id)
    if ended is not None:
        swap.then(END_BOOKS, ended)
    made = sorted(path for path in change.waiting.rglob("*") if path.is_file() and path.suffix != ".lock")
    places = {change.old.workspace / path.relative_to(change.waiting): path for path in made}
    for place, fresh in places.items():
        swap.put(fresh, place)
    for path in sorted(set(gone) - places.keys()):
        swap.remove(path)


def _keep_heads(opened: OpenStudy, change: _Change, new_key_file: Path) -> None:
    """Heads of the books under the new key, beside that key: from here on an older copy is told from the newest."""
    named = {**os.environ, f"{opened.config.privacy.key}_FILE": str(new_key_file)}
    file = anchor_file(opened.study, change.new.key_id, named)
    Anchor(file, opened.book, change.new.key).keep()


def _refuse_traces(opened: OpenStudy, change: _Change) -> None:
    left = codes_left(opened, change.people.keys())
    if left:
        raise Refusal(
            "The key was changed, and some files still hold codes under the old key.",
            expected="no file of the workspace that holds a code under the old key",
            came="; ".join(left[:10]),
            advice="remove these files by hand, and report it: nothing should have written them",
        )


def _say(opened: OpenStudy, change: _Change, *, unknown: int, lost: int) -> list[str]:
    variable = opened.config.privacy.key
    said = [
        f"{len(change.people):,} people have another code now; key {opened.key_id} became {change.new.key_id}.",
        "  every released group is still known: what differs by a few people stays hidden as before",
    ]
    if unknown:
        said.append(
            f"  {unknown} people of released groups stand in no export; they count like erased ones from now on"
        )
    if lost:
        said.append(f"  {lost} people are no longer kept out, as was accepted")
    return [
        *said,
        f"  from now on: {variable}_FILE names the new key; then publish again: segment run STUDY",
        "  keep the old key only as long as backups under it exist, then destroy both",
    ]
