"""How a released table is shown to readers: as data, for whoever draws, writes, tracks or documents it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

#: How a column of a released table reads, and what that looks like.
KINDS: Mapping[str, str] = {
    "text": "as it is",
    "segment": "a segment by its name",
    "need": "a need by its name",
    "moment": "a moment by its name",
    "offer": "an open role by its name",
    "action": "an action by its title",
    "feature": "a question or attribute by its name",
    "question": "a question by its name, with the scale it was asked on",
    "grouping": "a way of grouping people by its name",
    "group": "a group as the study calls it, or everyone",
    "segments": "segments by their names, in a phrase",
    "month": "a number of months, in a phrase",
    "parts": "whether it is whole, or in how many parts, in a phrase",
    "measure": "a measure by its name",
    "about": "a need, or else a measure, by its name",
    "r": "one of the seven Rs",
    "word": "the word of the catalogue for it",
    "alike": "whether the next in rank is about as much",
    "unit": "the unit of the row's difference: hundredths where there is a share, else points of its own scale",
    "people": "a number of people, or its band",
    "count": "a whole number",
    "amount": "an amount",
    "one": "one decimal",
    "two": "two decimals",
    "percent": "a share as a percentage",
    "points": "percent as they stand",
    "change": "a difference in percent, with its sign",
    "signed": "a difference, with its sign",
    "measured": "as its measure has it: a mean, a share, or points",
}
#: Kinds that are figures: where a row is hidden, they are.
FIGURES = frozenset({"people", "count", "amount", "one", "two", "percent", "points", "change", "signed", "measured"})

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
#: The report, for who reads it through, and the method file beside it, for reviewers.
PARTS = ("main", "appendix")
#: When a table is shown, where not in every study that has it.
STUDIES: Mapping[str, str] = {
    "": "in every study",
    "segments": "where segments may be named",
    "seen": "where it was seen who leaves, not asked",
}


@dataclass(frozen=True)
class ShownColumn:
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
    ends
        Columns of its interval. It stands in brackets behind the figure; in a column that is one of them, alone.
    yes
        Column of the share who say yes, shown where the question had two answers and there is no mean.
    share
        Column of the share that a row has in place of a mean. This figure, in points of a hundred there, is then told
        as a part of one, as that share is.
    digits
        Decimals, where not those of its kind.
    blank
        Key of the catalogue for what stands where it says nothing; by default a dash.
    once
        Whether it stands at the first of the lines that share it, and not again.
    note
        Key of the catalogue for what is said under a table that has this column.

    Examples
    --------
    >>> ShownColumn("share", "percentage")
    Traceback (most recent call last):
    ValueError: Column 'share' is shown as 'percentage'; known: text, segment, need, moment, offer, action, feature, \
question, grouping, group, segments, month, parts, measure, about, r, word, alike, unit, people, count, amount, one, \
two, percent, points, change, signed, measured.
    """

    column: str
    kind: str = "text"
    head: str = ""
    words: str = ""
    width: int = 14
    shade: bool = False
    ends: tuple[str, ...] = ()
    yes: str = ""
    share: str = ""
    digits: int = -1
    blank: str = ""
    once: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Column '{self.column}' is shown as '{self.kind}'; known: {', '.join(KINDS)}.")


@dataclass(frozen=True)
class View:
    """One table of the report, made of the rows of a released table.

    Parameters
    ----------
    columns, after
        What is shown of each line: before and after its ``cells``.
    across
        How the column is shown whose values stand next to each other, one column of cells each; without it, every row
        is a line.
    cells
        What stands under each of these values, by the value; under ``""``: under every one of them.
    lines
        The columns that rows on one line share.
    shape
        What is made of the released rows first; by default they are shown as they are.
    order
        The columns by which rows stand: needs and moments as the questionnaire has them, else by number; by default as
        they were released.
    most
        How many lines, the first of them.
    with_hidden
        Whether rows that were hidden stand in it, and say so.
    title, text
        Keys of the catalogue; by default those of the table.
    part
        Part of the report it stands in (one of ``PARTS``), where its table stands in the main part.

    Examples
    --------
    >>> View((ShownColumn("segment", "segment"),), across=ShownColumn("need", "need"))
    Traceback (most recent call last):
    ValueError: Values next to each other need cells under them, and the columns that make a line.
    """

    columns: tuple[ShownColumn, ...]
    across: ShownColumn | None = None
    cells: Mapping[str, ShownColumn] = field(default_factory=dict)
    after: tuple[ShownColumn, ...] = ()
    lines: tuple[str, ...] = ()
    shape: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    order: tuple[str, ...] = ()
    most: int | None = None
    with_hidden: bool = True
    title: str = ""
    text: str = ""
    part: str = "main"

    def __post_init__(self) -> None:
        if (self.across is not None) != bool(self.cells) or bool(self.cells) != bool(self.lines):
            raise ValueError("Values next to each other need cells under them, and the columns that make a line.")
        if self.part not in PARTS:
            raise ValueError(f"A view stands in part '{self.part}'; known: {', '.join(PARTS)}.")

    @property
    def every_column(self) -> tuple[ShownColumn, ...]:
        """Every column that is shown in it."""
        across = (self.across,) if self.across is not None else ()
        return (*self.columns, *across, *self.cells.values(), *self.after)


