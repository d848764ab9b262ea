"""How figures count people in a weighted study: one sentence under every page, section, sheet and list."""

from __future__ import annotations

from collections.abc import Sequence

from segment.exports.story import Story
from segment.locale import catalogue, say
from segment.vocabulary import Weighing


def weighed(story: Story, tables: Sequence[str], language: str) -> str:
    """Which of these released tables are weighted and which are not; empty where no answer weighs more than another.

    >>> from segment.exports.story import Story
    >>> weighed(Story(study="a", wave="2025", title={"nl": "A", "en": "A"}, study_digest="0"), ["curves"], "nl")
    ''
    """
    here = [name for name in tables if name in story.released]
    if not story.weighing or not here:
        return ""
    told = {name: _how(story, name) for name in here}
    words = [how for how in Weighing if how in told.values()]
    if words == [Weighing.ALL]:
        return say("weighed.all", language)
    sentences = []
    for how in words:
        names = dict.fromkeys(table_name(story, name, language) for name in here if told[name] == how)
        sentences.append(story.say(f"weighed.{how}", language, tables=", ".join(names)))
    return " ".join((*sentences, say("weighed.counts", language)))


def leaving_unweighted(story: Story) -> bool:
    """Whether a weighted study tells how many of everyone leave without weights, as HR's files count people."""
    table = "leaving" if "leaving" in story.released else "curves"
    return story.weighing.get(table, Weighing.ALL) in (Weighing.SEGMENTS, Weighing.NONE)


def _how(story: Story, table: str) -> Weighing:
    """How a table counts people; where it has a figure of no segment, what only segments weigh is unweighted."""
    how, shown = Weighing(story.weighing.get(table, Weighing.ALL)), story.shown(table)
    by_segment = shown is None or "segment" not in shown or bool(shown["segment"].notna().any())
    return Weighing.NONE if how == Weighing.SEGMENTS and not (story.segments and by_segment) else how


def table_name(story: Story, table: str, language: str) -> str:
    """A released table in words: without segments as one of everyone."""
    of_everyone = f"report.table.{table}.everyone"
    key = of_everyone if not story.segments and of_everyone in catalogue() else f"report.table.{table}"
    return story.say(key, language) if key in catalogue() else table.replace("_", " ")
