"""One whose dates or reason of leaving were corrected is not told by a curve that moved since."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from segment.disclosure.linked_tables import Request
from segment.disclosure.rules import ReleaseRules
from segment.privacy import ReleaseLedger
from segment.retention.steps import curves_told
from segment.stages.release.asked import Asked
from segment.stages.release.control import release_held
from segment.stages.release.group_members import who_left
from segment.stages.release.ledgers import Book, Books
from segment.tables.registry import plan_of

CAUSES = ("voluntary", "involuntary")


def spells_of(segments: int = 2) -> pd.DataFrame:
    """Sixty people of each segment, of whom 24 left, one a month, by two causes in turn."""
    rows = [
        {"person": f"p{segment} {place}", "segment": float(segment), "entry": 0.0,
         "exit": float(place + 1 if place < 24 else 30), "cause": CAUSES[place % 2] if place < 24 else None,
         "start_date": pd.Timestamp("2020-01-01") + pd.Timedelta(days=place)}
        for segment in range(segments) for place in range(60)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def curves(spells: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for segment, own in spells.groupby("segment"):
        for month in range(31):
            left = own[own["cause"].notna() & (own["exit"] <= month)]
            told = {f"events_{cause}": int((left["cause"] == cause).sum()) for cause in CAUSES}
            told |= {f"incidence_{cause}": told[f"events_{cause}"] / len(own) for cause in CAUSES}
            rows.append({"segment": segment, "month": float(month), "events": len(left), "n": len(own),
                         "survival": 1 - len(left) / len(own), "low": 0.2, "high": 1.0, **told})  # fmt: skip
    return pd.DataFrame(rows)


def publish(books: Books, spells: pd.DataFrame) -> pd.DataFrame:
    """What is told of the curves, with the ledger asked as a study asks it."""
    plan, people = plan_of("curves"), spells[["person", "segment"]]
    options = {"shares": ["survival", *(f"incidence_{one}" for one in CAUSES)], "kind": "curves", "events": "events"}
    frame = curves_told(curves(spells)).drop(columns=["low", "high"])
    request = Request("curves", frame, plan.groups, "spells", lines=plan.lines, who=plan.who, options=options)
    asked = Asked(
        (request,), {"curves": plan.people}, {"curves": people}, {"spells": None}, ReleaseRules(),
        counted={"curves": who_left("curves", people, spells)},
    )  # fmt: skip
    told: pd.DataFrame = release_held(books, asked).tables["curves"].frame
    return told[told["status"] != "hidden"].drop(columns=["status", "earlier"], errors="ignore").reset_index(drop=True)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books((Book(ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"k" * 32)),))


def corrected(spells: pd.DataFrame, people: int, **told: object) -> pd.DataFrame:
    """The same spells with other words about the first people of one segment who left."""
    own = spells.index[(spells["segment"] == 1) & spells["exit"].between(13, 12 + people)]
    return spells.assign(**{name: spells[name].mask(spells.index.isin(own), value) for name, value in told.items()})


OTHERWISE = {
    "last day": {"exit": 6.0},
    "reason": {"cause": "voluntary"},
    "first day": {"start_date": pd.Timestamp("2019-06-01")},
}


@pytest.mark.parametrize("people", [1, 4])
@pytest.mark.parametrize("what", list(OTHERWISE))
def test_whose_dates_or_reason_were_corrected_moves_no_curve(books: Books, what: str, people: int) -> None:
    """The same people left: whoever knows of the correction would read from the curve that moved who is in it."""
    spells = spells_of()
    first = publish(books, spells)
    again = publish(books, corrected(spells, people, **OTHERWISE[what]))
    assert len(again) and len(again.merge(first)) == len(again), "each row is one of before"
    ledger = books.own
    assert ledger.verify() is None and ledger.reexamine(spells["person"]) == []


def test_where_many_were_corrected_their_curve_is_told_anew(books: Books) -> None:
    spells = spells_of()
    first = publish(books, spells)
    again = publish(books, corrected(spells, 8, exit=6.0))
    moved = first.merge(again, on=["segment", "month"], suffixes=("", "_now"))
    assert (moved["survival"] != moved["survival_now"]).groupby(moved["segment"]).any().to_dict() == {0: False, 1: True}


def test_the_same_again_is_the_same(books: Books) -> None:
    spells = spells_of()
    first = publish(books, spells)
    head = books.own.head
    pd.testing.assert_frame_equal(publish(books, spells), first)
    assert books.own.head == head
