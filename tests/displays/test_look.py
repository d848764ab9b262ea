"""Figures: inline SVG that is the same every time, never collides, and never holds more than was released."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import matplotlib
import pandas as pd
import pytest
import sample_story

from segment.disclosure.release import release
from segment.displays.base import Display, Series, dot_panel, number_ticks, percent_ticks, theme, to_svg
from segment.displays.experience import draw_journey, draw_promises
from segment.displays.labels import Labels, rows_of
from segment.displays.retention import draw_calibration, draw_curves, draw_effects, draw_incidence
from segment.displays.segments import draw_profiles, draw_shortfalls
from segment.errors import RefusedRelease
from segment.exports.registry_tables import blocks_of

STORY = sample_story.full_story()
TABLES = STORY.released
DRAWINGS: dict[str, Callable[[Labels, str], Display | None]] = {
    "profiles": lambda labels, prefix: draw_profiles(TABLES["profiles"], labels, prefix=prefix),
    "shortfalls": lambda labels, prefix: draw_shortfalls(TABLES["shortfalls"], labels, prefix=prefix),
    "promises": lambda labels, prefix: draw_promises(TABLES["promises"], labels, prefix=prefix),
    "journey": lambda labels, prefix: draw_journey(TABLES["journey"], labels, prefix=prefix),
    "curves": lambda labels, prefix: draw_curves(TABLES["curves"], labels, prefix=prefix),
    "incidence": lambda labels, prefix: draw_incidence(TABLES["curves"], labels, prefix=prefix),
    "calibration": lambda labels, prefix: draw_calibration(TABLES["calibration"], labels, prefix=prefix, months=12),
    "effects": lambda labels, prefix: draw_effects(TABLES["effects"], labels, prefix=prefix, intention=False),
}


@pytest.fixture(params=DRAWINGS, scope="module")
def drawing(request: pytest.FixtureRequest) -> Callable[[str, str], Display]:
    """A figure by language and prefix; drawn once each."""
    return cache(lambda language, prefix: DRAWINGS[request.param](STORY.labels(language), prefix))


def test_every_drawing_keeps_the_laws_of_inline_figures(drawing: Callable[[str, str], Display]) -> None:
    one, other = drawing("nl", "a"), drawing("nl", "b")
    for panel in one.panels:
        root = ET.fromstring(panel.svg)  # well-formed
        assert root.attrib["role"] == "img"
        assert root.find("{*}title").text, "a figure needs a name"
        assert root.find("{*}desc").text == one.description
        assert not re.search(r"<script|<style|<image|<metadata|https?://(?!www\.w3\.org/2000/svg)", panel.svg)
        assert "width" not in root.attrib, "a figure takes the width of its page"
    ids = re.findall(r' id="([^"]+)"', "".join(panel.svg for panel in one.panels))
    theirs = set(re.findall(r' id="([^"]+)"', "".join(panel.svg for panel in other.panels)))
    assert len(ids) == len(set(ids)), "two panels share an id"
    assert not set(ids) & theirs, "another prefix must give other ids"
    refers = set(re.findall(r'(?:href="#|url\(#)([^)"]+)', "".join(panel.svg for panel in one.panels)))
    assert refers <= set(ids)


def test_every_drawing_has_its_numbers_as_a_table_in_both_languages(
    drawing: Callable[[str, str], Display],
) -> None:
    for language in ("nl", "en"):
        display = drawing(language, "a")
        assert display.rows
        assert {len(row) for row in display.rows} == {len(display.columns)}
        assert display.title
        assert display.description
    dutch, english = drawing("nl", "a"), drawing("en", "a")
    assert dutch.title != english.title
    assert not re.search(r">−?\d+\.\d+<", "".join(panel.svg for panel in dutch.panels)), "Dutch writes a comma"


def test_drawings_do_not_depend_on_the_machines_own_settings() -> None:
    labels = STORY.labels("nl")
    plain = draw_profiles(TABLES["profiles"], labels, prefix="a")
    assert draw_profiles(TABLES["profiles"], labels, prefix="a") == plain, "the same figure must be the same bytes"
    with matplotlib.rc_context({"font.size": 40, "lines.linewidth": 9, "svg.fonttype": "path"}):
        assert draw_profiles(TABLES["profiles"], labels, prefix="a") == plain
        assert matplotlib.rcParams["font.size"] == 40, "drawing must leave the settings as they were"


@pytest.mark.parametrize("draw", [draw_profiles, draw_shortfalls, draw_promises, draw_journey, draw_curves])
def test_only_released_tables_are_drawn(draw: Callable[..., Display | None]) -> None:
    with pytest.raises(RefusedRelease, match="Only released figures may be drawn") as refusal:
        draw(pd.DataFrame({"segment": [0]}), STORY.labels("nl"), prefix="a")
    assert "DataFrame" in str(refusal.value)


def test_one_panel_per_segment_everyone_first_where_everyone_is_a_group() -> None:
    labels = STORY.labels("nl")
    names = [labels.segment(k) for k in range(4)]
    assert [p.heading for p in draw_profiles(TABLES["profiles"], labels, prefix="a").panels] == names
    assert [p.heading for p in draw_promises(TABLES["promises"], labels, prefix="a").panels] == ["Iedereen", *names]
    only = draw_profiles(TABLES["profiles"], labels, prefix="a", only=2)
    assert [p.heading for p in only.panels] == names[2:3]


def test_a_hidden_group_is_nowhere_in_a_figure() -> None:
    rows = [{"segment": k, "need": "PAY", "n": n, "shortfall": 0.3} for k, n in ((0, 40), (1, 30), (2, 4), (None, 74))]
    frame = pd.DataFrame(rows)
    table = release("shortfalls", frame, groups=["segment"], lines=["need"], count="n", shares=["shortfall"])
    display = draw_shortfalls(table, STORY.labels("nl"), prefix="a")
    assert STORY.labels("nl").segment(2) not in str(display)
    assert len(display.panels) == 1


def test_a_worked_example_of_the_numbers_beside_a_figure() -> None:
    rows = [{"segment": k, "need": "PAY", "n": 50, "promised": 4.24, "kept": 2.55, "broken": 0.5} for k in (0, None)]
    frame = pd.DataFrame(rows).rename(columns={"broken": "broken_share"})
    table = release(
        "promises", frame, groups=["segment"], lines=["need"], count="n", means=["promised", "kept"],
        shares=["broken_share"],
    )  # fmt: skip
    display = draw_promises(table, STORY.labels("nl"), prefix="a")
    assert display.columns == ("Segment", "Behoefte", "Mensen", "Beloofd", "Nagekomen", "Beloofd en niet nagekomen")
    assert display.rows[0] == ("Iedereen", "Beloning", "50", "4,2", "2,5", "50%") or display.rows[0][4] == "2,6"


def test_nothing_to_show_draws_nothing() -> None:
    labels = STORY.labels("en")
    assert draw_profiles(TABLES["profiles"], labels, prefix="a", measure="unknown") is None
    assert draw_profiles(TABLES["profiles"], labels, prefix="a", only=7) is None


def test_an_intention_is_never_called_leaving_in_a_figure() -> None:
    asked = replace(STORY, meaning="intention", outcome_kind="horizon")
    (drawn,) = blocks_of(asked, "leaving", "en")
    assert drawn.title.startswith("Intention to leave")
    assert "exit" not in str(drawn).lower()


def test_marks_differ_in_shape_and_not_only_in_colour() -> None:
    display = draw_promises(TABLES["promises"], STORY.labels("nl"), prefix="a", only=0)
    shapes = re.findall(r"<path id=[^>]+ d=\"([^\"]+)\"", display.panels[0].svg)
    assert len(set(shapes)) == 2


def test_labels_fall_back_on_codes_and_keep_the_order_of_the_questionnaire() -> None:
    labels = Labels("nl", needs={"SEC": {"nl": "Zekerheid"}, "PAY": {"nl": "Beloning"}})
    assert labels.need_order(pd.Series(["PAY", "XYZ", "SEC", "PAY"])) == ["SEC", "PAY", "XYZ"]
    assert labels.need("XYZ") == "XYZ"
    assert labels.feature("shortfall_PAY") == "Beloning (tekort)"


def test_everyone_is_known_in_every_form_a_table_may_hold() -> None:
    frame = rows_of(TABLES["promises"])
    assert {value is None or isinstance(value, int) for value in frame["segment"]} == {True}


def test_long_names_wrap_instead_of_leaving_the_figure() -> None:
    with theme():
        name = "Een heel lange behoefte met veel woorden"
        figure = dot_panel([name], [Series([1.0])], limits=(0, 2), ticks=number_ticks((0, 1, 2), "nl"))
        svg = to_svg(figure, prefix="p", title="t", description="d")
    words = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
    assert max(len(word) for word in words) <= 21
    assert "Een heel lange" in " ".join(words)


def test_ticks_are_written_as_the_language_writes_them() -> None:
    assert number_ticks((0.5,), "nl", digits=1) == [(0.5, "0,5")]
    assert percent_ticks((0.25,), "en") == [(0.25, "25%")]
