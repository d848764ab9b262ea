"""How strongly two groupings of people go together, such as segments and departments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from segment.errors import InvalidInput
from segment.segments.checking import Floats, Integers, checked_labels, checked_level, checked_weights
from segment.segments.design import effective_size


@dataclass(frozen=True)
class Association:
    """Cramer's V, 0 (nothing in common) to 1 (the one follows from the other), with its interval and people."""

    value: float
    low: float
    high: float
    n: int


def cramers_v(
    first: ArrayLike,
    second: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_bootstrap: int = 200,
    level: float = 0.95,
    random_state: int = 0,
) -> Association:
    """Bias-corrected Cramer's V of two groupings with a bootstrap interval over people.

    Parameters
    ----------
    first, second
        One group number, 0 or more, per person.
    sample_weight
        One weight per person; only ratios matter.

    Notes
    -----
    phi^2 = sum (p_ij - p_i p_j)^2 / (p_i p_j); with r rows, c columns and n people (Kish's effective number, under
    weights) chance alone gives b = (r - 1)(c - 1) / (n - 1); V^2 = max(0, phi^2 - b) / min(r' - 1, c' - 1) with
    r' = r - (r - 1)^2 / (n - 1) and c' likewise (Bergsma, 2013, *Journal of the Korean Statistical Society* 42,
    323-328). A bootstrap sample adds as much chance association as the sample already had, so b is taken off twice
    there; otherwise the interval would lie too high.

    Examples
    --------
    >>> round(cramers_v([0, 0, 1, 1] * 50, [0, 0, 1, 1] * 50).value, 3)
    1.0
    >>> cramers_v([0, 0, 1, 1] * 50, [0, 1, 0, 1] * 50).value
    0.0
    """
    checked_level(level)
    a = np.unique(checked_labels(first), return_inverse=True)[1].astype(np.int64)
    b = np.unique(checked_labels(second, len(a)), return_inverse=True)[1].astype(np.int64)
    if n_bootstrap < 20:
        raise InvalidInput("Too few bootstrap samples for an interval.", expected="at least 20", came=f"{n_bootstrap}")
    weights = checked_weights(sample_weight, len(a))
    value = _corrected(_phi_square(a, b, weights), a, b, weights, times=1)
    rng = np.random.default_rng(random_state)
    draws = np.empty(n_bootstrap)
    for number in range(n_bootstrap):
        weighted = weights * np.bincount(rng.integers(len(a), size=len(a)), minlength=len(a))
        draws[number] = _corrected(_phi_square(a, b, weighted), a, b, weights, times=2)
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    return Association(value=value, low=min(float(low), value), high=max(float(high), value), n=len(a))


def _phi_square(a: Integers, b: Integers, weights: Floats) -> float:
    rows, columns = int(a.max()) + 1, int(b.max()) + 1
    shares = np.bincount(a * columns + b, weights, rows * columns).reshape(rows, columns) / weights.sum()
    chance = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
    some = chance > 0
    return float(((shares - chance)[some] ** 2 / chance[some]).sum())


def _corrected(phi_square: float, a: Integers, b: Integers, weights: Floats, *, times: int) -> float:
    rows, columns = int(a.max()) + 1, int(b.max()) + 1
    n = effective_size(weights)
    if min(rows, columns) < 2 or n <= 2:
        return 0.0
    chance = (rows - 1) * (columns - 1) / (n - 1)
    reach = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    if reach <= 0:
        return 0.0
    return float(np.sqrt(np.clip((phi_square - times * chance) / reach, 0.0, 1.0)))
