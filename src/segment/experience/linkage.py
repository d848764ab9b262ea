"""The link between what people say in a unit and what that unit achieves, across enough units to mean something."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan, sqrt

import numpy as np
import pandas as pd
from scipy import stats

from segment.errors import InvalidInput
from segment.experience.estimates import checked_level
from segment.tables import spec_of

_FEWEST_UNITS = 10


def unit_means(
    answers: pd.DataFrame, unit_of: pd.Series, measures: Sequence[str], *, min_people: int = 10
) -> pd.DataFrame:
    """Weighted means of survey measures per unit.

    Parameters
    ----------
    answers
        One row per person (one wave): ``person``, optionally ``weight``, and the measures' columns.
    unit_of
        Person -> name of the unit.
    min_people
        A measure with fewer answers in a unit stays empty there.

    Returns
    -------
    DataFrame
        One row per unit, by name: ``unit``, ``n`` (people), then one column per measure.

    Examples
    --------
    >>> answers = pd.DataFrame({"person": ["a", "b", "c"], "pride": [2.0, 4.0, 5.0]})
    >>> unit_of = pd.Series({"a": "North", "b": "North", "c": "South"})
    >>> unit_means(answers, unit_of, ["pride"], min_people=2)
        unit  n  pride
    0  North  2    3.0
    1  South  1    NaN
    """
    twice = int(answers["person"].duplicated().sum())
    if twice:
        raise InvalidInput("People stand twice in the answers.", expected="one row per person, of one wave",
                           came=f"{twice} row{'s' if twice != 1 else ''} too many", where="answers")  # fmt: skip
    unit = answers["person"].map(unit_of)
    weights = answers["weight"] if "weight" in answers.columns else pd.Series(1.0, index=answers.index)
    table = pd.DataFrame({"n": unit.groupby(unit, sort=True).size()})
    for measure in measures:
        known = answers[measure].notna() & (weights > 0)
        part, own = unit[known], weights[known]
        mean = (answers.loc[known, measure] * own).groupby(part).sum() / own.groupby(part).sum()
        table[measure] = mean.where(part.groupby(part).size() >= min_people)
    return table.rename_axis("unit").reset_index()


def linkage(
    units: pd.DataFrame,
    measures: pd.DataFrame,
    *,
    results: Sequence[str] | None = None,
    min_units: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    """Rank correlations between survey measures and unit results.

    Parameters
    ----------
    units
        One row per ``unit`` with its results, such as customer satisfaction.
    measures
        One row per ``unit`` with survey means, as from ``unit_means``; a column ``n`` is no measure.
    results
        Which columns of ``units`` are results; by default every column of numbers.
    min_units
        Fewest units, at least 10: below it there is a reason instead of a figure.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        Table ``linkage``, one row per measure and result: ``units`` compared, ``correlation`` (Spearman, -1 to 1) with
        ``low`` and ``high``, ``stands`` (flag: the interval leaves out 0 even after Bonferroni's correction for all
        pairs looked at), ``status`` (``measured`` or ``not measured``), ``reason`` (a code of
        ``experience.linked``) and ``needed``, the fewest units. It says what goes together, never what causes what.

    Notes
    -----
    The interval is tanh(atanh(r) -+ z * sqrt((1 + r^2 / 2) / (n - 3))) (Bonett and Wright, 2000).

    Examples
    --------
    >>> names = [f"unit {number}" for number in range(12)]
    >>> shops = pd.DataFrame({"unit": names, "customers": range(12)})
    >>> link = linkage(shops, pd.DataFrame({"unit": names, "pride": range(12)}))
    >>> link[["measure", "result", "units", "correlation", "status"]]
      measure     result  units  correlation    status
    0   pride  customers     12          1.0  measured
    """
    checked_level(level)
    if min_units < _FEWEST_UNITS:
        raise InvalidInput("So few units say nothing.", expected=f"at least {_FEWEST_UNITS}", came=str(min_units),
                           where="min_units")  # fmt: skip
    for name, frame in (("units", units), ("measures", measures)):
        _refuse_bad_units(frame, name)
    sought = list(results) if results is not None else _number_columns(units)
    said = [column for column in _number_columns(measures) if column != "n"]
    both = units[["unit", *sought]].merge(measures[["unit", *said]], on="unit", suffixes=("", " "))
    pairs = [
        (measure, result, *_known(both[f"{measure} " if measure in sought else measure], both[result]))
        for measure in said
        for result in sought
    ]
    rows = [_row(*pair, pairs=len(pairs), min_units=min_units, level=level) for pair in pairs]
    schema = spec_of("linkage")
    table = pd.DataFrame(rows, columns=[*(column.name for column in schema.columns), "stands", "status"])
    return schema.check(table.astype({"stands": bool, "status": "str"}))


def _row(
    measure: str, result: str, x: np.ndarray, y: np.ndarray, *, pairs: int, min_units: int, level: float
) -> dict[str, object]:
    """One measure against one result."""
    row: dict[str, object] = {
        "measure": measure, "result": result, "units": len(x), "correlation": nan, "low": nan, "high": nan,
        "stands": False, "status": "not measured", "needed": min_units, "reason": "",
    }  # fmt: skip
    if len(x) < min_units:
        return row | {"reason": "too_few_units"}
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return row | {"reason": "no_variation"}
    ranks = (stats.rankdata(x), stats.rankdata(y))
    r = float(np.clip(np.corrcoef(*ranks)[0, 1], -1, 1))
    low, high = _interval(r, len(x), level)
    strict_low, strict_high = _interval(r, len(x), 1 - (1 - level) / pairs)
    stands = strict_low > 0 or strict_high < 0
    return row | {"correlation": r, "low": low, "high": high, "stands": stands, "status": "measured"}


def _interval(r: float, units: int, level: float) -> tuple[float, float]:
    if abs(r) > 1 - 1e-12:
        return r, r
    half = float(stats.norm.ppf(0.5 + level / 2)) * sqrt((1 + r**2 / 2) / (units - 3))
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def _known(x: pd.Series, y: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Values of the units that have both."""
    both = np.isfinite(x.to_numpy(dtype=float)) & np.isfinite(y.to_numpy(dtype=float))
    return x.to_numpy(dtype=float)[both], y.to_numpy(dtype=float)[both]


def _number_columns(frame: pd.DataFrame) -> list[str]:
    numeric = frame.drop(columns="unit").select_dtypes("number")
    return [str(column) for column in numeric.columns]


def _refuse_bad_units(frame: pd.DataFrame, name: str) -> None:
    if "unit" not in frame.columns:
        raise InvalidInput(f"The {name} do not say which unit they are about.", expected="a column unit", where=name)
    twice = int(frame["unit"].duplicated().sum())
    if twice:
        raise InvalidInput(f"The {name} have units that stand twice.", expected="one row per unit",
                           came=f"{twice} row{'s' if twice != 1 else ''} too many", where=name)  # fmt: skip
