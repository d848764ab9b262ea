"""Tables as their specs tell them: a line per group, perhaps one column per value of another column, all in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.displays.column_text import cell_text, heading, name_of
from segment.displays.labels import Labels, Row, floats, numbers_in
from segment.tables.shown import View

Texts = tuple[str, ...]
#: What is ordered by number wherever it stands next to each other.
_NUMBERED = ("segment", "month")


@dataclass(frozen=True)
class Tabular:
    """A table in words: headings, rows, and the keys of what is said under it because of a column it has.

    ``segments``: those (0..k-1) that it tells of one by one; ``None`` where it is about something else.
    """

    columns: Texts
    rows: tuple[Texts, ...]
    notes: Texts = ()
    segments: frozenset[int] | None = None


def tabular(table: str, frame: pd.DataFrame, view: View, labels: Labels) -> Tabular:
    """The rows of a released table as one of its views tells them; columns that it does not have are left out."""
    frame = frame if view.with_hidden else frame[frame["status"] != "hidden"]
    frame = frame.reset_index(drop=True)
    frame = view.shape(frame) if view.shape is not None else frame
    frame = in_order_of(view, frame, labels)
    made = _across(table, frame, view, labels) if view.across is not None else _plain(table, frame, view, labels)
    notes = tuple(told.note for told in view.every_column if told.note and told.column in frame)
    return Tabular(made.columns, made.rows[: view.most], notes, _segments(frame, view))


def _segments(frame: pd.DataFrame, view: View) -> frozenset[int] | None:
    column = next((told.column for told in view.every_column if told.kind == "segment" and told.column in frame), None)
    return numbers_in(frame[column]) if column is not None else None


def in_order_of(view: View, frame: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """The rows in the order that is asked for: by the first of these columns, then by the next."""
    kinds = {told.column: told.kind for told in view.every_column}
    for column in reversed(view.order):
        frame = frame.iloc[np.argsort(_places(frame, column, kinds.get(column, ""), labels), kind="stable")]
    return frame.reset_index(drop=True)


def _places(frame: pd.DataFrame, column: str, kind: str, labels: Labels) -> np.ndarray:
    """Where each row stands: as the questionnaire has it, or by number, what has none at the end."""
    if kind not in ("need", "moment"):
        return floats(frame, column)
    known = labels.need_order(frame[column]) if kind == "need" else labels.moment_order(frame[column])
    return np.array([known.index(str(code)) for code in frame[column]], dtype=float)


def _plain(table: str, frame: pd.DataFrame, view: View, labels: Labels) -> Tabular:
    columns = [told for told in view.columns if told.column in frame]
    heads = tuple(heading(table, told, labels) for told in columns)
    rows = [tuple(cell_text(row, told, labels) for told in columns) for row in frame.to_dict("records")]
    once = [place for place, told in enumerate(columns) if told.once]
    return Tabular(heads, tuple(_said_once(rows, once)))


def _said_once(rows: Sequence[Texts], once: Sequence[int]) -> list[Texts]:
    """The rows without what they share with the one before in these places."""
    before: list[Texts] = [(), *rows]
    return [
        tuple("" if place in once and last and last[place] == cell else cell for place, cell in enumerate(row))
        for last, row in zip(before, rows, strict=False)
    ]


def _across(table: str, frame: pd.DataFrame, view: View, labels: Labels) -> Tabular:
    """One line per value of ``lines``, one column per value across."""
    across = view.across
    assert across is not None
    values = _values(frame, view)
    before, after = ([told for told in part if told.column in frame] for part in (view.columns, view.after))
    heads = (
        *(heading(table, told, labels) for told in before),
        *(_head_of(table, view, value, labels) for value in values),
        *(heading(table, told, labels) for told in after),
    )
    rows = []
    for own in _lines(frame, view):
        cells = {str(row[across.column]): row for row in own}
        line = _told_by(own, cells, view)
        bare = _bare(own, cells, values)
        rows.append(
            (
                *(cell_text(line, told, labels) for told in before),
                *(_cell(cells.get(str(value), bare), view, value, labels) for value in values),
                *(cell_text(line, told, labels) for told in after),
            )
        )
    return Tabular(heads, tuple(rows))


def _values(frame: pd.DataFrame, view: View) -> list[object]:
    """The values across: those that have cells of their own, else all there are; numbers by number, everyone first."""
    if "" not in view.cells:
        return list(view.cells)
    across = view.across
    assert across is not None
    bare = across.kind == "month"  # a hidden curve has no month
    found = {str(value): value for value in frame[across.column] if not (bare and value != value)}
    if across.kind not in _NUMBERED:
        return list(found.values())
    return sorted(found.values(), key=lambda value: -1.0 if value != value else float(value))


def _head_of(table: str, view: View, value: object, labels: Labels) -> str:
    """What stands above the cells of a value: its name, or the heading of its own cells."""
    if "" not in view.cells:
        return heading(table, view.cells[str(value)], labels)
    assert view.across is not None
    return name_of(view.across, value, labels)


def _lines(frame: pd.DataFrame, view: View) -> list[list[Row]]:
    """The rows of each line."""
    found: dict[Texts, list[Row]] = {}
    own = frame if "" in view.cells or view.across is None else frame[frame[view.across.column].isin(list(view.cells))]
    for row in own.to_dict("records"):
        found.setdefault(tuple(str(row[name]) for name in view.lines), []).append(row)
    return list(found.values())


def _told_by(own: Sequence[Row], cells: Mapping[str, Row], view: View) -> Row:
    """The row that tells of a whole line: that of the first value with cells of its own, else one that is shown."""
    if "" not in view.cells:
        first = next(iter(view.cells))
        return cells.get(first, {**own[0], "n": None})
    return next((row for row in own if row["status"] != "hidden"), own[0])


def _bare(own: Sequence[Row], cells: Mapping[str, Row], values: Sequence[object]) -> Row | None:
    """The row of a hidden group that says no value across, as its figures chose which: it stands in every cell."""
    said = {str(value) for value in values} & cells.keys()
    return own[0] if not said and own[0]["status"] == "hidden" else None


def _cell(row: Row | None, view: View, value: object, labels: Labels) -> str:
    return "–" if row is None else cell_text(row, view.cells.get(str(value)) or view.cells[""], labels)
