"""The workbook: the report's figures as numbers, one subject per sheet, inert and the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from segment.exports.answers import leaving_of
from segment.exports.cells import HIDDEN, Bound, Cell, Sheet, is_missing
from segment.exports.confidence import sureness
from segment.exports.dated import wave_told
from segment.exports.exits import told_instead
from segment.exports.report import about as told_about
from segment.exports.report import key_figures, lead, weights_told
from segment.exports.sheets import sheets_of
from segment.exports.story import Story
from segment.locale import own_words, say

#: Stands in the file's properties, so that they say nothing about who made it or when.
_MADE = dt.datetime(2000, 1, 1)

#: A text is written as a text, whatever it looks like.
_INERT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

_FORMATS: dict[str, dict[str, object]] = {
    "text": {"text_wrap": True, "indent": 1},
    "count": {"num_format": "0"},
    "people": {"num_format": "#,##0", "align": "right"},
    "amount": {"num_format": "#,##0"},
    "one": {"num_format": "0.0"},
    "two": {"num_format": "0.00"},
    "percent": {"num_format": "0%"},
    "points": {"num_format": '0.0"%"'},
}
Formats = Mapping[str, Format]
_ACCENT, _TINT, _MUTED = "#0B5D66", "#E3F0F1", "#51616A"


def render_workbook(story: Story, language: str) -> bytes:
    """The whole workbook in one language, as the bytes of an .xlsx file; what was not measured has no sheet.

    Nothing in it is alive: no formulas, links, comments, hidden sheets, author or date. Excel writes decimals as its
    own settings say. A figure that was hidden reads 'hidden' ('verborgen').
    """
    buffer = io.BytesIO()
    book = Workbook(buffer, _INERT)
    book.set_properties({"author": "", "comments": "", "created": _MADE, "title": own_words(story.title, language)})
    formats = _formats(book)
    every = sheets_of(story, language)
    sheets = [sheet for sheet in every if not _is_silent(sheet, language)]
    names, silent = [sheet.name for sheet in sheets], [sheet.name for sheet in every if sheet not in sheets]
    contents = [*names, *([say("workbook.without", language, names=", ".join(silent))] if silent else [])]
    _write_first(book, formats, story, language, contents)
    for sheet in sheets:
        _write_sheet(book, formats, sheet, language)
    book.close()
    return buffer.getvalue()


def chart_workbook(names: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]], form: str) -> bytes:
    """The figures behind a chart as a workbook of one sheet: names down the first column, a column per series.

    A name is a text, whatever it looks like; the slides' library would write formulas.
    """
    buffer = io.BytesIO()
    book = Workbook(buffer, _INERT)
    book.set_properties({"author": "", "comments": "", "created": _MADE})
    page, figure = book.add_worksheet("Sheet1"), book.add_format({"num_format": form})
    for row, name in enumerate(names, start=1):
        page.write_string(row, 0, name)
    for column, (name, values) in enumerate(series, start=1):
        page.write_string(0, column, name)
        for row, value in enumerate(values, start=1):
            if value is not None:
                page.write_number(row, column, value, figure)
    book.close()
    return buffer.getvalue()


def _is_silent(sheet: Sheet, language: str) -> bool:
    """Nothing stands on it but that it was not measured: the first sheet says so, once."""
    return not sheet.columns and sheet.words == (say("report.not_measured.sentence", language),)


def _formats(book: Workbook) -> Formats:
    base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    formats = {kind: book.add_format({**base, **how}) for kind, how in _FORMATS.items()}
    for kind in ("percent", "two"):
        for bound, sign in (("at_least", "≥"), ("at_most", "≤")):
            form = {**base, "num_format": f'"{sign} "{_FORMATS[kind]["num_format"]}'}
            formats[f"{kind}_{bound}"] = book.add_format(form)
    formats["head"] = book.add_format(
        {
            **base,
            "bold": True,
            "text_wrap": True,
            "bg_color": _ACCENT,
            "font_color": "#FFFFFF",
            "valign": "vcenter",
            "indent": 1,
        }
    )
    formats["hidden"] = book.add_format({**base, "italic": True, "font_color": _MUTED, "align": "right"})
    formats["title"] = book.add_format({**base, "bold": True, "font_size": 20, "font_color": _ACCENT})
    formats["figure"] = book.add_format({**base, "bold": True, "font_size": 14, "font_color": _ACCENT, "align": "left"})
    formats["strong"] = book.add_format({**base, "bold": True, "font_color": _ACCENT})
    formats["words"] = book.add_format({**base, "text_wrap": True, "font_color": _MUTED})
    formats["plain"] = book.add_format({**base, "text_wrap": True})
    formats["words_plain"] = book.add_format({**base, "font_color": _MUTED})
    return formats


def _write_first(book: Workbook, formats: Formats, story: Story, language: str, contents: list[str]) -> None:
    """The sheet to read first: what this is, the key figures, how sure, what the signs mean."""
    page = book.add_worksheet(say("workbook.sheet.read_me", language))
    page.hide_gridlines(2)
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 90)
    page.write_string(0, 0, own_words(story.title, language), formats["title"])
    page.set_row(0, 30)
    about = [wave_told(story, language), own_words(story.organisation or {}, language, "")]
    about.append(say(f"report.kind.{story.data_kind}", language))
    page.write_string(1, 0, " · ".join(one for one in about if one), formats["words_plain"])
    row = 3
    for sentence in (*lead(story, language), *told_about(story, language), *weights_told(story, language)):
        _write_sentence(page, (row, 1), sentence, formats["plain"], width=90)
        row += 1
    row += 1
    for figure in key_figures(story, leaving_of(story), language):
        page.write_string(row, 0, figure.figure, formats["figure"])
        page.write_string(row, 1, figure.about + (f" ({figure.note})" if figure.note else ""), formats["plain"])
        page.set_row(row, 20)
        row += 1
    for sentence in told_instead(story, language):
        _write_sentence(page, (row, 1), sentence, formats["plain"], width=90)
        row += 1
    legend = tuple(say(f"workbook.{key}", language) for key in ("legend", "legend.n", "legend.empty"))
    parts = (
        (say("report.answer.sure", language), sureness(story, language)),
        (say("report.hidden", language).capitalize(), legend),
        (say("workbook.contents", language), tuple(contents)),
    )
    for heading, sentences in parts:
        row += 1
        page.write_string(row, 0, heading, formats["strong"])
        for sentence in sentences or ("–",):
            _write_sentence(page, (row, 1), sentence, formats["plain"], width=90)
            row += 1
    digest = say("report.method.digest", language, digest=story.study_digest[:16])
    _write_sentence(page, (row + 1, 1), digest, formats["words"], width=90)
    _print_setup(page)


def _write_sentence(page: Worksheet, place: tuple[int, int], sentence: str, form: Format, *, width: int) -> None:
    """A wrapped sentence in a row that is high enough for it, also where Calibri is lacking and letters are wider."""
    page.write_string(*place, sentence, form)
    page.set_row(place[0], 16 * max(1, math.ceil(len(sentence) / (0.85 * width))))


def _write_sheet(book: Workbook, formats: Formats, sheet: Sheet, language: str) -> None:
    page = book.add_worksheet(sheet.name)
    page.hide_gridlines(2)
    _print_setup(page)
    if not sheet.columns:
        page.set_column(0, 0, 110)
        for row, sentence in enumerate(sheet.words):
            _write_sentence(page, (row, 0), sentence, formats["plain"], width=110)
        return
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    top = _write_words(page, sheet)
    if any(column.heading for column in sheet.columns):
        for place, column in enumerate(sheet.columns):
            page.write_string(top, place, column.heading, formats["head"])
        if sheet.note:
            page.set_column(len(sheet.columns), len(sheet.columns), 60)
            page.write_string(top, len(sheet.columns), sheet.note, formats["words"])
        page.set_row(top, 34)
        page.freeze_panes(top + 1, 1)
        page.repeat_rows(top)
        if sheet.rows:
            page.autofilter(top, 0, top + len(sheet.rows), len(sheet.columns) - 1)
        top += 1
    hidden = say("workbook.hidden", language)
    for at, cells in enumerate(sheet.rows, start=top):
        for place, cell in enumerate(cells):
            _write_cell(page, at, place, cell, sheet.columns[place].kind, formats, hidden)
    _shade(page, sheet, top)


def _write_words(page: Worksheet, sheet: Sheet) -> int:
    """Sentences above the table; returns the row on which the table begins."""
    for row, sentence in enumerate(sheet.words):
        page.write_string(row, 0, sentence)
    return len(sheet.words) + 1 if sheet.words else 0


def _write_cell(page: Worksheet, row: int, place: int, cell: Cell, kind: str, formats: Formats, hidden: str) -> None:
    """Words as words and numbers as numbers; a count that is a band stays words."""
    if cell is HIDDEN:
        page.write_string(row, place, hidden, formats["hidden"])
    elif isinstance(cell, Bound):
        page.write_number(row, place, cell.value, formats[f"{kind}_{cell.kind}"])
    elif cell is None or is_missing(cell):
        page.write_blank(row, place, None, formats[kind])
    elif kind == "people":
        digits = str(cell).replace(".", "").replace(",", "")
        if digits.isdigit():
            page.write_number(row, place, int(digits), formats[kind])
        else:
            page.write_string(row, place, str(cell), formats[kind])
    elif isinstance(cell, str):
        page.write_string(row, place, cell, formats["text"])
    else:
        page.write_number(row, place, float(cell), formats[kind])


def _shade(page: Worksheet, sheet: Sheet, top: int) -> None:
    """A pale scale on the few columns in which high and low matter at a glance."""
    if len(sheet.rows) < 2:
        return
    for place, column in enumerate(sheet.columns):
        if column.shade:
            page.conditional_format(
                top, place, top + len(sheet.rows) - 1, place,
                {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#9CC9CD"},
            )  # fmt: skip


def _print_setup(page: Worksheet) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
