"""Segments of people with like needs, whatever stretch of the answer scale each person uses.

The model: a person in segment ``z`` has scores ``x = s (m_z + e)`` with ``e ~ N(0, S)``: one covariance ``S`` for
all segments (tied), and a stretch ``s`` of the person's own, ``log s ~ N(0, t^2)``. The stretch also multiplies the
person's scatter around the own need means, ``ss ~ s^2 v chi^2(df)``, which tells most about it. The stretch is not
estimated and divided out (that hurts where segments lie close) but integrated out over a grid, by EM; with ``t = 0``
it is the ordinary tied Gaussian mixture. EM for scale mixtures of normals: Dempster, Laird & Rubin (1977), JRSS B 39;
Andrews & Mallows (1974), JRSS B 36; tied covariance: McLachlan & Peel (2000), Finite Mixture Models, ch. 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from segment.errors import InvalidInput
from segment.needs.answers import check_weights
from segment.segments.acceleration import climb
from segment.segments.rows import collapse
from segment.segments.starts import seed_labels, spawn

FloatArray = npt.NDArray[np.float64]

_BLOCK = 4096
_NODES = 7
_FIRST_PHASE = 2500  # rows that starts are compared on
_SHORT = 40  # most EM steps of a start before starts are compared


@dataclass(frozen=True)
class _Sample:
    """Rows, their weights, and each row's scatter around its own need means (sum of squares, degrees of freedom)."""

    x: FloatArray
    weight: FloatArray
    ss: FloatArray
    df: FloatArray

    def take(self, rows: npt.NDArray[np.intp]) -> _Sample:
        return _Sample(self.x[rows], self.weight[rows], self.ss[rows], self.df[rows])

    def divided_by(self, stretch: FloatArray) -> _Sample:
        nothing = np.zeros(len(self.x))
        return _Sample(self.x / stretch[:, None], self.weight, nothing, nothing)


@dataclass(frozen=True)
class _Parameters:
    weights: FloatArray
    means: FloatArray
    covariance: FloatArray
    root: FloatArray  # lower triangle with root root' = covariance
    stretch_sd: float
    rest_variance: float

    def pack(self) -> FloatArray:
        d = len(self.root)
        packed = np.empty(self.weights.size + self.means.size + d * (d + 1) // 2 + 2)
        k = len(self.weights)
        packed[:k] = np.log(np.maximum(self.weights, 1e-12))
        packed[k : k + k * d] = self.means.ravel()
        below, diagonal = _triangle(d)
        packed[k + k * d : -2] = self.root[below]
        packed[k + k * d : -2][diagonal] = np.log(np.diag(self.root))
        packed[-2:] = np.log(max(self.stretch_sd, 1e-6)), np.log(self.rest_variance)
        return packed

    @classmethod
    def unpack(cls, packed: FloatArray, k: int, d: int) -> _Parameters:
        raw = packed[:k] - packed[:k].max()
        weights = np.exp(raw) / np.exp(raw).sum()
        means = packed[k : k + k * d].reshape(k, d)
        below, diagonal = _triangle(d)
        entries = packed[k + k * d : -2].copy()
        entries[diagonal] = np.exp(np.clip(entries[diagonal], -20, 20))
        root = np.zeros((d, d))
        root[below] = entries
        stretch_sd, rest_variance = np.exp(np.clip(packed[-2:], -20, 20))
        return cls(weights, means, root @ root.T, root, float(stretch_sd), float(rest_variance))


@lru_cache(maxsize=64)
def _triangle(d: int) -> tuple[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]], npt.NDArray[np.intp]]:
    """Places of a lower triangle, and which of them are on the diagonal."""
    below = np.tril_indices(d)
    return below, np.flatnonzero(below[0] == below[1])


@dataclass(frozen=True)
class _Grid:
    """Values of the log stretch that the integral runs over."""

    nodes: FloatArray

    def log_weights(self, stretch_sd: float) -> FloatArray:
        if len(self.nodes) == 1:
            return np.zeros(1)
        raw = -0.5 * (self.nodes / max(stretch_sd, 1e-3)) ** 2
        raw = np.maximum(raw - raw.max(), -600.0)
        return np.asarray(raw - np.log(np.exp(raw).sum()))


_NO_STRETCH = _Grid(np.zeros(1))


