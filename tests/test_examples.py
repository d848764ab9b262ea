"""Every example runs, its page says what it answered, and it uses what is public."""

from __future__ import annotations

import ast
from pathlib import Path

import make_examples as maker
import pytest
from library_page import ROOMS

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", maker.names())
def test_an_example_runs_and_its_page_says_what_it_answered(name: str) -> None:
    page = maker.run(name)
    assert maker.stale(page.files) == [], "run python docs/make_examples.py"
    assert page.text.count("```text") >= 3
    listed = (maker.PAGES / "index.md").read_text(encoding="utf-8")
    assert f"[{page.title}]({name}.md)" in listed


def test_there_are_five_and_no_page_without_an_example() -> None:
    assert len(maker.names()) == 5
    pages = {path.stem for path in maker.PAGES.glob("*.md")} - {"index"}
    assert pages == set(maker.names())
    assert "docs/examples/index.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", maker.names())
def test_an_example_uses_public_names_only(name: str) -> None:
    tree = ast.parse((maker.EXAMPLES / f"{name}.py").read_text(encoding="utf-8"))
    used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    ours = {module for module in used if module.split(".")[0] == "segment"}
    assert ours and ours <= {f"segment.{room}" for room in ROOMS} | {"segment.errors"}


def test_a_stale_page_is_told_by_the_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small = "# %% [markdown]\n# # Two and two\n#\n# Added.\n\n# %%\nprint('so')\n2 + 2\n"
    small += "\n# %%\nfrom segment.plots import CurveDisplay\n\nCurveDisplay.from_predictions([0, 1], [[1.0, 0.5]])\n"
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "small.py").write_text(small, encoding="utf-8")
    monkeypatch.setattr(maker, "EXAMPLES", tmp_path / "examples")
    monkeypatch.setattr(maker, "PAGES", tmp_path / "pages")
    assert maker.main(["--check"]) == 1
    assert maker.main([]) == 0 and maker.main(["--check"]) == 0
    page = (tmp_path / "pages" / "small.md").read_text(encoding="utf-8")
    assert (
        "# Two and two\n\nAdded." in page and "```text\nso\n4\n```" in page and "![CurveDisplay](small-1.svg)" in page
    )
    picture = tmp_path / "pages" / "small-1.svg"
    drawn = picture.read_text(encoding="utf-8")
    assert "<svg" in drawn and "share still there" in drawn
    picture.write_text(drawn.replace("share still there", "something else"), encoding="utf-8")
    assert maker.main(["--check"]) == 1
    (tmp_path / "examples" / "small.py").write_text(small.replace("2 + 2", "2 + 3"), encoding="utf-8")
    assert maker.main([]) == 0 and "5" in (tmp_path / "pages" / "small.md").read_text(encoding="utf-8")
