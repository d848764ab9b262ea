"""The page on threats names tests: each one is there, and every test that it names by its function is one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


@cache
def functions_in(file: Path) -> frozenset[str]:
    """Names of the tests in a module."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and "test" in node.name)


def test_many_are_named() -> None:
    assert len(NAMED) > 40 and sum(bool(name) for _, name in NAMED) > 25


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda one: str(one).rpartition("/")[2])
def test_what_the_page_on_threats_names_is_there(file: str, name: str) -> None:
    own = functions_in(ROOT / file)
    assert own and (not name or name in own)


def test_every_row_that_tells_a_defence_names_a_test() -> None:
    rows = [line for line in PAGE.partition("## What is not held off")[0].splitlines() if line.startswith("| ")]
    told = [row for row in rows if not re.match(r"\| (tries|always) \|", row)]
    assert len(told) > 30
    assert [row for row in told if not re.search(r"`(tests/|benchmarks/)", row)] == []
