"""What the models see of a person: attributes made ready for a linear model and for trees, the same way every time.

A plan is drawn up once, from the people the model learns from, and then frozen: new people are described by the
old plan. It keeps means, knots and level names that at least ten people carry (:mod:`segment.disclosure.crowds`), never
a row: numbers are pulled in between the ends of the plan before anything is learned from them, so that no model sees
the highest value of all. Means, spreads, ends and knots are round, so that two plans that differ by one person give no
difference of sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from segment.disclosure.crowds import (
    FEWEST_CARRYING,
    cuts_between,
    ends_of,
    marks_of,
    people_carrying,
    round_middle,
    tenths,
    to_step,
    two_digits,
)
from segment.errors import InvalidInput
from segment.retention.learners import HELD
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
#: Of the average person, what share has a level is kept to this; nearer would count the people who have it.
SHARE_STEP = 0.05
#: Trees tell at most so many groups of a number's values apart.
MOST_GROUPS = 127


@dataclass(frozen=True)
class Attribute:
    """How one attribute is described.

    ``kind`` is ``number`` or ``category``; ``levels`` the category's levels that ten people carry (most frequent
    first), of which the first ``n_terms`` get a linear term; ``pooled`` whether the other levels, which have no name
    here, are carried by ten people together. ``middle`` and ``scale`` centre a number, ``low`` and ``high`` are the
    ends it is pulled in to, in scales from the middle; ``bend`` and ``knots`` say how it may leave the straight line:
    not at all, by a square, by a step per value, or by a spline; ``cuts`` are the borders of the groups that trees tell
    apart.
    ``gaps`` says whether ten people had missing values.
    """

    name: str
    kind: Literal["number", "category"]
    levels: tuple[str, ...] = ()
    n_terms: int = 0
    pooled: bool = False
    middle: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0
    bend: Literal["none", "square", "steps", "spline"] = "none"
    knots: tuple[float, ...] = ()
    cuts: tuple[float, ...] = ()
    gaps: bool = False

    @property
    def n_bends(self) -> int:
        """Linear terms beside the straight one."""
        return {"none": 0, "square": 1, "steps": len(self.knots), "spline": len(self.knots) + 2}[self.bend]

    @property
    def has_rare(self) -> bool:
        """Whether rare levels share a linear term."""
        return self.pooled or self.n_terms < len(self.levels)


@dataclass(frozen=True)
class FeaturePlan:
    """The frozen description of all attributes; ``term_means`` is about the average person, one number per linear term.

    Examples
    --------
    >>> import pandas as pd
    >>> plan = plan_features(pd.DataFrame({"grade": [1.0, 2.0, None] * 10, "site": ["A", "B", "A"] * 10}))
    >>> plan.terms
    ('grade', 'grade: missing', 'site: A', 'site: B')
    >>> plan.linear(pd.DataFrame({"grade": [2.0, 9.0], "site": ["B", "C"]})).round(2).tolist()
    [[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]
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
        """Columns for trees, shape (n, attributes): groups of numbers, levels by number, gaps as NaN."""
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


def plan_features(X: pd.DataFrame, person: np.ndarray | None = None) -> FeaturePlan:
    """Draw up the plan from the people to learn from.

    Parameters
    ----------
    X
        People x attributes: numbers, booleans, categories or text with few levels; gaps allowed.
    person
        Whose row each is, as a whole number; None: each row is a person of its own.

    Raises
    ------
    InvalidInput
        As :func:`check_attributes`, and for dates, infinite numbers, or a category that looks like an identifier.
    """
    check_attributes(X)
    people = np.arange(len(X)) if person is None else np.asarray(person)
    attributes = tuple(_describe(X[name], people, rich=X.shape[1] <= MANY_ATTRIBUTES) for name in X.columns)
    means = [_linear_terms(attribute, X[attribute.name]).mean(axis=0) for attribute in attributes]
    return FeaturePlan(attributes, tuple(to_step(np.concatenate(means), SHARE_STEP).tolist()) if means else ())


def check_attributes(X: pd.DataFrame) -> None:
    """Refuse what is no table of attributes.

    Raises
    ------
    InvalidInput
        For a table without rows, columns named twice, or names that are not text.
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


def _describe(column: pd.Series, person: np.ndarray, *, rich: bool) -> Attribute:
    name = str(column.name)
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        raise InvalidInput(
            "A date cannot be an attribute.",
            expected="numbers or categories",
            came="dates",
            where=f"X, column {name}",
            advice="turn it into months since a fixed day, or leave it out: record dates leak the outcome",
        )
    gaps = len(np.unique(person[column.isna().to_numpy()])) >= FEWEST_CARRYING
    if pd.api.types.is_numeric_dtype(column):
        return replace(_describe_number(name, _as_numbers(column), person, rich=rich), gaps=gaps)
    return replace(_describe_category(name, _as_levels(column), person), gaps=gaps)


def _describe_category(name: str, column: pd.Series, person: np.ndarray) -> Attribute:
    counts = column.value_counts()
    counts = counts.sort_index().sort_values(ascending=False, kind="stable")
    if len(counts) > MOST_LEVELS:
        raise InvalidInput(
            "An attribute has more levels than a category can have.",
            expected=f"at most {MOST_LEVELS} levels",
            came=f"{len(counts)}",
            where=f"X, column {name}",
            advice="leave identifiers and free text out",
        )
    codes = column.map({level: code for code, level in enumerate(counts.index)}).to_numpy(dtype=float, na_value=-1.0)
    named = people_carrying(codes.astype(np.int64), person, len(counts)) >= FEWEST_CARRYING
    others = np.isin(codes, np.flatnonzero(~named))
    kept = counts[named]
    frequent = kept[kept >= min(RARE_LEVEL, max(1, len(column) // 20))]
    return Attribute(
        name,
        "category",
        levels=tuple(map(str, kept.index)),
        n_terms=len(frequent),
        pooled=len(np.unique(person[others])) >= FEWEST_CARRYING,
    )


def _describe_number(name: str, values: np.ndarray, person: np.ndarray, *, rich: bool) -> Attribute:
    known = ~np.isnan(values)
    ends = ends_of(values, person)
    plain = Attribute(name, "number")
    if ends is None:
        return plain  # too few people have a value: nothing is learned from it
    seen, whose = np.clip(values[known], *ends), person[known]
    scale = two_digits(float(seen.std())) or 1.0
    middle = round_middle(float(seen.mean()), scale)
    low, high = tenths([(end - middle) / scale for end in ends]).tolist()
    z = np.clip((values[known] - middle) / scale, low, high)
    cuts = tuple(cuts_between(z, whose, most=MOST_GROUPS).tolist())
    plain = replace(plain, middle=middle, scale=scale, low=low, high=high, cuts=cuts)
    distinct = np.unique(z)
    if len(distinct) < 3:
        return plain
    if rich and len(distinct) < CURVED_FROM:
        carried = people_carrying(np.searchsorted(distinct, z), whose, len(distinct)) >= FEWEST_CARRYING
        return replace(plain, bend="steps", knots=tuple(distinct[carried].tolist())) if carried.sum() > 1 else plain
    knots = np.unique(np.r_[low, tenths(marks_of(z, whose, [0.25, 0.5, 0.75])), high])
    if not rich or len(knots) < 3:
        return replace(plain, bend="square")
    return replace(plain, bend="spline", knots=tuple(knots.tolist()))


def _bends(attribute: Attribute, z: np.ndarray) -> np.ndarray:
    """What a number adds to its straight line, shape (n, n_bends)."""
    if attribute.bend == "spline":
        return b_spline(z, attribute.knots)
    if attribute.bend == "steps":
        return steps(z, attribute.knots)
    result: np.ndarray = (np.clip(z, -3, 3) ** 2 - 1)[:, None] / 1.5
    return result


def _term_names(attribute: Attribute) -> list[str]:
    if attribute.kind == "category":
        names = [f"{attribute.name}: {level}" for level in attribute.levels[: attribute.n_terms]]
        if attribute.has_rare:
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
        if attribute.has_rare:
            parts.append((codes >= attribute.n_terms).astype(float)[:, None])
        missing = column.isna().to_numpy()
    else:
        values = _as_numbers(column)
        missing = np.isnan(values)
        z = np.where(missing, 0.0, _pulled_in(attribute, values))
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
    values = _as_numbers(column)
    group = np.searchsorted(np.asarray(attribute.cuts), _pulled_in(attribute, values)).astype(np.float32)
    return np.where(np.isnan(values), np.nan, group)


def _pulled_in(attribute: Attribute, values: np.ndarray) -> np.ndarray:
    """A number in scales from the middle, between the ends of the plan."""
    return np.clip((values - attribute.middle) / attribute.scale, attribute.low, attribute.high)


def _level_codes(attribute: Attribute, column: pd.Series) -> np.ndarray:
    """The number of each level; one more for levels without a name here, where ten people carry such; -1 for none."""
    position = {level: code for code, level in enumerate(attribute.levels)}
    levels = _as_levels(column)
    codes = levels.map(position).to_numpy(dtype=float, na_value=-1.0).astype(np.int64)
    nameless = (codes < 0) & levels.notna().to_numpy()
    return np.where(nameless, len(attribute.levels), codes) if attribute.pooled else codes


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


def directions(plan: FeaturePlan, monotone: Mapping[str, int] | None) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """The penalty and declared direction of every linear term, and the direction of every tree column.

    A bend cannot keep a direction, so an attribute with a declared one stays straight.
    """
    declared = dict(monotone or {})
    unknown = [name for name in declared if name not in plan.names]
    wrong = [name for name, sign in declared.items() if sign not in (-1, 1)]
    numbers = {attribute.name for attribute in plan.attributes if attribute.kind == "number"}
    wrong += [name for name in declared if name in plan.names and name not in numbers]
    if unknown or wrong:
        raise InvalidInput(
            "A declared direction cannot be kept.",
            expected="numeric attributes with -1 or 1",
            came=", ".join(dict.fromkeys(unknown + wrong)),
            where="monotone",
        )
    by_attribute = np.array([declared.get(name, 0) for name in plan.names], dtype=np.int64)
    if not len(plan.owner):
        return np.zeros(0), np.zeros(0, dtype=np.int64), by_attribute.tolist()
    is_gap = np.array([term.endswith(": missing") for term in plan.terms], dtype=bool)
    straight = np.where(is_gap | plan.bends, 0, by_attribute[plan.owner])
    penalty = np.where(plan.bends & (by_attribute[plan.owner] != 0), HELD, plan.penalties)
    return penalty, straight, by_attribute.tolist()
