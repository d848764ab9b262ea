"""The outcome as the exports state it: a flag for one horizon, or tenure with what ended it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.config import OutcomeConfig
from segment.ingest.declared import DeclaredFile
from segment.vocabulary import OutcomeKind

#: Months in one of what tenure may count.
_MONTHS = {"days": 12 / 365.2425, "weeks": 84 / 365.2425, "months": 1.0, "years": 12.0}
#: Seventy years in months; and how few months nobody may exceed, among how many, before years are suspected.
_LONGEST_LIFE, _SHORT, _ENOUGH = 840, 50, 30


def outcome_columns(outcome: OutcomeConfig | None, source: str) -> dict[str, str]:
    """Names of the outcome in one source and the file columns they stand for.

    >>> outcome_columns(OutcomeConfig(kind="horizon", column="LEAVING"), "people")
    {'outcome_flag': 'LEAVING'}
    """
    if outcome is None or outcome.kind == OutcomeKind.SPELLS or outcome.source != source:
        return {}
    if outcome.kind == OutcomeKind.HORIZON:
        return {"outcome_flag": str(outcome.column)}
    names = {"outcome_tenure": outcome.column, "outcome_event": outcome.event, "outcome_entry": outcome.entry}
    return {name: column for name, column in names.items() if column}


def read_outcome(
    file: DeclaredFile, outcome: OutcomeConfig, *, persons: pd.Series, wave: pd.Series | None = None
) -> pd.DataFrame:
    """The outcome, one row per person (and wave, where it comes from a survey).

    ``persons`` and ``wave`` belong to the rows of the file. Columns: person; wave for surveys; for a horizon
    ``flag`` (1 yes, 0 no, missing unknown); for durations ``tenure`` (months), ``event`` (a cause, ``left`` where
    none was given, missing while still there) and ``entry`` (months, where declared). Values that are none of those
    declared are written down (DQ041), impossible tenure too (DQ043). Of several snapshots the last counts.
    """
    table = pd.DataFrame({"person": persons})
    key = ["person"]
    if wave is not None:
        table["wave"] = wave
        key.append("wave")
    if outcome.kind == OutcomeKind.HORIZON:
        table["flag"] = _flag(file, outcome)
    else:
        months = _MONTHS[outcome.unit]
        table["tenure"] = file.numbers("outcome_tenure") * months
        table["event"] = _event(file, outcome)
        if outcome.entry:
            table["entry"] = file.numbers("outcome_entry") * months
        _check_tenure(file, table, outcome)
    if file.has("snapshot_date"):
        table = table.iloc[file.dates("snapshot_date", years=True).argsort(kind="stable")]
    table = table[table["person"].notna()]
    return table.drop_duplicates(key, keep="last").sort_values(key).reset_index(drop=True)


def _among(text: pd.Series, words: Sequence[str]) -> np.ndarray:
    """Which cells are one of these words; the empty word stands for an empty cell."""
    known = text.str.lower().isin([word.lower() for word in words]).to_numpy(dtype=bool)
    return known | text.isna().to_numpy() if "" in words else known


def _flag(file: DeclaredFile, outcome: OutcomeConfig) -> np.ndarray:
    """1 for the declared words for yes, 0 for those for no, missing where nothing stands."""
    text = file.text("outcome_flag")
    yes, no = _among(text, outcome.yes), _among(text, outcome.no)
    unknown = text.notna().to_numpy() & ~yes & ~no
    if unknown.any():
        words = ", ".join(filter(None, (*outcome.yes, *outcome.no)))
        file.report("DQ041", "outcome_flag", unknown, expected=words, came="other values")
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))


def _event(file: DeclaredFile, outcome: OutcomeConfig) -> pd.Series:
    """What ended it: a declared cause; for a plain yes only that it ended; missing while it lasts."""
    text = file.text("outcome_event")
    yes, no = _among(text, outcome.yes), _among(text, outcome.no)
    cause = _among(text, outcome.causes)
    unknown = ~yes & ~no & ~cause
    if unknown.any():
        words = ", ".join(filter(None, (*outcome.causes, *outcome.yes, *outcome.no)))
        came = "other values, or nothing (an empty word under 'outcome.no' lets empty mean still there)"
        file.report("DQ041", "outcome_event", unknown, expected=words, came=came)
    named = text.str.lower().where(cause)
    return named.mask(yes & ~cause, outcome.cause_of_yes).astype("str")


def _check_tenure(file: DeclaredFile, table: pd.DataFrame, outcome: OutcomeConfig) -> None:
    """Tenure that is missing, impossible, or counted in something else than was declared."""
    tenure = table["tenure"]
    absent = (tenure.isna() & file.text("outcome_tenure").isna()).to_numpy()
    if absent.any():
        file.report("DQ054", "outcome_tenure", absent, expected="a tenure on every row", came="nothing")
    bad = tenure <= 0
    if "entry" in table:
        without = (table["entry"].isna() & file.text("outcome_entry").isna()).to_numpy()
        if without.any():
            file.report("DQ054", "outcome_entry", without, expected="an entry on every row", came="nothing")
        bad = bad | (table["entry"] < 0) | (table["entry"] >= tenure)
    if bad.any():
        before = ", and entry before tenure" if "entry" in table else ""
        expected = f"{outcome.unit} above zero{before}"
        advice = f"correct the export: it counts {outcome.unit}; 'outcome.unit' says so if that is something else"
        file.report("DQ043", "outcome_tenure", bad.to_numpy(), expected=expected, advice=advice)
    long = (tenure > _LONGEST_LIFE).to_numpy()
    if long.any():
        came = f"more than {_LONGEST_LIFE} months, reckoned from {outcome.unit}"
        file.report("DQ055", "outcome_tenure", long, expected="a tenure that somebody can have", came=came)
    elif "unit" not in outcome.model_fields_set and len(tenure) >= _ENOUGH and tenure.max() <= _SHORT:
        came = f"{tenure.max():g} months as the longest of {len(tenure)}"
        file.findings.add("DQ056", file.file, column=file.column("outcome_tenure"), count=len(tenure), came=came)
