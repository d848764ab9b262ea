"""One column of a raw file as its declaration reads it: text, codes and numbers, and what deviates from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.ingest.advice import on_words
from segment.ingest.labels import Labels
from segment.ingest.parsing import Numbers, as_words, is_stored_number, read_numbers


@dataclass(frozen=True)
class Deviation:
    """What is wrong with a column: the rule, the rows or how many, what was expected and found, and what to do."""

    code: str
    name: str
    marked: np.ndarray | None = None
    count: int | None = None
    expected: str = ""
    came: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Column:
    """One column with all that its declaration says of it.

    ``name`` is ours and ``key`` what a setting for it is given under; ``spoken`` says what the file itself says that
    its codes stand for; ``translations`` are the declared ones and ``missing`` the words for 'not known', both by code.
    ``decimal`` is its decimal mark, and ``decimal_said`` whether somebody declared it.
    """

    name: str
    key: str
    cells: pd.Series
    spoken: Mapping[str, str]
    translations: Mapping[str, str]
    missing: tuple[str, ...]
    decimal: str
    decimal_said: bool

    @property
    def stored_as_number(self) -> bool:
        """Whether the file itself holds numbers here (Excel, Parquet), so that no decimal sign is in play."""
        return is_stored_number(self.cells)

    def text(self) -> pd.Series:
        """Text, translated as declared; missing where nothing is known.

        Where the file says what its codes stand for, that is the text.
        """
        return as_words(self.cells, values={**self.spoken, **self.translations}, missing=self.missing)

    def numbers(
        self, *, missing: Collection[str] = (), labels: Labels | None = None
    ) -> tuple[pd.Series, list[Deviation]]:
        """Numbers without those that mean 'not known', compared as numbers: 99.0 is 99.

        ``labels``: what words among them stand for, where they are the labels of a scale.

        What is not a number deviates (DQ031) and becomes missing, and so are numbers whose mark can part
        thousands or decimals where nobody declared which (DQ051).
        """
        absent = {*self.missing, *missing}
        decimal = "." if self.stored_as_number else self.decimal
        parsed = read_numbers(
            self.cells, values=self.translations, missing=absent, decimal=decimal,
            spell=labels.reader(self.spoken) if labels is not None else None,
        )  # fmt: skip
        return parsed.column, self._unread(parsed, decimal, labels)

    def _unread(self, parsed: Numbers, decimal: str, labels: Labels | None) -> list[Deviation]:
        """Cells that are no numbers, or can be read in two ways."""
        found = []
        if parsed.bad.any():
            sign = "comma" if decimal == "," else "point"
            advice = on_words(self.key, parsed.text, parsed.bad, decimal=self.decimal, scale=labels)
            expected = f"numbers with a decimal {sign}"
            found.append(Deviation("DQ031", self.name, parsed.bad, expected=expected, advice=advice))
        if parsed.ambiguous.any() and not self.stored_as_number and not self.decimal_said:
            other = "," if decimal == "." else "."
            found.append(
                Deviation(
                    "DQ051", self.name, parsed.ambiguous, expected="a decimal mark that somebody declared",
                    came=f"a '{other}' before exactly three digits in every number that has one",
                    advice=f"say what parts the decimals: decimal: {{{self.key}: '{other}'}} makes 36{other}000 "
                    f"thirty-six, decimal: {{{self.key}: '{decimal}'}} makes it thirty-six thousand",
                )
            )  # fmt: skip
        return found
