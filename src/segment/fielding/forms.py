"""The survey as a script that makes a Google Form: script.google.com, New project, paste, Run."""

from __future__ import annotations

import json

from segment.fielding.survey import MOST_PICKS, Block, Survey
from segment.tables.options import FORM_BEGINS

_SCRIPT = """\
// Makes a Google Form: script.google.com, New project, paste all of this, Run. The form's address stands in the log.
{begins}{survey};

function makeForm() {{
  const form = FormApp.create(SURVEY.title).setTitle(SURVEY.title).setDescription(SURVEY.intro);
  form.setCollectEmail(false).setProgressBar(true);
  let heading = null;
  for (const block of SURVEY.blocks) {{
    if (block.heading !== heading && heading !== null) form.addPageBreakItem().setTitle(block.heading);
    heading = block.heading;
    addBlock(form, block);
  }}
  Logger.log(form.getEditUrl());
}}

function addBlock(form, block) {{
  const texts = block.choices.map((choice) => choice.text);
  const question = block.rows[0].text;
  if (block.answering === "grid") {{
    form.addGridItem().setTitle(block.heading).setHelpText(block.how)
      .setRows(block.rows.map((row) => row.text)).setColumns(texts);
  }} else if (block.answering === "rank") {{
    form.addGridItem().setTitle(question).setHelpText(block.how).setRows(texts)
      .setColumns(texts.map((text, place) => String(place + 1)))
      .setValidation(FormApp.createGridValidation().requireLimitOneResponsePerColumn().build());
  }} else if (block.answering === "many") {{
    form.addCheckboxItem().setTitle(question).setHelpText(block.how).setChoiceValues(texts)
      .setValidation(FormApp.createCheckboxValidation().requireSelectAtMost({most}).build());
  }} else if (block.answering === "one") {{
    form.addMultipleChoiceItem().setTitle(question).setHelpText(block.how).setChoiceValues(texts);
  }} else if (block.answering === "sign") {{
    form.addTextItem().setTitle(question).setHelpText(block.how);
  }} else {{
    form.addParagraphTextItem().setTitle(question).setHelpText(block.how);
  }}
}}
"""


def written(survey: Survey) -> bytes:
    """The script's bytes: the survey as JSON, and twenty lines that make a form of it.

    Exports of a form carry the questions' words; they are read by these.
    """
    told = {
        "title": survey.title, "intro": survey.intro, "language": survey.language,
        "blocks": [_told(block) for block in survey.blocks],
    }  # fmt: skip
    text = json.dumps(told, ensure_ascii=True)
    return _SCRIPT.format(begins=FORM_BEGINS, survey=text, most=MOST_PICKS).encode()


def _told(block: Block) -> dict[str, object]:
    return {
        "heading": block.heading, "how": "" if block.worded and block.answering == "grid" else block.how,
        "answering": block.answering,
        "rows": [{"code": one.code, "text": one.text} for one in block.rows],
        "choices": [{"code": one.code, "text": one.text} for one in block.choices],
    }  # fmt: skip
