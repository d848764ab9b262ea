"""The guide for HR: how to read each page, what not to do with it, and how to talk about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count

from segment.displays.labels import Labels
from segment.exports.actions_list import has_actions
from segment.exports.companions import report_name
from segment.exports.pages import render_page
from segment.exports.report import SECTIONS, running_head, sections_in
from segment.exports.story import Story
from segment.locale import catalogue, own_words, say

#: Parts of the guide in their order, and whether each is a list of things with a name, or plain paragraphs.
_PARTS = (("start", False), ("pages", True), ("words", True), ("not", True), ("talk", True), ("ask", False))
#: The section of the report that each thing under "pages" is about, by its number.
_ABOUT = {
    2: "segments",
    3: "segments",
    4: "promises",
    5: "seven-rs",
    6: "journey",
    7: "changes",
    8: "staying",
    9: "actions",
}


@dataclass(frozen=True)
class Part:
    """A part of the guide: its heading, and what it tells, each perhaps under a name of its own."""

    anchor: str
    title: str
    told: tuple[tuple[str, str], ...]


def parts(language: str, labels: Labels | None = None, sections: Collection[str] = tuple(SECTIONS)) -> tuple[Part, ...]:
    """The guide in one language; of the kind of study that ``labels`` say, with these ``sections`` in its report.

    >>> [part.anchor for part in parts("en")], len(parts("nl")[3].told), parts("en")[1].told[0][0]
    (['start', 'pages', 'words', 'not', 'talk', 'ask'], 5, 'Page one')
    """
    absent = {at for at, section in _ABOUT.items() if section not in sections}
    return tuple(
        Part(
            name,
            say(f"guide.{name}.title", language),
            tuple(_told(name, labels or Labels(language), named=named, without=absent if name == "pages" else ())),
        )
        for name, named in _PARTS
    )


def _told(part: str, labels: Labels, *, named: bool, without: Collection[int]) -> Iterator[tuple[str, str]]:
    for at in count(1):
        if f"guide.{part}.{at}" not in catalogue():
            return
        if at in without:
            continue
        text = labels.say(f"guide.{part}.{at}")
        name, _, rest = text.partition(": ") if named else ("", "", text)
        yield name, rest[:1].upper() + rest[1:]


def render_guide(story: Story, language: str) -> str:
    """The guide as a page beside the report, in one language: no figure of the study, no groups or parts it lacks."""
    told = {section.anchor for section in sections_in(story, language)[0]}
    told -= set() if has_actions(story) else {"actions"}  # it tells how to use a list that is not there
    return render_page(
        "guide.html.j2",
        language,
        title=own_words(story.title, language),
        kind="guide",
        running=running_head(story, language, say("guide.title", language)),
        story=story,
        back=report_name(language),
        parts=parts(language, story.labels(language), told),
    )


def guide_in_markdown(language: str) -> str:
    """The guide as a text for people who have no report yet."""
    lines = [f"# {say('guide.title', language)}", "", say("guide.lead", language)]
    for part in parts(language):
        lines += ["", f"## {part.title}", ""]
        for name, text in part.told:
            lines += [f"- **{name}.** {text}"] if name else [text, ""]
    return "\n".join(lines).rstrip() + "\n"
