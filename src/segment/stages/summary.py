"""What a run found, in about ten lines for the one who started it."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from segment.disclosure.rounding import words_in_bands
from segment.displays.labels import bands_in, share_text
from segment.exports.manifest import NAME as MANIFEST
from segment.locale import STANDS_IN
from segment.segments.names import called, names_in
from segment.stages.base import OpenStudy, Receipt, open_study
from segment.stages.candidate import CANDIDATE
from segment.stages.permission import is_held_back, standing
from segment.stages.publish import PUBLISH, wave_of
from segment.stages.release.read_back import read_frame, read_names
from segment.stages.survey_weights import answers_weighted

#: Where the words of a line of the summary begin, and the narrowest terminal it is laid out for.
_INDENT, _LEAST = 15, 20


def describe_run(file: str, overrides: Sequence[str], receipts: Sequence[Receipt]) -> list[str]:
    """The findings of a run and where they lie; for a run that changed nothing, just that."""
    opened = open_study(file, overrides=overrides)
    exports = _short(opened.workspace / "exports" / wave_of(opened))
    left = _for_hr(opened, file, exports, receipts)
    if receipts and all(receipt.skipped for receipt in receipts):
        return ["Nothing changed since the last run, so nothing was done.", *left]
    lines = [f"Study '{opened.config.study}' ({opened.config.data} data), {wave_of(opened)}"]
    lines += [f"  {receipt.stage:<12} {receipt.said}" for receipt in receipts]
    lines += _segments(opened)
    lines += left
    lines.append(f"reviewers: segment ui {_short(Path(file).resolve())}")
    return lines


def laid_out(said: str, *, watched: bool, width: int = 0) -> str:
    """A summary as it is printed: within the width of a terminal that somebody watches, else, where it may be kept,
    with people in bands.

    >>> print(laid_out("  discover     5 segments: found", watched=True, width=27))
      discover     5 segments:
                   found
    """
    if not watched:
        return "\n".join(words_in_bands(line) for line in said.splitlines())
    fill = partial(textwrap.fill, break_long_words=False, break_on_hyphens=False, subsequent_indent=" " * _INDENT)
    wide = max(width or shutil.get_terminal_size().columns, _LEAST)
    return "\n".join(fill(line, wide) for line in said.splitlines())


def _for_hr(opened: OpenStudy, file: str, exports: Path, receipts: Sequence[Receipt]) -> list[str]:
    """Where HR's files lie and by whose decision, or why they are as they were and what to type."""
    if not receipts or receipts[-1].stage != PUBLISH.name:
        return []
    now, there = standing(opened), (exports / MANIFEST).is_file()
    report = f"report:   {exports / 'report.nl.html'} and report.en.html; workbook segments.nl.xlsx"
    if not is_held_back(opened):
        return [report] if now.is_decided else [report, f"          {now}: published because that was asked for"]
    study = _short(Path(file).resolve())
    lines = [f"HR's files: {'as they were, ' + str(exports / 'report.en.html') if there else 'none yet'}; {now}"]
    if now.other:
        return [*lines, f"decide:   segment compare {study}; segment promote ...; segment publish {study}"]
    return [
        *lines,
        f"to publish: segment run {study} --publish (segment publish {study} --preview shows what would leave)",
    ]


def _segments(opened: OpenStudy) -> list[str]:
    """The released segments by name and share, and whether these are weighted; what files hide is not shown."""
    wave = wave_of(opened)
    shelf = CANDIDATE if is_held_back(opened) else "released"
    released = opened.workspace / shelf / wave / "segments.json"
    if not opened.store.has("segments") or not released.is_file():
        return []
    shown = read_frame(released).query("status != 'hidden'").dropna(subset="segment")
    if len(shown) < 2:
        return []
    order = shown["segment"].astype("float64").sort_values().index
    shares, names = shown.loc[order, "share"].to_numpy(dtype=float), names_in(read_names(released.parent))
    bands = bands_in(shown.loc[order])
    told = [
        f"{called(names, float(segment), STANDS_IN)} {share_text(share, STANDS_IN, bands=edges, spoken=True)}"
        for segment, share, edges in zip(shown.loc[order, "segment"], shares, bands, strict=True)
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
