"""Books under a new key: the same releases, events and people, sealed again, so that nothing is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from segment.disclosure.facts import FILE, FactsBook
from segment.disclosure.ledger.members import Members
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.ledger.roll import LINE
from segment.disclosure.ledger.seals import ledger_key, unwrapped, wrapped
from segment.errors import RefusedRelease
from segment.governance.chain import Chain
from segment.governance.events import EventLog
from segment.governance.pseudonyms import Pseudonymiser

#: What stands in an event for a person whom no export names any more, so that no reference under the old key is left.
UNKNOWN = "named under an earlier key"


def rekey_books(
    old: tuple[Path, Path],
    new: tuple[Path, Path],
    *,
    keys: tuple[bytes, bytes],
    people: Mapping[str, str],
    references: Mapping[str, str],
    decided: Mapping[str, str],
) -> int:
    """Write ledger, event log and memberships anew under another key; the old files stay as they are.

    Every line keeps its number and its content. Commitments (to people, answers and facts) are made again; seals of
    numbers of answers stay, and the secret they were made with goes along under the new key. A last line of each book
    says that the key was changed, and holds the heads of the old books, so that who kept them elsewhere can compare.

    Parameters
    ----------
    old, new
        Files of the books (ledger and events) and of the memberships; the facts of releases lie beside them.
    keys
        The key until now, and the new one.
    people, references
        Pseudonyms, and references in events: old to new.
    decided
        ``by`` and ``reason``.

    Returns
    -------
    int
        People of released groups who are not among ``people``; they count like erased ones from now on.

    Raises
    ------
    RefusedRelease
        A book is not as it was written; nothing is sealed again then.
    """
    ledger = ReleaseLedger(old[0], members=old[1], key=keys[0])
    events = EventLog(old[0], key=keys[0])
    problems = [problem for problem in (events.verify(), ledger.verify()) if problem is not None]
    if problems:
        raise RefusedRelease(
            "The books of this study are not as they were written, so they are not sealed again.",
            expected="books that verify under the key that the study has now",
            came=" ".join(problems),
            where=str(old[0]),
            advice="use the key the study was run with; else put the last good copy of the books back",
        )
    members = Members(new[1], key=keys[1])
    unknown = Members(old[1], key=keys[0]).copy_to(members, people)
    ids = [Pseudonymiser(key, "person").key_id for key in keys]
    changed = {**decided, "from": ids[0], "to": ids[1]}
    facts = FactsBook(new[0].with_name(FILE), key=keys[1])
    FactsBook(old[0].with_name(FILE), key=keys[0]).copy_to(facts)
    change = _change(ledger, keys, changed)
    turn = members.roll().last
    releases = [*_released(old[0], members, facts, keys), change if turn is None else {**change, LINE: asdict(turn)}]
    Chain(new[0], name="releases", key=keys[1]).extend(releases)
    told = [_renamed(link.content, references) for link in Chain(old[0], name="events", key=keys[0]).links()]
    Chain(new[0], name="events", key=keys[1]).extend(told)
    heads = {"events": list(events.head), "releases": list(ledger.head)}
    detail = {**changed, "people": len(people), "unknown": unknown, "books_before": heads, "heads": events.public_heads}
    EventLog(new[0], key=keys[1]).write(decided["by"], "rekey", "people", detail)
    return unknown


def _released(book: Path, members: Members, facts: FactsBook, keys: tuple[bytes, bytes]) -> list[dict[str, object]]:
    """Every line of the ledger, with commitments under the new key and the secrets of earlier seals taken along."""
    before, after = (ledger_key(key) for key in keys)
    commitments: dict[str, str] = {}
    lines = []
    for link in Chain(book, name="releases", key=keys[0]).links():
        content = dict(link.content)
        for group in content.get("groups", []):
            number = group["group"]
            commitments[number] = commitments.get(number) or members.commitment(number).hex()
            group["commitment"] = commitments[number]
        if "facts" in content:
            content["commitment"] = facts.commitment(content["facts"]) or content["commitment"]
        if "sketch" in content:
            content["sketched"] = members.commitment(content["sketch"]).hex()
        if "seal" in content:
            content["seal"] = wrapped(unwrapped(content["seal"], before, number=link.number), after)
        lines.append(content)
    return lines


def _change(ledger: ReleaseLedger, keys: tuple[bytes, bytes], changed: Mapping[str, str]) -> dict[str, object]:
    """The ledger's line on the change: what manifests from before hold, and what seals from before were made with."""
    before, after = (ledger_key(key) for key in keys)
    return {"rekey": dict(changed), "heads": ledger.public_heads, "seal": wrapped(before, after)}


def _renamed(event: Mapping[str, Any], references: Mapping[str, str]) -> dict[str, object]:
    """An event with its references under the new key."""
    detail = dict(event["detail"])
    if "references" in detail:
        detail["references"] = [references.get(one, UNKNOWN) for one in detail["references"]]
    return {**event, "detail": detail}
