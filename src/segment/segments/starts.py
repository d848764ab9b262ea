"""First guesses of segments: many different places from which a fit may begin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_random_state

FloatArray = npt.NDArray[np.float64]


def spawn(random_state: int | np.random.RandomState | None, n: int) -> list[np.random.Generator]:
    """Independent generators from one seed, so that start 3 is the same start whether 5 or 50 are made."""
    if random_state is None or isinstance(random_state, np.random.RandomState):
        seed = int(check_random_state(random_state).randint(2**31 - 1))
    else:
        seed = int(random_state)
    return [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(n)]


def seed_labels(
    x: FloatArray, weight: FloatArray, k: int, generator: np.random.Generator, *, whiten: bool
) -> npt.NDArray[np.intp]:
    """A rough partition: centres spread by squared distance, then a few rounds of k-means.

    Arthur, D. & Vassilvitskii, S. (2007), k-means++: the advantages of careful seeding, SODA. ``whiten`` looks for
    segments in directions of little variance too.
    """
    space = _whitened(x, weight) if whiten else x
    centres = space[_spread_rows(space, weight, k, generator)]
    labels = np.zeros(len(x), dtype=np.intp)
    for _ in range(8):
        labels = np.asarray((space @ centres.T - 0.5 * (centres**2).sum(axis=1)).argmax(axis=1))
        member = (labels[:, None] == np.arange(k)) * weight[:, None]
        counts = member.sum(axis=0)
        moved = (member.T @ space) / np.maximum(counts, 1e-12)[:, None]
        centres = np.where(counts[:, None] > 0, moved, centres)
    return labels


def _spread_rows(space: FloatArray, weight: FloatArray, k: int, generator: np.random.Generator) -> npt.NDArray[np.intp]:
    rows = [_draw(weight, generator)]
    nearest = ((space - space[rows[0]]) ** 2).sum(axis=1)
    for _ in range(k - 1):
        rows.append(_draw(weight * nearest, generator))
        nearest = np.minimum(nearest, ((space - space[rows[-1]]) ** 2).sum(axis=1))
    return np.array(rows)


def _draw(mass: FloatArray, generator: np.random.Generator) -> int:
    cumulated = np.cumsum(mass)
    if not cumulated[-1] > 0:
        return int(generator.integers(len(mass)))
    return int(min(np.searchsorted(cumulated, generator.random() * cumulated[-1], side="right"), len(mass) - 1))


def _whitened(x: FloatArray, weight: FloatArray) -> FloatArray:
    mean = weight @ x / weight.sum()
    centred = x - mean
    values, vectors = np.linalg.eigh((centred * weight[:, None]).T @ centred / weight.sum())
    return np.asarray(centred @ (vectors / np.sqrt(np.maximum(values, 1e-6 * values.max() + 1e-300))))
