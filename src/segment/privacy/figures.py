"""How a released figure looks: bands for small numbers of people, few decimals, nearly everyone as a band."""

from __future__ import annotations

import numpy as np

#: What stands in the place of a number of people that is hidden: the same for every hidden group, because a mark
#: that tells small groups from groups hidden to protect them would narrow down both.
HIDDEN = "–"

#: Shares beyond these are shown as these: a group that is nearly unanimous speaks for each of its members.
NEARLY_NONE, NEARLY_ALL = 0.05, 0.95

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


def round_means(values: np.ndarray, *, hidden: np.ndarray) -> np.ndarray:
    """Means to one decimal, missing where hidden."""
    return _blank(np.round(values, 1), hidden)


def round_overall(values: np.ndarray, *, hidden: np.ndarray) -> np.ndarray:
    """Diagnostics over everyone to three decimals, missing where hidden."""
    return _blank(np.round(values, 3), hidden)


def round_shares(values: np.ndarray, *, hidden: np.ndarray, band: bool) -> tuple[np.ndarray, np.ndarray]:
    """Shares to two decimals, missing where hidden; with ``band`` nearly none and nearly all as bands.

    Returns the shares, and which of them became a band.

    >>> shares, banded = round_shares(np.array([0.994, 0.502]), hidden=np.array([False, False]), band=True)
    >>> shares.tolist(), banded.tolist()
    ([0.95, 0.5], [True, False])
    """
    shares = np.round(values, 2)
    banded = ((shares > NEARLY_ALL) | (shares < NEARLY_NONE)) & ~hidden & band
    return _blank(np.where(banded, np.clip(shares, NEARLY_NONE, NEARLY_ALL), shares), hidden), banded


def round_counts(values: np.ndarray, *, hidden: np.ndarray) -> np.ndarray:
    """Numbers of some of a group's people to the nearest five, missing where hidden."""
    return _blank(5 * np.floor(values / 5 + 0.5), hidden)


def _blank(values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Missing where hidden, and no minus before a zero."""
    return np.where(hidden, np.nan, values + 0.0)
