"""Seals in the release ledger: of numbers of answers and of entries; they outlive a change of the study's key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from segment.disclosure.ledger.groups import Compared, Conflict
from segment.disclosure.ledger.roll import LINE
from segment.errors import RefusedRelease
from segment.governance.chain import Link

#: Per table, group and line the number of people behind a figure.
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]
#: What public digests leave out: it is made from secrets of people.
_SECRET = ("groups", "sketch", "sketched", LINE)
#: Length of a ledger's own secret.
_BYTES = 32


def ledger_key(key: bytes) -> bytes:
    """The ledger's own secret (32 bytes), from the study's key."""
    return hashlib.blake2b(key, digest_size=_BYTES, person=b"segment ledger").digest()


def seal(key: bytes, number: str, line: str, people: int) -> str:
    """Keyed digest of the number of answers behind a line of a group: it can be compared with a guess, no more.

    >>> key = ledger_key(bytes(range(32)))
    >>> seal(key, "g1", "need PAY", 12) == seal(key, "g1", "need PAY", 12) != seal(key, "g1", "need PAY", 13)
    True
    """
    return hashlib.blake2b(f"{number}\n{line}\n{people}".encode(), digest_size=8, key=key).hexdigest()


def seals(key: bytes, number: str, counts: Mapping[str, int]) -> list[str]:
    """The seals of a group's lines, in an order that tells nothing of them."""
    return sorted(seal(key, number, line, people) for line, people in counts.items())


def seal_keys(links: Iterable[Link], key: bytes) -> list[bytes]:
    """The key that seals are made with, and those from before the study's key was changed."""
    lines = [link for link in links if "seal" in link.content]
    return [key, *(unwrapped(link.content["seal"], key, number=link.number) for link in lines)]


def fewer_answers(
    new: Sequence[Compared], earlier: Sequence[Compared], counts: Counts, *, keys: Sequence[bytes], least: int
) -> list[Conflict]:
    """Groups with the same people as before, of whom one to four more or fewer stand behind a figure.

    A figure about more people than its group comes from elsewhere (exits beside answers); there the number alone
    is compared.
    """
    nearby = [few for few in range(1 - least, least) if few]
    found = []
    for group in new:
        own = counts.get(group.table, {}).get(group.label, {})
        for old in earlier:
            if old.key != group.key:
                continue
            same = (old.people, old.size) == (group.people, group.size)
            lines = [(line, people) for line, people in own.items() if same or people > group.size]
            seals = (seal(key, str(old.number), line, n + few) for line, n in lines for few in nearby for key in keys)
            if not old.lines.isdisjoint(seals):
                found.append(Conflict(*group.key, old.table, old.label, earlier=True))
    return found


def heads_of(links: Iterable[Link], key: bytes) -> list[str]:
    """The public digest after every entry of a ledger, from the empty one on (:class:`ReleaseLedger`)."""
    digest = hashlib.blake2b(b"releases", digest_size=32, key=key).digest()
    found = [digest.hex()]
    for link in links:
        plain = {name: value for name, value in link.content.items() if name not in _SECRET}
        if not plain:
            continue  # who came and went, which is drawn anew in every workspace
        labels = [(group["label"], group["band"]) for group in link.content.get("groups", [])]
        text = json.dumps([plain, labels], sort_keys=True, ensure_ascii=False)
        digest = hashlib.blake2b(digest + text.encode(), digest_size=32, key=key).digest()
        found.append(digest.hex())
    return found


def wrapped(secret: bytes, key: bytes) -> str:
    """A ledger's earlier secret under its present one, as a line of its book holds it: AES key wrap (RFC 3394).

    >>> one, other = ledger_key(bytes(range(32))), ledger_key(bytes(range(1, 33)))
    >>> len(wrapped(one, other)), unwrapped(wrapped(one, other), other, number=4) == one
    (80, True)
    """
    return aes_key_wrap(_wrapping_key(key), secret).hex()


def unwrapped(held: str, key: bytes, *, number: int) -> bytes:
    """The earlier secret that a line of a book holds; ``number`` is the line's.

    Lines of version 0.1 hold 32 bytes, under a pad of their own number; wrapped keys are 8 bytes longer.

    Raises
    ------
    RefusedRelease
        The line holds no secret that was put under this key.
    """
    seal = bytes.fromhex(held)
    if len(seal) == _BYTES:
        pad = hashlib.blake2b(str(number).encode(), digest_size=_BYTES, key=key, person=b"segment wrap").digest()
        return bytes(a ^ b for a, b in zip(seal, pad, strict=True))
    try:
        return aes_key_unwrap(_wrapping_key(key), seal)
    except InvalidUnwrap:
        raise RefusedRelease(
            "An earlier secret of the release ledger cannot be read.",
            expected="a secret that was put under the key that the ledger has now",
            came="something else",
            where=f"line {number} of the ledger",
            advice="put the last good copy of the ledger back",
        ) from None


def _wrapping_key(key: bytes) -> bytes:
    """The key that wraps secrets: never the one that seals numbers."""
    return hashlib.blake2b(key, digest_size=_BYTES, person=b"segment keywrap").digest()
