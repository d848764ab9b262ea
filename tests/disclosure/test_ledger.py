"""Laws of the release ledger: no two released groups differ by a handful of people, erasure included."""

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.members import Members
from segment.errors import InvalidInput, RefusedRelease
from segment.privacy import ReleaseLedger, release, shown_groups, table_digest


def people(*numbers):
    return [f"p{number}" for number in numbers]


@pytest.fixture
def ledger(tmp_path):
    return ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"secret")


def put(ledger, groups, *, table="pay", source="answers 2024", digest="d", answers=None):
    return ledger.record({table: groups}, source=source, digests={table: digest}, answers=answers)


def test_a_release_is_remembered_and_verifies(ledger):
    (entry,) = put(ledger, {"a": people(*range(9)), "b": people(*range(20, 40))})
    assert (entry.table, entry.source, entry.groups) == ("pay", "answers 2024", ("a", "b"))
    assert ledger.entries() == [entry]
    assert ledger.verify() is None


def test_an_identical_release_adds_nothing(ledger):
    put(ledger, {"a": people(*range(9))})
    assert put(ledger, {"a": people(*range(9))}) == []
    assert len(ledger.entries()) == 1


@pytest.mark.parametrize("differ", [1, 2, 3, 4, 5])
def test_groups_from_the_same_answers_differ_by_nobody_or_five(ledger, differ):
    put(ledger, {"a": people(*range(30))})
    later = {"a": people(*range(30 - differ))}
    if differ >= 5:
        assert len(put(ledger, later, digest="e")) == 1
    else:
        with pytest.raises(RefusedRelease, match=r"pay, a: differs by a few people from pay, a \(released earlier\)"):
            put(ledger, later, digest="e")
        assert len(ledger.entries()) == 1


def test_exchanging_two_people_is_seen_although_the_size_is_the_same(ledger):
    put(ledger, {"a": people(*range(10))})
    with pytest.raises(RefusedRelease):
        put(ledger, {"a": people(*range(2, 12))}, digest="e")
    assert put(ledger, {"a": people(*range(5, 15))}, digest="e")


def test_other_answers_are_another_matter(ledger):
    put(ledger, {"a": people(*range(10))})
    assert put(ledger, {"a": people(*range(9))}, source="answers 2025")


def test_two_groups_of_one_release_are_compared_too(ledger):
    tables = {"by unit": {"sales": people(*range(30))}, "by site": {"north": people(*range(32))}}
    with pytest.raises(RefusedRelease, match=r"by site, north: .* by unit, sales \(in the same release\)"):
        ledger.record(tables, source="answers", digests={"by unit": "1", "by site": "2"})
    assert ledger.entries() == []
    assert ledger.verify() is None


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 20), min_size=5), st.sets(st.integers(0, 20), min_size=5))
def test_what_is_refused_is_exactly_a_difference_of_one_to_four(tmp_path_factory, one, other):
    folder = tmp_path_factory.mktemp("ledger")
    ledger = ReleaseLedger(folder / "l.db", members=folder / "m.db", key=b"k")
    put(ledger, {"a": people(*one)})
    found = ledger.conflicts({"later": {"b": people(*other)}}, source="answers 2024")
    assert bool(found) == (1 <= len(one ^ other) <= 4)


def test_erasing_destroys_the_tie_keeps_the_chain_and_locks_the_groups(ledger, tmp_path):
    put(ledger, {"a": people(*range(9)), "b": people(*range(20, 40))})
    head = ledger.head
    assert ledger.groups_of("p3") == [("pay", "a")]
    assert ledger.erase("p3") == [("pay", "a")]
    assert ledger.groups_of("p3") == []
    assert ledger.erase("p3") == []
    assert ledger.verify(head=head) is None
    with pytest.raises(RefusedRelease, match="pay, a: differs by a few people"):
        put(ledger, {"a": people(0, 1, 2, 4, 5, 6, 7, 8)}, digest="e")
    assert put(ledger, {"b": people(*range(20, 40))}, table="later", digest="e")


def test_no_file_holds_a_pseudonym(ledger, tmp_path):
    put(ledger, {"a": [f"pseudonym{i}" for i in range(9)]})
    ledger.erase("pseudonym3")
    for file in tmp_path.iterdir():
        assert b"pseudonym" not in file.read_bytes()


