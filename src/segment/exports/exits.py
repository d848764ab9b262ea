"""Which exits the figures of leaving count, in words, and that it is another cause than the study asks for."""

from __future__ import annotations

from segment.displays.retention import cause_name
from segment.exports.finding_words import finding_words
from segment.exports.story import Story
from segment.locale import catalogue, say
from segment.vocabulary import EndReason


def exits_counted(story: Story, language: str) -> str:
    """To stand behind a figure of leaving: for any reason, or for the one that is counted; empty of an intention."""
    if story.by_intention or story.outcome_kind is None:
        return ""
    if len(story.causes) != 1 or story.causes[0] == EndReason.LEFT:
        return say("report.exits.any", language)
    (cause,) = story.causes
    own = f"report.exits.{cause}"
    return (
        say(own, language)
        if own in catalogue()
        else say("report.exits.one", language, cause=cause_name(cause, language))
    )


def told_instead(story: Story, language: str) -> tuple[str, ...]:
    """That the cause the study asks for cannot be shown, and what figures count instead; empty where it can."""
    rows = [] if story.findings is None else story.findings.query("code == 'RT013'").to_dict("records")
    return tuple(finding_words(row, story.labels(language)) for row in rows[:1])
