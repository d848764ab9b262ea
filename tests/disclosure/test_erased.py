"""Laws of adding and subtracting where people were erased: what was published of them is known for good."""

import pytest

from segment.disclosure.ledger.erased import few_erased
from segment.disclosure.ledger.groups import Compared
from segment.privacy import ReleaseLedger

TEAMS = {f"department {d}": [f"p{d}{number}" for number in range(12)] for d in range(3)}
EVERYONE = [person for team in TEAMS.values() for person in team]


@pytest.fixture
def ledger(tmp_path):
    return ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"secret")


def put(ledger, groups, table):
    assert ledger.record({table: groups}, source="answers 2024", digests={table: f"digest of {groups}"})


@pytest.mark.parametrize("erased", range(8))
def test_everyone_before_less_two_later_figures_is_not_a_handful_of_erased_people(ledger, erased):
    """Everyone; a department that nobody left; then a study of the two others, from which people were erased."""
    put(ledger, {"everyone": EVERYONE}, "profiles")
    put(ledger, {"department 2": TEAMS["department 2"]}, "by_department")
    gone = TEAMS["department 1"][:erased]
    ledger.forget(gone)
    rest = [person for d in range(2) for person in TEAMS[f"department {d}"] if person not in gone]
    found = ledger.conflicts({"part": {"everyone": rest}}, source="answers 2024")
    assert [(one.table, one.group) for one in found] == [("part", "everyone")] * (0 < erased < 5)
    assert ledger.conflicts({"part": {"everyone": rest}}, source="answers 2025") == []


def group(table, label, people, erased=0):
    return Compared(table, label, frozenset(people), then=len(people) + erased)


def test_all_tables_that_show_the_group_are_named_and_without_it_nothing_is():
    before = [group("a", "everyone", EVERYONE, erased=2), group("a", "department 2", TEAMS["department 2"])]
    two = TEAMS["department 0"] + TEAMS["department 1"]
    parts = [group("b", name, TEAMS[name]) for name in ("department 0", "department 1")]
    new = [group("b", "everyone", two), group("c", "everyone", two)]
    assert {(one.table, one.group) for one in few_erased(new, before, least=5)} == {
        ("b", "everyone"),
        ("c", "everyone"),
    }
    named = {(one.table, one.group) for one in few_erased([*new, *parts], before, least=5)}
    assert {("b", "everyone"), ("c", "everyone")} <= named
    assert few_erased([one for one in [*new, *parts] if one.key not in named], before, least=5) == []


def test_erased_people_in_every_figure_alike_hold_nothing_up():
    """Everyone and the department of who was erased were published before, and neither is shown anew."""
    before = [group("a", "everyone", EVERYONE, erased=2), group("a", "department 0", TEAMS["department 0"], erased=2)]
    assert (
        few_erased([group("b", name, TEAMS[name]) for name in ("department 1", "department 2")], before, least=5) == []
    )
    assert few_erased([group("b", "department 1", TEAMS["department 1"])], [], least=5) == []
