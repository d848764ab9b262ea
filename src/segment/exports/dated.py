"""What a study is of, in the head and at the foot of every page: a wave of its survey, or the last day of its data."""

from __future__ import annotations

from segment.exports.story import Story
from segment.locale import day_told, say
from segment.vocabulary import UNDATED


def wave_told(story: Story, language: str, *, within: bool = False) -> str:
    """The wave in words; without a survey the day until which people were watched, or that no date is known.

    ``within`` a line of other words it begins with a small letter.
    """
    if story.wave == UNDATED:
        told = say("report.wave.undated", language)
    elif story.status == "no survey" and story.wave == story.watched_until:
        told = say("report.wave.day", language, day=day_told(story.wave, language))
    else:
        told = say("report.wave", language, wave=story.wave)
    return told[:1].lower() + told[1:] if within else told
