"""A study as it was known on a day: what was answered, listed and seen to end by then, and nothing later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from segment.errors import InvalidStudy
from segment.tables.waves import Wave

_SETTING = "as_of"


def as_of_day(
    tables: Mapping[str, pd.DataFrame], day: dt.date | None, waves: Sequence[Wave], wave: str | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of a study without what came after a day.

    Answers of waves that ended later go, and so do actions that began later; HR's rows are cut when they are read
    (:func:`rows_by`). What HR's file says of a person today (a department, a salary) stays: a file without lists of
    several dates does not tell what it was before.

    Parameters
    ----------
    tables
        Name -> table, as the study was read.
    day
        The day; None: today, and nothing goes.
    waves
        The waves of the answers, earliest first.
    wave
        The one that segments are to be made on, where the study names it.

    Raises
    ------
    InvalidStudy
        A wave whose last day nobody knows, no wave by that day, or not the one that is named.
    """
    if day is None:
        return dict(tables)
    found, until = dict(tables), pd.Timestamp(day)
    if "responses" in found:
        known = _known_by(day, waves, wave)
        for name in ("responses", "wave_days"):
            found[name] = found[name][found[name]["wave"].isin(known)].reset_index(drop=True)
    if "begun" in found:
        found["begun"] = found["begun"][found["begun"]["day"] <= until].reset_index(drop=True)
    return found


def rows_by(people: pd.DataFrame, day: dt.date | None) -> pd.DataFrame:
    """The rows of HR's file as they were known on a day (None: today): of who had started, from lists made by then.

    Who left later is still there.

    Examples
    --------
    >>> rows = pd.DataFrame({"start_date": pd.to_datetime(["2020-01-01", "2024-05-01"]),
    ...                      "end_date": pd.to_datetime(["2024-06-30", None]), "end_reason": ["voluntary", None]})
    >>> rows_by(rows, dt.date(2024, 3, 31))["end_date"].isna().tolist()
    [True]
    """
    if day is None:
        return people
    until = pd.Timestamp(day)
    late = people["start_date"] > until
    late |= people["valid_from"] > until if "valid_from" in people else False
    people = people[~late]
    open_yet = people["end_date"] > until
    return people.assign(end_date=people["end_date"].mask(open_yet), end_reason=people["end_reason"].mask(open_yet))


def _known_by(day: dt.date, waves: Sequence[Wave], wave: str | None) -> list[str]:
    """The waves that were answered by a day."""
    undated = [wave.name for wave in waves if wave.last is None]
    if undated:
        raise InvalidStudy(
            "A study can be reported as it was on a day only where every wave has its own.",
            [f"'{name}' has no last day of answering" for name in undated],
            advice="give them under waves, as in waves: {'first wave': 2023-03-31}",
        )
    known = [wave.name for wave in waves if wave.last is not None and wave.last <= day]
    if waves and not known:
        first = min(str(wave.last) for wave in waves)
        raise InvalidStudy(
            "On that day there were no answers yet.", [f"{_SETTING}: {day}; the first wave ended on {first}"],
            advice=f"give a day from {first} on",
        )  # fmt: skip
    if wave is not None and wave not in known:
        raise InvalidStudy(
            "On that day the wave that segments are made on had not been answered.",
            [f"wave: {wave}; {_SETTING}: {day}"], advice=f"leave 'wave' out, or name one of {', '.join(known)}",
        )  # fmt: skip
    return known
