"""One raw file read as its declaration says: every column by our name, every deviation written down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from segment.config import FileConfig
from segment.ingest.advice import on_days
from segment.ingest.columns import ALL, by_our_names, ignored
from segment.ingest.date_formats import on_format
from segment.ingest.findings import Findings
from segment.ingest.parsing import as_dates, as_text, is_one_of, order_of, translate
from segment.ingest.raw import RawTable
from segment.ingest.reading import Column, Deviation
from segment.ingest.unknown import key_of

#: Zones that name no place, in which exports store the midnights of another one.
_NO_PLACE = ("UTC", "+00:00", "Etc/UTC")


class DeclaredFile:
    """A raw file with its declaration.

    ``names`` says which file column each of our names stands for, ``called`` what the study calls some of them;
    ``left_out`` holds the rows that 'keep' leaves out of the study.
    Translations (``values``) and words for 'not known' (``missing``) go by either; ``*`` stands for every column.
    """

    def __init__(
        self,
        raw: RawTable,
        config: FileConfig,
        names: Mapping[str, str],
        findings: Findings,
        *,
        own: Callable[[str], bool] = lambda _: False,
        called: Mapping[str, str] | None = None,
        left_out: RawTable | None = None,
    ) -> None:
        self.called, self.left_out = dict(called or {}), left_out
        self.raw, self.names, self.findings = raw, dict(names), findings
        self.config = by_our_names(config, self.names, self.called)
        self._own = own
        self._kept = {one for one in map(str, raw.frame.columns) if not ignored(one, self.config, own=own(one))}
        self._dates: dict[str, pd.Series] = {}

    def where(self, keep: np.ndarray) -> DeclaredFile:
        """The file's rows for which ``keep`` is true, under the same declaration."""
        return DeclaredFile(
            self.raw.where(keep), self.config, self.names, self.findings, own=self._own, called=self.called,
            left_out=self.left_out,
        )  # fmt: skip

    @property
    def file(self) -> str:
        """The file's name."""
        return self.raw.file

    @property
    def rows(self) -> np.ndarray:
        """The spreadsheet row of every row."""
        return self.raw.rows

    def has(self, name: str) -> bool:
        """Whether the file has the column that one of our names stands for, and it is not left out."""
        column = self.column(name)
        return column in self._kept or (name in self.names and column in self.raw.frame.columns)

    def beginning_with(self, start: str) -> list[str]:
        """Our names of the file's columns that begin so: those that the declaration names first."""
        renamed = [name for name in self.names if name.startswith(start) and self.has(name)]
        taken = {self.column(name) for name in renamed}
        own = [name for name in map(str, self.raw.frame.columns) if name.startswith(start) and name not in taken]
        return renamed + [name for name in own if self.has(name)]

    def column(self, name: str) -> str:
        """The file's column for one of our names."""
        return self.names.get(name, name)

    def key(self, name: str) -> str:
        """What a setting for one of our columns is given under, as the study file can hold it."""
        return key_of(self.called.get(name, name))

    def take(self, name: str) -> Column:
        """One of our columns with all that the declaration says of it."""
        return Column(
            name, self.key(name), self._cells(name), self._labels(name), self._values(name), self._missing(name),
            self.config.decimal_of(name), self.config.decimal_is_said(name),
        )  # fmt: skip

    def text(self, name: str) -> pd.Series:
        """A column as text (:meth:`Column.text`)."""
        return self.take(name).text()

    def numbers(self, name: str) -> pd.Series:
        """A column as numbers (:meth:`Column.numbers`); what is no number is written down (DQ031, DQ051)."""
        values, deviations = self.take(name).numbers()
        self.write_down(deviations)
        return values

    def filled(self, name: str) -> np.ndarray:
        """Which cells of a column hold anything."""
        return as_text(self._cells(name)).notna().to_numpy(dtype=bool)

    def declared_away(self, name: str, also: Collection[str] = ()) -> np.ndarray:
        """Which filled cells count as 'not known' because the study file says so."""
        filled = as_text(self._cells(name))
        absent = {*self._missing(name), *also}
        read = translate(filled, values=self._values(name), missing=absent)
        return (filled.notna() & (read.isna() | is_one_of(read, absent))).to_numpy(dtype=bool)

    def not_known(self, name: str, also: Collection[str] = ()) -> np.ndarray:
        """Cells that count as 'not known' because the study file says so; the word ``''`` stands for an empty cell."""
        away = self.declared_away(name, also)
        return away | ~self.filled(name) if "" in self._missing(name) else away

    def dates(self, name: str, *, years: bool = False) -> pd.Series:
        """A column as dates; what is no date or can be read in two ways is written down (DQ021, DQ022)."""
        if name not in self._dates:
            self._dates[name] = self._read_dates(name, years)
        return self._dates[name].copy()

    def _read_dates(self, name: str, years: bool) -> pd.Series:
        cells = self._cells(name)
        written = self.config.date_format_of(name)
        if pd.api.types.is_datetime64_any_dtype(cells.dtype):
            local = self._local(name, cells)
            return local.mask(as_text(local).isin(list(self._missing(name))))
        text = self.text(name)
        parsed = as_dates(text, date_format=written, years=years, zone=self.config.time_zone_of(name))
        if parsed.ambiguous.any():
            self._report_order(name, text, parsed.ambiguous)
        if parsed.bad.any():
            expected = written or "dates as 2025-04-03, or a declared date_format"
            every = not parsed.column.notna().any() and not parsed.ambiguous.any()
            advice = on_days(self.key(name), text[parsed.bad], every=every)
            self.report("DQ022", name, parsed.bad, expected=expected, advice=advice)
        return parsed.column

    def _local(self, name: str, cells: pd.Series) -> pd.Series:
        """Stored moments as calendar days: of the zone they were stored in, or of the declared one."""
        stored, wanted = getattr(cells.dtype, "tz", None), self.config.time_zone_of(name)
        if stored is None:
            return cells.astype("datetime64[us]").dt.normalize()
        if wanted is None and str(stored) in _NO_PLACE and (cells.dropna().dt.normalize() != cells.dropna()).any():
            self.findings.add(
                "DQ052", self.file, column=self.column(name), count=int(cells.notna().sum()),
                expected="dates, or moments in the zone of the place", came=f"moments in {stored}, not midnight",
            )  # fmt: skip
        local = cells.dt.tz_convert(wanted) if wanted is not None else cells
        result: pd.Series = local.dt.tz_localize(None).astype("datetime64[us]").dt.normalize()
        return result

    def _report_order(self, name: str, text: pd.Series, marked: np.ndarray) -> None:
        """Dates whose order is open (DQ021): two orders in one column, or an order that nobody declared."""
        orders = text.map(order_of, na_action="ignore")
        both = [self.rows[(orders == order).to_numpy(dtype=bool)] for order in ("day", "month")]
        if all(map(len, both)):
            came = f"the day first on row {both[0][0]} and the month first on row {both[1][0]}, in one column"
            advice = "export this column again as 2025-04-03; a 'date_format' cannot fit both"
        else:
            came = "day and month in an order that nobody declared"
            advice = on_format(self.key(name), text) or (
                "export this column again as 2025-04-03; no one 'date_format' reads all of its dates"
            )
        self.report("DQ021", name, marked, came=came, advice=advice)

    def report(
        self, code: str, name: str, marked: np.ndarray, *, expected: str = "", came: str = "", advice: str = ""
    ) -> None:
        """Write down a finding about one of our columns and the marked rows."""
        self.write_down([Deviation(code, name, marked, expected=expected, came=came, advice=advice)])

    def write_down(self, deviations: Iterable[Deviation]) -> None:
        """Write down what deviates from the declaration, as findings about this file."""
        for one in deviations:
            rows = () if one.marked is None else self.rows[np.asarray(one.marked, dtype=bool)]
            self.findings.add(
                one.code,
                self.file,
                column=self.column(one.name),
                rows=rows,
                count=one.count,
                expected=one.expected,
                came=one.came,
                advice=one.advice,
            )

    def _cells(self, name: str) -> pd.Series:
        return self.raw.frame[self.column(name)]

    def _labels(self, name: str) -> Mapping[str, str]:
        """Code -> what the file says that it stands for."""
        return self.raw.labels.get(self.column(name), {})

    def _values(self, name: str) -> Mapping[str, str]:
        """Declared translations, by code; those that are given for a label hold for its code."""
        written = self.config.our_values
        declared = {**written.get(ALL, {}), **written.get(name, {})}
        labelled = {code: declared[label] for code, label in self._labels(name).items() if label in declared}
        return {**labelled, **declared}

    def _missing(self, name: str) -> tuple[str, ...]:
        declared = (*self.config.missing.get(ALL, ()), *self.config.missing.get(name, ()))
        return (*declared, *(code for code, label in self._labels(name).items() if label in declared))
