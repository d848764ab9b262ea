"""Tables and models on disk: whole or not at all, and only what was written."""

from __future__ import annotations

import stat
from pathlib import Path

import pandas as pd
import pytest

from segment.errors import InvalidTable, NotReady, Refusal
from segment.store import Store, digest_file, written_atomically
from segment.tables.spec import Column, TableSpec

UNITS = pd.DataFrame({"unit": ["A", "B"], "score": [1.0, 2.0]})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "tables", tmp_path / "models")


def test_a_table_comes_back_as_it_went_in_and_leaves_the_same_bytes(store: Store) -> None:
    first = store.write("units", UNITS)
    assert store.write("units", UNITS) == first
    pd.testing.assert_frame_equal(store.read("units"), UNITS)


def test_a_share_of_all_weight_is_one_however_it_was_added_up() -> None:
    """Weighted shares that come out at 1.0000000000000002 are 1; what is beyond an end by more is refused."""
    share = Column("share", "number", "of all", low=0, high=1)
    told = TableSpec("shares", "group", ("group",), (Column("group", "text", "who"), share))
    frame = pd.DataFrame({"group": ["a", "b", "c"], "share": [1.0, 0.0, 0.5]})
    assert told.check(frame.assign(share=[1 + 2.3e-16, -1e-17, 0.5]))["share"].tolist() == [1.0, 0.0, 0.5]
    with pytest.raises(InvalidTable, match="at most 1"):
        told.check(frame.assign(share=[1.001, 0.0, 0.5]))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    file.write_text("old")
    with pytest.raises(RuntimeError), written_atomically(file) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_a_table_that_breaks_its_schema_is_refused_and_the_old_one_stays(store: Store) -> None:
    digest = store.write("units", UNITS)
    with pytest.raises(InvalidTable, match="2 rows share a key"):
        store.write("units", UNITS.assign(unit="A"))
    assert digest_file(store.table_path("units")) == digest


def test_a_refusal_of_a_table_never_shows_its_content(store: Store) -> None:
    frame = pd.DataFrame({"person": ["secret-one"], "spell": [1], "entry": [-5.25], "exit": [2.0], "cause": ["x"]})
    with pytest.raises(InvalidTable) as refused:
        store.write("spells", frame.assign(weight=1.0, start_date=pd.NaT))
    assert "entry: at least 0 (1 row)" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "5.25" not in str(refused.value)


def test_tables_about_people_are_for_their_owner_only(store: Store) -> None:
    store.write("audit", pd.DataFrame({"person": ["p"], "sex": ["x"]}))
    assert stat.S_IMODE(store.table_path("audit").stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["missing", "broken"])
def test_a_missing_or_damaged_table_says_what_to_do(store: Store, damage: str) -> None:
    if damage == "broken":
        store.write("units", UNITS)
        store.table_path("units").write_bytes(b"PAR1 not really")
    with pytest.raises(NotReady, match="run the study"):
        store.read("units")


def test_a_model_is_loaded_only_when_its_card_agrees(store: Store) -> None:
    store.save_model("segmentation", {"means": [1, 2]}, card={"study": "pilot"})
    assert store.load_model("segmentation", dict) == {"means": [1, 2]}
    with pytest.raises(Refusal, match=r"of another kind(.|\n)*expected: list(.|\n)*found: dict"):
        store.load_model("segmentation", list)
    path = store.model_path("segmentation")
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(Refusal, match="not the one its card speaks of"):
        store.load_model("segmentation", dict)
