"""The named tables that rooms meet through: what each holds, one row per what."""

from __future__ import annotations

from segment.errors import NotReady
from segment.tables.inputs import INPUT_TABLES
from segment.tables.results import RESULT_TABLES
from segment.tables.schema import Column, TableSchema

#: Every table by its name.
TABLES: dict[str, TableSchema] = {schema.name: schema for schema in (*INPUT_TABLES, *RESULT_TABLES)}


def schema_of(name: str) -> TableSchema:
    """The schema of a table by its name; ``records_<stage>`` is the ``records`` table of one stage.

    >>> schema_of("responses").one_row_per
    'person and wave'
    """
    known = "records" if name.startswith("records_") else name
    if known not in TABLES:
        raise NotReady(f"There is no table called '{name}'.", expected=", ".join(TABLES))
    return TABLES[known]


__all__ = ["TABLES", "Column", "TableSchema", "schema_of"]
