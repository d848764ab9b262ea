"""Raw files as they are, opened without guessing and with every fault of the file named: one module per format.

A module here that has a ``FORMAT`` is a format that studies can name files in; nothing else has to list it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from segment.config.addresses import address_of
from segment.errors import nearest
from segment.ingest.findings import Findings
from segment.ingest.limits import Limits, size_is_right
from segment.ingest.raw import RawTable
from segment.ingest.readers.base import Declared, Format
from segment.ingest.shares import on_this_machine

__all__ = ["Declared", "Format", "content_of", "files_of", "formats", "read_raw"]


@cache
def _all_formats() -> tuple[Format, ...]:
    names = sorted(one.name for one in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(module.FORMAT for module in modules if hasattr(module, "FORMAT"))


@cache
def formats() -> Mapping[str, Format]:
    """Every format by each of its endings.

    >>> formats()[".ods"] is formats()[".xlsx"]
    True
    """
    found: dict[str, Format] = {}
    for known in _all_formats():
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
    header_row: int | None = 1,
    limits: Limits | None = None,
) -> RawTable | None:
    """Open one raw file by its ending, or write down why not and return nothing.

    ``.csv``, ``.txt``, ``.tsv`` and endings that no format has are read as text with ``delimiter`` and ``encoding`` (a
    byte-order mark is fine); workbooks by ``sheet`` (the first when left out); Parquet with its own types. The
    columns' names of texts and workbooks stand on ``header_row``; with ``None`` it is found, and the table says it.

    A file beyond ``limits`` is not read, however small it is.

    Examples
    --------
    >>> found = Findings()
    >>> read_raw(Path("nowhere/people.csv"), found) is None, found.items[0].rule.code
    (True, 'DQ001')
    """
    declared = Declared(delimiter, encoding, sheet, header_row, limits or Limits())
    try:
        with on_this_machine(path, findings, declared.limits) as file:
            return _opened(file, findings, declared) if file is not None else None
    except OSError:
        findings.add(
            "DQ002", path.name, count=1, came="the system does not let it be opened", advice="check who may read it"
        )
        return None


def _opened(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    if not path.exists():
        _missing(path, findings)
        return None
    if not size_is_right(path, findings, declared.limits):
        return None
    return _format_of(path).read(path, findings, declared)


def files_of(path: Path) -> list[Path]:
    """Every file that what is read from a path depends on: itself, what lies beside it, or those in the folder."""
    if address_of(path) is not None:
        return [path]
    if path.is_dir():
        return [file for file in sorted(path.rglob("*")) if file.is_file()]
    beside = [one.beside(path) for one in _all_formats() if one.beside is not None]
    return [path, *(file for file in beside if file is not None)]


def content_of(path: Path) -> str | None:
    """A digest of what a file points to, for formats that hold no rows themselves; else nothing."""
    known = formats().get(path.suffix.lower())
    return known.content(path) if known is not None and known.content is not None and path.is_file() else None


def _format_of(path: Path) -> Format:
    """What reads a file: the format that recognises it, else the one of its ending, else delimited text."""
    if path.is_dir():
        return next(one for one in _all_formats() if one.folders)
    seen = next((one for one in _all_formats() if one.recognised is not None and one.recognised(path)), None)
    known = formats()
    return seen or known.get(path.suffix.lower(), known[".csv"])


def _missing(path: Path, findings: Findings) -> None:
    if not path.parent.is_dir():
        findings.add("DQ001", path.name, count=1, came=f"no folder '{path.parent.name}'")
        return
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    findings.add(
        "DQ001",
        path.name,
        count=1,
        came="; ".join(filter(None, ("no such file", nearest(path.name, names, listed=False)))),
    )
