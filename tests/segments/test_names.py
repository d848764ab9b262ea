"""What segments are called: rows per segment and language, asked in one way, also of releases of before."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.linked_tables import Request
from segment.errors import InvalidTable
from segment.segments.names import called, name_rows, names_in, released_names
from segment.stages.release.carry_forward import published_before
from segment.stages.release.ledgers import Book, Books
from segment.stages.release.read_back import read_names
from segment.store import Store, save_json

NAMES = {0: {"nl": "Groei", "en": "Growth"}, 1: {"nl": "Rust", "en": "Rest"}}
#: Rows of ``segments`` as they were released while names stood in them.
BEFORE = [
    {"segment": number, "n": "40", "share": 0.5, "name_nl": told["nl"], "name_en": told["en"], "status": "banded"}
    for number, told in NAMES.items()
]


def test_names_are_read_as_they_were_written() -> None:
    rows = name_rows(NAMES)
    assert rows.columns.tolist() == ["segment", "language", "called"]
    assert names_in(rows) == NAMES
    assert names_in(pd.concat([rows.assign(wave="2023"), rows.assign(wave="2024")])) == NAMES


@pytest.mark.parametrize("rows", [
    name_rows({}), name_rows(NAMES).assign(status="hidden"), name_rows(NAMES).assign(segment=float("nan")),
    name_rows(NAMES).assign(called=None), name_rows(NAMES).assign(called=""),
])  # fmt: skip
def test_what_has_no_name_to_show_has_its_number(rows: pd.DataFrame) -> None:
    names = names_in(rows)
    assert names == {}
    assert [called(names, 0.0, language) for language in ("nl", "en")] == ["Segment 1", "Segment 1"]


def test_a_language_without_a_name_of_its_own_has_the_english_one() -> None:
    assert called({0: {"nl": "Groei", "en": "Growth"}}, 0, "nl") == "Groei"
    assert called({0: {"en": "Growth"}}, 0, "nl") == "Growth"
    assert names_in(name_rows({0: {"en": "Growth"}})) == {0: {"nl": "Growth", "en": "Growth"}}


def test_a_release_of_before_tells_the_same_names(tmp_path: Path) -> None:
    segments = pd.DataFrame(BEFORE)
    save_json(tmp_path / "segments.json", {"columns": [*segments], "data": segments.to_numpy().tolist()})
    assert names_in(read_names(tmp_path)) == NAMES
    assert names_in(released_names(name_rows(NAMES), segments[["segment", "n", "share"]])) == NAMES
    hidden = pd.DataFrame([{**row, "status": "hidden"} for row in BEFORE])
    assert names_in(released_names(pd.DataFrame(), hidden)) == {}
    assert names_in(released_names(pd.DataFrame(), pd.DataFrame())) == {}


def test_names_of_a_release_of_before_are_shown_again_with_their_segments(tmp_path: Path) -> None:
    """A segment that lost two people since keeps the figures of before, and what it was called beside them."""
    ledger = ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"secret")
    people = {"segment 0": [f"a{i}" for i in range(40)], "segment 1": [f"b{i}" for i in range(40)]}
    rows = {label: [row] for label, row in zip(people, BEFORE, strict=True)}
    source = "answers 2024 of study"
    ledger.record({"segments": people}, source=source, digests={"segments": "d"}, rows={"segments": rows})
    now = {label: frozenset(own[2:]) for label, own in people.items()}
    request = Request("segment_names", pd.DataFrame(), ("segment",), source, lines=("language",))
    told = published_before(Books((Book(ledger),)), request, now, None)
    assert {row["language"]: row["called"] for row in told["segment 1"]} == NAMES[1]
    assert {row["status"] for row in told["segment 1"]} == {"banded"}
    other = published_before(Books((Book(ledger),)), request, {"segment 2": frozenset("xyz")}, None)
    assert other == {}, "another segment has no name of before"
    own = {"segment 0": [{"segment": 0, "language": "nl", "called": "Bouwers"}]}
    ledger.record({"segment_names": people}, source=source, digests={"segment_names": "e"},
                  rows={"segment_names": own})  # fmt: skip
    told = published_before(Books((Book(ledger),)), request, now, None)
    assert [row["called"] for row in told["segment 0"]] == ["Bouwers"], "a table of its own goes first"


def test_a_table_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    row = {"place": 0, "segment": 0.0, "earlier": 0.0, "status": "kept", "overlap": 1.0, "earlier_name_nl": "Groei"}
    (tmp_path / "tables").mkdir()
    pd.DataFrame([row]).to_parquet(tmp_path / "tables" / "identity.parquet")
    with pytest.raises(InvalidTable, match=r"earlier_name_nl is not part of it(.|\n)*run the study again"):
        Store(tmp_path / "tables", tmp_path).read("identity")
