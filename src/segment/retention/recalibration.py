"""Log odds put on the scale of what happened to people the learners had not seen: beta calibration, drawn to identity.

A model that separates people well may still say .64 where .61 leave. Two numbers, slope and level, mend a model that is
too sure everywhere; a third mends one that is too sure at one end only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from segment.disclosure.crowds import step_of, to_step

#: Prior standard deviation of the two slopes around 1.
PRIOR = 0.5


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

        The two slopes ``a`` (towards low risk) and ``b`` (towards high risk) have a normal prior around 1 with standard
        deviation ``PRIOR``: monthly chances are all low, where ``b`` cannot be told from ``a``, and what the data do
        not tell stays as it is. Each is then kept as far as it stands out from its own error: with ``d`` its distance
        from 1, the part ``d^2 / (d^2 + se^2)`` of it. A slope that would fall is held at 0, and the other one fitted
        again. The level is set last, so that expected and observed agree, to a step that its own error hides.
        """
        ends = np.column_stack([-np.logaddexp(0, -score), np.logaddexp(0, score)])
        away, errors = _slopes(score, ends, y, weight)
        for held in (0, 1):
            if away[held] < -1:
                other = 1 - held
                again, error = _slopes(score - ends[:, held], ends[:, [other]], y, weight)
                away[held], away[other], errors[held], errors[other] = -1.0, again[0], 0.0, error[0]
        kept = [_kept(float(d), float(error)) for d, error in zip(away, errors, strict=True)]
        low, high = (round(max(0.0, 1 + d), 2) for d in kept)
        slope, bend = round((low + high) / 2, 3), round((high - low) / 2, 3)
        shift = _matching_shift(slope * score + bend * _arch(score), y, weight)
        return cls(float(to_step(shift, step_of(int(np.count_nonzero(y))))), slope, bend)


#: The recalibration that changes nothing.
AS_IT_IS = Recalibration()


def _arch(score: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.logaddexp(0, score) + np.logaddexp(0, -score)
    return result


def _slopes(offset: np.ndarray, ends: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far from 1 each slope is, most probably, and its standard error; ``offset`` are the log odds as they are."""
    Z = np.column_stack([np.ones(len(offset)), ends - np.average(ends, axis=0, weights=weight)])
    penalty = np.r_[0.0, np.full(ends.shape[1], PRIOR**-2)]
    theta = np.zeros(Z.shape[1])
    value, gradient, information = _posterior(Z, offset, y, weight, penalty, theta)
    for _ in range(50):
        step = np.linalg.solve(information, gradient)
        share = 1.0
        while share > 1e-4:
            found = _posterior(Z, offset, y, weight, penalty, theta + share * step)
            if found[0] >= value:
                break
            share /= 2
        if found[0] < value:
            break
        theta, (value, gradient, information) = theta + share * step, found
        if float(np.abs(share * step).max()) < 1e-8:
            break
    return theta[1:], np.sqrt(np.diag(np.linalg.inv(information))[1:])


def _posterior(
    Z: np.ndarray, offset: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: np.ndarray, theta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log posterior, gradient and information."""
    eta = offset + Z @ theta
    p = expit(eta)
    value = float(weight @ (y * eta - np.logaddexp(0, eta)) - penalty @ theta**2 / 2)
    return (
        value,
        Z.T @ (weight * (y - p)) - penalty * theta,
        (Z * (weight * p * (1 - p))[:, None]).T @ Z + np.diag(penalty),
    )


def _kept(distance: float, error: float) -> float:
    return distance * distance**2 / (distance**2 + error**2) if distance else 0.0


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
