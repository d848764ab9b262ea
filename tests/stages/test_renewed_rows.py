"""Others came than left: numbers of people that differ by a few, and are no group that differs by a few."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.privacy import ReleasedTable, release
from segment.stages.release.proof import renewed_rows


class Book:
    """A ledger that published one row before."""

    def __init__(self, n: str) -> None:
        self.n = n

    def rows(self, table: str) -> list[dict[str, object]]:
        return [{"group": "North", "n": self.n}, {"group": None, "n": "120"}] if table == "response" else []


def response(n: int) -> dict[str, ReleasedTable]:
    frame = pd.DataFrame({"group": ["North", "South", np.nan], "n": [n, 60, n + 60], "share": 0.5})
    return {"response": release("response", frame, groups=["group"], count="n", shares=["share"], kind="rates")}


def renewed(before: str, now: int) -> dict[str, list[list[str]]]:
    return renewed_rows(response(now), cast("ReleaseLedger", Book(before)))


def test_rows_that_the_ledger_let_leave_with_a_few_more_or_fewer_are_named() -> None:
    assert renewed("60", 58) == {"response": [["North"], ["None"]]}


def test_rows_as_before_or_with_five_more_or_in_a_band_are_not() -> None:
    assert renewed("60", 60) == {}
    assert renewed("60", 65) == {}
    assert renewed("10–19", 21) == {}
