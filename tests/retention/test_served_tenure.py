"""How long somebody has been there, as a served model is told it: in months, or between two days, person by person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention.scorer import _tenure

DAYS = {"start_date": "2020-01-01", "on": "2024-01-01"}


def test_each_person_is_read_by_what_is_told_of_that_person() -> None:
    people = pd.DataFrame([{"tenure": 12.0, "start_date": None, "on": None}, {"tenure": None, **DAYS}])
    assert _tenure(people).round().tolist() == [12, 48]
    assert _tenure(people[:1]).tolist() == [12] and _tenure(people[1:]).round().tolist() == [48]


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ({"tenure": 9999.0}, "tenure has to be known"),
        ({"tenure": -1.0}, "tenure has to be known"),
        ({"tenure": np.inf}, "tenure has to be known"),
        ({"start_date": "2020-01-01", "on": "2199-01-01"}, "first day has to be known"),
        ({"start_date": "2025-01-01", "on": "2024-01-01"}, "first day has to be known"),
        ({"tenure": 300.0, **DAYS}, "different things"),
        ({"hours": 36.0}, "depends on how long"),
    ],
)
def test_what_cannot_be_is_refused(person: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        _tenure(pd.DataFrame([person]))


def test_months_and_days_that_agree_may_both_be_told() -> None:
    assert _tenure(pd.DataFrame([{"tenure": 47.0, **DAYS}])).tolist() == [47.0]
