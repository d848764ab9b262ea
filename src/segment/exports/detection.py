"""What would have been seen, in words: the detection limit on page one in a sentence, with its doubt in the method."""

from __future__ import annotations

import pandas as pd

from segment.displays.labels import floats, rows_of
from segment.exports.story import Story
from segment.locale import number, percent, say


def detection_lead(story: Story, language: str) -> str:
    """Page one, where no segments were found: how far groups would have had to differ to be found."""
    rows = _rows(story)
    if rows.empty or rows["planted"].iloc[0] != "groups":
        return ""
    key = "limit" if rows["reached"].iloc[0] == "yes" else "none"
    return say(f"report.detection.lead.{key}", language, **_figures(rows, language))


def detection_words(story: Story, language: str) -> list[str]:
    """The method: what was planted, the limit with its interval, and of how many worlds it is known."""
    rows = _rows(story)
    if rows.empty:
        return []
    planted = str(rows["planted"].iloc[0])
    key = "limit" if rows["reached"].iloc[0] == "yes" else "none"
    return [
        say(f"report.detection.{planted}", language, **_figures(rows, language)),
        say(f"report.detection.{key}", language, **_figures(rows, language)),
    ]


def _rows(story: Story) -> pd.DataFrame:
    table = story.released.get("detection")
    return rows_of(table) if table is not None else pd.DataFrame()


def _figures(rows: pd.DataFrame, language: str) -> dict[str, str]:
    """Differences to a tenth of a point, as they were released; whole numbers as they are."""
    told = {name: number(floats(rows, name)[0], language) for name in ("limit", "low", "high")}
    whole = {name: number(floats(rows, name)[0], language, digits=0) for name in ("groups", "worlds", "width")}
    return {**told, **whole, "smallest": percent(floats(rows, "smallest")[0], language)}
