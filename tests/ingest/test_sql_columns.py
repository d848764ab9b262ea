"""PostgreSQL by columns gives the table that reading by rows gives, and leaves to it what it does not surely give."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from segment.ingest.findings import Findings
from segment.ingest.readers import content_of, postgresql, read_raw
from segment.ingest.readers.postgresql import columns_of
from tests.live import postgres

VARIABLE = "OUR_HR_DATABASE"
#: Columns that are read by columns, and such as are left to reading by rows.
SURE = """
select n::int2 as small, n::int4 as usual, (n::int8 * 1000000007) as large, (n / 7.0)::float4 as short,
       (n / 7.0)::float8 as long, (n / 7.0)::numeric(9, 3) as amount, (n / 4.0)::numeric as free,
       case when n % 3 = 0 then null else 'Zoë, "' || n || '"' end as said, ('c' || n % 2)::varchar(5) as short_word,
       'x'::char(3) as padded, n % 2 = 0 as flag, date '1999-12-31' + n as day,
       timestamp '2020-02-29 23:59:59.123456' + n * interval '1 hour' as moment,
       md5(n::text)::uuid as who, null::int4 as nothing, null as nobody, ':ann %s' as colon,
       case when n = 2 then null else n end as gaps, case when n = 2 then null else n / 3.0 end as parted
from generate_series(-3, 40) as n order by n"""
OTHER = {
    "a document": "select '{\"a\": 1}'::jsonb as one",
    "a moment with a zone": "select timestamptz '2024-03-01 10:00+02' as one",
    "a list": "select array[1, 2] as one", "no number": "select 'NaN'::numeric as one",
    "many digits": "select 1e30::numeric + 1e-20::numeric as one",
    "no end": "select date 'infinity' as one", "money": "select 12.5::money as one",
    "time": "select time '10:00' as one", "bytes": "select '\\x01'::bytea as one",
    "an own type": "select 'v'::sort as one",
}  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres(tmp_path_factory.mktemp("columns")) as server:
        engine = sa.create_engine(server)
        with engine.begin() as connection:
            connection.execute(sa.text("create type sort as enum ('m', 'v')"))
            connection.execute(sa.text("create table people as select 1 as person_id"))
        engine.dispose()
        yield server


def both(query: str, address: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """What is read with the extra and without it: the table, its digest, the faults."""
    monkeypatch.setenv(VARIABLE, address)
    file = folder / "people.sql"
    file.write_text(f"-- database: {VARIABLE}\n{query}\n", encoding="utf-8")
    told = []
    for without in (False, True):
        with monkeypatch.context() as patch:
            if without:
                patch.setitem(sys.modules, "adbc_driver_postgresql", None)
            found = Findings()
            raw = read_raw(file, found)
            told.append((raw.frame if raw is not None else None, content_of(file), found.table().to_dict("records")))
    (frame, digest, faults), (other, *rest) = told
    assert [digest, faults] == rest
    return frame, other


def is_by_columns(query: str, address: str) -> bool:
    return columns_of(query, sa.make_url(address), None) is not None


def test_the_same_table_to_the_byte(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_by_columns(SURE, address)
    fast, slow = both(SURE, address, tmp_path, monkeypatch)
    assert isinstance(fast, pd.DataFrame) and isinstance(slow, pd.DataFrame)
    pd.testing.assert_frame_equal(fast, slow, check_exact=True)
    assert len(fast) == 44 and fast["short"].iloc[4] == 0.14285715


@pytest.mark.parametrize("query", OTHER.values(), ids=OTHER)
def test_what_is_not_surely_the_same_is_read_by_rows(
    query: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, slow = both(query, address, tmp_path, monkeypatch)
    assert (fast is None) == (slow is None)
    if isinstance(fast, pd.DataFrame) and isinstance(slow, pd.DataFrame):
        pd.testing.assert_frame_equal(fast, slow, check_exact=True)


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as a;", "select 1 as a -- said", "select 1 as a /* said */ ;\n",
        "with x as (select 1 a) select * from x",
        "select 1 as a where false", "select 1 as a, 2 as a", "select nothing from nobody", "delete from people",
        "delete from people returning person_id", "",
    ],
)  # fmt: skip
def test_queries_as_people_write_them(
    query: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, slow = both(query, address, tmp_path, monkeypatch)
    assert (fast is None) == (slow is None)
    if isinstance(fast, pd.DataFrame) and isinstance(slow, pd.DataFrame):
        pd.testing.assert_frame_equal(fast, slow, check_exact=True)
    assert both("select person_id from people", address, tmp_path, monkeypatch)[0] is not None


def test_an_address_with_other_settings_is_read_by_rows_and_many_rows_end_early(address: str) -> None:
    assert columns_of("select 1 as a", sa.make_url(f"{address}&tcp_keepalive=1"), None) is None
    many = columns_of("select n from generate_series(1, 3000000) as n", sa.make_url(address), 10)
    assert many is not None and 10 <= len(many) < 3_000_000
    assert postgresql.columns_of("select 1 as a", sa.make_url("postgresql://ann:geheim@127.0.0.1:9/hr"), None) is None
