"""Would a person land in the same group if the same questions were asked once more?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from segment.needs.scoring import contrast_matrix
from segment.segments.candidates import Candidate, Material
from segment.segments.checking import Floats, Integers

#: Times that everyone is asked again in the figure; samples of people behind its interval, and times in each.
_DRAWS, _SAMPLES, _IN_EACH = 10, 60, 4
_LEVEL = 0.95


@dataclass(frozen=True)
class AskedAgain:
    """What would come of asking the same people the same questions once more.

    Attributes
    ----------
    kappa, same
        Agreement beyond chance of the groups now and then, and the share of people in the same group.
    kappa_low, kappa_high, same_low, same_high
        95 % intervals: how far these figures move with other people drawn from among these, the borders of the groups
        left where they are. That the laws are normal is taken for granted.
    """

    kappa: float
    kappa_low: float
    kappa_high: float
    same: float
    same_low: float
    same_high: float


def asked_again(
    division: Candidate, material: Material, halves: tuple[Floats, Floats], generator: np.random.Generator
) -> AskedAgain:
    """Kappa, and share of people in the same group, if everyone were asked the same questions once more.

    ``halves``: need scores of the same people (people x needs) from either half of the questions. What both halves
    share is true of people; the rest of their scores is chance (Lord & Novick, 1968, chapter 9). True scores are drawn
    given the scores seen, and new scores given those; both laws are normal. The intervals are those of a bootstrap over
    people (Efron & Tibshirani, 1993, section 13.3): on each sample of people the laws are estimated anew, and its
    standard deviation is put to either side of the figure.
    """
    labels, weight = division.labels(material), material.weight
    values = np.mean(_figures(division, material, halves, labels, weight, generator, _DRAWS), axis=0)
    samples = [
        np.mean(_figures(division, material, halves, labels, drawn, generator, _IN_EACH), axis=0)
        for drawn in _samples_of(weight, generator)
    ]
    half = float(stats.norm.ppf((1 + _LEVEL) / 2)) * np.std(samples, axis=0, ddof=1)
    least, most = np.maximum(values - half, (-1.0, 0.0)), np.minimum(values + half, 1.0)
    one, same = (tuple(map(float, ends)) for ends in zip(values, least, most, strict=True))
    return AskedAgain(*one, *same)


def _samples_of(weight: Floats, generator: np.random.Generator) -> Iterator[Floats]:
    """Weights of samples of as many people, drawn with replacement."""
    n = len(weight)
    for _ in range(_SAMPLES):
        yield weight * np.bincount(generator.integers(n, size=n), minlength=n)


def _figures(
    division: Candidate, material: Material, halves: tuple[Floats, Floats], labels: Integers, weights: Floats,
    generator: np.random.Generator, draws: int,
) -> list[tuple[float, float]]:  # fmt: skip
    """Kappa and the share in the same group, each time that everyone is asked again; who is counted: ``weights``."""
    seen, weight = material.scores, weights / weights.sum()
    middle, total = weight @ seen, _covariance(seen, seen, weight)
    first, second = (_in_contrasts(half) for half in halves)
    real = _covariance(first, second, weight)
    real = _within((real + real.T) / 2, total)
    gain = np.linalg.solve(total, real).T
    left = _root(real - gain @ real)
    error = _root(total - real)
    told = []
    for _ in range(draws):
        true = (seen - middle) @ gain.T + generator.standard_normal(seen.shape) @ left
        other = middle + true + generator.standard_normal(seen.shape) @ error
        told.append(kappa(labels, division.labels(material.with_scores(other)), weights))
    return told


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
