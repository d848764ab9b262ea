"""What a run found, in about ten lines for the one who started it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segment.displays.labels import bands_in, share_text
from segment.locale import STANDS_IN
from segment.stages.base import OpenStudy, Receipt, open_study
from segment.stages.publish import wave_of
from segment.stages.release.read_back import read_frame
from segment.stages.survey_weights import answers_weighted


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
    """The released segments by name and share, and whether these are weighted; what files hide is not told."""
    wave = wave_of(opened)
    released = opened.workspace / "released" / wave / "segments.json"
    if not opened.store.has("segments") or not released.is_file():
        return []
    shown = read_frame(released).query("status != 'hidden'").dropna(subset="segment")
    if len(shown) < 2:
        return []
    order = shown["segment"].astype("float64").sort_values().index
    shares, names = shown.loc[order, "share"].to_numpy(dtype=float), shown.loc[order, f"name_{STANDS_IN}"]
    bands = bands_in(shown.loc[order])
    told = [
        f"{name} {share_text(share, STANDS_IN, bands=edges, spoken=True)}"
        for name, share, edges in zip(names, shares, bands, strict=True)
    ]
    weighted = answers_weighted(opened) is not None
    how = ["  weighted     shares, by the survey's weights; numbers of people are counted"] if weighted else []
    return ["  segments     " + "; ".join(told), *how]


def _short(path: Path) -> Path:
    """The path as the reader would type it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