def test_an_erased_secret_leaves_no_bytes_behind(ledger, tmp_path):
    put(ledger, {"a": people(*range(9))})
    path = tmp_path / "members.db"
    with ledger._members._open() as book:
        before = {bytes(row[0]) for row in book.execute("SELECT secret FROM secrets")}
    ledger.erase("p3")
    with ledger._members._open() as book:
        after = {bytes(row[0]) for row in book.execute("SELECT secret FROM secrets")}
    (gone,) = before - after
    with ledger._members._open() as book:
        content = book.serialize()
    assert gone not in content
    assert all(secret in content for secret in after)
    assert not any(secret in path.read_bytes() for secret in before)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM tags WHERE tag = (SELECT min(tag) FROM tags)",
        "INSERT INTO tags SELECT released, x'00' FROM tags LIMIT 1",
        "UPDATE tags SET tag = x'0011' WHERE tag = (SELECT min(tag) FROM tags)",
    ],
)
def test_a_change_among_the_people_of_a_group_is_found(ledger, tmp_path, change):
    put(ledger, {"a": people(*range(9))})
    with ledger._members._open() as book:
        book.execute(change)
    assert "not as they were" in ledger.verify()


def test_a_change_in_the_ledger_is_found(ledger, tmp_path):
    put(ledger, {"a": people(*range(9))})
    with sqlite3.connect(tmp_path / "ledger.db") as book:
        book.executescript("DROP TRIGGER releases_keep_lines")
        book.execute("UPDATE releases SET content = replace(content, '5–9', '100')")
    assert ledger.verify().startswith("Line 1 of releases")


def test_people_written_before_a_crash_are_dropped_at_the_next_release(ledger, tmp_path, monkeypatch):
    def crash(content):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ledger._chain, "append", crash)
        put(ledger, {"a": people(*range(9))})
    assert ledger.verify() is None
    assert put(ledger, {"a": people(*range(9))})
    with ledger._members._open() as book:
        assert book.execute("SELECT COUNT(*) FROM tags").fetchone() == (9,)


def test_the_shown_groups_of_a_table_and_its_fingerprint():
    frame = pd.DataFrame({"segment": [0.0, 1.0, 2.0, np.nan], "people": [20, 7, 3, 30], "mean": 2.0})
    table = release("pay", frame, groups=["segment"], count="people", means=["mean"])
    staff = pd.DataFrame({"person": people(*range(30)), "segment": [0] * 20 + [1] * 7 + [2] * 3})
    groups = shown_groups(table, staff)
    assert {label: len(inside) for label, inside in groups.items()} == {"segment 0": 20, "everyone": 30}
    again = release("pay", frame.assign(mean=2.04), groups=["segment"], count="people", means=["mean"])
    other = release("pay", frame.assign(mean=2.1), groups=["segment"], count="people", means=["mean"])
    assert table_digest(table) == table_digest(again) != table_digest(other)
    with pytest.raises(InvalidInput, match="no column segment"):
        shown_groups(table, staff[["person"]])


def test_a_conflict_can_be_hidden_and_then_released(ledger):
    staff = pd.DataFrame({"person": people(*range(60)), "segment": [0.0] * 20 + [1.0] * 20 + [2.0] * 20})

    def table(present, barred=()):
        counts = present.groupby("segment").size()
        frame = pd.DataFrame({"segment": counts.index, "people": counts.to_numpy(), "mean": 2.0})
        frame["barred"] = [f"segment {label:g}" in barred for label in frame["segment"]]
        return release("pay", frame, groups=["segment"], count="people", means=["mean"], barred="barred")

    first = table(staff)
    ledger.record({"pay": shown_groups(first, staff)}, source="s", digests={"pay": table_digest(first)})
    left = staff.iloc[1:]
    conflicts = ledger.conflicts({"pay": shown_groups(table(left), left)}, source="s")
    assert [conflict.group for conflict in conflicts] == ["segment 0"]
    second = table(left, barred=[conflict.group for conflict in conflicts])
    assert second.frame["status"].tolist() == ["hidden", "hidden", "shown"]
    assert ledger.record({"pay": shown_groups(second, left)}, source="s", digests={"pay": table_digest(second)})


