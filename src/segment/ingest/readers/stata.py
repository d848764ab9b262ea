"""Stata files, with the labels of their codes."""

from __future__ import annotations

from pathlib import Path

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable
from segment.ingest.readers.base import Declared, Format
from segment.ingest.readers.labelled import read_labelled


def read_stata(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """Codes with their labels; the marks .a to .z are missing."""
    import pyreadstat  # only who has such a file pays for the library

    return read_labelled(
        path, findings, declared, pyreadstat.read_dta, tool="Stata", called="a Stata file", user_missing=True
    )


FORMAT = Format((".dta",), read_stata)
