"""What `benchmarks/same_release.py` sees of two releases: every file that differs, and in what."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from same_release import DIGESTS_ALONE, copied, differences


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """Two workspaces with the same release, of two versions of the code."""
    for name, digest in (("before", "a" * 16), ("now", "b" * 16)):
        exports, tables = (tmp_path / name / folder for folder in ("exports", "tables"))
        exports.mkdir(parents=True)
        tables.mkdir()
        (exports / "report.en.html").write_text(f"<p>Five segments</p>\n<p>fingerprint {digest}</p>\n")
        (exports / "released.json").write_text(json.dumps({"segments": {"data": [[0, 40]]}}))
        _workbook(exports / "slides.pptx", note=f"slides of {digest}")
        _workbook(exports / "segments.xlsx", note=f"made by {digest}")
        pd.DataFrame({"n": [40], "why": ["far"]}).to_parquet(tables / "plans.parquet")
    return tmp_path / "before", tmp_path / "now"


def test_digests_of_the_code_are_no_difference(sides: tuple[Path, Path]) -> None:
    parts = ("report.en.html", "segments.xlsx", "slides.pptx")
    assert differences(*sides) == {f"exports/{name}": [DIGESTS_ALONE] for name in parts}


def test_every_other_byte_is_told_with_its_place(sides: tuple[Path, Path]) -> None:
    now = sides[1]
    (now / "exports" / "report.en.html").write_text(f"<p>Four segments</p>\n<p>fingerprint {'b' * 16}</p>\n")
    (now / "exports" / "released.json").write_text(json.dumps({"segments": {"data": [[0, 41]]}, "more": 1}))
    _workbook(now / "exports" / "slides.pptx", note="Slides")
    pd.DataFrame({"n": [40], "reason": ["far"]}).to_parquet(now / "tables" / "plans.parquet")
    (now / "exports" / "new.csv").write_text("a\n")
    assert differences(*sides, told=2) == {
        "exports/new.csv": ["is new"],
        "exports/released.json": ["segments.data[0][1]: 40 -> 41", "more is new"],
        "exports/report.en.html": ["<p>Five segments</p> -> <p>Four segments</p>"],
        "exports/segments.xlsx": [DIGESTS_ALONE],
        "exports/slides.pptx": ["part xl/sharedStrings.xml"],
        "tables/plans.parquet": ["column why is gone", "column reason is new"],
    }


def test_more_differences_than_are_written_out_are_counted(sides: tuple[Path, Path]) -> None:
    (sides[1] / "exports" / "released.json").write_text(json.dumps({"segments": {"data": [[1, 41]]}}))
    assert differences(*sides)["exports/released.json"] == ["segments.data[0][0]: 0 -> 1", "and 1 more"]


def test_people_who_changed_places_are_no_digests_of_the_code(sides: tuple[Path, Path]) -> None:
    people = ["c" * 16, "d" * 16]
    for side, order in zip(sides, (people, people[::-1]), strict=True):
        pd.DataFrame({"person": order}).to_parquet(side / "tables" / "assignments.parquet")
    assert differences(*sides)["tables/assignments.parquet"] == ["column person"]


def test_a_workbook_of_the_same_cells_that_looks_otherwise_differs(sides: tuple[Path, Path]) -> None:
    _workbook(sides[1] / "exports" / "segments.xlsx", note=f"made by {'b' * 16}", look="0%")
    assert differences(*sides)["exports/segments.xlsx"] == ["part xl/styles.xml"]
    _workbook(sides[1] / "exports" / "segments.xlsx", note="made by hand")
    assert differences(*sides)["exports/segments.xlsx"] == [
        "sheet Sheet1, row 1, column 1: made by # -> made by hand",
    ]


def test_the_order_of_columns_and_of_names_is_a_difference(sides: tuple[Path, Path]) -> None:
    pd.DataFrame({"why": ["far"], "n": [40]}).to_parquet(sides[1] / "tables" / "plans.parquet")
    for side, order in zip(sides, ("ab", "ba"), strict=True):
        (side / "exports" / "manifest.json").write_text(json.dumps(dict.fromkeys(order, 1)))
    found = differences(*sides)
    assert found["tables/plans.parquet"] == ["order of columns"]
    assert found["exports/manifest.json"] == ["top: order of names"]


def test_a_version_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="neither a checkout, nor a commit"):
        copied("no-such-version", tmp_path / "code")


def _workbook(path: Path, *, note: str, look: str = "0.0") -> None:
    book = xlsxwriter.Workbook(path, {"in_memory": True})
    book.set_properties({"created": datetime(2024, 3, 1)})
    sheet = book.add_worksheet()
    sheet.write(0, 0, note)
    sheet.write(1, 0, 0.5, book.add_format({"num_format": look}))
    book.close()
