"""PostgreSQL read by columns where the extra for it is installed: the table that reading by rows gives, sooner.

What it does not surely give the same is left to reading by rows: other types, other settings of an address, any fault.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

#: Settings of an address that mean the same to the library underneath; any other leaves it to reading by rows.
_MEANT = {
    "application_name",
    "connect_timeout",
    "host",
    "options",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
}
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WHOLE = {"int2", "int4", "int8"}
_WORDS = {"text", "varchar", "bpchar", "name"}
_FIRST, _LAST = dt.date.min, dt.date.max
#: A number of which any two share a type: a table holds 38 digits.
_NUMERAL = r"^-?[0-9]{1,18}(\.[0-9]{1,20})?$"
#: As many seconds may pass until the server lets somebody in.
_PATIENCE = "10"


@dataclass(frozen=True)
class Columns:
    """What a query gives: names, the cells of each column, and what the database calls their type."""

    names: list[str]
    cells: list[pa.Array]
    kinds: list[str]

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def table(self) -> pa.Table:
        """The columns in the types that reading by rows gives them."""
        return pa.table([_typed(one, kind) for one, kind in zip(self.cells, self.kinds, strict=True)], names=self.names)

    def rows(self) -> list[tuple[object, ...]]:
        """The rows as reading by rows gives them."""
        told = [_values(one, kind) for one, kind in zip(self.cells, self.kinds, strict=True)]
        return list(zip(*told, strict=True))


def columns_of(query: str, address: sa.URL, most: int | None) -> Columns | None:
    """The columns of a query and at least ``most`` rows, where there are so many; nothing where rows have to be read.

    In one transaction that may only read, sees one moment and is rolled back.
    """
    place = _libpq(address)
    if place is None or "\\:" in query:
        return None
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        return None
    try:
        with dbapi.connect(place, autocommit=False) as connection, connection.cursor() as cursor:
            cursor.execute(_READ_ONLY)
            cursor.execute(f"{query.strip().rstrip(';')}\n")
            read = _fetched(cursor.fetch_record_batch(), most)
            connection.rollback()
            return read
    except (dbapi.Error, pa.ArrowException, OSError):
        return None  # reading by rows tells what is wrong, or does without


def _fetched(reader: pa.RecordBatchReader, most: int | None) -> Columns | None:
    kinds = [(field.metadata or {}).get(b"POSTGRESQL:type", b"").decode() for field in reader.schema]
    if not kinds or any(kind not in _KINDS for kind in kinds):
        return None
    parts, rows = [], 0
    for batch in reader:
        parts.append(batch)
        rows += len(batch)
        if most is not None and rows >= most:
            break
    table = pa.Table.from_batches(parts, schema=reader.schema).combine_chunks()
    cells = [pa.chunked_array(column).combine_chunks() for column in table.columns]
    sure = all(_is_sure(one, kind) for one, kind in zip(cells, kinds, strict=True))
    return Columns(list(table.column_names), cells, kinds) if sure else None


def _libpq(address: sa.URL) -> str | None:
    """The address as the library underneath reads it."""
    said = {name: value for name, value in address.query.items() if isinstance(value, str)}
    if len(said) < len(address.query):
        return None
    if place := said.pop("unix_sock", None):
        socket = PurePosixPath(place)
        said |= {"host": str(socket.parent), "port": socket.name.rpartition(".")[2]}
    if not said.keys() <= _MEANT:
        return None
    wanted: Mapping[str, str] = {"connect_timeout": _PATIENCE} | said
    return address.set(drivername="postgresql", query=wanted).render_as_string(hide_password=False)


def _is_sure(cells: pa.Array, kind: str) -> bool:
    """Whether there is nothing among the cells that a row would hold in another way, such as an endless date."""
    if kind == "numeric":
        return bool(pc.all(pc.match_substring_regex(_storage(cells), _NUMERAL), min_count=0).as_py())
    if kind not in ("date", "timestamp") or cells.null_count == len(cells):
        return True
    unit = pa.int32() if kind == "date" else pa.int64()
    per_day = 1 if kind == "date" else 86_400_000_000
    ends = pc.min_max(cells.view(unit)).as_py()
    first, last = ((day - dt.date(1970, 1, 1)).days * per_day for day in (_FIRST, _LAST))
    return bool(first <= ends["min"] and ends["max"] < last)


def _storage(cells: pa.Array) -> pa.Array:
    return cells.storage if isinstance(cells, pa.ExtensionArray) else cells


def _numerals(cells: pa.Array) -> list[object]:
    return [None if cell is None else Decimal(cell) for cell in _storage(cells).to_pylist()]


def _shortest(cells: pa.Array) -> list[object]:
    """Numbers of four bytes as their shortest text says them, which is how a row holds them."""
    return [None if cell is None else float(str(np.float32(cell))) for cell in cells.to_pylist()]


def _names(cells: pa.Array) -> list[object]:
    return [None if cell is None else str(uuid.UUID(bytes=cell)) for cell in _storage(cells).to_pylist()]


_KINDS: Mapping[str, Callable[[pa.Array], list[object]] | None] = {
    **dict.fromkeys(_WHOLE | _WORDS | {"float8", "bool", "date", "timestamp"}),
    "numeric": _numerals, "float4": _shortest, "uuid": _names,
}  # fmt: skip


def _values(cells: pa.Array, kind: str) -> list[object]:
    make = _KINDS[kind]
    return make(cells) if make is not None else list(cells.to_pylist())


def _typed(cells: pa.Array, kind: str) -> pa.Array:
    if cells.null_count == len(cells):
        return pa.nulls(len(cells), pa.string())
    if kind in _WHOLE:
        return cells.cast(pa.int64())
    make = _KINDS[kind]
    return pa.array(make(cells)) if make is not None else cells
