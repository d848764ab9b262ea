"""A segment of which there is no figure is named where the others have theirs, with the words for why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from html import unescape

import numpy as np
import pandas as pd
import pytest
import sample_story

from segment.exports.blocks import Block, Words
from segment.exports.onepager import render_onepager
from segment.exports.registry_tables import blocks_of, reviewed_in
from segment.exports.report import section_of, told_in
from segment.exports.sheets import sheets_of
from segment.exports.slides import slides_of
from segment.exports.story import Story
from segment.locale import say
from segment.tables.registry import plan_of, shown_tables

#: The segment of which nothing is known, or shown.
SILENT = 2
#: Shows the first three actions, of whichever segment.
OF_THE_FIRST = "slide 7"


def texts_in(told: object) -> Iterator[str]:
    """Every text of a block, a slide or a sheet; drawings hold none of their own."""
    if isinstance(told, str):
        yield "" if told.startswith("<svg") else told
    elif isinstance(told, tuple | list):
        for one in told:
            yield from texts_in(one)
    elif is_dataclass(told):
        for field in fields(told):
            yield from texts_in(getattr(told, field.name))


def with_words(blocks: list[Block]) -> list[list[Block]]:
    """Each block with the sentences that stand under it."""
    found: list[list[Block]] = []
    for block in blocks:
        found = [*found[:-1], [*found[-1], block]] if isinstance(block, Words) and found else [*found, [block]]
    return found


@cache
def places(how: str, language: str) -> dict[str, str]:
    """What readers see, place by place: slides, sections, each table of the method file, and sheets."""
    story = silenced(how)
    told: dict[str, object] = {f"slide {at}": one for at, one in enumerate(slides_of(story, language), start=1)}
    for anchor in told_in(story):
        told[f"section {anchor}"] = section_of(story, anchor, language)
        for at, blocks in enumerate(with_words(reviewed_in(story, anchor, language))):
            told[f"method {anchor} {at}"] = blocks
    told |= {f"sheet {one.name}": (one.words, one.rows, one.note) for one in sheets_of(story, language)}
    return {place: " ".join(texts_in(one)) for place, one in told.items()}


def silenced(how: str) -> Story:
    """The study in which every table but that of segments hides, or never had, the rows of one segment."""
    story = sample_story.full_story()
    for name, table in story.released.items():
        told = [column for column in table.frame if column.startswith("segment")]
        if how and told and name != "segments":
            own = (table.frame[told] == SILENT).any(axis=1)
            frame = table.frame[~own].reset_index(drop=True) if how == "absent" else hidden(name, table.frame, own)
            story = sample_story.with_rows(story, name, frame)
    return story


def hidden(name: str, frame: pd.DataFrame, own: pd.Series) -> pd.DataFrame:
    plan = plan_of(name)
    keys = {*plan.groups, *plan.lines, "segment", "segment_from", "segment_to", "status"}
    figures = [column for column in frame.select_dtypes("number") if column not in keys]
    told = frame.copy()
    told[figures] = told[figures].astype(float).where(~own, np.nan)
    told.loc[own, "status"] = "hidden"
    return told


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("how", ["hidden", "absent"])
def test_every_place_that_tells_of_segments_one_by_one_names_the_one_without_figures(how: str, language: str) -> None:
    labels = sample_story.full_story().labels(language)
    names = [labels.segment(one) for one in range(4)]
    by_segment = {
        place for place, told in places("", language).items()
        if names[SILENT] in told and sum(name in told for name in names) > 1
    }  # fmt: skip
    assert len(by_segment) > 20 and {"slide 2", "slide 4", "slide 6", "section staying"} <= by_segment
    now = places(how, language)
    assert {place for place in by_segment if names[SILENT] not in now.get(place, "")} - {OF_THE_FIRST} == set()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_why_there_is_no_figure_is_said(language: str) -> None:
    name = sample_story.full_story().labels(language).segment(SILENT)
    for how, bar, under in (
        ("hidden", say("report.hidden", language), "left_out.hidden"),
        ("absent", say("report.no_figure.months", language, months=12), "left_out.none"),
    ):
        told = places(how, language)
        assert f"{name} ({bar})" in told["slide 6"]
        sentence = say(under, language, segments=f"‘{name}’")
        assert sentence in told["slide 4"] and sentence in told["section segments"]
        page = unescape(render_onepager(silenced(how), SILENT, language))
        alone = say("report.card.together", language)
        assert (bar if how == "hidden" else alone) in page


def test_a_table_whose_rows_are_all_there_says_nothing_of_anybody_left_out() -> None:
    story = sample_story.full_story()
    whole = [name for name in shown_tables() if name in story.released and name != "attractiveness"]
    assert not [name for name in whole for block in blocks_of(story, name, "en") if isinstance(block, Words)]
    (said,) = [one for one in blocks_of(story, "attractiveness", "en") if isinstance(one, Words)]
    assert said.paragraphs == (say("left_out.none", "en", segments="‘Pay and workability’"),)
