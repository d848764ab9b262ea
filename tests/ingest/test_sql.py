"""Rows of a database by a query in a file: the table that the export gives, no secret in the study, faults by kind."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from segment.ingest import refuse_errors
from segment.ingest.findings import Findings
from segment.ingest.readers import content_of, read_raw
from segment.stages.base import source_digests
from tests.ingest.conftest import PEOPLE
from tests.live import postgres

Addresses = dict[str, str]
Patch = pytest.MonkeyPatch
VARIABLE = "OUR_HR_DATABASE"
QUERY = f"-- database: {VARIABLE}\nselect * from people where start_date >= '2000-01-01' order by start_date desc\n"


def _filled(address: str) -> None:
    """The small export as a table with types of the database's own."""
    rows = pd.read_csv(io.StringIO(PEOPLE), dtype={"person_id": "str"}, keep_default_na=False, na_values=[""])
    for name in ("start_date", "end_date"):
        rows[name] = pd.to_datetime(rows[name])
    engine = sa.create_engine(address)
    kinds = {"start_date": sa.Date(), "end_date": sa.Date(), "hours": sa.Numeric(5, 1)}
    rows.to_sql("people", engine, index=False, dtype=kinds)
    engine.dispose()


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("base")
    with postgres(folder) as server:
        found = {"sqlite": f"sqlite:///{folder / 'hr.db'}", "postgresql": server}
        for address in found.values():
            _filled(address)
        yield found


@pytest.fixture
def asked(desk: Any, monkeypatch: Patch) -> Any:
    """A study whose people come from a query."""
    desk.files["people.sql"] = QUERY
    desk.people["file"] = "people.sql"

    def at(address: str) -> Any:
        monkeypatch.setenv(VARIABLE, address)
        return desk

    return at


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_query_gives_the_table_that_the_export_gives(asked: Any, desks: Any, addresses: Addresses, kind: str) -> None:
    inputs, export = asked(addresses[kind]).read(), desks().read()
    refuse_errors(inputs.findings)
    for name, table in export.tables.items():
        pd.testing.assert_frame_equal(inputs.tables[name], table)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_changed_by_what_the_file_says(
    addresses: Addresses, kind: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setenv(VARIABLE, addresses[kind])
    file = tmp_path / "people.sql"
    file.write_text(f"-- database: {VARIABLE}\ndelete from people returning person_id\n")
    read_raw(file, Findings())
    engine = sa.create_engine(addresses[kind])
    with engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from people")).scalar_one() == 6
    engine.dispose()


def test_new_rows_make_a_study_out_of_date_and_their_order_does_not(
    addresses: Addresses, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setenv(VARIABLE, f"sqlite:///{tmp_path / 'own.db'}")
    _filled(f"sqlite:///{tmp_path / 'own.db'}")
    one, two = tmp_path / "one.sql", tmp_path / "two.sql"
    one.write_text(QUERY)
    two.write_text(QUERY.replace(" desc", ""))
    before = content_of(one)
    assert before == content_of(two)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'own.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("update people set department = 'Elders' where person_id = '007'"))
    engine.dispose()
    assert content_of(one) != before
    assert content_of(tmp_path / "people.csv") is None


def test_the_rows_count_among_what_a_study_is_made_of(asked: Any, addresses: Addresses) -> None:
    desk = asked(addresses["sqlite"])
    study = desk.study()
    assert content_of(desk.folder / "people.sql") in source_digests(study)


def _told(tmp_path: Path, text: str, name: str = "people.sql") -> str:
    file, found = tmp_path / name, Findings()
    file.write_text(text)
    assert read_raw(file, found) is None
    (one,) = found.items
    return f"{one.rule.code}: expected {one.expected}; came {one.came}; {one.advice}"


def test_an_address_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    told = _told(tmp_path, "-- database: postgresql://ann:geheim@server/hr\nselect 1 as person_id\n")
    assert "a study holds no secret" in told
    assert "geheim" not in told
    assert "server" not in told


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert f"the environment variable {VARIABLE}" in _told(tmp_path, QUERY)
    assert "'-- database: HR_DATABASE' on the first line" in _told(tmp_path, "select 1 as person_id\n")
    assert "one SELECT under the first line" in _told(tmp_path, f"-- database: {VARIABLE}\n")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("geheim", "an address in the environment variable"),
        ("oddbase://ann:geheim@/hr", "a driver for this kind of database"),
        ("sqlite:////nowhere/at/all/geheim.db", "a database that answers"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_it(
    tmp_path: Path, monkeypatch: Patch, address: str, told: str
) -> None:
    monkeypatch.setenv(VARIABLE, address)
    said = _told(tmp_path, QUERY)
    assert told in said
    assert "geheim" not in said


def test_a_server_that_does_not_answer_is_told_at_once(tmp_path: Path, monkeypatch: Patch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv(VARIABLE, f"postgresql+pg8000://ann:geheim@127.0.0.1:{port}/hr")
    said = _told(tmp_path, QUERY)
    assert "nobody answers within" in said
    assert "geheim" not in said


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_query_that_is_wrong_is_told_without_its_words(
    addresses: Addresses, kind: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setenv(VARIABLE, addresses[kind])
    said = _told(tmp_path, f"-- database: {VARIABLE}\nselect * from persoenen\n")
    assert "persoenen" not in said
    assert "42P01" in said or kind == "sqlite"


def test_a_colon_belongs_to_the_query(addresses: Addresses, tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv(VARIABLE, addresses["postgresql"])
    file = tmp_path / "people.sql"
    file.write_text(f"-- database: {VARIABLE}\nselect person_id::text as who, ' :ann %s' as said from people limit 1\n")
    raw = read_raw(file, found := Findings())
    assert raw is not None, found.items
    assert raw.frame["said"].tolist() == [" :ann %s"]


def test_too_many_rows_are_refused_before_they_are_all_fetched(desk: Any, asked: Any, addresses: Addresses) -> None:
    desk = asked(addresses["sqlite"])
    desk.settings["ingest"] = {"max_rows": 3}
    assert "DQ080" in set(desk.read().findings["code"])
