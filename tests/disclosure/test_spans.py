"""Laws of adding and subtracting: a handful of people that groups single out is found, whichever groups it takes."""

import itertools

import pytest

from segment.disclosure.ledger.groups import Compared
from segment.disclosure.ledger.spans import few_in_spans


def group(label, people, *, table="t", number=None):
    return Compared(table, label, frozenset(people), number=number)


def crossed(sizes, *, table="t"):
    """Groups by department and segment with all totals; people are numbered within their cell."""
    cells = {
        (d, s): [f"{d}{s}{number}" for number in range(n)]
        for d, row in enumerate(sizes)
        for s, n in enumerate(row)
    }  # fmt: skip
    found = {"everyone": [person for people in cells.values() for person in people]}
    for (d, s), people in cells.items():
        found[f"department {d}, segment {s}"] = people
        for total in (f"department {d}", f"segment {s}"):
            found[total] = [*found.get(total, []), *people]
    return {label: group(label, people, table=table) for label, people in found.items()}


def test_a_row_with_the_rest_of_a_column_in_another_release_singles_three_out():
    """First the third department's two small cells are hidden; then the third segment's total is shown without one."""
    first = crossed([[20, 20, 19], [20, 20, 10], [24, 24, 6]])
    third = [f"x{number}" for number in range(3)]
    whole = [*first["department 2"].people, *third]
    shown = [
        first["department 0, segment 2"], first["department 1, segment 2"], first["department 2, segment 0"],
        first["department 2, segment 1"], group("department 2", whole),
    ]  # fmt: skip
    later = [group("segment 2", first["segment 2"].people, table="u")]
    assert few_in_spans([], shown, least=5) == few_in_spans(shown, [], least=5) == []
    found = few_in_spans(later, shown, least=5)
    assert [(conflict.table, conflict.group, conflict.earlier) for conflict in found] == [("u", "segment 2", True)]
    assert "differs by a few people from t, groups added and subtracted (released earlier)" in str(found[0])


@pytest.mark.parametrize("few", range(1, 8))
def test_it_depends_on_how_many_are_singled_out_and_on_nothing_else(few):
    team = [f"p{number}" for number in range(20)]
    shown = [group("team 0", team[:8]), group("team 1", team[8:])]
    later = [group("region 0", team[: 20 - few], table="u"), group("region 1", ["q"] * 1, table="v")]
    assert bool(few_in_spans(later[:1], shown, least=5)) is (few < 5)


def test_two_sets_that_are_only_known_together_count_together():
    people = {name: [f"{name}{number}" for number in range(n)] for name, n in (("a", 1), ("b", 2), ("c", 9), ("d", 9))}
    shown = [group("x 0", [*people["a"], *people["c"]]), group("y 0", [*people["b"], *people["d"]])]
    later = [group("z 0", [*people["c"], *people["d"]], table="u")]
    assert few_in_spans(later, shown, least=5)
    assert not few_in_spans(later, shown, least=3)


def test_nobody_in_a_hidden_combination_is_not_known_from_outside():
    """Segment 1 less what is shown of it is the one person of department 2 less nobody of department 0, segment 3."""
    names = ["segment 1", "segment 3", "department 0", "department 0, segment 0", "department 0, segment 2"]
    names.append("department 1, segment 1")
    empty = crossed([[11, 8, 7, 0], [9, 8, 9, 9], [9, 1, 9, 9]])
    assert few_in_spans([empty[name] for name in names], [], least=5) == []
    six = crossed([[11, 8, 7, 6], [9, 8, 9, 9], [9, 1, 9, 9]])
    assert few_in_spans([six[name] for name in [*names, "department 0, segment 3"]], [], least=5)


@pytest.mark.parametrize(("hidden", "erased"), [((8, 3), 0), ((8, 0), 2), ((8, 0), 0)])
@pytest.mark.parametrize(
    "told",
    [["everyone", "department 0", "department 1", "segment 0", "segment 1", "segment 2"], ["everyone", "department 0"]],
)
def test_a_table_by_another_column_gives_as_much_away_beside_one_by_two(told, hidden, erased):
    """Everyone less a department less a band are two people, also where the two stand in a combination that is hidden.

    Everybody in a department and a segment is in a band as well: a somebody who is in these and in no band is not there
    to be mistaken for them. ``hidden``: people in two combinations that are hidden; nobody, where they were erased.
    """
    table = crossed([[20, 20, 20], [20, *hidden]])
    theirs = {"everyone", "department 1", "segment 2"}
    shown = [
        Compared("t", label, table[label].people, table[label].size + erased * (label in theirs))
        for label in [*told, "department 0, segment 0", "department 1, segment 0"]
    ]  # fmt: skip
    rest = sorted(table["everyone"].people - table["department 0"].people)
    band = [group("band 0", rest[2:], table="u")]
    assert [conflict.group for conflict in few_in_spans(band, shown, least=5)] == ["band 0"]
    assert not few_in_spans([group("band 0", rest[6:], table="u")], shown, least=5)


def test_a_group_that_lost_a_crowd_to_an_erasure_is_shown_anew_though_the_same_are_left():
    """Six of a team were erased since; the team now, and its two halves but for two of them, have those two."""
    team = [f"p{number}" for number in range(20)]
    shown = [Compared("t", "team 0", frozenset(team), 26), group("half 0", team[:9], table="u"),
             group("half 1", team[9:18], table="u")]  # fmt: skip
    assert few_in_spans([group("team 0", team)], shown, least=5)


def test_what_is_named_is_enough():
    table = crossed([[12, 9, 3], [8, 14, 7], [2, 9, 11]])
    new = list(table.values())
    while found := few_in_spans(new, [], least=5):
        named = {conflict.group for conflict in found}
        assert named
        new = [one for one in new if one.label not in named]
    cells = [one.people for one in new]
    for one, other in itertools.permutations(cells, 2):
        assert not (one > other and len(one - other) < 5)
