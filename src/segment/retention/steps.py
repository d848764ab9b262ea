"""Which months of a curve may be shown: so far apart that several exits stand behind every step between them.

A curve shown month by month gives single people away: where ten are at risk one exit is a step of a tenth, and whoever
knows who left at that tenure knows in which segment they were. So a month is shown only where at least five more people
left since the one before, of every curve that is shown beside it and, for the shares by cause, of every cause.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.tables.release_plan import Frames

#: So many exits at least lie between two shown months of a curve.
FEWEST_IN_STEP = 5
#: Whole years are listed first, then what lies between them as far as exits allow, so that earlier months stay.
_SPACINGS = (12, 6, 3, 1)
_GONE, _LEFT = "incidence_", "events_"


def told_steps(
    exits: Sequence[pd.Series], *, among: Sequence[float] | None = None, fewest: int = FEWEST_IN_STEP
) -> list[float]:
    """The months at which all of some curves may be shown beside each other.

    Parameters
    ----------
    exits
        Per curve the exits so far (whole numbers) by month of tenure (ascending index, in whole months); the first
        month is that at which the curve begins.
    among
        Only these months, where given.
    fewest
        So many exits of each curve lie between two shown months, and between its first month and the next.

    Returns
    -------
    list of float
        Months, ascending; without the first month of a curve, at which it is 1 by definition.

    Examples
    --------
    >>> told_steps([pd.Series([0, 2, 5, 6, 12], index=[0.0, 1.0, 2.0, 3.0, 4.0])])
    [3.0, 4.0]
    """
    told: list[float] = []
    months = sorted({float(month) for one in exits for month in one.index})
    for spacing in _SPACINGS:
        for month in months:
            free = month % spacing == 0 and month not in told and (among is None or month in among)
            curves = [one for one in exits if one.index[0] < month <= one.index[-1]]
            if free and curves and all(_apart(one, month, told, fewest) for one in curves):
                told.append(month)
    return sorted(told)


def _apart(exits: pd.Series, month: float, told: Sequence[float], fewest: int) -> bool:
    """Whether enough left between this month and the shown ones on either side of it."""
    before = max((one for one in told if exits.index[0] <= one < month), default=exits.index[0])
    after = min((one for one in told if month < one <= exits.index[-1]), default=None)
    enough = exits[month] - exits[before] >= fewest
    return bool(enough and (after is None or exits[after] - exits[month] >= fewest))


def curves_told(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """Curves at the months that may be shown: the same ones for all segments, and those of everyone for itself.

    Shares gone by a cause stand at fewer months where one cause is rarer, and nowhere in a segment in which fewer than
    five left for one of the causes; two of them and survival would tell the third.
    """
    if rows.empty:
        return rows
    whole = rows["segment"].isna()
    happened = [str(name) for name in rows if str(name).startswith(_LEFT) and rows[name].max() > 0]
    parts = [_thinned(part, happened) for part in (rows[whole], rows[~whole]) if len(part)]
    return pd.concat(parts).sort_index().reset_index(drop=True)


def _thinned(rows: pd.DataFrame, happened: Sequence[str]) -> pd.DataFrame:
    """The rows of curves that are shown beside each other, at the months at which all of them may be."""
    curves = [one.sort_values("month") for _, one in rows.groupby("segment", dropna=False)]
    months = told_steps([_so_far(one, "events") for one in curves])
    firm = [one for one in curves if all(one[name].max() >= FEWEST_IN_STEP for name in happened)]
    by_cause = told_steps([_so_far(one, name) for one in firm for name in happened], among=months)
    gone = [str(name) for name in rows if str(name).startswith(_GONE)]
    found = []
    for one in curves:
        begins = one["month"] == one["month"].min()
        kept = one[begins | one["month"].isin(months)]
        tells = kept["month"].isin(by_cause) | (kept["month"] == one["month"].min())
        silent = ~tells if any(one is other for other in firm) else pd.Series(True, index=kept.index)
        found.append(kept.assign(**{name: kept[name].where(~silent) for name in gone}))
    result: pd.DataFrame = pd.concat([one for one in found if len(one) > 1] or [rows.iloc[:0]])
    return result


def _so_far(rows: pd.DataFrame, name: str) -> pd.Series:
    return pd.Series(rows[name].to_numpy(dtype=float), index=rows["month"].to_numpy(dtype=float))


def first_year_told(rows: pd.DataFrame, _: Frames | None = None) -> pd.DataFrame:
    """Shares gone of new hires at the months that may be shown; a month that may not has no line.

    Where there is no figure for another reason the release hides the line by its own floors.
    """
    whole = rows["source"].isna()
    kept = []
    for part in (rows[whole], rows[~whole]):
        counted = part[part["gone"].notna()]
        exits = [
            pd.Series(np.r_[0.0, one["so_far"].to_numpy(dtype=float)], index=[0.0, *one["month"].astype(float)])
            for _, one in counted.groupby("source", dropna=False)
        ]
        kept.append(part[part["gone"].isna() | part["month"].isin(told_steps(exits))])
    told = pd.concat(kept).sort_index()
    return told.assign(**{name: told[name].clip(0.0, 1.0) for name in ("gone", "low", "high")}).reset_index(drop=True)
