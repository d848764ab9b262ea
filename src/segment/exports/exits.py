"""Which exits the figures of leaving count, in words, and that it is another cause than the study asks for."""

from __future__ import annotations

from segment.displays.retention import cause_name
from segment.exports.finding_words import finding_words
from segment.exports.story import Story
from segment.locale import catalogue, day_told, say
from segment.vocabulary import EndReason

#: Findings that make a share who leave no chance to leave: everybody on the list left, all on one day.
_CARE = ("RT015", "RT003")


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


def only_with_care(story: Story, language: str) -> tuple[str, ...]:
    """What makes a share who leave no chance to leave, in sentences: everybody on the list left, or all on one day."""
    return tuple(story.say(f"finding.{code}", language) for code in _cares(story))


def with_care(story: Story, about: str, language: str) -> str:
    """A few words about a figure of leaving, with what makes it no chance to leave."""
    for code in _cares(story):
        about = say(f"report.exits.care.{code}", language, what=about)
    return about


def _cares(story: Story) -> list[str]:
    found = set() if story.findings is None or story.by_intention else set(story.findings["code"])
    return [code for code in _CARE if code in found]


def on_day(day: str, language: str) -> str:
    """The day that people are counted as employed on, to stand behind that; empty where it is not known."""
    return say("report.on_day", language, day=day_told(day, language)) if day else ""


def whom_counted(story: Story, language: str) -> str:
    """Who the people in scope are, to stand behind their number: employed on a day, on HR's list, or who answered."""
    staff = story.lists_staff and (story.employed or not story.employed_on)
    key = f"report.key.people{by_list(story)}" if staff else "report.key.people.answered"
    return say(key, language, when=on_day(story.employed_on, language))


def by_list(story: Story) -> str:
    """The end of a message's key where no date says who is employed, and HR's list only whom it calls an employee."""
    return "" if story.employed_on else ".listed"


def told_instead(story: Story, language: str) -> tuple[str, ...]:
    """That the cause the study asks for cannot be shown, and what figures count instead; empty where it can."""
    rows = [] if story.findings is None else story.findings.query("code == 'RT013'").to_dict("records")
    return tuple(finding_words(row, story.labels(language)) for row in rows[:1])
