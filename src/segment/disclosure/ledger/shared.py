"""The organisation's release ledger: opened, and taken to a new key, where what it knows joins what is there already.

Studies change their key one by one, so the ledger under the new key may hold some of these lines from an earlier
change, and lines of its own. Everything can be done twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from segment.disclosure.ledger.members import Members
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.ledger.roll import LINE
from segment.disclosure.ledger.seals import ledger_key, unwrapped, wrapped
from segment.disclosure.rules import ReleaseRules
from segment.errors import RefusedRelease
from segment.governance.chain import Link
from segment.governance.kept_out import KeptOut, is_kept_out
from segment.governance.organisation import Organisation

#: What is made again under every key.
_OF_THE_KEY = ("commitment", "sketched", "seal", LINE)


def organisation_ledger(organisation: Organisation, rules: ReleaseRules | None = None) -> ReleaseLedger:
    """The ledger of an organisation, opened; its file is made when missing."""
    organisation.chain()
    return ReleaseLedger(organisation.file, members=organisation.members, key=organisation.key, rules=rules)


def merge_ledgers(
    old: Organisation, new: Organisation, *, ties: Mapping[str, str], changed: Mapping[str, object]
) -> int:
    """Write the lines of one ledger of the organisation into another under another key; returns how many were new.

    Parameters
    ----------
    old, new
        The ledgers; the old one stays as it is, for studies that still use its key.
    ties
        Who people are called: old tie to new tie. Others count like erased people in the new ledger, until a study
        that knows them changes its key too.
    changed
        What the new ledger says of the change.

    Raises
    ------
    RefusedRelease
        One of the ledgers is not as it was written.
    """
    if not old.file.is_file():
        return 0
    with old.alone(), new.alone():
        for books in (old, new):
            problem = organisation_ledger(books).verify()
            if problem is not None:
                raise RefusedRelease(
                    "The organisation's release ledger is not as it was written, so it is not sealed again.",
                    came=problem,
                    where=str(books.file),
                    advice="put the last good copy of the ledger back",
                )
        members = Members(new.members, key=new.key)
        Members(old.members, key=old.key).copy_to(members, ties)
        lines = _fresh(old, new, members, changed)
        new.chain().extend(lines)
        KeptOut(new).take_from(KeptOut(old), ties)
        organisation_ledger(new).refuse_other_people()  # commits the ledger to the people it has now
    return len(lines)


def _fresh(
    old: Organisation, new: Organisation, members: Members, changed: Mapping[str, object]
) -> list[dict[str, object]]:
    """The lines of the old ledger that the new one does not hold yet, and one on the change of key."""
    before, after = ledger_key(old.key), ledger_key(new.key)
    book = new.chain()
    there = {_plain(link, after, {}): link.number for link in book.links()}
    secrets = {_secret(link, after) for link in book.links()}
    numbers: dict[int, int] = {}
    lines: list[dict[str, object]] = []
    for link in (one for one in old.chain().links() if one.content.keys() - {LINE} and not is_kept_out(one)):
        same = there.get(_plain(link, before, numbers))
        numbers[link.number] = same or book.head[0] + len(lines) + 1
        if same is None:
            lines.append(_again(link, members, numbers, keys=(before, after)))
    if before.hex() not in secrets:
        lines.append({"rekey": dict(changed), "seal": wrapped(before, after)})
    return lines


def _again(link: Link, members: Members, numbers: Mapping[int, int], *, keys: tuple[bytes, bytes]) -> dict[str, object]:
    """A line as the new ledger writes it: commitments and seals under its key, other lines by their numbers there."""
    content = {name: value for name, value in link.content.items() if name != LINE}
    if "groups" in content:
        content["groups"] = [
            {**group, "commitment": members.commitment(group["group"]).hex()} for group in content["groups"]
        ]
    if "sketch" in content:
        content["sketched"] = members.commitment(content["sketch"]).hex()
    if "withdraws" in content:
        content["withdraws"] = [numbers[number] for number in content["withdraws"]]
    if "seal" in content:
        content["seal"] = wrapped(unwrapped(content["seal"], keys[0], number=link.number), keys[1])
    return content


def _plain(link: Link, key: bytes, numbers: Mapping[int, int]) -> str:
    """What a line says whatever its key and place."""
    content = {name: value for name, value in link.content.items() if name not in _OF_THE_KEY}
    content["groups"] = [
        {name: value for name, value in group.items() if name not in _OF_THE_KEY} for group in content.get("groups", [])
    ]
    content["withdraws"] = [numbers.get(number, number) for number in content.get("withdraws", [])]
    return json.dumps([content, _secret(link, key)], sort_keys=True)


def _secret(link: Link, key: bytes) -> str | None:
    """The secret that earlier seals were made with, where a line holds one."""
    return unwrapped(link.content["seal"], key, number=link.number).hex() if "seal" in link.content else None
