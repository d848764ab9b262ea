"""How many were asked and took part stays as it was told while a few come or go; no group is named after one person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from segment.disclosure.ledger.answers import Sketch
from segment.privacy import ReleaseLedger
from segment.stages.counts import ANSWERED, ASKED, OUTSIDE, SCOPE, SILENT, Population, without_rare
from segment.stages.release import population as told
from segment.stages.release.ledgers import Book, Books
from segment.stages.retention.evaluation import protected_bands
from segment.stages.retention.explanation import hires_by_source

EVERYBODY = [f"p{one}" for one in range(130)]
EMPLOYED, CANDIDATES = EVERYBODY[:120], EVERYBODY[120:]


class Study:
    """The releases of one wave's numbers, one after the other."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.books = Books((Book(ReleaseLedger(folder / "l.db", members=folder / "m.db", key=b"k" * 32)),))
        self._patch = patch

    def tell(self, gone: Collection[str] = (), *, wave: str = "2025", late: int = 0, anew: bool = False) -> Population:
        """What is told of a wave; ``anew``: all but one answer otherwise than in the other waves."""
        scope = frozenset(EMPLOYED) - {*gone}
        answered = frozenset(EMPLOYED[: 80 + late] + CANDIDATES) - {*gone}
        counted = {SCOPE: scope, ASKED: scope & answered, SILENT: scope - answered, ANSWERED: answered,
                   f"{OUTSIDE}candidate": answered - scope}  # fmt: skip
        now = Population(len(scope), len(scope & answered), len(answered), {"candidate": len(answered - scope)})
        said = pd.DataFrame([{"person": one, "P": int(one[1:]) % 5, "Q": int(one[1:]) % 7} for one in sorted(answered)])
        said.loc[said["person"] != "p0", ["P", "Q"]] += 8 * anew
        fakes = {"people_counted": counted, "population_of": now, "answers_behind": Sketch.of(said)}
        for name, value in fakes.items():
            self._patch.setattr(told, name, lambda *_, value=value: value)
        opened: Any = SimpleNamespace(config=SimpleNamespace(study="us"))
        return told.told_population(opened, self.books, wave)


@pytest.mark.parametrize("who", ["p3", "p100", "p125"], ids=["took part", "did not", "a candidate"])
def test_one_who_is_gone_is_in_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    study = Study(tmp_path, monkeypatch)
    first = study.tell()
    assert (first.scope, first.asked, first.answered, dict(first.outside)) == (120, 80, 90, {"candidate": 10})
    assert study.tell({who}) == first == study.tell({who, "p4", "p101"})
    assert study.books.own.verify() is None and study.books.own.reexamine(EVERYBODY) == []


def test_many_are_told_and_the_same_again_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study(tmp_path, monkeypatch)
    study.tell()
    more = study.tell(late=9)
    assert (more.scope, more.asked, more.answered) == (120, 89, 99)
    head = study.books.own.head
    assert study.tell(late=9) == more and study.books.own.head == head
    assert study.tell({"p3"}, late=9) == more


def test_a_wave_under_another_name_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study(tmp_path, monkeypatch)
    first = study.tell()
    assert study.tell({"p3"}, wave="2025b") == first


@pytest.mark.parametrize("here", [{"p128", "p129"}, {"p127"}], ids=["some of them", "others"])
def test_another_wave_tells_its_own_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: set[str]) -> None:
    """One who answers as before links two waves; two kinds of a few people each are no earlier and later self."""
    study = Study(tmp_path, monkeypatch)
    study.tell({*CANDIDATES} - {"p128", "p129"})
    gone = {*CANDIDATES, *EMPLOYED[100:]} - here
    other = study.tell(gone, wave="2026", anew=True)
    assert (other.scope, other.asked, other.answered) == (100, 80, 80 + len(here))
    assert study.tell({*gone, "p3"}, wave="2026b", anew=True) == other
    assert study.books.own.verify() is None and study.books.own.reexamine(EVERYBODY) == []


def test_days_are_read_back() -> None:
    first = Population(9, 8, 7, {"candidate": 5}, True, pd.Timestamp("2024-03-31").date(), None)
    assert told._read(told._written(first)) == first


class Tables:
    """A store of two tables."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables

    def has(self, name: str) -> bool:
        return name in self.tables

    def read(self, name: str) -> pd.DataFrame:
        return self.tables[name]


def test_what_fewer_than_five_have_is_named_nowhere() -> None:
    """Somebody typed a name where a department, a source of hire or a protected value belongs."""
    words = ["Care"] * 20 + ["Anna Jansen"] * 4 + ["Sales"] * 5
    people = pd.DataFrame({"person": EVERYBODY[:29], "spell": 1, "source": words})
    assert set(without_rare(people["source"]).dropna()) == {"Care", "Sales"}
    audit = pd.DataFrame({"person": EVERYBODY[:29], "belief": words})
    opened: Any = SimpleNamespace(
        store=Tables({"people": people, "audit": audit}),
        config=SimpleNamespace(retention=SimpleNamespace(first_year_by="source")),
    )
    hires = hires_by_source(opened, people[["person", "spell"]].assign(entry=0.0))
    assert set(hires["source"].dropna()) == {"Care", "Sales"} and len(hires) == 29
    assert set(protected_bands(opened, EVERYBODY[:29])["belief"].dropna()) == {"Care", "Sales"}
