"""What a reader of one file format gets and says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from segment.ingest.findings import Findings
from segment.ingest.limits import Limits
from segment.ingest.raw import RawTable


@dataclass(frozen=True)
class Declared:
    """What the study says about a raw file; a format uses what concerns it.

    Attributes
    ----------
    delimiter, encoding
        Of delimited text.
    sheet
        Of a workbook, or the table of a database; the first one when left out.
    header_row
        The row of the columns' names in a text or a workbook; ``None``: where they look to stand.
    limits
        What one file may hold. The size of the file itself was held against them before a reader sees it.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    sheet: str | None = None
    header_row: int | None = 1
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Format:
    """One file format: the endings by which it is known, and what reads it.

    ``read`` takes a path that is a file, the findings to write faults into and what is declared; it returns the table
    as it stands in the file, or None after writing down why not. It raises nothing but ``OSError``.

    Attributes
    ----------
    endings
        By which the format is known. A format that shares its ending with another one has none.
    recognised
        Whether a file is of this format by what stands in it, for formats that share their ending with another one.
    beside
        The file that is read together with one, such as its syntax; nothing where there is none.
    folders
        Whether a folder of files is read as one table.
    content
        A digest of what is read now, for a file that only says where that stands.
    """

    endings: tuple[str, ...]
    read: Callable[[Path, Findings, Declared], RawTable | None]
    recognised: Callable[[Path], bool] | None = None
    beside: Callable[[Path], Path | None] | None = None
    folders: bool = False
    content: Callable[[Path], str] | None = None
