"""What a released table shows of each row: banded numbers, rounded figures, bands for the nearly unanimous."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.disclosure.figures import (
    BROAD_DIGITS,
    BROAD_UNDER,
    BROADLY_ALL,
    BROADLY_NONE,
    HIDDEN,
    SHARE_DIGITS,
    apart,
    band_interval,
    band_scores,
    ends_of_few,
    interval_columns,
    is_end,
    is_nearly,
    least_people,
    least_reach,
    people_band,
    round_counts,
    round_shares,
    rounded,
    told_figures,
)
from segment.disclosure.ranking import next_alike, ranks_of
from segment.tables.release_plan import Alike, Ranks

#: Decimals with which the figures of each part leave.
DECIMALS: Mapping[str, int] = {"means": 1, "shares": 2, "overall": 3}


@dataclass(frozen=True)
class Form:
    """Which columns of a frame play which part in a release."""

    name: str
    groups: tuple[str, ...]
    count: str
    means: tuple[str, ...]
    shares: tuple[str, ...]
    counts: tuple[str, ...]
    texts: tuple[str, ...]
    overall: tuple[str, ...]
    lines: tuple[str, ...]
    kind: str
    events: str | None
    response: str | None
    barred: str | None
    ends: Mapping[str, tuple[str, str]]
    ranks: Ranks
    alike: Mapping[str, Alike]
    chosen: tuple[str, ...] = ()
    digits: Mapping[str, int] = field(default_factory=dict)

    def decimals(self, column: str) -> int:
        """With how many decimals a figure leaves: as its part has it, or fewer if readers see fewer."""
        part = next(part for part in DECIMALS if column in getattr(self, part))
        return min(self.digits.get(column, DECIMALS[part]), DECIMALS[part])

    @property
    def figures(self) -> tuple[str, ...]:
        return (*self.means, *self.shares, *self.counts, *self.overall, *self.texts, *self.ranks, *self.alike)

    @property
    def named(self) -> tuple[str, ...]:
        extra = (self.events, self.response, self.barred, *(end for pair in self.ends.values() for end in pair))
        made = tuple(column for one in self.alike.values() for column in one.columns)
        own = tuple(column for column in self.figures if column not in self.alike)
        return (*self.lines, *self.groups, self.count, *own, *made, *(column for column in extra if column))


def content_of(rows: pd.DataFrame, request: Form) -> pd.DataFrame:
    """The released columns: banded numbers of people, rounded figures, nothing where hidden.

    The shares of a retention curve are not banded: every curve begins at 1, and staying is no answer.
    """
    hidden = rows["_hidden"].to_numpy(dtype=bool)
    content = rows[[*request.lines, *request.groups]].copy()
    people = rows[request.count].tolist()
    content["n"] = [HIDDEN if gone else people_band(int(n)) for gone, n in zip(hidden, people, strict=True)]
    means, near_means = _scores(rows, request)
    means = _set_apart(means, request)
    shares, near_shares = _shares(rows, request)
    banded = (near_means | near_shares) & ~hidden
    for column in request.means:
        content[column] = told_figures(column, means[column], request.decimals(column), hidden=hidden)
    for column in request.shares:
        band, among = request.kind != "curves", rows[request.count].to_numpy()
        content[column], _ = round_shares(shares[column], hidden=hidden, band=band, people=among)
    for column in request.counts:
        content[column] = round_counts(rows[column].to_numpy(dtype=float), hidden=hidden)
    overall = _set_apart({column: rows[column].to_numpy(dtype=float) for column in request.overall}, request)
    for column, values in overall.items():
        content[column] = told_figures(column, values, request.decimals(column), hidden=hidden)
    for column in request.texts:
        content[column] = rows[column].astype("str").where(~hidden & rows[column].notna(), "")
    for column, within in request.ranks.items():
        content[column] = ranks_of(rows, column, within, hidden=hidden)
    for column, one in request.alike.items():
        near = rows[one.near].fillna(True).to_numpy(dtype=bool) if one.near else banded
        content[column] = next_alike(
            rows, content[one.rank].to_numpy(), one, request.ranks[one.rank], withheld=hidden | near
        )
    content["status"] = np.select([hidden, banded], ["hidden", "banded"], default="shown")
    return content.reset_index(drop=True)


def _scores(rows: pd.DataFrame, request: Form) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The means with those near an end of their scale as bands, and in which rows one is.

    An interval that is made of a number of people is made of the fewest that this number can be as it is told.
    """
    values = {column: rows[column].to_numpy(dtype=float) for column in request.means}
    near = np.zeros(len(rows), dtype=bool)
    n, pairs = least_people(rows[request.count].to_numpy(dtype=float)), interval_columns(request.means)
    for column, ends in request.ends.items():
        low, high = (rows[end].to_numpy(dtype=float) for end in ends)
        shown, extreme = band_scores(values[column], ends=(low, high))
        near |= extreme
        if column in pairs:
            least = least_reach(n, ends=(low, high))
            far = band_interval(n, upper=shown > (low + high) / 2)
            for name, sign, edge in zip(pairs[column], (-1, 1), far, strict=True):
                wide = np.where(values[name] * sign < (shown + sign * least) * sign, shown + sign * least, values[name])
                values[name] = np.where(extreme, low + edge * (high - low), np.where(np.isnan(low), values[name], wide))
        values[column] = shown
    return values, near


