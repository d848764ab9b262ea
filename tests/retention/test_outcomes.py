"""One checked door for what was seen of staying and leaving."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention import check_spells


def table(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"entry": [0.0, 3.0], "exit": [5.0, 9.0], "event": [1, 0], **columns})


def test_input_is_not_changed_and_defaults_are_filled() -> None:
    spells = table()
    kept = spells.copy()
    seen = check_spells(spells.drop(columns="entry"))
    assert seen.entry.tolist() == [0, 0] and seen.weight.tolist() == [1, 1] and seen.person.tolist() == [0, 1]
    pd.testing.assert_frame_equal(spells, kept)


def test_rows_of_a_person_share_a_code() -> None:
    assert check_spells(table(person=["a", "a"])).person.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"entry": [5.0, 3.0]}, "1 row where entry is not below exit"),
        ({"entry": [-1.0, 3.0]}, "cannot be negative"),
        ({"exit": [5.0, 4000.0]}, "in months, not in days"),
        ({"exit": [np.nan, 9.0]}, "has gaps"),
        ({"event": [3, 0]}, "0 (stayed) or 1 to 2 (voluntary, involuntary)"),
        ({"event": [0.5, 0]}, "An event has no cause"),
        ({"weight": [0.0, 1.0]}, "A weight must be positive"),
        ({"person": [None, "b"]}, "belongs to a person"),
        ({"exit": ["long", "short"]}, "must hold numbers"),
    ],
)
def test_each_refusal_says_what_is_wrong(columns: dict[str, list[float]], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_spells(table(**columns))
    assert said in str(refused.value)


def test_other_refusals() -> None:
    with pytest.raises(InvalidInput, match="lack a column"):
        check_spells(table().drop(columns="event"))
    with pytest.raises(InvalidInput, match="no spells"):
        check_spells(table().iloc[:0])
    with pytest.raises(InvalidInput, match="must be a table"):
        check_spells([1, 2])  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="do not describe the same rows"):
        check_spells(table(), index=pd.Index([1, 0]))
    with pytest.raises(InvalidInput, match="list of different names"):
        check_spells(table(), causes="voluntary")
