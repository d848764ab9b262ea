"""The reference pages say what the code says: stale pages fail, and nothing in them is without meaning."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import make_reference as maker
import pytest
from docstring_parser import DocstringStyle, parse
from library_page import ROOMS, described, library

from segment.stages import STAGES_IN_ORDER

#: scikit-learn says what these are.
_OF_THE_FIELD = {"X", "y", "sample_weight", "random_state", "args", "kwargs"}
DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_no_page_is_stale() -> None:
    stale = [name for name, text in maker.pages().items() if (maker.PAGES / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run python docs/make_reference.py"


def test_a_stale_page_is_told_by_the_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(maker, "PAGES", tmp_path)
    assert maker.main(["--check"]) == 1
    assert maker.main([]) == 0 and maker.main(["--check"]) == 0
    (tmp_path / "tables.md").write_text("old", encoding="utf-8")
    assert maker.main(["--check"]) == 1


def test_everything_has_a_meaning() -> None:
    for name, at in (("reference/settings.md", 4), ("reference/commands.md", 3), ("tables.md", 3)):
        rows = [re.split(r"(?<!\\) ?\| ?", line) for line in maker.pages()[name].splitlines() if line.startswith("| `")]
        without = [row[1] for row in rows if len(row) > at + 1 and not row[at]]
        assert without == [], name


@pytest.mark.parametrize("room", ROOMS)
def test_every_argument_of_the_library_is_described_and_exists(room: str) -> None:
    wrong = []
    for name, one in described(room):
        text = inspect.getdoc(one) or ""
        said = {
            argument.lstrip("*")
            for part in parse(text, DocstringStyle.NUMPYDOC).params
            if part.args[0] == "param"
            for argument in part.arg_name.split(", ")
        }
        taken = set(inspect.signature(one).parameters) - {"self"}
        in_words = {argument for argument in taken if re.search(rf"\b{argument}\b", text)}
        silent = taken - said - in_words - _OF_THE_FIELD
        if silent or said - taken:
            wrong.append((name, sorted(silent), sorted(said - taken)))
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_of_the_library_names_everything_and_shows_its_examples(room: str) -> None:
    page = library()[f"{room}.md"]
    for name, one in described(room):
        assert f"# {name}\n```python\n" in page
        for line in re.findall(r"^>>> .*", inspect.getdoc(one) or "", flags=re.MULTILINE):
            assert line in page, name
    assert " at 0x" not in page


@pytest.mark.parametrize("stage", list(STAGES_IN_ORDER)[:-1])
def test_the_architecture_names_every_table_a_stage_writes_and_no_other(stage: str) -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith(f"| {stage} |")]
    assert set(re.findall(r"`(\w+)`", row.split("|")[3])) == set(STAGES_IN_ORDER[stage].writes)
