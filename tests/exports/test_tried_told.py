"""What was tried does not tell how many people a hidden segment has: the smallest may be that one."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from sample_story import full_story

from segment.exports.method_sections import tried_grid
from segment.stages.segmentation.records import records_of


def tried(smallest: int, n: int = 163) -> dict[str, object]:
    return {
        "family": "k_means", "k": 4, "n": n, "chosen": True, "failed": "size", "agreement": 0.9,
        "smallest_share": smallest / n, "smallest_n": smallest,
    }  # fmt: skip


def read(smallest: int) -> str:
    story = replace(full_story(), tried=pd.DataFrame([tried(90), tried(smallest)]))
    (grid,) = tried_grid(story, "en")
    return grid.rows[1][grid.columns.index("Smallest segment")]


def tracked(smallest: int) -> list[float]:
    selector = SimpleNamespace(
        family_="k_means", n_segments_=1, style_share_=0.0, decision_=SimpleNamespace(code="x"), kind_="none",
        evidence_=pd.DataFrame([tried(smallest)]),
    )  # fmt: skip
    found: Any = SimpleNamespace(selector=selector, wave="1")
    return [one.number for one in records_of(found, {}) if one.name == "smallest_share"]


@pytest.mark.parametrize("smallest", range(1, 30))
def test_the_share_of_a_hidden_segment_is_told_nowhere(smallest: int) -> None:
    assert read(smallest) == read(1) == "–" and tracked(smallest) == []


def test_one_person_fewer_is_told_nowhere_else() -> None:
    assert read(40) == read(39) == "25%" and tracked(40) == tracked(39) == [0.25]
