"""Why no division was made either: the criterion that stood in the way, in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sample_story import without_segments

from segment.exports.made_groups import divisions_grid, why_not_made
from segment.exports.report import lead
from segment.exports.story import Story

TRIED = {
    "k": 2, "n": 400, "explained": 0.004, "explained_low": -0.01, "explained_high": 0.02, "rival": "department",
    "rival_explained": 0.03, "ahead": -0.026, "ahead_low": -0.05, "again": 0.3, "same": 0.64, "by_halves": 0.1,
    "agreement": 0.6, "style_share": 0.01, "spread_share": 0.01, "smallest_share": 0.4, "smallest_n": 160,
    "failed": "departments", "chosen": False,
}  # fmt: skip


def story(**changed: object) -> Story:
    return replace(without_segments(), divided=pd.DataFrame([TRIED | changed]))


@pytest.mark.parametrize(
    ("failed", "dutch", "english"),
    [
        ("departments", "wat HR al weet (department)", "what HR knows already (department)"),
        ("again", "zelfde groep: 64%", "same group: 64%"),
        ("explains", "zegt te weinig", "says too little"),
        ("agreement, again", "ergens anders vallen", "fall elsewhere"),
        ("one question", "ten minste twee dingen", "at least two questions per need"),
        ("style", "hoe mensen antwoorden", "how people answer"),
        ("size", "te klein", "too small"),
    ],
)
def test_the_criterion_that_stood_in_the_way_is_told_on_page_one(failed: str, dutch: str, english: str) -> None:
    for language, told in (("nl", dutch), ("en", english)):
        assert told in " ".join(lead(story(failed=failed), language))


def test_of_several_numbers_the_one_that_came_nearest_speaks() -> None:
    rows = pd.DataFrame([TRIED | {"failed": "size, again"}, TRIED | {"k": 3, "failed": "again", "same": 0.51}])
    assert "51%" in why_not_made(replace(story(), divided=rows), "en")


def test_a_division_that_was_not_tried_has_no_table() -> None:
    assert divisions_grid(story(failed="one question", explained=np.nan), "en") == []
    [grid] = divisions_grid(story(), "nl")
    assert grid.rows[0][:2] == ("2", "nee") and grid.rows[0][-1] == "meer dan HR al weet"


def test_nothing_is_said_where_nothing_was_tried() -> None:
    assert why_not_made(replace(story(), divided=None), "en") == ""
