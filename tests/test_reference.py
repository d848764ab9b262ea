"""The reference pages say what the code says: stale pages fail, and nothing in them is without meaning."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_no_page_is_stale(maker: ModuleType) -> None:
    stale = [name for name, text in maker.pages().items() if (maker.PAGES / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run python docs/make_reference.py"


def test_a_stale_page_is_told_by_the_check(maker: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(maker, "PAGES", tmp_path)
    assert maker.main(["--check"]) == 1
    assert maker.main([]) == 0 and maker.main(["--check"]) == 0
    (tmp_path / "tables.md").write_text("old", encoding="utf-8")
    assert maker.main(["--check"]) == 1


def test_everything_has_a_meaning(maker: ModuleType) -> None:
    for name, at in (("reference/settings.md", 4), ("reference/commands.md", 3), ("tables.md", 3)):
        rows = [re.split(r"(?<!\\) ?\| ?", line) for line in maker.pages()[name].splitlines() if line.startswith("| `")]
        without = [row[1] for row in rows if len(row) > at + 1 and not row[at]]
        assert without == [], name
