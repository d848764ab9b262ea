"""Two ways to learn one risk: a curve of tenure plus one term per attribute, and boosted trees.

Both predict log odds of leaving (in a month at risk, or within the horizon) for the people who did not leave for
another cause (Begg & Gray, Biometrika 1984: separate logistic regressions against staying estimate the multinomial
model). Both keep frozen parameters only.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np

from segment.disclosure.crowds import marks_of, round_middle, step_of, tenths, to_step, two_digits
from segment.retention.leaves import FEWEST_OF_A_KIND, told_of_crowds
from segment.retention.logistic import DesignRows, fit_ridge_logistic, linear_score, sandwich_covariance
from segment.retention.splines import restricted_cubic_spline

#: Trees tell months of tenure apart up to here; later tenure is left to the smooth curve, where trees would take the
#: few people who stayed longest, or the years in which they were watched, for an effect of tenure.
EARLY = 60
#: The penalty that holds a term at zero.
HELD = 1e9


@dataclass(frozen=True)
class RiskTask:
    """Rows to learn one risk from; rows of one person follow each other.

    ``linear`` (people x terms) and ``trees`` (people x attributes) describe people; ``row`` says whose month each row
    is, ``month`` the whole months of tenure (None for a horizon), ``y`` 0/1, ``weight`` positive, ``person`` a code,
    ``fold`` the inner fold 0.., the same for all rows of a person. ``penalty`` is each linear term's
    relative ridge penalty, ``categorical`` the trees'
    categories, ``straight`` the sign (-1, 0, 1) that each linear term must keep, ``monotone`` that of each tree column.
    """

    linear: np.ndarray
    trees: np.ndarray
    row: np.ndarray
    month: np.ndarray | None
    y: np.ndarray
    weight: np.ndarray
    person: np.ndarray
    fold: np.ndarray
    penalty: np.ndarray
    categorical: list[int]
    straight: np.ndarray
    monotone: list[int]

    def part(self, kept: np.ndarray) -> RiskTask:
        """The same task on some of its rows."""
        month = None if self.month is None else self.month[kept]
        return RiskTask(
            self.linear,
            self.trees,
            self.row[kept],
            month,
            self.y[kept],
            self.weight[kept],
            self.person[kept],
            self.fold[kept],
            self.penalty,
            self.categorical,
            self.straight,
            self.monotone,
        )

    def tree_rows(self) -> np.ndarray:
        """What the trees see: attributes, then months of tenure, shape (rows, attributes + 1)."""
        return tree_columns(self.trees[self.row], self.month)


@dataclass(frozen=True)
class TenureCurve:
    """A smooth curve of tenure: a restricted cubic spline of log(1 + months / 3), held flat beyond ``longest``.

    ``longest`` is a month that ten people reached, and each knot the mean of ten leavers or more.
    """

    knots: tuple[float, ...]
    middle: float
    scale: float
    bend_scale: tuple[float, ...]
    longest: float

    @classmethod
    def of(cls, month: np.ndarray, *, weight: np.ndarray, longest: float) -> TenureCurve:
        """Knots around quantiles of the given months (those in which people left)."""
        z = np.log1p((np.minimum(month, longest) + 0.5) / 3)
        scale = two_digits(float(z.std())) or 1.0
        middle = round_middle(float(np.average(z, weights=weight)), scale)
        marks = marks_of((z - middle) / scale, np.arange(len(z)), [0.03, 0.2, 0.4, 0.6, 0.8, 0.97])
        knots = np.unique(tenths(marks))
        if len(knots) < 3:
            return cls((), middle, scale, (), longest)
        bends = restricted_cubic_spline((z - middle) / scale, tuple(knots.tolist()))
        spreads = tuple(two_digits(float(spread)) or 1.0 for spread in bends.std(axis=0))
        return cls(tuple(knots.tolist()), middle, scale, spreads, longest)

    @property
    def n_terms(self) -> int:
        """One straight term plus the bends."""
        return 1 + len(self.bend_scale)

    def terms(self, month: np.ndarray) -> np.ndarray:
        """Shape (n, n_terms)."""
        z = (np.log1p((np.minimum(month, self.longest) + 0.5) / 3) - self.middle) / self.scale
        if not self.knots:
            result: np.ndarray = z[:, None]
            return result
        return np.column_stack([z, restricted_cubic_spline(z, self.knots) / np.asarray(self.bend_scale)])


@dataclass(frozen=True)
class LinearRisk:
    """Log odds as intercept + curve of tenure + one term per attribute, level or bend.

    ``coef`` is ordered so, each to a step that its own error hides (:func:`segment.disclosure.crowds.step_of`);
    ``spread`` is an upper triangle whose square is the covariance, to three digits, empty until it is asked for;
    ``strength`` is the ridge penalty.
    """

    coef: np.ndarray
    curve: TenureCurve | None
    spread: np.ndarray
    strength: float

    @property
    def covariance(self) -> np.ndarray:
        """The covariance of ``coef``, robust and clustered by person."""
        result: np.ndarray = self.spread.T @ self.spread
        return result

    @property
    def n_base(self) -> int:
        """The number of terms before those of the attributes: the intercept and the curve of tenure."""
        return 1 + (self.curve.n_terms if self.curve else 0)

    def attribute_score(self, linear: np.ndarray) -> np.ndarray:
        """The attributes' part of the log odds, shape (n,)."""
        result: np.ndarray = linear @ self.coef[self.n_base :]
        return result

    def tenure_score(self, month: np.ndarray | None, size: int) -> np.ndarray:
        """Intercept and curve of tenure, shape of ``month``, or (size,) when there is none."""
        if self.curve is None or month is None:
            return np.full(size if month is None else month.shape, self.coef[0])
        by_tenure: np.ndarray = self.curve.terms(month.ravel()) @ self.coef[1 : self.n_base]
        result: np.ndarray = self.coef[0] + by_tenure.reshape(month.shape)
        return result


