"""Arrow files (also called Feather), with the types they carry."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.ipc as ipc

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable, names_are_sound
from segment.ingest.readers.arrow_cells import table_of, unpacked
from segment.ingest.readers.base import Declared, Format


def read_arrow(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """An Arrow file with its own types; or nothing, with the file's faults written down."""
    limits = declared.limits
    try:
        with pa.memory_map(str(path)) as source:
            table = ipc.open_file(source).read_all()
            table.validate(full=True)
            names = [str(name) for name in table.column_names]
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        cut = path.read_bytes()[:6] == b"ARROW1"
        findings.add(
            "DQ005" if cut else "DQ002", path.name, count=1, expected="an Arrow file",
            came="a damaged footer or block" if cut else "something else",
        )  # fmt: skip
        return None
    if not names_are_sound(path.name, names, findings):
        return None
    if not limits.fits(findings, path.name, rows=table.num_rows, columns=table.num_columns):
        return None
    size = sum(map(unpacked, table.columns))
    if size / 1e6 > limits.max_megabytes:
        limits.refuse(findings, path.name, "max_megabytes", f"{size / 1e6:,.0f} MB when unpacked")
        return None
    flat = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
    return table_of(path.name, table.select(flat), names)


FORMAT = Format((".arrow", ".feather"), read_arrow)
