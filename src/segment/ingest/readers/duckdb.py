"""DuckDB files: one table of the database, opened to be read only and without a way out of the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from segment.errors import nearest
from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable, names_are_sound
from segment.ingest.readers.arrow_cells import table_of, unpacked
from segment.ingest.readers.base import Declared, Format

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Nothing in the file can read or load another one; a database asks for no more memory than a workbook may.
_SHUT = {"enable_external_access": "false", "autoload_known_extensions": "false", "threads": "1"}
_TABLES = """
select table_schema || '.' || table_name from information_schema.tables
where table_schema not in ('information_schema', 'pg_catalog') order by 1
"""


def read_duckdb(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """One table; or nothing, with the file's faults written down. ``sheet`` names it where there are several."""
    import duckdb  # only who has such a file pays for the library

    shut = _SHUT | {"memory_limit": f"{declared.limits.max_memory_megabytes}MB"}
    try:
        with duckdb.connect(str(path), read_only=True, config=shut) as base:
            wanted = _wanted(path, base, findings, declared)
            return None if wanted is None else _read(path, base, wanted, findings, declared)
    except duckdb.Error:
        findings.add("DQ002", path.name, count=1, expected="a DuckDB file", came="a damaged file, or something else")
        return None


def _wanted(path: Path, base: DuckDBPyConnection, findings: Findings, declared: Declared) -> str | None:
    """The table to read: the one the study names, with or without its schema, else the only one there is."""
    names = [str(row[0]) for row in base.execute(_TABLES).fetchall()]
    asked = declared.sheet
    found = [one for one in names if asked is None or asked in (one, one.partition(".")[2])]
    if len(found) == 1:
        return found[0]
    hint = nearest(asked or "", names, listed=False)
    findings.add(
        "DQ002", path.name, count=1, expected="a table that 'sheet' names", advice="name one table under 'sheet'",
        came="; ".join(text for text in (f"tables {', '.join(names) or 'none'}", hint) if text),
    )  # fmt: skip
    return None


def _read(path: Path, base: DuckDBPyConnection, wanted: str, findings: Findings, declared: Declared) -> RawTable | None:
    schema, _, table = wanted.partition(".")
    source = ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in (schema, table))
    rows = int(base.execute(f"select count(*) from {source}").fetchone()[0])
    columns = [str(one[0]) for one in base.execute(f"select * from {source} limit 0").description]
    if not declared.limits.fits(findings, path.name, rows=rows, columns=len(columns)):
        return None
    if not names_are_sound(path.name, columns, findings):
        return None
    cells: pa.Table = base.sql(f"select * from {source}").to_arrow_table()
    size = sum(map(unpacked, cells.columns))
    if size / 1e6 > declared.limits.max_megabytes:
        declared.limits.refuse(findings, path.name, "max_megabytes", f"{size / 1e6:,.0f} MB when unpacked")
        return None
    flat = [field.name for field in cells.schema if not pa.types.is_nested(field.type)]
    return table_of(path.name, cells.select(flat), columns)


FORMAT = Format((".duckdb", ".ddb"), read_duckdb)
