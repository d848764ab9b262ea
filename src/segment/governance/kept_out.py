"""Who stays out of every study under a key: people who were erased or object, by a keyed token and nothing else.

The tokens stand in lines of the organisation's release ledger, so that they are chained, anchored and kept with it. A
token is a digest of a person's tie under the key of the organisation's books: without the key it names nobody, and with
it only somebody who knows the identifier can ask for one person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from segment.governance.chain import Link
from segment.governance.organisation import Organisation

#: What in a line of the ledger holds the tokens.
OUT = "kept_out"
#: What keeps a person out of all studies. A purge follows the periods of one study and is of that study alone.
REASONS = ("object", "erase")


@dataclass(frozen=True)
class KeptOut:
    """The people who stay out of every study of an organisation."""

    organisation: Organisation

    def token(self, tie: str) -> str:
        """How the ledger speaks of a person whom it keeps out."""
        key = self.organisation.key[:64]
        return hashlib.blake2b(tie.encode(), digest_size=16, key=key, person=b"segment kept out").hexdigest()

    def reasons(self) -> dict[str, str]:
        """Token to reason; an erasure is more than an objection. Nothing is written, and nothing made."""
        if not self.organisation.file.is_file():
            return {}
        found: dict[str, str] = {}
        for link in self.organisation.chain().links():
            for token in link.content.get(OUT, ()):
                if found.get(token) != "erase":
                    found[token] = link.content["why"]
        return found

    def of(self, ties: Mapping[str, str]) -> dict[str, str]:
        """Person to reason, for those who stay out; ``ties`` says who people are for the organisation."""
        known = self.reasons()
        tokens = {person: self.token(tie) for person, tie in ties.items()} if known else {}
        return {person: known[token] for person, token in tokens.items() if token in known}

    def add(self, ties: Iterable[str], why: str) -> int:
        """Keep people out from now on; returns how many this says something new of."""
        return self._write({self.token(tie): why for tie in ties})

    def take_from(self, old: KeptOut, ties: Mapping[str, str]) -> int:
        """Keep out whom the ledger under another key keeps out (old tie to new); returns how many are not known here.

        Those are people whom no export of this study names; they come along with a study that knows them.
        """
        known = old.reasons()
        told = {self.token(after): known[old.token(was)] for was, after in ties.items() if old.token(was) in known}
        self._write(told)
        return len(known) - len(told)

    def _write(self, told: Mapping[str, str]) -> int:
        if not told:
            return 0
        with self.organisation.alone():
            known, added = self.reasons(), 0
            for why in REASONS:
                fresh = sorted(t for t, said in told.items() if said == why and known.get(t) not in (why, "erase"))
                if fresh:
                    self.organisation.chain().append({OUT: fresh, "why": why})
                    added += len(fresh)
        return added


def is_kept_out(link: Link) -> bool:
    """Whether a line of the ledger speaks of people who stay out, and of no release."""
    return OUT in link.content
