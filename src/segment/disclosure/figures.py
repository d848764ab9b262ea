"""How a released figure looks: bands for small numbers of people, few decimals, nearly everyone as a band."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from segment.proportions import wilson_interval

#: What stands in the place of a number of people that is hidden: the same for every hidden group, because a mark
#: that tells small groups from groups hidden to protect them would narrow down both.
HIDDEN = "–"

#: Shares beyond these are shown as these: a group that is nearly unanimous speaks for each of its members.
NEARLY_NONE, NEARLY_ALL = 0.05, 0.95

#: In groups of fewer people than this one person is more than a twentieth: there the same at a tenth, or a band would
#: hold nothing but all of them.
BROAD_UNDER = 20
BROADLY_NONE, BROADLY_ALL = 0.10, 0.90

#: Decimals of a share, and of one among fewer than ``BROAD_UNDER`` people, whose number is a band: in tenths any of ten
#: to nineteen people can have each share, so that no number of shares says how many it is. .68 would say 13 of 19.
SHARE_DIGITS, BROAD_DIGITS = 2, 1

#: Standard errors on either side of a 95 % interval, and what floating point may be off.
_Z, _HAIR = 1.959964, 1e-9

_BANDS = (5, 10, 20, 50, 100, 200, 500, 1000)


def people_band(n: int, *, exact_from: int = 20) -> str:
    """A number of people as it is shown: a band under ``exact_from``, the number from there.

    >>> [people_band(n) for n in (3, 7, 10, 19, 20, 1234)]
    ['–', '5–9', '10–19', '10–19', '20', '1234']
    >>> people_band(70, exact_from=100)
    '50–99'
    """
    if n < _BANDS[0]:
        return HIDDEN
    if n >= exact_from:
        return str(n)
    if n >= _BANDS[-1]:
        return f"{_BANDS[-1]} or more"
    low = max(bound for bound in _BANDS if bound <= n)
    return f"{low}–{min(bound for bound in _BANDS if bound > n) - 1}"


def least_people(n: np.ndarray) -> np.ndarray:
    """The fewest people that a number can be as :func:`people_band` tells it: nothing in a row may depend on more.

    >>> least_people(np.array([3, 7, 19, 20])).tolist()
    [5.0, 5.0, 10.0, 20.0]
    """
    return np.select([n < 10, n < BROAD_UNDER], [5.0, 10.0], default=np.asarray(n, dtype=float))


def rounded(column: str, values: np.ndarray, digits: int) -> np.ndarray:
    """Figures to so many decimals, once, from the unrounded ones; ends of intervals outward, so that a band has width
    and holds what it held before.

    >>> given = np.array([0.985, 0.29, -0.004])
    >>> [rounded(column, given, 2).tolist() for column in ("value", "low", "share_high")]
    [[0.98, 0.29, -0.0], [0.98, 0.29, -0.01], [0.99, 0.29, -0.0]]
    >>> [rounded(column, np.array([885.47]), 0).tolist() for column in ("value", "low", "high")]
    [[885.0], [885.0], [886.0]]
    >>> rounded("high", np.array([np.inf, np.nan]), 0).tolist()
    [inf, nan]
    """
    if not is_end(column):
        return np.asarray(np.round(values, digits))
    steps = values * 10.0**digits
    hair = _HAIR * np.where(np.isfinite(steps), np.maximum(np.abs(steps), 1.0), 0.0)  # an open end stays open
    whole = np.ceil(steps - hair) if is_upper(column) else np.floor(steps + hair)
    return np.asarray(np.round(whole / 10.0**digits, digits))


def apart(column: str, ends: np.ndarray, figures: np.ndarray, digits: int) -> np.ndarray:
    """Ends of intervals as :func:`rounded`, a last digit further out where one would be printed as its figure is.

    What lies inside its interval is printed inside it: 8.3% (8.1%–9.6%) would read 8% (8%–10%).

    >>> figures = np.array([0.083, 0.083, 0.08])
    >>> [apart(name, np.array(ends), figures, 2).tolist() for name, ends in (
    ...     ("low", [0.081, 0.078, 0.08]), ("high", [0.096, 0.0801, 0.084]))]
    [[0.07, 0.07, 0.08], [0.1, 0.09, 0.09]]
    """
    sign, step = (1 if is_upper(column) else -1), 10.0**-digits
    told, figure = rounded(column, ends, digits), np.round(figures, digits)
    alike = (sign * (ends - figures) > _HAIR) & (np.abs(told - figure) < step / 2)
    return np.asarray(np.round(np.where(alike, told + sign * step, told), digits))


def told_figures(column: str, values: np.ndarray, digits: int, *, hidden: np.ndarray) -> np.ndarray:
    """Figures as :func:`rounded`, missing where hidden."""
    return _blank(rounded(column, values, digits), hidden)


def round_shares(
    values: np.ndarray, *, hidden: np.ndarray, band: bool, people: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shares to two decimals, of fewer than twenty people to one, missing where hidden; with ``band`` nearly none and
    nearly all of ``people`` as bands.

    Returns the shares, and which of them became a band. A band never holds one number of people alone. The edge of a
    band stands for the band alone: what would be rounded to it from inside is reported a last digit further in. Ends of
    intervals are rounded before (:func:`rounded`): one that lies on the edge is cut off there, an open end holds it.

    >>> none = np.zeros(6, dtype=bool)
    >>> among, given = np.array([200, 200, 20, 12, 56, 19]), np.array([0.994, 0.502, 0.95, 11 / 12, 3 / 56, 13 / 19])
    >>> shares, banded = round_shares(given, hidden=none, band=True, people=among)
    >>> shares.tolist(), banded.tolist()
    ([0.95, 0.5, 0.95, 0.9, 0.06, 0.7], [True, False, True, True, False, False])
    """
    few = people < BROAD_UNDER
    shares = np.where(few, np.round(values, BROAD_DIGITS), np.round(values, SHARE_DIGITS))
    if not band:
        return _blank(shares, hidden), np.zeros(len(shares), dtype=bool)
    (none, all_of), banded = share_bands(people), is_nearly(values, people) & ~hidden
    step = np.where(few, 10.0**-BROAD_DIGITS, 10.0**-SHARE_DIGITS)
    inside = np.round(np.clip(shares, none + step, all_of - step), 2)
    return _blank(np.where(banded, np.clip(shares, none, all_of), inside), hidden), banded


