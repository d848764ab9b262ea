"""From dates to months of tenure: employment spells, yearly snapshots, and a hold-out that lies later in time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.tables.order import in_turn
from segment.vocabulary import DAYS_PER_MONTH

Date = str | pd.Timestamp


def spells_from_dates(
    people: pd.DataFrame,
    *,
    window_start: Date,
    window_end: Date,
    causes: Sequence[str] = ("voluntary", "involuntary"),
) -> pd.DataFrame:
    """Months of tenure under observation for each employment spell.

    Parameters
    ----------
    people
        One row per employment spell: ``start_date``, ``end_date`` (empty when still employed; the last day employed)
        and ``end_reason``; a ``person`` column is carried along.
    window_start, window_end
        The first and last day on which exits would have been recorded. Somebody employed before ``window_start``
        enters at the tenure of that day (left truncation).
    causes
        Reasons told apart. Another reason, or none, ends the watching without counting as an event, unless ``"other"``
        is one of the causes: then it counts as that.

    Returns
    -------
    DataFrame
        One row per spell with any day inside the window, index as in ``people``: ``entry``, ``exit`` (months of
        tenure, one month = 30.44 days), ``event`` (0, or 1.. the position in ``causes``), and ``person`` if given.

    Raises
    ------
    InvalidInput
        When a column is missing, is not dates, has no start, or ends before it starts.

    Examples
    --------
    >>> people = pd.DataFrame({"start_date": ["2020-01-01", "2024-07-01"], "end_date": ["2024-12-31", None],
    ...                        "end_reason": ["voluntary", None]})
    >>> spells_from_dates(people, window_start="2024-01-01", window_end="2024-12-31").round(1)
       entry  exit  event
    0   48.0  60.0      1
    1    0.0   6.0      0
    """
    start, end = _dates(people, "start_date"), _dates(people, "end_date")
    _refuse_dates(start, end)
    first, last = _window(window_start, window_end)
    after_last = last + pd.Timedelta(days=1)
    left = end.notna() & (end <= last)
    stop = (end + pd.Timedelta(days=1)).where(left, after_last)
    begin = start.where(start > first, first)
    table = pd.DataFrame(
        {
            "entry": _months(begin - start),
            "exit": _months(stop - start),
            "event": np.where(left, _event_codes(people, causes), 0),
        },
        index=people.index,
    )
    if "person" in people:
        table["person"] = people["person"]
    return table[(stop > begin).to_numpy()]


def split_by_time(
    people: pd.DataFrame,
    *,
    cut: Date,
    window_start: Date,
    window_end: Date,
    causes: Sequence[str] = ("voluntary", "involuntary"),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Learn from what was known before a day, test on what happened after it.

    Parameters
    ----------
    people
        As for `spells_from_dates`.
    cut
        The first day that is tested on.
    window_start, window_end
        First and last day of observation.
    causes
        Reasons for leaving, by number from 1.

    Returns
    -------
    (training spells, test spells)
        As :func:`spells_from_dates` makes them, for ``window_start`` to the day before ``cut``, and for ``cut`` to
        ``window_end``. A person employed on the cut is in both: watched until it, and from it on.

    Examples
    --------
    >>> people = pd.DataFrame({"start_date": ["2020-01-01"], "end_date": ["2024-12-31"], "end_reason": ["voluntary"]})
    >>> train, test = split_by_time(people, cut="2024-01-01", window_start="2022-01-01", window_end="2025-12-31")
    >>> int(train["event"].iloc[0]), int(test["event"].iloc[0])
    (0, 1)
    >>> bool(train["exit"].iloc[0] == test["entry"].iloc[0])
    True
    """
    first, last = _window(window_start, window_end)
    day = _day(cut, "cut")
    if not first < day <= last:
        raise InvalidInput(
            "The cut must lie inside the observation window.",
            expected=f"after {first:%Y-%m-%d}, up to {last:%Y-%m-%d}",
            came=f"{day:%Y-%m-%d}",
            where="cut",
        )
    before = spells_from_dates(people, window_start=first, window_end=day - pd.Timedelta(days=1), causes=causes)
    after = spells_from_dates(people, window_start=day, window_end=last, causes=causes)
    return before, after


