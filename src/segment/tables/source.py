"""A table in blocks: what is too large to hold is read a block at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd
import pyarrow.parquet as pq


class TableSource(Protocol):
    """Anything that hands out a table block by block, always in the same order."""

    def blocks(self) -> Iterator[pd.DataFrame]:
        """The blocks, in order; each with the same columns."""
        ...

    @property
    def rows(self) -> int:
        """How many rows all blocks hold together."""
        ...


@dataclass(frozen=True)
class FrameSource:
    """A frame that is already in memory, as a source."""

    frame: pd.DataFrame
    block_rows: int = 500_000

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Slices of the frame, in order."""
        for start in range(0, len(self.frame), self.block_rows):
            yield self.frame.iloc[start : start + self.block_rows]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.frame)


@dataclass(frozen=True)
class ParquetSource:
    """A Parquet file read a block at a time."""

    path: Path
    block_rows: int = 500_000

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Blocks of at most ``block_rows`` rows, in file order."""
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=self.block_rows):
                yield batch.to_pandas()

    @property
    def rows(self) -> int:
        """Number of rows, from the file's own footer."""
        with pq.ParquetFile(self.path) as file:
            return int(file.metadata.num_rows)