def ends_of_few(
    shares: np.ndarray, low: np.ndarray, high: np.ndarray, *, people: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of intervals of shares among fewer than twenty people, in tenths outward; of more people as they are.

    None is narrower than Wilson's interval of ten people with a share that is told as this one: an interval as narrow
    as nineteen allow would say that it is nineteen.

    >>> told = [ends_of_few(np.array([k / n]), *wilson_interval([k / n], n), people=np.array([n]))
    ...         for n, k in ((10, 7), (13, 9), (19, 13))]
    >>> [[float(end[0]) for end in ends] for ends in told]
    [[0.3, 1.0], [0.3, 1.0], [0.3, 1.0]]
    """
    few, step, size = people < BROAD_UNDER, 10.0**-BROAD_DIGITS, 10 * np.ones(len(shares))
    told = np.clip(np.round(shares, BROAD_DIGITS), BROADLY_NONE + step, BROADLY_ALL - step)
    least, most = wilson_interval(told - step / 2, size)[0], wilson_interval(told + step / 2, size)[1]
    ends = rounded("low", np.minimum(low, least), BROAD_DIGITS), rounded("high", np.maximum(high, most), BROAD_DIGITS)
    return np.where(few, np.clip(ends[0], 0, 1), low), np.where(few, np.clip(ends[1], 0, 1), high)


def is_nearly(shares: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Whether a share of so many people, before it is rounded, is one of nearly none or nearly all of them.

    >>> is_nearly(np.array([3 / 56, 2 / 56]), np.array([56, 56])).tolist()
    [False, True]
    >>> is_nearly(np.array([0.9, 0.9]), np.array([20, 19])).tolist()
    [False, True]
    """
    none, all_of = share_bands(people)
    return np.asarray((shares <= none + _HAIR) | (shares >= all_of - _HAIR))


def is_end(column: str) -> bool:
    """Whether a column holds an end of an interval."""
    return column in ("low", "high") or column.endswith(("_low", "_high"))


def is_upper(column: str) -> bool:
    """Whether a column holds the upper end of an interval."""
    return column == "high" or column.endswith("_high")


def edges_of(n: str) -> tuple[float, float]:
    """Where the bands of a released row begin, from its number of people as :func:`people_band` tells it.

    >>> edges_of("10–19"), edges_of("20"), edges_of("1000 or more")
    ((0.1, 0.9), (0.05, 0.95), (0.05, 0.95))
    """
    least = re.match(r"\d+", n)
    broad = least is not None and int(least.group()) < BROAD_UNDER
    return (BROADLY_NONE, BROADLY_ALL) if broad else (NEARLY_NONE, NEARLY_ALL)


def share_bands(people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From where on a share of so many people is a band: of nearly none, of nearly all.

    >>> [edge.tolist() for edge in share_bands(np.array([19, 20]))]
    [[0.1, 0.05], [0.9, 0.95]]
    """
    broad = people < BROAD_UNDER
    return np.where(broad, BROADLY_NONE, NEARLY_NONE), np.where(broad, BROADLY_ALL, NEARLY_ALL)


def band_scores(values: np.ndarray, *, ends: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Means near an end of their scale as a band, and which of them are: the same twentieths as for shares.

    ``ends``: the least and the most an answer can be, missing where a figure is on no scale.

    >>> shown, near = band_scores(np.array([5.0, 3.0]), ends=(np.array([1.0, 1.0]), np.array([5.0, 5.0])))
    >>> shown.tolist(), near.tolist()
    ([4.8, 3.0], [True, False])
    """
    low, high = ends
    least, most = low + NEARLY_NONE * (high - low), low + NEARLY_ALL * (high - low)
    near = (values >= most - _HAIR) | (values <= least + _HAIR)
    return np.where(near, np.where(values > (low + high) / 2, most, least), values), near


def band_interval(n: np.ndarray, *, upper: np.ndarray, broad: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of a share of exactly .95 (``upper``) or .05 among ``n`` people, cut off at the band.

    ``broad``: of .90 or .10 in groups in which these are the bands.

    It stands in the place of the interval of a group that is nearly unanimous, which would say how nearly: all such
    groups of one size show the same.

    >>> low, high = band_interval(np.array([30.0]), upper=np.array([True]))
    >>> low.round(2).tolist(), high.tolist()
    ([0.81], [0.95])
    """
    size = np.maximum(n, 1.0)
    none, all_of = share_bands(n) if broad else (NEARLY_NONE, NEARLY_ALL)
    middle = (all_of + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    reach = _Z / (1 + _Z**2 / size) * np.sqrt(all_of * none / size + _Z**2 / (4 * size**2))
    far = middle - reach
    return np.where(upper, far, none), np.where(upper, all_of, 1 - far)


def least_reach(n: np.ndarray, *, ends: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The narrowest half of an interval that may be shown: as if one in twenty answered a step from all others.

    A step is a quarter of the scale, at most one point. A narrower interval says that everybody answered alike.
    """
    step = np.minimum((ends[1] - ends[0]) / 4, 1.0)
    result: np.ndarray = _Z * step * np.sqrt(NEARLY_ALL * NEARLY_NONE / np.maximum(n, 1.0))
    return result


def interval_columns(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Per figure the two columns of its interval: ``x_low`` and ``x_high``, or ``low`` and ``high`` of the one before.

    An interval is of the figure that it follows: what was foretold beside what was observed has none of its own.

    >>> interval_columns(["value", "low", "high", "at_risk", "at_risk_low", "at_risk_high"])
    {'value': ('low', 'high'), 'at_risk': ('at_risk_low', 'at_risk_high')}
    >>> interval_columns(["predicted", "observed", "low", "high"])
    {'observed': ('low', 'high')}
    """
    ends = {name for name in columns if is_end(name)}
    figures = [name for name in columns if name not in ends]
    found = {name: (f"{name}_low", f"{name}_high") for name in figures if f"{name}_low" in ends}
    if {"low", "high"} <= ends:
        before = [name for name in columns[: list(columns).index("low")] if name not in ends]
        found = {**{name: ("low", "high") for name in before[-1:] if name not in found}, **found}
    return {name: pair for name, pair in found.items() if set(pair) <= ends}


def round_counts(values: np.ndarray, *, hidden: np.ndarray) -> np.ndarray:
    """Numbers of some of a group's people to the nearest five, missing where hidden."""
    return _blank(5 * np.floor(values / 5 + 0.5), hidden)


def _blank(values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Missing where hidden, and no minus before a zero."""
    return np.where(hidden, np.nan, values + 0.0)
