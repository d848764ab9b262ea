"""What changed, as readers meet it: on page one, as lines then and now, and in the workbook."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import sample_story
from python_calamine import CalamineWorkbook

from segment.displays.slope import Slope, _apart, draw_slopes
from segment.exports.changes import changed_told, changes_of
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.locale import own_languages, say


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.S))).split())


def without(story: Story) -> Story:
    return replace(story, released={name: table for name, table in story.released.items() if name != "changes"})


@pytest.mark.parametrize("language", own_languages())
def test_page_one_says_how_many_changed_and_what_and_a_section_shows_it(language: str) -> None:
    story = sample_story.full_story()
    page = render_report(story, language)
    first, rest = (words_of(part) for part in page.split('<nav class="toc"'))
    every = changes_of(story, language)
    assert [one.name for one in every if one.sure] == [story.need_names["GRO"][language]]
    told = say("change.count", language, since="2025-1", all=len(every), n=1)
    assert told in first and told in rest and changed_told(story, language)[1] in first
    assert (
        'id="figure-changes"' in page
        and say("change.drawn.shortfall.none", language, since="2025-1", all=0) not in rest
    )


def test_without_an_earlier_wave_there_is_no_such_section() -> None:
    page = render_report(without(sample_story.full_story()), "nl")
    assert 'id="changes"' not in page
    assert say("change.title", "nl") in words_of(page).split(say("page.unmeasured", "nl"))[-1]


def test_the_workbook_has_every_group_and_figure(tmp_path: Path) -> None:
    story = sample_story.full_story()
    file = tmp_path / "book.xlsx"
    file.write_bytes(render_workbook(story, "en"))
    rows = CalamineWorkbook.from_path(file).get_sheet_by_name(say("workbook.sheet.changes", "en")).to_python()
    told = [row for row in rows if say("change.direction.less", "en") in row]
    assert len(told) == len(sample_story.SIZES) + 1
    assert sum("2025-1" in row for row in rows) == len(story.released["changes"].frame)


def test_labels_keep_apart_and_in_order() -> None:
    values = np.array([0.3, 0.1, 0.11, 0.12, 0.9])
    places = _apart(values, 0.1)
    assert (np.diff(np.sort(places)) >= 0.1 - 1e-9).all()
    assert np.argsort(places).tolist() == np.argsort(values).tolist()


def test_only_what_surely_changed_has_the_accent() -> None:
    slopes = [Slope("Pay", 0.2, 0.1, ("0.20", "0.10"), True), Slope("Rest", 0.2, 0.21, ("0.20", "0.21"), False)]
    svg = draw_slopes(slopes, ("2024", "2025"), prefix="x", title="T", description="D").svg
    assert svg.count("#0b5d66") > 0 and "Rest" in svg and "0.10" in svg and "2024" in svg
    grey = draw_slopes(
        [replace(one, sure=False) for one in slopes], ("2024", "2025"), prefix="x", title="T", description="D"
    )
    assert "#0b5d66" not in grey.svg


@pytest.mark.parametrize("language", own_languages())
def test_then_now_and_the_change_are_in_one_unit(language: str) -> None:
    """Of shares .35 and .26 the change is not -9.0; of others it stays in points of their own scale."""
    every = {one.name: one for one in changes_of(sample_story.full_story(), language)}
    sign = {"nl": ",", "en": "."}[language]
    read = {name: float(one.change.split(" ")[0].replace("−", "-").replace(sign, ".")) for name, one in every.items()}
    for name, one in every.items():
        assert read[name] == pytest.approx(one.now - one.before, abs=0.0111 if one.topic == "shortfall" else 0.06)
    grown = every[sample_story.NEEDS["GRO"][language]]
    assert grown.change.startswith(f"−0{sign}090")


def test_the_workbook_says_row_by_row_what_a_change_is_in(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    file.write_bytes(render_workbook(sample_story.full_story(), "en"))
    rows = CalamineWorkbook.from_path(file).get_sheet_by_name(say("workbook.sheet.changes", "en")).to_python()
    (head,) = [row for row in rows if say("table.changes.unit", "en") in row]
    at, topic = head.index(say("table.changes.unit", "en")), head.index(say("table.changes.topic", "en"))
    told = {(row[topic], row[at]) for row in rows if row[topic] in ("Shortfall", "The seven Rs")}
    own, hundredth = (say(f"display.unit.{one}", "en") for one in ("own", "hundredth"))
    assert told == {("Shortfall", hundredth), ("The seven Rs", own)}


@pytest.mark.parametrize("language", own_languages())
def test_the_experience_of_needs_has_the_name_that_the_seven_rs_give_it(language: str) -> None:
    """Beside 'Experience of needs' on the scorecard the table of changes said 'experience'."""
    story = sample_story.full_story()
    table = story.released["changes"].frame
    told = sample_story.with_rows(story, "changes", table.assign(about=table["about"].replace("stay", "experience")))
    names = [one.name for one in changes_of(told, language)]
    assert say("experience.measure.experience", language) in names
    assert say("display.measure.experience", language) not in names
