"""What the models see of a person: attributes made ready for a linear model and for trees, the same way every time.

A plan is drawn up once, from the people the model learns from, and then frozen: new people are described by the
old plan. It keeps means, knots and level names, never a row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.retention.splines import b_spline, steps

#: A numeric attribute with at least this many different values gets a spline; with fewer, a step per value.
CURVED_FROM = 7
#: With more attributes than this a number may only bend by a square: splines would cost more than they tell.
MANY_ATTRIBUTES = 40
#: The ridge penalty of a level, relative to that of a number in standard deviations.
LEVEL_PENALTY = 0.25
#: A level of a category seen less often than this shares one term with the other rare levels.
RARE_LEVEL = 20
#: Categories with more levels than this are refused: they are identifiers or free text.
MOST_LEVELS = 1_000


@dataclass(frozen=True)
class Attribute:
    """How one attribute is described.

    ``kind`` is ``number`` or ``category``; ``levels`` the category's levels (most frequent first), of which the first
    ``n_terms`` get a linear term; ``middle`` and ``scale`` centre a number; ``bend`` and ``knots`` say how it may leave
    the straight line: not at all, by a square, by a step per value, or by a spline; ``gaps`` says whether missing
    values were seen.
    """

    name: str
    kind: Literal["number", "category"]
    levels: tuple[str, ...] = ()
    n_terms: int = 0
    middle: float = 0.0
    scale: float = 1.0
    bend: Literal["none", "square", "steps", "spline"] = "none"
    knots: tuple[float, ...] = ()
    gaps: bool = False

    @property
    def n_bends(self) -> int:
        """Linear terms beside the straight one."""
        return {"none": 0, "square": 1, "steps": len(self.knots), "spline": len(self.knots) + 2}[self.bend]


@dataclass(frozen=True)
class FeaturePlan:
    """The frozen description of all attributes; ``term_means`` is the average person, one number per linear term.

    Examples
    --------
    >>> import pandas as pd
    >>> plan = plan_features(pd.DataFrame({"grade": [1.0, 2.0, None], "site": ["A", "B", "A"]}))
    >>> plan.terms
    ('grade', 'grade: missing', 'site: A', 'site: B')
    >>> plan.linear(pd.DataFrame({"grade": [3.0], "site": ["C"]})).round(2).tolist()
    [[3.0, 0.0, 0.0, 0.0]]
    """

    attributes: tuple[Attribute, ...]
    term_means: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes' names, in the order of the trees' columns."""
        return tuple(attribute.name for attribute in self.attributes)

    @property
    def categorical(self) -> list[int]:
        """Positions of the categories among the trees' columns."""
        return [place for place, attribute in enumerate(self.attributes) if attribute.kind == "category"]

    @property
    def terms(self) -> tuple[str, ...]:
        """The linear model's terms, one per column of :meth:`linear`."""
        return tuple(term for attribute in self.attributes for term in _term_names(attribute))

    @property
    def owner(self) -> np.ndarray:
        """For each linear term, the position of the attribute it belongs to."""
        counts = [len(_term_names(attribute)) for attribute in self.attributes]
        return np.repeat(np.arange(len(counts)), counts)

    @property
    def bends(self) -> np.ndarray:
        """For each linear term, whether it is a bend."""
        return np.array([": bend" in term for term in self.terms], dtype=bool)

    @property
    def penalties(self) -> np.ndarray:
        """For each linear term, its ridge penalty relative to a straight line's: levels vary less than numbers do."""
        is_level = np.array([attribute.kind == "category" for attribute in self.attributes], dtype=bool)
        return np.where(is_level[self.owner], LEVEL_PENALTY, 1.0) if len(self.owner) else np.zeros(0)

    def linear(self, X: pd.DataFrame) -> np.ndarray:
        """Terms of the linear model, shape (n, terms): centred and scaled numbers, their bends, levels, gaps."""
        self._refuse_missing_columns(X)
        parts = [_linear_terms(attribute, X[attribute.name]) for attribute in self.attributes]
        return np.hstack(parts) if parts else np.empty((len(X), 0))

    def trees(self, X: pd.DataFrame) -> np.ndarray:
        """Columns for trees, shape (n, attributes): numbers as they are, categories as level numbers, gaps as NaN."""
        self._refuse_missing_columns(X)
        columns = [_tree_column(attribute, X[attribute.name]) for attribute in self.attributes]
        return np.column_stack(columns) if columns else np.empty((len(X), 0), dtype=np.float32)

    def _refuse_missing_columns(self, X: pd.DataFrame) -> None:
        if not isinstance(X, pd.DataFrame):
            raise InvalidInput("Attributes must be a table.", expected="a DataFrame", came=type(X).__name__, where="X")
        missing = [name for name in self.names if name not in X]
        if missing:
            raise InvalidInput(
                "Attributes that the model learned from are missing.",
                expected=", ".join(self.names),
                came=f"no {', '.join(missing)}",
                where="X",
                advice="give every attribute the model was fitted on",
            )


def plan_features(X: pd.DataFrame) -> FeaturePlan:
    """Draw up the plan from the people to learn from.

    Parameters
    ----------
    X
        People x attributes: numbers, booleans, categories or text with few levels; gaps allowed.

    Raises
    ------
    InvalidInput
        For a table without rows, dates, infinite numbers, columns named twice, names that are not text, or a category
        that looks like an identifier.
    """
    if not isinstance(X, pd.DataFrame):
        raise InvalidInput("Attributes must be a table.", expected="a DataFrame", came=type(X).__name__, where="X")
    twice = X.columns[X.columns.duplicated()].tolist()
    if twice or not all(isinstance(name, str) for name in X.columns):
        raise InvalidInput(
            "Every attribute needs a name of its own.",
            expected="different names, as text",
            came=f"twice: {', '.join(map(str, twice))}" if twice else "a name that is not text",
            where="X",
        )
    if not len(X):
        raise InvalidInput("There is nobody to learn from.", expected="at least one row", came="none", where="X")
    attributes = tuple(_describe(X[name], rich=X.shape[1] <= MANY_ATTRIBUTES) for name in X.columns)
    means = [_linear_terms(attribute, X[attribute.name]).mean(axis=0) for attribute in attributes]
    return FeaturePlan(attributes, tuple(np.concatenate(means).tolist()) if means else ())


