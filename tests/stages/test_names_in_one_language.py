"""Every file of a walked study is in one language: its own names too, and nothing stands by its code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "exports"))
from languages_read import LANGUAGES, named_otherwise, strings_of

from segment.stages.codebooks import codebook_of
from segment.stages.report_context import question_names


@pytest.fixture(scope="module")
def own(walked: Any) -> dict[str, dict[str, str]]:
    """What the study calls its roles, needs and questions, per language."""
    opened = walked.open()
    codebook = codebook_of(opened)
    offers = opened.store.read("offers").to_dict("records")
    needs = {need: {language: codebook.need_name(need, language) for language in LANGUAGES} for need in codebook.needs}
    roles = {row["offer"]: {language: row[language] for language in LANGUAGES} for row in offers}
    assert len(roles) > 5
    return {**needs, **question_names(codebook), **roles}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_of_the_study_stands_in_another_language(walked: Any, own: Any, language: str) -> None:
    opened = walked.open()
    folder = next(iter(sorted((opened.workspace / "exports").iterdir())))
    files = [path for path in sorted(folder.rglob(f"*.{language}.*")) if path.suffix in (".html", ".xlsx", ".pptx")]
    assert len(files) > 5
    wrong = {path.name: named_otherwise(strings_of(path), language, own) for path in files}
    assert {name: found for name, found in wrong.items() if found} == {}
