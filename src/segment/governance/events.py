"""The event log: who did what with which data, in a book that can only grow.

The log holds moments in time, so it is no part of what two runs on the same inputs leave with the same bytes.
Write table names, pseudonyms and counts into it; never a name, a staff number or an answer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segment.errors import InvalidInput
from segment.governance.chain import Chain, Link


@dataclass(frozen=True)
class Event:
    """One thing that happened: number from 1, moment (UTC), who, what, on which data, with which result.

    Parameters
    ----------
    number
        From 1.
    at
        Moment, UTC, ISO 8601.
    actor, action, subject
        Who did what to which data.
    detail
        What else is known of it, as JSON holds it; no person's value.
    digest
        Of this event and all before it.

    Examples
    --------
    >>> event = Event(1, "2026-01-01T00:00:00+00:00", "data team", "grant", "segments", {"rows": 120}, "")
    >>> event.action, event.detail["rows"]
    ('grant', 120)
    """

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    digest: str


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class EventLog:
    """The book of events in an SQLite file (table ``events``): it grows, and notices any change.

    Parameters
    ----------
    path
        The file; made when missing.
    key
        With a key only its holder can write a log that verifies.
    clock
        Gives the moment of an event; the computer's clock when left out.
    after
        Called after every event: keeps the head elsewhere.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = EventLog(Path(folder) / "ledger.db")
    ...     event = log.write("data team", "grant", "segments", {"rows": 120})
    ...     event.number, event.action, log.verify() is None
    (1, 'grant', True)
    """

    def __init__(
        self,
        path: Path | str,
        *,
        key: bytes = b"",
        clock: Callable[[], dt.datetime] = _now,
        after: Callable[[], None] | None = None,
    ) -> None:
        self._chain = Chain(path, name="events", key=key)
        self._key = hashlib.blake2b(key, digest_size=32, person=b"public events").digest()
        self._clock, self._after = clock, after

    def write(self, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None) -> Event:
        """Add an event. ``detail`` holds values that JSON can hold.

        Parameters
        ----------
        actor, action, subject
            Who did what to which data.
        detail
            Values that JSON can hold.

        Raises
        ------
        InvalidInput
            Without an actor or an action.
        """
        if not actor.strip() or not action.strip():
            raise InvalidInput("An event needs to say who did what.", expected="an actor and an action")
        at = self._clock().astimezone(dt.UTC).isoformat(timespec="seconds")
        content = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": dict(detail or {})}
        event = _event(self._chain.append(content))
        if self._after is not None:
            self._after()
        return event

    def events(self) -> list[Event]:
        """All events, oldest first."""
        return [_event(link) for link in self._chain.links()]

    @property
    def head(self) -> tuple[int, str]:
        """Number and digest of the last event: kept elsewhere, it shows whether the log was cut short."""
        return self._chain.head

    @property
    def public_heads(self) -> list[str]:
        """A keyed digest of what happened after every event, from none on, without when and by whom.

        It goes into manifests: the same runs give the same digest.
        """
        found = [hashlib.blake2b(b"events", digest_size=32, key=self._key).hexdigest()]
        for event in self.events():
            told = {name: value for name, value in event.detail.items() if name not in ("references", "heads")}
            text = json.dumps([event.action, event.subject, told], sort_keys=True, ensure_ascii=False)
            found.append(hashlib.blake2b((found[-1] + text).encode(), digest_size=32, key=self._key).hexdigest())
        return found

    def knows_head(self, number: int, head: str | None) -> bool:
        """Whether this was the public digest after that many events, under this key or an earlier one.

        Parameters
        ----------
        number
            After how many events.
        head
            The public digest that was kept elsewhere.
        """
        before = [event.detail.get("heads", []) for event in self.events() if event.action == "rekey"]
        return any(0 <= number < len(heads) and heads[number] == head for heads in (self.public_heads, *before))

    def verify(self, *, head: tuple[int, str] | None = None) -> str | None:
        """None when every event is as it was written, else what is wrong in words.

        Parameters
        ----------
        head
            A number of events with the public digest they had, kept elsewhere; None: the book is held
            against itself alone.
        """
        return self._chain.verify(head=head)


def _event(link: Link) -> Event:
    return Event(number=link.number, digest=link.digest, **link.content)
