"""A query of a database, kept as a file: who may read what stands in the environment, never in the study.

The file holds one SELECT. Its first line says which environment variable holds the address, as SQLAlchemy writes it::

    -- database: HR_DATABASE
    select person_id, start_date, end_date from hr.employees

Everything is read in one transaction that is rolled back, in PostgreSQL one that may only read and sees one moment;
by columns where the extra for it is installed.
A fault of the database is reported by its kind: its own words may hold the address or somebody's value.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import exc

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable, names_are_sound
from segment.ingest.readers.arrow_cells import table_of
from segment.ingest.readers.base import Declared, Format
from segment.ingest.readers.postgresql import Columns, columns_of

_HEAD = re.compile(r"\s*--\s*database:\s*(\S+)\s*$", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What would be a parameter to SQLAlchemy is a colon of the query's own.
_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")
#: Ports where an address names none; seconds that a server may take to answer; rows that are fetched at once.
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
_PATIENCE, _AT_ONCE = 10.0, 20_000
#: What is kept as it is; anything else is its text.
_KEPT = (bool, int, float, str, dt.date, decimal.Decimal, type(None))


class _Refused(Exception):
    """What was expected, what came, and what to do; without any word of the database."""

    def __init__(self, expected: str, came: str, advice: str) -> None:
        super().__init__(came)
        self.expected, self.came, self.advice = expected, came, advice


def read_sql(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """The rows of a query; or nothing, with what is wrong written down."""
    try:
        fetched = _fetched(path, declared.limits.max_rows + 1)
    except _Refused as refused:
        findings.add("DQ002", path.name, count=1, expected=refused.expected, came=refused.came, advice=refused.advice)
        return None
    if not declared.limits.fits(findings, path.name, rows=len(fetched), columns=len(fetched.names)):
        return None
    if not names_are_sound(path.name, fetched.names, findings):
        return None
    return table_of(path.name, fetched.table(), fetched.names)


def content_of(path: Path) -> str:
    """A digest of what the query gives now, whatever the order of its rows; tells whether a study is out of date."""
    try:
        fetched = _fetched(path, None)
    except _Refused:
        return "not read"
    lines = sorted(hashlib.sha256(repr(row).encode()).hexdigest() for row in fetched.rows())
    return hashlib.sha256("\n".join([repr(fetched.names), *lines]).encode()).hexdigest()


@dataclass(frozen=True)
class _Rows:
    """What a query gives, row by row."""

    names: list[str]
    kept: list[tuple[object, ...]]

    def __len__(self) -> int:
        return len(self.kept)

    def table(self) -> pa.Table:
        """Each column in the one type of its cells."""
        columns = [_column([row[place] for row in self.kept]) for place in range(len(self.names))]
        return pa.table(columns, names=self.names)

    def rows(self) -> list[tuple[object, ...]]:
        return self.kept


def _fetched(path: Path, most: int | None) -> _Rows | Columns:
    """What the query gives: all of it, or at least so many rows."""
    query, address = _query_of(path)
    _knock(address)
    if address.get_backend_name() == "postgresql":
        columns = columns_of(query, address, most)
        if columns is not None:
            return columns
    return _by_rows(query, address, most)


def _by_rows(query: str, address: sa.URL, most: int | None) -> _Rows:
    try:
        engine = sa.create_engine(address)
    except (exc.ArgumentError, exc.NoSuchModuleError, ModuleNotFoundError):
        raise _no_driver(address) from None
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            found = connection.execution_options(stream_results=True).execute(sa.text(_BIND.sub(r"\\:", query)))
            if not found.returns_rows:
                raise _Refused("a query that gives rows", "a statement without any", "write one SELECT into the file")
            columns, rows = list(map(str, found.keys())), []
            while part := found.fetchmany(_AT_ONCE):
                rows += [tuple(_value(one) for one in row) for row in part]
                if most is not None and len(rows) >= most:
                    break
            connection.rollback()
            return _Rows(columns, rows)
    except (exc.OperationalError, exc.InterfaceError) as fault:
        came = f"a connection or query that failed{_state(fault)}"
        advice = "check name, password and rights in the address, and the names in the query"
        raise _Refused("a database that answers", came, advice) from None
    except exc.SQLAlchemyError as fault:
        came = f"a query that the database refuses{_state(fault)}"
        raise _Refused("one SELECT", came, "try the query in the database's own program") from None
    finally:
        engine.dispose()


def _query_of(path: Path) -> tuple[str, sa.URL]:
    """The query, and the address that the environment holds."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _Refused("a query in UTF-8", "other bytes", "store the file as UTF-8") from None
    first, _, query = text.lstrip().partition("\n")
    said = _HEAD.fullmatch(first)
    wanted = "'-- database: HR_DATABASE' on the first line, the name of an environment variable"
    if said is None:
        raise _Refused(wanted, "another first line", "say there which variable holds the address")
    name = said[1]
    if not _VARIABLE.fullmatch(name):
        advice = "put the address into an environment variable, and its name into the file: a study holds no secret"
        raise _Refused(wanted, "an address, or no name of a variable", advice)
    if not query.strip():
        raise _Refused("one SELECT under the first line", "nothing", "write the query into the file")
    address = os.environ.get(name, "")
    if not address:
        advice = "let it hold the database's address, such as postgresql+pg8000://reader:password@server/hr"
        raise _Refused(f"the environment variable {name}", "nothing under that name", advice)
    try:
        return query, sa.make_url(address)
    except (exc.ArgumentError, ValueError):
        advice = "write it as dialect+driver://name:password@server:port/database"
        raise _Refused(f"an address in the environment variable {name}", "something else", advice) from None


