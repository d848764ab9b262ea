"""One raw file read as its declaration says: every column by our name, every deviation written down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd

from segment.config import FileConfig
from segment.ingest.findings import Findings
from segment.ingest.parsing import as_dates, as_numbers, as_text, translate
from segment.ingest.raw import RawTable, near
from segment.ingest.readers import read_raw
from segment.ingest.sensitive import is_denied

_ALL = "*"


class DeclaredFile:
    """A raw file with its declaration.

    ``names`` says which file column each of our names stands for. Translations (``values``) and words for 'not
    known' (``missing``) go by our name; the name ``*`` stands for every column.
    """

    def __init__(self, raw: RawTable, config: FileConfig, names: Mapping[str, str], findings: Findings) -> None:
        self.raw, self.config, self.names, self.findings = raw, config, dict(names), findings
        self._dates: dict[str, pd.Series] = {}

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
        return column in self.raw.frame.columns and (name in self.names or not _ignored(column, self.config))

    def column(self, name: str) -> str:
        """The file's column for one of our names."""
        return self.names.get(name, name)

    def stored_as_number(self, name: str) -> bool:
        """Whether the file itself holds numbers in this column (Excel, Parquet), so that no decimal sign is in play."""
        kind = self._cells(name).dtype
        return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)

    def text(self, name: str) -> pd.Series:
        """A column as text, translated as declared; missing where nothing is known."""
        return translate(as_text(self._cells(name)), values=self._values(name), missing=self._missing(name))

    def numbers(self, name: str, *, missing: Collection[str] = ()) -> pd.Series:
        """A column as numbers; what is not a number is written down (DQ031) and becomes missing."""
        cells = self._cells(name)
        stored = self.stored_as_number(name)
        values, absent = self._values(name), {*self._missing(name), *missing}
        if stored and not values:
            return _without(cells.astype("float64"), absent)
        parsed = as_numbers(
            translate(as_text(cells), values=values, missing=absent), decimal="." if stored else self.config.decimal
        )
        if parsed.bad.any():
            sign = "comma" if self.config.decimal == "," else "point"
            self.report("DQ031", name, parsed.bad, expected=f"numbers with a decimal {sign}")
        return parsed.column

    def dates(self, name: str, *, years: bool = False) -> pd.Series:
        """A column as dates; what is no date or can be read in two ways is written down (DQ021, DQ022)."""
        if name not in self._dates:
            self._dates[name] = self._read_dates(name, years)
        return self._dates[name].copy()

    def _read_dates(self, name: str, years: bool) -> pd.Series:
        cells = self._cells(name)
        if pd.api.types.is_datetime64_any_dtype(cells.dtype):
            known = cells.mask(as_text(cells).isin(list(self._missing(name))))
            return known.astype("datetime64[us]").dt.normalize()
        parsed = as_dates(self.text(name), date_format=self.config.date_format, years=years)
        if parsed.ambiguous.any():
            self.report("DQ021", name, parsed.ambiguous, came="day and month in an order that nobody declared")
        if parsed.bad.any():
            self.report(
                "DQ022",
                name,
                parsed.bad,
                expected=self.config.date_format or "dates as 2025-04-03, or a declared date_format",
            )
        return parsed.column

    def report(self, code: str, name: str, marked: np.ndarray, *, expected: str = "", came: str = "") -> None:
        """Write down a finding about one of our columns and the marked rows."""
        self.findings.add(
            code,
            self.file,
            column=self.column(name),
            rows=self.rows[np.asarray(marked, dtype=bool)],
            expected=expected,
            came=came,
        )

    def _cells(self, name: str) -> pd.Series:
        return self.raw.frame[self.column(name)]

    def _values(self, name: str) -> Mapping[str, str]:
        declared = dict(self.config)["values"]
        return {**declared.get(_ALL, {}), **declared.get(name, {})}

    def _missing(self, name: str) -> tuple[str, ...]:
        return (*self.config.missing.get(_ALL, ()), *self.config.missing.get(name, ()))


def _without(numbers: pd.Series, absent: Collection[str]) -> pd.Series:
    """Numbers without those that mean 'not known'."""
    codes = [float(word) for word in absent if _is_number(word)]
    return numbers.mask(numbers.isin(codes)) if codes else numbers


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def open_declared(
    path: Path,
    config: FileConfig,
    findings: Findings,
    *,
    required: Iterable[str],
    known: Iterable[str],
    optional: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
    prefixes: tuple[str, ...] = (),
    deny: tuple[str, ...] = (),
    figures: bool = False,
) -> DeclaredFile | None:
    """Open a raw file and hold its columns against their declaration.

    Parameters
    ----------
    required, known
        Our names that must be there, and that this table may have.
    optional
        Names among ``known`` whose absence means nothing, even when they stand under ``columns``.
    columns
        Our name to file column, declared elsewhere than under ``columns`` (attributes, outcome); these must exist.
    prefixes
        Beginnings of our names that this table may have besides (``W_rank6_``).
    deny
        Further names that may never be taken in.
    figures
        Whether columns of numbers need no declaration: right for tables about units, never for tables about people.

    Returns nothing when the file cannot be read or its columns do not allow going on; why is in ``findings``.
    """
    raw = read_raw(path, findings, delimiter=config.delimiter, encoding=config.encoding, sheet=config.sheet)
    if raw is None:
        return None
    words = {*required, *known, *(columns or {}), *(_figures(raw, config) if figures else ())}
    present = list(map(str, raw.frame.columns))
    names = {**config.columns, **(columns or {})}
    _check_settings(raw.file, config, words, prefixes, findings)
    absent = _check_presence(raw.file, names, required, set(optional), present, findings)
    _check_declared(raw.file, config, names, words, prefixes, present, findings)
    _check_denied(raw.file, config, names, words, prefixes, present, deny, findings)
    kept = _kept_rows(raw, config, names, findings)
    if kept is None or any(name in absent for name in required):
        return None
    if not len(kept.frame):
        findings.add(
            "DQ008",
            raw.file,
            count=0,
            came="a header without rows" if not len(raw.frame) else "no row that 'keep' asks for",
        )
        return None
    return DeclaredFile(kept, config, names, findings)