@dataclass(frozen=True)
class TreeShape:
    """How large each tree may grow and how fast the trees learn."""

    name: str
    leaves: int
    rate: float


@dataclass(frozen=True)
class BoostedRisk:
    """Log odds by gradient-boosted trees (Ke et al., NeurIPS 2017) on top of a smooth curve of tenure.

    ``text`` is LightGBM's own, of crowds only; ``base`` the curve, for a horizon the base rate.
    """

    text: str
    rounds: int
    shape: TreeShape
    base: LinearRisk

    def score(self, trees: np.ndarray, month: np.ndarray | None) -> np.ndarray:
        """Log odds of people (rows) in consecutive months (columns), or of people when ``month`` is None."""
        booster = self.booster()
        if month is None:
            alone: np.ndarray = np.asarray(booster.predict(trees, raw_score=True))
            alone += self.base.tenure_score(None, len(trees))
            return alone
        seen = np.minimum(month, EARLY)
        new = np.hstack([np.ones((len(seen), 1), dtype=bool), seen[:, 1:] != seen[:, :-1]])
        told = np.asarray(booster.predict(tree_columns(trees[np.nonzero(new)[0]], seen[new]), raw_score=True))
        by_month: np.ndarray = told[np.cumsum(new.ravel()) - 1].reshape(month.shape)
        by_month += self.base.tenure_score(month, len(trees))
        return by_month

    def booster(self) -> lightgbm.Booster:
        """The trees, ready to predict."""
        return lightgbm.Booster(model_str=self.text)


SHALLOW = TreeShape("shallow", leaves=4, rate=0.08)
DEEP = TreeShape("deep", leaves=16, rate=0.05)


def tree_columns(trees: np.ndarray, month: np.ndarray | None) -> np.ndarray:
    """Attributes followed by months of early tenure (left out for a horizon)."""
    if month is None:
        return trees
    return np.column_stack([trees, np.minimum(month, EARLY).astype(np.float32)])


def linear_design(task: RiskTask, curve: TenureCurve | None, *, attributes: bool = True) -> tuple[DesignRows, int]:
    """The linear model's rows on demand, and its number of terms."""
    month = np.zeros(0) if task.month is None else task.month
    by_month = curve.terms(np.arange(int(month.max()) + 1)) if curve is not None and len(month) else None

    def rows(start: int, stop: int) -> np.ndarray:
        parts = [np.ones((stop - start, 1))]
        if by_month is not None:
            parts.append(by_month[month[start:stop]])
        if attributes:
            parts.append(task.linear[task.row[start:stop]])
        return np.hstack(parts)

    n_terms = 1 + (curve.n_terms if curve is not None else 0) + (task.linear.shape[1] if attributes else 0)
    return rows, n_terms


