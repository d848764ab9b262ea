"""The method file, for reviewers: how the report was made, how sure it is, what was hidden, who is treated how."""

from __future__ import annotations

from dataclasses import replace

from segment.exports.blocks import Section
from segment.exports.companions import report_name
from segment.exports.confidence import sureness
from segment.exports.method_sections import glossary, method_section, privacy_section
from segment.exports.pages import render_page
from segment.exports.registry_tables import blocks_in, reviewed_in, tables_in
from segment.exports.report import SECTIONS, running_head, told_in
from segment.exports.story import Story
from segment.exports.weighting import weighed
from segment.locale import own_words, say

#: The sections that stand here whole, before what belongs to those of the report.
OWN = {"method": method_section, "privacy": privacy_section}


def render_method(story: Story, language: str) -> str:
    """The method file as HTML in one language: as inert as the report, and made of the same released tables."""
    return render_page(
        "method.html.j2",
        language,
        title=own_words(story.title, language),
        kind="method",
        running=running_head(story, language, say("page.method.title", language)),
        story=story,
        back=report_name(language),
        sure=sureness(story, language),
        sections=_sections(story, language),
        glossary=glossary(story, language),
    )


def _sections(story: Story, language: str) -> tuple[Section, ...]:
    """How it was made and what was hidden; then, section by section of the report, what is looked up."""
    every = (reviewed_section(story, anchor, language) for anchor in (*OWN, *told_in(story)))
    return tuple(one for one in every if one.blocks)


def reviewed_section(story: Story, anchor: str, language: str) -> Section:
    """A section of the method file; without blocks where there is nothing to look up in it."""
    how = weighed(story, tables_in(anchor), language)
    if anchor in OWN:
        return replace(OWN[anchor](story, language, blocks_in(story, anchor, language, part=None)), after=how)
    blocks = reviewed_in(story, anchor, language)
    return Section(anchor, SECTIONS[anchor](story, language, ()).title, (), tuple(blocks), after=how)
