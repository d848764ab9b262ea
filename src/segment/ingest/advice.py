"""What to do about cells that are not what was declared: the setting that reads them, as the study file can hold it.

``key`` is what a setting for the column is given under. Words of few people are not repeated.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from segment.ingest.date_formats import on_format
from segment.ingest.labels import Labels, number_in, on_labelled
from segment.ingest.parsing import as_numbers, is_day_number
from segment.ingest.unknown import looks_unknown, on_unknown

#: Texts among numbers are answers in words when there are few different ones and they are this share of what is filled.
_MOST_WORDS, _WORDS_FROM = 12, 0.2
#: Signs of a unit that exports write beside a number; and how many of the unread cells one explanation has to explain.
_SIGNS, _MOSTLY = r"\s*[%\u2030\u20ac$\u00a3\u00b0]\s*", 0.5


def on_words(key: str, text: pd.Series, bad: np.ndarray, *, decimal: str, scale: Labels | None) -> str:
    """What to do about the marked texts among numbers, where that is not the rule's own advice."""
    words = text[bad]
    bare = words.str.replace(_SIGNS, "", regex=True)
    signs = sorted(sign for sign in set("".join(words)) - set("".join(bare)) if not sign.isspace())
    if signs and as_numbers(bare, decimal=decimal).column.notna().mean() >= _MOSTLY:
        return (
            f"a sign stands beside these numbers ({' '.join(signs)}): export them without it, all in one unit, or "
            f"translate them, as in values: {{{key}: {{'90{signs[0]}': '90'}}}}"
        )
    other = "," if decimal == "." else "."
    if len(words) == as_numbers(words, decimal=other).column.notna().sum():
        return f"numbers here have another decimal mark: decimal: {{{key}: '{other}'}}"
    labels = {word: number for word in words.unique() if (number := number_in(word)) is not None}
    if labels and words.nunique() <= _MOST_WORDS:
        return on_labelled(key, words, labels)
    if scale is not None and (like := scale.advice_on(words)):
        return like
    spelled = words[~words.map(looks_unknown).astype(bool)]
    if 0 < spelled.nunique() <= _MOST_WORDS and len(spelled) >= _WORDS_FROM * max(int(text.notna().sum()), 1):
        return (
            f"these look like answers in words: say under 'values' which number each stands for, as in values: "
            f"{{{key}: {{'the word': '1'}}}} ('*' for all columns); only words that mean 'not known' "
            f"belong under 'missing' or 'unanswered'"
        )
    return on_unknown(key, words)


def on_days(key: str, words: pd.Series, *, every: bool = False) -> str:
    """What to do about texts among dates; somebody's date is not repeated, however it is written.

    ``every``: the column holds nothing else, so that it is written otherwise and not here and there unknown.
    """
    if words.map(is_day_number).mean() >= _MOSTLY:
        return (
            "these look like the numbers by which a spreadsheet keeps days: make the column one of dates there and "
            "export it as 2025-04-03; never name them under 'missing'"
        )
    if every and not words.map(looks_unknown).all():
        return on_format(key, words) or (
            "no cell of this column is read: say under 'date_format' how its dates are written, as in date_format: "
            f"{{{key}: '%d/%m/%y'}} for 25/03/19, or export them as 2025-04-03"
        )
    plain = words[words.map(lambda word: looks_unknown(word) or not re.search(r"\d", word)).astype(bool)]
    return f"{on_unknown(key, plain)} or 'date_format'"
