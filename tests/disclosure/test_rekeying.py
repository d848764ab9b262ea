"""Books under a new key: the same releases are still held against the next one, and nothing is left of the old key."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.rekeying import UNKNOWN, rekey_books
from segment.errors import RefusedRelease
from segment.governance.pseudonyms import study_pseudonyms
from segment.privacy import EventLog, ReleaseLedger

OLD, NEW, NEWER = bytes(range(32)), bytes(range(50, 82)), bytes(range(90, 122))
RAW = [f"s{number:03}" for number in range(40)]
SOURCE = "answers 2024"


def codes(key: bytes, raw: list[str] | None = None) -> list[str]:
    return [study_pseudonyms("pilot", key).person(one) for one in (raw or RAW)]


def names(old: bytes, new: bytes, raw: list[str] | None = None) -> dict[str, str]:
    return dict(zip(codes(old, raw), codes(new, raw), strict=True))


def ledger_in(folder: Path, key: bytes) -> ReleaseLedger:
    return ReleaseLedger(folder / "ledger.db", members=folder / "members.db", key=key)


def rekeyed(folder: Path, old: bytes, new: bytes, raw: list[str] | None = None, **references: str) -> Path:
    target = folder / "under the new key"
    target.mkdir()
    rekey_books(
        (folder / "ledger.db", folder / "members.db"),
        (target / "ledger.db", target / "members.db"),
        keys=(old, new),
        people=names(old, new, raw),
        references=references,
        decided={"by": "A. Officer", "reason": "yearly"},
    )
    return target


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A folder with books: one table of two teams, with numbers of answers, and two events."""
    ledger, people = ledger_in(tmp_path, OLD), codes(OLD)
    ledger.record(
        {"pay": {"team a": people[:20], "team b": people[20:]}},
        source=SOURCE,
        digests={"pay": "d1"},
        counts={"pay": {"team a": {"need PAY": 19}}},
    )
    log = EventLog(tmp_path / "ledger.db", key=OLD)
    log.write("segment subject", "export", "people", {"references": ["ref1", "ref2"]})
    log.write("segment", "grant", "cards", {"rows": 3})
    return tmp_path


def test_both_books_verify_under_the_new_key_and_not_under_the_old_one(released: Path) -> None:
    target = rekeyed(released, OLD, NEW)
    assert ledger_in(target, NEW).verify() is None
    assert EventLog(target / "ledger.db", key=NEW).verify() is None
    assert ledger_in(target, OLD).verify() is not None
    assert ledger_in(released, OLD).verify() is None


@pytest.mark.parametrize("missing", [1, 3, 4])
def test_a_group_that_lost_a_few_people_is_still_refused(released: Path, missing: int) -> None:
    ledger = ledger_in(rekeyed(released, OLD, NEW), NEW)
    people = codes(NEW)
    for left, refused in ((people[missing:20], True), (people[:20], False), (people[6:20], False)):
        assert bool(ledger.conflicts({"pay": {"team a": left}}, source=SOURCE)) == refused


def test_one_answer_fewer_behind_the_same_figure_is_still_refused_after_two_changes(released: Path) -> None:
    once = rekeyed(released, OLD, NEW)
    twice = rekeyed(once, NEW, NEWER)
    for folder, key in ((released, OLD), (once, NEW), (twice, NEWER)):
        ledger, people = ledger_in(folder, key), codes(key)[:20]
        same, fewer = ({"pay": {"team a": {"need PAY": number}}} for number in (19, 18))
        assert ledger.conflicts({"pay": {"team a": people}}, source=SOURCE, counts=same) == []
        assert ledger.conflicts({"pay": {"team a": people}}, source=SOURCE, counts=fewer)


def test_publishing_the_same_again_adds_nothing(released: Path) -> None:
    ledger, people = ledger_in(rekeyed(released, OLD, NEW), NEW), codes(NEW)
    groups = {"pay": {"team a": people[:20], "team b": people[20:]}}
    assert ledger.record(groups, source=SOURCE, digests={"pay": "d1"}) == []


