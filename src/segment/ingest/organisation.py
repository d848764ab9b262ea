"""What is known of the organisation itself: the employer's form, its roles and the results of its units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from segment.errors import nearest
from segment.ingest.declared import DeclaredFile
from segment.ingest.parsing import as_numbers
from segment.ingest.together import advice_on_order
from segment.locale import languages
from segment.tables.waves import waves_in_order

#: Per table: its key, the names it may have, and the beginnings of names it may have besides.
EMPLOYER_NAMES = ("need", "promised", "offered", *languages())
OFFER_NAMES = ("offer", "department", "function", "location", "for", *languages())
OFFER_PREFIXES = ("offer_", "ask_")
UNIT_NAMES = ("unit", "wave", "n")


def read_employer(file: DeclaredFile, *, needs: tuple[str, ...]) -> pd.DataFrame:
    """The employer's form, one row per need: need, promised and offered (1 to 5), and what else was declared."""
    table = _typed(file, "need")
    for name in ("promised", "offered"):
        table[name] = file.numbers(name) if file.has(name) else float("nan")
        outside = ((table[name] < 1) | (table[name] > 5)).to_numpy()
        if outside.any():
            file.report("DQ032", name, outside, expected="1 to 5", came="answers outside 1 to 5")
        table[name] = table[name].astype("float64").mask(outside)
    unknown = ~table["need"].isin(list(needs)).to_numpy()
    if needs and unknown.any():
        those = unknown & table["need"].notna().to_numpy()
        first = next(iter(table.loc[those, "need"]), "")
        hint = nearest(str(first), needs, listed=False)
        came = f"other words{hint and '; '}{hint}"
        file.report("DQ030", "need", those, expected=", ".join(needs), came=came)
    return _keyed(file, table, "need")


def read_offers(file: DeclaredFile) -> pd.DataFrame:
    """Roles that seek people, one row per role: offer, and what was declared (numbers where all are numbers)."""
    return _keyed(file, _typed(file, "offer"), "offer")


def read_units(file: DeclaredFile, *, days: Mapping[str, dt.date] | None = None) -> pd.DataFrame:
    """Results of units, one row per unit: unit, and what was declared; of several waves the last (DQ047).

    ``days`` are those that the study gives for waves. Rows without a wave (DQ030) and waves whose order nobody knows
    (DQ066) are written down.
    """
    table = _typed(file, "unit")
    if "wave" in table:
        table["wave"] = file.text("wave")
        last = table["wave"] == _last_wave(file, table["wave"], days or {})
        if not last.all():
            file.findings.add("DQ047", file.file, column=file.column("wave"), count=int((~last).sum()))
        table = table[last]
    return _keyed(file, table, "unit")


def _last_wave(file: DeclaredFile, waves: pd.Series, days: Mapping[str, dt.date]) -> str:
    """The last of these waves; the last in the alphabet where that was refused."""
    if waves.isna().any():
        file.report("DQ030", "wave", waves.isna().to_numpy(), expected="a wave on every row", came="nothing")
    names = sorted(map(str, waves.dropna().unique()))
    ordered = waves_in_order(names, {name: day for name, day in days.items() if name in names})
    if ordered is None:
        shown = ", ".join(f"'{name}'" for name in names[:8])
        advice = advice_on_order(names, days)
        file.findings.add("DQ066", file.file, column=file.column("wave"), count=len(names), came=shown, advice=advice)
        return names[-1]
    return ordered[-1].name if ordered else ""


def _typed(file: DeclaredFile, key: str) -> pd.DataFrame:
    """The declared columns of a file: the key as text, others as numbers where every cell is one."""
    ours = {column: name for name, column in file.names.items()}
    columns: dict[str, pd.Series] = {key: file.text(key)}
    for column in map(str, file.raw.frame.columns):
        name = ours.get(column, column)
        if name != key and file.has(name):
            text = file.text(name)
            parsed = as_numbers(text, decimal="." if file.take(name).stored_as_number else file.config.decimal_of(name))
            columns[name] = text if parsed.bad.any() or not text.notna().any() else file.numbers(name)
    return pd.DataFrame({**columns, "row": file.rows})


def _keyed(file: DeclaredFile, table: pd.DataFrame, key: str) -> pd.DataFrame:
    """One row per key, in the order of keys, without rows that have none (DQ016, DQ042)."""
    empty = table[key].isna()
    if empty.any():
        file.findings.add("DQ016", file.file, column=file.column(key), rows=table.loc[empty, "row"])
    table = table[~empty]
    twice = table.duplicated(key, keep=False)
    if twice.any():
        file.findings.add("DQ042", file.file, column=file.column(key), rows=table.loc[twice, "row"])
    return table.drop_duplicates(key).drop(columns="row").sort_values(key, ignore_index=True)
