"""Spells out of snapshots: who is missing from the next list of everyone left somewhere between the two.

An exit of which only two days are known, the last on which somebody was listed and the first on which they were not, is
interval censored. It is placed between them by one rule of the study, and how far that can be off is said: half the
distance for the middle, the whole of it for either end (Lindsey and Ryan, Statistics in Medicine 17, 1998, on what
placing at the middle does to curves).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from segment.config import HistoryConfig, WindowConfig
from segment.ingest.declared import DeclaredFile
from segment.vocabulary import DAYS_PER_MONTH, Relation

#: Part of the people of a list that may be missing from the next one before it is no list of everyone.
MOST_GONE = 0.5
#: Steps from one list to the next that are listed one by one.
_MOST_STEPS = 24
#: Where an exit is placed: part of the way from the last list that somebody is on to the next.
_PLACE = {"last": 0.0, "middle": 0.5, "next": 1.0}
_HERE = (str(Relation.EMPLOYEE), str(Relation.CONTRACTOR))


def check_lists(file: DeclaredFile, table: pd.DataFrame, window: WindowConfig | None) -> bool:
    """Whether the snapshots are lists of everyone (DQ088) between which the window lies (DQ087).

    ``table`` has ``person``, ``relation`` and ``valid_from``.
    """
    here = _listed(table)
    days = _days(here)
    if len(days) < 2:
        came = f"{len(days)} date of snapshots" if len(days) == 1 else "no date of a snapshot"
        _report(file, "DQ088", 1, expected="lists of everyone on two days at least", came=came)
        return False
    step = here["valid_from"].map({day: number for number, day in enumerate(days)})
    again = pd.MultiIndex.from_arrays([here["person"], step + 1]).isin(
        pd.MultiIndex.from_arrays([here["person"], step])
    )
    gone = 1.0 - pd.Series(again, index=here.index).groupby(step).mean().iloc[:-1]
    if (gone > MOST_GONE).any():
        worst = days[int(np.argmax(gone.to_numpy()))]
        came = f"{gone.max():.0%} of those listed on {worst:%Y-%m-%d} are not on the next list"
        _report(file, "DQ088", int((gone > MOST_GONE).sum()), came=came)
        return False
    if window is not None:
        _check_window(file, days, window)
    return True


def _check_window(file: DeclaredFile, days: Sequence[pd.Timestamp], window: WindowConfig) -> None:
    first, last = days[0].date(), days[-1].date()
    if window.start < first or window.end > last:
        _report(
            file, "DQ087", 1, expected=f"a window between {first} and {last}",
            came=f"{window.start} to {window.end} in the study file",
            advice=f"let 'outcome.window' be {{start: {max(window.start, first)}, end: {min(window.end, last)}}}",
        )  # fmt: skip


def split_absences(table: pd.DataFrame, history: HistoryConfig) -> pd.DataFrame:
    """Rows of people with another start where they were away from a list and count as hired again.

    Only where the study says that being away means having left (``absent: leaves``): a start that the file repeats from
    before the absence becomes one between the last list without the person and the first with them.
    """
    if history.absent == "stays":
        return table
    here = _listed(table).sort_values(["person", "valid_from"], kind="stable")
    days = _days(here)
    number = here["valid_from"].map({day: n for n, day in enumerate(days)})
    before = number.groupby(here["person"]).shift()
    back = (number - before) > 1
    missed = pd.to_datetime(pd.Series(days).reindex((number - 1).to_numpy()).to_numpy())
    placed = _between(pd.Series(missed, index=here.index), here["valid_from"], _PLACE["middle"])
    stated_later = here["start_date"] > here["valid_from"].groupby(here["person"]).shift()
    begins = placed.where(back & ~stated_later)
    begins = begins.groupby(here["person"]).ffill()
    started = here["start_date"].where(~(begins > here["start_date"]), begins)
    return table.assign(start_date=started.reindex(table.index).fillna(table["start_date"]))


def with_ends(
    file: DeclaredFile, table: pd.DataFrame, spells: pd.DataFrame, history: HistoryConfig, names: Sequence[str]
) -> pd.DataFrame:
    """Spells with an end for everyone who is missing from the next list, and what was inferred written down.

    Parameters
    ----------
    table
        One row per ``person``, ``spell`` and ``valid_from``, with ``relation``, ``start_date``, ``end_date`` and the
        attributes ``names``.
    spells
        One row per ``person`` and ``spell``; an ``end_date`` that stands there is kept.

    Writes down what happened from each list to the next (DQ089), and how far an exit's day can be off (DQ090).
    """
    here = _listed(table)
    days = _days(here)
    last = here.groupby(["person", "spell"])["valid_from"].max().rename("last").reset_index()
    whole = spells.merge(last, on=["person", "spell"], how="left")
    following = whole["last"].map(dict(pairwise(days)))
    next_start = whole.sort_values(["person", "spell"]).groupby("person")["start_date"].shift(-1)
    day_before = next_start.reindex(whole.index) - pd.Timedelta(days=1)
    bound = following.where(~(day_before < following), day_before)
    inferred = (whole["end_date"].isna() & whole["last"].notna() & bound.notna() & (bound >= whole["last"])).to_numpy()
    placed = _between(whole["last"], bound, _PLACE[history.gone])
    ended = spells["end_date"].where(~inferred, placed.to_numpy())
    _tell_steps(file, here, days, names)
    if inferred.any():
        width = (bound - whole["last"])[inferred].dt.days.max() / DAYS_PER_MONTH
        off = width * (0.5 if history.gone == "middle" else 1.0)
        came = (
            f"{int(inferred.sum())} exits lie between two lists, {width:.0f} months apart at most: a day of leaving "
            f"can be up to {off:.0f} months off"
        )
        _report(file, "DQ090", len(days), came=came)
    return spells.assign(end_date=ended)


def _tell_steps(file: DeclaredFile, here: pd.DataFrame, days: Sequence[pd.Timestamp], names: Sequence[str]) -> None:
    """Who is gone, new, back or changed from each list to the next (DQ089)."""
    seen: set[str] = set()
    words = [name for name in names if not pd.api.types.is_numeric_dtype(here[name])]
    lists = {day: rows.drop_duplicates("person").set_index("person") for day, rows in here.groupby("valid_from")}
    steps = []
    for day, later in list(pairwise(days))[-_MOST_STEPS:]:
        one, two = lists[day], lists[later]
        seen |= set(one.index)
        both = one.index.intersection(two.index)
        fresh = two.index.difference(one.index)
        back = len(seen.intersection(fresh))
        moved = one.loc[both, words].fillna("").ne(two.loc[both, words].fillna(""))
        changed = [f"{int(n)} with another {name}" for name, n in moved.sum().items() if n]
        told = [f"{len(one)} people", f"{len(one) - len(both)} gone", f"{len(fresh) - back} new", f"{back} back"]
        steps.append(f"{day:%Y-%m-%d} to {later:%Y-%m-%d}: {', '.join([*told, *changed[:4]])}")
    _report(file, "DQ089", len(days), came="; ".join(steps))


def tell_vanished(file: DeclaredFile, table: pd.DataFrame, spells: pd.DataFrame) -> None:
    """Say that people are missing from later lists and nothing says that they left (DQ091)."""
    here = _listed(table)
    days = _days(here)
    if len(days) < 2:
        return
    last = here.groupby(["person", "spell"])["valid_from"].max().rename("last").reset_index()
    whole = spells.merge(last, on=["person", "spell"], how="left")
    silent = whole["end_date"].isna() & (whole["last"] < days[-1])
    if silent.any() and silent.mean() <= MOST_GONE and here.groupby("valid_from").size().min() > len(spells) / 4:
        came = f"{int(silent.sum())} of {len(spells)} spells have no end and are on no later list"
        _report(file, "DQ091", int(silent.sum()), came=came)


def _report(file: DeclaredFile, code: str, count: int, *, came: str, expected: str = "", advice: str = "") -> None:
    column = file.column("snapshot_date")
    file.findings.add(code, file.file, column=column, count=count, expected=expected, came=came, advice=advice)


def _listed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of those who work here on the day of the list."""
    ended = table["end_date"].notna() & (table["end_date"] <= table["valid_from"])
    return table[table["relation"].isin(_HERE) & table["valid_from"].notna() & table["person"].notna() & ~ended]


def _days(here: pd.DataFrame) -> list[pd.Timestamp]:
    return [pd.Timestamp(day) for day in np.sort(here["valid_from"].unique())]


def _between(low: pd.Series, high: pd.Series, part: float) -> pd.Series:
    """A whole day after ``low`` and up to ``high``, ``part`` of the way."""
    span = (high - low).dt.days.to_numpy(dtype=float)
    days = np.minimum(np.maximum(np.ceil(span * part), 1.0), span)
    placed: pd.Series = low + pd.to_timedelta(pd.Series(days, index=low.index), unit="D")
    return placed