def test_the_answers_behind_a_source_are_known_again_under_another_name(tmp_path: Path) -> None:
    rows = pd.DataFrame({f"q{item}": [(item * place) % 5 + 1 for place in range(40)] for item in range(1, 9)})
    before, after = (Sketch.of(rows.assign(person=codes(key))) for key in (OLD, NEW))
    ledger = ledger_in(tmp_path, OLD)
    ledger.record({"pay": {"all": codes(OLD)}}, source="answers spring", digests={"pay": "d"}, answers=before)
    again = ledger_in(rekeyed(tmp_path, OLD, NEW), NEW)
    assert again.verify() is None
    fewer = {"pay": {"all": codes(NEW)[2:]}}
    assert again.conflicts(fewer, source="answers renamed", answers=after)
    other = Sketch.of(rows.sample(frac=1, random_state=0).assign(person=codes(NEW)))
    assert again.conflicts(fewer, source="answers autumn", answers=other) == []


def test_what_is_released_after_the_change_is_sealed_under_the_new_key(released: Path) -> None:
    target = rekeyed(released, OLD, NEW)
    ledger, people = ledger_in(target, NEW), codes(NEW)[:30]
    groups, counts = {"trust": {"everyone": people}}, {"trust": {"everyone": {"q": 25}}}
    ledger.record(groups, source="answers 2025", digests={"trust": "d"}, counts=counts)
    assert ledger.verify() is None
    fewer = {"trust": {"everyone": {"q": 24}}}
    assert ledger.conflicts(groups, source="answers 2025", counts=fewer)
    assert ledger_in(rekeyed(target, NEW, NEWER), NEWER).verify() is None


def test_who_is_in_no_export_any_more_counts_like_an_erased_person(released: Path) -> None:
    target = rekeyed(released, OLD, NEW, RAW[1:])
    ledger, people = ledger_in(target, NEW), codes(NEW)
    assert ledger.groups_of(people[0]) == []
    assert ledger.groups_of(people[1]) == [("pay", "team a")]
    assert ledger.conflicts({"pay": {"team a": people[1:20]}}, source=SOURCE)
    assert ledger.conflicts({"pay": {"team a": people[:20]}}, source=SOURCE), "nobody can tell that it is the same one"


def test_manifests_from_before_are_still_known(released: Path) -> None:
    number, head = ledger_in(released, OLD).public_head
    once = rekeyed(released, OLD, NEW)
    twice = rekeyed(once, NEW, NEWER)
    assert ledger_in(twice, NEWER).knows_head(number, head)
    assert ledger_in(twice, NEWER).knows_head(*ledger_in(once, NEW).public_head)
    assert not ledger_in(twice, NEWER).knows_head(number, "0" * 64)


def test_the_change_is_written_down_with_the_old_heads(released: Path) -> None:
    heads = {
        "events": list(EventLog(released / "ledger.db", key=OLD).head),
        "releases": list(ledger_in(released, OLD).head),
    }
    events = EventLog(rekeyed(released, OLD, NEW, ref1="new1") / "ledger.db", key=NEW).events()
    assert [event.action for event in events] == ["export", "grant", "rekey"]
    assert events[0].detail["references"] == ["new1", UNKNOWN]
    assert events[-1].detail["books_before"] == heads
    assert (events[-1].actor, events[-1].detail["reason"]) == ("A. Officer", "yearly")


def test_no_code_of_a_person_is_in_the_books(released: Path) -> None:
    target = rekeyed(released, OLD, NEW)
    content = b"".join((target / name).read_bytes() for name in ("ledger.db", "members.db"))
    assert not [code for code in (*codes(OLD), *codes(NEW)) if code.encode() in content]


def test_a_book_that_was_changed_or_another_key_is_refused(released: Path) -> None:
    with pytest.raises(RefusedRelease, match="not as they were written"):
        rekeyed(released, NEWER, NEW)
    with sqlite3.connect(released / "ledger.db") as book:
        book.executescript("DROP TRIGGER events_keep_lines")
        book.execute("UPDATE events SET content = replace(content, 'cards', 'cardz')")
    (released / "under the new key").rmdir()
    with pytest.raises(RefusedRelease, match="Line 2 of events"):
        rekeyed(released, OLD, NEW)