def _knock(address: sa.URL) -> None:
    """Whether anything listens where the address points to, within some seconds."""
    port = address.port or _PORTS.get(address.get_backend_name())
    if not address.host or port is None:
        return
    try:
        with socket.create_connection((address.host, port), timeout=_PATIENCE):
            return
    except OSError:
        came = f"nobody answers within {_PATIENCE:.0f} seconds"
        advice = "check the server's name and port in the address, and whether this machine may reach it"
        raise _Refused("a database that answers", came, advice) from None


def _no_driver(address: sa.URL) -> _Refused:
    advice = f"install the driver that the address names ({address.drivername}), or name another one"
    return _Refused("a driver for this kind of database", "none", advice)


def _state(fault: exc.SQLAlchemyError) -> str:
    """The database's own code for what went wrong (SQLSTATE), which holds nobody's value."""
    inner = getattr(fault, "orig", None)
    told = getattr(inner, "sqlstate", None) or getattr(inner, "pgcode", None)
    if told is None and inner is not None and inner.args and isinstance(inner.args[0], dict):
        told = inner.args[0].get("C")
    return f" (SQLSTATE {told})" if isinstance(told, str) and re.fullmatch(r"[0-9A-Z]{5}", told) else ""


def _value(cell: object) -> object:
    return cell if isinstance(cell, _KEPT) else str(cell)


def _column(cells: Sequence[object]) -> pa.Array:
    """A column in the one type of its cells; as text where they have several."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float} and len(kinds) > 1:
        return pa.array([None if cell is None else float(str(cell)) for cell in cells])
    if len(kinds) > 1:
        return pa.array([None if cell is None else str(cell) for cell in cells], type=pa.string())
    if kinds == {int} and max(abs(int(str(cell))) for cell in cells if cell is not None) >= 2**63:
        return pa.array([None if cell is None else str(cell) for cell in cells], type=pa.string())
    try:
        return pa.array(cells) if kinds else pa.nulls(len(cells), pa.string())
    except pa.ArrowInvalid:  # a number that is none, or has more digits than a table can hold
        return pa.array([None if cell is None else str(cell) for cell in cells], type=pa.string())


FORMAT = Format((".sql",), read_sql, content=content_of)
