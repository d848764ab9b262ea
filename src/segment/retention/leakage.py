"""Guards against knowing the answer beforehand: columns, dates and duplicates that would make a model look too good."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.retention.discrimination import weighted_auc
from segment.vocabulary import Severity

#: One attribute alone that ranks leavers this well is not an attribute but the outcome.
TOO_GOOD = 0.95
#: Days before the end within which a survey is suspected to have been filled in after notice was given.
NOTICE_DAYS = 92
#: People are compared for being nearly the same only when they have this many attributes.
FEWEST_ATTRIBUTES = 8

COLUMNS = ["code", "severity", "subject", "where", "count", "explanation", "advice"]


def leakage_findings(
    X: pd.DataFrame,
    left: Sequence[float] | np.ndarray | pd.Series,
    *,
    answered: pd.Series | None = None,
    end_date: pd.Series | None = None,
    fold: Sequence[int] | np.ndarray | None = None,
    table: str = "people",
) -> pd.DataFrame:
    """Look for attributes that know the outcome, and for people on both sides of a split.

    Parameters
    ----------
    X
        Rows x attributes, as they would go into the model.
    left
        0/1 (or the event number) per row.
    answered, end_date
        The day the survey was answered and the last day of employment, per row; both or neither.
    fold
        The side of the split (or fold) of each row.
    table
        Name of the table, for the findings.

    Returns
    -------
    DataFrame
        One row per finding: ``code``, ``severity``, ``subject`` (a column, never a person), ``where``, ``count``,
        ``explanation``, ``advice``. Codes: ``LK001`` known only after the outcome, ``LK002`` a date, ``LK003`` an
        identifier, ``LK004`` one attribute alone tells the outcome, ``LK005`` survey answered after notice, ``LK006``
        the same person, or nearly, on both sides of a split. Empty when nothing was found.

    Examples
    --------
    >>> X = pd.DataFrame({"exit_interview": [1.0, 2.0] * 10 + [None] * 20})
    >>> leakage_findings(X, [1] * 20 + [0] * 20)["code"].tolist()
    ['LK001']
    """
    gone = np.asarray(left, dtype=float) > 0
    if len(gone) != len(X):
        raise InvalidInput(
            "Every row needs an outcome.", expected=f"{len(X)} values", came=f"{len(gone)}", where="left"
        )
    rows: list[tuple[object, ...]] = []
    for name in X.columns:
        rows += _about_column(X[name], gone, table)
    if answered is not None and end_date is not None:
        rows += _after_notice(answered, end_date, table)
    if fold is not None:
        rows += _across(X, np.asarray(fold), table)
    return pd.DataFrame(rows, columns=COLUMNS)


def duplicate_groups(X: pd.DataFrame) -> np.ndarray:
    """Who is (nearly) the same person: one code per row, equal for rows that differ in at most one attribute.

    Only full duplicates count when there are fewer than eight attributes, where many people share everything by chance.

    Examples
    --------
    >>> X = pd.DataFrame({f"a{i}": [1, 1, 2] for i in range(8)}).assign(a7=[1, 5, 2])
    >>> duplicate_groups(X).tolist()
    [0, 0, 1]
    """
    hashes = (
        np.column_stack(
            [pd.util.hash_array(X[name].astype(object).map(repr).to_numpy(dtype=object)) for name in X.columns]
        ).astype(np.uint64)
        if X.shape[1]
        else np.arange(len(X), dtype=np.uint64)[:, None]
    )
    odd = np.arange(1, 2 * hashes.shape[1], 2, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (hashes ^ (hashes >> np.uint64(29))) * odd
    whole = mixed.sum(axis=1, dtype=np.uint64)
    group = np.unique(whole, return_inverse=True)[1].astype(np.int64)
    if X.shape[1] >= FEWEST_ATTRIBUTES:
        for place in range(X.shape[1]):
            group = _joined(group, np.unique(whole - mixed[:, place], return_inverse=True)[1])
    return pd.factorize(group)[0]


def single_auc(column: pd.Series, left: np.ndarray) -> float:
    """How well one attribute alone ranks leavers, 0.5 to 1; levels of a category are scored on the other half."""
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(values)
        if not known.any():
            return 0.5
        auc = weighted_auc(left[known], values[known])
        return 0.5 if np.isnan(auc) else max(auc, 1 - auc)
    level = pd.factorize(column.astype(object).map(str, na_action="ignore"))[0] + 1
    half = np.arange(len(level)) % 2
    score = np.empty(len(level))
    overall = left.mean()
    for side in (0, 1):
        known, size = half != side, int(level.max()) + 1
        counts = np.bincount(level[known], minlength=size)
        gone = np.bincount(level[known], left[known].astype(float), minlength=size)
        score[half == side] = ((gone + overall) / (counts + 1))[level[half == side]]
    auc = weighted_auc(left, score)
    return 0.5 if np.isnan(auc) else max(auc, 0.5)


def _about_column(column: pd.Series, left: np.ndarray, table: str) -> list[tuple[object, ...]]:
    """At most one finding per column, the most telling first."""
    told = _most_telling(column, left)
    if told is None:
        return []
    code, count, came, advice = told
    name = str(column.name)
    return [(code, Severity.ERROR, name, f"{table}, column {name}", count, came, advice)]


def _most_telling(column: pd.Series, left: np.ndarray) -> tuple[str, int, str, str] | None:
    """Code, number of rows, what is seen and what to do, of the first thing that gives the outcome away."""
    if _is_date(column):
        came = "The column holds dates; record and exit dates tell the outcome."
        return "LK002", len(column), came, "turn it into months before the day of prediction, or leave it out"
    if _is_identifier(column):
        return "LK003", len(column), "Every row has another value: an identifier.", "leave it out"
    if _known_after(column, left):
        came = "The column is filled in, or differs from its usual value, for leavers only."
        return "LK001", int(left.sum()), came, "use what was known before the outcome, or leave it out"
    auc = single_auc(column, left)
    if auc > TOO_GOOD and min(left.sum(), (~left).sum()) >= 10:
        came = f"This attribute alone ranks leavers with an AUC of {auc:.3f}."
        advice = "find out when it becomes known; leave it out unless it is known before"
        return "LK004", len(column), came, advice
    return None


def _is_date(column: pd.Series) -> bool:
    if pd.api.types.is_datetime64_any_dtype(column):
        return True
    if pd.api.types.is_numeric_dtype(column):
        return _is_date_number(column)
    seen = column.dropna().astype(str).head(200)
    looks = seen.str.match(r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?\s*$")
    return len(seen) > 0 and bool(looks.mean() > 0.9)


def _is_date_number(column: pd.Series) -> bool:
    """Numbers such as 20241231."""
    values = column.dropna().to_numpy(dtype=float)[:1000]
    if len(values) == 0 or not (values == np.floor(values)).all():
        return False
    year, month, day = values // 10_000, values // 100 % 100, values % 100
    return bool(((year >= 1900) & (year < 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def _is_identifier(column: pd.Series) -> bool:
    seen = column.dropna()
    if len(seen) < 20 or len(seen) < len(column) or seen.nunique() < len(seen):
        return False
    if pd.api.types.is_numeric_dtype(column):
        values = seen.to_numpy(dtype=float)
        return bool((values == np.floor(values)).all())
    return True


def _known_after(column: pd.Series, left: np.ndarray) -> bool:
    """Filled in for nearly all leavers and nearly no stayers, or off its usual value for leavers only."""
    if min(left.sum(), (~left).sum()) < 10:
        return False
    filled = column.notna().to_numpy()
    if abs(filled[left].mean() - filled[~left].mean()) > 0.9:
        return True
    text = column.astype(object).map(str)
    usual = text[~left].mode()
    same = (text == usual.iloc[0]).to_numpy()
    return bool(same[~left].mean() > 0.98 and same[left].mean() < 0.1)


def _after_notice(answered: pd.Series, end_date: pd.Series, table: str) -> list[tuple[object, ...]]:
    days = (pd.to_datetime(end_date) - pd.to_datetime(answered)).dt.days.to_numpy(dtype=float, na_value=np.nan)
    after, late = int(np.sum(days < 0)), int(np.sum((days >= 0) & (days <= NOTICE_DAYS)))
    rows: list[tuple[object, ...]] = []
    if after:
        rows.append(
            (
                "LK005",
                Severity.ERROR,
                "survey date",
                f"{table}, survey and end dates",
                after,
                "The survey was answered after the last day of employment.",
                "leave these answers out of the model",
            )
        )
    if late:
        rows.append(
            (
                "LK005",
                Severity.WARNING,
                "survey date",
                f"{table}, survey and end dates",
                late,
                f"The survey was answered within {NOTICE_DAYS} days before the end, maybe after notice was given.",
                "give the date of notice, or predict from the day after the notice period",
            )
        )
    return rows


def _across(X: pd.DataFrame, fold: np.ndarray, table: str) -> list[tuple[object, ...]]:
    group = duplicate_groups(X)
    sides = pd.DataFrame({"group": group, "fold": fold}).groupby("group")["fold"].transform("nunique")
    count = int((sides > 1).sum())
    if not count:
        return []
    return [
        (
            "LK006",
            Severity.WARNING,
            "rows",
            table,
            count,
            "People who are the same, or differ in one attribute only, lie on both sides of the split.",
            "keep them together: pass duplicate_groups(X) as groups",
        )
    ]


def _joined(group: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Groups linked by sharing a value of ``other``: connected components of the two codes."""
    from_other = np.full(int(other.max()) + 1, np.iinfo(np.int64).max)
    current = group.copy()
    while True:
        np.minimum.at(from_other, other, current)
        lowered = from_other[other]
        by_group = np.full(int(group.max()) + 1, np.iinfo(np.int64).max)
        np.minimum.at(by_group, group, lowered)
        following = by_group[group]
        if (following == current).all():
            return np.unique(current, return_inverse=True)[1]
        current = following
