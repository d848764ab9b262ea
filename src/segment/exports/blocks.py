"""What a page is built of: sections with words, figures, tables and actions, already in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segment.displays.base import Display
from segment.exports.answers import PlannedAction


@dataclass(frozen=True)
class Words:
    """Paragraphs under an optional heading of their own."""

    paragraphs: tuple[str, ...]
    title: str = ""
    kind: str = "words"


@dataclass(frozen=True)
class Picture:
    """A figure with its table alternative."""

    display: Display
    kind: str = "picture"


@dataclass(frozen=True)
class Grid:
    """A table: the first column heads each row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    kind: str = "grid"


@dataclass(frozen=True)
class ActionList:
    """The actions of one segment, first one first."""

    title: str
    plans: tuple[PlannedAction, ...]
    kind: str = "actions"


Block = Words | Picture | Grid | ActionList


@dataclass(frozen=True)
class Section:
    """A section of the report: its anchor, its heading, what it says, and what it shows."""

    anchor: str
    title: str
    paragraphs: tuple[str, ...]
    blocks: tuple[Block, ...] = ()


def pictures(*displays: Display | None) -> list[Block]:
    """Figures as blocks; those that had nothing to draw are left out."""
    return [Picture(display) for display in displays if display is not None]


def spoken(sentences: Sequence[str]) -> tuple[str, ...]:
    """The sentences that say something."""
    return tuple(sentence for sentence in sentences if sentence)
