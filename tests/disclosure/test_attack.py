"""The attacker in the box: it finds what each rule guards as soon as the rule is switched off."""

import pandas as pd
import pytest

from segment.disclosure.attack import Cell, read_people, too_small, worked_out
from segment.disclosure.linked_tables import Request, release_linked
from segment.privacy import ReleaseRules


def cells(table, sizes, hidden=(), *, floor=5, total=None, source="answers", rest=0):
    labels = [f"segment {number}" for number in range(len(sizes))]
    own = [
        Cell(table, source, "", label, None if label in hidden else n, None if label in hidden else n, n, 0 < n < floor)
        for label, n in zip(labels, sizes, strict=True)
    ]
    everyone = sum(sizes) + rest
    return own if total is None else [*own, Cell(table, source, "", "everyone", everyone, everyone, everyone, False)]


def hidden(*numbers):
    return tuple(f"segment {number}" for number in numbers)


def test_a_group_hidden_alone_is_worked_out_from_the_total_and_two_are_not():
    found, attacked, narrowest = worked_out(cells("pay", [40, 30, 3], hidden(2), total=True), least=5)
    assert [str(one) for one in found] == ["pay, segment 2: its size can be worked out from what is shown"]
    assert (attacked, narrowest) == (1, 0.0)
    assert worked_out(cells("pay", [40, 30, 3], hidden(1, 2), total=True), least=5) == ([], 1, 33.0)
    assert worked_out(cells("pay", [40, 30, 3], hidden(2)), least=5)[0] == []


def test_a_remainder_of_four_is_too_narrow():
    found, _, narrowest = worked_out(cells("pay", [40, 2, 2], hidden(1, 2), total=True), least=5)
    assert len(found) == 2
    assert narrowest == 4.0


def test_people_in_no_group_widen_what_is_hidden():
    assert worked_out(cells("pay", [40, 30, 3], hidden(2), total=True, rest=20), least=5)[0] == []


def test_the_same_people_shown_in_another_table_fill_the_gap():
    gap = cells("unmet", [40, 30, 8], hidden(1, 2), floor=10, total=True)
    assert worked_out(gap, least=5)[0] == []
    assert len(worked_out([*gap, *cells("pay", [40, 30, 8])], least=5)[0]) == 1
    assert worked_out([*gap, *cells("pay", [41, 31, 9])], least=5)[0] == []
    assert worked_out([*gap, *cells("pay", [40, 30, 8], source="spells")], least=5)[0] == []


def test_two_groupings_are_attacked_in_both_directions():
    sizes = {("a", "x"): 20, ("a", "y"): 3, ("b", "x"): 30, ("b", "y"): 40}
    own = [("t", "s", "", f"unit {u}, site {s}", n) for (u, s), n in sizes.items()]
    own += [("t", "s", "", f"unit {u}", sum(n for (v, _), n in sizes.items() if v == u)) for u in "ab"]
    own += [("t", "s", "", f"site {s}", sum(n for (_, v), n in sizes.items() if v == s)) for s in "xy"]

    def attack(*gone):
        made = [Cell(*c[:4], *([None] * 2 if c[3] in gone else [c[4]] * 2), c[4], c[4] < 5) for c in own]
        return worked_out(made, least=5)

    assert attack("unit a, site y")[2] == 0.0
    assert attack("unit a, site y", "unit a, site x")[2] == 0.0
    assert attack("unit a, site y", "unit a, site x", "unit b, site y", "unit b, site x")[0] == []


def test_groups_of_one_attribute_add_up_to_everyone():
    def cell(group, n, shown):
        return Cell("check", "s", "sex", group, n if shown else None, n if shown else None, n, 0 < n < 10)

    own = [
        cell("attribute sex, group f", 50, True),
        cell("attribute sex, group ?", 4, False),
        cell("everyone", 54, True),
    ]
    assert worked_out(own, least=5)[2] == 0.0


def test_small_numbers_and_exact_ones_under_twenty_are_found():
    def one(low, high, secret=False):
        return too_small([Cell("t", "s", "", "g", low, high, None, secret)], least=5)

    assert [len(one(*band)) for band in ((3, 3), (1, 4), (7, 7), (5, 9), (10, 19), (20, 20))] == [1, 1, 1, 0, 0, 0]
    assert one(30, 30, secret=True)
    assert one(None, None, secret=True) == []


@pytest.mark.parametrize(("text", "people"), [("1.234", 1234), ("hidden", None), (0.5, None), (float("nan"), None)])
def test_numbers_of_people_are_read_as_files_write_them(text, people):
    assert read_people(text) == (None if people is None else (people, people))


def test_what_release_linked_lets_out_withstands_the_attack_and_a_table_alone_does_not():
    frame = pd.DataFrame({"segment": [0.0, 1.0, 2.0, None], "n": [40, 30, 8, 78], "value": 0.5})
    requests = [
        Request("pay", frame, ("segment",), "answers", options={"means": ["value"]}),
        Request("unmet", frame, ("segment",), "answers", options={"shares": ["value"]}),
    ]

    def published(tables):
        return [
            Cell(
                r.name, r.source, "", name, n if shown else None, n if shown else None, n, n < 10 and r.name == "unmet"
            )
            for r in requests
            for name, n, _, shown in r.sizes(tables[r.name])
        ]

    alone = {r.name: r.release(rules=ReleaseRules()) for r in requests}
    assert worked_out(published(alone), least=5)[0]
    assert worked_out(published(release_linked(requests)), least=5)[0] == []