def _describe(column: pd.Series, *, rich: bool) -> Attribute:
    name = str(column.name)
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        raise InvalidInput(
            "A date cannot be an attribute.",
            expected="numbers or categories",
            came="dates",
            where=f"X, column {name}",
            advice="turn it into months since a fixed day, or leave it out: record dates leak the outcome",
        )
    if pd.api.types.is_numeric_dtype(column):
        return _describe_number(name, _as_numbers(column), rich=rich)
    counts = _as_levels(column).value_counts()
    counts = counts.sort_index().sort_values(ascending=False, kind="stable")
    if len(counts) > MOST_LEVELS:
        raise InvalidInput(
            "An attribute has more levels than a category can have.",
            expected=f"at most {MOST_LEVELS} levels",
            came=f"{len(counts)}",
            where=f"X, column {name}",
            advice="leave identifiers and free text out",
        )
    frequent = counts[counts >= min(RARE_LEVEL, max(1, len(column) // 20))]
    return Attribute(
        name, "category", levels=tuple(map(str, counts.index)), n_terms=len(frequent), gaps=bool(column.isna().any())
    )


def _describe_number(name: str, values: np.ndarray, *, rich: bool) -> Attribute:
    seen = values[~np.isnan(values)]
    _refuse_infinite(name, seen)
    gaps = len(seen) < len(values)
    if len(seen) == 0:
        return Attribute(name, "number", gaps=gaps)
    middle, scale = float(seen.mean()), float(seen.std()) or 1.0
    distinct = np.unique((seen - middle) / scale)
    plain = Attribute(name, "number", middle=middle, scale=scale, gaps=gaps)
    if len(distinct) < 3:
        return plain
    if not rich:
        return replace(plain, bend="square")
    if len(distinct) < CURVED_FROM:
        return replace(plain, bend="steps", knots=tuple(distinct.tolist()))
    knots = np.unique(np.quantile((seen - middle) / scale, [0, 0.25, 0.5, 0.75, 1]))
    return (
        replace(plain, bend="spline", knots=tuple(knots.tolist())) if len(knots) > 2 else replace(plain, bend="square")
    )


def _bends(attribute: Attribute, z: np.ndarray) -> np.ndarray:
    """What a number adds to its straight line, shape (n, n_bends)."""
    if attribute.bend == "spline":
        return b_spline(z, attribute.knots)
    if attribute.bend == "steps":
        return steps(z, attribute.knots)
    return (np.clip(z, -3, 3) ** 2 - 1)[:, None] / 1.5


def _term_names(attribute: Attribute) -> list[str]:
    if attribute.kind == "category":
        names = [f"{attribute.name}: {level}" for level in attribute.levels[: attribute.n_terms]]
        if attribute.n_terms < len(attribute.levels):
            names.append(f"{attribute.name}: rare levels")
    else:
        names = [attribute.name, *(f"{attribute.name}: bend {i + 1}" for i in range(attribute.n_bends))]
    if attribute.gaps:
        names.append(f"{attribute.name}: missing")
    return names


def _linear_terms(attribute: Attribute, column: pd.Series) -> np.ndarray:
    if attribute.kind == "category":
        codes = _level_codes(attribute, column)
        edges = np.arange(attribute.n_terms)
        parts = [(codes[:, None] == edges).astype(float)]
        if attribute.n_terms < len(attribute.levels):
            parts.append((codes >= attribute.n_terms).astype(float)[:, None])
        missing = column.isna().to_numpy()
    else:
        values = _as_numbers(column)
        missing = np.isnan(values)
        z = np.where(missing, 0.0, (values - attribute.middle) / attribute.scale)
        parts = [z[:, None]]
        if attribute.n_bends:
            parts.append(np.where(missing[:, None], 0.0, _bends(attribute, z)))
    if attribute.gaps:
        parts.append(missing.astype(float)[:, None])
    return np.hstack(parts)


def _tree_column(attribute: Attribute, column: pd.Series) -> np.ndarray:
    if attribute.kind == "category":
        codes = _level_codes(attribute, column).astype(np.float32)
        return np.where(codes < 0, np.nan, codes)
    return _as_numbers(column).astype(np.float32)


def _level_codes(attribute: Attribute, column: pd.Series) -> np.ndarray:
    position = {level: code for code, level in enumerate(attribute.levels)}
    return _as_levels(column).map(position).to_numpy(dtype=float, na_value=-1.0).astype(np.int64)


def _as_levels(column: pd.Series) -> pd.Series:
    """Level names as text, gaps kept."""
    return column.astype(object).map(str, na_action="ignore")


def _refuse_infinite(name: object, values: np.ndarray) -> None:
    if np.isinf(values).any():
        raise InvalidInput(
            "An attribute holds infinite numbers.",
            expected="finite numbers or gaps",
            came=f"{int(np.isinf(values).sum())} infinite",
            where=f"X, column {name}",
        )


def _as_numbers(column: pd.Series) -> np.ndarray:
    try:
        values = column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise InvalidInput(
            "An attribute that was a number no longer is.",
            expected="numbers or gaps",
            came=str(column.dtype),
            where=f"X, column {column.name}",
        ) from None
    _refuse_infinite(column.name, values)
    return values
