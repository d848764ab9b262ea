"""The survey as Qualtrics' own file (.qsf): Create project, From a file."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from itertools import groupby

from segment.fielding.survey import MOST_PICKS, Block, Choice, Survey

_SURVEY = "SV_0segment0000000"
#: How Qualtrics calls the ways to answer: type, selector, and sub-selector.
_TYPES = {
    "grid": ("Matrix", "Likert", "SingleAnswer"), "one": ("MC", "SAVR", "TX"), "many": ("MC", "MAVR", "TX"),
    "rank": ("RO", "DND", "TX"), "words": ("TE", "ESTB", ""), "sign": ("TE", "SL", ""),
}  # fmt: skip
_Json = dict[str, object]


def written(survey: Survey) -> bytes:
    """The file's bytes.

    A question's export tag is its code, and so is the tag of each statement of a matrix. Answers are recoded to the
    numbers of their scale; options of a list or a ranking are numbered by their place.
    """
    questions = [_question(block, f"QID{number}") for number, block in enumerate(survey.blocks, start=1)]
    pages = [
        (heading, [f"QID{number}" for number, _ in blocks])
        for heading, blocks in groupby(enumerate(survey.blocks, start=1), key=lambda one: one[1].heading)
    ]
    elements = [
        _element("BL", "Survey Blocks", payload=[*map(_page, range(1, len(pages) + 1), pages), _bin()]),
        _element("FL", "Survey Flow", payload=_flow(len(pages))),
        _element("QC", "Survey Question Count", secondary=str(len(questions))),
        _element("SO", "Survey Options", payload=_options(survey)),
        *(_element("SQ", str(one["QuestionID"]), secondary=str(one["QuestionText"])[:100], payload=one)
          for one in questions),
    ]  # fmt: skip
    entry: _Json = {
        "SurveyID": _SURVEY, "SurveyName": survey.title, "SurveyDescription": None, "SurveyOwnerID": "",
        "SurveyBrandID": "", "DivisionID": None, "SurveyLanguage": survey.language.upper(),
        "SurveyActiveResponseSet": "RS_0segment0000000", "SurveyStatus": "Inactive",
        "SurveyStartDate": "0000-00-00 00:00:00", "SurveyExpirationDate": "0000-00-00 00:00:00",
        "SurveyCreationDate": "", "CreatorID": "", "LastModified": "", "LastAccessed": "0000-00-00 00:00:00",
        "LastActivated": "0000-00-00 00:00:00", "Deleted": None,
    }  # fmt: skip
    told = {"SurveyEntry": entry, "SurveyElements": elements}
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _element(kind: str, primary: str, *, secondary: str | None = None, payload: object = None) -> _Json:
    return {
        "SurveyID": _SURVEY, "Element": kind, "PrimaryAttribute": primary, "SecondaryAttribute": secondary,
        "TertiaryAttribute": None, "Payload": payload,
    }  # fmt: skip


def _page(number: int, page: tuple[str, Sequence[str]]) -> _Json:
    heading, questions = page
    elements: list[_Json] = [{"Type": "Question", "QuestionID": one} for one in questions]
    return {
        "Type": "Default" if number == 1 else "Standard", "SubType": "", "Description": heading, "ID": f"BL_{number}",
        "BlockElements": elements, "Options": {"BlockLocking": "false", "RandomizeQuestions": "false"},
    }  # fmt: skip


def _bin() -> _Json:
    return {"Type": "Trash", "Description": "Trash / Unused Questions", "ID": "BL_trash", "BlockElements": []}


def _flow(pages: int) -> _Json:
    blocks = [
        {"Type": "Block", "ID": f"BL_{number}", "FlowID": f"FL_{number + 1}", "Autofill": []}
        for number in range(1, pages + 1)
    ]
    return {"Type": "Root", "FlowID": "FL_1", "Flow": blocks, "Properties": {"Count": pages + 1}}


def _options(survey: Survey) -> _Json:
    return {
        "BackButton": "true", "SaveAndContinue": "true", "SurveyProtection": "PublicSurvey", "NoIndex": "Yes",
        "AnonymizeResponse": "Yes", "SecureResponseFiles": "true", "SurveyTitle": survey.title,
        "SurveyTermination": "DefaultMessage", "ProgressBarDisplay": "Text", "PartialData": "+1 week",
    }  # fmt: skip


def _question(block: Block, name: str) -> _Json:
    kind, selector, under = _TYPES[block.answering]
    row, grid = block.rows[0], block.answering == "grid"
    text = " ".join(filter(None, (block.heading, "" if block.worded else block.how))) if grid else row.text
    text = f"{text} {block.how}" if block.answering == "sign" else text
    told: _Json = {
        "QuestionID": name, "QuestionText": _safe(text), "QuestionDescription": text[:100],
        "DataExportTag": f"B{name[3:]}" if grid else row.code, "QuestionType": kind, "Selector": selector,
        "DefaultChoices": False, "Language": [], "Configuration": {"QuestionDescriptionOption": "UseText"},
        "Validation": {"Settings": _validation(block)},
    }  # fmt: skip
    if under:
        told["SubSelector"] = under
    if grid:
        told |= _choices("Choices", "ChoiceOrder", [one.text for one in block.rows])
        told |= _choices("Answers", "AnswerOrder", [one.text for one in block.choices])
        told["ChoiceDataExportTags"] = {str(place): one.code for place, one in enumerate(block.rows, start=1)}
        told["RecodeValues"] = _recoded(block.choices)
    elif block.choices:
        told |= _choices("Choices", "ChoiceOrder", [one.text for one in block.choices])
        told["RecodeValues"] = {str(place): str(place) for place in range(1, len(block.choices) + 1)}
    told |= {"NextChoiceId": len(block.rows if grid else block.choices) + 1, "NextAnswerId": len(block.choices) + 1}
    return told


def _validation(block: Block) -> _Json:
    free: _Json = {"ForceResponse": "OFF", "ForceResponseType": "OFF", "Type": "None"}
    return free | ({"Type": "MaxChoices", "MaxChoices": str(MOST_PICKS)} if block.answering == "many" else {})


def _choices(name: str, order: str, texts: Sequence[str]) -> _Json:
    numbered = {str(place): {"Display": _safe(text)} for place, text in enumerate(texts, start=1)}
    return {name: numbered, order: list(numbered)}


def _recoded(choices: Sequence[Choice]) -> dict[str, str]:
    return {str(place): choice.code for place, choice in enumerate(choices, start=1)}


def _safe(text: str) -> str:
    """A text in which nothing is a page's sign or piped text."""
    return html.escape(text, quote=False).replace("${", "&#36;{")
