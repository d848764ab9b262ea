"""The roll: which people have a secret. Every change of it is a line of the release ledger, so none goes unnoticed.

Who has no secret any more counts like an erased person, and who has an old one back counts like nobody erased. So the
ledger commits to all secrets at once, by a keyed digest that is written anew whenever somebody comes or goes; an
erasure and a purge are such lines too. The file of secrets keeps its own last change: a process that is stopped
between the two files left one line to be written, and nothing else explains a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise

from segment.errors import RefusedRelease
from segment.governance.chain import Chain

#: How a line of the ledger calls a change of the roll.
LINE = "secrets"
_WHY = {"release": "a release", "erase": "an erasure", "purge": "a purge", "rekey": "a change of key"}


@dataclass(frozen=True)
class Turn:
    """One change of the roll: keyed digests of all secrets before and after it, and why (``release``, ``erase``...)."""

    before: str
    after: str
    why: str


@dataclass(frozen=True)
class Kept:
    """The roll as the file of secrets holds it: its digest now, its own last change, and whether anybody is on it."""

    digest: str
    last: Turn | None
    nobody: bool


class Roll:
    """The roll of a ledger: what its book commits to, held against what the file of secrets holds.

    Parameters
    ----------
    chain
        The ledger's book.
    kept
        Asks the file of secrets.
    file
        What that file is called.
    """

    def __init__(self, chain: Chain, kept: Callable[[], Kept], *, file: str) -> None:
        self._chain, self._kept, self._file = chain, kept, file

    def changes(self) -> list[tuple[int, Turn]]:
        """What the book commits to under its present key: number of the line and change, oldest first."""
        found: list[tuple[int, Turn]] = []
        for link in self._chain.links():
            if "rekey" in link.content:
                found = []  # earlier digests were made with another key
            if LINE in link.content:
                found.append((link.number, Turn(**link.content[LINE])))
        return found

    def unwritten(self) -> dict[str, dict[str, str]]:
        """The last change of the roll, to go into a line of the book; nothing where a line holds it."""
        told, last = self.changes(), self._kept().last
        return {} if last is None or (told and told[-1][1].after == last.after) else {LINE: asdict(last)}

    def write(self) -> None:
        """Commit the book to the last change of the roll in a line of its own, unless it does so already."""
        content = self.unwritten()
        if content:
            self._chain.append(content)

    def refuse_other(self) -> None:
        """Refuse to build on a roll that is not the one the book commits to; a change that was cut short is written.

        Raises
        ------
        RefusedRelease
            Says what was done to it, and what to do.
        """
        problem = self.problem()
        if problem is not None:
            raise RefusedRelease(
                "The people of earlier releases are not the ones the ledger speaks of, so nothing is built on them.",
                came=problem,
                where=self._file,
                advice="with the newest copy in its place, do this again",
            )
        self.write()

    def problem(self) -> str | None:
        """None when the roll is what the book commits to, else what was done to it and what to do, in words."""
        told, kept = self.changes(), self._kept()
        for (_, one), (number, other) in pairwise(told):
            if one.after != other.before:
                return f"Line {number} of releases begins with other secrets of people than the line before it left."
        if not told:
            return None
        number, last = told[-1]
        cut_short = kept.last is not None and (kept.last.before, kept.last.after) == (last.after, kept.digest)
        if kept.digest == last.after or cut_short:
            return None
        line, mend = f"{_said(number, last)} of releases", f"Put the newest copy of {self._file} back."
        older = next((_said(n, one) for n, one in reversed(told[:-1]) if one.after == kept.digest), None)
        if kept.nobody:
            return f"{self._file} is gone or was emptied, and {line} knows people. {mend}"
        if older is not None:
            return (
                f"An older {self._file} was put back: it is that of {older}, not of {line}, so somebody who was "
                f"erased since would be known again, or somebody who joined since is not. {mend}"
            )
        return (
            f"Secrets of people in {self._file} were taken out, added or changed by hand: they are not those of "
            f"{line}, and no erasure or purge says so. {mend}"
        )


def _said(number: int, change: Turn) -> str:
    return f"line {number} (after {_WHY.get(change.why, change.why)})"
