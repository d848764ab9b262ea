"""The slides: at most eight, with charts that can be edited, figures that were released, and nothing alive in them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sample_story
from pptx import Presentation
from pptx.presentation import Presentation as Deck

from segment.exports.deck import render_slides
from segment.exports.slides import slides_of
from segment.exports.story import Story
from segment.locale import say

OFFICE = shutil.which("soffice")
STORIES: dict[str, Callable[[], Story]] = {
    "full": sample_story.full_story, "none": sample_story.without_segments, "hr": sample_story.hr_only,
    "intention": sample_story.intention,
}  # fmt: skip
HOSTILE = ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "a & b \x00\x0b \ud800 ]]>", "{{ 7 * 7 }}", "﷽" * 60)


@cache
def bytes_of(name: str, language: str) -> bytes:
    return render_slides(STORIES[name](), language)


def deck_of(content: bytes) -> Deck:
    return Presentation(io.BytesIO(content))


def texts(deck: Deck) -> list[str]:
    told = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    return told + [slide.notes_slide.notes_text_frame.text for slide in deck.slides]


def charted(deck: Deck) -> list[float]:
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    return [one for chart in charts for plot in chart.plots for series in plot.series for one in series.values]


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    inner = {
        f"{name}!{own}": part for name in found if name.endswith(".xlsx") for own, part in parts(found[name]).items()
    }
    return found | inner


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", STORIES)
def test_slides_have_a_title_and_notes_on_what_may_not_be_concluded(name: str, language: str) -> None:
    deck = deck_of(bytes_of(name, language))
    assert len(deck.slides) == {"full": 8, "none": 8, "hr": 3, "intention": 5}[name]
    assert all(slide.shapes.title.text_frame.text.strip() for slide in deck.slides)
    for slide in deck.slides:
        notes = slide.notes_slide.notes_text_frame.text
        assert re.search(r"[Nn]iet|[Dd]o not", notes), notes


def test_every_figure_of_a_chart_is_a_released_one() -> None:
    for name, make in STORIES.items():
        story, numbers = make(), []
        for table in story.released.values():
            own = table.frame.select_dtypes("number").to_numpy(dtype=float).ravel()
            numbers += own[np.isfinite(own)].tolist()
        known, told = np.array(numbers), [one for one in charted(deck_of(bytes_of(name, "nl"))) if one is not None]
        away = [min(np.abs(known - one).min(), np.abs(1 - known - one).min()) for one in told]
        assert told and max(away) < 0.0051, name
    assert len(charted(deck_of(bytes_of("full", "nl")))) > 20


def test_charts_hold_the_same_figures_in_both_languages_and_in_their_own_workbooks() -> None:
    dutch, english = (charted(deck_of(bytes_of("full", language))) for language in ("nl", "en"))
    assert dutch == english
    inside = parts(bytes_of("full", "nl"))
    cells = " ".join(part.decode() for name, part in inside.items() if "!xl/worksheets" in name)
    written = {float(one) for one in re.findall(r"<v>(-?[\d.eE-]+)</v>", cells)}
    assert {one for one in dutch if one is not None} <= written


@pytest.mark.parametrize("name", STORIES)
def test_the_same_story_gives_the_same_bytes(name: str) -> None:
    assert render_slides(STORIES[name](), "nl") == bytes_of(name, "nl")
    with zipfile.ZipFile(io.BytesIO(bytes_of(name, "nl"))) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {2000}
    assert not [one for one, part in parts(bytes_of(name, "nl")).items() if re.search(rb"20[12]\d-\d\d-\d\dT", part)]


@pytest.mark.parametrize("name", STORIES)
def test_nothing_in_the_file_is_alive_or_points_outside(name: str) -> None:
    inside = parts(bytes_of(name, "en"))
    assert not [one for one in inside if re.search(r"vba|\.bin|activeX|comment|media/|oleObject|externalLink", one)]
    assert not [one for one, part in inside.items() if re.search(rb'TargetMode="External"|hlinkClick|<f>', part)]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_hostile_names_stay_text(language: str) -> None:
    story = sample_story.full_story()
    names = {at: {"nl": HOSTILE[at], "en": HOSTILE[at]} for at in range(4)}
    titled = {"nl": HOSTILE[4], "en": HOSTILE[4]}
    content = render_slides(replace(story, segment_names=names, title=titled, organisation=names[1]), language)
    told = " ".join(texts(deck_of(content)))
    assert all(one in told for one in ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "{{ 7 * 7 }}"))
    assert not [one for one, part in parts(content).items() if re.search(rb"<script>|<f>|hlinkClick", part)]


def test_a_study_without_segments_names_none_and_says_so() -> None:
    told = texts(deck_of(bytes_of("none", "en")))
    assert any("No segments were found" in one for one in told)
    assert not [one for one in told if re.search(r"\bSegment \d|segment \d\b", one)]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", STORIES)
def test_a_question_that_was_not_measured_has_no_slide_and_the_last_one_names_it(name: str, language: str) -> None:
    told = slides_of(STORIES[name](), language)
    unmeasured = (say("report.not_measured.sentence", language), say("report.answer.leave.absent", language))
    assert not [one.title for one in told if set(one.lines) & set(unmeasured)]
    absent = say("slides.notes.absent", language, questions="").rstrip(".")
    assert any(absent in note for note in told[-1].notes) == (len(told) < 8)
    assert not [one for one in told[1:-1] if name == "hr" and one.title != say("report.answer.leave", language)]


def test_an_intention_is_called_one() -> None:
    told = " ".join(texts(deck_of(bytes_of("intention", "en"))))
    assert "intend" in told and "exits" not in told


@pytest.mark.browser
@pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed (libreoffice-impress)")
def test_an_office_program_shows_eight_pages(tmp_path: Path) -> None:
    file = tmp_path / "slides.pptx"
    file.write_bytes(bytes_of("full", "nl"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    content = file.with_suffix(".pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 8
