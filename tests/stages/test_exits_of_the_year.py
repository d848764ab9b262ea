"""Exits of the last year are of everybody employed then, not of who answered: that is who is held between releases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.linked_tables import Request
from segment.disclosure.rules import ReleaseRules
from segment.experience.scorecard import exits_by_segment
from segment.privacy import ReleaseLedger
from segment.stages.release.asked import Asked
from segment.stages.release.control import release_held
from segment.stages.release.group_members import who_left_before_the_end
from segment.stages.release.ledgers import Book, Books
from segment.tables.registry import plan_of

WAVES = ("2023", "2024")


def organisation(left: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spells of 200 people of whom so many left in the last year, and the segments of the 160 who ever answered."""
    place = np.arange(200)
    spells = pd.DataFrame(
        {"person": [f"p{one:03d}" for one in place], "entry": 0.0, "exit": 60.0, "cause": None, "weight": 1.0,
         "start_date": pd.Timestamp("2020-01-01")}
    )  # fmt: skip
    gone = place >= 200 - left
    spells = spells.assign(exit=spells["exit"].mask(gone, 59.9), cause=spells["cause"].mask(gone, "voluntary"))
    wave = np.where(place < 120, "2024", "2023")
    assigned = pd.DataFrame({"person": spells["person"], "wave": wave, "segment": (place % 2).astype(float)})
    return spells, assigned.head(160)


def publish(books: Books, spells: pd.DataFrame, assigned: pd.DataFrame) -> pd.DataFrame:
    plan = plan_of("scorecard")
    rows = exits_by_segment(spells, assigned, waves=WAVES)[["segment", "n", "share"]]
    frame = rows.assign(r="Retentie", measure="voluntary_exits")
    request = Request("scorecard", frame, plan.groups, "answers 2024", lines=plan.lines, options={"shares": ["share"]})
    people = assigned[assigned["wave"] == "2024"][["person", "segment"]]
    asked = Asked(
        (request,), {"scorecard": plan.people}, {"scorecard": people}, {"answers 2024": None}, ReleaseRules(),
        counted={"scorecard": who_left_before_the_end("scorecard", spells, assigned, waves=WAVES)},
    )  # fmt: skip
    told: pd.DataFrame = release_held(books, asked).tables["scorecard"].frame
    return told[told["status"] != "hidden"].drop(columns="earlier", errors="ignore").reset_index(drop=True)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books((Book(ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"k" * 32)),))


@pytest.mark.parametrize(("more", "again"), [(1, True), (4, True), (6, False)])
def test_one_more_who_left_and_had_not_answered_moves_no_share(books: Books, more: int, again: bool) -> None:
    first = publish(books, *organisation(14))
    assert first["share"].notna().any()
    assert publish(books, *organisation(14 + more)).equals(first) == again
    assert books.own.verify() is None and books.own.reexamine(organisation(0)[0]["person"]) == []


def test_the_scorecard_is_held_by_them() -> None:
    assert plan_of("scorecard").counts == "left before the end"
    spells, assigned = organisation(14)
    left, there = who_left_before_the_end("scorecard", spells, assigned, waves=WAVES)
    counted = exits_by_segment(spells, assigned, waves=WAVES).set_index("segment")["n"]
    assert len(left.people) == 14 and len(there.people) == counted[counted.index.isna()].item()
    assert there.people.groupby("segment").size().to_dict() == counted[counted.index.notna()].to_dict()
