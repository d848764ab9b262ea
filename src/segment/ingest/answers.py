"""Survey answers of one wave: numbers on their scales, always higher for more of the named thing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segment.config import ResponsesConfig
from segment.ingest.carelessness import check_speed, check_straight
from segment.ingest.declared import DeclaredFile
from segment.ingest.doubts import check_answers, check_unanswered, check_weights
from segment.ingest.scales import MANY_COLUMNS, read_item, read_weight
from segment.places import EXPECTED, is_safe_name
from segment.tables.codebook import Codebook, Item

#: Our names in a survey export, besides the codebook's item codes.
RESPONSE_NAMES = ("person_id", "wave", "weight", "seconds")


def prefixes_of(codebook: Codebook) -> tuple[str, ...]:
    """Beginnings of the columns of items that take many: a ranking has one column per need, a wish one per option."""
    return tuple(f"{item.code}_" for item in codebook.of_kind(*MANY_COLUMNS))


def single_codes(codebook: Codebook) -> tuple[str, ...]:
    """Codes of the items that take one column."""
    return tuple(item.code for item in codebook.items if item.kind not in MANY_COLUMNS)


def read_answers(
    file: DeclaredFile, codebook: Codebook, config: ResponsesConfig, *, persons: pd.Series, waves: pd.Series
) -> pd.DataFrame:
    """The answers in one survey export, one row per person and wave.

    ``persons`` (pseudonyms) and ``waves`` belong to the rows of the file.
    Columns: person, wave, weight (1 if none was given), then items in the codebook's order: numbers with missing
    where not answered, turned where the codebook says so (high + low - answer); text for picks of one item. A
    ranking is one column per need (``<code>_<need>``, 1 is first), wishes one per option (``<code>_<option>``, 0 or 1).
    """
    asked = [(item, names) for item in codebook.items if (names := _columns_of(file, item))]
    taken = [(item, [file.take(name) for name in names]) for item, names in asked]
    weight = read_weight(file.take("weight") if file.has("weight") else None, len(file.rows))
    answered = [weight, *(read_item(item, columns, codebook, config.unanswered) for item, columns in taken)]
    file.write_down([deviation for one in answered for deviation in one.deviations])
    _report_not_asked(file, codebook, [item for item, _ in asked])
    columns = {name: column for one in answered for name, column in one.columns.items()}
    table = pd.DataFrame({"person": persons, "wave": waves, **columns, "row": file.rows})
    kept = _one_row_each(file, table[table["person"].notna()])
    check_answers(file, codebook, table)
    closed = [name for item, names in asked if item.scale != "open" for name in names]
    check_unanswered(file, closed, config.unanswered)
    check_weights(file, kept)
    check_straight(file, codebook, table)
    check_speed(file, waves)
    return kept.drop(columns="row").reset_index(drop=True)


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


def _columns_of(file: DeclaredFile, item: Item) -> list[str]:
    """Our names of the columns that hold this item's answers in this file."""
    if item.kind in MANY_COLUMNS:
        return file.beginning_with(f"{item.code}_")
    return [item.code] if file.has(item.code) else []


def _report_not_asked(file: DeclaredFile, codebook: Codebook, asked: Sequence[Item]) -> None:
    there = {item.code for item in asked}
    absent = [item.code for item in codebook.items if item.code not in there and item.scale != "open"]
    if absent:
        file.findings.add("DQ035", file.file, count=len(absent), names=absent)


def _one_row_each(file: DeclaredFile, table: pd.DataFrame) -> pd.DataFrame:
    """One row per person and wave; rows whose wave could not be read were reported, and are in none together."""
    known = (table["wave"] != "") | (not file.has("wave"))
    twice = table.duplicated(["person", "wave"], keep=False) & known
    if twice.any():
        file.findings.add("DQ020", file.file, column=file.column("person_id"), rows=table.loc[twice, "row"])
    return table.drop_duplicates(["person", "wave"])
