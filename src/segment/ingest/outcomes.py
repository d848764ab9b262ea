"""The outcome as the exports state it: a flag for one horizon, or tenure with what ended it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segment.config import OutcomeConfig
from segment.ingest.declared import DeclaredFile
from segment.ingest.parsing import is_one_of
from segment.ingest.together import tell_alike
from segment.ingest.unknown import looks_unknown, named, on_unknown, quoted, says_not_known
from segment.vocabulary import LONGEST_TENURE, OutcomeKind

#: Months in one of what tenure may count.
_MONTHS = {"days": 12 / 365.2425, "weeks": 84 / 365.2425, "months": 1.0, "years": 12.0}
#: How few months nobody may exceed, among how many, before years are suspected.
_SHORT, _ENOUGH = 50, 30


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
    file: DeclaredFile, outcome: OutcomeConfig, *, persons: pd.Series, wave: pd.Series | None = None,
    unanswered: Sequence[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """The outcome, one row per person (and wave, where it comes from a survey).

    ``persons`` and ``wave`` belong to the rows of the file. Columns: person; wave for surveys; for a horizon
    ``flag`` (1 yes, 0 no, missing unknown); for durations ``tenure`` (months), ``event`` (a cause, ``left`` where
    none was given, missing while still there) and ``entry`` (months, where declared). Values that are none of those
    declared are written down (DQ041), impossible tenure too (DQ043). Of several snapshots the last counts.

    What the study declares 'not known' (``missing``, and ``unanswered`` of a survey) is neither leaving nor staying:
    the flag is missing, and who has no known tenure or event has no row. How many is written down (DQ068).
    """
    table = pd.DataFrame({"person": persons})
    key = ["person"]
    if wave is not None:
        table["wave"] = wave
        key.append("wave")
    if outcome.kind == OutcomeKind.HORIZON:
        table["flag"] = _flag(file, outcome, unanswered)
        unknown = table["flag"].isna().to_numpy()
    else:
        months = _MONTHS[outcome.unit]
        table["tenure"] = file.numbers("outcome_tenure") * months
        table["event"], unknown = _event(file, outcome, unanswered)
        if outcome.entry:
            table["entry"] = file.numbers("outcome_entry") * months
        _check_tenure(file, table, outcome)
        unknown = unknown | table[[name for name in ("tenure", "entry") if name in table]].isna().any(axis=1).to_numpy()
    _tell_unknown(file, table["person"], unknown)
    table["known"] = ~unknown if outcome.kind == OutcomeKind.DURATION else True
    if file.has("snapshot_date"):
        table = table.iloc[file.dates("snapshot_date", years=True).argsort(kind="stable")]
    table = table[table["person"].notna()]
    table = table.drop_duplicates(key, keep="last").sort_values(key)
    return table[table["known"]].drop(columns="known").reset_index(drop=True)


def _tell_unknown(file: DeclaredFile, persons: pd.Series, unknown: np.ndarray) -> None:
    """Say how many rows of people have no known outcome (DQ068): they are no leavers, and nobody who stays."""
    those = unknown & persons.notna().to_numpy()
    if those.any():
        name = next(name for name in ("outcome_flag", "outcome_tenure") if file.has(name))
        came = f"{int(those.sum())} of {int(persons.notna().sum())}; they count neither as leaving nor as staying"
        file.findings.add("DQ068", file.file, column=file.column(name), count=int(those.sum()), came=came)


def _among(text: pd.Series, words: Sequence[str]) -> np.ndarray:
    """Which cells are one of these words; the empty word stands for an empty cell."""
    known = text.str.lower().isin([word.lower() for word in words]).to_numpy(dtype=bool)
    return known | text.isna().to_numpy() if "" in words else known


def _flag(file: DeclaredFile, outcome: OutcomeConfig, unanswered: Sequence[str]) -> np.ndarray:
    """1 for the declared words for yes, 0 for those for no, missing where nothing is known."""
    text, away = file.text("outcome_flag"), file.not_known("outcome_flag")
    yes, no = _among(text, outcome.yes) & ~away, _among(text, outcome.no) & ~away
    unknown = text.notna().to_numpy() & ~away & ~yes & ~no & ~is_one_of(text, unanswered).to_numpy(dtype=bool)
    if unknown.any():
        words = ", ".join(filter(None, (*outcome.yes, *outcome.no)))
        advice = _advice(file, "outcome_flag", text[unknown], "'outcome.yes' or 'outcome.no'")
        file.report("DQ041", "outcome_flag", unknown, expected=words, came="other values", advice=advice)
    _doubt_words(file, "outcome_flag", text, {"yes": outcome.yes, "no": outcome.no})
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))


def _advice(file: DeclaredFile, name: str, words: pd.Series, where: str) -> str:
    """What to do about words of the outcome that nobody declared.

    Where they are most of the column they are its answers, and to be told apart; the few beside declared answers are
    mostly said by people who do not know.
    """
    few = 2 * len(words) < int(file.text(name).notna().sum())
    doubtful = words.fillna("").map(lambda word: not word or looks_unknown(word)).astype(bool)
    unknown = on_unknown(file.key(name), words[doubtful] if doubtful.any() else words).partition("; else")[0]
    told = f"{unknown}: they then count neither as leaving nor as staying"
    if doubtful.all() or (few and not doubtful.any()):
        return f"{told}; words that mean either belong under {where}"
    listed = f"say which of these mean leaving and which staying, under {where}: {named(words[~doubtful])[0]}"
    rest = told if doubtful.any() else "only words that mean 'not known' belong under 'missing'"
    return f"{listed}; {rest}"


def _doubt_words(file: DeclaredFile, name: str, text: pd.Series, said: Mapping[str, Sequence[str]]) -> None:
    """Write down answers of people who do not know, that the study counts as leaving or staying (DQ069)."""
    for setting, words in said.items():
        doubtful = [word for word in words if says_not_known(word)]
        marked = _among(text, doubtful)
        if marked.any():
            listed = named(text[marked])[0]
            came = f"{', '.join(map(quoted, doubtful))} under 'outcome.{setting}'"
            advice = f"take it out of 'outcome.{setting}' and say missing: {{{file.key(name)}: [{listed}]}}"
            file.report("DQ069", name, marked, came=came, advice=advice)


def _event(file: DeclaredFile, outcome: OutcomeConfig, unanswered: Sequence[str]) -> tuple[pd.Series, np.ndarray]:
    """What ended it (a declared cause; for a plain yes only that it ended; missing while it lasts), and which are not
    known."""
    text = file.text("outcome_event")
    away = file.not_known("outcome_event") | is_one_of(text, unanswered).to_numpy(dtype=bool)
    yes, no = _among(text, outcome.yes) & ~away, _among(text, outcome.no) & ~away
    cause = _among(text, outcome.causes) & ~away
    unknown = ~yes & ~no & ~cause & ~away
    if unknown.any():
        words = ", ".join(filter(None, (*outcome.causes, *outcome.yes, *outcome.no)))
        came = "other values, or nothing (an empty word under 'outcome.no' lets empty mean still there)"
        advice = _advice(file, "outcome_event", text[unknown], "'outcome.causes', 'outcome.yes' or 'outcome.no'")
        file.report("DQ041", "outcome_event", unknown, expected=words, came=came, advice=advice)
    _doubt_words(file, "outcome_event", text, {"yes": outcome.yes, "no": outcome.no, "causes": outcome.causes})
    caused = text.str.lower().where(cause)
    return caused.mask(yes & ~cause, outcome.cause_of_yes).astype("str"), away


def _check_absent(file: DeclaredFile, name: str, word: str) -> None:
    """Empty cells of tenure or entry that nobody declared as 'not known' (DQ054)."""
    absent = file.text(name).isna().to_numpy() & ~file.not_known(name)
    if absent.any():
        advice = (
            f"fill in {word}; or, where it is not known, say missing: {{{file.key(name)}: ['']}}: these people then "
            f"count neither as leaving nor as staying"
        )
        file.report(
            "DQ054",
            name,
            absent,
            expected=f"{'an' if word == 'entry' else 'a'} {word} on every row",
            came="nothing",
            advice=advice,
        )


def _check_tenure(file: DeclaredFile, table: pd.DataFrame, outcome: OutcomeConfig) -> None:
    """Tenure that is missing, impossible, or counted in something else than was declared."""
    tenure = table["tenure"]
    _check_absent(file, "outcome_tenure", "tenure")
    bad = tenure <= 0
    if "entry" in table:
        _check_absent(file, "outcome_entry", "entry")
        bad = bad | (table["entry"] < 0) | (table["entry"] >= tenure)
    if bad.any():
        before = ", and entry before tenure" if "entry" in table else ""
        expected = f"{outcome.unit} above zero{before}"
        advice = f"correct the export: it counts {outcome.unit}; 'outcome.unit' says so if that is something else"
        file.report("DQ043", "outcome_tenure", bad.to_numpy(), expected=expected, advice=advice)
    tell_alike(file.findings, file.file, file.column("outcome_tenure"), tenure, "the same tenure")
    long = (tenure > LONGEST_TENURE).to_numpy()
    if long.any():
        came = f"more than {LONGEST_TENURE:.0f} months, counted from {outcome.unit}"
        file.report("DQ055", "outcome_tenure", long, expected="a tenure that somebody can have", came=came)
    elif "unit" not in outcome.model_fields_set and len(tenure) >= _ENOUGH and tenure.max() <= _SHORT:
        came = f"{tenure.max():g} months as the longest of {len(tenure)}"
        file.findings.add("DQ056", file.file, column=file.column("outcome_tenure"), count=len(tenure), came=came)
