"""Parquet files, with the types they carry; as large as they are unpacked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable, names_are_sound
from segment.ingest.readers.base import Declared, Format

#: Digits that a float keeps.
_EXACT_DIGITS = 15


def read_parquet(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """A Parquet file with its own types; or nothing, with the file's faults written down."""
    limits = declared.limits
    try:
        schema = pq.read_schema(path)
        flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
        words = [field.name for field in schema if _is_words(field.type)]
        with pq.ParquetFile(path, read_dictionary=words) as file:
            names = list(schema.names)
            if not names_are_sound(path.name, names, findings):
                return None
            unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
            if not limits.fits(findings, path.name, rows=file.metadata.num_rows, columns=file.metadata.num_columns):
                return None
            table = file.read(columns=flat) if unpacked / 1e6 <= limits.max_megabytes else None
        unpacked = unpacked if table is None else sum(map(_unpacked, table.columns))
        if table is None or unpacked / 1e6 > limits.max_megabytes:
            limits.refuse(findings, path.name, "max_megabytes", f"{unpacked / 1e6:,.0f} MB when unpacked")
            return None
    except (pa.ArrowException, OSError):
        data = path.read_bytes()
        cut = data[:4] == b"PAR1"
        came = "a damaged footer or block" if cut else "something else"
        findings.add("DQ005" if cut else "DQ002", path.name, count=1, expected="a Parquet file", came=came)
        return None
    nothing = pd.Series([None] * table.num_rows, dtype="str")
    columns = {name: _parquet_column(table.column(name)) if name in table.column_names else nothing for name in names}
    return RawTable(path.name, pd.DataFrame(columns), np.arange(2, table.num_rows + 2))


def _is_words(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _unpacked(column: pa.ChunkedArray) -> int:
    """Bytes that a column takes once every row holds its own value; words that repeat are stored once until then."""
    if not pa.types.is_dictionary(column.type) or not _is_words(column.type.value_type):
        return int(column.nbytes)
    lengths = ((pc.binary_length(chunk.dictionary), chunk.indices) for chunk in column.chunks)
    return sum(int(pc.sum(pc.take(length, codes)).as_py() or 0) for length, codes in lengths)


def _parquet_column(column: pa.ChunkedArray) -> pd.Series:
    """One column as numbers, dates, flags or text; lists and structures become empty text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], type=kind.value_type)
        kind = kind.value_type
    if pa.types.is_decimal(kind):
        return _decimals(column, kind)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return column.to_pandas()
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us"), safe=False).to_pandas()
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return pd.Series(column.cast(pa.string()).to_pandas(), dtype="str")
    if pa.types.is_integer(kind) and column.null_count:
        return column.cast(pa.string()).to_pandas().astype("str")
    return (
        column.to_pandas()
        if pa.types.is_floating(kind) or pa.types.is_integer(kind)
        else column.cast(pa.string()).to_pandas().astype("str")
    )


def _decimals(column: pa.ChunkedArray, kind: pa.Decimal128Type) -> pd.Series:
    """Decimals as numbers where a float holds them exactly enough, else as text: an identifier keeps every digit."""
    if kind.scale == 0 or kind.precision > _EXACT_DIGITS:
        return column.cast(pa.string()).to_pandas().astype("str")
    return column.cast(pa.float64()).to_pandas()


FORMAT = Format((".parquet", ".pq"), read_parquet)
