"""How large a raw file may be: looked at before it is read, so that a small file cannot ask for all memory.

A workbook of one kilobyte can hold a single cell in its last row and column; a reader that lays out the whole sheet
then asks for hundreds of gigabytes, and the system ends the process. So workbooks are opened first by a process of
their own, with a ceiling on memory and time; of the other kinds the sizes are read from the file itself.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from segment.config import IngestConfig
from segment.ingest.findings import Findings

#: A part of a workbook that packs tighter than this, and is larger than that, was made to burst.
TIGHTEST, LARGE = 200, 10_000_000
_CHUNK = 1 << 24
#: What one cell of a sheet takes once it is laid out.
_BYTES_PER_CELL = 64
_OPEN = """
import sys
from python_calamine import load_workbook
sheet = load_workbook(sys.argv[1]).get_sheet_by_name(sys.argv[2])
print(sheet.total_height, sheet.total_width)
"""


@dataclass(frozen=True)
class Limits:
    """What one file may hold; a study that means more says so under ``ingest``.

    Attributes
    ----------
    max_megabytes : size of the file, and of a workbook or a Parquet file unpacked.
    max_rows, max_columns, max_cells : of its table.
    max_cell_signs : longest cell of a text file, in bytes.
    max_memory_megabytes : memory for opening a workbook.
    """

    max_megabytes: int = 1000
    max_rows: int = 5_000_000
    max_columns: int = 2000
    max_cells: int = 200_000_000
    max_cell_signs: int = 20_000
    max_memory_megabytes: int = 4000

    def refuse(self, findings: Findings, file: str, limit: str, came: str, *, rows: tuple[int, ...] = ()) -> bool:
        """Write down which limit a file is beyond; returns False."""
        most = f"at most {getattr(self, limit):,} {limit.removeprefix('max_').replace('_', ' ')}"
        advice = f"check the export; if it is meant, raise {limit} under 'ingest' in the study file"
        findings.add("DQ080", file, rows=rows, count=1, expected=most, came=came, advice=advice)
        return False

    def fits(self, findings: Findings, file: str, *, rows: int, columns: int) -> bool:
        """Whether a table of this size may be read."""
        for limit, size in (("max_columns", columns), ("max_rows", rows), ("max_cells", rows * columns)):
            if size > getattr(self, limit):
                return self.refuse(findings, file, limit, f"{size:,}")
        return True


def limits_of(settings: IngestConfig) -> Limits:
    """The limits a study sets under ``ingest``."""
    return Limits(**{one.name: getattr(settings, one.name) for one in fields(Limits)})


def size_is_right(path: Path, findings: Findings, limits: Limits) -> bool:
    """Whether the file itself, or all files of a folder, are within the limits, whatever they hold."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    return megabytes <= limits.max_megabytes or limits.refuse(
        findings, path.name, "max_megabytes", f"{megabytes:,.0f} MB"
    )


def text_is_right(path: Path, findings: Findings, limits: Limits, *, delimiter: str, titles: int = 0) -> bool:
    """Whether a delimited text has no endless cell, and no more rows and columns than it may; linear in its bytes.

    Its columns are those of the widest of its first line and the ``titles`` below it.
    """
    begins, row, columns = 0, 1, 1
    ends = [ord(delimiter) if len(delimiter) == 1 and ord(delimiter) < 128 else ord(","), ord("\n")]
    with path.open("rb") as file:
        place = 0
        while chunk := file.read(_CHUNK):
            signs = np.frombuffer(chunk, dtype=np.uint8)
            stops = np.flatnonzero((signs == ends[0]) | (signs == ends[1]))
            lengths = np.diff(np.r_[begins - place - 1, stops, len(signs)]) - 1
            if lengths.max() > limits.max_cell_signs:
                until = np.r_[stops, len(signs)][int(lengths.argmax())]
                lines = row + int(np.count_nonzero(signs[: max(int(until) - int(lengths.max()), 0)] == ends[1]))
                return limits.refuse(findings, path.name, "max_cell_signs", "a longer one", rows=(lines,))
            if place == 0:
                lines_end = np.r_[np.flatnonzero(signs == ends[1]), len(signs)][: titles + 1]
                before = np.searchsorted(np.flatnonzero(signs == ends[0]), lines_end)
                columns = int(np.diff(before, prepend=0).max()) + 1
            row += int(np.count_nonzero(signs == ends[1]))
            begins = place + int(stops[-1]) + 1 if len(stops) else begins
            place += len(signs)
    return limits.fits(findings, path.name, rows=row - 1, columns=columns)


def sheet_is_right(path: Path, findings: Findings, limits: Limits, *, sheet: str) -> bool:
    """Whether a workbook's sheet may be laid out: opened in a process that has a ceiling on memory and time."""
    unpacked = _unpacked(path)
    if unpacked is None:
        findings.add("DQ002", path.name, count=1, expected="an Excel workbook", came="a file that was made to burst")
        return False
    if unpacked / 1e6 > limits.max_megabytes:
        return limits.refuse(findings, path.name, "max_megabytes", f"{unpacked / 1e6:,.0f} MB when unpacked")
    seconds = 3 + int(unpacked / 1.5e7)
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, str(path), sheet], capture_output=True, text=True, check=False,
        preexec_fn=_ceiling(limits.max_memory_megabytes * 1_000_000, seconds),
    )  # fmt: skip
    if done.returncode != 0:
        return limits.refuse(
            findings, path.name, "max_memory_megabytes", "a sheet that needs more memory, or no end of time"
        )
    rows, columns = (int(size) for size in done.stdout.split()[:2])
    if rows * columns * _BYTES_PER_CELL > limits.max_memory_megabytes * 1e6:
        return limits.refuse(
            findings, path.name, "max_memory_megabytes", f"a sheet of {rows:,} rows and {columns:,} columns"
        )
    return limits.fits(findings, path.name, rows=rows, columns=columns)


def _unpacked(path: Path) -> int | None:
    """Bytes of a workbook's parts when unpacked (its size where it is not packed); ``None`` when one is a bomb."""
    try:
        with zipfile.ZipFile(path) as parts:
            sizes = [(part.file_size, part.compress_size) for part in parts.infolist()]
    except (zipfile.BadZipFile, OSError):
        return path.stat().st_size
    if any(size > LARGE and size > TIGHTEST * max(packed, 1) for size, packed in sizes):
        return None
    return sum(size for size, _ in sizes)


def _ceiling(memory: int, seconds: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return limit
