"""Worlds without segments that look like the data: what a search for segments finds there is chance.

Three kinds, because a continuum can look segmented in three ways:

- *elliptical*: scores with the data's mean and covariance, every person keeping the own distance from the middle and
  the own scatter (so the same response style), in a random direction;
- *gradient*: scores along the data's main axes, each axis with the distribution it has, smoothed until it has one
  peak (Silverman, B. W. (1981), JRSS B 43, 97-99), axes independent: a skew, flat or heavy-tailed continuum;
- *answers*: correlated normal propensities with a level and a stretch per person, cut into each item's own shares of
  answers (Gaussian copula), with the data's own gaps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from segment.segments.candidates import Material

FloatArray = npt.NDArray[np.float64]

_CELLS = 256


def scores_by_chance(material: Material, generator: np.random.Generator, *, kind: str, n: int) -> Material:
    """``n`` simulated people for families based on need scores; ``kind`` is "elliptical" or "gradient"."""
    if material.contrasts is None:
        raise AssertionError("need scores are required")
    rows = _drawn(material.weight, n, generator)
    people = material.take(rows)
    people = Material(people.items, np.ones(n), people.contrasts, people.rest, people.stretch)
    mean, axes, lengths = _main_axes(material.contrasts, material.weight)
    if kind == "elliptical":
        white = (material.contrasts[rows] - mean) @ axes / lengths
        radius = np.linalg.norm(white, axis=1, keepdims=True)
        direction = generator.normal(size=white.shape)
        direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-12)
        return people.with_scores(mean + (radius * direction * lengths) @ axes.T)
    along = (material.contrasts - mean) @ axes
    drawn = np.column_stack([_one_peak(column, material.weight, n, generator) for column in along.T])
    return people.with_scores(mean + drawn @ axes.T)


def _drawn(weight: FloatArray, n: int, generator: np.random.Generator) -> npt.NDArray[np.intp]:
    return np.asarray(generator.choice(len(weight), n, replace=True, p=weight / weight.sum()))


def _main_axes(x: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    mean = weight @ x / weight.sum()
    centred = x - mean
    values, axes = np.linalg.eigh((centred * weight[:, None]).T @ centred / weight.sum())
    return mean, axes, np.sqrt(np.maximum(values, 1e-9 * max(values.max(), 1e-12)))


def _one_peak(column: FloatArray, weight: FloatArray, n: int, generator: np.random.Generator) -> FloatArray:
    """Draws from the column's distribution under the least smoothing that leaves one peak, at the column's variance."""
    mean = float(weight @ column / weight.sum())
    sd = float(np.sqrt(weight @ (column - mean) ** 2 / weight.sum()))
    if sd < 1e-12:
        return np.full(n, mean)
    edges = np.linspace(mean - 5 * sd, mean + 5 * sd, _CELLS + 1)
    density = np.histogram(np.clip(column, edges[0], edges[-1]), bins=edges, weights=weight)[0]
    width = _critical_width(density, (edges[1] - edges[0]))
    drawn = column[_drawn(weight, n, generator)] + width * generator.normal(size=n)
    return np.asarray(mean + (drawn - mean) * sd / np.sqrt(sd**2 + width**2))


def _critical_width(density: FloatArray, cell: float) -> float:
    places = np.arange(-_CELLS, _CELLS + 1) * cell
    low, high = cell, cell * _CELLS / 2
    for _ in range(12):
        middle = float(np.sqrt(low * high))
        smooth = np.convolve(density, stats.norm.pdf(places / middle), mode="same")
        slope = np.diff(smooth)
        slope = slope[np.abs(slope) > 1e-9 * smooth.max()]
        peaks = int((np.diff(np.sign(slope)) < 0).sum())
        low, high = (low, middle) if peaks <= 1 else (middle, high)
    return high


class AnswersByChance:
    """Recipe for simulated answers with the data's shares, correlations, style and gaps, but without segments.

    Learning takes one simulation: correlations between categories are lower than between the propensities behind
    them, and the ratio seen in a simulation puts that right.
    """

    def __init__(self, material: Material, generator: np.random.Generator) -> None:
        self._material = material
        normal = _normal_scores(material.items, material.weight)
        target = _correlation(normal, material.weight)
        self._spread = 0.0
        self._root = _root(target)
        n = min(max(2000, len(material)), 5000)
        trial = _normal_scores(self.draw(generator, n=n).items, np.ones(n))
        seen = _correlation(trial, np.ones(n))
        ratio = np.where(np.abs(seen) > 0.05, target / np.where(np.abs(seen) > 0.05, seen, 1.0), 1.1)
        self._root = _root(np.clip(target * np.clip(ratio, 0.8, 1.5), -0.98, 0.98))
        excess = _log_spread_variance(normal, material.weight) - _log_spread_variance(trial, np.ones(n))
        self._spread = float(np.sqrt(max(excess, 0.0)))

    def draw(self, generator: np.random.Generator, *, n: int) -> Material:
        """``n`` simulated people."""
        rows = _drawn(self._material.weight, n, generator)
        gaps = np.isnan(self._material.items[rows])
        propensity = generator.normal(size=(n, len(self._root))) @ self._root.T
        propensity *= np.exp(self._spread * generator.normal(size=(n, 1)))
        answers = np.empty_like(propensity)
        for item in range(answers.shape[1]):
            answers[:, item] = _cut(propensity[:, item], self._material.items[:, item], self._material.weight)
        return Material(np.where(gaps, np.nan, answers), np.ones(n))


def _cut(propensity: FloatArray, column: FloatArray, weight: FloatArray) -> FloatArray:
    """The propensities as answers: the lowest share get the lowest answer, and so on."""
    given = ~np.isnan(column)
    if not given.any():
        return np.full(len(propensity), np.nan)
    values, codes = np.unique(column[given], return_inverse=True)
    shares = np.cumsum(np.bincount(codes, weights=weight[given], minlength=len(values)))
    place = (stats.rankdata(propensity, method="ordinal") - 0.5) / len(propensity)
    return np.asarray(values[np.minimum(np.searchsorted(shares / shares[-1], place), len(values) - 1)])


def _normal_scores(items: FloatArray, weight: FloatArray) -> FloatArray:
    """Every answer as the normal quantile of the middle of its share; zero (the middle) if none was given."""
    scores = np.zeros_like(items)
    for item, column in enumerate(items.T):
        given = ~np.isnan(column)
        if not given.any():
            continue
        values, codes = np.unique(column[given], return_inverse=True)
        mass = np.bincount(codes, weights=weight[given], minlength=len(values))
        middle = (np.cumsum(mass) - 0.5 * mass) / max(mass.sum(), 1e-12)
        scores[given, item] = stats.norm.ppf(np.clip(middle, 1e-4, 1 - 1e-4))[codes]
    return scores


def _correlation(scores: FloatArray, weight: FloatArray) -> FloatArray:
    """Correlation over pairs of answers that are both there (zeros count as absent)."""
    given = (scores != 0).astype(np.float64)
    cross = (scores * weight[:, None]).T @ scores
    own = (scores**2 * weight[:, None]).T @ given
    scale = np.sqrt(np.maximum(own * own.T, 1e-12))
    found = np.clip(cross / scale, -0.98, 0.98)
    found[np.diag_indices_from(found)] = 1.0
    return np.asarray(found)


def _root(correlation: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 1e-6))
    return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))


def _log_spread_variance(scores: FloatArray, weight: FloatArray) -> float:
    """Variance between people of the logarithm of how far their answers lie from their own mean."""
    given = scores != 0
    counts = given.sum(axis=1)
    enough = counts >= 3
    if enough.sum() < 10:
        return 0.0
    mean = scores[enough].sum(axis=1) / counts[enough]
    around = np.where(given[enough], scores[enough] - mean[:, None], 0.0)
    logs = 0.5 * np.log((around**2).sum(axis=1) / (counts[enough] - 1) + 1e-3)
    own = weight[enough] / weight[enough].sum()
    return float(own @ (logs - own @ logs) ** 2)
