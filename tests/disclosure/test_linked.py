"""Tables released together, and groups added up: what one shows never fills the gap another leaves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segment.disclosure.ledger.unions import few_differ
from segment.disclosure.linked_tables import Request, group_name, release_linked


def request(name, sizes, *, kind="means", source="answers", total=False):
    labels = [*map(float, range(len(sizes)))] + ([np.nan] if total else [])
    people = [*sizes] + ([sum(sizes)] if total else [])
    frame = pd.DataFrame({"segment": labels, "n": people, "value": 0.5})
    return Request(name, frame, ("segment",), source, options={kind: ["value"]})


def shown(released):
    frames = {name: table.frame for name, table in released.items()}
    return {name: set(frame.loc[frame["status"] != "hidden", "segment"]) for name, frame in frames.items()}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=7), st.booleans())
def test_a_group_is_shown_in_all_tables_of_a_source_or_in_none(sizes, total):
    assume(set(sizes) != {1})
    seen = shown(release_linked([request("a", sizes, total=total), request("b", sizes, kind="shares")]))
    same = {s for s in seen["a"] if s == s}
    assert same == seen["b"]


def test_other_sources_and_other_numbers_are_another_matter():
    sizes = [40, 30, 8]
    seen = shown(release_linked([request("a", sizes), request("b", sizes, kind="shares", source="spells")]))
    assert seen == {"a": {0.0, 1.0, 2.0}, "b": {0.0}}
    seen = shown(release_linked([request("a", [41, 31, 9]), request("b", sizes, kind="shares")]))
    assert seen["a"] == {0.0, 1.0, 2.0}


def test_lines_of_one_table_are_linked_too():
    frame = pd.DataFrame(
        {"line": ["x"] * 3 + ["y"] * 3, "segment": [0.0, 1.0, 2.0] * 2, "n": [40, 30, 3, 40, 30, 20], "value": 0.5}
    )
    one = Request("a", frame, ("segment",), "answers", lines=("line",), options={"means": ["value"]})
    table = release_linked([one])["a"].frame
    assert table.groupby("line")["status"].apply(list).to_dict() == {
        "x": ["shown", "hidden", "hidden"],
        "y": ["shown", "hidden", "hidden"],
    }


@pytest.mark.parametrize("barred", ["segment 2", "department 1, segment 2"])
def test_a_hidden_group_is_not_shown_under_the_name_it_has_in_one_department(barred):
    """All of segment 2 are of department 1: the two names are one group, in whichever table it is hidden."""
    cells = {(0.0, 0.0): 30, (0.0, 1.0): 25, (1.0, 0.0): 20, (1.0, 1.0): 28, (1.0, 2.0): 11}
    frame = pd.DataFrame(
        [(*labels, n, 0.5) for labels, n in cells.items()], columns=["department", "segment", "n", "value"]
    )
    both = ("department", "segment")
    alone = frame.groupby("segment", as_index=False).agg(n=("n", "sum"), value=("value", "first"))
    tables = [
        Request("profiles", alone, ("segment",), "answers", options={"means": ["value"]}),
        Request("crossed", frame, both, "answers", options={"means": ["value"]}),
    ]
    free = {name: table.frame for name, table in release_linked(tables).items()}
    assert all((one.loc[one["segment"] == 2.0, "status"] == "shown").any() for one in free.values())
    table = "crossed" if ", " in barred else "profiles"
    held = {name: one.frame for name, one in release_linked(tables, barred=[(table, barred)]).items()}
    assert all((one.loc[one["segment"] == 2.0, "status"] == "hidden").all() for one in held.values())
    assert (held["crossed"]["status"] != "hidden").any()


def test_a_barred_group_is_hidden_with_what_would_give_it_away():
    released = release_linked([request("a", [40, 30, 20], total=True)], barred=[("a", "segment 1")])
    assert shown(released)["a"] - {np.nan} != {0.0, 2.0}
    assert released["a"].hidden == 2


def test_a_group_has_the_name_of_who_it_is():
    frame = pd.DataFrame({"attribute": ["age", "sex"], "group": ["not stated", "not stated"], "n": [20, 30], "v": 1.0})
    one = Request("a", frame, ("group",), "s", lines=("attribute",), who=("attribute",), options={"means": ["v"]})
    assert one.names(frame) == ["attribute age, group not stated", "attribute sex, group not stated"]
    assert group_name({"segment": np.nan}, ["segment"]) == "everyone"


def brute(overlap, least):
    rows, columns = overlap.shape[0] - 1, overlap.shape[1] - 1
    for s in range(2**rows):
        for t in range(2**columns):
            one = np.array([*(s >> i & 1 for i in range(rows)), 0])
            two = np.array([*(t >> i & 1 for i in range(columns)), 0])
            if 1 <= (overlap * (one[:, None] != two[None, :])).sum() < least:
                return True
    return False


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_sums_that_differ_by_a_few_are_found_as_by_trying_all(data):
    rows, columns = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    cells = data.draw(st.lists(st.sampled_from([0, 0, 1, 3, 5, 9]), min_size=(rows + 1) * (columns + 1), max_size=99))
    overlap = np.array(cells[: (rows + 1) * (columns + 1)]).reshape(rows + 1, columns + 1)
    overlap[-1, -1] = 0
    assert few_differ(overlap, least=5) == brute(overlap, 5)


@pytest.mark.parametrize(("left", "found"), [(0, False), (1, True), (4, True), (5, False)])
def test_two_groups_that_swap_people_give_away_who_left_both(left, found):
    overlap = np.array([[20, 6, left], [0, 20, 0], [0, 0, 0]])
    assert few_differ(overlap, least=5) is found
