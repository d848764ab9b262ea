"""Slides that run something, call out or tell of a few people are told, also by whoever sealed the folder anew."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from test_verify import found, honest, sealed_again

__all__ = ["honest"]

OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINK = b'<Relationship Id="rId99" Type="%s/image" Target="http://example.org/x.png" TargetMode="External"/>' % OFFICE


@pytest.fixture
def slides(honest: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(honest, tmp_path / "2025-2")) / "segments.en.pptx"


def put(archive: bytes, part: str, *change: bytes) -> bytes:
    """The archive with something exchanged in one part, or with the part added."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, data.replace(*change, 1) if name == part else data)  # type: ignore[arg-type]
        if part not in before.namelist():
            after.writestr(part, b"".join(change))
    assert packed.getvalue() != archive
    return packed.getvalue()


FORGED = {
    "a macro": ("ppt/vbaProject.bin", b"macro"),
    "a picture from elsewhere": ("ppt/slides/_rels/slide1.xml.rels", b"</Relationships>", LINK + b"</Relationships>"),
    "a click that runs": ("ppt/slides/slide1.xml", b"</a:t>", b'</a:t><a:hlinkClick action="ppaction://program"/>'),
}


@pytest.mark.parametrize("what", list(FORGED))
def test_slides_that_run_or_call_out_are_told(slides: Path, what: str) -> None:
    slides.write_bytes(put(slides.read_bytes(), *FORGED[what]))
    sealed_again(slides.parent)
    assert "file.active" in found(slides.parent)


def test_a_chart_that_holds_a_formula_is_told(slides: Path) -> None:
    with zipfile.ZipFile(slides) as parts:
        name = next(one for one in parts.namelist() if one.endswith(".xlsx"))
        book = parts.read(name)
    slides.write_bytes(
        put(slides.read_bytes(), name, book, put(book, "xl/worksheets/sheet1.xml", b"<v>", b"<f>A1</f><v>"))
    )
    sealed_again(slides.parent)
    assert "file.active" in found(slides.parent)


def test_slides_that_tell_of_a_few_are_told(slides: Path) -> None:
    text = b" In Finance 3 people left.</a:t>"
    slides.write_bytes(put(slides.read_bytes(), "ppt/slides/slide1.xml", b"</a:t>", text))
    sealed_again(slides.parent)
    assert "count" in found(slides.parent)


def test_the_same_part_twice_is_told(slides: Path) -> None:
    """One reader takes the first of them, and another one the last."""
    with pytest.warns(UserWarning), zipfile.ZipFile(slides, "a") as parts:
        parts.writestr("ppt/slides/slide1.xml", parts.read("ppt/slides/slide1.xml"))
    sealed_again(slides.parent)
    assert "file.active" in found(slides.parent)
