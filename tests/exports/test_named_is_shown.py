"""What a page names is drawn on it; what makes its figure no chance to leave stands beside it, on slides as well."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
import sample_story

from segment.exports.answers import leaving_of
from segment.exports.pictures import PICTURES
from segment.exports.report import key_figures, render_report
from segment.exports.slides import MOST, slides_of
from segment.locale import say


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_a_title_or_the_lead_names_is_among_the_bars(language: str) -> None:
    """Twelve attributes explain more than the department and than what the lead calls nearest; both are drawn."""
    names = ["segments", *(f"a{n}" for n in range(12)), "department", "performance"]
    rows = [
        {"grouping": name, "target": "needs", "n": 900, "explained": value, "low": value - 0.01, "high": value + 0.01}
        for name, value in zip(names, np.linspace(0.3, 0.02, len(names)), strict=True)
    ]
    table = sample_story._released(
        "verdict", pd.DataFrame(rows), groups=[], lines=["grouping", "target"], shares=["explained", "low", "high"]
    )
    division = pd.DataFrame(
        [
            {
                "rival": "performance",
                "chosen": True,
                "same": 0.8,
                "again": 0.6,
                "explained": 0.3,
                "rival_explained": 0.01,
                "ahead": 0.29,
                "same_low": 0.77,
                "same_high": 0.83,
            }
        ]
    )
    story = sample_story.full_story()
    known = {**story.feature_names, "performance": {"nl": "beoordeling", "en": "appraisal"}}
    story = replace(story, released={**story.released, "verdict": table}, feature_names=known, divided=division)
    own = [known[one][language] for one in ("department", "performance")]
    chart = slides_of(story, language)[2].chart
    assert chart is not None and len(chart.names) == MOST and {one.lower() for one in chart.names} >= set(own)
    (drawn,) = PICTURES["verdict"][0](story, language)
    assert {line.name.lower() for line in drawn.lines} >= set(own)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", ["RT015", "RT003"])
def test_what_makes_a_figure_of_leaving_no_chance_stands_beside_it(language: str, code: str) -> None:
    """On the tile, in the first answer and in the section, and on the slides that show the figure."""
    story = sample_story.full_story()
    found = pd.DataFrame({"code": [code], "severity": "warning", "where": "x", "count": 90, "explanation": "x"})
    told, short = say(f"finding.{code}", language), say(f"report.exits.care.{code}", language, what="")
    for own, said in ((replace(story, findings=found), True), (story, False)):
        figure, slides = key_figures(own, leaving_of(own), language)[-1], slides_of(own, language)
        assert (short in figure.about) is said
        assert any(short in about for _, about in slides[0].figures) is said
        assert (told in slides[5].lines) is said and (short in slides[5].chart.series[0].name) is said
        page = render_report(own, language).split('<nav class="toc"')[0]
        assert (told in unescape(page)) is said


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_segment_without_a_bar_says_that_its_figure_is_hidden(language: str) -> None:
    story = sample_story.full_story()
    frame = story.released["leaving"].frame
    frame.loc[frame["segment"] == 1, ["status", "value", "low", "high"]] = ["hidden", np.nan, np.nan, np.nan]
    story = sample_story.with_rows(story, "leaving", frame)
    chart = slides_of(story, language)[5].chart
    bars = dict(zip(chart.names, chart.series[0].values, strict=True))
    assert {name for name, value in bars.items() if value is None} == {
        f"{story.labels(language).segment(1)} ({say('report.hidden', language)})"
    }
