"""Raw files as they are, opened without guessing and with every fault of the file named: one module per format.

A module here that has a ``FORMAT`` is a format that studies can name files in; nothing else has to list it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from segment.ingest.findings import Findings
from segment.ingest.limits import Limits, size_is_right
from segment.ingest.raw import RawTable, near
from segment.ingest.readers.base import Declared, Format

__all__ = ["Declared", "Format", "formats", "read_raw"]


@cache
def formats() -> Mapping[str, Format]:
    """Every format by each of its endings.

    >>> formats()[".ods"] is formats()[".xlsx"]
    True
    """
    found: dict[str, Format] = {}
    for name in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{name}")
        if not hasattr(module, "FORMAT"):
            continue
        known: Format = module.FORMAT
        twice = sorted(set(known.endings) & set(found))
        if twice:
            raise ValueError(f"Two formats are known by the ending {', '.join(twice)}.")
        found |= dict.fromkeys(known.endings, known)
    return found


def read_raw(
    path: Path,
    findings: Findings,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    sheet: str | None = None,
    limits: Limits | None = None,
) -> RawTable | None:
    """Open one raw file by its ending, or write down why not and return nothing.

    ``.csv``, ``.txt``, ``.tsv`` and endings that no format has are read as text with ``delimiter`` and ``encoding`` (a
    byte-order mark is fine); workbooks by ``sheet`` (the first when left out) with the header on row 1; Parquet with
    its own types.

    A file beyond ``limits`` is not read, however small it is.

    Examples
    --------
    >>> found = Findings()
    >>> read_raw(Path("nowhere/people.csv"), found) is None, found.items[0].rule.code
    (True, 'DQ001')
    """
    if not path.is_file():
        _missing(path, findings)
        return None
    declared = Declared(delimiter, encoding, sheet, limits or Limits())
    try:
        if not size_is_right(path, findings, declared.limits):
            return None
        known = formats()
        return known.get(path.suffix.lower(), known[".csv"]).read(path, findings, declared)
    except OSError:
        findings.add(
            "DQ002", path.name, count=1, came="the system does not let it be opened", advice="check who may read it"
        )
        return None


def _missing(path: Path, findings: Findings) -> None:
    if not path.parent.is_dir():
        findings.add("DQ001", path.name, count=1, came=f"no folder '{path.parent.name}'")
        return
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    findings.add(
        "DQ001",
        path.name,
        count=1,
        came="no such file; " + near(path.name, names) if near(path.name, names) else "no such file",
    )
