"""What a run found, in about ten lines for the one who started it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from segment.stages.base import OpenStudy, Receipt, open_study
from segment.stages.publish import wave_of


def describe_run(file: str, overrides: Sequence[str], receipts: Sequence[Receipt]) -> list[str]:
    """The findings of a run and where they lie; for a run that changed nothing, just that."""
    opened = open_study(file, overrides=overrides)
    exports = _short(opened.workspace / "exports" / wave_of(opened))
    if receipts and all(receipt.skipped for receipt in receipts):
        return ["Nothing changed since the last run, so nothing was done.", f"report: {exports / 'report.en.html'}"]
    lines = [f"Study '{opened.config.study}' ({opened.config.data} data), {wave_of(opened)}"]
    lines += [f"  {receipt.stage:<12} {receipt.said}" for receipt in receipts]
    lines += _segments(opened)
    if (opened.workspace / "exports").is_dir():
        lines.append(f"report:   {exports / 'report.nl.html'} and report.en.html; workbook segments.nl.xlsx")
    lines.append(f"reviewers: segment ui {_short(Path(file).resolve())}")
    return lines


def _segments(opened: OpenStudy) -> list[str]:
    """One line: the segments by name and share."""
    if not opened.store.has("segments"):
        return []
    rows: pd.DataFrame = opened.store.read("segments")
    last = rows[rows["wave"] == wave_of(opened)].sort_values("segment")
    if len(last) < 2:
        return []
    return ["  segments     " + "; ".join(f"{row.name_en} {row.share:.0%}" for row in last.itertuples(index=False))]


def _short(path: Path) -> Path:
    """The path as the reader would type it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
