"""One who left moves every figure of a model towards what that one answered: between two releases nothing does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.linked_tables import Request
from segment.disclosure.rules import ReleaseRules
from segment.privacy import ReleaseLedger
from segment.stages.release.asked import Asked
from segment.stages.release.control import Held, release_held
from segment.stages.release.group_members import what_a_model_learned
from segment.stages.release.ledgers import Book, Books
from segment.tables.registry import plan_of, released_tables

NAMES = ("effects", "what_if", "evaluation", "leaving", "lifetime_value", "segment_effects")


def organisation() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spells of 180 people in three segments, of whom every third left, and what HR knows of them."""
    place = np.arange(180)
    spells = pd.DataFrame(
        {"person": [f"p{one:03d}" for one in place], "segment": (place // 60).astype(float), "entry": 0.0,
         "exit": 10.0 + place % 50, "cause": np.where(place % 3 == 0, "voluntary", None),
         "start_date": pd.Timestamp("2020-01-01") + pd.to_timedelta(place, unit="D")}
    )  # fmt: skip
    people = spells[["person", "start_date"]].assign(
        spell=1, relation="employee", end_date=pd.NaT, end_reason="", salary_band=place % 9
    )
    return spells, people


def asked_of(spells: pd.DataFrame, people: pd.DataFrame, *, by: float) -> Asked:
    """Figures of a model as every refit moves them, and who stands behind them."""
    present = spells[spells["cause"].isna()][["person", "segment"]]
    n = present.groupby("segment").size()
    of_segments = pd.DataFrame({"segment": n.index, "n": n.to_numpy()})
    first, second = ("V_now", "V_fut") if by < 0.5 else ("P_word", "V_now")
    frames = {
        "effects": pd.DataFrame({"feature": ["V_now", "P_word"], "change": [20 + by, 30 - by], "n": len(spells)}),
        "what_if": pd.DataFrame({"feature": [first, second], "level": "low", "leaving": 10 + by, "n": len(spells)}),
        "evaluation": pd.DataFrame({"model": "m", "sample": "s", "metric": ["auc"], "value": 0.7, "n": len(spells)}),
        "leaving": of_segments.assign(horizon=12.0, value=0.2 + by / 10),
        "lifetime_value": of_segments.assign(value=1000.0 + by),
        "segment_effects": pd.concat(
            [of_segments.assign(feature=one, change=5 + by, events=20) for one in (first, second)]
        ),
    }
    frames["evaluation"]["value"] += by / 100
    options = {"effects": {"overall": ["change"], "kind": "driver"}, "what_if": {"overall": ["leaving"]},
               "evaluation": {"overall": ["value"]}, "leaving": {"shares": ["value"], "kind": "rates"},
               "lifetime_value": {"means": ["value"], "kind": "driver"},
               "segment_effects": {"means": ["change"], "kind": "driver", "events": "events",
                                   "chosen": plan_of("segment_effects").chosen}}  # fmt: skip
    requests = tuple(
        Request(name, frames[name].reset_index(drop=True), plan_of(name).groups, "spells", lines=plan_of(name).lines,
                options=options[name])
        for name in NAMES
    )  # fmt: skip
    behind = {name: present if plan_of(name).groups else spells[["person"]] for name in NAMES}
    return Asked(
        requests, {name: plan_of(name).people for name in NAMES}, behind, {"spells": None}, ReleaseRules(),
        counted={name: [what_a_model_learned(name, spells, people)] for name in NAMES},
    )  # fmt: skip


def told(held: Held) -> dict[str, list[list[object]]]:
    return {
        name: sorted(
            table.frame.query("status != 'hidden'")
            .drop(columns="earlier", errors="ignore")
            .astype(str)
            .to_numpy()
            .tolist()
        )
        for name, table in held.tables.items()
    }


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books((Book(ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"k" * 32)),))


def left(spells: pd.DataFrame, people: pd.DataFrame, many: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    staying = spells.index[spells["cause"].isna() & (spells["segment"] == 0)][:many]
    return spells.assign(cause=spells["cause"].mask(spells.index.isin(staying), "voluntary")), people


def corrected(spells: pd.DataFrame, people: pd.DataFrame, many: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    return spells, people.assign(salary_band=people["salary_band"].mask(people.index < many, 99))


def joined(spells: pd.DataFrame, people: pd.DataFrame, many: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    new = spells[spells["cause"].isna()].head(many)
    more = [f"new{place}" for place in range(many)]
    return (
        pd.concat([spells, new.assign(person=more, segment=np.nan)], ignore_index=True),
        pd.concat([people, people.head(many).assign(person=more)], ignore_index=True),
    )


@pytest.mark.parametrize("how", [left, corrected, joined])
@pytest.mark.parametrize("many", [1, 4])
def test_a_few_of_whom_a_model_learned_move_none_of_its_figures(books: Books, how, many: int) -> None:  # type: ignore[no-untyped-def]
    first = release_held(books, asked_of(*organisation(), by=0.1))
    again = release_held(books, asked_of(*how(*organisation(), many), by=0.9))
    assert told(again) == told(first)
    assert all("V_fut" in str(told(again)[name]) for name in ("what_if", "segment_effects")), "lines of before"
    assert not [one for table in again.tables.values() for one in table.frame.query("status == 'hidden'").to_numpy()]
    assert books.own.verify() is None and books.own.reexamine(organisation()[0]["person"]) == []


@pytest.mark.parametrize("how", [left, corrected])
def test_many_of_whom_it_learned_move_them(books: Books, how) -> None:  # type: ignore[no-untyped-def]
    first = release_held(books, asked_of(*organisation(), by=0.1))
    again = release_held(books, asked_of(*how(*organisation(), 12), by=0.9))
    moved = {name for name, rows in told(again).items() if rows != told(first)[name]}
    assert moved == set(NAMES)
    assert books.own.reexamine(organisation()[0]["person"]) == []


def test_the_same_again_writes_nothing(books: Books) -> None:
    release_held(books, asked_of(*organisation(), by=0.1))
    head = books.own.head
    release_held(books, asked_of(*organisation(), by=0.1))
    assert books.own.head == head


def test_every_table_of_a_model_of_leaving_says_so() -> None:
    models = {name for name, plan in released_tables().items() if plan.people in ("watched", "present", "explained")}
    assert {name for name in models if plan_of(name).counts == "model"} == models


def test_the_certificate_tells_no_number_of_people_that_the_release_keeps(books: Books) -> None:
    """The attack: read in the manifest that one fewer answered than before, beside tables that stayed as they were."""

    def publish(answered: int) -> list[object]:
        frame = pd.DataFrame({"segment": [0.0, 1.0], "need": "pay", "n": [60, answered - 60], "mean": [3.1, 3.4]})
        request = Request(
            "promises", frame, ("segment",), "answers spring", lines=("need",), options={"means": ["mean"]}
        )
        people = organisation()[0][["person", "segment"]].head(answered)
        asked = replace(asked_of(*organisation(), by=0.1), requests=(request,), kinds={"promises": "wave"},
                        behind={"promises": people}, answers={"answers spring": None}, counted={})  # fmt: skip
        return [
            table.certificate["audit"]["narrowest_interval"] for table in release_held(books, asked).tables.values()
        ]

    assert publish(120) == [None]
    assert publish(119) == publish(118) == [10.0]
