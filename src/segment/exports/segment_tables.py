"""Tables about segments: how they differ in what people said, and the few questions that tell who belongs where."""

from __future__ import annotations

import pandas as pd

from segment.displays.labels import (
    bands_in,
    floats,
    segments_in,
    share_text,
)
from segment.exports.blocks import Grid
from segment.exports.scales import question
from segment.exports.story import Story
from segment.locale import number, say

#: The answer of a segment and of everyone: a mean, or a share where there were two answers.
_EXEMPLAR = (("mean", "share"), ("overall", "share_overall"))


def outcomes_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """One row per outcome, one column per segment, and whether segments really differ in it."""
    table = story.released.get("segment_outcomes")
    if table is None or table.frame.empty or not story.segments:
        return ()
    frame, labels = table.frame, story.labels(language)
    segments = segments_in(frame)
    hidden = say("report.hidden", language)
    lines = []
    for item, rows in frame.groupby("item", sort=False):
        shown = dict(zip(floats(rows, "segment").astype(int), _means(rows, language, hidden), strict=True))
        seen = rows[rows["status"] != "hidden"]
        overall = _mean_or_share(seen, ("overall", "share_overall"), language)[0] if len(seen) else hidden
        differs = say("report.yes" if (seen["differs"] == "yes").any() else "report.no", language)
        lines.append((question(story, str(item), language), *(shown.get(s, "–") for s in segments), overall, differs))
    columns = (
        say("report.outcomes.question", language),
        *(labels.segment(segment) for segment in segments),
        say("display.everyone", language),
        say("report.outcomes.differs", language),
    )
    note = say("report.outcomes.text", language)
    return (Grid(say("report.outcomes.title", language), columns, tuple(lines), note=note),)


def _means(rows: pd.DataFrame, language: str, hidden: str) -> list[str]:
    told = _mean_or_share(rows, ("mean", "share"), language)
    return [hidden if status == "hidden" else value for value, status in zip(told, rows["status"], strict=True)]


def _mean_or_share(rows: pd.DataFrame, columns: tuple[str, str], language: str) -> list[str]:
    """A mean answer with one decimal, or the share of those who said yes where there were two answers."""
    return [
        number(mean, language, digits=1) if share != share else share_text(float(share), language, bands=bands)
        for mean, share, bands in zip(*(floats(rows, name) for name in columns), bands_in(rows), strict=True)
    ]
