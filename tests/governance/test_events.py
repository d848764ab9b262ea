"""Laws of the event log: it grows, and any change to what it says is noticed."""

import datetime as dt
import sqlite3
import threading

import numpy as np
import pytest

from segment.errors import InvalidInput
from segment.privacy import EventLog


def at_nine():
    return dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def path(tmp_path):
    log = EventLog(tmp_path / "ledger.db", clock=at_nine)
    for number in range(12):
        log.write("data team", "release", f"table {number}", {"rows": number, "word": "é"})
    return tmp_path / "ledger.db"


def test_events_come_back_as_they_were_written(path):
    log = EventLog(path)
    assert log.verify() is None
    event = log.events()[3]
    assert (event.number, event.at, event.actor, event.action, event.subject) == (
        4,
        "2026-01-05T09:00:00+00:00",
        "data team",
        "release",
        "table 3",
    )
    assert event.detail == {"rows": 3, "word": "é"}


def test_an_empty_log_verifies(tmp_path):
    assert EventLog(tmp_path / "ledger.db").verify() is None


@pytest.mark.parametrize(
    "change", ["UPDATE events SET content = 'x'", "DELETE FROM events", "DELETE FROM events WHERE number = 12"]
)
def test_the_file_itself_refuses_changes(path, change):
    with sqlite3.connect(path) as book, pytest.raises(sqlite3.IntegrityError, match="events can only grow"):
        book.execute(change)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("UPDATE events SET content = replace(content, 'table 4', 'table 5') WHERE number = 5", "Line 5"),
        ("DELETE FROM events WHERE number = 5", "Line 5"),
        ("UPDATE events SET digest = upper(digest) WHERE number = 2", "Line 2"),
        ("UPDATE events SET content = x'00ff' WHERE number = 7", "Line 7"),
        ("UPDATE events SET number = 40 WHERE number = 12", "Line 12"),
    ],
)
def test_changes_behind_its_back_are_found(path, change, line):
    with sqlite3.connect(path) as book:
        book.executescript("DROP TRIGGER events_keep_lines; DROP TRIGGER events_keep_all")
        book.execute(change)
    assert EventLog(path).verify().startswith(line)


def test_a_log_cut_short_is_found_with_a_head_kept_elsewhere(path):
    head = EventLog(path).head
    assert EventLog(path).verify(head=head) is None
    with sqlite3.connect(path) as book:
        book.executescript("DROP TRIGGER events_keep_all; DELETE FROM events WHERE number > 10")
    assert EventLog(path).verify() is None
    assert "Line 12" in EventLog(path).verify(head=head)


def test_a_chain_rewritten_without_the_key_is_found(tmp_path):
    EventLog(tmp_path / "ledger.db", key=b"right").write("a", "b", "c")
    assert EventLog(tmp_path / "ledger.db", key=b"right").verify() is None
    assert EventLog(tmp_path / "ledger.db", key=b"wrong").verify() is not None
    assert EventLog(tmp_path / "ledger.db").verify() is not None


def test_one_changed_byte_is_found_or_changes_nothing_that_is_read(path):
    before, whole = EventLog(path).events(), path.read_bytes()
    rng = np.random.default_rng(0)
    said = [i for i in range(len(whole) - 8) if whole[i : i + 8] == b'release"']
    places = [*rng.choice(len(whole), 60), *(place + 2 for place in said)]
    found = 0
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(broken))
        problem = _verify(path)
        found += problem is not None
        assert problem is not None or EventLog(path).events() == before
    assert found >= len(said) == 12


def _verify(path):
    try:
        return EventLog(path).verify()
    except InvalidInput as refusal:
        return str(refusal)


def test_two_writers_make_one_chain(tmp_path):
    def write():
        log = EventLog(tmp_path / "ledger.db")
        for _ in range(10):
            log.write("a", "b", "c")

    EventLog(tmp_path / "ledger.db")
    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = EventLog(tmp_path / "ledger.db")
    assert len(log.events()) == 20
    assert log.verify() is None


def test_an_event_without_actor_is_refused(path):
    with pytest.raises(InvalidInput, match="needs to say who did what"):
        EventLog(path).write(" ", "release", "table")


def test_a_file_that_is_no_log_is_refused(tmp_path):
    (tmp_path / "ledger.db").write_text("this is a letter, not a database" * 9)
    with pytest.raises(InvalidInput, match=r"cannot be read as a database(.|\n)*put the last good copy back"):
        EventLog(tmp_path / "ledger.db")
