"""The guide for HR: how to read each page, what not to do with it, and how to talk about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from segment.displays.labels import Labels
from segment.exports.companions import report_name
from segment.exports.pages import render_page
from segment.exports.report import running_head
from segment.exports.story import Story
from segment.locale import catalogue, own_words, say

#: Parts of the guide in their order, and whether each is a list of things with a name, or plain paragraphs.
_PARTS = (("start", False), ("pages", True), ("words", True), ("not", True), ("talk", True), ("ask", False))


@dataclass(frozen=True)
class Part:
    """A part of the guide: its heading, and what it tells, each perhaps under a name of its own."""

    anchor: str
    title: str
    told: tuple[tuple[str, str], ...]


def parts(language: str, labels: Labels | None = None) -> tuple[Part, ...]:
    """The guide in one language; of one kind of study where ``labels`` say which.

    >>> [part.anchor for part in parts("en")], len(parts("nl")[3].told), parts("en")[1].told[0][0]
    (['start', 'pages', 'words', 'not', 'talk', 'ask'], 5, 'Page one')
    """
    return tuple(
        Part(name, say(f"guide.{name}.title", language), tuple(_told(name, labels or Labels(language), named=named)))
        for name, named in _PARTS
    )


def _told(part: str, labels: Labels, *, named: bool) -> Iterator[tuple[str, str]]:
    at = 1
    while f"guide.{part}.{at}" in catalogue():
        text = say(labels.for_study(f"guide.{part}.{at}"), labels.language)
        name, _, rest = text.partition(": ") if named else ("", "", text)
        yield name, rest[:1].upper() + rest[1:]
        at += 1


def render_guide(story: Story, language: str) -> str:
    """The guide as a page beside the report, in one language: no figure of the study, and no groups it has not."""
    return render_page(
        "guide.html.j2",
        language,
        title=own_words(story.title, language),
        kind="guide",
        running=running_head(story, language, say("guide.title", language)),
        story=story,
        back=report_name(language),
        parts=parts(language, story.labels(language)),
    )


def guide_in_markdown(language: str) -> str:
    """The guide as a text for people who have no report yet."""
    lines = [f"# {say('guide.title', language)}", "", say("guide.lead", language)]
    for part in parts(language):
        lines += ["", f"## {part.title}", ""]
        for name, text in part.told:
            lines += [f"- **{name}.** {text}"] if name else [text, ""]
    return "\n".join(lines).rstrip() + "\n"
