"""What one would say without a model: the floors that every result stands beside.

Kaplan-Meier and Aalen-Johansen know tenure only; Cox adds attributes in the plainest way. All answer the same question
as :class:`~segment.retention.hazard.HazardModel`: survival and incidences some months ahead, given the tenure so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Real
from typing import ClassVar, Protocol

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from segment.parameters import Constraints, OfTables, check_parameters
from segment.retention.ahead import Ahead
from segment.retention.curves import Curve, estimate_curve
from segment.retention.features import check_attributes, plan_features
from segment.retention.outcomes import check_spells
from segment.retention.repeatable import single_threaded


class Forecaster(Protocol):
    """Anything that says what happens to people some months ahead."""

    def predict_ahead(
        self,
        X: pd.DataFrame,
        months: Sequence[float] | np.ndarray,
        *,
        start: Sequence[float] | np.ndarray | None = None,
    ) -> Ahead: ...


class KaplanMeierFloor(OfTables):
    """Everyone's curve for everyone: tenure so far is the only thing that tells people apart.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame(index=range(4))
    >>> spells = pd.DataFrame({"exit": [1.0, 2, 3, 4], "event": [1, 1, 1, 0]})
    >>> KaplanMeierFloor(causes=("left",)).fit(X, spells).predict_ahead(X[:1], [2]).survival.round(3).tolist()
    [[0.5]]
    """

    _parameter_constraints: ClassVar[Constraints] = {"causes": [Sequence]}

    def __init__(self, causes: Sequence[str] = ("voluntary", "involuntary")) -> None:
        self.causes = causes

    def fit(self, X: pd.DataFrame, spells: pd.DataFrame) -> KaplanMeierFloor:
        """Estimate the curve; attributes are not looked at.

        Parameters
        ----------
        X
            People x attributes; only the index counts.
        spells
            ``entry``, ``exit`` (months of tenure) and ``event`` per row of ``X``, optionally ``weight`` and
            ``person``.
        """
        check_parameters(self)
        check_attributes(X)
        watched = check_spells(spells, causes=self.causes, index=X.index)
        self.causes_ = watched.causes
        # Nobody is watched in the first months of some data: the curve may not be thrown by the first few.
        months = np.arange(0.0, np.ceil(watched.exit.max()))
        present = [(np.sum((watched.entry <= m) & (watched.exit > m))) for m in months]
        enough = np.flatnonzero(np.asarray(present) >= min(10, len(watched)))
        self.curve_: Curve = estimate_curve(watched, start=float(months[enough[0]]) if len(enough) else 0.0)
        return self

    def predict_ahead(
        self,
        X: pd.DataFrame,
        months: Sequence[float] | np.ndarray,
        *,
        start: Sequence[float] | np.ndarray | None = None,
    ) -> Ahead:
        """Survival and incidences some months ahead, given the tenure so far.

        Parameters
        ----------
        X
            People x attributes, as in `fit`.
        months
            Months ahead, shape (T,).
        start
            Tenure in months so far, one or one per person; None: at the first day.
        """
        check_is_fitted(self)
        ahead = np.asarray(months, dtype=float).ravel()
        begin = np.zeros(len(X)) if start is None else np.broadcast_to(np.asarray(start, dtype=float), (len(X),))
        here = np.maximum(self.curve_.survival_at(begin), 1e-9)[:, None]
        survival = np.minimum(self.curve_.survival_at(begin[:, None] + ahead) / here, 1.0)
        gone = self.curve_.incidence_at(begin[:, None] + ahead) - self.curve_.incidence_at(begin)[:, :, None]
        return Ahead(ahead, survival, dict(zip(self.causes_, gone / here, strict=True)))


class CoxFloor(OfTables):
    """Cox's proportional hazards for leaving for any cause, with a ridge penalty and entry at the tenure of entry.

    Breslow's likelihood (Biometrics 1974); risk sets hold those with ``entry < t <= exit``. Incidences are not split by
    cause in this floor: all of leaving goes to the first cause's name ``"any"``.

    Parameters
    ----------
    causes
        Names of the reasons for leaving, in the order of the numbers 1.. in ``spells["event"]``.
    ridge
        Strength of the penalty on squared coefficients.

    Examples
    --------
    >>> X = pd.DataFrame({"unmet": [0.0, 1.0] * 20})
    >>> spells = pd.DataFrame({"exit": 12.0 - 6 * X["unmet"] + np.arange(40) / 100, "event": 1})
    >>> ahead = CoxFloor(causes=("left",)).fit(X, spells).predict_ahead(X[:2], [9])
    >>> bool(ahead.survival[0, 0] > ahead.survival[1, 0])
    True
    """

    _parameter_constraints: ClassVar[Constraints] = {
        "ridge": [Interval(Real, 0, None, closed="left")],
        "causes": [Sequence],
    }

    def __init__(self, ridge: float = 10.0, causes: Sequence[str] = ("voluntary", "involuntary")) -> None:
        self.ridge = ridge
        self.causes = causes

    @single_threaded
    def fit(self, X: pd.DataFrame, spells: pd.DataFrame) -> CoxFloor:
        """Maximise the penalised partial likelihood.

        Parameters
        ----------
        X
            People x attributes.
        spells
            ``entry``, ``exit`` (months of tenure) and ``event`` per row of ``X``, optionally ``weight`` and
            ``person``.
        """
        check_parameters(self)
        check_attributes(X)
        watched = check_spells(spells, causes=self.causes, index=X.index)
        watched = replace(watched, weight=watched.weight / watched.weight.mean())  # only ratios matter
        self.plan_ = plan_features(X, watched.person)
        Z = self.plan_.linear(X)
        left = watched.event > 0
        times = np.unique(watched.exit[left])
        risk_sets = _RiskSets(watched.entry, watched.exit, times)
        d = np.bincount(np.searchsorted(times, watched.exit[left]), watched.weight[left], minlength=len(times))
        total = Z[left].T @ watched.weight[left]

        def loss(coef: np.ndarray) -> tuple[float, np.ndarray]:
            eta = Z @ coef
            force = watched.weight * np.exp(eta - eta.max())
            at_risk = np.maximum(risk_sets.sums(force), 1e-300)
            share = risk_sets.spread(d / at_risk) * force
            value = float(total @ coef - d @ (np.log(at_risk) + eta.max())) - self.ridge / 2 * float(coef @ coef)
            return -value, -(total - Z.T @ share - self.ridge * coef)

        closely = {"maxiter": 500, "ftol": 1e-14, "gtol": 1e-7}  # as scipy has it, six decimals are not reached
        found = minimize(loss, np.zeros(Z.shape[1]), jac=True, method="L-BFGS-B", options=closely)
        self.coef_ = found.x
        force = watched.weight * np.exp(Z @ self.coef_)
        self.times_, self.hazard_ = times, np.cumsum(d / np.maximum(risk_sets.sums(force), 1e-300))
        return self

    def predict_ahead(
        self,
        X: pd.DataFrame,
        months: Sequence[float] | np.ndarray,
        *,
        start: Sequence[float] | np.ndarray | None = None,
    ) -> Ahead:
        """Survival some months ahead, given the tenure so far.

        Parameters
        ----------
        X
            People x attributes, as in `fit`.
        months
            Months ahead, shape (T,).
        start
            Tenure in months so far, one or one per person; None: at the first day.
        """
        check_is_fitted(self)
        ahead = np.asarray(months, dtype=float).ravel()
        begin = np.zeros(len(X)) if start is None else np.broadcast_to(np.asarray(start, dtype=float), (len(X),))
        force = np.exp(np.clip(self.plan_.linear(X) @ self.coef_, -30, 30))[:, None]
        survival = np.exp(-force * (self._base(begin[:, None] + ahead) - self._base(begin[:, None])))
        return Ahead(ahead, survival, {"any": 1 - survival})

    def _base(self, times: np.ndarray) -> np.ndarray:
        result: np.ndarray = np.r_[0.0, self.hazard_][np.searchsorted(self.times_, times + 1e-9, side="right")]
        return result


class _RiskSets:
    """Who is at risk at each time, as sums over people and back, in one sort."""

    def __init__(self, entry: np.ndarray, exit_: np.ndarray, times: np.ndarray) -> None:
        self._joins = np.searchsorted(times, entry, side="right")
        self._leaves = np.searchsorted(times, exit_, side="right")
        self._size = len(times)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum of ``values`` over those at risk at each time."""
        change = np.bincount(self._joins, values, minlength=self._size + 1)
        change -= np.bincount(self._leaves, values, minlength=self._size + 1)
        return np.cumsum(change)[: self._size]

    def spread(self, values: np.ndarray) -> np.ndarray:
        """For each person, the sum of ``values`` over the times at risk."""
        so_far = np.r_[0.0, np.cumsum(values)]
        result: np.ndarray = so_far[self._leaves] - so_far[self._joins]
        return result
