"""The survey as LimeSurvey's tab-separated structure: Create survey, Import, and the file ends in .txt."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Sequence

from segment.errors import InvalidStudy
from segment.fielding.survey import MOST_PICKS, Block, Survey
from segment.tables.options import bare

_COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "other", "default", "same_default", "max_answers", "hide_tip",
)  # fmt: skip
#: How LimeSurvey calls the ways to answer: array, list, multiple choice, ranking, long and short text.
_TYPES = {"grid": "F", "one": "L", "many": "M", "rank": "R", "words": "T", "sign": "S"}
#: Signs that a code may have there at most.
_LONGEST = 20
_Record = dict[str, str]


def written(survey: Survey) -> bytes:
    """The file's bytes.

    Answers carry the numbers of their scale as codes, those of a list or a ranking their place in it. Codes of
    questions lose the signs that are not allowed there, such as ``_``; exports are read by what is left of them.

    Raises
    ------
    InvalidStudy
        Codes that are too long there, or become one.
    """
    _refuse_codes(survey)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, delimiter="\t", lineterminator="\r\n", restval="")
    writer.writeheader()
    for record in _records(survey):
        writer.writerow(record)
    return text.getvalue().encode("utf-8-sig")


def _records(survey: Survey) -> Iterator[_Record]:
    language = survey.language
    settings = {
        "language": language, "format": "G", "anonymized": "Y", "datestamp": "N", "ipaddr": "N", "refurl": "N",
        "savetimings": "N", "allowprev": "Y", "showwelcome": "Y", "shownoanswer": "Y", "showprogress": "Y",
    }  # fmt: skip
    yield from ({"class": "S", "name": name, "text": value} for name, value in settings.items())
    for name, value in (("surveyls_title", survey.title), ("surveyls_welcometext", survey.intro)):
        yield {"class": "SL", "name": name, "text": _safe(value), "language": language}
    heading, group, number = "", 0, 0
    for place, block in enumerate(survey.blocks, start=1):
        if block.heading != heading:
            heading, group = block.heading, group + 1
            yield {
                "id": str(group), "class": "G", "type/scale": str(group), "name": heading, "relevance": "1",
                "language": language,
            }  # fmt: skip
        for record in _of_block(block, place):
            number += 1
            yield {"id": str(number), "language": language, **record}


def _of_block(block: Block, place: int) -> Iterator[_Record]:
    grid, row = block.answering == "grid", block.rows[0]
    yield {
        "class": "Q", "type/scale": _TYPES[block.answering], "name": f"B{place}" if grid else bare(row.code),
        "relevance": "1", "text": _safe(block.heading if grid else row.text), "mandatory": "N", "other": "N",
        "help": _safe(block.how if not block.worded or not grid else ""),
        "max_answers": str(MOST_PICKS) if block.answering == "many" else "",
    }  # fmt: skip
    for one in block.rows if grid else ():
        yield {"class": "SQ", "name": bare(one.code), "relevance": "1", "text": _safe(one.text)}
    for number, choice in enumerate(block.choices, start=1):
        if block.answering == "many":
            yield {"class": "SQ", "name": bare(choice.code), "relevance": "1", "text": _safe(choice.text)}
        else:
            code = choice.code if grid else str(number)
            yield {"class": "A", "type/scale": "0", "name": code, "text": _safe(choice.text)}


def _safe(text: str) -> str:
    """A text in which nothing is a page's sign or an expression."""
    return html.escape(text, quote=False).replace("{", "&#123;").replace("}", "&#125;")


def _refuse_codes(survey: Survey) -> None:
    seen: dict[str, str] = {}
    problems = []
    for code in _codes(survey.blocks):
        short = bare(code)
        if len(short) > _LONGEST or not short[:1].isalpha():
            problems.append(f"'{code}': expected a letter first and at most {_LONGEST} letters and digits")
        elif seen.setdefault(short, code) != code:
            problems.append(f"'{code}' and '{seen[short]}' are one code there: {short}")
    if problems:
        raise InvalidStudy("LimeSurvey does not take these codes.", problems, advice="change them in the codebook")


def _codes(blocks: Sequence[Block]) -> list[str]:
    return [row.code for block in blocks for row in block.rows]
