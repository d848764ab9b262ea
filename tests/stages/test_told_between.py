"""Two releases of one curve at other months leave no step of one to four exits between them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from segment.disclosure.linked_tables import Request
from segment.disclosure.rules import ReleaseRules
from segment.privacy import ReleaseLedger
from segment.retention.steps import FEWEST_IN_STEP, curves_told
from segment.stages.release.asked import Asked, Counted
from segment.stages.release.control import release_held
from segment.stages.release.ledgers import Book, Books
from segment.tables.registry import plan_of

#: Months at which people of each segment left: the second segment in whole years, the third in other months than these.
EXITS = {
    0: [month for month in range(1, 25) for _ in range(2)],
    1: [12] * 6 + [24] * 6,
    2: [5] * 6 + [11] * 6 + [17] * 6 + [22] * 6,
}
PEOPLE = {segment: [f"p{segment} {number}" for number in range(60)] for segment in EXITS}


def curves(segments: list[int]) -> pd.DataFrame:
    rows = [
        {"segment": segment, "month": float(month), "events": (gone := sum(one <= month for one in EXITS[segment])),
         "survival": 1 - gone / 60, "low": 0.9 - gone / 60, "high": 1.0, "n": 60, "at_risk": 60}
        for segment in segments for month in range(25)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"segment": "float64"})


def publish(books: Books, segments: list[int]) -> pd.DataFrame:
    """What is told of these segments' curves, published together."""
    plan, behind = plan_of("curves"), [(one, float(segment)) for segment in segments for one in PEOPLE[segment]]
    people = pd.DataFrame(behind, columns=["person", "segment"])
    left = people[people["person"].isin([one for s in segments for one in PEOPLE[s][: len(EXITS[s])]])]
    frame = curves_told(curves(segments)).drop(columns="at_risk")
    options = {"shares": ["survival", "low", "high"], "kind": "curves", "events": "events"}
    request = Request("curves", frame, plan.groups, "spells", lines=plan.lines, who=plan.who, options=options)
    asked = Asked(
        (request,),
        {"curves": plan.people},
        {"curves": people},
        {"spells": None},
        ReleaseRules(),
        counted={"curves": [Counted(", who left", "spells-exits-curves", left)]},
    )
    told: pd.DataFrame = release_held(books, asked).tables["curves"].frame
    return told[told["status"] != "hidden"]


def steps_of(*told: pd.DataFrame, segment: int) -> list[int]:
    """Exits of a segment between any two months at which some release told its curve."""
    months = sorted({month for one in told for month in one.loc[one["segment"] == segment, "month"]})
    so_far = [sum(gone <= month for gone in EXITS[segment]) for month in months]
    return [after - before for before, after in itertools.pairwise(so_far)]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books((Book(ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"k" * 32)),))


@pytest.mark.parametrize("others", [([1], [2]), ([2], [1]), ([1], []), ([], [2])])
def test_another_segment_beside_it_brings_no_exit_out(books: Books, others: tuple[list[int], list[int]]) -> None:
    first, then = (publish(books, [0, *beside]) for beside in others)
    for told in (first, then):
        assert min(steps_of(told, segment=0)) >= FEWEST_IN_STEP
    assert min(steps_of(first, then, segment=0)) >= FEWEST_IN_STEP
    again = then[then["segment"] == 0].drop(columns=["status", "earlier"], errors="ignore")
    both = again.merge(first, on=["segment", "month"], suffixes=("", "_then"))
    assert len(both) == len(again) > 0 and both["survival"].equals(both["survival_then"].rename("survival"))


def test_the_same_again_is_no_other(books: Books) -> None:
    first, then = publish(books, [0, 1]), publish(books, [0, 1])
    assert "earlier" not in then and first.reset_index(drop=True).equals(then.reset_index(drop=True))