def fit_linear(
    task: RiskTask,
    *,
    strength: float,
    curve: TenureCurve | None,
    start: np.ndarray | None = None,
    attributes: bool = True,
    doubt: bool = False,
    tolerance: float = 1e-8,
) -> LinearRisk:
    """Fit the linear risk with one ridge strength; terms that break a declared direction are held at zero."""
    design, n_terms = linear_design(task, curve, attributes=attributes)
    penalty = _penalties(task, curve, strength, n_terms)
    fit = fit_ridge_logistic(design, task.y, weight=task.weight, penalty=penalty, start=start, tolerance=tolerance)
    for _ in range(n_terms if attributes and task.straight.any() else 0):
        wrong = fit.coef[n_terms - len(task.straight) :] * task.straight < -1e-6
        if not wrong.any():
            break
        penalty = penalty + np.r_[np.zeros(n_terms - len(task.straight)), wrong * HELD]
        fit = fit_ridge_logistic(design, task.y, weight=task.weight, penalty=penalty)
    spread = np.empty((0, 0))
    if doubt:
        spread = _root(sandwich_covariance(design, task.y, weight=task.weight, fit=fit, group=task.person))
    kept = np.where(penalty >= HELD, 0.0, to_step(fit.coef, step_of(int(np.count_nonzero(task.y)))))
    coef = kept if attributes else np.r_[kept, np.zeros(task.linear.shape[1])]
    return LinearRisk(coef, curve, spread, strength)


def _root(covariance: np.ndarray) -> np.ndarray:
    """An upper triangle whose square is the covariance: of that every contrast keeps its error when it is rounded."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    upper: np.ndarray = np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T).R
    upper = upper * np.where(np.diag(upper) < 0, -1.0, 1.0)[:, None]
    digits = 2 - np.floor(np.log10(np.maximum(np.abs(upper), 1e-6))).astype(int)
    return np.vectorize(round, otypes=[float])(upper, digits) + 0.0 if upper.size else upper


def _penalties(task: RiskTask, curve: TenureCurve | None, strength: float, n_terms: int) -> np.ndarray:
    tenure = np.zeros(0)
    if curve is not None:
        tenure = np.r_[0.1, np.full(curve.n_terms - 1, 0.3)]
    result: np.ndarray = np.r_[0.0, tenure, np.minimum(strength * task.penalty, HELD)][:n_terms]
    return result


def boosting_settings(task: RiskTask, shape: TreeShape, *, seed: int) -> dict[str, object]:
    """LightGBM's parameters: one thread, deterministic, and leaves that hold enough expected events."""
    months = [] if task.month is None else [0]
    return {
        "objective": "binary",
        "learning_rate": shape.rate,
        "num_leaves": shape.leaves,
        "min_data_in_leaf": 20,
        "min_sum_hessian_in_leaf": float(FEWEST_OF_A_KIND),
        "lambda_l2": 5.0,
        "feature_fraction": 0.5,
        "max_bin": 127,
        "cat_smooth": 20.0,
        "cat_l2": 10.0,
        "min_data_per_group": 50,
        "monotone_constraints": [*task.monotone, *months],
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "verbosity": -1,
        "feature_pre_filter": False,
    }


def boosting_data(task: RiskTask, settings: dict[str, object], *, base: LinearRisk | None) -> lightgbm.Dataset:
    """The task as LightGBM wants it, binned once; trees begin from the curve of tenure or the base rate."""
    data = lightgbm.Dataset(
        task.tree_rows(),
        task.y,
        weight=task.weight,
        init_score=None if base is None else base.tenure_score(task.month, len(task.y)),
        categorical_feature=task.categorical,
        params=settings,
        free_raw_data=True,
    )
    return data.construct()


def fit_boosted(task: RiskTask, *, shape: TreeShape, rounds: int, seed: int, base: LinearRisk) -> BoostedRisk:
    """Fit the trees for a known number of rounds."""
    settings = boosting_settings(task, shape, seed=seed)
    trained = lightgbm.train(settings, boosting_data(task, settings, base=base), num_boost_round=rounds)
    text = told_of_crowds(trained, task.tree_rows(), y=task.y, person=task.person)
    return BoostedRisk(text, rounds, shape, base)


def score_linear(risk: LinearRisk, task: RiskTask) -> np.ndarray:
    """Log odds of the task's rows by the linear risk."""
    design, _ = linear_design(task, risk.curve)
    return linear_score(design, len(task.y), risk.coef)
