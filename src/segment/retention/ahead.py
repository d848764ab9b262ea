"""What lies ahead of people: the chance to be still here, and to have left for each cause, from monthly chances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ahead:
    """What is expected of people from their tenure of today.

    ``months`` ahead (T,); ``survival`` (n, T); ``incidence`` of each cause (n, T). Their sum is one.
    """

    months: np.ndarray
    survival: np.ndarray
    incidence: Mapping[str, np.ndarray]

    def times(self, ratio: np.ndarray) -> Ahead:
        """The same with each person's hazard multiplied, (n,); causes keep their part of every month's exits.

        Parameters
        ----------
        ratio
            Factor of the hazard per person, shape (n,), above 0.

        Examples
        --------
        >>> once = Ahead(np.array([1.0]), np.array([[0.9]]), {"left": np.array([[0.1]])})
        >>> twice = once.times(np.array([2.0]))
        >>> twice.survival.round(3).tolist(), twice.incidence["left"].round(3).tolist()
        ([[0.81]], [[0.19]])
        """
        alive = np.exp(ratio[:, None] * np.log(np.maximum(self.survival, 1e-300)))
        before, after = (-np.diff(one, axis=1, prepend=1.0) for one in (self.survival, alive))
        part = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        gone = {
            cause: np.cumsum(part * np.diff(one, axis=1, prepend=0.0), axis=1) for cause, one in self.incidence.items()
        }
        return Ahead(self.months, alive, gone)


def follow(
    share: np.ndarray, log_stay: np.ndarray, *, first: np.ndarray, start: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Walk the months: survival and incidences from monthly chances.

    Parameters
    ----------
    share
        Part of each month's exits that goes to each cause, shape (causes, n, months).
    log_stay
        Log of the chance to stay through the whole month, shape (n, months).
    first, start
        First month and exact tenure at the start, shape (n,).
    times
        Tenures asked for, shape (n, T).

    Returns
    -------
    (survival, incidences)
        Shapes (n, T) and (causes, n, T). Within a month the chance to stay falls evenly on the log scale.
    """
    n, n_months = log_stay.shape
    exposure = np.ones((n, n_months))
    exposure[:, 0] = first + 1 - start
    begin = np.hstack([np.zeros((n, 1)), np.cumsum(exposure * log_stay, axis=1)])
    alive = np.exp(begin)
    lost = share * (alive[:, :-1] - alive[:, 1:])
    gone = np.concatenate([np.zeros((*share.shape[:2], 1)), np.cumsum(lost, axis=2)], axis=2)
    asked = np.maximum(times, start[:, None])
    place = np.clip(np.floor(asked) - first[:, None], 0, n_months - 1).astype(np.int64)
    since = asked - np.maximum(first[:, None] + place, start[:, None])
    rows = np.arange(n)[:, None]
    survival = np.exp(begin[rows, place] + since * log_stay[rows, place])
    incidence = gone[:, rows, place] + share[:, rows, place] * (alive[rows, place] - survival)
    return survival, incidence
