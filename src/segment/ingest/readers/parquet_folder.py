"""A folder of Parquet files as one table, as Spark, dlt and Airbyte leave them: every file has the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from segment.ingest.findings import Findings
from segment.ingest.parsing import as_text
from segment.ingest.raw import RawTable
from segment.ingest.readers.base import Declared, Format
from segment.ingest.readers.parquet import read_parquet

_FORMS = {".parquet", ".pq"}


def read_folder(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """The rows of all files, in the order of their names, numbered through; or nothing, with the faults written down.

    Files whose name begins with a dot or an underscore are a tool's own notes. A folder called ``year=2025`` inside
    the folder gives its files a column ``year``.
    """
    files = [file for file in sorted(path.rglob("*")) if file.is_file() and not _is_a_note(file.relative_to(path))]
    others = [file for file in files if file.suffix.lower() not in _FORMS]
    if others or not files:
        came = f"{len(others)} files of another kind" if others else "no Parquet file in it"
        findings.add(
            "DQ002", path.name, count=max(len(others), 1), expected="a folder of Parquet files", came=came,
            advice="name one file of the folder, or keep the Parquet files of one table in a folder of their own",
        )  # fmt: skip
        return None
    if not _may_be_read_together(path, files, findings, declared):
        return None
    tables = [(file, read_parquet(file, findings, declared)) for file in files]
    frames = [table.frame.assign(**_partition(file.relative_to(path))) for file, table in tables if table is not None]
    if len(frames) < len(files) or not _all_alike(path, files, frames, findings):
        return None
    frame = _joined([frame for frame in frames if len(frame)] or frames[:1])
    return RawTable(path.name, frame, pd.RangeIndex(2, len(frame) + 2).to_numpy())


def _may_be_read_together(path: Path, files: Sequence[Path], findings: Findings, declared: Declared) -> bool:
    """Whether all files together are within the limits, before the first of them is read."""
    rows, columns = 0, 0
    for file in files:
        try:
            meta = pq.read_metadata(file)
        except (pa.ArrowException, OSError):
            continue  # what is wrong with it is told when it is read
        rows, columns = rows + meta.num_rows, max(columns, meta.num_columns)
    return declared.limits.fits(findings, path.name, rows=rows, columns=columns)


def _is_a_note(inside: Path) -> bool:
    return any(part.startswith((".", "_")) for part in inside.parts)


def _partition(inside: Path) -> dict[str, str]:
    """The columns that the names of folders give."""
    pairs = (part.partition("=") for part in inside.parts[:-1])
    return {name: value for name, sign, value in pairs if sign and name}


def _all_alike(path: Path, files: Sequence[Path], frames: Sequence[pd.DataFrame], findings: Findings) -> bool:
    """Whether every file has the columns of the first one."""
    wanted = set(frames[0].columns)
    strange = [
        (file, sorted(wanted ^ set(frame.columns)))
        for file, frame in zip(files, frames, strict=True)
        if set(frame.columns) != wanted
    ]
    for file, names in strange:
        findings.add(
            "DQ007", f"{path.name}/{file.relative_to(path)}", count=len(names),
            expected=f"the columns of {files[0].name}",
            came=f"a difference in {', '.join(map(str, names[:5]))}",
            advice="keep the files of one table in a folder of their own, or export them again with the same columns",
        )  # fmt: skip
    return not strange


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows; a column that is a number in one file and a text in another is text."""
    first, *others = frames
    kinds = {name: {frame[name].dtype.kind for frame in (first, *others)} for name in first}
    mixed = [name for name, found in kinds.items() if len(found) > 1 and not found <= {"i", "u", "f"}]
    texts = [frame.assign(**{str(name): as_text(frame[name]) for name in mixed})[list(first)] for frame in frames]
    return pd.concat(texts, ignore_index=True)


FORMAT = Format((), read_folder, folders=True)
