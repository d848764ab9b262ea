"""Survey answers of one wave: numbers on their scales, always higher for more of the named thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segment.config import ResponsesConfig
from segment.ingest.carelessness import check_speed, check_straight
from segment.ingest.declared import DeclaredFile
from segment.ingest.doubts import check_answers, check_unanswered, check_weights
from segment.ingest.labels import Labels
from segment.ingest.parsing import is_one_of
from segment.places import EXPECTED, is_safe_name
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

#: Our names in a survey export, besides the codebook's item codes.
RESPONSE_NAMES = ("person_id", "wave", "weight", "seconds")
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
_MANY_COLUMNS = (ItemKind.RANK, ItemKind.WISH)
_PICKS = 3


def prefixes_of(codebook: Codebook) -> tuple[str, ...]:
    """Beginnings of the columns of items that take many: a ranking has one column per need, a wish one per option."""
    return tuple(f"{item.code}_" for item in codebook.of_kind(*_MANY_COLUMNS))


def single_codes(codebook: Codebook) -> tuple[str, ...]:
    """Codes of the items that take one column."""
    return tuple(item.code for item in codebook.items if item.kind not in _MANY_COLUMNS)


def read_answers(
    file: DeclaredFile, codebook: Codebook, config: ResponsesConfig, *, persons: pd.Series, waves: pd.Series
) -> pd.DataFrame:
    """The answers in one survey export, one row per person and wave.

    ``persons`` (pseudonyms) and ``waves`` belong to the rows of the file.
    Columns: person, wave, weight (1 where none was given), then items in the codebook's order: numbers with missing
    where not answered, turned where the codebook says so (high + low - answer); text for picks of one item. A
    ranking is one column per need (``<code>_<need>``, 1 is first), wishes one per option (``<code>_<option>``, 0 or 1).
    """
    columns: dict[str, pd.Series] = {"person": persons, "wave": waves}
    columns["weight"] = _weight(file)
    asked = [item for item in codebook.items if _columns_of(file, item)]
    _report_not_asked(file, codebook, asked)
    for item in asked:
        columns.update(_answers_to(file, item, codebook, config))
    table = pd.DataFrame({**columns, "row": file.rows})
    check_answers(file, codebook, table)
    check_straight(file, codebook, table)
    check_speed(file, waves)
    closed = [name for item in asked if item.scale != "open" for name in _columns_of(file, item)]
    check_unanswered(file, closed, config.unanswered)
    table = _one_row_each(file, table[table["person"].notna()])
    check_weights(file, table)
    return table.drop(columns="row").reset_index(drop=True)


def waves_of(file: DeclaredFile, config: ResponsesConfig) -> pd.Series:
    """The wave of every row: the file's column, else the declared name."""
    if not file.has("wave"):
        return pd.Series([config.wave or ""] * len(file.rows), dtype="str")
    wave = file.text("wave")
    unsafe = ~wave.fillna("all").map(is_safe_name).to_numpy(dtype=bool)
    if unsafe.any():
        file.report("DQ030", "wave", unsafe, expected=f"a name for a folder: {EXPECTED}", came="other signs")
        wave = wave.mask(unsafe, "")
    if config.wave is not None:
        other = (wave.fillna("") != config.wave).to_numpy()
        if other.any():
            file.report("DQ030", "wave", other, expected=f"the declared wave {config.wave}", came="another wave")
        return pd.Series([config.wave] * len(file.rows), dtype="str")
    if wave.isna().any():
        file.report("DQ030", "wave", wave.isna().to_numpy(), expected="a wave on every row", came="nothing")
    return wave.fillna("")


def _weight(file: DeclaredFile) -> pd.Series:
    """Sampling weights, above zero."""
    if not file.has("weight"):
        return pd.Series(1.0, index=range(len(file.rows)))
    weight = file.numbers("weight")
    bad = ~(weight > 0).to_numpy()
    told = bad & (weight.notna() | file.text("weight").isna()).to_numpy()  # what is no number is told as such
    if told.any():
        file.report("DQ034", "weight", told, expected="a number above zero")
    return weight.mask(bad, 0.0)


def _columns_of(file: DeclaredFile, item: Item) -> list[str]:
    """Our names of the columns that hold this item's answers in this file."""
    if item.kind not in _MANY_COLUMNS:
        return [item.code] if file.has(item.code) else []
    start = f"{item.code}_"
    renamed = [name for name in file.names if name.startswith(start) and file.has(name)]
    taken = {file.column(name) for name in renamed}
    own = [
        name
        for name in map(str, file.raw.frame.columns)
        if name.startswith(start) and name not in taken and file.has(name)
    ]
    return renamed + own


def _report_not_asked(file: DeclaredFile, codebook: Codebook, asked: Sequence[Item]) -> None:
    there = {item.code for item in asked}
    absent = [item.code for item in codebook.items if item.code not in there and item.scale != "open"]
    if absent:
        file.findings.add("DQ035", file.file, count=len(absent), names=absent)


