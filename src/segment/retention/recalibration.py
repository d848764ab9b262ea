"""Log odds put on the scale of what happened to people the learners had not seen: beta calibration, drawn to identity.

A model that separates people well may still say .64 where .61 leave. Two numbers, slope and level, mend a model that is
too sure everywhere; a third mends one that is too sure at one end only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from segment.retention.logistic import fit_ridge_logistic


@dataclass(frozen=True)
class Recalibration:
    """A rising curve from log odds to log odds: ``shift + slope * s + bend * (softplus(s) + softplus(-s))``.

    This is beta calibration (Kull, Silva Filho & Flach, AISTATS 2017), ``logit q = c + a ln p - b ln(1 - p)``, written
    with ``slope = (a + b) / 2`` and ``bend = (b - a) / 2``: it never falls as long as ``|bend| <= slope``, and
    ``slope = 1, bend = 0`` leaves the log odds as they are.
    """

    shift: float = 0.0
    slope: float = 1.0
    bend: float = 0.0

    def __call__(self, score: np.ndarray) -> np.ndarray:
        """Recalibrated log odds, in the shape of ``score``."""
        return self.shift + self.slope * score + self.bend * _arch(score)

    def share_out(self, total: np.ndarray, base: np.ndarray) -> np.ndarray:
        """By what to multiply the parts of ``total - base`` so that they add up on the recalibrated scale, shape (n,).

        The curve's rise from base to total over the distance between them (the rescale rule of Shrikumar, Greenside &
        Kundaje, ICML 2017), its steepness where the two are equal.
        """
        away = np.abs(total - base) > 1e-9
        distance = np.where(away, total - base, 1.0)
        return np.where(away, (self(total) - self(base)) / distance, self.slope + self.bend * np.tanh(base / 2))

    @classmethod
    def learned(cls, score: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Recalibration:
        """Learn the curve from log odds of people not learned from, drawn towards identity.

        Slope and bend are kept as far as they stand out from their own error: with ``d`` the distance from 1 (slope) or
        0 (bend), the part ``d^2 / (d^2 + se^2)`` of it. The level is set last, so that expected and observed agree.
        """
        Z = np.column_stack([np.ones(len(score)), score, _arch(score)])
        middle = np.average(Z, axis=0, weights=weight)
        middle[0] = 0.0
        Z = Z - middle
        fit = fit_ridge_logistic(
            lambda a, b: Z[a:b],
            y,
            weight=weight,
            penalty=np.array([0.0, 1e-6, 1e-6]),
            start=np.array([middle[1], 1.0, 0.0]),
        )
        errors = np.sqrt(np.diag(np.linalg.inv(fit.information))[1:])
        slope = max(0.0, 1 + _kept(float(fit.coef[1]) - 1, float(errors[0])))
        bend = _kept(float(fit.coef[2]), float(errors[1]))
        bend = float(np.clip(bend, -slope, slope))
        return cls(_matching_shift(slope * score + bend * _arch(score), y, weight), slope, bend)


#: The recalibration that changes nothing.
AS_IT_IS = Recalibration()


def _arch(score: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, score) + np.logaddexp(0, -score)


def _kept(distance: float, error: float) -> float:
    return distance * distance**2 / (distance**2 + error**2)


def _matching_shift(offset: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The intercept at which expected and observed leavers agree."""
    p = float(weight @ y / weight.sum())
    shift = np.log(p / (1 - p)) - float(np.average(offset, weights=weight))
    for _ in range(50):
        said = expit(offset + shift)
        step = float(weight @ (y - said) / (weight @ (said * (1 - said))))
        shift += float(np.clip(step, -1, 1))
        if abs(step) < 1e-10:
            break
    return float(shift)
