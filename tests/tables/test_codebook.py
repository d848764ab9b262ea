"""Codebooks: what is read, and every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.config import CodebookConfig
from segment.errors import InvalidStudy
from segment.tables.codebook import read_codebook

SCALES = {"imp5": (1.0, 5.0)}
HEAD = "code,driver,kind,scale,reverse,nl,en\n"


def book(tmp_path: Path, rows: str) -> Path:
    file = tmp_path / "book.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    return file


def test_items_keep_their_order_need_and_scale(tmp_path: Path) -> None:
    codebook = read_codebook(
        book(tmp_path, "B,PAY,importance,imp5,R,b,b\nA,*,dream,open,,a,a\n"),
        scales=SCALES,
        need_names={"PAY": {"nl": "Loon"}},
    )
    assert [item.code for item in codebook.items] == ["B", "A"]
    assert codebook.items[0].reverse
    assert codebook.need_map("importance") == {"B": "PAY"}
    assert codebook.needs == ("PAY",)
    assert codebook.need_name("PAY", "nl") == "Loon"
    assert codebook.need_name("PAY", "en") == "PAY"


def test_every_mistake_comes_at_once_with_its_line(tmp_path: Path) -> None:
    rows = "A,PAY,importanse,imp5,,a,a\nA,PAY,importance,imp55,,a,a\n"
    with pytest.raises(InvalidStudy) as refused:
        read_codebook(book(tmp_path, rows), scales=SCALES)
    assert refused.value.problems == (
        "book.csv:2: column kind: 'importanse' is not a known kind; did you mean 'importance'?",
        "book.csv:3: column code: 'A' stands on line 2 too",
        "book.csv:3: column scale: 'imp55' is not a declared scale; did you mean 'imp5'?",
    )


def test_a_codebook_without_its_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("code,kind\nA,importance\n")
    with pytest.raises(InvalidStudy, match="column 'driver' is missing"):
        read_codebook(file, scales=SCALES)


def test_the_shipped_questionnaire_is_whole() -> None:
    shipped = Path(__file__).resolve().parents[2] / "configs" / "codebooks" / "relation.csv"
    codebook = read_codebook(shipped, scales=CodebookConfig(file="x").scales)
    assert len(codebook.items) == 96
    assert codebook.needs == ("PAY", "SEC", "SOC", "GRO", "AUT", "MEA", "REC", "EAS")
    assert all(item.text("nl") and item.text("en") for item in codebook.items)


def test_the_seven_rs_may_be_written_in_dutch_or_english(tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    rows = "A,PAY,importance,imp5,,Retentie,a,a\nB,PAY,importance,imp5,,relationship,b,b\n"
    file.write_text("code,driver,kind,scale,reverse,r7,nl,en\n" + rows, encoding="utf-8")
    assert [item.r for item in read_codebook(file, scales=SCALES).items] == ["Retentie", "Relationship"]
