"""Curves through numbers: bends that follow the data inside their knots and behave beyond them."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import BSpline


def restricted_cubic_spline(values: np.ndarray, knots: tuple[float, ...]) -> np.ndarray:
    """The bends of a cubic curve that is straight beyond its outer knots, shape (n, len(knots) - 2).

    Durrleman & Simon, Statistics in Medicine 1989: for knots ``k_1 < ... < k_m`` and ``(u)+ = max(u, 0)``,
    bend j is ``(x-k_j)+^3 - (x-k_{m-1})+^3 (k_m-k_j)/(k_m-k_{m-1}) + (x-k_m)+^3 (k_{m-1}-k_j)/(k_m-k_{m-1})``,
    here over the squared width of the knots.
    """
    last, before = knots[-1], knots[-2]
    width = last - before

    def cubed(knot: float) -> np.ndarray:
        return np.clip(values - knot, 0, None) ** 3

    columns = [
        cubed(knot) - cubed(before) * (last - knot) / width + cubed(last) * (before - knot) / width
        for knot in knots[:-2]
    ]
    return np.column_stack(columns) / (last - knots[0]) ** 2


def b_spline(values: np.ndarray, knots: tuple[float, ...]) -> np.ndarray:
    """Cubic B-splines (de Boor 1978), flat beyond the outer knots, shape (n, len(knots) + 2).

    >>> b_spline(np.array([-9.0, 0.0, 9.0]), (-1.0, 0.0, 1.0)).sum(axis=1).tolist()
    [1.0, 1.0, 1.0]
    """
    first, last = knots[0], knots[-1]
    padded = np.r_[[first] * 3, knots, [last] * 3]
    return np.asarray(BSpline.design_matrix(np.clip(values, first, last), padded, 3).toarray())


def steps(values: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """One column per level: 1 where the value is nearest to it, shape (n, len(levels)).

    >>> steps(np.array([0.9, 4.0]), (1.0, 2.0)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    middles = (np.asarray(levels[:-1]) + np.asarray(levels[1:])) / 2
    return np.eye(len(levels))[np.searchsorted(middles, values)]
