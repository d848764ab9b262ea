"""What each section of the report says: segments, promises, the seven Rs, the journey, staying, actions.

A section is made of its words and of the blocks that the registry puts in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.displays.column_text import EXITS
from segment.displays.labels import (
    Labels,
    answer_text,
    bands_of,
    floats,
    in_order,
    of_segment,
    rows_of,
    said_yes,
)
from segment.exports.answers import leaving_of
from segment.exports.blocks import ActionList, Block, Picture, Rows, Section, spoken
from segment.exports.exits import only_with_care
from segment.exports.first_actions import about_as_pressing, segments_without, why_no_actions
from segment.exports.gaps import widest_gaps
from segment.exports.leaving_words import leaving_told
from segment.exports.near_ties import Name, first_of, following, sentence, sentences
from segment.exports.story import Story
from segment.locale import day_told, say
from segment.tables.shapes import SAID_YES


def segments_section(story: Story, language: str, blocks: Sequence[Block]) -> Section:
    """The segments side by side, what weighs for each, what they lack; everyone together when there are none."""
    texts = {
        "segments": f"{'made.segments' if story.made else 'report.segments.text'}{'.experience' * story.by_experience}",
        "none": "report.segments.text.none",
        "no survey": f"report.segments.text.{_unmeasured(story)}",
        "too few": "report.segments.text.few",
    }
    told = (say(texts[story.status], language),)
    return Section("segments", story.say("report.segments.title", language), told, tuple(blocks))


def _unmeasured(story: Story) -> str:
    """Why needs were not measured: nobody was asked, or not about needs, or not by what segments are made of."""
    if not story.answers_without_needs:
        return "absent"
    return "no_basis" if story.needs_rated_otherwise else "no_needs"


def promises_section(story: Story, language: str, blocks: Sequence[Block]) -> Section:
    """What was promised beside what was kept."""
    title = say("report.promises.title", language)
    if not _is_drawn(blocks):
        return _absent("promises", title, language, blocks)
    text = (say("report.promises.text", language), *_widest_gap(story, language))
    return Section("promises", title, spoken(text), tuple(blocks))


def _widest_gap(story: Story, language: str) -> tuple[str, ...]:
    gaps = first_of(widest_gaps(story, story.labels(language), None), 1)
    if not gaps:
        return ()
    promised, kept = gaps[0].told(language)
    told = say("report.promises.gap", language, need=gaps[0].name, promised=promised, kept=kept)
    return told, sentence(gaps, language, after=True)


def rs_section(story: Story, language: str, blocks: Sequence[Block]) -> Section:
    """The seven Rs, which are not added up, and of which twelve months their exits are."""
    exits = exits_counted(story, language)
    text = (say("report.rs.text", language), exits, *(only_with_care(story, language) if exits else ()))
    return Section("seven-rs", say("report.rs.title", language), spoken(text), tuple(blocks))


def exits_counted(story: Story, language: str) -> str:
    """Of which twelve months and of whom the exits among the seven Rs are; empty where there are none."""
    table = story.released.get("scorecard")
    counted = table is not None and bool(table.frame["measure"].isin(EXITS).any())
    if not (counted and story.watched_until):
        return ""
    told = say("report.rs.exits", language, day=day_told(story.watched_until, language))
    return f"{told} {story.say('report.rs.exits.everyone', language)}" if story.segments else told


def journey_section(story: Story, language: str, blocks: Sequence[Block]) -> Section:
    """Moments of working life, judged by those who lived them."""
    title, table = say("report.journey.title", language), story.released.get("journey")
    if table is None or not _is_drawn(blocks):
        return _absent("journey", title, language, blocks)
    lowest = _lowest(of_segment(rows_of(table), None), story.labels(language), language)
    return Section("journey", title, spoken((say("report.journey.text", language), *lowest)), tuple(blocks))


def _lowest(rows: pd.DataFrame, labels: Labels, language: str) -> tuple[str, ...]:
    share, names = said_yes(rows, SAID_YES["journey"]), [labels.moment(str(one)) for one in rows["moment"]]
    values = np.where(share, floats(rows, "share"), floats(rows, "value"))
    order = in_order(rows, values)
    if not order:
        return ()
    first = order[0]
    value = answer_text(values[first], language, share=bool(share[first]), bands=bands_of(rows.iloc[first]))
    told = say("report.journey.low", language, moment=names[first], value=value)
    alike = following(rows)
    moments = first_of([Name(names[at], alike[at]) for at in order], 1)
    return told, sentence(moments, language, about="low", after=True)


def staying_section(story: Story, language: str, blocks: Sequence[Block]) -> Section:
    """Who stays and who leaves, how well that was foreseen, and what goes together with it."""
    intention = story.by_intention
    title = say("report.staying.title.intention" if intention else "report.staying.title", language)
    if story.outcome_kind is None or not (blocks or leaving_of(story)):
        return _absent("staying", title, language)
    text = story.say("report.staying.text", language, months=story.horizon_months)
    return Section("staying", title, (text, *leaving_told(story, language)), tuple(blocks))


def actions_section(story: Story, language: str, blocks: Sequence[Block]) -> Section:
    """What to do per segment, and whether one policy, a segment's policy or a conversation fits each need."""
    pressing = sentences(about_as_pressing(story, language), language, about="pressing")
    told: tuple[str, ...] = (
        story.say("report.actions.text", language),
        *pressing,
        segments_without(story, language),
    )
    if not any(isinstance(one, ActionList) for one in blocks):
        told = (why_no_actions(story, language),)
    return Section("actions", say("report.actions.title", language), spoken(told), tuple(blocks))


def _is_drawn(blocks: Sequence[Block]) -> bool:
    return any(isinstance(one, Picture | Rows) for one in blocks)


def _absent(anchor: str, title: str, language: str, blocks: Sequence[Block] = ()) -> Section:
    return Section(anchor, title, (say("report.not_measured.sentence", language),), tuple(blocks), absent=not blocks)
