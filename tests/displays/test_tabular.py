"""Tables as a spec tells them: what is hidden says so, what is lacking is a dash, and no figure is told twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.displays.labels import Labels
from segment.displays.tabular import tabular
from segment.locale import languages, say
from segment.tables import ShownColumn, View

NEEDS = {"PAY": {"nl": "Beloning", "en": "Pay"}, "GRO": {"nl": "Groei", "en": "Growth"}}
LABELS = Labels("en", needs=NEEDS)
FRAME = pd.DataFrame(
    {
        "segment": [2.0, 10.0, np.nan, 2.0],
        "need": ["GRO", "PAY", "PAY", "PAY"],
        "n": ["120", "40", "160", "–"],
        "mean": [3.14, np.nan, 2.5, np.nan],
        "share": [np.nan, 0.95, np.nan, np.nan],
        "low": [3.0, 0.9, 2.0, np.nan],
        "high": [3.3, 1.0, 3.0, np.nan],
        "status": ["shown", "banded", "shown", "hidden"],
    }
)
WIDE = View(
    (ShownColumn("need", "need"),), across=ShownColumn("segment", "segment"),
    cells={"": ShownColumn("mean", "one", yes="share")},
    lines=("need",), order=("need",),
)  # fmt: skip


def test_values_stand_next_to_each_other_by_number_with_everyone_first() -> None:
    told = tabular("toy", FRAME, WIDE, LABELS)
    assert told.columns == ("Need", "Everyone", "Segment 3", "Segment 11")
    assert told.rows == (("Pay", "2.5", "hidden", "≥ 95%"), ("Growth", "–", "3.1", "–"))


@pytest.mark.parametrize("language", languages())
def test_a_hidden_row_says_so_in_every_figure_of_it_or_is_left_out(language: str) -> None:
    columns = (
        ShownColumn("need", "need"),
        ShownColumn("n", "people"),
        ShownColumn("mean", "one", ends=("low", "high")),
    )
    labels = Labels(language, needs=NEEDS)
    rows = tabular("toy", FRAME, View(columns), labels).rows
    assert rows[3][1:] == (say("report.hidden", language),) * 2
    assert len(tabular("toy", FRAME, View(columns, with_hidden=False), labels).rows) == len(rows) - 1


@pytest.mark.parametrize(("told", "said"), [
    (ShownColumn("mean", "two", ends=("low", "high")), "3.14 (3.00–3.30)"),
    (ShownColumn("mean", "change", ends=("low", "high")), "+3% (+3% to +3%)"),
    (ShownColumn("mean", "signed", digits=2), "+3.14"),
    (ShownColumn("mean", "points", digits=0), "3%"),
    (ShownColumn("low", "one", ends=("low", "high")), "3.0 to 3.3"),
])  # fmt: skip
def test_an_interval_stands_in_brackets_or_alone_and_differences_have_a_sign(told: ShownColumn, said: str) -> None:
    assert tabular("toy", FRAME, View((told,)), LABELS).rows[0] == (said,)


def test_a_figure_without_an_interval_is_told_alone() -> None:
    bare = FRAME.assign(low=np.nan)
    assert tabular("toy", bare, View((ShownColumn("mean", "one", ends=("low", "high")),)), LABELS).rows[0] == ("3.1",)


def test_an_end_that_was_banded_is_a_bound_and_no_figure() -> None:
    banded = FRAME.assign(share=[0.9, 0.9, 0.9, np.nan], low=0.8, high=0.95, status="banded", n="140")
    row = tabular("toy", banded, View((ShownColumn("share", "percent", ends=("low", "high")),)), LABELS).rows[0]
    assert row == ("90% (80% or more)",)


def test_what_a_line_shares_with_the_one_before_is_said_once() -> None:
    view = View((ShownColumn("segment", "segment", once=True), ShownColumn("need", "need")), order=("segment",))
    assert [row[0] for row in tabular("toy", FRAME, view, LABELS).rows] == ["Segment 3", "", "Segment 11", "Everyone"]


def test_a_view_takes_the_first_lines_of_what_was_made_of_the_rows() -> None:
    view = View((ShownColumn("n", "people"),), shape=lambda rows: rows.iloc[::-1].reset_index(drop=True), most=2)
    assert tabular("toy", FRAME, view, LABELS).rows == (("hidden",), ("160",))


def test_a_column_that_the_study_lacks_is_left_out_with_its_note() -> None:
    columns = (
        ShownColumn("need", "need"),
        ShownColumn("n", "people", note="a"),
        ShownColumn("absent", "one", note="b"),
    )
    told = tabular("toy", FRAME, View(columns), LABELS)
    assert len(told.columns) == 2 and told.notes == ("a",)


def test_above_everyone_alone_no_column_is_called_after_segments() -> None:
    view = View((ShownColumn("segment", "segment", head="display.column.segment"),))
    heads = [tabular("toy", FRAME, view, Labels("en", together=one)).columns for one in (False, True)]
    assert heads == [("Segment",), (say("display.column.whom", "en"),)]


def test_cells_without_lines_are_refused_where_they_are_written() -> None:
    with pytest.raises(ValueError, match="need cells under them"):
        View((ShownColumn("need", "need"),), across=ShownColumn("segment", "segment"))
