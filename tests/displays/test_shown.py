"""Pictures that a table's spec asks for: heat maps, dots with intervals and curves, in both languages."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.release import ReleasedTable, release
from segment.displays.labels import Labels
from segment.displays.shown import draw_shown
from segment.errors import RefusedRelease
from segment.tables import Shown, ShownColumn

NEEDS = {"PAY": {"nl": "Beloning", "en": "Pay"}, "GRO": {"nl": "Groei", "en": "Growth"}}
WORDS = {"title": "report.table.profiles"}
COLUMNS = (
    ShownColumn("segment", "segment"), ShownColumn("need", "need"),
    ShownColumn("n", "people"), ShownColumn("share", "percent"),
    ShownColumn("low", "percent"), ShownColumn("high", "percent"),
)  # fmt: skip


@pytest.fixture(scope="module")
def table() -> ReleasedTable:
    rows = [
        {"segment": segment, "need": need, "n": n, "share": share, "low": share - 0.05, "high": share + 0.05}
        for segment, n in ((0.0, 120), (1.0, 80), (2.0, 9), (3.0, 9))
        for need, share in (("PAY", 0.3 + segment / 10), ("GRO", 0.62))
    ]
    frame = pd.DataFrame(rows)
    return release(
        "toy", frame, count="n", groups=("segment",), lines=("need",), shares=["share", "low", "high"], kind="rates"
    )


def labels(language: str) -> Labels:
    return Labels(language, needs=NEEDS)


@pytest.mark.parametrize(("display", "line", "across", "panels"), [
    ("dots", "need", "segment", 2), ("dots", "segment", "need", 2), ("heat", "need", "segment", 1),
])  # fmt: skip
def test_a_picture_has_its_panels_and_the_same_figures_as_a_table(
    table: ReleasedTable, display: str, line: str, across: str, panels: int
) -> None:
    shown = Shown(COLUMNS, display=display, line=line, across=across, value="share", **WORDS)
    drawn = draw_shown("toy", table, shown, labels("nl"))
    assert drawn is not None
    assert len(drawn.panels) == panels
    assert sorted(row[:4] for row in drawn.rows) == [
        ("Segment 1", "Beloning", "120", "30%"), ("Segment 1", "Groei", "120", "62%"),
        ("Segment 2", "Beloning", "80", "40%"), ("Segment 2", "Groei", "80", "62%"),
    ]  # fmt: skip
    svg = "".join(panel.svg for panel in drawn.panels)
    assert "Beloning" in svg + "".join(panel.heading for panel in drawn.panels)
    assert "Segment 3" not in svg, "a hidden group is drawn nowhere"


def test_a_heat_map_writes_every_figure_in_its_cell_and_the_highest_darkest(table: ReleasedTable) -> None:
    shown = Shown(COLUMNS, display="heat", line="need", across="segment", value="share", **WORDS)
    drawn = draw_shown("toy", table, shown, labels("en"))
    assert drawn is not None
    svg = drawn.panels[0].svg
    assert re.findall(r">(\d+%)<", svg) == ["30%", "40%", "62%", "62%"]
    fills = [one for one in re.findall(r"fill: (#[0-9a-f]{6})", svg) if one != "#1c2b33"]
    shades = [sum(int(one[at : at + 2], 16) for at in (1, 3, 5)) for one in dict.fromkeys(fills)]
    assert len(shades) >= 3 and max(shades) > min(shades)


@pytest.mark.parametrize(("language", "tick"), [("nl", "0,4"), ("en", "0.4")])
def test_a_curve_runs_along_its_axis_with_its_band(language: str, tick: str) -> None:
    months = np.arange(0.0, 2.5, 0.5)
    frame = pd.DataFrame({"month": months, "gone": months / 10, "low": months / 12, "high": months / 8, "n": 200})
    released = release("toy", frame, count="n", groups=(), lines=("month",), overall=["gone", "low", "high"])
    figures = ("gone", "low", "high")
    columns = (
        ShownColumn("month", "one"),
        *(ShownColumn(name, "two", head="workbook.column.value") for name in figures),
    )
    shown = Shown(columns, display="curve", line="month", value="gone", ends=("low", "high"), **WORDS)
    drawn = draw_shown("toy", released, shown, labels(language))
    assert drawn is not None
    assert f">{tick}<" in drawn.panels[0].svg
    assert len(drawn.rows) == len(months)


def test_where_everything_is_hidden_there_is_no_picture() -> None:
    frame = pd.DataFrame({"segment": [0.0], "n": [3], "share": [0.5]})
    released = release("toy", frame, count="n", groups=("segment",), shares=["share"], kind="rates")
    shown = Shown(COLUMNS[:4], display="dots", line="segment", value="share", **WORDS)
    assert draw_shown("toy", released, shown, labels("nl")) is None


@pytest.mark.parametrize(("language", "everyone"), [("nl", "Iedereen"), ("en", "Everyone")])
def test_the_row_of_everyone_is_called_so_in_the_table_under_the_drawing_too(language: str, everyone: str) -> None:
    frame = pd.DataFrame({"segment": [np.nan, 0.0, 1.0], "n": [200, 120, 80], "share": [0.5, 0.4, 0.65]})
    released = release("toy", frame, count="n", groups=("segment",), shares=["share"], kind="rates")
    shown = Shown(COLUMNS[:4], display="dots", line="segment", value="share", **WORDS)
    drawn = draw_shown("toy", released, shown, labels(language))
    assert drawn is not None
    assert drawn.rows[0][0] == everyone


def test_only_released_figures_are_drawn() -> None:
    shown = Shown(COLUMNS[:4], display="dots", line="segment", value="share", **WORDS)
    with pytest.raises(RefusedRelease):
        draw_shown("toy", pd.DataFrame({"share": [0.5]}), shown, labels("nl"))  # type: ignore[arg-type]
