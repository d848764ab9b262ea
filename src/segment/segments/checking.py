"""The door for people and their segments: what is let in, and the refusals for everything else.

Every function of this room that compares people by segment takes plain arrays: memberships (people x segments),
weights (one per person) and sometimes clusters (whose rows belong together). They are checked here, once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from segment.errors import InvalidInput

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def checked_weights(sample_weight: ArrayLike | None, n: int) -> Floats:
    """One weight per person, scaled to a mean of one (so that only ratios of weights count).

    >>> checked_weights([2, 2, 4, 0], 4)
    array([1., 1., 2., 0.])
    """
    if sample_weight is None:
        return np.ones(n)
    weights = np.asarray(sample_weight, dtype=float)
    if weights.shape != (n,):
        raise InvalidInput(
            "The weights do not fit the people.", expected=f"{n} weights, one per person", came=f"{_shape(weights)}"
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise InvalidInput("A weight is negative or missing.", expected="zero or more for every person")
    if weights.max() <= 0:
        raise InvalidInput("All weights are zero.", expected="a positive weight for at least one person")
    weights = weights / weights.max()
    return np.asarray(weights / weights.mean())


def checked_posteriors(posteriors: ArrayLike, n: int | None = None) -> Floats:
    """Memberships, people x segments: 0..1, each row adding to one (rounding up to 1e-4 is set right).

    Raises
    ------
    InvalidInput
        Not two-dimensional, another number of people than expected, missing, outside 0..1, rows that do not add to
        one.
    """
    membership = np.array(posteriors, dtype=float)
    if membership.ndim != 2 or 0 in membership.shape:
        raise InvalidInput(
            "Memberships must be a table of people x segments.", expected="one row per person, one column per segment",
            came=_shape(membership), advice="turn labels into memberships with numpy.eye(k)[labels]",
        )  # fmt: skip
    if n is not None and len(membership) != n:
        raise InvalidInput(
            "The memberships do not fit the people.", expected=f"{n} rows", came=f"{len(membership)} rows"
        )
    if not np.isfinite(membership).all() or (membership < -1e-9).any() or (membership > 1 + 1e-4).any():
        raise InvalidInput("A membership is missing or outside 0 to 1.", expected="probabilities, 0 to 1")
    membership = np.clip(membership, 0, 1)
    totals = membership.sum(axis=1, keepdims=True)
    if np.abs(totals - 1).max() > 1e-4:
        raise InvalidInput("Memberships of a person do not add to one.", expected="rows that add to 1")
    return np.asarray(membership / totals)


def checked_labels(labels: ArrayLike, n: int | None = None, *, name: str = "segment labels") -> Integers:
    """Segment numbers, one whole number of zero or more per person."""
    given = np.asarray(labels)
    if given.ndim != 1 or len(given) == 0:
        raise InvalidInput(f"The {name} must be one number per person.", came=_shape(given))
    if n is not None and len(given) != n:
        raise InvalidInput(f"The {name} do not fit the people.", expected=f"{n} labels", came=f"{len(given)} labels")
    try:
        numbers = given.astype(float)
    except (TypeError, ValueError):
        numbers = np.full(len(given), np.nan)
    if not np.isfinite(numbers).all() or (numbers < 0).any() or (numbers != np.floor(numbers)).any():
        raise InvalidInput(f"The {name} must be whole numbers from 0.", expected="0, 1, 2, ... for every person")
    return numbers.astype(np.int64)


def checked_scores(
    scores: pd.DataFrame | ArrayLike, *, names: Sequence[str] | None = None, what: str = "need scores"
) -> pd.DataFrame:
    """Scores as numbers, people x needs; a missing score is NaN, an infinite one is refused."""
    frame = scores if isinstance(scores, pd.DataFrame) else pd.DataFrame(np.asarray(scores))
    if frame.ndim != 2 or 0 in frame.shape:
        raise InvalidInput(f"The {what} are empty.", expected="people x needs", came=_shape(np.asarray(frame)))
    if names is not None:
        frame = frame.set_axis(list(names), axis=1)
    wrong = [str(column) for column in frame.columns if not pd.api.types.is_numeric_dtype(frame[column])]
    if wrong:
        raise InvalidInput(f"The {what} must be numbers.", where=f"column {', '.join(wrong)}")
    numbers = frame.astype(float)
    if np.isinf(numbers.to_numpy()).any():
        raise InvalidInput(f"The {what} hold an infinite number.", expected="numbers, or empty where not answered")
    return numbers


def checked_level(level: float) -> float:
    """A confidence level strictly between 0 and 1."""
    if not 0 < level < 1:
        raise InvalidInput("The confidence level must lie between 0 and 1.", expected="such as 0.95", came=f"{level}")
    return float(level)


def _shape(array: NDArray[np.generic]) -> str:
    return "an array of " + (" x ".join(str(size) for size in array.shape) or "no dimension")
