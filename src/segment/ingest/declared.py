"""One raw file read as its declaration says: every column by our name, every deviation written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd

from segment.config import FileConfig
from segment.ingest.columns import (
    ALL,
    by_our_names,
    ignored,
)
from segment.ingest.findings import Findings
from segment.ingest.labels import Labels
from segment.ingest.parsing import as_dates, as_numbers, as_text, is_day_number, is_one_of, order_of, translate
from segment.ingest.raw import RawTable
from segment.ingest.unknown import NAMED_FROM, key_of, looks_unknown, named, quoted

#: Zones that name no place, in which exports store the midnights of another one.
_NO_PLACE = ("UTC", "+00:00", "Etc/UTC")
_WRITTEN = {"day": "%d-%m-%Y", "month": "%m-%d-%Y"}
#: Texts among numbers are answers in words when there are few different ones and they are this share of what is filled.
_MOST_WORDS, _WORDS_FROM = 12, 0.2
#: Signs of a unit that exports write beside a number; and how many of the unread cells one explanation has to explain.
_SIGNS, _MOSTLY = r"\s*[%\u2030\u20ac$\u00a3\u00b0]\s*", 0.5
#: The one number that stands by itself in an answer such as '1 - disagree'.
_LABELLED = re.compile(r"[\s(\[]*(\d+)\b\D*|\D*[\s(\[](\d+)[\s)\].]*")


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
        return column in self.raw.frame.columns and (
            name in self.names or not ignored(column, self.config, own=self._own(column))
        )

    def column(self, name: str) -> str:
        """The file's column for one of our names."""
        return self.names.get(name, name)

    def key(self, name: str) -> str:
        """What a setting for one of our columns is given under, as the study file can hold it."""
        return key_of(self.called.get(name, name))

    def stored_as_number(self, name: str) -> bool:
        """Whether the file itself holds numbers in this column (Excel, Parquet), so that no decimal sign is in play."""
        kind = self._cells(name).dtype
        return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)

    def text(self, name: str) -> pd.Series:
        """A column as text, translated as declared; missing where nothing is known.

        Where the file says what its codes stand for, that is the text.
        """
        values = {**self._labels(name), **self._values(name)}
        return translate(as_text(self._cells(name)), values=values, missing=self._missing(name))

    def codes(self, name: str) -> pd.Series:
        """A column as :meth:`text`, with the codes that the file stores."""
        return translate(as_text(self._cells(name)), values=self._values(name), missing=self._missing(name))

    def numbers(self, name: str, *, missing: Collection[str] = (), labels: Labels | None = None) -> pd.Series:
        """A column as numbers without those that mean 'not known', compared as numbers: 99.0 is 99.

        ``labels``: what words among them stand for, where they are the labels of a scale.

        What is not a number is written down (DQ031) and becomes missing, and so are numbers whose mark can part
        thousands or decimals where nobody declared which (DQ051).
        """
        cells = self._cells(name)
        stored = self.stored_as_number(name)
        values, absent = self._values(name), {*self._missing(name), *missing}
        if stored and not values:
            return _without(cells.astype("float64"), absent)
        decimal = "." if stored else self.config.decimal_of(name)
        text = translate(as_text(cells), values=values, missing=absent)
        parsed = as_numbers(text, decimal=decimal)
        if parsed.bad.any() and labels is not None:
            text = labels.read(text, parsed.bad, spoken=self._labels(name))
            parsed = as_numbers(text, decimal=decimal)
        if parsed.bad.any():
            sign = "comma" if decimal == "," else "point"
            advice = self._advice_on_words(name, text, parsed.bad, labels)
            self.report("DQ031", name, parsed.bad, expected=f"numbers with a decimal {sign}", advice=advice)
        if parsed.ambiguous.any() and not stored and not self.config.decimal_is_said(name):
            other = "," if decimal == "." else "."
            self.report(
                "DQ051", name, parsed.ambiguous, expected="a decimal mark that somebody declared",
                came=f"a '{other}' before exactly three digits in every number that has one",
                advice=f"say what parts the decimals: decimal: {{{self.key(name)}: '{other}'}} makes 36{other}000 "
                f"thirty-six, decimal: {{{self.key(name)}: '{decimal}'}} makes it thirty-six thousand",
            )  # fmt: skip
        return _without(parsed.column, absent)

    def _advice_on_words(self, name: str, text: pd.Series, bad: np.ndarray, scale: Labels | None) -> str:
        """What to do about texts among numbers, where that is not the rule's own advice."""
        words = text[bad]
        bare = words.str.replace(_SIGNS, "", regex=True)
        signs = sorted(sign for sign in set("".join(words)) - set("".join(bare)) if not sign.isspace())
        if signs and as_numbers(bare, decimal=self.config.decimal_of(name)).column.notna().mean() >= _MOSTLY:
            return (
                f"a sign stands beside these numbers ({' '.join(signs)}): export them without it, all in one unit, or "
                f"translate them, as in values: {{{self.key(name)}: {{'90{signs[0]}': '90'}}}}"
            )
        other = "," if self.config.decimal_of(name) == "." else "."
        if len(words) == as_numbers(words, decimal=other).column.notna().sum():
            return f"numbers here have another decimal mark: decimal: {{{self.key(name)}: '{other}'}}"
        labels = {word: number for word in words.unique() if (number := number_in(word)) is not None}
        if labels and words.nunique() <= _MOST_WORDS:
            return self._advice_on_labels(name, words, labels)
        if scale is not None and (like := scale.advice_on(words)):
            return like
        spelled = words[~words.map(looks_unknown).astype(bool)]
        if 0 < spelled.nunique() <= _MOST_WORDS and len(spelled) >= _WORDS_FROM * max(int(text.notna().sum()), 1):
            return (
                f"these look like answers in words: say under 'values' which number each stands for, as in values: "
                f"{{{self.key(name)}: {{'the word': '1'}}}} ('*' for all columns); only words that mean 'not known' "
                f"belong under 'missing' or 'unanswered'"
            )
        return self.advice_on_unknown(name, words)

    def advice_on_unknown(self, name: str, words: pd.Series) -> str:
        """The setting that takes these words of one of our columns for 'not known', if that is what they mean."""
        listed, rest = named(words)
        more = f", and likewise the {rest} other words in this column that mean it" if rest > 0 else ""
        return f"if they mean 'not known', say missing: {{{self.key(name)}: [{listed}]}}{more}; else correct the export"

    def _advice_on_labels(self, name: str, words: pd.Series, labels: Mapping[str, str]) -> str:
        """The setting that reads words which hold their number; words of few people are not repeated."""
        often = {word for word, count in words.value_counts().items() if count >= NAMED_FROM}
        pairs = [f"{quoted(word)}: '{labels[word]}'" for word in sorted(labels) if word in often]
        named = ", ".join(pairs) or "'the word': '1'"
        rest = words.nunique() - len(pairs)
        more = f"; and likewise for the {rest} other words in this column" if rest else ""
        return (
            f"these answers hold their number: values: {{{self.key(name)}: {{{named}}}}}{more} "
            f"('*' instead of {self.key(name)} for all columns); never name answers under 'missing' or 'unanswered'"
        )

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
            self.report(
                "DQ022", name, parsed.bad, expected=expected, advice=self._advice_on_days(name, text[parsed.bad])
            )
        return parsed.column

    def _advice_on_days(self, name: str, words: pd.Series) -> str:
        """What to do about texts among dates; somebody's date is not repeated, however it is written."""
        if words.map(is_day_number).mean() >= _MOSTLY:
            return (
                "these look like the numbers by which a spreadsheet keeps days: make the column one of dates there and "
                "export it as 2025-04-03; never name them under 'missing'"
            )
        plain = words[words.map(lambda word: looks_unknown(word) or not re.search(r"\d", word)).astype(bool)]
        return f"{self.advice_on_unknown(name, plain)} or 'date_format'"

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
            hint = next((word for order, word in _WRITTEN.items() if (orders == order).any()), "")
            advice = f"declare date_format: {{{self.key(name)}: '{hint}'}} if other rows are right" if hint else ""
        self.report("DQ021", name, marked, came=came, advice=advice)

    def report(
        self, code: str, name: str, marked: np.ndarray, *, expected: str = "", came: str = "", advice: str = ""
    ) -> None:
        """Write down a finding about one of our columns and the marked rows."""
        self.findings.add(
            code,
            self.file,
            column=self.column(name),
            rows=self.rows[np.asarray(marked, dtype=bool)],
            expected=expected,
            came=came,
            advice=advice,
        )

    def _cells(self, name: str) -> pd.Series:
        return self.raw.frame[self.column(name)]

    def _labels(self, name: str) -> Mapping[str, str]:
        """Code -> what the file says that it stands for."""
        return self.raw.labels.get(self.column(name), {})

    def _values(self, name: str) -> Mapping[str, str]:
        """Declared translations, by code; those that are given for a label hold for its code."""
        written = dict(self.config)["values"]
        declared = {**written.get(ALL, {}), **written.get(name, {})}
        labelled = {code: declared[label] for code, label in self._labels(name).items() if label in declared}
        return {**labelled, **declared}

    def _missing(self, name: str) -> tuple[str, ...]:
        declared = (*self.config.missing.get(ALL, ()), *self.config.missing.get(name, ()))
        return (*declared, *(code for code, label in self._labels(name).items() if label in declared))


def number_in(word: str) -> str | None:
    """The one number that an answer in words begins or ends with.

    >>> number_in("1 - oneens"), number_in("eens (5)"), number_in("3 of 4"), number_in("oneens")
    ('1', '5', None, None)
    """
    found = _LABELLED.fullmatch(word)
    return str(int(found[1] or found[2])) if found and re.search(r"[^\W\d]", word) else None


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
