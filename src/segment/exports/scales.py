"""On which scale figures of answers are shown, where another one was asked: a sentence for every grid and sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segment.displays.column_text import POINTS, SHARES, measure_name
from segment.exports.story import Story
from segment.locale import say

#: The kinds of questions behind the tables whose means are reported on 1 to 5.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "profiles": ("importance", "experience"),
    "drivers": ("importance", "experience"),
    "promises": ("promised", "kept"),
    "journey": ("moment",),
}
#: Tables whose means are on the scale of each question.
_AS_ASKED = ("exemplars", "segment_outcomes")


def converted(story: Story, tables: Sequence[str], language: str) -> str:
    """That means in these tables were brought to 1 to 5, and from which scale; empty where they were asked on it."""
    labels = story.labels(language)
    kinds = [kind for name in tables for kind in _KINDS.get(name, ()) if name in story.released]
    told = labels.converted(*dict.fromkeys(kinds))
    further = [_as_asked(story, name, language) for name in tables if name in _AS_ASKED]
    further += [_measures(story, language)] if "scorecard" in tables else []
    return " ".join(one for one in (told, *further) if one)


def _as_asked(story: Story, table: str, language: str) -> str:
    """The scales of a table whose means stand on the scale that was asked on; empty where there are none."""
    rows, labels = story.shown(table), story.labels(language)
    asked = sorted({labels.scale(str(item)) for item in rows["item"]} - {""}) if rows is not None else []
    return say("display.converted.not", language, asked=", ".join(asked)) if asked else ""


def _measures(story: Story, language: str) -> str:
    """The measures of the seven Rs that were brought to 1 to 5, each with the scale it was asked on."""
    rows, labels = story.shown("scorecard"), story.labels(language)
    if rows is None:
        return ""
    asked = {name: labels.scales(name) for name in dict.fromkeys(rows["measure"].astype(str))}
    named = [
        f"{measure_name(name, language)} ({', '.join(scales)})"
        for name, scales in asked.items()
        if scales and name not in (*SHARES, POINTS)
    ]
    return say("display.converted.measures", language, measures=", ".join(named)) if named else ""


def question(story: Story, item: str, language: str) -> str:
    """A question in words with the scale it was asked on, for figures that are shown on that scale."""
    labels = story.labels(language)
    scale = labels.scale(item)
    return f"{labels.feature(item)} ({scale})" if scale else labels.feature(item)