def _check_settings(
    file: str, config: FileConfig, words: Collection[str], prefixes: tuple[str, ...], findings: Findings
) -> None:
    """Names in the study file that no table has (DQ011)."""
    for setting in ("columns", "values", "missing"):
        for name in getattr(config, setting):
            if name not in words and name != _ALL and not (prefixes and name.startswith(prefixes)):
                hint = near(name, words)
                findings.add(
                    "DQ011",
                    file,
                    column=name,
                    count=1,
                    came=f"'{name}' under '{setting}'" + (f"; {hint}" if hint else ""),
                )


def _check_presence(
    file: str,
    names: Mapping[str, str],
    required: Iterable[str],
    optional: Collection[str],
    present: list[str],
    findings: Findings,
) -> set[str]:
    """Required and declared columns that the file does not have (DQ009); returns our names of them."""
    absent = set()
    for name in dict.fromkeys([*required, *names]):
        column = names.get(name, name)
        if column in present or name in optional:
            continue
        absent.add(name)
        hint = near(column, present)
        findings.add(
            "DQ009",
            file,
            column=column,
            count=1,
            expected=f"a column for '{name}'",
            came=f"none; {hint}" if hint else "none",
        )
    return absent


def _figures(raw: RawTable, config: FileConfig) -> list[str]:
    """Columns that hold numbers and nothing else."""
    texts = {name: as_text(raw.frame[name]) for name in map(str, raw.frame.columns)}
    return [name for name, text in texts.items() if not as_numbers(text, decimal=config.decimal).bad.any()]


def _ignored(column: str, config: FileConfig) -> bool:
    return any(fnmatchcase(column, pattern) for pattern in config.ignore)


def _taken(
    column: str, config: FileConfig, names: Mapping[str, str], words: Collection[str], prefixes: tuple[str, ...]
) -> bool:
    """Whether a file column is taken in: named by us, or carrying one of our names itself and not left out."""
    if column in names.values():
        return True
    own = column in words or bool(prefixes and column.startswith(prefixes))
    return own and column not in names and not _ignored(column, config)


def _check_declared(
    file: str,
    config: FileConfig,
    names: Mapping[str, str],
    words: Collection[str],
    prefixes: tuple[str, ...],
    present: list[str],
    findings: Findings,
) -> None:
    """Columns nobody declared (DQ010)."""
    keep = {rule.column for rule in config.keep}
    for column in present:
        if not _taken(column, config, names, words, prefixes) and not _ignored(column, config) and column not in keep:
            hint = near(column, words)
            findings.add(
                "DQ010",
                file,
                column=column,
                count=1,
                came="a column that the study file does not speak of" + (f"; {hint}" if hint else ""),
            )


def _check_denied(
    file: str, config: FileConfig, names: Mapping[str, str], words: Collection[str], prefixes: tuple[str, ...],
    present: list[str], deny: tuple[str, ...], findings: Findings,
) -> None:  # fmt: skip
    """Declared columns whose name says that they may never come in (DQ012); the identifier is pseudonymised."""
    identifier = names.get("person_id", "person_id")
    ours = {column: name for name, column in names.items()}
    for column in present:
        if column == identifier or not _taken(column, config, names, words, prefixes):
            continue
        if is_denied(column, further=deny) or is_denied(ours.get(column, column), further=deny):
            findings.add("DQ012", file, column=column, count=1, came="a name on the list of what identifies people")


def _kept_rows(raw: RawTable, config: FileConfig, names: Mapping[str, str], findings: Findings) -> RawTable | None:
    """The rows that belong to the study."""
    keep = np.ones(len(raw.frame), dtype=bool)
    for rule in config.keep:
        column = names.get(rule.column, rule.column)
        if column not in raw.frame.columns:
            hint = near(column, map(str, raw.frame.columns))
            findings.add(
                "DQ009",
                raw.file,
                column=column,
                count=1,
                expected="the column that 'keep' names",
                came=f"none; {hint}" if hint else "none",
            )
            return None
        text = as_text(raw.frame[column])
        if rule.answered:
            keep &= text.notna().to_numpy()
        if wanted := dict(rule)["values"]:
            keep &= text.isin(list(wanted)).to_numpy()
    return raw if keep.all() else raw.where(keep)
