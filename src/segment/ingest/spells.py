"""Rows of an HR export as employment spells: one row a spell, or one a snapshot of it; contradictions are reported."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.ingest.declared import DeclaredFile
from segment.vocabulary import EndReason, Relation

#: Stands for the end of a spell that lasts.
_LASTS = pd.Timestamp("2100-01-01")


def spells_of_rows(file: DeclaredFile, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row of the file per person and spell (DQ017, DQ028, DQ029)."""
    twice = table.duplicated(["person", "start_date"], keep=False) & ~table["start_date_unread"]
    if twice.any():
        expected = "one row per person and start date" if file.has("start_date") else "one row per person"
        file.findings.add(
            "DQ017", file.file, column=file.column("person_id"), rows=table.loc[twice, "row"], expected=expected
        )
        table = table.drop_duplicates(["person", "start_date"])
    table = table.sort_values(["person", "start_date", "row"], kind="stable", na_position="first")
    table = table.assign(spell=table.groupby("person").cumcount() + 1)
    _check_reasons(file, table)
    return table, table[["person", "spell", "relation", "start_date", "end_date", "end_reason"]]


def spells_of_snapshots(
    file: DeclaredFile, table: pd.DataFrame, open_names: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Many rows of the file per person and spell: one per snapshot date (DQ018, DQ019, DQ027, DQ048)."""
    table = table[table["valid_from"].notna() & ~table["start_date_unread"]]
    spell = table.groupby("person")["start_date"].rank(method="dense")
    table = table.assign(spell=spell.fillna(1).astype("int64"))
    table = table.sort_values(["person", "spell", "valid_from", "row"], kind="stable")
    table = _joined_repeats(file, table, open_names)
    key = ["person", "spell"]
    groups = table.groupby(key, sort=True)
    for name in ("end_date", "end_reason"):
        different = groups[name].transform("nunique") > 1
        if different.any():
            file.findings.add(
                "DQ027",
                file.file,
                column=file.column(name),
                rows=table.loc[different, "row"],
                came="different values in snapshots of one spell",
            )
    ends = groups["end_date"].transform("last")
    early = (table["end_date"].notna() & (table["valid_from"] < table["end_date"])).to_numpy()
    if early.any():
        file.findings.add(
            "DQ048",
            file.file,
            column=file.column("end_date"),
            rows=table.loc[early, "row"],
            came="an end date later than the snapshot",
        )
    spells = groups.agg(
        relation=("relation", "last"), start_date=("start_date", "last"), end_date=("end_date", "last"),
        end_reason=("end_reason", "last"), row=("row", "last"),
        end_date_unread=("end_date_unread", "any"), end_reason_unread=("end_reason_unread", "any"),
    ).reset_index()  # fmt: skip
    spells["end_reason"] = spells["end_reason"].astype("str")
    _check_reasons(file, spells)
    return table.assign(end_date=ends), spells


def _joined_repeats(file: DeclaredFile, table: pd.DataFrame, open_names: list[str]) -> pd.DataFrame:
    """Snapshots that stand twice, joined when they agree and refused when they do not."""
    key = ["person", "spell", "valid_from"]
    twice = table.duplicated(key, keep=False)
    if not twice.any():
        return table
    repeated = table[twice]
    differ = pd.Series(False, index=repeated.index)
    if open_names:
        differ = (repeated.groupby(key)[open_names].transform("nunique") > 1).any(axis=1)
    for code, rows in (("DQ018", repeated.loc[differ, "row"]), ("DQ019", repeated.loc[~differ, "row"])):
        if len(rows):
            file.findings.add(code, file.file, column=file.column("snapshot_date"), rows=rows)
    joined = repeated.groupby(key, sort=False).last().reset_index()
    return pd.concat([table[~twice], joined[table.columns]]).sort_values([*key, "row"], kind="stable")


def _check_reasons(file: DeclaredFile, spells: pd.DataFrame) -> None:
    """Reasons without an end (DQ028), and ends without a reason (DQ029), where nothing stands that was not read."""
    if not file.has("end_date"):
        return
    ended, told = spells["end_date"].notna(), spells["end_reason"].notna()
    endless = told & ~ended & ~spells["end_date_unread"]
    if endless.any():
        file.findings.add("DQ028", file.file, column=file.column("end_reason"), rows=spells.loc[endless, "row"])
    unsaid = ended & ~told & ~spells["end_reason_unread"]
    if file.has("end_reason") and unsaid.any():
        file.findings.add("DQ029", file.file, column=file.column("end_reason"), rows=spells.loc[unsaid, "row"])


def reason_or_left(spells: pd.DataFrame) -> pd.Series:
    """Why employment ended; where it did and nobody said why, only that they left."""
    staff = spells["relation"].isin([str(Relation.EMPLOYEE), str(Relation.ALUMNUS)])
    unsaid = staff & spells["end_date"].notna() & spells["end_reason"].isna()
    return spells["end_reason"].mask(unsaid, str(EndReason.LEFT))


def check_overlap(file: DeclaredFile, spells: pd.DataFrame, table: pd.DataFrame) -> None:
    """Spells of one person and relation that overlap in time (DQ026)."""
    dated = spells[spells["start_date"].notna()].sort_values(["person", "relation", "start_date"], kind="stable")
    same = (dated["person"] == dated["person"].shift()) & (dated["relation"] == dated["relation"].shift())
    ended = dated["end_date"].fillna(_LASTS).shift()
    bad = dated.loc[same & (dated["start_date"] <= ended), ["person", "spell"]]
    if len(bad):
        rows = table.merge(bad, on=["person", "spell"]).groupby(["person", "spell"])["row"].min()
        file.findings.add(
            "DQ026",
            file.file,
            column=file.column("start_date"),
            rows=rows.to_numpy(dtype=np.int64),
            expected="a start after the end before it",
        )