class TiedMixture(ClusterMixin, BaseEstimator):
    """Gaussian mixture with one covariance for all segments and a scale of the answer of each person's own.

    Parameters
    ----------
    n_components
        Number of segments.
    n_init
        Starts: short runs on at most 2,500 rows, without stretch; the best three that ended in different places are
        run to the end on all rows (with up to three starts only the best one).
    stretch
        Whether people may differ in how far they stretch the scale; the data say how much (nought is possible).
    max_iter, tol
        Most EM steps, and the rise of the mean log-likelihood per person below which a fit has converged.
    random_state
        Seed; the same seed gives the same bytes.

    Attributes
    ----------
    weights_ : ndarray (k,), shares, largest first
    means_ : ndarray (k, d); covariance_ : ndarray (d, d)
    stretch_sd_ : float, standard deviation of the log stretch
    log_likelihood_ : float, weighted, up to a constant that does not depend on the number of segments
    n_parameters_, bic_, converged_, n_iter_
    n_reached_ : int, short runs that ended within 0.01 per cent of the best one
    labels_ : ndarray (n,)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.vstack([rng.normal(0, 1, (60, 2)), rng.normal(6, 1, (40, 2))])
    >>> TiedMixture(2).fit(X).weights_.round(2).tolist()
    [0.6, 0.4]
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_init: int = 10,
        stretch: bool = True,
        max_iter: int = 600,
        tol: float = 1e-6,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.n_components = n_components
        self.n_init = n_init
        self.stretch = stretch
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(
        self,
        X: npt.ArrayLike,
        y: object = None,  # noqa: ARG002 - scikit-learn's signature
        sample_weight: npt.ArrayLike | None = None,
        *,
        rest: npt.ArrayLike | None = None,
    ) -> TiedMixture:
        """Fit to style-free scores.

        Parameters
        ----------
        X
            People x dimensions (contrasts of need scores).
        sample_weight
            One weight per person, any scale.
        rest
            People x 2: sum of squares and degrees of freedom of the person's answers around the own need means
            (``NeedScores.rest``); None when nothing but the scores is known.

        Raises
        ------
        InvalidInput
            When there are fewer distinct people than segments, or no differences at all.
        """
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        weight = check_weights(sample_weight, len(X))
        rows = collapse(np.column_stack([X, _checked_rest(rest, len(X))]), weight)
        sample = _Sample(rows.values[:, :-2], rows.weight, rows.values[:, -2], rows.values[:, -1])
        sample = sample.take(np.flatnonzero(sample.weight > 0))
        self._refuse(sample)
        self._floor = _variance_floor(sample)
        fitted, grid, value = self._search(sample)
        order = np.lexsort((fitted.means[:, 0], -fitted.weights.round(9)))
        self._parameters = replace(fitted, weights=fitted.weights[order], means=fitted.means[order])
        self._grid = grid
        self.weights_, self.means_ = self._parameters.weights, self._parameters.means
        self.covariance_ = fitted.covariance
        self.stretch_sd_ = fitted.stretch_sd if len(grid.nodes) > 1 else 0.0
        self.rest_variance_ = fitted.rest_variance
        self.log_likelihood_ = float(value)
        k, d = self.means_.shape
        self.n_parameters_ = (k - 1) + k * d + d * (d + 1) // 2 + int(len(grid.nodes) > 1) + int(sample.df.sum() > 0)
        self.bic_ = float(-2 * value + self.n_parameters_ * np.log(len(X)))
        self.labels_ = self.predict(X, rest=rest)
        return self

    def _refuse(self, sample: _Sample) -> None:
        if self.n_components < 1:
            raise InvalidInput("There must be at least one segment.", came=str(self.n_components))
        distinct = len(np.unique(sample.x, axis=0)) if len(sample.x) < 5000 else len(sample.x)
        if distinct < self.n_components:
            raise InvalidInput(
                "There are fewer different people than segments.",
                expected=f"at least {self.n_components} different rows",
                came=f"{distinct} different rows",
                advice="ask for fewer segments",
            )

    def _search(self, sample: _Sample) -> tuple[_Parameters, _Grid, float]:
        one, grid, stretch = self._one_segment(sample)
        k, d = self.n_components, sample.x.shape[1]
        if k == 1:
            packed, value, self.n_iter_, self.converged_ = self._climb(sample, grid, one, self.tol)
            self.n_reached_ = self.n_init
            return _Parameters.unpack(packed, k, d), grid, value
        generators = spawn(self.random_state, self.n_init + 1)
        few = _subsample(sample, stretch, generators[-1])
        small = few[0].divided_by(few[1])
        ends = []
        for number, generator in enumerate(generators[:-1]):
            labels = seed_labels(small.x, small.weight, k, generator, whiten=number % 2 == 1)
            begin = _from_labels(small, labels, k, one, self._floor)
            ends.append(self._climb(small, _NO_STRETCH, begin, 100 * self.tol, _SHORT)[:2])
        values = np.array([value for _, value in ends])
        self.n_reached_ = int((values >= values.max() - 1e-4 * abs(values.max())).sum())
        best = None
        for number in _distinct_best(values, small.weight.sum(), keep=3 if self.n_init > 3 else 1):
            begin = _Parameters.unpack(ends[number][0], k, d)
            begin = replace(begin, stretch_sd=one.stretch_sd, rest_variance=one.rest_variance)
            end = self._climb(sample, grid, begin, self.tol)
            if best is None or end[1] > best[1]:
                best = end
        assert best is not None
        self.n_iter_, self.converged_ = best[2], best[3]
        return _Parameters.unpack(best[0], k, d), grid, best[1]

    def _one_segment(self, sample: _Sample) -> tuple[_Parameters, _Grid, FloatArray]:
        """One segment with a stretch: how much people differ in stretch, the grid for it, and a guess per person."""
        total = sample.weight.sum()
        mean = sample.weight @ sample.x / total
        centred = sample.x - mean
        covariance, root = _floored((centred * sample.weight[:, None]).T @ centred / total, self._floor)
        degrees = float(sample.weight @ sample.df)
        rest_variance = float(sample.weight @ sample.ss) / degrees if degrees > 0 else 1.0
        plain = _Parameters(np.ones(1), mean[None], covariance, root, 0.2, max(rest_variance, self._floor))
        if not self.stretch:
            return plain, _NO_STRETCH, np.ones(len(sample.x))
        wide = _Grid(np.linspace(-1.2, 1.2, 13))
        packed, _, _, _ = self._climb(sample, wide, plain, 100 * self.tol, _SHORT)
        one = _Parameters.unpack(packed, 1, sample.x.shape[1])
        reach = 2.7 * float(np.clip(1.3 * one.stretch_sd, 0.15, 0.6))
        grid = _Grid(np.linspace(-reach, reach, _NODES))
        stretch = np.exp(_stretch_guess(sample, one, wide))
        return one, grid, stretch

    def _climb(
        self, sample: _Sample, grid: _Grid, begin: _Parameters, tolerance: float, most: int | None = None
    ) -> tuple[FloatArray, float, int, bool]:
        k, d = begin.means.shape

        def step(packed: FloatArray) -> tuple[FloatArray, float]:
            after, value = _em_step(sample, grid, _Parameters.unpack(packed, k, d), self._floor)
            return after.pack(), value

        return climb(step, begin.pack(), max_steps=most or self.max_iter, tolerance=tolerance * float(sample.weight.sum()))

    def predict_proba(self, X: npt.ArrayLike, *, rest: npt.ArrayLike | None = None) -> FloatArray:
        """Membership of each person in each segment: people x segments, rows summing to one."""
        return self._posterior(X, rest)[0]

    def predict(self, X: npt.ArrayLike, *, rest: npt.ArrayLike | None = None) -> npt.NDArray[np.intp]:
        """Most probable segment per person, 0 the largest."""
        return np.asarray(self.predict_proba(X, rest=rest).argmax(axis=1))

    def score_samples(self, X: npt.ArrayLike, *, rest: npt.ArrayLike | None = None) -> FloatArray:
        """Log-likelihood per person."""
        return self._posterior(X, rest)[1]

    def score(self, X: npt.ArrayLike, y: object = None) -> float:  # noqa: ARG002 - scikit-learn's signature
        """Mean log-likelihood per person."""
        return float(self.score_samples(X).mean())

    @classmethod
    def round_segments(cls, means: FloatArray, variance: float, *, stretch_sd: float, rest_variance: float) -> TiedMixture:
        """The mixture that k-means is a special case of: equal shares, round segments, a known stretch.

        It puts k-means and the tied mixture on one footing: the likelihood of the same scores.
        """
        k, d = means.shape
        model = cls(k)
        model.n_features_in_ = d
        model._parameters = _Parameters(
            np.full(k, 1 / k), means, variance * np.eye(d), np.sqrt(variance) * np.eye(d), stretch_sd, rest_variance
        )
        model._grid = _Grid(np.linspace(-3, 3, _NODES) * max(stretch_sd, 0.05))
        model.weights_, model.means_, model.covariance_ = (
            model._parameters.weights, means, model._parameters.covariance
        )  # fmt: skip
        return model

    def _posterior(self, X: npt.ArrayLike, rest: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self, "means_")
        X = validate_data(self, X, dtype=np.float64, reset=False)
        scatter = _checked_rest(rest, len(X))
        sample = _Sample(X, np.ones(len(X)), scatter[:, 0], scatter[:, 1])
        membership, values = np.empty((len(X), len(self.weights_))), np.empty(len(X))
        solved = _Solved.of(self._parameters, self._grid)
        for rows in _blocks(len(X)):
            sums, values[rows] = solved.expect(sample.x[rows], sample.ss[rows], sample.df[rows])
            membership[rows] = sums[:, -len(self.weights_) :]
        return membership / membership.sum(axis=1, keepdims=True), values


@dataclass(frozen=True)
class _Solved:
    """Parameters with everything inverted once, ready for blocks of people.

    The log of stretch times segment is linear in a person's (towards each mean, squared length, dimensions, 1), so a
    block costs one matrix product; sums over stretches and over segments are a second one.
    """

    inverse: FloatArray  # inverse of the covariance's lower triangle
    means: FloatArray  # means in whitened coordinates
    table: FloatArray  # (k + 3) x (stretches k)
    sums: npt.NDArray[np.float32]  # (stretches k) x (stretches + 2 k): by stretch, by segment, by segment over stretch
    log_det: float
    rest_variance: float

    @classmethod
    def of(cls, parameters: _Parameters, grid: _Grid) -> _Solved:
        inverse = np.linalg.inv(parameters.root)
        means = parameters.means @ inverse.T
        k, nodes = len(means), grid.nodes
        constants = np.log(np.maximum(parameters.weights, 1e-300)) - 0.5 * (means**2).sum(axis=1)
        table = np.empty((k + 3, len(nodes), k))
        table[:k] = np.exp(-nodes)[None, :, None] * np.eye(k)[:, None, :]
        table[k] = -0.5 * np.exp(-2 * nodes)[:, None]
        table[k + 1] = -nodes[:, None]
        table[k + 2] = grid.log_weights(parameters.stretch_sd)[:, None] + constants
        log_det = float(np.log(np.diag(inverse)).sum())
        return cls(inverse, means, table.reshape(k + 3, -1), _summing(grid, k), log_det, parameters.rest_variance)

    def expect(
        self, x: FloatArray, ss: FloatArray, df: FloatArray
    ) -> tuple[npt.NDArray[np.float32], FloatArray]:
        """Per person: probability of each stretch, of each segment over the stretch, of each segment; log-likelihood."""
        white = x @ self.inverse.T
        d = x.shape[1]
        k = len(self.means)
        features = np.empty((len(x), k + 3))
        features[:, :k] = white @ self.means.T
        features[:, k] = (white**2).sum(axis=1) + ss / self.rest_variance
        features[:, k + 1] = d + df
        features[:, k + 2] = 1.0
        joint = features @ self.table
        top = joint.max(axis=1)
        joint -= top[:, None]
        portions = joint.astype(np.float32)
        np.exp(portions, out=portions)
        sums = portions @ self.sums
        total = sums[:, -k:].sum(axis=1, dtype=np.float64)
        sums *= (1.0 / total).astype(np.float32)[:, None]
        constant = self.log_det - 0.5 * d * np.log(2 * np.pi) - 0.5 * df * np.log(self.rest_variance)
        return sums, np.log(total) + top + constant


@lru_cache(maxsize=64)
def _summing_of(nodes: tuple[float, ...], k: int) -> npt.NDArray[np.float32]:
    stretches = len(nodes)
    by_stretch = np.repeat(np.eye(stretches), k, axis=0)
    by_segment = np.tile(np.eye(k), (stretches, 1))
    over = by_segment * np.repeat(np.exp(-np.array(nodes)), k)[:, None]
    return np.hstack([by_stretch, over, by_segment]).astype(np.float32)


def _summing(grid: _Grid, k: int) -> npt.NDArray[np.float32]:
    return _summing_of(tuple(grid.nodes.tolist()), k)


def _em_step(sample: _Sample, grid: _Grid, parameters: _Parameters, floor: float) -> tuple[_Parameters, float]:
    k, d = parameters.means.shape
    stretches = len(grid.nodes)
    solved = _Solved.of(parameters, grid)
    shrink2 = np.exp(-2 * grid.nodes)
    counts, sums, squares = np.zeros(k), np.zeros((k, d)), np.zeros((d, d))
    value = second_moment = scatter = 0.0
    for rows in _blocks(len(sample.x)):
        x, weight = sample.x[rows], sample.weight[rows]
        member, logs = solved.expect(x, sample.ss[rows], sample.df[rows])
        value += float(weight @ logs)
        weighted = member * weight[:, None]
        inverse2 = weighted[:, :stretches] @ shrink2
        sums += weighted[:, stretches : stretches + k].T @ x
        counts += weighted[:, -k:].sum(axis=0)
        squares += (x * inverse2[:, None]).T @ x
        second_moment += float(weighted[:, :stretches].sum(axis=0) @ grid.nodes**2)
        scatter += float(inverse2 @ sample.ss[rows])
    total = float(sample.weight.sum())
    safe = np.maximum(counts, 1e-10)
    means = sums / safe[:, None]
    covariance, root = _floored((squares - (means * counts[:, None]).T @ means) / total, floor)
    degrees = float(sample.weight @ sample.df)
    rest_variance = max(scatter / degrees, floor) if degrees > 0 else 1.0
    stretch_sd = float(np.sqrt(second_moment / total))
    return _Parameters(safe / safe.sum(), means, covariance, root, stretch_sd, rest_variance), value


def _stretch_guess(sample: _Sample, one: _Parameters, grid: _Grid) -> FloatArray:
    solved, guess = _Solved.of(one, grid), np.empty(len(sample.x))
    for rows in _blocks(len(sample.x)):
        sums, _ = solved.expect(sample.x[rows], sample.ss[rows], sample.df[rows])
        guess[rows] = sums[:, : len(grid.nodes)] @ grid.nodes
    return guess


def _from_labels(
    sample: _Sample, labels: npt.NDArray[np.intp], k: int, one: _Parameters, floor: float
) -> _Parameters:
    member = (labels[:, None] == np.arange(k)) * sample.weight[:, None]
    counts = np.maximum(member.sum(axis=0), 1e-10)
    means = member.T @ sample.x / counts[:, None]
    squares = (sample.x * sample.weight[:, None]).T @ sample.x
    covariance, root = _floored((squares - (means * counts[:, None]).T @ means) / sample.weight.sum(), floor)
    return _Parameters(counts / counts.sum(), means, covariance, root, one.stretch_sd, one.rest_variance)


def _subsample(
    sample: _Sample, stretch: FloatArray, generator: np.random.Generator
) -> tuple[_Sample, FloatArray]:
    if len(sample.x) <= _FIRST_PHASE:
        return sample, stretch
    rows = np.sort(generator.choice(len(sample.x), _FIRST_PHASE, replace=False))
    return sample.take(rows), stretch[rows]


def _distinct_best(values: FloatArray, total: float, *, keep: int) -> list[int]:
    """The best starts that ended in different places, best first."""
    chosen: list[int] = []
    for number in np.argsort(-values, kind="stable"):
        if all(abs(values[number] - values[other]) > 1e-4 * total for other in chosen):
            chosen.append(int(number))
        if len(chosen) == keep:
            break
    return chosen


def _floored(covariance: FloatArray, floor: float) -> tuple[FloatArray, FloatArray]:
    """The same covariance with no direction much narrower than the floor, and its lower triangle."""
    covariance = (covariance + covariance.T) / 2
    try:
        root = np.linalg.cholesky(covariance)
        if np.diag(root).min() ** 2 > floor:
            return covariance, root
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(covariance)
    covariance = (vectors * np.maximum(values, floor)) @ vectors.T
    return covariance, np.linalg.cholesky(covariance)


def _variance_floor(sample: _Sample) -> float:
    mean = sample.weight @ sample.x / sample.weight.sum()
    overall = float(sample.weight @ ((sample.x - mean) ** 2).mean(axis=1) / sample.weight.sum())
    if not overall > 0:
        raise InvalidInput(
            "Nobody differs from anybody: there is nothing to segment.",
            expected="scores that differ between people",
            came="the same scores for everyone",
        )
    return max(1e-3 * overall, 1e-12)


def _checked_rest(rest: Any, n: int) -> FloatArray:
    if rest is None:
        return np.zeros((n, 2))
    values = np.asarray(rest, dtype=np.float64)
    if values.shape != (n, 2) or not np.isfinite(values).all() or (values < 0).any():
        raise InvalidInput(
            "The scatter around a person's own need means has the wrong form.",
            expected=f"{n} rows of a sum of squares and degrees of freedom, neither negative",
            came=f"shape {values.shape}",
        )
    return values


def _blocks(n: int) -> list[slice]:
    return [slice(begin, min(begin + _BLOCK, n)) for begin in range(0, n, _BLOCK)]
