"""Memberships that tests make of labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def one_hot(labels: ArrayLike, n_segments: int | None = None) -> np.ndarray:
    """Memberships of people who belong wholly to one segment."""
    numbers = np.asarray(labels, dtype=int)
    return np.eye(int(numbers.max()) + 1 if n_segments is None else n_segments)[numbers]
