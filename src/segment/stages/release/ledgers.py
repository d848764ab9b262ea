"""The ledgers that a release is held against: the study's own, and the one of all studies under the key.

The study's ledger goes with its workspace: manifests and audits speak of it. The organisation's ledger stays where it
is when a study is renamed or a workspace is copied; it calls people by their ties.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.groups import Conflict
from segment.disclosure.ledger.release_ledger import ReleaseLedger, Rows
from segment.disclosure.ledger.released import Groups
from segment.disclosure.ledger.seals import Counts
from segment.disclosure.ledger.shared import organisation_ledger
from segment.errors import NotReady
from segment.governance.events import EventLog
from segment.governance.organisation import ties_of
from segment.stages.base import OpenStudy
from segment.stages.release.plans import rules_of
from segment.workspace.transaction import Content, Transaction

Tables = Mapping[str, Groups]


def ledger_of(opened: OpenStudy) -> ReleaseLedger:
    """The release ledger of a study: ``ledger.db``, with the people of its groups apart in ``members.db``."""
    return ReleaseLedger(opened.book, members=opened.workspace / "members.db", key=opened.key, rules=rules_of(opened))


def has_released(opened: OpenStudy) -> bool:
    """Whether anybody may be known as one of a released group; also where the file that knows it was taken away."""
    return (opened.workspace / "members.db").is_file() or (opened.book.is_file() and ledger_of(opened).head[0] > 0)


def refuse_other_people(opened: OpenStudy) -> None:
    """Refuse to go on where the people of earlier releases are not those that the ledgers speak of."""
    shared = shared_ledger_of(opened)
    if has_released(opened):
        ledger_of(opened).refuse_other_people()
    if shared is not None:
        shared.refuse_other_people()


def events_of(opened: OpenStudy) -> EventLog:
    """The event log of a study, under the study's key."""
    return EventLog(opened.book, key=opened.key, after=opened.anchor.keep)


def write_event_once(opened: OpenStudy, content: Content) -> None:
    """Write an event (``actor, action, subject, detail``) unless one like it came after the event number ``after``."""
    events = events_of(opened)
    same = (content["action"], content["subject"], dict(content["detail"]))
    later = (event for event in events.events() if event.number > int(content["after"]))
    if not any((event.action, event.subject, event.detail) == same for event in later):
        events.write(content["actor"], *same)


class ComingEvents:
    """Events that are part of a change: they are written with it, after its files, and not at all without it.

    Whoever finds the change decided and not complete writes each of them once.
    """

    def __init__(self, opened: OpenStudy) -> None:
        self._after, self._told = events_of(opened).head[0], list[dict[str, object]]()

    def write(self, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None) -> None:
        """Note an event for the change."""
        told = {"actor": actor, "action": action, "subject": subject, "detail": dict(detail or {})}
        self._told.append({**told, "after": self._after})

    def follow(self, change: Transaction) -> None:
        """Let the change write the events here: after the files that were put so far."""
        for told in self._told:
            change.then("event", told)


def shared_ledger_of(opened: OpenStudy) -> ReleaseLedger | None:
    """The release ledger of all studies under the key; none for simulated and public data."""
    shared = opened.organisation
    return organisation_ledger(shared, rules_of(opened)) if shared is not None else None


def ties_in(opened: OpenStudy) -> dict[str, str]:
    """Who everybody in the study is for the organisation's ledger, by pseudonym.

    Raises
    ------
    NotReady
        The study's tables come from a version that did not know yet.
    """
    if not opened.store.has("identities"):
        raise NotReady(
            "The study's tables do not say who people are for the organisation's release ledger.",
            where=str(opened.workspace),
            advice="run the study from its beginning: --from prepare",
        )
    return ties_of(opened.store.read("identities"), key=opened.key)


@dataclass(frozen=True)
class Book:
    """One ledger, and how it calls people (``names``; None: by their pseudonyms)."""

    ledger: ReleaseLedger
    names: Mapping[str, str] | None = None
    _answers: dict[int, tuple[Sketch, Sketch]] = field(default_factory=dict, repr=False)

    def called(self, people: Collection[str]) -> frozenset[str]:
        """The names of these people in this ledger."""
        return frozenset(people) if self.names is None else frozenset(self.names.get(one, one) for one in people)

    def tables(self, tables: Tables) -> Tables:
        """Groups by table, with people as this ledger calls them."""
        if self.names is None:
            return tables
        return {table: {label: self.called(people) for label, people in own.items()} for table, own in tables.items()}

    def answers(self, answers: Sketch | None) -> Sketch | None:
        """Answers by people as this ledger calls them."""
        if self.names is None or answers is None:
            return answers
        if id(answers) not in self._answers:
            people = tuple(self.names.get(person, person) for person in answers.people)
            self._answers[id(answers)] = (answers, Sketch(people, answers.columns, answers.said))
        return self._answers[id(answers)][1]


