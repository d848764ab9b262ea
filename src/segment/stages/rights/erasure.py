"""Taking people out of every store of a study: all or nothing, also when the machine stops halfway.

What is to be done is decided first (:mod:`segment.workspace.transaction`); every step can be done twice. So an
interrupted removal is completed by whatever runs next, and until then nothing uses the study.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from segment.governance.kept_out import REASONS
from segment.stages.base import OpenStudy
from segment.stages.release.ledgers import events_of, forget, refuse_other_people
from segment.stages.rights.exclusion import Excluded, keep_out_elsewhere, out_elsewhere, reference_of
from segment.store import read_json, save_json, written_atomically
from segment.workspace.lock import LOCK
from segment.workspace.transaction import ROOM, Content, Transaction

#: Who takes people out because another study under the key did.
ELSEWHERE = "another study under the key"
MODELS = ("segmentation", "retention")

#: Reasons after which nothing may tie the person to released groups any more.
_FORGET = ("erase", "purge")


@dataclass(frozen=True)
class Removal:
    """Who is to be taken out and why: pseudonyms, the reason, who asked, and what the event says beside it."""

    people: tuple[str, ...]
    reason: str
    actor: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What a change does beside taking people out: a step by its name, with what it needs; it can be done twice."""

    name: str
    do: Callable[[Content], object]
    content: Mapping[str, object]


def remove(opened: OpenStudy, removal: Removal, *, first: Sequence[Step] = ()) -> dict[str, int]:
    """Take people out of tables, cards, handover and (but for an objection) the ledger's memberships.

    ``first``: other steps of the same change, done before; they happen with it or not at all; alone without people.

    Returns how many rows, files and released groups were concerned. Models hold no person; their cards are marked as
    due for a new fit. The stages' receipts go, so that the next run reads everything again without these people.

    Raises
    ------
    RefusedRelease
        The people of earlier releases are not those the ledger speaks of; nothing is taken out then.
    """
    opened.anchor.refuse_older()
    if removal.reason in _FORGET:
        refuse_other_people(opened)  # before anything is gone, so that it can be put right
    counts: dict[str, int] = {}

    def take_out(content: Content) -> None:
        counts.update(take_people_out(opened, content))

    steps = {step.name: step.do for step in first} | {"take-people-out": take_out}
    with Transaction(opened.workspace, doing=removal.reason, steps=steps) as change:
        for step in first:
            change.then(step.name, step.content)
        if removal.people:
            change.then("take-people-out", {**asdict(removal), "after": events_of(opened).head[0]})
    return counts


def take_out_elsewhere(opened: OpenStudy, identities: pd.DataFrame) -> None:
    """Take out who was erased or objects in another study under the key, and tell the others whom this one takes out.

    ``identities``: one row per person that the study or its exports know, with the tie.
    """
    here = Excluded.of(opened).reasons
    own = {person: here.get(reference_of(opened, person), "") for person in identities["person"]}
    keep_out_elsewhere(opened, identities, {person: why for person, why in own.items() if why})
    known = out_elsewhere(opened, identities)
    for reason in REASONS:
        more = {"": REASONS, "object": ("erase",)}
        people = sorted(person for person, why in known.items() if why == reason in more.get(own[person], ()))
        if people:
            remove(opened, Removal(tuple(people), reason, ELSEWHERE))


def take_people_out(opened: OpenStudy, content: Content) -> dict[str, int]:
    """The step of a removal: everything about these people goes, from every store. It can be done twice."""
    removal = Removal(tuple(content["people"]), content["reason"], content["actor"], content["detail"])
    people = frozenset(removal.people)
    references = sorted(reference_of(opened, person) for person in people)
    Excluded.of(opened).with_people(references, removal.reason).save(opened)
    shutil.rmtree(opened.receipts, ignore_errors=True)
    groups = forget(opened, people, why=removal.reason) if removal.reason in _FORGET else 0
    counts = {"rows": _from_tables(opened, people), "files": _from_handover(opened, people), "groups": groups}
    _sweep(opened)
    _mark_models(opened)
    _write_event_once(opened, removal, references, counts)
    return counts


def _from_tables(opened: OpenStudy, people: Collection[str]) -> int:
    rows = 0
    for path, frame in tables_about_people(opened):
        out = frame["person"].isin(people)
        if out.any():
            rows += int(out.sum())
            _rewrite(path, frame[~out].reset_index(drop=True))
    return rows


def tables_about_people(opened: OpenStudy) -> Iterator[tuple[Path, pd.DataFrame]]:
    """Every table of the study that has a row per person."""
    for path in sorted(opened.store.tables.glob("*.parquet")):
        frame = pd.read_parquet(path)
        if "person" in frame:
            yield path, frame


def _from_handover(opened: OpenStudy, people: Collection[str]) -> int:
    """Cards and other files of a person, and the person's rows in tables for the data team."""
    gone, folders = 0, []
    for path in sorted((opened.workspace / "handover").rglob("*")):
        if path.is_dir():
            folders += [path] if path.name in people else []
            continue
        if any(person in path.name for person in people):
            path.unlink()
            gone += 1
        elif path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            out = frame["person"].isin(people)
            if out.any():
                _rewrite(path, frame[~out].reset_index(drop=True))
                gone += 1
    for folder in folders:
        shutil.rmtree(folder)
    return gone


def _rewrite(path: Path, frame: pd.DataFrame) -> None:
    with written_atomically(path) as temporary:
        frame.to_parquet(temporary, index=False)
        temporary.chmod(0o600)


def _sweep(opened: OpenStudy) -> None:
    """Remove what a process that was killed left half written: it may hold people who are to be gone."""
    halves = [*opened.workspace.glob(".*"), *opened.store.tables.glob(".*"), *opened.store.models.glob(".*")]
    halves += list((opened.workspace / "handover").rglob(".*"))
    for half in halves:
        if half.name.startswith(LOCK) or half.name.endswith(LOCK) or half.name == ROOM:
            continue  # held by whoever runs this
        if half.is_dir():
            shutil.rmtree(half, ignore_errors=True)
        else:
            half.unlink(missing_ok=True)


def _mark_models(opened: OpenStudy) -> None:
    """Mark the models' cards: people they were fitted on are gone, so they are due for a new fit."""
    for name in MODELS:
        card = opened.store.model_path(name).with_suffix(".json")
        if card.is_file():
            save_json(card, {**read_json(card), "refit_due": "people were taken out since this model was fitted"})


def _write_event_once(opened: OpenStudy, removal: Removal, references: list[str], counts: Mapping[str, int]) -> None:
    """One event per removal, also when it had to be completed later; people by reference, never by pseudonym."""
    named = references if removal.reason != "purge" else []
    detail = {"people": len(references), "references": named, **removal.detail}
    events = events_of(opened)
    last = events.events()[-1:]
    if last and last[0].action == removal.reason and _same(last[0].detail, detail):
        return
    events.write(removal.actor, removal.reason, "people", {**detail, **counts, "refit": "due"})


def _same(written: Mapping[str, object], detail: Mapping[str, object]) -> bool:
    return all(written.get(key) == value for key, value in detail.items())
