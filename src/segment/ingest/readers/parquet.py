"""Parquet files, with the types they carry; as large as they are unpacked."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable, names_are_sound
from segment.ingest.readers.arrow_cells import is_words, table_of, unpacked
from segment.ingest.readers.base import Declared, Format


def read_parquet(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """A Parquet file with its own types; or nothing, with the file's faults written down."""
    limits = declared.limits
    try:
        schema = pq.read_schema(path)
        flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
        words = [field.name for field in schema if is_words(field.type)]
        with pq.ParquetFile(path, read_dictionary=words) as file:
            names = list(schema.names)
            if not names_are_sound(path.name, names, findings):
                return None
            size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
            if not limits.fits(findings, path.name, rows=file.metadata.num_rows, columns=file.metadata.num_columns):
                return None
            table = file.read(columns=flat) if size / 1e6 <= limits.max_megabytes else None
        size = size if table is None else sum(map(unpacked, table.columns))
        if table is None or size / 1e6 > limits.max_megabytes:
            limits.refuse(findings, path.name, "max_megabytes", f"{size / 1e6:,.0f} MB when unpacked")
            return None
    except (pa.ArrowException, OSError):
        data = path.read_bytes()
        cut = data[:4] == b"PAR1"
        came = "a damaged footer or block" if cut else "something else"
        findings.add("DQ005" if cut else "DQ002", path.name, count=1, expected="a Parquet file", came=came)
        return None
    return table_of(path.name, table, names)


FORMAT = Format((".parquet", ".pq"), read_parquet)
