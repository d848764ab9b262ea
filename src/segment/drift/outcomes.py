"""Exits that came beside those that were expected, under limits that hold however often one looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln

from segment.errors import InvalidInput

#: How sharp the mixture is around the ratio of one: about what ten exits say.
SHAPE = 10.0


@dataclass(frozen=True)
class Ratio:
    """Observed over expected.

    ``low`` and ``high`` hold at every look together with the stated chance; ``alarm``: one lies outside of them.
    """

    observed: float
    expected: float
    value: float
    low: float
    high: float

    @property
    def alarm(self) -> bool:
        """Whether as many as expected can be ruled out."""
        return not self.low <= 1 <= self.high


def observed_against_expected(observed: float, expected: float, *, alpha: float = 0.05) -> Ratio:
    """Hold exits so far against those expected so far; may be asked after every month without another false alarm.

    Each exit is a chance event with the probability the model gave it, so under the model with all rates times ``r``
    the quantity ``M(r) = a^a / Gamma(a) x Gamma(a + O) / (a + rE)^(a + O) x e^(rE)`` (a gamma mixture of likelihood
    ratios; ``O`` observed, ``E`` expected, ``a`` the mixture's shape) is a non-negative supermartingale that begins at
    one. By Ville's inequality it ever exceeds ``1/alpha`` with probability ``alpha`` at most; the interval is every
    ``r`` that it does not rule out (Robbins, 1970, Ann. Math. Stat. 41, 1397-1409; Howard et al., 2021, Ann. Stat. 49,
    1055-1080).

    Parameters
    ----------
    observed
        Exits so far.
    expected
        The sum of the chances that the model gave, so far; greater than 0.
    alpha
        Chance that the interval ever misses the ratio.

    Raises
    ------
    InvalidInput
        Nothing is expected, a negative number, or an alpha that is none.

    Examples
    --------
    >>> told = observed_against_expected(20, 20)
    >>> (round(told.value, 2), told.alarm), observed_against_expected(60, 20, alpha=0.01).alarm
    ((1.0, False), True)
    """
    if not (observed >= 0 and expected > 0 and np.isfinite([observed, expected]).all() and 0 < alpha < 1):
        raise InvalidInput(
            "Exits cannot be held against what was expected.",
            expected="observed 0 or more, expected above 0, alpha between 0 and 1",
        )
    low, high = _limits(float(observed), float(expected), alpha)
    return Ratio(float(observed), float(expected), float(observed) / float(expected), low, high)


def _limits(observed: float, expected: float, alpha: float) -> tuple[float, float]:
    """Where the mixture crosses 1/alpha below and above its least value."""
    least = observed / expected

    def excess(r: float) -> float:
        return _log_mixture(observed, r * expected) + math.log(alpha)

    low = 0.0
    if observed > 0 and excess(1e-12) > 0:
        low = float(brentq(excess, 1e-12, least))
    top = max(least, 1.0 / expected)
    while excess(top) < 0:
        top *= 2
    return low, float(brentq(excess, max(least, 1e-12), top))


def _log_mixture(observed: float, expected: float) -> float:
    a = SHAPE
    return float(a * np.log(a) - gammaln(a) + gammaln(a + observed) - (a + observed) * np.log(a + expected) + expected)
