"""The slides as a .pptx file: native charts that can be edited, nothing alive in it, and the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide as Drawn
from pptx.text.text import _Paragraph as Paragraph
from pptx.util import Inches, Pt

from segment.exports.dated import wave_told
from segment.exports.slides import Bars, Slide, slides_of
from segment.exports.story import Story
from segment.exports.workbook import chart_workbook
from segment.locale import own_words, say

_DAY = (2000, 1, 1, 0, 0, 0)
_STAMP = "2000-01-01T00:00:00Z"
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_INK, _DEEP, _ACCENT, _PALE, _MUTED = "1C2B33", "083F46", "0B5D66", "9CB9BD", "51616A"
#: Signs that XML cannot hold; a text loses them.
_UNTOLD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_WIDE, _HIGH, _LEFT = 13.333, 7.5, 0.7


def render_slides(story: Story, language: str) -> bytes:
    """The slides of a study in one language, as the bytes of a .pptx file.

    Figures are those of the released tables. Nothing in it runs or points outside: no macros, links, pictures, author
    or date. A text is a text, whatever it looks like.
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDE), Inches(_HIGH)
    told = slides_of(story, language)
    foot = say(
        "page.running", language, title=own_words(story.title, language), when=wave_told(story, language, within=True)
    )
    for at, one in enumerate(told, start=1):
        _add(deck, one, f"{foot} · {at}/{len(told)}", opening=at == 1)
    core = deck.core_properties
    core.author = core.last_modified_by = core.comments = core.keywords = core.subject = ""
    core.title = _plain(own_words(story.title, language))
    _forget_leftovers(deck)
    buffer = io.BytesIO()
    deck.save(buffer)
    return _settled(buffer.getvalue())


def _plain(text: str) -> str:
    return _UNTOLD.sub("", " ".join(text.split()))


def _forget_leftovers(deck: Deck) -> None:
    """Take out what the empty presentation of the library brings along: a thumbnail and a printer's settings."""
    for part in (deck.part.package, deck.part):
        for name, link in list(part._rels.items()):
            if link.reltype.endswith(("/thumbnail", "/printerSettings")):
                part._rels.pop(name)


def _add(deck: Deck, told: Slide, foot: str, *, opening: bool) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    title = slide.shapes.title
    top = 1.2 if opening else 0.45
    title.left, title.top, title.width, title.height = (Inches(one) for one in (_LEFT, top, _WIDE - 2 * _LEFT, 1.1))
    frame = title.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    _write(frame.paragraphs[0], told.title, 36 if opening else 26, _DEEP, bold=True)
    beside = told.chart is not None and bool(told.lines)
    width = 4.3 if beside else _WIDE - 2 * _LEFT
    if told.lines:
        _lines(slide, told.lines, (_LEFT, top + 1.35, width), lead=opening, size=16 if beside else 22)
    if told.figures:
        _key_figures(slide, told)
    if told.chart is not None:
        left = _LEFT + width + 0.3 if beside else _LEFT
        _chart(slide, told.chart, (left, 1.7, _WIDE - _LEFT - left, 5.0))
    box = slide.shapes.add_textbox(Inches(_LEFT), Inches(_HIGH - 0.55), Inches(_WIDE - 2 * _LEFT), Inches(0.35))
    box.text_frame.word_wrap = True
    _write(box.text_frame.paragraphs[0], foot, 11, _MUTED)
    slide.notes_slide.notes_text_frame.text = "\n".join(map(_plain, told.notes))


def _write(paragraph: Paragraph, text: str, size: int, colour: str, *, bold: bool = False) -> None:
    paragraph.alignment = PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text = _plain(text)
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, RGBColor.from_string(colour)


def _lines(slide: Drawn, lines: tuple[str, ...], place: tuple[float, float, float], *, lead: bool, size: int) -> None:
    left, top, width = place
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(_HIGH - top - 1.6))
    frame = box.text_frame
    frame.word_wrap = True
    long = sum(map(len, lines)) > (420 if width < 6 else 900)
    for at, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(8)
        muted = lead and at != 1
        _write(paragraph, line, size - (4 if long or muted else 0), _MUTED if muted else _INK)


def _key_figures(slide: Drawn, told: Slide) -> None:
    width = (_WIDE - 2 * _LEFT) / len(told.figures)
    for at, (figure, about) in enumerate(told.figures):
        box = slide.shapes.add_textbox(Inches(_LEFT + at * width), Inches(5.3), Inches(width - 0.2), Inches(1.4))
        box.text_frame.word_wrap = True
        _write(box.text_frame.paragraphs[0], figure, 30, _ACCENT, bold=True)
        _write(box.text_frame.add_paragraph(), about, 13, _MUTED)


def _chart(slide: Drawn, told: Bars, place: tuple[float, float, float, float]) -> None:
    """Bars that lie, the first on top, each with its figure; a legend only where there are two colours."""
    data = CategoryChartData(number_format=told.form)
    data.categories = names_of_bars = [_plain(name) for name in told.names]
    every = [(_plain(series.name), series.values) for series in told.series]
    for name, figures in every:
        data.add_series(name, figures)
    kind = XL_CHART_TYPE.BAR_CLUSTERED
    chart = slide.shapes.add_chart(kind, *(Inches(one) for one in place), data).chart
    chart.part.chart_workbook.update_from_xlsx_blob(chart_workbook(names_of_bars, every, told.form))
    chart.has_title = False
    chart.has_legend = True
    chart.legend.include_in_layout, chart.legend.position = False, XL_LEGEND_POSITION.BOTTOM
    chart.legend.font.size = Pt(13)
    chart.font.color.rgb = RGBColor.from_string(_INK)
    names, values = chart.category_axis, chart.value_axis
    names.reverse_order, names.tick_labels.font.size = True, Pt(14)
    names.format.line.color.rgb = RGBColor.from_string(_PALE)
    names.has_major_gridlines = values.has_major_gridlines = values.visible = False
    low = min((one for series in told.series for one in series.values if one is not None), default=0.0)
    values.minimum_scale = min(0.0, low)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap, plot.vary_by_categories = 45 if len(told.names) > 2 else 220, -5, False
    plot.has_data_labels = True
    plot.data_labels.number_format, plot.data_labels.number_format_is_linked = told.form, False
    plot.data_labels.position, plot.data_labels.font.size = XL_LABEL_POSITION.OUTSIDE_END, Pt(14)
    colours = (_ACCENT,) if len(told.series) == 1 else (_PALE, _ACCENT)
    for drawn, series, colour in zip(plot.series, told.series, colours, strict=True):
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = RGBColor.from_string(colour)
        for at, label in enumerate(series.labels):
            frame = drawn.points[at].data_label.text_frame
            frame.text = _plain(label)
            frame.paragraphs[0].runs[0].font.size = Pt(14)


def _settled(content: bytes) -> bytes:
    """The same parts in one order, with one date; workbooks inside likewise."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in _parts(content):
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, part)
    return buffer.getvalue()


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Parts by name, the list of contents first; times of making are all one."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in sorted(archive.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            part = archive.read(name)
            if name.endswith(".xlsx"):
                part = _settled(part)
            elif name == "docProps/core.xml":
                part = _DATES.sub(rb"\g<1>" + _STAMP.encode(), part)
            yield name, part
