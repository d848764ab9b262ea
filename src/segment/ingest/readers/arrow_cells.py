"""Columns as Arrow holds them, laid out as cells: numbers, dates and flags stay what they are, lists become nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segment.ingest.raw import RawTable

#: Digits that a float keeps.
_EXACT_DIGITS = 15


def table_of(name: str, table: pa.Table, columns: list[str]) -> RawTable:
    """An Arrow table with these columns, of which it may lack those that hold lists and structures."""
    nothing = pd.Series([None] * table.num_rows, dtype="str")
    cells = {one: cells_of(table.column(one)) if one in table.column_names else nothing for one in columns}
    return RawTable(name, pd.DataFrame(cells), np.arange(2, table.num_rows + 2))


def is_words(kind: pa.DataType) -> bool:
    """Whether a type is text, or bytes."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def unpacked(column: pa.ChunkedArray) -> int:
    """Bytes that a column takes once every row holds its own value; words that repeat are stored once until then."""
    if not pa.types.is_dictionary(column.type) or not is_words(column.type.value_type):
        return int(column.nbytes)
    lengths = ((pc.binary_length(chunk.dictionary), chunk.indices) for chunk in column.chunks)
    return sum(int(pc.sum(pc.take(length, codes)).as_py() or 0) for length, codes in lengths)


def cells_of(column: pa.ChunkedArray) -> pd.Series:
    """One column as numbers, dates, flags or text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], type=kind.value_type)
        kind = kind.value_type
    if pa.types.is_decimal(kind):
        return _decimals(column, kind)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        whole: pd.Series = column.to_pandas()
        return whole
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        days: pd.Series = column.cast(pa.timestamp("us"), safe=False).to_pandas()
        return days
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return pd.Series(column.cast(pa.string()).to_pandas(), dtype="str")
    if pa.types.is_integer(kind) and column.null_count:
        return _texts(column)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        numbers: pd.Series = column.to_pandas()
        return numbers
    return _texts(column)


def _texts(column: pa.ChunkedArray) -> pd.Series:
    result: pd.Series = column.cast(pa.string()).to_pandas().astype("str")
    return result


def _decimals(column: pa.ChunkedArray, kind: pa.Decimal128Type) -> pd.Series:
    """Decimals as numbers where a float holds them exactly enough, else as text: an identifier keeps every digit."""
    if kind.scale == 0 or kind.precision > _EXACT_DIGITS:
        return _texts(column)
    result: pd.Series = column.cast(pa.float64()).to_pandas()
    return result