def _answers_to(file: DeclaredFile, item: Item, codebook: Codebook, config: ResponsesConfig) -> dict[str, pd.Series]:
    """The answers to one item, by our column name."""
    if item.scale == "open":
        file.findings.add("DQ038", file.file, column=file.column(item.code), count=1)
        return {}
    if item.kind == ItemKind.MOMENT_PICK:
        return {item.code: _picked_item(file, item, codebook, config)}
    names = _columns_of(file, item)
    answers = {name: _on_scale(file, name, item, config) for name in names}
    if item.kind == ItemKind.WISH:
        answers = _ticks(file, item, answers)
    for name, column in answers.items():
        _report_flat(file, name, column.dropna())
    if item.kind in _MANY_COLUMNS:
        _check_set(file, item, pd.DataFrame(answers))
    return answers


def _on_scale(file: DeclaredFile, name: str, item: Item, config: ResponsesConfig) -> pd.Series:
    """One column of answers as numbers on the item's scale."""
    if (item.low, item.high) == (0, 1):
        answers = _yes_no(file, name, config.unanswered)
    else:
        labels = Labels(item.scale, item.low, item.high, item.labels)
        answers = file.numbers(name, missing=config.unanswered, labels=labels)
    values = answers.to_numpy(dtype=float)
    outside = (values < item.low) | (values > item.high)
    if outside.any():
        file.report(
            "DQ032",
            name,
            outside,
            expected=f"{item.low:g} to {item.high:g}",
            came=f"answers outside {item.low:g} to {item.high:g}",
        )
    between = ~outside & np.isfinite(values) & (values != np.round(values))
    if between.any() and item.low == round(item.low):
        file.report("DQ033", name, between, expected=f"whole numbers from {item.low:g} to {item.high:g}")
    values = np.where(outside, np.nan, values)
    return pd.Series(item.low + item.high - values if item.reverse else values, name=name)


def _report_flat(file: DeclaredFile, name: str, known: pd.Series) -> None:
    """A question without an answer (DQ036), or with one answer only (DQ037)."""
    if known.empty:
        file.findings.add("DQ036", file.file, column=file.column(name), count=len(file.rows))
    elif known.min() == known.max() and len(known) > 1:
        file.findings.add("DQ037", file.file, column=file.column(name), count=len(known))


def _ticks(file: DeclaredFile, item: Item, answers: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """The answers to a list to pick from, of which many tools write only what was picked (DQ077).

    Where nothing but picks is written, an empty cell beside a pick of the same person was not picked. Who picked
    nothing did not answer.
    """
    table = pd.DataFrame(answers)
    if table.shape[1] < 2 or not table.eq(1).to_numpy().any() or table.eq(0).to_numpy().any():
        return dict(answers)
    blank = table.isna() & table.notna().any(axis=1).to_numpy()[:, None]
    file.findings.add("DQ077", file.file, column=f"{item.code}_*", count=int(blank.to_numpy().sum()))
    filled = table.mask(blank, 0.0)
    return {name: filled[name] for name in answers}


def _yes_no(file: DeclaredFile, name: str, unanswered: Sequence[str]) -> pd.Series:
    """Yes and no, in words or numbers, as 1 and 0."""
    codes = file.codes(name)
    away = is_one_of(codes, unanswered)
    text = file.text(name).mask(away).str.lower()
    codes = codes.mask(away).str.replace(
        r"^([01])[.,]0+$", r"\1", regex=True
    )  # how tools with a number for 'empty' write
    answers = text.map(_YES_NO).fillna(codes.str.lower().map(_YES_NO)).astype("float64")
    bad = (answers.isna() & text.notna()).to_numpy()
    if bad.any():
        file.report(
            "DQ032", name, bad, expected="yes, no, ja, nee, 1 or 0", came="something else",
            advice=f"translate other words under 'values', as in values: {{{file.key(name)}: {{'the word': 'yes'}}}}; "
            f"name 'no answer' codes under 'unanswered'",
        )  # fmt: skip
    return answers


def _picked_item(file: DeclaredFile, item: Item, codebook: Codebook, config: ResponsesConfig) -> pd.Series:
    """The code of another item that was picked, as text."""
    text = file.text(item.code)
    text = text.mask(is_one_of(text, config.unanswered))
    codes = [other.code for other in codebook.of_kind(ItemKind.MOMENT)] or [other.code for other in codebook.items]
    unknown = (text.notna() & ~text.isin(codes)).to_numpy()
    if unknown.any():
        file.report("DQ030", item.code, unknown, expected=f"the code of one of {len(codes)} items", came="other words")
    return text.mask(unknown)


def _check_set(file: DeclaredFile, item: Item, answers: pd.DataFrame) -> None:
    """A ranking that gives a rank twice, or more wishes than may be picked (DQ040)."""
    values = answers.to_numpy(dtype=float)
    if item.kind == ItemKind.RANK:
        ordered = np.sort(values, axis=1)
        wrong = (np.diff(ordered, axis=1) == 0).any(axis=1)
        came = "the same rank for two needs"
    else:
        wrong = np.nansum(values, axis=1) > _PICKS
        came = f"more than {_PICKS} picked"
    if wrong.any():
        file.findings.add("DQ040", file.file, column=f"{item.code}_*", rows=file.rows[wrong], came=came)


def _one_row_each(file: DeclaredFile, table: pd.DataFrame) -> pd.DataFrame:
    twice = table.duplicated(["person", "wave"], keep=False)
    if twice.any():
        file.findings.add("DQ020", file.file, column=file.column("person_id"), rows=table.loc[twice, "row"])
    return table.drop_duplicates(["person", "wave"])
