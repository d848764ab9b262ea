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
    """A table: the first column heads each row; ``segments``: those that it tells of one by one, if it does."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    kind: str = "grid"
    segments: frozenset[int] | None = None


@dataclass(frozen=True)
class ActionList:
    """Actions, the first one first, each with the segments it is for."""

    plans: tuple[PlannedAction, ...]
    kind: str = "actions"


@dataclass(frozen=True)
class Mark:
    """A mark on a line, at so many hundredths of the axis: full, or open for what it is held against."""

    at: float
    open: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a figure of rows: its name, its figure in words, its marks, and the ends of its doubt."""

    name: str
    text: str
    marks: tuple[Mark, ...]
    doubt: tuple[float, float] | None = None
    joined: bool = False
    under: str = ""


@dataclass(frozen=True)
class Rows:
    """Dots with intervals, a line each, the first the most; ``ends``: what stands at the left and right of the axis.

    ``segments``: those (0..k-1) of which it shows figures, or would if it had room; ``None``: it is not about them.
    """

    anchor: str
    title: str
    note: str
    lines: tuple[Line, ...]
    ends: tuple[str, str]
    after: str = ""
    kind: str = "rows"
    segments: frozenset[int] | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of a heat map: its figure, how dark it is (−3 to 3), and whether it can be told from everyone."""

    text: str
    depth: int = 0
    apart: bool = True
    hidden: bool = False


@dataclass(frozen=True)
class Heat:
    """Needs down, segments across: heads are numbers and names, rows a name with its cells."""

    anchor: str
    title: str
    note: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    about: str
    kind: str = "heat"


Block = Words | Picture | Grid | ActionList | Rows | Heat


@dataclass(frozen=True)
class Section:
    """A section of the report: its anchor, its heading, what it says, and what it shows.

    ``absent``: what it is about was not measured, or may not be shown; the report says so once, at its end.
    """

    anchor: str
    title: str
    paragraphs: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    absent: bool = False
    after: str = ""


def pictures(*displays: Display | None) -> list[Block]:
    """Figures as blocks; those that had nothing to draw are left out."""
    return [Picture(display) for display in displays if display is not None]


def spoken(sentences: Sequence[str]) -> tuple[str, ...]:
    """The sentences that say something."""
    return tuple(sentence for sentence in sentences if sentence)
