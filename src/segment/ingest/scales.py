"""Answers to one question as numbers on its scale, always higher for more of the named thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.ingest.labels import Labels
from segment.ingest.parsing import as_words, is_one_of
from segment.ingest.reading import Column, Deviation
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

_YES_NO = {
    "yes": 1.0,
    "ja": 1.0,
    "true": 1.0,
    "waar": 1.0,
    "1": 1.0,
    "no": 0.0,
    "nee": 0.0,
    "false": 0.0,
    "onwaar": 0.0,
    "0": 0.0,
}
#: Kinds of questions that take a column per need or option.
MANY_COLUMNS = (ItemKind.RANK, ItemKind.WISH)
_PICKS = 3


@dataclass(frozen=True)
class Answered:
    """The answers to one question, by our column name, and what deviates from the codebook."""

    columns: Mapping[str, pd.Series]
    deviations: list[Deviation] = field(default_factory=list)


def read_item(item: Item, columns: Sequence[Column], codebook: Codebook, unanswered: Sequence[str]) -> Answered:
    """The answers to one question: numbers with missing where not answered, turned where the codebook says so.

    Text for picks of one item. Open answers are not read: they can name people (DQ038).
    """
    if item.scale == "open":
        return Answered({}, [Deviation("DQ038", item.code, count=1)])
    if item.kind == ItemKind.MOMENT_PICK:
        return _picked_item(item, columns[0], codebook, unanswered)
    deviations: list[Deviation] = []
    answers: dict[str, pd.Series] = {}
    for column in columns:
        answers[column.name], found = _on_scale(item, column, unanswered)
        deviations += found
    if item.kind == ItemKind.WISH:
        answers, found = _ticks(item, answers)
        deviations += found
    deviations += [one for name, column in answers.items() for one in _flat(name, column)]
    if item.kind in MANY_COLUMNS:
        deviations += _contradicting(item, pd.DataFrame(answers))
    return Answered(answers, deviations)


def read_weight(column: Column | None, rows: int) -> Answered:
    """Sampling weights, above zero (DQ034); 1 for each of so many rows where no column holds them."""
    if column is None:
        return Answered({"weight": pd.Series(1.0, index=range(rows))})
    weight, found = column.numbers()
    bad = ~(weight > 0).to_numpy()
    told = bad & (weight.notna() | column.text().isna()).to_numpy()  # what is no number is reported as such
    if told.any():
        found.append(Deviation("DQ034", column.name, told, expected="a number above zero"))
    return Answered({column.name: weight.mask(bad, 0.0)}, found)


def _on_scale(item: Item, column: Column, unanswered: Sequence[str]) -> tuple[pd.Series, list[Deviation]]:
    """One column of answers as numbers on the item's scale."""
    if (item.low, item.high) == (0, 1):
        answers, found = _yes_no(column, unanswered)
    else:
        labels = Labels(item.scale, item.low, item.high, item.labels)
        answers, found = column.numbers(missing=unanswered, labels=labels)
    values, scale = answers.to_numpy(dtype=float), f"{item.low:g} to {item.high:g}"
    outside = (values < item.low) | (values > item.high)
    if outside.any():
        found.append(Deviation("DQ032", column.name, outside, expected=scale, came=f"answers outside {scale}"))
    between = ~outside & np.isfinite(values) & (values != np.round(values))
    if between.any() and item.low == round(item.low):
        found.append(Deviation("DQ033", column.name, between, expected=f"whole numbers from {scale}"))
    values = np.where(outside, np.nan, values)
    return pd.Series(item.low + item.high - values if item.reverse else values, name=column.name), found


def _flat(name: str, answers: pd.Series) -> list[Deviation]:
    """A question without an answer (DQ036), or with one answer only (DQ037)."""
    known = answers.dropna()
    if known.empty:
        return [Deviation("DQ036", name, count=len(answers))]
    if known.min() == known.max() and len(known) > 1:
        return [Deviation("DQ037", name, count=len(known))]
    return []


def _ticks(item: Item, answers: Mapping[str, pd.Series]) -> tuple[dict[str, pd.Series], list[Deviation]]:
    """The answers to a list to pick from, of which many tools write only what was picked (DQ077).

    Where nothing but picks is written, an empty cell beside a pick of the same person was not picked. Who picked
    nothing did not answer.
    """
    table = pd.DataFrame(answers)
    if table.shape[1] < 2 or not table.eq(1).to_numpy().any() or table.eq(0).to_numpy().any():
        return dict(answers), []
    blank = table.isna() & table.notna().any(axis=1).to_numpy()[:, None]
    filled = table.mask(blank, 0.0)
    found = Deviation("DQ077", f"{item.code}_*", count=int(blank.to_numpy().sum()))
    return {name: filled[name] for name in answers}, [found]


def _yes_no(column: Column, unanswered: Sequence[str]) -> tuple[pd.Series, list[Deviation]]:
    """Yes and no, in words or numbers, as 1 and 0."""
    codes = as_words(column.cells, values=column.translations, missing=column.missing)
    away = is_one_of(codes, unanswered)
    spoken = as_words(column.cells, values={**column.spoken, **column.translations}, missing=column.missing)
    text = spoken.mask(away).str.lower()
    codes = codes.mask(away).str.replace(
        r"^([01])[.,]0+$", r"\1", regex=True
    )  # how tools with a number for 'empty' write
    answers = text.map(_YES_NO).fillna(codes.str.lower().map(_YES_NO)).astype("float64")
    bad = (answers.isna() & text.notna()).to_numpy()
    if not bad.any():
        return answers, []
    found = Deviation(
        "DQ032", column.name, bad, expected="yes, no, ja, nee, 1 or 0", came="something else",
        advice=f"translate other words under 'values', as in values: {{{column.key}: {{'the word': 'yes'}}}}; "
        f"name 'no answer' codes under 'unanswered'",
    )  # fmt: skip
    return answers, [found]


def _picked_item(item: Item, column: Column, codebook: Codebook, unanswered: Sequence[str]) -> Answered:
    """The code of another item that was picked, as text."""
    text = column.text()
    text = text.mask(is_one_of(text, unanswered))
    codes = [other.code for other in codebook.of_kind(ItemKind.MOMENT)] or [other.code for other in codebook.items]
    unknown = (text.notna() & ~text.isin(codes)).to_numpy()
    expected = f"the code of one of {len(codes)} items"
    found = [Deviation("DQ030", item.code, unknown, expected=expected, came="other words")] if unknown.any() else []
    return Answered({item.code: text.mask(unknown)}, found)


def _contradicting(item: Item, answers: pd.DataFrame) -> list[Deviation]:
    """A ranking that gives a rank twice, or more wishes than may be picked (DQ040)."""
    values = answers.to_numpy(dtype=float)
    if item.kind == ItemKind.RANK:
        ordered = np.sort(values, axis=1)
        wrong = (np.diff(ordered, axis=1) == 0).any(axis=1)
        came = "the same rank for two needs"
    else:
        wrong = np.nansum(values, axis=1) > _PICKS
        came = f"more than {_PICKS} picked"
    return [Deviation("DQ040", f"{item.code}_*", wrong, came=came)] if wrong.any() else []