@dataclass(frozen=True)
class Books:
    """All ledgers of a study; what one of them knows holds for the release. The study's own comes first."""

    books: tuple[Book, ...]

    @classmethod
    @contextmanager
    def of(cls, opened: OpenStudy) -> Iterator[Books]:
        """The ledgers, with the shared one for this study alone while the block runs."""
        shared = opened.organisation
        with shared.alone() if shared is not None else nullcontext():
            own, all_studies = Book(ledger_of(opened)), shared_ledger_of(opened)
            yield cls((own, Book(all_studies, ties_in(opened))) if all_studies is not None else (own,))

    @property
    def own(self) -> ReleaseLedger:
        """The study's own ledger."""
        return self.books[0].ledger

    def recognise(self, source: str, answers: Sketch) -> None:
        """As :meth:`ReleaseLedger.recognise`, in every ledger."""
        for book in self.books:
            told = book.answers(answers)
            if told is not None:
                book.ledger.recognise(source, told)

    def conflicts(
        self, tables: Tables, *, source: str, counts: Counts | None = None, answers: Sketch | None = None,
        first: Collection[str] = (),
    ) -> list[Conflict]:  # fmt: skip
        """As :meth:`ReleaseLedger.conflicts`, in any ledger."""
        return [
            conflict
            for book in self.books
            for conflict in book.ledger.conflicts(
                book.tables(tables), source=source, counts=counts, answers=book.answers(answers), first=first
            )
        ]

    def changed(self, tables: Tables, *, source: str, answers: Sketch | None = None) -> list[Conflict]:
        """As :meth:`ReleaseLedger.changed`, in any ledger."""
        return [
            conflict
            for book in self.books
            for conflict in book.ledger.changed(book.tables(tables), source=source, answers=book.answers(answers))
        ]

    def published(self, table: str, groups: Groups, *, source: str, answers: Sketch | None) -> Rows:
        """As :meth:`ReleaseLedger.published`; what the study published itself goes first."""
        found: Rows = {}
        for book in reversed(self.books):
            own = book.tables({table: groups})[table]
            found = {**found, **book.ledger.published(table, own, source=source, answers=book.answers(answers))}
        return found

    def sealed_otherwise(self, table: str, *, source: str, digest: str, answers: Sketch | None) -> bool:
        """As :meth:`ReleaseLedger.sealed_otherwise`, in any ledger."""
        return any(
            book.ledger.sealed_otherwise(table, source=source, digest=digest, answers=book.answers(answers))
            for book in self.books
        )

    def published_as_a_whole(self, table: str, *, source: str, answers: Sketch | None) -> Rows:
        """As :meth:`ReleaseLedger.published_as_a_whole`, in the first ledger that knows the table."""
        found = (
            book.ledger.published_as_a_whole(table, source=source, answers=book.answers(answers)) for book in self.books
        )
        return next((rows for rows in found if rows), {})

    def record(
        self, tables: Tables, *, source: str, digests: Mapping[str, str], counts: Counts | None = None,
        answers: Sketch | None = None, rows: Mapping[str, Rows] | None = None, known_by: Sketch | None = None,
        held: bool = True,
    ) -> None:  # fmt: skip
        """As :meth:`ReleaseLedger.record`, in every ledger; the shared one first, which can only hide too much."""
        for book in reversed(self.books):
            book.ledger.record(
                book.tables(tables), source=source, digests=digests, counts=counts, answers=book.answers(answers),
                rows=rows, known_by=book.answers(known_by), held=held,
            )  # fmt: skip


def forget(opened: OpenStudy, people: Collection[str], *, why: str) -> int:
    """Destroy what ties people to released groups, in every ledger; returns how many of the study's groups stay locked.

    The organisation's ledger knows people by their ties, so this comes before the study's tables lose them.
    """
    shared = shared_ledger_of(opened)
    if shared is not None and opened.store.has("identities"):
        ties = ties_in(opened)
        shared.forget([ties[person] for person in people if person in ties], why=why)
    return ledger_of(opened).forget(people, why=why) if has_released(opened) else 0


def take_back(opened: OpenStudy, *, by: str, reason: str) -> int:
    """Take a study's releases back in every ledger; returns how many tables these are.

    In the organisation's ledger these are the lines with what the study's own ledger takes back, and no other study's.
    """
    ledger, shared = ledger_of(opened), shared_ledger_of(opened)
    if shared is not None:
        released = {(one.table, one.source, one.digest) for one in ledger.entries()}
        shared.withdraw(by=by, reason=reason, released=released)
    return len(ledger.withdraw(by=by, reason=reason))
