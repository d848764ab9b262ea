"""A workbook has no sheet that says only that something was not measured: the first sheet names those once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from segment.exports.sheets import sheets_of
from segment.exports.workbook import render_workbook
from segment.locale import say
from tests.exports import sample_story


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_not_measured_is_named_once_and_has_no_sheet(language, tmp_path) -> None:
    full = sample_story.full_story()
    without = {name: table for name, table in full.released.items() if "value" not in name}
    for story, missing in ((full, False), (replace(full, released=without), True)):
        file = tmp_path / "workbook.xlsx"
        file.write_bytes(render_workbook(story, language))
        book = CalamineWorkbook.from_path(str(file))
        first, *names = book.sheet_names
        told = [str(row[1]) for row in book.get_sheet_by_name(first).to_python() if len(row) > 1]
        value = say("workbook.sheet.value", language)
        said = [one for one in told if one.startswith(say("workbook.without", language, names="").rstrip(" ."))]
        assert (value in names) is not missing and (value in told) is not missing
        assert any(value in one for one in said) is missing
        for name in names:
            assert book.get_sheet_by_name(name).to_python() != [[say("report.not_measured.sentence", language)]]
        every = {one.name for one in sheets_of(story, language)}
        assert {*names, *(one for line in said for one in every if one in line)} >= every
