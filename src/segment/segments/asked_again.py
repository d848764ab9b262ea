"""Would a person land in the same group if the same questions were asked once more?"""

from __future__ import annotations

import numpy as np

from segment.needs.scoring import contrast_matrix
from segment.segments.candidates import Candidate, Material
from segment.segments.checking import Floats, Integers

_DRAWS = 10


def asked_again(
    division: Candidate, material: Material, halves: tuple[Floats, Floats], generator: np.random.Generator
) -> tuple[float, float]:
    """Kappa, and share of people in the same group, if everyone were asked the same questions once more.

    ``halves``: need scores of the same people (people x needs) from either half of the questions. What both halves
    share is true of people; the rest of their scores is chance (Lord & Novick, 1968, chapter 9). True scores are drawn
    given the scores seen, and new scores given those; both laws are normal.
    """
    labels = division.labels(material)
    seen, weight = material.scores, material.weight / material.weight.sum()
    middle, total = weight @ seen, _covariance(seen, seen, weight)
    first, second = (_in_contrasts(half) for half in halves)
    real = _covariance(first, second, weight)
    real = _within((real + real.T) / 2, total)
    gain = np.linalg.solve(total, real).T
    left = _root(real - gain @ real)
    error = _root(total - real)
    kept, sames = [], []
    for _ in range(_DRAWS):
        true = (seen - middle) @ gain.T + generator.standard_normal(seen.shape) @ left
        other = middle + true + generator.standard_normal(seen.shape) @ error
        found = division.labels(material.with_scores(other))
        one, same = kappa(labels, found, material.weight)
        kept.append(one)
        sames.append(same)
    return float(np.mean(kept)), float(np.mean(sames))


def kappa(first: Integers, second: Integers, weight: Floats) -> tuple[float, float]:
    """Agreement of two sets of labels with the same names beyond chance (Cohen, 1960), and the share that agrees.

    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), np.ones(4))
    (0.5, 0.75)
    """
    k = int(max(first.max(), second.max())) + 1
    table = np.zeros((k, k))
    np.add.at(table, (first, second), weight)
    table /= table.sum()
    seen, chance = float(np.trace(table)), float(table.sum(axis=0) @ table.sum(axis=1))
    return (seen - chance) / (1 - chance) if chance < 1 else 0.0, seen


def _in_contrasts(scores: Floats) -> Floats:
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) @ contrast_matrix(scores.shape[1]).T)


def _covariance(first: Floats, second: Floats, weight: Floats) -> Floats:
    return np.asarray((weight[:, None] * (first - weight @ first)).T @ (second - weight @ second))


def _within(real: Floats, total: Floats) -> Floats:
    """The true covariance, kept between zero and the whole, in every direction."""
    values, vectors = np.linalg.eigh(total)
    white = vectors / np.sqrt(np.maximum(values, 1e-12))
    share, turned = np.linalg.eigh(white.T @ real @ white)
    back = (vectors * np.sqrt(np.maximum(values, 1e-12))) @ turned
    return np.asarray((back * np.clip(share, 0.0, 1.0)) @ back.T)


def _root(covariance: Floats) -> Floats:
    """A matrix whose square is this covariance, for drawing."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))).T)
