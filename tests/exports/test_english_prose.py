"""English that people read: no words that only a translation has, in catalogues and in what the program says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from segment.locale import catalogue

SOURCE = Path(__file__).resolve().parents[2] / "src" / "segment"
#: Words and turns that read as translated, each with what is said instead.
NEVER = {
    r"nought": "nothing, zero",
    r"anew|afresh": "again",
    r"whoever (answers|gave)": "the person who",
    r"lest|aright|whence|thereof": "so that not, right, from where, of it",
    r"came (nearest|furthest|back)|come back with": "was closest, explained most, was found again",
    r"(is|are) none of|is none of them": "is not one of, are not among",
    r"tells (nothing|no|what|when|it|labels|which)|do(es)? not tell which": "says, shows",
    r"told apart and|and not told apart": "reported separately",
    r"where (there is )?none": "if there is none",
}
#: Words of a message, at least: what is shorter is part of a name.
FEWEST = 3
_PATTERNS = {re.compile(rf"\b({found})\b", re.IGNORECASE): instead for found, instead in NEVER.items()}


def translated(text: str) -> list[str]:
    """What in a text reads as translated, with what is said instead."""
    hits = ((pattern.search(text), instead) for pattern, instead in _PATTERNS.items())
    return [f"'{hit.group()}': say {instead}" for hit, instead in hits if hit]


def messages(path: Path) -> Iterator[str]:
    """The texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield from [node.value] if len(node.value.split()) >= FEWEST else []


@pytest.mark.parametrize("text", ["It came furthest.", "That is none of them.", "It tells nothing.", "drawn anew"])
def test_words_of_a_translation_are_seen(text: str) -> None:
    assert translated(text)


def test_the_catalogues_speak_english() -> None:
    wrong = {key: found for key, texts in catalogue().items() if (found := translated(texts["en"]))}
    assert wrong == {}


def test_messages_speak_english() -> None:
    wrong = [
        (str(path.relative_to(SOURCE)), text[:120], found)
        for path in sorted(SOURCE.rglob("*.py"))
        for text in messages(path)
        if (found := translated(text))
    ]
    assert wrong == []