def test_a_ledger_without_key_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="needs a key"):
        ReleaseLedger(tmp_path / "l.db", members=tmp_path / "m.db", key=b"")


def test_groups_that_swap_people_are_added_up(ledger):
    put(ledger, {"segment 0": people(*range(20)), "segment 1": people(*range(20, 40))})
    later = {"segment 0": people(*range(6, 20)), "segment 1": people(*range(1, 6), *range(20, 40))}
    with pytest.raises(RefusedRelease, match="differs by a few people from pay, groups added up"):
        put(ledger, later, digest="e")
    assert put(ledger, {"segment 1": later["segment 1"]}, digest="e")


def test_one_answer_fewer_in_the_same_group_is_seen(ledger):
    team = {"a": people(*range(30))}
    ledger.record({"pay": team}, source="s", digests={"pay": "d"}, counts={"pay": {"a": {"trust": 28, "fun": 30}}})

    def named(**counts):
        return [c.group for c in ledger.conflicts({"pay": team}, source="s", counts={"pay": {"a": counts}})]

    assert named(trust=28, fun=30) == []
    assert named(trust=27, fun=30) == named(trust=28, fun=26) == ["a"]
    assert named(trust=23) == []


def test_a_table_without_known_people_can_only_be_released_as_it_was(ledger):
    ledger.record({"calibration": {}}, source="s", digests={"calibration": "d"})
    assert not ledger.sealed_otherwise("calibration", source="s", digest="d")
    assert ledger.sealed_otherwise("calibration", source="s", digest="e")
    assert not ledger.sealed_otherwise("calibration", source="t", digest="e")


def test_what_was_withdrawn_is_no_longer_held_against_a_release_and_stays_in_the_book(ledger):
    put(ledger, {"a": people(*range(9))})
    with pytest.raises(InvalidInput, match="who decides, and why"):
        ledger.withdraw(by="", reason="old files destroyed")
    assert [entry.table for entry in ledger.withdraw(by="A. Reviewer", reason="old files destroyed")] == ["pay"]
    assert ledger.withdraw(by="A. Reviewer", reason="again") == []
    assert put(ledger, {"a": people(*range(8))}, digest="e")
    assert ledger.verify() is None
    assert ledger.head[0] == 3


def test_the_public_head_depends_on_what_was_released_and_on_nothing_else(tmp_path):
    def made(name, *groups):
        ledger = ReleaseLedger(tmp_path / f"{name}.db", members=tmp_path / f"{name}m.db", key=b"secret")
        for number, group in enumerate(groups):
            put(ledger, {"a": group}, digest=str(number))
        return ledger

    one, two = made("one", people(*range(9))), made("two", people(*range(9)))
    assert one.public_head == two.public_head
    assert one.head != two.head
    before = one.public_head
    put(one, {"a": people(*range(20, 40))}, digest="later")
    assert one.public_head != before
    assert one.public_head_at(1) == before[1]
    assert one.public_head_at(3) is None


def test_many_are_forgotten_at_once(ledger):
    put(ledger, {"a": people(*range(9)), "b": people(*range(20, 40)), "c": people(*range(50, 60))})
    assert ledger.forget(people(0, 1, 20, 99)) == 2
    assert [ledger.groups_of(person) for person in people(0, 1, 20)] == [[], [], []]
    assert ledger.forget(people(0, 1)) == 0
    assert ledger.verify() is None


def test_what_a_row_and_a_column_single_out_together_is_refused_and_found_again_by_who_looks_later(ledger, monkeypatch):
    """The department less its first segment is seven people, five of whom are shown: two are left."""
    corner, right, below = (people(*span) for span in (range(15), range(15, 22), range(22, 27)))
    shown = {"department 0": [*corner, *right], "segment 0": [*corner, *below], "department 0, segment 1": right[:5]}
    later = {"segment 0": [*corner, *below], "department 0, segment 0": corner}
    put(ledger, shown)
    with pytest.raises(RefusedRelease, match=r"groups added (and subtracted|up)"):
        put(ledger, later, table="work", digest="e")
    assert ledger.reexamine(people(*range(31))) == []
    monkeypatch.setattr(ReleaseLedger, "conflicts", lambda *args, **kwargs: [])
    put(ledger, later, table="work", digest="e")
    assert any("groups added" in str(conflict) for conflict in ledger.reexamine(people(*range(31))))


