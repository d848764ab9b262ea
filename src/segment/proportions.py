"""The interval of a share: one formula for segments, leaving and promises."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm


def wilson_interval(share: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval of shares (Wilson, JASA 1927, 22:209-212).

    Parameters
    ----------
    share
        Shares between 0 and 1, (m,) or a number.
    n
        Of how many people each is; weighted people count as many as they are worth. Of nobody, the interval is 0 to 1.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    Lower and upper ends, each of the shape of ``share``; a share of none begins at 0, one of all ends at 1.

    Examples
    --------
    >>> low, high = wilson_interval([0.5, 0.0, 0.3], [100, 20, 0])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.404, 0.0, 0.0], [0.596, 0.161, 1.0])
    """
    share, n = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z, people = norm.ppf(0.5 + level / 2), np.where(n > 0, n, 1.0)
    middle = (share + z**2 / (2 * people)) / (1 + z**2 / people)
    reach = z * np.sqrt(share * (1 - share) / people + z**2 / (4 * people**2)) / (1 + z**2 / people)
    low = np.where(share <= 0, 0.0, np.clip(np.minimum(middle - reach, share), 0, 1))
    high = np.where(share >= 1, 1.0, np.clip(np.maximum(middle + reach, share), 0, 1))
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)
