"""Whether what a model reads has changed, item by item, with the share of false findings among them controlled."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from segment.errors import InvalidInput

#: Fewest answers on either side that an item is judged by.
FEWEST = 30


def input_drift(before: pd.DataFrame, after: pd.DataFrame, *, level: float = 0.05) -> pd.DataFrame:
    """Compare each column of two tables of people, and find those that changed.

    Numbers by their ranks (Mann-Whitney with ties), words by how often each occurs (chi-square; words of fewer than
    five people on both sides together count as one). People may stand in both tables: that makes the test say less
    often that something changed, never more often. Over the columns the expected share of false findings among all
    findings is at most ``level`` (Benjamini & Hochberg, 1995, JRSS B 57, 289-300); where nothing changed at all that
    is the chance of any finding.

    Parameters
    ----------
    before, after
        People x columns, numbers or words; NaN: not known. Columns of both are judged.
    level
        The level of this look.

    Returns
    -------
    DataFrame
        One row per column that both have: ``column``; ``n_before``, ``n_after`` known values; ``difference`` in
        standard deviations of ``before`` (NaN for words); ``p``, NaN with fewer than 30 known values on a side;
        ``drifted``, whether it is among the findings.

    Raises
    ------
    InvalidInput
        No column in common, or a level that is none.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = pd.DataFrame({"a": rng.normal(size=500), "b": rng.normal(size=500)})
    >>> found = input_drift(before, before.assign(b=before["b"] + 0.5))
    >>> found[["column", "difference", "drifted"]].round(2).values.tolist()
    [['a', 0.0, False], ['b', 0.53, True]]
    """
    columns = [str(name) for name in before if name in after]
    if not columns:
        raise InvalidInput("Two tables without a column in common cannot be compared.", expected="the same columns")
    if not 0 < level < 1:
        raise InvalidInput("That is no level of a test.", expected="between 0 and 1", came=str(level))
    rows = [_compared(name, before[name].dropna(), after[name].dropna()) for name in columns]
    table = pd.DataFrame(rows, columns=["column", "n_before", "n_after", "difference", "p"])
    return table.assign(drifted=_among_findings(table["p"].to_numpy(dtype=float), level))


def _compared(name: str, before: pd.Series, after: pd.Series) -> tuple[str, int, int, float, float]:
    few = min(len(before), len(after)) < FEWEST
    if pd.api.types.is_numeric_dtype(before) and pd.api.types.is_numeric_dtype(after):
        first, second = before.to_numpy(dtype=float), after.to_numpy(dtype=float)
        spread = float(np.std(first)) if len(first) else float("nan")
        apart = (second.mean() - first.mean()) / spread if len(second) and spread > 0 else float("nan")
        p = float("nan") if few else _ranks_differ(first, second)
        return name, len(first), len(second), float(apart), p
    words = [column.astype(str) for column in (before, after)]
    p = float("nan") if few else _words_differ(words)
    return name, len(before), len(after), float("nan"), p


def _ranks_differ(first: np.ndarray, second: np.ndarray) -> float:
    """Mann-Whitney by counts of each value, with the variance that ties leave; two-sided, by the normal curve."""
    _, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    n, m = len(first), len(second)
    own, every = np.bincount(place[:n], minlength=place.max() + 1), np.bincount(place)
    ranks = np.cumsum(every) - every + (every + 1) / 2
    tied = float((every.astype(float) ** 3 - every).sum()) / ((n + m) * (n + m - 1))
    spread = math.sqrt(max(n * m / 12 * (n + m + 1 - tied), 0.0))
    apart = float(own @ ranks) - n * (n + 1) / 2 - n * m / 2
    return math.erfc(abs(apart) / spread / math.sqrt(2)) if spread > 0 else 1.0


def _words_differ(words: Sequence[pd.Series]) -> float:
    counts = pd.DataFrame([column.value_counts() for column in words]).fillna(0.0)
    rare = counts.sum() < 5
    table = counts.loc[:, ~rare]
    if rare.any():
        table = table.assign(**{"": counts.loc[:, rare].sum(axis=1)})
    table = table.loc[:, table.sum() > 0]
    return float(stats.chi2_contingency(table.to_numpy(), correction=False).pvalue) if table.shape[1] > 1 else 1.0


def _among_findings(p: np.ndarray, level: float) -> np.ndarray:
    """Benjamini-Hochberg: the columns up to the last whose p lies under its line."""
    known = np.flatnonzero(~np.isnan(p))
    found = np.zeros(len(p), dtype=bool)
    order = known[np.argsort(p[known], kind="stable")]
    under = np.flatnonzero(p[order] <= level * np.arange(1, len(order) + 1) / max(len(order), 1))
    if len(under):
        found[order[: under[-1] + 1]] = True
    return found
