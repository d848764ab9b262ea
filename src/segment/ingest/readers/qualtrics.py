"""Text that Qualtrics exports: names, then the questions, then a row of its own codes, and the answers below."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable
from segment.ingest.readers.base import Declared, Format
from segment.ingest.readers.delimited import read_delimited

#: The word that stands in every cell of the tool's own row; and how far into the file that row can begin.
_MARK, _HEAD = "ImportId", 2_000_000
_ENDINGS = {".csv", ".tsv", ".txt"}
#: Rows under the header among which the tool's own one is looked for.
_MOST = 3


def is_qualtrics(path: Path) -> bool:
    """Whether the tool's mark stands near the beginning of a text file."""
    if path.suffix.lower() not in _ENDINGS:
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return _MARK.encode() in head or _MARK.encode("utf-16-le") in head


def read_qualtrics(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """The answers as they are written, with the questions kept aside; or nothing, with the faults written down."""
    table = read_delimited(path, findings, declared)
    if table is None:
        return None
    own = next((row for row in range(min(_MOST, len(table.frame))) if _is_own(table.frame.iloc[row])), None)
    if own is None:
        return table
    questions = table.frame.iloc[0] if own else pd.Series(dtype="str")
    answers = table.where(np.arange(len(table.frame)) > own)
    told = {str(name): " ".join(str(text).split()) for name, text in questions.items()}
    return replace(answers, questions={name: text for name, text in told.items() if text}, tool="Qualtrics")


def _is_own(row: pd.Series) -> bool:
    """Whether every filled cell of a row is one of the tool's codes."""
    cells = [cell for cell in row if cell]
    return bool(cells) and all(map(_is_code, cells))


def _is_code(cell: str) -> bool:
    try:
        told = json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and _MARK in told


FORMAT = Format((), read_qualtrics, recognised=is_qualtrics)