def _set_apart(figures: dict[str, np.ndarray], request: Form) -> dict[str, np.ndarray]:
    """Figures with the ends of their intervals rounded, none of them to the figure itself."""
    found = dict(figures)
    for column, pair in interval_columns(list(figures)).items():
        found |= {name: apart(name, figures[name], figures[column], request.decimals(name)) for name in pair}
    return found


def _shares(rows: pd.DataFrame, request: Form) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The shares with the intervals of nearly unanimous groups as those of the band, and in which rows one is.

    Ends of intervals are rounded here: where one comes to lie on the edge of a band, the row has a band.
    """
    given = {column: rows[column].to_numpy(dtype=float) for column in request.shares}
    n, pairs = rows[request.count].to_numpy(dtype=float), interval_columns(request.shares)
    few = (n < BROAD_UNDER) & (request.kind != "curves")
    values = {column: _end(column, share, few) if is_end(column) else share for column, share in given.items()}
    for column, pair in pairs.items():
        ends = [np.clip(apart(name, given[name], given[column], SHARE_DIGITS), 0, 1) for name in pair]
        of_few = ends_of_few(given[column], *(given[name] for name in pair), people=n)
        values |= {name: np.where(few, own, end) for name, end, own in zip(pair, ends, of_few, strict=True)}
    near = np.zeros(len(rows), dtype=bool)
    if request.kind == "curves":
        return values, near
    for column, share in list(values.items()):
        extreme = is_nearly(share, n)
        near |= extreme
        edges = band_interval(least_people(n), upper=share > 0.5, broad=True)
        for name, edge in zip(pairs.get(column, ()), edges, strict=False):
            values[name] = np.where(extreme, _end(name, edge, few), values[name])
    return values, near


def _end(column: str, ends: np.ndarray, few: np.ndarray) -> np.ndarray:
    """Ends of intervals of shares, outward: to a tenth where few people are behind them, else to a hundredth."""
    return np.where(few, rounded(column, ends, BROAD_DIGITS), rounded(column, ends, SHARE_DIGITS))


def told_again(row: Mapping[str, object], shares: Collection[str]) -> dict[str, object]:
    """A published row with its shares in tenths where its number of people is a band; others are as they were.

    >>> told_again({"n": "10–19", "share": 0.68, "high": 0.85, "status": "shown"}, ["share", "high"])
    {'n': '10–19', 'share': 0.7, 'high': 0.9, 'status': 'banded'}
    >>> told_again({"n": "20", "share": 0.68, "status": "shown"}, ["share"])
    {'n': '20', 'share': 0.68, 'status': 'shown'}
    """
    least = str(row.get("n", "")).partition("–")[0]
    if not least.isdigit() or int(least) >= BROAD_UNDER:
        return dict(row)
    told = {name: float(str(row[name])) for name in shares if row.get(name) is not None}
    told = {name: _coarser(name, value) for name, value in told.items()}
    banded = any(value in (BROADLY_NONE, BROADLY_ALL) for value in told.values())
    return {**row, **told, **({"status": "banded"} if banded and row.get("status") == "shown" else {})}


def _coarser(name: str, value: float) -> float:
    """A share in tenths; one that was no band does not become one, an end of an interval may."""
    step = 0 if is_end(name) or value in (BROADLY_NONE, BROADLY_ALL) else 10.0**-BROAD_DIGITS
    tenth = float(rounded(name, np.array([value]), BROAD_DIGITS)[0])
    return round(min(max(tenth, BROADLY_NONE + step), BROADLY_ALL - step), BROAD_DIGITS)


def scales_of(rows: pd.DataFrame, request: Form) -> dict[str, list[float]]:
    """The ends of the scale per line whose answers are on another one than 1 to 5."""
    found = {}
    for least, most in dict.fromkeys(request.ends.values()):
        for row in rows.drop_duplicates([*request.lines, least, most]).to_dict("records"):
            ends = [float(row[least]), float(row[most])]
            if not np.isnan(ends).any() and ends != [1.0, 5.0]:
                found["|".join(str(row[line]) for line in request.lines)] = ends
    return found


#: What a group may be called without being vouched for, as ``verify.py`` has it: no figure, number of a person, or tag.
PLAIN_NAME = re.compile(r"(?!.*\d[.,]\d)(?!.*\d{5})(?!.*[A-Za-z]\d{4})[^<>\x00-\x1f]{0,300}")

_WRITTEN = re.compile(r"[^\x00-\x1f]{0,300}")


def odd_names(rows: pd.DataFrame, request: Form) -> list[str]:
    """What groups and lines are called where an outsider would take it for a figure or a number: cost centres, ages.

    Groups of few people with such a name do not come this far: it counts as not known when data are read (DQ098).

    >>> PLAIN_NAME.fullmatch("12345 Finance"), PLAIN_NAME.fullmatch("Finance") is not None
    (None, True)
    """
    shown, told = rows[~rows["_hidden"]], set[str]()
    for own, columns in ((rows, (*request.groups, *request.lines)), (shown, request.texts)):
        told |= {name for column in columns if column in own for name in own[column].dropna() if isinstance(name, str)}
    return sorted(name for name in told if _WRITTEN.fullmatch(name) and not PLAIN_NAME.fullmatch(name))
