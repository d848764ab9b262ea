"""Whether groups have other sizes than before, or another share of people answered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from segment.errors import InvalidInput


def shares_differ(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    """The p-value of two rows of counts having the same shares (chi-square); 1 where there is one group only.

    Parameters
    ----------
    before, after
        People per group, the same groups in both.

    Raises
    ------
    InvalidInput
        Not the same groups, negative counts, or nobody on a side.

    Examples
    --------
    >>> round(shares_differ([50, 50], [50, 50]), 2), shares_differ([500, 500], [300, 700]) < 1e-9
    (1.0, True)
    """
    table = np.array([before, after], dtype=float)
    if table.ndim != 2 or (table < 0).any() or (table.sum(axis=1) == 0).any():
        raise InvalidInput("Sizes cannot be compared.", expected="counts of the same groups, somebody on both sides")
    table = table[:, table.sum(axis=0) > 0]
    return float(stats.chi2_contingency(table, correction=False).pvalue) if table.shape[1] > 1 else 1.0


def proportions_differ(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The p-value of two proportions (how many, of how many) being the same.

    Raises
    ------
    InvalidInput
        More than all, or of nobody.

    Examples
    --------
    >>> round(proportions_differ((60, 100), (60, 100)), 2), proportions_differ((600, 1000), (450, 1000)) < 1e-9
    (1.0, True)
    """
    if any(not 0 <= some <= of or of == 0 for some, of in (before, after)):
        raise InvalidInput("That is no proportion.", expected="how many, of how many; of somebody")
    return shares_differ([before[0], before[1] - before[0]], [after[0], after[1] - after[0]])
