"""The survey on paper: as a Word document with boxes to tick and nothing that runs or calls home, and as Markdown."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

from segment.fielding.survey import Block, Survey

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BOX, _LINE = "\N{BALLOT BOX}", "_" * 60
#: Width of the text and of one answer's column, in twentieths of a point; choices that a row of boxes has room for.
_WIDE, _BOXES, _MOST_COLUMNS = 9638, 5400, 7
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
    "word/_rels/document.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
}


def as_word(survey: Survey) -> bytes:
    """The document's bytes: the same survey, the same bytes.

    A grid is a table with a box under each answer, and its head is repeated on the next page.
    """
    body = [_paragraph(survey.title, "Title"), _paragraph(survey.intro)]
    number = 0
    for (heading, how), found in groupby(survey.blocks, key=lambda block: (block.heading, block.how)):
        blocks = list(found)
        plain_numbers = any(not block.worded for block in blocks) or blocks[0].answering == "sign"
        body += [_paragraph(heading, "Heading1"), *([_paragraph(how)] if how and plain_numbers else [])]
        for block in blocks:
            body += _told(block, number)
            number += len(block.rows)
    page = (
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" '
        'w:gutter="0"/></w:sectPr>'
    )
    document = f'<w:document xmlns:w="{_W}"><w:body>{"".join(body)}{page}</w:body></w:document>'
    return _packed({**_PARTS, "word/document.xml": document, "word/styles.xml": _styles(survey.language)})


def _told(block: Block, number: int) -> list[str]:
    """One block; ``number`` questions stand before it."""
    if block.answering == "grid" and len(block.choices) <= _MOST_COLUMNS:
        return [_table(block, number), _paragraph("")]
    told = []
    for place, row in enumerate(block.rows, start=number + 1):
        told.append(_paragraph(f"{place}. {row.text}", "Question"))
        if block.answering in ("words", "sign"):
            told += [_paragraph(_LINE)] * (3 if block.answering == "words" else 1)
        elif block.answering == "grid":
            told.append(_paragraph("   ".join(f"{_BOX} {choice.text}" for choice in block.choices)))
        else:
            mark = "____" if block.answering == "rank" else _BOX
            told += [_paragraph(f"{mark}  {choice.text}", "Choice") for choice in block.choices]
    return told


def _table(block: Block, number: int) -> str:
    each = _BOXES // max(len(block.choices), 4)
    widths = [_WIDE - each * len(block.choices), *[each] * len(block.choices)]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = _table_row(["", *(choice.text for choice in block.choices)], widths, head=True)
    rows = [
        _table_row([f"{place}. {row.text}", *[_BOX] * len(block.choices)], widths)
        for place, row in enumerate(block.rows, start=number + 1)
    ]
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>' for edge in ("top", "bottom", "insideH")
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_WIDE}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{head}{"".join(rows)}</w:tbl>'
    )


def _table_row(cells: Sequence[str], widths: Sequence[int], *, head: bool = False) -> str:
    repeated, edge = ("<w:tblHeader/>", "bottom") if head else ("", "center")
    told = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="{edge}"/></w:tcPr>'
        f"{_paragraph(text, 'Cell' if place == 0 else 'Answer')}</w:tc>"
        for place, (text, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{told}</w:tr>"


def _paragraph(text: str, style: str = "Normal") -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">{_safe(text)}</w:t></w:r></w:p>'
    )


def _safe(text: str) -> str:
    """A text as XML takes it: without signs that no document may hold."""
    return escape("".join(sign for sign in text if sign >= " "), quote=False)


def _styles(language: str) -> str:
    def style(name: str, *, size: int, space: int = 80, bold: bool = False, more: str = "") -> str:
        default = ' w:default="1"' if name == "Normal" else ""
        weight, named = "<w:b/>" if bold else "", "heading 1" if name == "Heading1" else name
        return (
            f'<w:style w:type="paragraph"{default} w:styleId="{name}"><w:name w:val="{named}"/>'
            f'<w:pPr>{more}<w:spacing w:before="{space}" w:after="{space}"/></w:pPr>'
            f'<w:rPr>{weight}<w:sz w:val="{size}"/></w:rPr></w:style>'
        )

    fonts = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>'
    made = [
        style("Normal", size=20), style("Title", size=36, bold=True),
        style("Heading1", size=26, space=200, bold=True, more="<w:keepNext/>"),
        style("Question", size=20, more="<w:keepNext/>"), style("Choice", size=20, space=40), style("Cell", size=19),
    ]  # fmt: skip
    answer = style("Answer", size=16).replace("</w:pPr>", '<w:jc w:val="center"/></w:pPr>')
    defaults = f'<w:rPrDefault><w:rPr>{fonts}<w:lang w:val="{language}"/></w:rPr></w:rPrDefault>'
    told = "".join([*made, answer])
    return f'<w:styles xmlns:w="{_W}"><w:docDefaults>{defaults}</w:docDefaults>{told}</w:styles>'


def _packed(parts: Mapping[str, str]) -> bytes:
    """The parts in one file; every date in it is that of the format's own beginning."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            told = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            told.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(told, _HEAD + text)
    return file.getvalue()


def as_markdown(survey: Survey) -> bytes:
    """The text's bytes: one part for each heading, with how its questions are answered, and questions numbered."""
    lines = [f"# {survey.title}", "", survey.intro, ""]
    number = 0
    for (heading, how), found in groupby(survey.blocks, key=lambda block: (block.heading, block.how)):
        lines += [f"## {heading}", ""]
        lines += [how, ""] if how else []
        for block in found:
            for row in block.rows:
                number += 1
                start = f"{number}. "
                lines += [start + row.text, "", *(" " * len(start) + line for line in _places(block)), ""]
    return ("\n".join(lines).rstrip() + "\n").encode()


def _places(block: Block) -> list[str]:
    """Where one answer is written."""
    if block.answering in ("words", "sign"):
        return [_LINE[:40]]
    if block.answering == "rank":
        return [f"- ___ {choice.text}" for choice in block.choices]
    codes = [choice.code for choice in block.choices]
    if block.answering == "grid" and codes != ["1", "0"]:
        return ["   ".join(f"[ ] {code}" for code in codes)]
    return [f"- [ ] {choice.text}" for choice in block.choices]
