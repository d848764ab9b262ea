"""The gates every answer must pass before it may be called segments, and what each candidate showed at them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segment.segments.candidates import Candidate, Known, Material

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gates:
    """Where the gates stand.

    Attributes
    ----------
    style_share
        Most that segments may explain (eta squared) of the person's mean answer, and of the person's spread: around the
        own need means for families on need scores, around the segment's pattern for families on single items, whose
        segments may differ in which items of one need they choose.
    smallest_share, smallest_n
        Least share of the people in a segment (mean membership: counting everybody in the likeliest segment makes
        small segments smaller than they are), and that share of the people fitted as a number.
    posterior
        Least mean membership of the people of a segment in that segment; a mean that may be chance's (whose one-sided
        95 per cent limit reaches it) does not fail.
    reliability
        Least median reliability of style-free need scores, for families that use them.
    agreement
        Least mean split-half agreement.
    chance
        Percentile of chance that agreement and likelihood gain must exceed.

    Examples
    --------
    >>> strict = Gates(smallest_share=0.1)
    >>> strict.smallest_share, strict.agreement
    (0.1, 0.7)
    """

    style_share: float = 0.25
    smallest_share: float = 0.05
    smallest_n: int = 50
    posterior: float = 0.70
    reliability: float = 0.30
    agreement: float = 0.70
    chance: float = 0.95


@dataclass(frozen=True)
class Showing:
    """What one family at one number of segments showed on the people it was fitted on."""

    family: str
    k: int
    n: int
    log_likelihood: float
    n_parameters: int
    bic: float
    n_starts: int
    n_reached: int
    smallest_share: float
    smallest_n: int
    posterior: float
    posterior_limit: float
    style_share: float
    spread_share: float

    def refusals(self, gates: Gates, reliability: float, one_segment: float, general: float) -> list[str]:
        """Names of the gates this candidate fails, before any trial.

        ``one_segment``: BIC of the best one segment; ``general``: best BIC of a family this one is a special case of.
        """
        if not np.isfinite(self.log_likelihood):
            return ["likelihood"]
        failed = {
            "size": self.smallest_share < gates.smallest_share or self.smallest_n < gates.smallest_n,
            "posterior": self.posterior_limit < gates.posterior,
            "style": max(self.style_share, self.spread_share) > gates.style_share,
            "reliability": reliability < gates.reliability,
            "one segment": self.k > 1 and not self.bic < one_segment,
            "outdone": self.k > 1 and self.bic > general,
        }
        return [name for name, fails in failed.items() if fails]


def show(
    family: type[Candidate],
    material: Material,
    level: FloatArray,
    k: int,
    n_starts: int,
    seed: int,
    crowd: Known | None = None,
) -> Showing:
    """Fit one candidate and say what it shows; ``crowd``: what the family knows of these people already."""
    candidate = family(k, n_starts=n_starts, seed=seed).fit_within(crowd, material)
    memberships, logs = candidate.read(material)
    labels = memberships.argmax(axis=1)
    sizes = material.weight @ memberships / material.weight.sum()
    own = memberships[np.arange(len(labels)), labels]
    certain = [_mean_and_limit(own[labels == segment]) for segment in range(k)]
    value = float(material.weight @ logs)
    model = candidate.model
    return Showing(
        family=family.name,
        k=k,
        n=len(material),
        log_likelihood=value,
        n_parameters=model.n_parameters_,
        bic=-2 * value + model.n_parameters_ * float(np.log(len(material))),
        n_starts=n_starts,
        n_reached=model.n_reached_,
        smallest_share=float(sizes.min()),
        smallest_n=int(sizes.min() * len(material)),
        posterior=min(mean for mean, _ in certain),
        posterior_limit=min(limit for _, limit in certain),
        style_share=eta_squared(level, labels, material.weight),
        spread_share=eta_squared(
            log_scatter(material) if family.basis == "needs" else _log_scatter_in_segments(material, labels),
            labels,
            material.weight,
        ),
    )


def _mean_and_limit(own: FloatArray) -> tuple[float, float]:
    """Mean membership of a segment's people, and the upper limit of its one-sided 95 per cent interval."""
    if not len(own):
        return 0.0, 0.0
    mean = float(own.mean())
    return mean, mean + 1.645 * float(own.std()) / np.sqrt(len(own))


def eta_squared(values: FloatArray, labels: npt.NDArray[np.intp], weight: FloatArray) -> float:
    """Share of the variance of a number that lies between groups, 0 to 1.

    Examples
    --------
    >>> eta_squared(np.array([1.0, 1, 3, 3]), np.array([0, 0, 1, 1]), np.ones(4))
    1.0
    """
    mean = weight @ values / weight.sum()
    total = float(weight @ (values - mean) ** 2)
    if total <= 1e-12:
        return 0.0
    sizes = np.bincount(labels, weights=weight)
    means = np.bincount(labels, weights=weight * values) / np.maximum(sizes, 1e-12)
    return float(sizes @ (means - mean) ** 2 / total)


def log_scatter(material: Material) -> FloatArray:
    """Logarithm of how far a person's answers lie from the own need means: stretch without content."""
    if material.rest is None:
        return np.zeros(len(material))
    return _log_per_degree(material.rest[:, 0], material.rest[:, 1])


def _log_scatter_in_segments(material: Material, labels: npt.NDArray[np.intp]) -> FloatArray:
    """Logarithm of how far a person's answers lie from the segment's pattern, the person's level aside.

    Segments made of single items may differ in which items of one need they choose; that is content, not stretch.
    """
    given = ~np.isnan(material.items)
    answers, weight = np.where(given, material.items, 0.0), given * material.weight[:, None]
    member = (labels[:, None] == np.arange(labels.max() + 1)).astype(np.float64)
    pattern = (member.T @ (answers * weight)) / np.maximum(member.T @ weight, 1e-12)
    counts = given.sum(axis=1, dtype=np.float64)
    rest = np.where(given, answers - pattern[labels], 0.0)
    rest -= given * (rest.sum(axis=1) / np.maximum(counts, 1))[:, None]
    return _log_per_degree((rest**2).sum(axis=1), counts - 1)


def _log_per_degree(squares: FloatArray, degrees: FloatArray) -> FloatArray:
    return np.asarray(np.where(degrees > 0, 0.5 * np.log(squares / np.maximum(degrees, 1) + 1e-2), 0.0))
