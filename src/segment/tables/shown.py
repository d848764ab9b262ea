"""How a released table is shown to readers: as data, for whoever draws, writes, tracks or documents it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: How a column of a released table reads, and what that looks like.
KINDS: Mapping[str, str] = {
    "text": "as it is",
    "segment": "a segment by its name",
    "need": "a need by its name",
    "moment": "a moment by its name",
    "feature": "a question or attribute by its name",
    "measure": "a measure by its name",
    "r": "one of the seven Rs",
    "word": "the word of the catalogue for it",
    "alike": "whether the next in rank is about as much",
    "people": "a number of people, or its band",
    "count": "a whole number",
    "amount": "an amount",
    "one": "one decimal",
    "two": "two decimals",
    "percent": "a share as a percentage",
    "points": "percent as they stand",
}
#: Kinds that are figures: where a row is hidden, they are.
FIGURES = frozenset({"people", "count", "amount", "one", "two", "percent", "points"})

#: How a table is shown in the report. ``own``: as the picture that is registered under its name;
#: ``words``: in the sentences of its section.
DISPLAYS: Mapping[str, str] = {
    "table": "a table",
    "heat": "a heat map",
    "dots": "dots with intervals",
    "curve": "a curve",
    "own": "a picture of its own",
    "words": "sentences",
}
#: The part of the report for who reads it through, and the one for who looks something up.
PARTS = ("main", "appendix")


@dataclass(frozen=True)
class Told:
    """One column as readers meet it.

    Parameters
    ----------
    column
        Its name in the released table.
    kind
        How it reads, one of ``KINDS``.
    head
        Key of the catalogue for what stands above it; by default ``table.<table>.<column>`` where there is such a key,
        else ``workbook.column.<column>``.
    words
        For kind ``word``: the keys of the catalogue, up to the value itself (``report.exemplar``); a value without
        such a key stands as it is, with spaces.
    width
        Of its column in the workbook, in characters.
    shade
        Whether high and low matter at a glance.

    Examples
    --------
    >>> Told("share", "percentage")
    Traceback (most recent call last):
    ValueError: Column 'share' is told as 'percentage'; known: text, segment, need, moment, feature, measure, r, word, \
alike, people, count, amount, one, two, percent, points.
    """

    column: str
    kind: str = "text"
    head: str = ""
    words: str = ""
    width: int = 14
    shade: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Column '{self.column}' is told as '{self.kind}'; known: {', '.join(KINDS)}.")


@dataclass(frozen=True)
class Shown:
    """How a released table is shown, and where.

    Parameters
    ----------
    columns
        What readers see of it, in order: the sheet of the workbook, and the table in or under the report's figure.
    display
        How the report shows it, one of ``DISPLAYS``.
    value, ends
        Of a heat map, dots or a curve: the column of the figure, and those of its interval.
    line
        Of a heat map or dots: the column that names a line. Of a curve: the column along the axis.
    across
        Of a heat map: the column that names its columns. Of dots or a curve: the column with one panel per value.
    order
        The column by which rows stand: needs and moments as the questionnaire has them, a rank from the first; by
        default as they were released.
    section, part, at
        Section of the report by its anchor (empty: not in the report), part of it (one of ``PARTS``), and place in it:
        lower comes first.
    sheet
        Sheet of the workbook (empty: none); ``workbook.sheet.<sheet>`` is its name.
    title, text
        Keys of the catalogue: the finding that titles it, by default ``report.table.<table>``, and how to read it.
    run
        Run of the tracker that gets it: ``parent``, or a child by its name (``discover``).
    """

    columns: tuple[Told, ...] = ()
    display: str = "table"
    value: str = ""
    ends: tuple[str, ...] = ()
    line: str = ""
    across: str = ""
    order: str = ""
    section: str = ""
    part: str = "main"
    at: int = 1_000
    sheet: str = ""
    title: str = ""
    text: str = ""
    run: str = "parent"

    def __post_init__(self) -> None:
        if self.display not in DISPLAYS:
            raise ValueError(f"A table is shown as '{self.display}'; known: {', '.join(DISPLAYS)}.")
        if self.part not in PARTS:
            raise ValueError(f"A table stands in part '{self.part}'; known: {', '.join(PARTS)}.")
        drawn = {"heat": ("value", "line", "across"), "dots": ("value", "line"), "curve": ("value", "line")}
        lacking = [name for name in drawn.get(self.display, ()) if not getattr(self, name)]
        if lacking:
            raise ValueError(f"What is shown as {DISPLAYS[self.display]} needs {' and '.join(lacking)}.")
        absent = {self.value, self.line, self.across, *self.ends} - {"", *(told.column for told in self.columns)}
        if absent and self.display in drawn:
            raise ValueError(f"What is drawn is told in columns: {', '.join(sorted(absent))} is not.")

    @property
    def is_drawn(self) -> bool:
        """Whether the report draws it from what is said here."""
        return self.display in ("heat", "dots", "curve")

    def told(self, column: str) -> Told:
        """How a column is told."""
        return next(one for one in self.columns if one.column == column)
