"""A survey without one answer: what was asked is not called unasked, and what has no figure not measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.stages.discover import _say as discovered
from segment.stages.relate import _say
from segment.stages.segmentation.search import _unmeasured
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

NEEDS = ("PAY", "SEC", "GRO")


def asked() -> Codebook:
    return Codebook(
        tuple(Item(f"I_{need}", ItemKind.IMPORTANCE, need, "imp5", 1, 5, False, "", "", False, {}) for need in NEEDS),
        {},
    )


@pytest.mark.parametrize(("answer", "told"), [(np.nan, "have an answer in wave 10"), (None, "were asked about")])
def test_needs_that_nobody_answered_were_asked_about(answer: float | None, told: str) -> None:
    answers = pd.DataFrame({"person": ["a", "b"], "wave": "wave 10"})
    if answer is not None:
        answers = answers.assign(**{f"I_{need}": answer for need in NEEDS})
    assert _unmeasured(asked(), answers, "wave 10") == f"fewer than two needs {told}"


def test_what_has_no_figure_is_not_counted_as_measured() -> None:
    tables = {
        "promises": pd.DataFrame({"need": NEEDS, "promised": np.nan, "kept": np.nan}),
        "scorecard": pd.DataFrame(
            {"r": "Retention", "measure": ["exits", "stay"], "status": "measured", "value": [0.1, np.nan]}
        ),
        "journey": pd.DataFrame({"moment": ["J_talk"], "value": [np.nan]}),
    }
    assert _say(tables) == "measured: 1 figure of the seven Rs"
    tables["scorecard"]["value"] = np.nan
    assert _say(tables).startswith("no promises, moments or figures")
    tables["promises"] = tables["promises"].assign(promised=3.0, kept=2.0)
    assert _say(tables) == "measured: 3 needs with promises"


def test_a_measure_that_two_of_the_seven_rs_rest_on_is_a_figure_of_each() -> None:
    """The report had three figures under three Rs, all of them 'experience of needs'; the console said one."""
    needs = {"measure": "experience", "status": "measured", "value": [3.7, 3.1, 3.7, 4.0]}
    tables = {
        "promises": pd.DataFrame({"need": [], "promised": [], "kept": []}),
        "scorecard": pd.DataFrame({"r": ["Relationship", "Reputation", "Recommendation", "Relationship"], **needs}),
        "journey": pd.DataFrame({"moment": [], "value": []}),
    }
    assert _say(tables) == "measured: 3 figures of the seven Rs"


def test_who_reads_the_console_learns_that_segments_are_departments_in_disguise() -> None:
    verdict = pd.DataFrame({"code": ["VE002", "VE002"], "attribute": ["department", "department"]})
    assert discovered("5 segments.", verdict) == (
        "5 segments. Not to be called needs segments: department is strongly associated with them (VE002)."
    )
    assert "department explains more (VE003)" in discovered("5 segments.", verdict.assign(code="VE003"))
    for told in (verdict.assign(code="VE000", attribute=""), pd.DataFrame()):
        assert discovered("5 segments.", told) == "5 segments."
