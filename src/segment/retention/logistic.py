"""Penalised logistic regression: the plain part of every retention model, with its doubt.

Maximises ``sum_i w_i [y_i eta_i - log(1 + exp(eta_i))] - 1/2 sum_j penalty_j beta_j**2`` with ``eta = Z beta`` by
Newton's method (iteratively reweighted least squares; McCullagh & Nelder 1989; le Cessie & van Houwelingen 1992).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

#: Rows handled at once when the information matrix is summed; bounds the memory of a fit.
BLOCK = 32_768

#: Changes of the log-likelihood below this share of it are rounding.
ROUNDING = 1e-12

#: Hands back the rows ``start:stop`` of the design, shape (rows, terms).
DesignRows = Callable[[int, int], np.ndarray]


@dataclass(frozen=True)
class RidgeFit:
    """Coefficients and the penalised information matrix at the optimum."""

    coef: np.ndarray
    information: np.ndarray


def fit_ridge_logistic(
    design: DesignRows,
    y: np.ndarray,
    *,
    weight: np.ndarray,
    penalty: np.ndarray,
    start: np.ndarray | None = None,
    max_steps: int = 30,
    tolerance: float = 1e-8,
) -> RidgeFit:
    """Fit by Newton's method with step halving.

    Parameters
    ----------
    design
        Function that hands back rows of the design matrix, so that it need not exist whole.
    y, weight
        0/1 outcomes and positive weights, shape (n,).
    penalty
        One ridge penalty per term; 0 for the intercept.
    start
        Coefficients to begin from.
    tolerance
        Stop when the Newton decrement is below it: coefficients are then within ``sqrt(tolerance)`` standard errors.

    Examples
    --------
    >>> import numpy as np
    >>> Z = np.ones((4, 1))
    >>> fit = fit_ridge_logistic(lambda a, b: Z[a:b], np.array([1, 0, 0, 0.0]), weight=np.ones(4), penalty=np.zeros(1))
    >>> round(float(1 / (1 + np.exp(-fit.coef[0]))), 6)
    0.25
    """
    coef = np.zeros(len(penalty)) if start is None else start.copy()
    value, gradient, information = _pass(design, y, weight, penalty, coef)
    for _ in range(max_steps):
        step = cho_solve(cho_factor(information + 1e-9 * np.eye(len(coef))), gradient)
        gain = float(gradient @ step)
        if gain < tolerance + ROUNDING * abs(value):
            break
        share = 1.0
        for _halving in range(12):
            candidate = coef + share * step
            new_value, new_gradient, new_information = _pass(design, y, weight, penalty, candidate)
            if new_value >= value - ROUNDING * abs(value):
                break
            share /= 2
        else:
            break
        coef, value, gradient, information = candidate, new_value, new_gradient, new_information
    return RidgeFit(coef, information)


def linear_score(design: DesignRows, size: int, coef: np.ndarray) -> np.ndarray:
    """``Z beta`` in blocks, shape (size,)."""
    parts = [design(a, min(a + BLOCK, size)) @ coef for a in range(0, size, BLOCK)]
    return np.concatenate(parts) if parts else np.empty(0)


def sandwich_covariance(
    design: DesignRows, y: np.ndarray, *, weight: np.ndarray, fit: RidgeFit, group: np.ndarray
) -> np.ndarray:
    """Covariance of the coefficients that allows for weights and for rows of one person hanging together.

    ``H^-1 (sum_g s_g s_g') H^-1`` with ``s_g`` the sum of the scores of person g (White 1982; Liang & Zeger 1986) and
    ``H`` the penalised information. Rows of one group must follow each other.
    """
    terms = len(fit.coef)
    meat = np.zeros((terms, terms))
    begins = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    stops = np.r_[begins[1:], len(group)]
    first = 0
    while first < len(begins):
        last = max(first + 1, int(np.searchsorted(stops, begins[first] + BLOCK, side="right")))
        a, b = int(begins[first]), int(stops[last - 1])
        rows = design(a, b)
        scores = rows * (weight[a:b] * (y[a:b] - expit(rows @ fit.coef)))[:, None]
        totals = np.add.reduceat(scores, begins[first:last] - a, axis=0)
        meat += totals.T @ totals
        first = last
    bread = cho_solve(cho_factor(fit.information + 1e-9 * np.eye(terms)), np.eye(terms))
    result: np.ndarray = bread @ meat @ bread
    return result


def _pass(
    design: DesignRows, y: np.ndarray, weight: np.ndarray, penalty: np.ndarray, coef: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Penalised log-likelihood, gradient and information at ``coef``."""
    size = len(y)
    value = -0.5 * float(penalty @ coef**2)
    gradient = -penalty * coef
    information = np.diag(penalty.astype(float))
    for a in range(0, size, BLOCK):
        b = min(a + BLOCK, size)
        rows = design(a, b)
        eta = rows @ coef
        p = expit(eta)
        value += float(weight[a:b] @ (y[a:b] * eta - np.logaddexp(0, eta)))
        gradient = gradient + rows.T @ (weight[a:b] * (y[a:b] - p))
        information = information + (rows * (weight[a:b] * p * (1 - p))[:, None]).T @ rows
    return value, gradient, information
