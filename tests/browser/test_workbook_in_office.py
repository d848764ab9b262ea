"""The workbook in a real spreadsheet program: every sheet opens, every figure fits its column, nothing is an error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import sample_story
from python_calamine import CalamineWorkbook

from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.locale import say

OFFICE = shutil.which("soffice")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed (libreoffice-calc)"),
]

#: As shown, in UTF-8, every sheet a file of its own.
_AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"


def nearly_unanimous(story: Story) -> Story:
    """The story with promises that nearly everyone of the first rows says were broken."""
    table = story.released["promises"]
    first = np.arange(len(table.frame)) < 3
    frame = table.frame.assign(
        broken_share=np.where(first, 0.95, table.frame["broken_share"]),
        status=np.where(first, "banded", table.frame["status"]),
    )
    return sample_story.with_rows(story, "promises", frame)


@pytest.fixture(scope="module", params=("nl", "en"))
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A workbook, and what the program shows of each of its sheets, as text."""
    folder = tmp_path_factory.mktemp("office")
    book = folder / "book.xlsx"
    book.write_bytes(render_workbook(nearly_unanimous(sample_story.full_story()), request.param))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [str(OFFICE), profile, "--headless", "--convert-to", _AS_SHOWN, "--outdir", str(folder), str(book)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    sheets = {path.stem.removeprefix("book-"): path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}
    return book, sheets


def test_every_sheet_opens(shown: tuple[Path, dict[str, str]]) -> None:
    book, sheets = shown
    assert set(sheets) == set(CalamineWorkbook.from_path(book).sheet_names)
    assert all(text.strip() for text in sheets.values())


def test_every_figure_fits_its_column_and_none_is_an_error(shown: tuple[Path, dict[str, str]]) -> None:
    wrong = {name for name, text in shown[1].items() if "###" in text or "Err:" in text or "#N/A" in text}
    assert wrong == set()


def test_bounds_and_hidden_figures_are_shown_as_words_say(shown: tuple[Path, dict[str, str]]) -> None:
    promises, staying = (
        next(
            shown[1][said] for language in ("nl", "en") if (said := say(f"workbook.sheet.{name}", language)) in shown[1]
        )
        for name in ("promises", "staying")
    )
    assert promises.count("≥ 95%") == 3
    assert "verborgen" in staying or "hidden" in staying
