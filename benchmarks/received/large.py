"""A large report: 8 segments, 12 needs and 40 departments, copied from the released tables of a small study."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from truths.rows import Row, row

from received.studies import Release
from segment.disclosure.release import ReleasedTable
from segment.exports.method import render_method
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.stages.publish import wave_of
from segment.stages.release.control import release_under_control
from segment.stages.report_context import tell

SEGMENTS, NEEDS, DEPARTMENTS = 8, 12, 40
MOST_BYTES, MOST_SECONDS = 2e6, 10.0


def large(release: Release) -> list[Row]:
    """Bytes and processor time of report and method file of one language, and of the workbook."""
    story, rows = stretched(release), []
    for name, render in (("report", render_report), ("method", render_method), ("workbook", render_workbook)):
        begun = time.process_time()
        content = render(story, "nl")
        spent = time.process_time() - begun
        size = len(content.encode() if isinstance(content, str) else content)
        promised = f"under {MOST_BYTES / 1e6:.0f} MB and {MOST_SECONDS:.0f} s"
        met = size < MOST_BYTES and spent < MOST_SECONDS
        rows.append(row(f"large: {name}.nl", promised, f"{size / 1e3:.0f} kB, {spent:.1f} s of CPU", met))
    return rows


def stretched(release: Release) -> Story:
    """The story of a study as if it had many more segments, needs and departments: rows copied under further names.

    Only size is true of it: the figures are those of the first segments, needs and groups once more.
    """
    opened, wave = release.opened, wave_of(release.opened)
    tables = release_under_control(opened, wave=wave, place=wave).tables
    story = tell(opened, tables, wave=wave)
    needs = [*story.need_names, *(f"N{at:02d}" for at in range(NEEDS - len(story.need_names)))]
    levels: dict[str, list[object]] = {"segment": list(range(SEGMENTS)), "need": list(needs)}
    levels["group"] = [f"Department {at:02d}" for at in range(DEPARTMENTS)]
    for name, table in tables.items():
        frame = table.frame
        for column, wanted in levels.items():
            frame = _more(frame, column, wanted)
        tables = {**tables, name: _holding(table, frame)}
    names = {code: {"nl": f"Behoefte {code}", "en": f"Need {code}"} for code in needs}
    called = {at: {"nl": f"Groep met een naam {at}", "en": f"Group with a name {at}"} for at in range(SEGMENTS)}
    return replace(
        story,
        released=tables,
        need_names={**names, **story.need_names},
        segment_names={**called, **story.segment_names},
    )


def _more(frame: pd.DataFrame, column: str, wanted: list[object]) -> pd.DataFrame:
    """Rows of the levels there are, copied until every wanted level has rows; rows of everyone stay as they are."""
    if column not in frame or frame[column].isna().all():
        return frame
    known = frame[column].dropna().unique().tolist()
    extra = list(_copies(frame, column, known, [one for one in wanted if one not in known][: len(wanted) - len(known)]))
    return pd.concat([frame, *extra], ignore_index=True)


def _copies(frame: pd.DataFrame, column: str, known: list[object], further: list[object]) -> Iterator[pd.DataFrame]:
    for at, level in enumerate(further):
        yield frame[frame[column] == known[at % len(known)]].assign(**{column: level})


def _holding(table: ReleasedTable, frame: pd.DataFrame) -> ReleasedTable:
    """The table as if these rows had been released: for their size only, and nothing is written of them."""
    held = copy.copy(table)
    object.__setattr__(held, "_frame", frame)
    return held