@dataclass(frozen=True)
class Entry:
    """Lines that a table puts on a sheet which it shares with others: one per released row.

    Parameters
    ----------
    what
        Key of the catalogue for what the line is.
    cells
        Column of the sheet -> column of the table. What a table does not have is left empty; without the first of
        the columns that hold figures of it, there are no lines.
    by
        Column that says of which kind a line is, where words differ by that: ``<what>.<its value>``.
    fills
        What fills the places that those words leave open: how a column is shown, or a key of the catalogue.
    shape
        What is made of the released rows first; by default each is a line.
    study
        When there are such lines, one of ``STUDIES``.
    """

    what: str
    cells: Mapping[str, str]
    by: str = ""
    fills: Mapping[str, ShownColumn | str] = field(default_factory=dict)
    shape: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    study: str = ""


@dataclass(frozen=True)
class Shown:
    """How a released table is shown, and where.

    Parameters
    ----------
    columns
        What readers see of it, in order: the sheet of the workbook, and the table in or under the report's figure.
    views
        The tables of the report, where they are shown in another way than ``columns``.
    entries
        Its lines on a sheet that it shares with other tables; ``columns`` are not shown there.
    study
        When it is shown in the report, one of ``STUDIES``.
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
    shape
        What is made of the released rows before they are drawn; by default all of them are.
    scale, steps
        Of dots: how far the axis may reach from zero, of which the first that holds all figures is taken, and in how
        many steps; by default round ends around the figures.
    axis, reference
        Of dots: whether the axis says what it measures, and whether the figure of everyone is a line beside the others.
    why_not
        The column that says why a row can have no figure; where it does, nothing was measured and nothing is hidden.
    always
        Whether it stands in the report without any rows too, because what was not measured belongs to it.
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

    columns: tuple[ShownColumn, ...] = ()
    views: tuple[View, ...] = ()
    entries: tuple[Entry, ...] = ()
    study: str = ""
    display: str = "table"
    value: str = ""
    ends: tuple[str, ...] = ()
    line: str = ""
    across: str = ""
    order: str = ""
    shape: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    scale: tuple[float, ...] = ()
    steps: int = 2
    axis: bool = True
    reference: bool = False
    why_not: str = ""
    always: bool = False
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
        if self.study not in STUDIES:
            raise ValueError(f"A table is shown where '{self.study}'; known: {', '.join(filter(None, STUDIES))}.")
        drawn = {"heat": ("value", "line", "across"), "dots": ("value", "line"), "curve": ("value", "line")}
        lacking = [name for name in drawn.get(self.display, ()) if not getattr(self, name)]
        if lacking:
            raise ValueError(f"What is shown as {DISPLAYS[self.display]} needs {' and '.join(lacking)}.")
        told = {name for one in self.columns for name in (one.column, *one.ends)}
        absent = {self.value, self.line, self.across, *self.ends} - {"", *told}
        if absent and self.display in drawn:
            raise ValueError(f"What is drawn is shown in columns: {', '.join(sorted(absent))} is not.")

    @property
    def tables(self) -> tuple[View, ...]:
        """The tables of the report, in the order of what is drawn where they have none of their own."""
        order = (self.order,) if self.order else ()
        return tuple(replace(one, order=one.order or order) for one in self.views) or (View(self.columns, order=order),)

    @property
    def is_drawn(self) -> bool:
        """Whether the report draws it from what is said here."""
        return self.display in ("heat", "dots", "curve")

    def column_of(self, column: str) -> ShownColumn:
        """How a column is shown."""
        return next(one for one in self.columns if one.column == column)
