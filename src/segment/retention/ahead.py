"""What lies ahead of people: the chance to be still here, and to have left for each cause, from monthly chances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segment.errors import InvalidInput
from segment.retention.competition import Risk


@dataclass(frozen=True)
class Ahead:
    """What is expected of people from their tenure of today.

    ``months`` ahead (T,); ``survival`` (n, T); ``incidence`` of each cause (n, T). Their sum is one.

    Examples
    --------
    >>> ahead = Ahead(np.array([12.0]), np.array([[0.9]]), {"left": np.array([[0.1]])})
    >>> (ahead.survival + ahead.incidence["left"]).tolist()
    [[1.0]]
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


def foretell(
    risks: Sequence[Risk], linear: np.ndarray, trees: np.ndarray, times: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Survival (n, T) and incidences (causes, n, T) of people at their own ``times``, from learned risks."""
    first = np.floor(start)
    n_months = int(max(1, np.max(np.ceil(times.max(axis=1)) - first)))
    month = first[:, None] + np.arange(n_months)
    odds = np.exp(np.stack([np.clip(risk.score(linear, trees, month), -700, 30) for risk in risks]))
    total = odds.sum(axis=0)
    return follow(odds / total, -np.log1p(total), first=first, start=start, times=times)


def checked_months(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Months as numbers, ascending.

    Raises
    ------
    InvalidInput
        None, or other than months of 0 or more in ascending order.
    """
    values = np.asarray(times, dtype=float).ravel()
    if len(values) == 0 or not np.isfinite(values).all() or (values < 0).any() or (np.diff(values) < 0).any():
        raise InvalidInput(
            "The times cannot be worked with.",
            expected="months of 0 or more, ascending",
            came=f"{len(values)} numbers",
            where="times",
        )
    return values


def checked_start(start: Sequence[float] | np.ndarray | None, size: int) -> np.ndarray:
    """Months of tenure that each of ``size`` people has survived, from one number, one per person, or None: none.

    Raises
    ------
    InvalidInput
        Other than months of 0 or more, one or one per person.
    """
    values = np.zeros(size) if start is None else np.asarray(start, dtype=float)
    values = np.full(size, float(values)) if values.ndim == 0 else values.ravel()
    if len(values) != size or not np.isfinite(values).all() or (values < 0).any():
        raise InvalidInput(
            "The tenure survived so far cannot be worked with.",
            expected="months of 0 or more, one number or one per person",
            came=f"{len(values)} numbers for {size} people",
            where="start",
        )
    return values