def periods_from_snapshots(
    snapshots: pd.DataFrame,
    people: pd.DataFrame,
    *,
    window_start: Date,
    window_end: Date,
    causes: Sequence[str] = ("voluntary", "involuntary"),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Start-stop rows: each stretch of tenure with the attributes as they were known at its start.

    Parameters
    ----------
    snapshots
        One row per person, spell and day: ``person``, ``spell``, ``valid_from`` and any attributes.
    people
        One row per person and spell: ``person``, ``spell``, ``start_date``, ``end_date``, ``end_reason``.
    window_start, window_end, causes
        As in :func:`spells_from_dates`.

    Returns
    -------
    (attributes, spells)
        One row per stretch, same index; spells with ``entry``, ``exit``, ``event`` and ``person``. The time before a
        person's first snapshot is not watched: nothing was known then. A snapshot dated after the exit is not used.

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["a"], "spell": [1], "start_date": ["2022-01-01"], "end_date": ["2023-12-31"],
    ...                        "end_reason": ["voluntary"]})
    >>> snapshots = pd.DataFrame({"person": ["a", "a"], "spell": [1, 1], "valid_from": ["2022-01-01", "2023-01-01"],
    ...                           "grade": [3, 4]})
    >>> X, spells = periods_from_snapshots(snapshots, people, window_start="2022-01-01", window_end="2024-12-31")
    >>> X["grade"].tolist(), spells["event"].tolist(), spells["exit"].round(0).tolist()
    ([3, 4], [0, 1], [12.0, 24.0])
    """
    key = ["person", "spell"]
    _refuse_snapshots(snapshots, people, key)
    dated = snapshots.assign(valid_from=_dates(snapshots, "valid_from"))
    dated = in_turn(dated, people["person"], then=["spell", "valid_from"])
    following = dated.groupby(key, sort=False)["valid_from"].shift(-1)
    columns = [*key, "start_date", "end_date", "end_reason"]
    joined = dated.assign(_next=following).merge(people[columns], on=key, how="inner", validate="many_to_one")
    start, end = _dates(joined, "start_date"), _dates(joined, "end_date")
    first, last = _window(window_start, window_end)
    after_last = last + pd.Timedelta(days=1)
    left = end.notna() & (end <= last)
    gone = (end + pd.Timedelta(days=1)).where(left, after_last)
    begin = joined["valid_from"].where(joined["valid_from"] > first, first)
    begin = begin.where(begin > start, start)
    stop = joined["_next"].where(joined["_next"].notna() & (joined["_next"] < gone), gone)
    ends_here = left & (stop == gone)
    spells = pd.DataFrame(
        {
            "entry": _months(begin - start),
            "exit": _months(stop - start),
            "event": np.where(ends_here, _event_codes(joined, causes), 0),
            "person": joined["person"],
        }
    )
    kept = (stop > begin).to_numpy()
    attributes = joined.drop(columns=[*key, "valid_from", "_next", "start_date", "end_date", "end_reason"])
    return attributes[kept].reset_index(drop=True), spells[kept].reset_index(drop=True)


def _months(length: pd.Series) -> np.ndarray:
    result: np.ndarray = length.dt.total_seconds().to_numpy(dtype=float) / 86_400 / DAYS_PER_MONTH
    return result


def _event_codes(people: pd.DataFrame, causes: Sequence[str]) -> np.ndarray:
    """The position of each reason among the causes, from 1; 0 where it is none of them."""
    if "end_reason" not in people:
        raise InvalidInput(
            "The people table lacks a column.",
            expected="end_reason",
            came="no such column",
            where="people",
            advice="give every exit a reason, or make one column with the same reason",
        )
    reason = people["end_reason"].astype(object)
    position = {cause: number for number, cause in enumerate(causes, start=1)}
    codes = reason.map(position).to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(codes), position.get("other", 0), codes).astype(np.int64)


def _dates(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        raise InvalidInput("A column of dates is missing.", expected=name, came="no such column", where="people")
    try:
        return pd.to_datetime(table[name], format=None if _is_dated(table[name]) else "ISO8601").dt.normalize()
    except (ValueError, TypeError):
        raise InvalidInput(
            "A column does not hold dates.",
            expected="dates, or text as 2024-12-31",
            came=str(table[name].dtype),
            where=f"column {name}",
        ) from None


def _is_dated(column: pd.Series) -> bool:
    return pd.api.types.is_datetime64_any_dtype(column)


def _day(value: Date, name: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(value).normalize()
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput(
            "A day cannot be read.", expected="a date as 2024-12-31", came=repr(value), where=name
        ) from None


def _window(window_start: Date, window_end: Date) -> tuple[pd.Timestamp, pd.Timestamp]:
    first, last = _day(window_start, "window_start"), _day(window_end, "window_end")
    if first > last:
        raise InvalidInput(
            "The observation window ends before it begins.",
            expected="window_start up to window_end",
            came=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
            where="window_start, window_end",
        )
    return first, last


def _refuse_dates(start: pd.Series, end: pd.Series) -> None:
    if start.isna().any():
        raise InvalidInput(
            "A spell has no start.",
            expected="a start_date in every row",
            came=f"{int(start.isna().sum())} without",
            where="people, column start_date",
        )
    backwards = int((end < start).sum())
    if backwards:
        raise InvalidInput(
            "A spell ends before it starts.",
            expected="end_date on or after start_date",
            came=f"{backwards} the other way round",
            where="people, columns start_date and end_date",
        )


def _refuse_snapshots(snapshots: pd.DataFrame, people: pd.DataFrame, key: list[str]) -> None:
    for name, table, needed in (("snapshots", snapshots, [*key, "valid_from"]), ("people", people, key)):
        missing = [column for column in needed if column not in table]
        if missing:
            raise InvalidInput(
                "A table lacks columns.", expected=", ".join(needed), came=f"no {', '.join(missing)}", where=name
            )
    twice = int(snapshots.duplicated([*key, "valid_from"]).sum())
    if twice:
        raise InvalidInput(
            "Two snapshots of one spell carry the same day.",
            expected="one row per person, spell and valid_from",
            came=f"{twice} more",
            where="snapshots",
        )
    _refuse_dates(_dates(people, "start_date"), _dates(people, "end_date"))
