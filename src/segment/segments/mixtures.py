"""Segments of people with like needs, whatever stretch of the answer scale each person uses.

The model: a person in segment ``z`` has scores ``x = s (m_z + e)`` with ``e ~ N(0, S)``: one covariance ``S`` for
all segments (tied), and a stretch ``s`` of the person's own, ``log s ~ N(0, t^2)``. The stretch also multiplies the
person's scatter around the own need means, ``ss ~ s^2 v chi^2(df)``, which tells most about it. The stretch is not
estimated and divided out (that hurts where segments lie close) but integrated out over a grid, by EM; with ``t = 0``
it is the ordinary tied Gaussian mixture. EM for scale mixtures of normals: Dempster, Laird & Rubin (1977), JRSS B 39;
Andrews & Mallows (1974), JRSS B 36; tied covariance: McLachlan & Peel (2000), Finite Mixture Models, ch. 3.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.coarse import coarse, coarse_root, coarse_shares, coarse_spread
from segment.errors import InvalidInput
from segment.needs.answers import check_weights
from segment.segments.acceleration import climb
from segment.segments.rows import collapse, people_by_columns
from segment.segments.starts import seed_labels, spawn
from segment.segments.stretch_model import (
    NO_STRETCH,
    Grid,
    Parameters,
    Sample,
    Solved,
    blocks,
    em_step,
    floored,
    from_labels,
    stretch_guess,
)

FloatArray = npt.NDArray[np.float64]

_FIRST_PHASE = 2500  # rows that starts are compared on
_SHORT = 40  # most EM steps of a start before starts are compared


@dataclass(frozen=True)
class Crowd:
    """People as one segment: their rows, the floor of a variance, the fit, the grid, and each one's likely stretch."""

    sample: Sample
    floor: float
    one: Parameters
    grid: Grid
    stretch: FloatArray


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
        Whether people may differ in how far they stretch the scale; the data say how much (zero is possible).
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
        crowd: Crowd | None = None,
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
        crowd
            What another number of segments found out about these people (``crowd``); None: it is found out here.

        Raises
        ------
        InvalidInput
            When there are fewer distinct people than segments, or no differences at all.
        """
        table = people_by_columns(self, X, fitting=True)
        crowd = self.crowd(table, sample_weight, rest) if crowd is None else crowd
        sample, self._floor = crowd.sample, crowd.floor
        self._refuse(sample)
        fitted, grid, value = self._search(crowd)
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
        self.bic_ = float(-2 * value + self.n_parameters_ * np.log(len(table)))
        self.labels_ = self.predict(X, rest=rest)
        return self

    def crowd(self, X: FloatArray, sample_weight: npt.ArrayLike | None, rest: npt.ArrayLike | None) -> Crowd:
        """What does not depend on the number of segments, for fits of several numbers to the same people.

        Parameters
        ----------
        X, sample_weight, rest
            As for ``fit``.
        """
        weight = check_weights(sample_weight, len(X))
        rows = collapse(np.column_stack([X, _checked_rest(rest, len(X))]), weight)
        sample = Sample(rows.distinct[:, :-2], rows.weight, rows.distinct[:, -2], rows.distinct[:, -1])
        sample = sample.take(np.flatnonzero(sample.weight > 0))
        self._floor = _variance_floor(sample)
        return Crowd(sample, self._floor, *self._one_segment(sample))

    def _refuse(self, sample: Sample) -> None:
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

    def _search(self, crowd: Crowd) -> tuple[Parameters, Grid, float]:
        sample, one, grid, stretch = crowd.sample, crowd.one, crowd.grid, crowd.stretch
        k, d = self.n_components, sample.x.shape[1]
        if k == 1:
            packed, value, self.n_iter_, self.converged_ = self._climb(sample, grid, one, self.tol)
            self.n_reached_ = self.n_init
            return Parameters.unpack(packed, k, d), grid, value
        generators = spawn(self.random_state, self.n_init + 1)
        few = _subsample(sample, stretch, generators[-1])
        small = few[0].divided_by(few[1])
        ends = []
        for number, generator in enumerate(generators[:-1]):
            labels = seed_labels(small.x, small.weight, k, generator, whiten=number % 2 == 1)
            begin = from_labels(small, labels, k, one, self._floor)
            ends.append(self._climb(small, NO_STRETCH, begin, 100 * self.tol, _SHORT)[:2])
        values = np.array([value for _, value in ends])
        self.n_reached_ = int((values >= values.max() - 1e-4 * abs(values.max())).sum())
        best = None
        for number in _distinct_best(values, small.weight.sum(), keep=3 if self.n_init > 3 else 1):
            begin = Parameters.unpack(ends[number][0], k, d)
            begin = replace(begin, stretch_sd=one.stretch_sd, rest_variance=one.rest_variance)
            end = self._climb(sample, grid, begin, self.tol)
            if best is None or end[1] > best[1]:
                best = end
        assert best is not None
        self.n_iter_, self.converged_ = best[2], best[3]
        return Parameters.unpack(best[0], k, d), grid, best[1]

    def _one_segment(self, sample: Sample) -> tuple[Parameters, Grid, FloatArray]:
        """One segment with a stretch: how much people differ in stretch, the grid for it, and a guess per person."""
        total = sample.weight.sum()
        mean = sample.weight @ sample.x / total
        centred = sample.x - mean
        covariance, root = floored((centred * sample.weight[:, None]).T @ centred / total, self._floor)
        degrees = float(sample.weight @ sample.df)
        rest_variance = float(sample.weight @ sample.ss) / degrees if degrees > 0 else 1.0
        plain = Parameters(np.ones(1), mean[None], covariance, root, 0.2, max(rest_variance, self._floor))
        if not self.stretch:
            return plain, NO_STRETCH, np.ones(len(sample.x))
        information = float(np.average(sample.df, weights=sample.weight)) + sample.x.shape[1]
        wide = Grid.reaching(2.1, information)
        packed, _, _, _ = self._climb(sample, wide, plain, 100 * self.tol, _SHORT)
        one = Parameters.unpack(packed, 1, sample.x.shape[1])
        reach = 2.7 * float(np.clip(1.3 * one.stretch_sd, 0.15, 0.8))
        grid = Grid.reaching(reach, information)
        stretch = np.exp(stretch_guess(sample, one, wide))
        return one, grid, stretch

    def _climb(
        self, sample: Sample, grid: Grid, begin: Parameters, tolerance: float, most: int | None = None
    ) -> tuple[FloatArray, float, int, bool]:
        k, d = begin.means.shape

        def step(packed: FloatArray) -> tuple[FloatArray, float]:
            after, value = em_step(sample, grid, Parameters.unpack(packed, k, d), self._floor)
            return after.pack(), value

        return climb(
            step, begin.pack(), max_steps=most or self.max_iter, tolerance=tolerance * float(sample.weight.sum())
        )

    def predict_proba(self, X: npt.ArrayLike, *, rest: npt.ArrayLike | None = None) -> FloatArray:
        """Membership of each person in each segment: people x segments, rows summing to one."""
        return self._posterior(X, rest)[0]

    def predict(self, X: npt.ArrayLike, *, rest: npt.ArrayLike | None = None) -> npt.NDArray[np.intp]:
        """Most probable segment per person, 0 the largest."""
        return np.asarray(self.predict_proba(X, rest=rest).argmax(axis=1))

    def read(self, X: npt.ArrayLike, *, rest: npt.ArrayLike | None = None) -> tuple[FloatArray, FloatArray]:
        """Membership of each person in each segment, and log-likelihood per person, in one go."""
        return self._posterior(X, rest)

    def score_samples(self, X: npt.ArrayLike, *, rest: npt.ArrayLike | None = None) -> FloatArray:
        """Log-likelihood per person."""
        return self._posterior(X, rest)[1]

    def score(self, X: npt.ArrayLike, y: object = None) -> float:  # noqa: ARG002
        """Mean log-likelihood per person."""
        return float(self.score_samples(X).mean())

    def again(
        self, X: npt.ArrayLike, sample_weight: npt.ArrayLike, *, rest: npt.ArrayLike | None = None
    ) -> TiedMixture:
        """A copy that is fitted to these people from where it stands: its segments keep their places.

        Parameters
        ----------
        X, sample_weight, rest
            As for ``fit``.
        """
        check_is_fitted(self, "means_")
        table = people_by_columns(self, X, fitting=False)
        scatter = _checked_rest(rest, len(table))
        sample = Sample(table, check_weights(sample_weight, len(table)), scatter[:, 0], scatter[:, 1])
        other, (k, d) = copy.copy(self), self.means_.shape
        other._floor = _variance_floor(sample)
        packed, _, other.n_iter_, other.converged_ = other._climb(sample, self._grid, self._parameters, self.tol)
        other._parameters = Parameters.unpack(packed, k, d)
        other.weights_, other.means_ = other._parameters.weights, other._parameters.means
        other.covariance_ = other._parameters.covariance
        return other

    def recentre(self, segment: int, people: FloatArray, share: float) -> None:
        """Put a segment at the mean of these people (rows x dimensions), with at least this share."""
        means, weights = self.means_.copy(), self.weights_.copy()
        means[segment], weights[segment] = people.mean(axis=0), max(share, weights[segment])
        self._parameters = replace(self._parameters, means=means, weights=weights / weights.sum())
        self.means_, self.weights_ = self._parameters.means, self._parameters.weights

    def coarsen(self, people: float) -> None:
        """Keep of every figure what so many people allow (``segment.disclosure.coarse``)."""
        own, spread = self._parameters, float(np.sqrt(np.diag(self.covariance_).mean()))
        root = coarse_root(own.covariance, people)
        self._parameters = Parameters(
            coarse_shares(own.weights, people),
            coarse(own.means, own.weights[:, None] * people, spread),
            root @ root.T,
            root,
            float(coarse_spread(own.stretch_sd, people)),
            float(coarse_spread(own.rest_variance, people)),
        )
        self._grid, self._floor = self._grid.coarse(), 0.0  # the floor is for fitting only
        self.weights_, self.means_ = self._parameters.weights, self._parameters.means
        self.covariance_, self.rest_variance_ = self._parameters.covariance, self._parameters.rest_variance
        self.stretch_sd_ = self._parameters.stretch_sd if len(self._grid.nodes) > 1 else 0.0

    @classmethod
    def round_segments(
        cls, means: FloatArray, variance: float, *, stretch_sd: float, rest_variance: float, information: float
    ) -> TiedMixture:
        """The mixture that k-means is a special case of: equal shares, round segments, a known stretch.

        It puts k-means and the tied mixture on one footing: the likelihood of the same scores.
        """
        k, d = means.shape
        model = cls(k)
        model.n_features_in_ = d
        model._parameters = Parameters(
            np.full(k, 1 / k), means, variance * np.eye(d), np.sqrt(variance) * np.eye(d), stretch_sd, rest_variance
        )
        model._grid = Grid.reaching(3 * max(stretch_sd, 0.05), information)
        model.weights_, model.means_, model.covariance_ = (
            model._parameters.weights, means, model._parameters.covariance
        )  # fmt: skip
        return model

    def _posterior(self, X: npt.ArrayLike, rest: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self, "means_")
        table = people_by_columns(self, X, fitting=False)
        scatter = _checked_rest(rest, len(table))
        sample = Sample(table, np.ones(len(table)), scatter[:, 0], scatter[:, 1])
        membership, values = np.empty((len(table), len(self.weights_))), np.empty(len(table))
        solved = Solved.of(self._parameters, self._grid, single=False)
        for rows in blocks(len(table)):
            sums, values[rows] = solved.expect(sample.x[rows], sample.ss[rows], sample.df[rows])
            membership[rows] = sums[:, -len(self.weights_) :]
        return membership / membership.sum(axis=1, keepdims=True), values


def _subsample(sample: Sample, stretch: FloatArray, generator: np.random.Generator) -> tuple[Sample, FloatArray]:
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


def _variance_floor(sample: Sample) -> float:
    mean = sample.weight @ sample.x / sample.weight.sum()
    overall = float(sample.weight @ ((sample.x - mean) ** 2).mean(axis=1) / sample.weight.sum())
    if not overall > 0:
        raise InvalidInput(
            "Nobody differs from anybody: there is nothing to segment.",
            expected="scores that differ between people",
            came="the same scores for everyone",
        )
    return max(1e-3 * overall, 1e-12)


def _checked_rest(rest: object, n: int) -> FloatArray:
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
