"""SPSS files: saved (.sav), packed (.zsav) and portable (.por)."""

from __future__ import annotations

from pathlib import Path

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable
from segment.ingest.readers.base import Declared, Format
from segment.ingest.readers.labelled import read_labelled


def read_spss(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """Codes with their labels. What a portable file declares as missing is empty, and cannot be counted."""
    import pyreadstat  # only who has such a file pays for the library

    if path.suffix.lower() == ".por":
        return read_labelled(path, findings, declared, pyreadstat.read_por, tool="SPSS", called="an SPSS portable file")
    return read_labelled(
        path, findings, declared, pyreadstat.read_sav, tool="SPSS", called="an SPSS file", user_missing=True
    )


FORMAT = Format((".sav", ".zsav", ".por"), read_spss)
