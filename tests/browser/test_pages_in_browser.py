"""HR's pages in a real browser: silent, alone, readable on a phone, in order, with enough contrast, and printable."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import sample_dossier
import sample_story

from segment.exports.card import CardContent, CardLine, render_card
from segment.exports.dossier import render_dossier
from segment.exports.guide import render_guide
from segment.exports.method import render_method
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.exports.story import Story
from tests.browsing import NEEDED, silent_browser

pytestmark = NEEDED


def _card(story: Story, language: str) -> str:
    line = CardLine(
        story.need_names["GRO"], 4.6, 2.2, own=story.actions["growth-talk"], ask=story.actions["thanks"], wished=True
    )
    content = CardContent(
        "2025-2", (line,), purpose="own card", approver="HR", expires="2031-12-31", contact="fg@example.org"
    )
    return render_card(content, language)


def _document(name: str) -> str:
    return render_dossier(sample_dossier.governed(), sample_dossier.facts())[f"dossier/{name}.html"]


def _crowded() -> Story:
    """A story with whatever a page about a segment may have to say: long names, weights, what HR made, two names."""
    story = sample_story.full_story()
    needs = {
        code: {"nl": f"{names['nl']} en wat daarbij hoort", "en": f"{names['en']} and all that goes with it"}
        for code, names in story.need_names.items()
    }
    called = {"nl": "Ontwikkeling en loopbaan meer dan zekerheid en rust", "en": "Growth more than security and rest"}
    pairs = combinations(sorted(needs), 2)
    return replace(
        story, need_names=needs, segment_names=dict.fromkeys(story.segment_names, called),
        weighing={"segments": "weighted"}, remembered={frozenset(pair): {"nl": "Eigen handschrift"} for pair in pairs},
    )  # fmt: skip


PAGES: dict[str, Callable[[], str]] = {
    "report.nl": lambda: render_report(sample_story.full_story(), "nl"),
    "report.en": lambda: render_report(sample_story.full_story(), "en"),
    "method.nl": lambda: render_method(sample_story.full_story(), "nl"),
    "none.nl": lambda: render_report(sample_story.without_segments(), "nl"),
    "hr_only.en": lambda: render_report(sample_story.hr_only(), "en"),
    "intention.en": lambda: render_report(sample_story.intention(), "en"),
    "guide.nl": lambda: render_guide(sample_story.full_story(), "nl"),
    "crowded.nl": lambda: render_onepager(_crowded(), 0, "nl"),
    "segment_1.nl": lambda: render_onepager(sample_story.full_story(), 0, "nl"),
    "card.nl": lambda: _card(sample_story.full_story(), "nl"),
    "overview.nl": lambda: _document("overview.nl"),
    "dpia.nl": lambda: _document("dpia.nl"),
    "ai_act.en": lambda: _document("ai_act.en"),
}

#: Every text with its colour, the colour under it, and its size; in drawings too.
_CONTRAST = """
const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
const linear = v => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
const lum = c => { const [r, g, b] = c.map(linear); return .2126 * r + .7152 * g + .0722 * b; };
const under = el => { const layers = [];
  for (let e = el; e; e = e.parentElement) layers.unshift(parse(getComputedStyle(e).backgroundColor));
  return layers.reduce((c, layer) => over(layer, c), [255, 255, 255]); };
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const text = walk.currentNode.textContent.trim(), el = walk.currentNode.parentElement;
  if (!text || ['STYLE', 'TITLE', 'DESC', 'title', 'desc'].includes(el.tagName)) continue;
  const style = getComputedStyle(el), inDrawing = el instanceof SVGElement;
  const back = under(inDrawing ? el.closest('svg').parentElement : el);
  const front = over(parse(inDrawing ? style.fill : style.color), back);
  const [a, b] = [lum(front), lum(back)].sort((x, y) => y - x);
  found.push([(a + .05) / (b + .05), text.slice(0, 40)]);
}
return found;
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with silent_browser() as driver:
        yield driver


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {}
    for name, make in PAGES.items():
        written[name] = folder / f"{name}.html"
        written[name].write_text(make(), "utf-8")
    return written


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, browser: Any, files: dict[str, Path]) -> Any:
    """The browser with one page open, on a desk-wide screen; older messages are gone."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _screen(1200))
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(files[request.param].as_uri())
    return browser


def _screen(width: int) -> dict[str, Any]:
    return {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}


def test_a_page_is_silent_and_asks_nothing_of_the_outside(page: Any) -> None:
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert page.get_log("browser") == []


def test_headings_are_in_order(page: Any) -> None:
    levels = page.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_word_stands_out_from_what_is_under_it(page: Any) -> None:
    page.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = page.execute_script(_CONTRAST)
    assert len(found) > 20
    assert [(round(ratio, 2), text) for ratio, text in found if ratio < 4.5] == []


@pytest.mark.parametrize("width", [320, 375, 768])
def test_nothing_is_wider_than_the_screen(page: Any, width: int) -> None:
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _screen(width))
    page.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    outside = page.execute_script(
        "return [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && !e.closest('svg')"
        " && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    )
    assert outside == []


def test_words_in_drawings_do_not_leave_their_drawing_or_cross(page: Any) -> None:
    leaving = page.execute_script(
        "return [...document.querySelectorAll('svg.plot text')].filter(t => { const a = t.getBoundingClientRect(),"
        " b = t.closest('svg').getBoundingClientRect(); return a.left < b.left - 3 || a.right > b.right + 8"
        " || a.bottom > b.bottom + 3; }).map(t => t.textContent)"
    )
    assert leaving == []


def test_words_in_drawings_are_large_enough_on_a_phone(page: Any) -> None:
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _screen(375))
    heights = page.execute_script(
        "return [...document.querySelectorAll('svg.plot text')].map(t => { const s = t.closest('svg');"
        " const scale = s.getBoundingClientRect().width / s.viewBox.baseVal.width;"
        " return parseFloat(getComputedStyle(t).fontSize) * scale; })"
    )
    assert all(height >= 8.5 for height in heights)


@pytest.mark.parametrize("name", ["report.nl", "none.nl", "hr_only.en", "intention.en", "method.nl"])
def test_closed_tables_open_in_print_or_are_left_to_the_workbook(
    browser: Any, files: dict[str, Path], name: str
) -> None:
    """The method file prints every table; a report of eight pages prints its figures, never half a table."""
    page = browser
    page.get(files[name].as_uri())
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        heights = page.execute_script(
            "return [...document.querySelectorAll('details')].map(d => [d.getBoundingClientRect().height,"
            " ...[...d.querySelectorAll('table')].map(t => t.getBoundingClientRect().height)])"
        )
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert heights or name != "method.nl"
    for closed, *tables in heights:
        assert (closed == 0 and not any(tables)) if name != "method.nl" else min(tables) > 10


@pytest.mark.parametrize("name", ["report.nl", "report.en", "none.nl", "hr_only.en", "method.nl", "segment_1.nl"])
def test_nothing_is_wider_than_a_printed_page(browser: Any, files: dict[str, Path], name: str) -> None:
    """A browser shrinks a whole document to the widest thing in it, and letters of nine points are none any more."""
    browser.get(files[name].as_uri())
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _screen(703))  # A4 without its margins
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 703
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", ["report.nl", "report.en", "none.nl", "hr_only.en", "intention.en"])
def test_a_report_prints_on_at_most_eight_pages(browser: Any, files: dict[str, Path], name: str) -> None:
    browser.get(files[name].as_uri())
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    assert 1 < base64.b64decode(printed["data"]).count(b"/Type /Page\n") <= 8


def test_page_one_of_the_report_fits_on_one_sheet_and_so_does_a_one_pager(browser: Any, files: dict[str, Path]) -> None:
    counts = {}
    for name in ("report.nl", "segment_1.nl", "crowded.nl"):
        browser.get(files[name].as_uri())
        if name == "report.nl":
            browser.execute_script("document.querySelectorAll('section.part, footer').forEach(s => s.remove())")
        printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
        counts[name] = base64.b64decode(printed["data"]).count(b"/Type /Page\n")
    assert counts == {"report.nl": 1, "segment_1.nl": 1, "crowded.nl": 1}


def test_the_policy_forbids_scripts(browser: Any, files: dict[str, Path], tmp_path: Path) -> None:
    planted = tmp_path / "planted.html"
    html = files["card.nl"].read_text("utf-8").replace("</main>", "</main><script>document.title = 'ran'</script>")
    planted.write_text(html, "utf-8")
    browser.get(planted.as_uri())
    assert browser.title != "ran"
    assert any("Content Security Policy" in entry["message"] for entry in browser.get_log("browser"))
