"""A rule that reads somebody's segment from a few numbers: one normal law per segment, all of one shape.

Linear discriminant analysis (Fisher, 1936) that learns from soft memberships, counts sampling weights and works with
missing numbers: it learns by full-information maximum likelihood and reads a segment from whatever is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from segment.disclosure.coarse import coarse, coarse_root, coarse_shares
from segment.segments.checking import Floats

#: Numbers held at once (people x p x p), so that memory stays small.
_BLOCK = 1_000_000


@dataclass(frozen=True)
class GaussianRule:
    """Frozen parameters of the rule: log sizes (k), means (k x p) and the common covariance (p x p) of segments."""

    log_sizes: Floats
    means: Floats
    covariance: Floats

    @classmethod
    def learn(
        cls, values: Floats, memberships: Floats, weights: Floats, *, max_iter: int = 25, ridge: float = 1e-3
    ) -> GaussianRule:
        """Learn from people x numbers (NaN: missing), people x segments memberships and one weight per person.

        Without missing numbers this is one step; with them the EM algorithm fills in expectations and their doubt
        (Little and Rubin, 2019, chapter 11). ``ridge`` times the mean variance is added to the diagonal, so that
        constant or duplicate columns do no harm.

        >>> rule = GaussianRule.learn(np.array([[0.0], [0.2], [1.0], [1.2]]), np.eye(2)[[0, 0, 1, 1]], np.ones(4))
        >>> rule.posteriors(np.array([[0.1], [np.nan]])).round(2)
        array([[1. , 0. ],
               [0.5, 0.5]])
        """
        counts = weights[:, None] * memberships
        sizes = counts.sum(axis=0)
        known = np.isfinite(values)
        means, covariance = _start(values, known, counts)
        floor = ridge * max(float(np.diag(covariance).mean()), 1e-12) * np.eye(values.shape[1])
        for _ in range(1 if known.all() else max_iter):
            updated, spread = _em_step(values, known, counts, means, covariance + floor)
            change = float(np.abs(updated - means).max()) + float(np.abs(spread - covariance).max())
            means, covariance = updated, spread
            if change < 1e-4 * float(np.sqrt(np.diag(covariance).mean())):
                break
        with np.errstate(divide="ignore"):
            log_sizes = np.log(sizes / sizes.sum())
        return cls(log_sizes=log_sizes, means=means, covariance=covariance + floor)

    def coarse(self, people: float) -> GaussianRule:
        """The rule as a model may keep it: of every figure what so many people allow (``disclosure.coarse``)."""
        sizes, root = np.exp(self.log_sizes), coarse_root(self.covariance, people)
        means = coarse(self.means, (sizes * people)[:, None], np.sqrt(np.diag(self.covariance)))
        with np.errstate(divide="ignore"):
            log_sizes = np.log(coarse_shares(sizes, people))
        return GaussianRule(log_sizes=log_sizes, means=means, covariance=root @ root.T)

    def subset(self, columns: list[int]) -> GaussianRule:
        """The rule for some of the numbers only: marginal laws of a normal law are blocks of it."""
        return GaussianRule(self.log_sizes, self.means[:, columns], self.covariance[np.ix_(columns, columns)])

    def log_likelihoods(self, values: Floats) -> Floats:
        """Log density of each person's known numbers under each segment, up to one term per person."""
        logs = np.empty((len(values), len(self.means)))
        for rows, observed, precision in _precisions(np.isfinite(values), self.covariance):
            x = np.where(observed, values[rows], 0.0)
            through = np.matmul(precision, x[:, :, None])[:, :, 0] @ self.means.T
            own = np.einsum("kp,npq,kq->nk", self.means, precision, self.means, optimize=True)
            logs[rows] = through - own / 2
        return logs

    def posteriors(self, values: Floats) -> Floats:
        """Membership of each person in each segment, 0..1; rows add to one. Knowing nothing gives the sizes."""
        logs = self.log_sizes + self.log_likelihoods(values)
        likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(likelihood / likelihood.sum(axis=1, keepdims=True))


def _start(values: Floats, known: np.ndarray, counts: Floats) -> tuple[Floats, Floats]:
    """Means of the known numbers per segment, and a diagonal covariance (the full one when nothing is missing)."""
    filled = np.where(known, values, 0.0)
    totals = counts.T @ known
    overall = (counts.sum(axis=1) @ filled) / np.maximum(counts.sum(axis=1) @ known, 1e-300)
    means = np.where(totals > 0, counts.T @ filled / np.where(totals > 0, totals, 1.0), overall)
    squares = np.stack([counts[:, s] @ (known * (filled - means[s]) ** 2) for s in range(len(means))]).sum(axis=0)
    return means, np.diag(squares / np.maximum(totals.sum(axis=0), 1e-300))


def _em_step(
    values: Floats, known: np.ndarray, counts: Floats, means: Floats, covariance: Floats
) -> tuple[Floats, Floats]:
    """Means and covariance from expected numbers: one step of EM (the answer itself when nothing is missing)."""
    k, p = means.shape
    sums, outer, doubt = np.zeros((k, p)), np.zeros((p, p)), np.zeros((p, p))
    filled_by_segment = []
    for rows, observed, precision in _precisions(known, covariance):
        gain = np.matmul(covariance[None], precision)
        x = np.where(observed, values[rows], 0.0)
        base = np.matmul(gain, x[:, :, None])[:, :, 0]
        filled = np.stack([base + mean - gain @ mean for mean in means])
        filled_by_segment.append(filled)
        sums += np.einsum("nk,knp->kp", counts[rows], filled)
        left = covariance[None] - np.matmul(gain, covariance[None])
        doubt += np.tensordot(counts[rows].sum(axis=1), left, axes=1)
    sizes = counts.sum(axis=0)
    updated = np.where(sizes[:, None] > 0, sums / np.where(sizes > 0, sizes, 1.0)[:, None], means)
    start = 0
    for filled in filled_by_segment:
        stop = start + filled.shape[1]
        for s in range(k):
            gap = filled[s] - updated[s]
            outer += (counts[start:stop, s, None] * gap).T @ gap
        start = stop
    spread = (outer + doubt) / sizes.sum()
    return updated, (spread + spread.T) / 2


def _precisions(known: np.ndarray, covariance: Floats) -> Iterator[tuple[slice, np.ndarray, Floats]]:
    """Blocks of people with the inverse covariance of what each has known, zero elsewhere (people x p x p)."""
    p = len(covariance)
    step = max(1, _BLOCK // p**2)
    if known.all():
        inverse = np.linalg.inv(covariance)
        for start in range(0, len(known), step):
            rows = slice(start, start + step)
            observed = known[rows]
            yield rows, observed, np.broadcast_to(inverse, (len(observed), p, p))
        return
    for start in range(0, len(known), step):
        rows = slice(start, start + step)
        observed = known[rows]
        both = observed[:, :, None] & observed[:, None, :]
        padded = np.where(both, covariance, 0.0) + np.eye(p) * ~observed[:, None, :]
        yield rows, observed, np.where(both, np.linalg.inv(padded), 0.0)
