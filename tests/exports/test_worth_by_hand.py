"""The worth of a segment, reckoned by hand from ten people, is the same figure in report, workbook and tracker."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sample_story
from python_calamine import CalamineWorkbook

from segment.exports.method import render_method
from segment.exports.registry_tables import table_grids
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.tracking.mlflow_log import StudyRun, Tracker
from segment.tracking.records import table
from segment.value import lifetime_value, segment_value

#: How many of ten kinds of people stay from one month to the next; each kind stands four times in the segment.
STAY = np.array([0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99])
MONTHS, EACH = 12, 4
#: 1,000 a month, paid on average halfway: 500 (1 + s) (1 - s^12) / (1 - s) for each kind of person.
KINDS = [6817, 7189, 7588, 8015, 8473, 8963, 9489, 10052, 10657, 11305]
#: The mean of the ten, and of who all stay: 1,000 in each of twelve months.
BY_HAND, ALL_STAY = 8_855, 12_000


@pytest.fixture(scope="module")
def story() -> Story:
    survival = np.vstack([STAY[:, None] ** np.arange(1, MONTHS + 1)] * EACH + [np.ones((40, MONTHS))])
    amounts = lifetime_value(survival, {}, value=1000.0)
    labels = np.repeat([0, 1], 40)
    found = segment_value(amounts, labels).drop(columns="note").astype({"segment": float})
    released = sample_story.release(
        "lifetime_value", found, groups=["segment"], count="n", means=["value", "low", "high"], kind="driver"
    )
    whole = sample_story.full_story()
    return replace(whole, released={**whole.released, "lifetime_value": released})


def test_the_figure_by_hand() -> None:
    kinds = 500 * (1 + STAY) * (1 - STAY**MONTHS) / (1 - STAY)
    assert kinds.round().tolist() == KINDS and round(float(kinds.mean())) == BY_HAND
    assert lifetime_value(STAY[:, None] ** np.arange(1, MONTHS + 1), {}, value=1000.0) == pytest.approx(kinds)


@pytest.mark.parametrize(("language", "sign"), [("nl", "."), ("en", ",")])
def test_report_and_workbook_tell_it(story: Story, language: str, sign: str) -> None:
    (grid,) = table_grids(story, "lifetime_value", language)
    labels = story.labels(language)
    cells = {line[0]: line for line in grid.rows}
    assert f"8{sign}855" in cells[labels.segment(0)] and f"12{sign}000" in cells[labels.segment(1)]
    assert f">8{sign}855<" in render_method(story, language)
    book = CalamineWorkbook.from_filelike(io.BytesIO(render_workbook(story, language)))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    told = {row[1]: row for row in rows if len(row) > 3 and row[1] in (labels.segment(0), labels.segment(1))}
    figures = {name: [round(cell) for cell in row[2:] if isinstance(cell, float)] for name, row in told.items()}
    assert BY_HAND in figures[labels.segment(0)] and ALL_STAY in figures[labels.segment(1)]


def test_so_does_the_tracker(story: Story, tmp_path: Path) -> None:
    tracker = Tracker.of(tmp_path, "worth", environment={})
    (tmp_path / "released").mkdir()
    text = story.released["lifetime_value"].frame.to_json(orient="split", index=False, double_precision=4)
    (tmp_path / "released" / "lifetime_value.json").write_text(json.dumps(json.loads(text)))
    run = StudyRun(tracker, "worth", {})
    run.log_stage("publish", [table("lifetime_value", "released/lifetime_value.json")], said="", skipped=False)
    run.end()
    client = tracker.client()
    experiment = client.get_run(str(run.run_id)).info.experiment_id
    kept: pd.DataFrame = client.load_table(experiment, "lifetime_value.json")
    values = kept.set_index("segment")["value"].astype(float)
    assert round(values[0.0]) == BY_HAND and round(values[1.0]) == ALL_STAY
