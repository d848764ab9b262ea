"""Segments from single items when each person has an answering level of their own.

The model: ``x_ij = m_zj + a_i + e_ij`` with ``a_i ~ N(0, t^2)`` the person's level and ``e_ij ~ N(0, v_j)``. The level
is integrated out, not estimated: given the segment, the answers have covariance ``t^2 11' + diag(v)``, whose inverse
on the items a person answered needs one division per person (Sherman-Morrison). So missing answers cost nothing and
stay missing. Verbeke, G. & Lesaffre, E. (1996), A linear mixed-effects model with heterogeneity in the
random-effects population, Journal of the American Statistical Association 91, 217-221.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.coarse import coarse, coarse_shares, coarse_spread
from segment.errors import InvalidInput
from segment.needs.answers import check_weights
from segment.segments.acceleration import climb
from segment.segments.rows import collapse, people_by_columns
from segment.segments.starts import seed_labels, spawn
from segment.segments.stretch_model import largest_of_columns, sum_of_rows

FloatArray = npt.NDArray[np.float64]

_BLOCK = 8192
_FIRST_PHASE = 1500  # people that starts are compared on
_SHORT = 40  # most EM steps of a start before starts are compared


class InterceptMixture(ClusterMixin, BaseEstimator):
    """Mixture over items with a random level per person and answers that may be missing.

    Parameters
    ----------
    n_components, n_init, max_iter, tol, random_state
        As in ``TiedMixture``.

    Attributes
    ----------
    weights_ : ndarray (k,), largest first
    means_ : ndarray (k, items), answers of a person of average level
    variances_ : ndarray (items,)
    level_sd_ : float, standard deviation of the person's level, in answer units
    log_likelihood_, bic_, n_parameters_, n_reached_, converged_, n_iter_, labels_

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pattern = np.repeat([[2.0, 2, 4, 4], [4, 4, 2, 2]], [60, 40], axis=0)
    >>> answers = pattern + rng.normal(0, 1, (100, 1)) + rng.normal(0, 0.5, (100, 4))
    >>> InterceptMixture(2).fit(answers).weights_.round(2).tolist()
    [0.6, 0.4]
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_init: int = 10,
        max_iter: int = 600,
        tol: float = 1e-6,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.n_components = n_components
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(
        self,
        X: npt.ArrayLike | pd.DataFrame,
        y: object = None,  # noqa: ARG002 - scikit-learn's signature
        sample_weight: npt.ArrayLike | None = None,
    ) -> InterceptMixture:
        """Fit to answers: people x items, NaN = not answered.

        Raises
        ------
        InvalidInput
            When there are fewer different people than segments, or no differences at all.
        """
        table = people_by_columns(self, X, fitting=True, gaps=True)
        rows = collapse(table, check_weights(sample_weight, len(table)))
        sample = _Answers.of(rows.distinct[rows.weight > 0], rows.weight[rows.weight > 0])
        if not 1 <= self.n_components <= len(sample.weight):
            raise InvalidInput(
                "There are fewer different people than segments.",
                expected=f"between 1 and {len(sample.weight)} segments",
                came=f"{self.n_components}",
                advice="ask for fewer segments",
            )
        found, value = self._search(sample)
        order = np.lexsort((found.means[:, 0], -found.weights.round(9)))
        self.weights_, self.means_ = found.weights[order], found.means[order]
        self.variances_, self.level_sd_ = found.variances, float(np.sqrt(found.level_variance))
        self.log_likelihood_ = float(value)
        k, items = self.means_.shape
        self.n_parameters_ = (k - 1) + k * items + items + 1
        self.bic_ = float(-2 * value + self.n_parameters_ * np.log(len(table)))
        self.labels_ = self.predict(X)
        return self

    def _search(self, sample: _Answers) -> tuple[_Level, float]:
        k = self.n_components
        one = _Level.of_one(sample)
        if k == 1:
            self.n_reached_ = self.n_init
            return self._climb(sample, one, self.tol)
        generators = spawn(self.random_state, self.n_init + 1)
        small = sample.some(_FIRST_PHASE, generators[-1])
        stripped = small.without_level()
        ends = []
        for generator in generators[:-1]:
            labels = seed_labels(stripped, small.weight, k, generator, whiten=False)
            ends.append(self._climb(small, one.split(small, labels, k), 100 * self.tol, _SHORT))
        values = np.array([value for _, value in ends])
        self.n_reached_ = int((values >= values.max() - 1e-4 * abs(values.max())).sum())
        best = ends[int(values.argmax())][0]
        return self._climb(sample, best, self.tol)

    def _climb(
        self, sample: _Answers, begin: _Level, tolerance: float, most: int | None = None
    ) -> tuple[_Level, float]:
        k, items = begin.means.shape

        def step(packed: FloatArray) -> tuple[FloatArray, float]:
            after, value = _em_step(sample, _Level.unpack(packed, k, items))
            return after.pack(), value

        end, value, self.n_iter_, self.converged_ = climb(
            step, begin.pack(), max_steps=most or self.max_iter, tolerance=tolerance * float(sample.weight.sum())
        )
        return _Level.unpack(end, k, items), value

    def again(self, X: npt.ArrayLike | pd.DataFrame, sample_weight: npt.ArrayLike) -> InterceptMixture:
        """A copy that is fitted to these people from where it stands: its segments keep their places.

        Parameters
        ----------
        X, sample_weight
            As for ``fit``.
        """
        check_is_fitted(self, "weights_")
        sample = _Answers.of(
            people_by_columns(self, X, fitting=False, gaps=True), check_weights(sample_weight, len(np.asarray(X)))
        )
        other = copy.copy(self)
        found, _ = other._climb(
            sample, _Level(self.weights_, self.means_, self.variances_, self.level_sd_**2), self.tol
        )
        other.weights_, other.means_ = found.weights, found.means
        other.variances_, other.level_sd_ = found.variances, float(np.sqrt(found.level_variance))
        return other

    def recentre(self, segment: int, people: FloatArray, share: float) -> None:
        """Put a segment at the mean answers of these people (rows x items, NaN = not answered)."""
        given = ~np.isnan(people)
        own = np.where(given, people, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
        self.means_, weights = self.means_.copy(), self.weights_.copy()
        overall = self.weights_ @ self.means_
        self.means_[segment] = np.where(given.any(axis=0), own, overall)
        weights[segment] = max(share, weights[segment])
        self.weights_ = weights / weights.sum()

    def coarsen(self, people: float) -> None:
        """Keep of every figure what so many people allow (``segment.disclosure.coarse``)."""
        self.means_ = coarse(self.means_, self.weights_[:, None] * people, np.sqrt(self.variances_))
        self.variances_ = coarse_spread(self.variances_, people)
        self.level_sd_ = float(coarse_spread(self.level_sd_, people))
        self.weights_ = coarse_shares(self.weights_, people)

    def predict_proba(self, X: npt.ArrayLike | pd.DataFrame) -> FloatArray:
        """Membership of each person in each segment."""
        return self._posterior(X)[0]

    def predict(self, X: npt.ArrayLike | pd.DataFrame) -> npt.NDArray[np.intp]:
        """Most probable segment per person, 0 the largest."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def read(self, X: npt.ArrayLike | pd.DataFrame) -> tuple[FloatArray, FloatArray]:
        """Membership of each person in each segment, and log-likelihood per person, in one go."""
        return self._posterior(X)

    def score_samples(self, X: npt.ArrayLike | pd.DataFrame) -> FloatArray:
        """Log-likelihood per person."""
        return self._posterior(X)[1]

    def _posterior(self, X: npt.ArrayLike | pd.DataFrame) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self, "means_")
        table = people_by_columns(self, X, fitting=False, gaps=True)
        level = _Level(self.weights_, self.means_, self.variances_, self.level_sd_**2)
        membership, values = np.empty((len(table), len(self.weights_))), np.empty(len(table))
        for begin in range(0, len(table), _BLOCK):
            rows = slice(begin, begin + _BLOCK)
            membership[rows], values[rows], _, _ = level.expect(_Seen.of(table[rows]))
        return membership, values

    def __sklearn_tags__(self):  # type: ignore[no-untyped-def]
        """Missing answers are welcome."""
        tags = super().__sklearn_tags__()  # type: ignore[no-untyped-call]
        tags.input_tags.allow_nan = True
        return tags


@dataclass(frozen=True)
class _Seen:
    """Answers with zero if none was given, their squares, which ones were given, and how many by each person."""

    x: FloatArray
    squares: FloatArray
    given: FloatArray
    counts: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> _Seen:
        given = (~np.isnan(values)).astype(np.float64)
        x = np.where(given > 0, values, 0.0)
        return cls(x, x**2, given, given.sum(axis=1))

    def take(self, rows: slice | npt.NDArray[np.intp]) -> _Seen:
        return _Seen(self.x[rows], self.squares[rows], self.given[rows], self.counts[rows])


@dataclass(frozen=True)
class _Answers:
    """What was seen of people, and their weights."""

    seen: _Seen
    weight: FloatArray
    floor: float

    @classmethod
    def of(cls, values: FloatArray, weight: FloatArray) -> _Answers:
        seen = _Seen.of(values)
        counts = np.maximum(weight @ seen.given, 1e-12)
        mean = (weight @ seen.x) / counts
        variance = weight @ (seen.given * (seen.x - mean) ** 2) / counts
        if not variance.max(initial=0.0) > 0:
            raise InvalidInput(
                "Nobody differs from anybody: there is nothing to segment.", expected="answers that differ"
            )
        return cls(seen, weight, max(1e-2 * float(variance.mean()), 1e-12))

    @property
    def x(self) -> FloatArray:
        return self.seen.x

    @property
    def given(self) -> FloatArray:
        return self.seen.given

    def some(self, n: int, generator: np.random.Generator) -> _Answers:
        if len(self.x) <= n:
            return self
        rows = np.sort(generator.choice(len(self.x), n, replace=False))
        return _Answers(self.seen.take(rows), self.weight[rows], self.floor)

    def without_level(self) -> FloatArray:
        """Item-centred answers minus the person's mean; zero where no answer was given."""
        counts = np.maximum(self.weight @ self.given, 1e-12)
        centred = self.given * (self.x - (self.weight @ self.x) / counts)
        level = centred.sum(axis=1) / np.maximum(self.given.sum(axis=1), 1)
        return np.asarray(self.given * (centred - level[:, None]))


@dataclass(frozen=True)
class _Level:
    """Parameters of the mixture with a random level."""

    weights: FloatArray
    means: FloatArray
    variances: FloatArray
    level_variance: float

    @classmethod
    def of_one(cls, sample: _Answers) -> _Level:
        counts = np.maximum(sample.weight @ sample.given, 1e-12)
        mean = (sample.weight @ sample.x) / counts
        centred = sample.given * (sample.x - mean)
        variance = np.maximum(sample.weight @ centred**2 / counts, sample.floor)
        level = centred.sum(axis=1) / np.maximum(sample.given.sum(axis=1), 1)
        shared = float(sample.weight @ level**2 / sample.weight.sum())
        return cls(np.ones(1), mean[None], np.maximum(variance - shared, sample.floor), max(shared, sample.floor))

    def split(self, sample: _Answers, labels: npt.NDArray[np.intp], k: int) -> _Level:
        member = (labels[:, None] == np.arange(k)) * sample.weight[:, None]
        counts = member.T @ sample.given
        means = np.where(counts > 0, member.T @ sample.x / np.maximum(counts, 1e-12), self.means[0])
        shares = np.maximum(member.sum(axis=0), 1e-10)
        return _Level(shares / shares.sum(), means, self.variances, self.level_variance)

    def pack(self) -> FloatArray:
        tail = np.log(np.append(self.variances, self.level_variance))
        return np.concatenate([np.log(np.maximum(self.weights, 1e-12)), self.means.ravel(), tail])

    @classmethod
    def unpack(cls, packed: FloatArray, k: int, items: int) -> _Level:
        raw = packed[:k] - packed[:k].max()
        weights = np.exp(raw) / np.exp(raw).sum()
        tail = np.exp(np.clip(packed[k + k * items :], -30, 30))
        return cls(weights, packed[k : k + k * items].reshape(k, items), tail[:-1], float(tail[-1]))

    def expect(self, seen: _Seen) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Membership, log-likelihood, expected level per segment, and variance of the level, per person."""
        x, given, precision = seen.x, seen.given, 1.0 / self.variances
        amount = given @ precision
        towards = (x @ precision)[:, None] - given @ (precision * self.means).T
        squares = (seen.squares @ precision)[:, None] - 2 * x @ (precision * self.means).T
        squares += given @ (precision * self.means**2).T
        level_left = 1.0 / (1.0 / self.level_variance + amount)
        fit = squares - level_left[:, None] * towards**2
        log_det = given @ np.log(self.variances) + np.log1p(self.level_variance * amount)
        joint = np.log(np.maximum(self.weights, 1e-300)) - 0.5 * fit
        top = largest_of_columns(joint)
        member = np.exp(joint - top[:, None])
        total = sum_of_rows(member)
        logs = (np.log(total) + top) - 0.5 * (log_det + seen.counts * np.log(2 * np.pi))
        return member / total[:, None], logs, level_left[:, None] * towards, level_left


def _em_step(sample: _Answers, level: _Level) -> tuple[_Level, float]:
    k, items = level.means.shape
    sizes, weighted, counts = np.zeros(k), np.zeros((k, items)), np.zeros((k, items))
    second, drift = np.zeros(items), np.zeros((k, items))
    value = level_second = 0.0
    for begin in range(0, len(sample.x), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        seen, weight = sample.seen.take(rows), sample.weight[rows]
        x, given = seen.x, seen.given
        member, logs, expected, left = level.expect(seen)
        value += float(weight @ logs)
        member *= weight[:, None]
        moved = member * expected
        scatter = sum_of_rows(moved * expected) + left * weight
        sizes += member.sum(axis=0)
        counts += member.T @ given
        weighted += member.T @ x
        drift += moved.T @ given
        second += weight @ seen.squares - 2 * sum_of_rows(moved) @ x + scatter @ given
        level_second += float(scatter.sum())
    safe = np.maximum(counts, 1e-12)
    means = np.where(counts > 1e-9, (weighted - drift) / safe, level.means)
    squares = second + (-2 * means * (weighted - drift) + means**2 * counts).sum(axis=0)
    variances = np.maximum(squares / np.maximum(counts.sum(axis=0), 1e-12), sample.floor)
    shares = np.maximum(sizes, 1e-10)
    level_variance = max(level_second / float(sample.weight.sum()), 1e-3 * sample.floor)
    return _Level(shares / shares.sum(), means, variances, level_variance), value
