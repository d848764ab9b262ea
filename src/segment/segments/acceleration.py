"""Faster convergence of the fits: squared extrapolation of expectation-maximisation.

Varadhan, R. & Roland, C. (2008), Simple and globally convergent methods for accelerating the convergence of any EM
algorithm, Scandinavian Journal of Statistics 35, 335-353 (SQUAREM, third step length).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: One pass of EM: takes packed parameters, returns the next ones and the log-likelihood of those it was given.
Step = Callable[[FloatArray], tuple[FloatArray, float]]


def climb(step: Step, start: FloatArray, *, max_steps: int, tolerance: float) -> tuple[FloatArray, float, int, bool]:
    """Parameters at a (local) maximum of the likelihood.

    Two plain steps give the direction ``r`` and the bend ``v``; the jump is ``start - 2 a r + a^2 v`` with
    ``a = -|r| / |v|``. A jump that lowers the likelihood is taken back, so the likelihood never falls.

    Parameters
    ----------
    step
        One EM step. It must accept any finite vector (the packing keeps parameters valid).
    start
        Packed parameters.
    max_steps
        Most EM steps.
    tolerance
        Stop when a plain step raises the log-likelihood by less than this.

    Returns
    -------
    parameters, their log-likelihood, steps used, whether the tolerance was met.
    """
    here = start
    steps, best = 0, -np.inf
    limit = 4.0
    while steps < max_steps:
        first, at_here = step(here)
        second, at_first = step(first)
        steps += 2
        gain = at_first - at_here
        if not np.isfinite(at_first) or gain < tolerance:
            keep, value = (first, at_first) if gain >= 0 else (here, at_here)
            return keep, value, steps, bool(np.isfinite(value))
        best = at_first
        r, v = first - here, second - 2 * first + here
        length = float(np.linalg.norm(v))
        if length < 1e-14:
            here = second
            continue
        a = min(max(float(np.linalg.norm(r)) / length, 1.0), limit)
        if a == 1.0:
            here = second
            continue
        jumped = here + 2 * a * r + a * a * v
        settled, at_jumped = step(jumped)
        steps += 1
        if np.isfinite(at_jumped) and at_jumped >= at_first:
            here = settled
            limit = 4 * limit if a == limit else limit
        else:
            here = second
            limit = max(limit / 2, 2.0) if a == limit else limit
    return here, best, steps, False
