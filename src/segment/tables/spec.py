"""What a table promises: its columns, its key, and who its rows are about.

A schema is checked when a table is written and when it is read. A broken promise is an ``InvalidTable`` that
names the table, the columns and the rules; it never shows a row, because rows may be people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pandera.pandas as pa

from segment.errors import InvalidTable
from segment.tables.release_plan import Frames, ReleasePlan
from segment.tables.shown import Shown, ShownColumn

#: What floating point may be off at the end of a range.
_HAIR = 1e-9

_DTYPES: dict[str, str] = {
    "text": "str",
    "integer": "int64",
    "number": "float64",
    "flag": "bool",
    "date": "datetime64[us]",
}


@dataclass(frozen=True)
class Column:
    """One column: its kind (``text``, ``integer``, ``number``, ``flag``, ``date``), range, unit, and what it means.

    ``words``, of codes that the program writes: the keys of the catalogue up to the code (``experience.reason``). A
    table holds no sentence; whoever reads it says ``<words>.<code>`` in a language, and the row fills what that leaves
    open.
    """

    name: str
    kind: str
    about: str
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] | None = None
    unit: str = ""
    words: str = ""

    def pandera(self) -> pa.Column:
        """The same promise in pandera's terms."""
        checks = []
        if self.low is not None:
            checks.append(pa.Check.ge(self.low, error=f"at least {self.low:g}"))
        if self.high is not None:
            checks.append(pa.Check.le(self.high, error=f"at most {self.high:g}"))
        if self.allowed is not None:
            checks.append(pa.Check.isin(list(self.allowed), error=f"one of {', '.join(self.allowed)}"))
        return pa.Column(_DTYPES[self.kind], checks=checks, nullable=self.nullable, coerce=True)


@dataclass(frozen=True)
class Maker:
    """What makes a table of others: in which stage, and which ones it needs; without one of them it is not made.

    ``make`` takes the tables by their names and hands back the table; one without rows is not written.
    """

    stage: str
    needs: tuple[str, ...]
    make: Callable[[Frames], pd.DataFrame]


@dataclass(frozen=True)
class TableSpec:
    """A named table: one row per what, its key, its columns, and the prefixes of columns a study adds.

    ``open_to`` says which further columns may appear: a tuple of prefixes (``("score_",)``), ``("*",)`` for any,
    or nothing. ``about_people`` marks tables with one row per person: they never leave the workspace as they are.
    ``release`` says how the table leaves; without it, it does not. ``made`` are the columns that
    exist in a release only. ``shown`` says how readers meet what leaves.
    ``maker`` makes it of other tables; without it, its stage hands it back itself.

    Raises
    ------
    ValueError
        A column is shown that no release has.
    """

    name: str
    one_row_per: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    open_to: tuple[str, ...] = ()
    about_people: bool = False
    release: ReleasePlan | None = None
    made: tuple[Column, ...] = ()
    shown: Shown | None = None
    maker: Maker | None = None

    def __post_init__(self) -> None:
        absent = [told.column for told in self.shown_columns if told.column not in self.leaving]
        if absent:
            raise ValueError(f"Table '{self.name}' shows what does not leave: {', '.join(absent)}.")

    @property
    def shown_columns(self) -> tuple[ShownColumn, ...]:
        """What readers see of it, column by column; not what a view makes of its rows first."""
        if self.shown is None:
            return ()
        return (
            *self.shown.columns,
            *(told for view in self.shown.views if view.shape is None for told in view.every_column),
        )

    @property
    def leaving(self) -> tuple[str, ...]:
        """The columns of a release of it, those that it may lack included; nothing where it does not leave."""
        plan = self.release
        if plan is None:
            return ()
        figures = (*plan.means, *plan.shares, *plan.overall, *plan.texts)
        return (*plan.groups, *plan.lines, "n", *figures, *plan.ranks, *plan.alike)

    @cached_property
    def _pandera(self) -> pa.DataFrameSchema:
        return pa.DataFrameSchema(
            {column.name: column.pandera() for column in self.columns}, strict=False, name=self.name
        )

    def empty(self) -> pd.DataFrame:
        """The table without rows, with every declared column in its type."""
        return pd.DataFrame({c.name: pd.Series(dtype=_DTYPES[c.kind]) for c in self.columns})

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame with declared columns first and in their types, or refuse.

        Raises
        ------
        InvalidTable
            Missing or unexpected columns, wrong types or ranges, a repeated key; all of them at once.

        Examples
        --------
        >>> schema = TableSpec("ages", "person", ("person",),
        ...                      (Column("person", "text", "who"), Column("years", "integer", "age", low=0)))
        >>> schema.check(pd.DataFrame({"person": ["a", "a"], "years": [3, -1]}))
        Traceback (most recent call last):
        segment.errors.InvalidTable: Table 'ages' does not keep its schema.
          found: column years: at least 0 (1 row); key person: 2 rows share a key
        """
        problems, frame = [*self._column_problems(frame)], self._snapped(frame)
        if not problems:
            try:
                frame = self._pandera.validate(frame, lazy=True)
            except pa.errors.SchemaErrors as failure:
                problems.extend(_read_failures(failure.failure_cases))
            problems.extend(self._key_problems(frame))
        if problems:
            raise InvalidTable(f"Table '{self.name}' does not keep its schema.", came="; ".join(problems)) from None
        declared = [column.name for column in self.columns]
        return frame[[*declared, *(c for c in frame.columns if c not in set(declared))]]

    def _snapped(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Numbers beyond an end of their range by no more than floating point is off, at that end.

        A share of weights that adds up all of them is 1 and may come out at 1 + 2e-16.
        """
        found = {}
        for column in self.columns:
            if column.name not in frame or not pd.api.types.is_float_dtype(frame[column.name]):
                continue
            own = frame[column.name]
            for end, sign in ((column.low, -1), (column.high, 1)):
                if end is not None and (over := (sign * (own - end) > 0) & (sign * (own - end) < _HAIR)).any():
                    own = found[column.name] = own.mask(over, end)
        return frame.assign(**found) if found else frame

    def _column_problems(self, frame: pd.DataFrame) -> Iterable[str]:
        declared = {column.name for column in self.columns}
        for name in sorted(declared - set(frame.columns)):
            yield f"column {name} is missing"
        for name in frame.columns:
            if name not in declared and not self._is_open(str(name)):
                yield f"column {name} is not part of it"

    def _is_open(self, name: str) -> bool:
        return any(prefix == "*" or name.startswith(prefix) for prefix in self.open_to)

    def _key_problems(self, frame: pd.DataFrame) -> Iterable[str]:
        if self.key:
            shared = int(frame.duplicated(list(self.key), keep=False).sum())
            if shared:
                yield f"key {', '.join(self.key)}: {shared} rows share a key"


def _read_failures(cases: pd.DataFrame) -> Iterable[str]:
    """One line per column and rule, with a count instead of the failing values."""
    for (column, rule), rows in cases.groupby(["column", "check"], dropna=False, sort=True):
        count = len(rows)
        yield f"column {column}: {rule} ({count} row{'s' if count != 1 else ''})"