def test_without_the_key_the_memberships_tell_nothing_not_even_a_size(tmp_path):
    sizes = set()
    for number, many in enumerate((9, 90, 300)):
        folder = tmp_path / str(number)
        book = ReleaseLedger(folder / "ledger.db", members=folder / "members.db", key=b"secret")
        put(book, {"a": people(*range(many)), "b": people(*range(1000, 1000 + 2 * many))})
        content = (folder / "members.db").read_bytes()
        sizes.add(len(content))
        with pytest.raises(sqlite3.DatabaseError), closing(sqlite3.connect(folder / "members.db")) as plain:
            plain.execute("SELECT * FROM tags")
        assert len(zlib.compress(content)) > 0.999 * len(content)
    assert len(sizes) == 1
    assert (
        "another key"
        in ReleaseLedger(
            tmp_path / "0" / "ledger.db", members=tmp_path / "0" / "members.db", key=b"another"
        )._members.problem()
    )


def test_memberships_left_in_the_clear_are_encrypted_and_still_counted(ledger, tmp_path):
    put(ledger, {"a": people(*range(9))})
    with ledger._members._open() as book:
        (tmp_path / "members.db").write_bytes(book.serialize())
    again = ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"secret")
    assert again.verify() is None
    assert not (tmp_path / "members.db").read_bytes().startswith(b"SQLite")
    assert again.groups_of("p3")


@pytest.mark.parametrize("place", [0, 25, 60, 5000, -1])
def test_a_changed_byte_among_the_memberships_is_noticed(ledger, tmp_path, place):
    put(ledger, {"a": people(*range(9))})
    content = bytearray((tmp_path / "members.db").read_bytes())
    content[place] ^= 1
    (tmp_path / "members.db").write_bytes(content)
    assert "not as it was written" in ledger.verify()


def test_an_earlier_source_counts_that_holds_none_of_those_who_are_shown(ledger):
    """61 people less the 45 of two departments less 15 of the third is one, who left before the third was shown."""
    draw = np.random.default_rng(0)
    said = pd.DataFrame(draw.integers(1, 6, (61, 8)), columns=[f"Q{number}" for number in range(8)])
    said.insert(0, "person", [f"p{number}" for number in range(61)])
    for source, there in (("answers 2024 of needs", 61), ("answers 2024 of part", 45)):
        own = said.iloc[:there]
        put(ledger, {"everyone": set(own["person"])}, source=source, digest=source, answers=Sketch.of(own))
    third, source = set(said["person"][45:60]), "answers 2024b of needs"
    found = ledger.conflicts({"by_department": {"department 2": third}}, source=source, answers=Sketch.of(said[:60]))
    assert [(one.table, one.group) for one in found] == [("by_department", "department 2")]
    whole = {"by_department": {"department 2": third | {"p60"}}}
    assert ledger.conflicts(whole, source=source, answers=Sketch.of(said)) == []


def test_who_has_the_identifier_of_somebody_known_under_another_one_stops_no_release(tmp_path: Path) -> None:
    """Identifiers were exchanged: who answered is recognised, who did not answer has the old one of somebody else."""
    members = Members(tmp_path / "members.db", key=bytes(32))
    rng = np.random.default_rng(2)
    said = rng.integers(1, 6, (40, 12)).astype(str).astype(object)
    before, columns = tuple(f"p{n}" for n in range(40)), tuple(f"Q{n:02d}" for n in range(12))
    members.add({"1": before})
    members.remember_answers("1", Sketch(before, columns, said))
    after = tuple(f"p{n + 1}" for n in range(40))  # each has the next one's identifier; p0 did not answer
    assert members.recognise("1", Sketch(after, columns, said)) == 40
    members.add({"2": (*after, "p0", "new")})
    assert members.inside(["1"], after)["1"] == frozenset(after)
    again = Members(tmp_path / "members.db", key=bytes(32))
    for one in (members, again):
        assert one.inside(["2"], [*after, "p0", "new"])["2"] == frozenset([*after, "p0", "new"])
    assert again.erase(["p0"]) == 1 and again.inside(["2"], ["p0", "p1"])["2"] == frozenset(["p1"])
