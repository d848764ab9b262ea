"""Latent classes: groups of people who give each answer with the same probability.

Within class ``c`` the items are independent: ``P(x) = sum_c w_c prod_j p_cj(x_j)``. An item a person skipped leaves
the product (full-information maximum likelihood: right when answers are missing at random). Lazarsfeld, P. F. &
Henry, N. W. (1968), Latent Structure Analysis; Goodman, L. A. (1974), Biometrika 61, 215-231 (the EM steps).
BIC as in R's poLCA: ``-2 log L + npar log n`` with ``npar = (K - 1) + K sum_j (m_j - 1)`` (Linzer & Lewis 2011,
Journal of Statistical Software 42:10). Blind to response style: people who use the scale alike look like a class.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from numbers import Real
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.coarse import coarse_shares
from segment.errors import InvalidInput
from segment.needs.answers import AnswerRange, check_weights
from segment.parameters import Constraints, at_least, check_parameters
from segment.progress import telling
from segment.segments.acceleration import climb
from segment.segments.answer_codes import AnswerCodes
from segment.segments.categories import Categories
from segment.segments.rows import collapse, people_by_columns
from segment.segments.starts import spawn

FloatArray = npt.NDArray[np.float64]

_FIRST_PHASE = 4000  # people that starts are compared on
_SHORT = 60  # most EM steps of a start before starts are compared
_LOWEST = 1e-12


class LatentClass(ClusterMixin, BaseEstimator):
    """Latent class analysis by accelerated EM, with missing answers and sampling weights.

    Parameters
    ----------
    n_components
        Number of classes.
    n_init
        Starts: short runs on at most 4,000 people (Biernacki, C., Celeux, G. & Govaert, G. (2003), Computational
        Statistics & Data Analysis 41, 561-575); the best go on, to the end, on everyone.
    max_iter
        Most EM steps of one start.
    tol
        Rise of the mean log-likelihood per person in one EM step below which a fit has converged.
    random_state
        Seed.
    verbose
        1: every step of the fit is said in a line; 0: none.

    Attributes
    ----------
    class_weights_ : ndarray (k,), shares, largest first
    item_probabilities_ : list, per item an ndarray (k, categories), rows summing to one
    categories_ : list, per item the answers its columns stand for
    log_likelihood_, aic_, bic_ : float; weights count with a mean of one
    n_parameters_ : int, class weights included
    n_reached_ : int, short runs that ended within 0.01 per cent of the best one
    labels_ : ndarray (n,); converged_, n_iter_

    Examples
    --------
    >>> answers = np.array([[1.0, 1, 1]] * 30 + [[2.0, 2, np.nan]] * 20)
    >>> model = LatentClass(2).fit(answers)
    >>> model.class_weights_.round(2).tolist(), model.predict([[2, np.nan, 2]]).tolist()
    ([0.6, 0.4], [1])
    """

    _parameter_constraints: ClassVar[Constraints] = {
        "n_components": at_least(1),
        "n_init": at_least(1),
        "max_iter": at_least(1),
        "tol": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_init: int = 10,
        max_iter: int = 2000,
        tol: float = 1e-8,
        random_state: int | np.random.RandomState | None = 0,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.verbose = verbose

    def fit(
        self,
        X: npt.ArrayLike | pd.DataFrame,
        y: object = None,  # noqa: ARG002 - scikit-learn's signature
        sample_weight: npt.ArrayLike | None = None,
    ) -> LatentClass:
        """Fit to answers: people x items, any numbers, NaN = not answered.

        Raises
        ------
        InvalidInput
            When there are fewer people than classes, or nobody answered anything.
        """
        check_parameters(self)
        table = people_by_columns(self, X, fitting=True, gaps=True)
        weight = check_weights(sample_weight, len(table))
        self._refuse(table)
        self._range = AnswerRange.of(table)
        rows = collapse(table, weight)
        counted = rows.counted()
        self._categories = Categories.of(counted.distinct)
        sample = AnswerCodes.of(self._categories, counted.distinct, counted.weight)
        best, value = self._search(sample)
        self._finish(best, value, len(table))
        self.labels_ = self.predict(X)
        return self

    def _refuse(self, X: FloatArray) -> None:
        if len(X) < self.n_components:
            raise InvalidInput(
                "There are fewer people than classes.",
                expected=f"at least {self.n_components} people",
                came=f"{len(X)}",
                advice="ask for fewer classes",
            )
        if np.isnan(X).all():
            raise InvalidInput("Nobody answered anything.", expected="at least one answer")

    def _search(self, sample: AnswerCodes) -> tuple[FloatArray, float]:
        k = self.n_components
        if k == 1:
            self.n_reached_ = self.n_init
            return self._climb(sample, _one_class(sample), self.tol)
        generators = spawn(self.random_state, self.n_init + 1)
        small = sample.some(_FIRST_PHASE, generators[-1])
        margin = _one_class(sample)
        ends, tell = [], telling(self)
        for number, generator in enumerate(generators[:-1], start=1):
            ends.append(self._climb(small, _random_start(margin, k, generator), 100 * self.tol, _SHORT))
            tell(f"start {number} of {self.n_init}: {self.n_iter_} steps")
        values = np.array([value for _, value in ends])
        self.n_reached_ = int((values >= values.max() - 1e-4 * abs(values.max())).sum())
        order = [int(place) for place in np.argsort(-values, kind="stable")]
        first = self._climb(sample, ends[order[0]][0], self.tol)
        for place in order[1 : 1 + min(2, self.n_init // 5)]:
            if values[order[0]] - values[place] > 1e-3 * small.total:
                continue
            other = self._climb(sample, ends[place][0], self.tol)
            first = other if other[1] > first[1] else first
        tell("the best start and its nearest rivals run to the end")
        return first

    def _climb(
        self, sample: AnswerCodes, begin: FloatArray, tolerance: float, most: int | None = None
    ) -> tuple[FloatArray, float]:
        end, value, self.n_iter_, self.converged_ = climb(
            partial(_step, sample),
            begin,
            max_steps=most or self.max_iter,
            tolerance=max(tolerance * sample.total, 1e-9),
        )
        return end, value

    def _finish(self, packed: FloatArray, value: float, n: int) -> None:
        k, starts = self.n_components, self._categories.starts
        weights, log_items = _unpack(packed, k, starts)
        order = np.lexsort((log_items[0], -weights.round(9)))
        self._tell(weights[order], log_items[:, order])
        self.categories_ = [values.copy() for values in self._categories.answers]
        free = int(np.maximum(np.diff(starts) - 1, 0).sum())
        self.n_parameters_ = (k - 1) + k * free
        self.log_likelihood_ = float(value)
        self.aic_ = float(-2 * value + 2 * self.n_parameters_)
        self.bic_ = float(-2 * value + self.n_parameters_ * np.log(n))

    def _tell(self, weights: FloatArray, log_items: FloatArray) -> None:
        self.class_weights_, self._log_items = weights, log_items
        blocks = [np.exp(log_items[a:b]).T for a, b in pairwise(self._categories.starts)]
        self.item_probabilities_ = [block / np.maximum(block.sum(axis=1, keepdims=True), _LOWEST) for block in blocks]

    @property
    def weights_(self) -> FloatArray:
        """The class weights, under the name that every family has for its shares."""
        return self.class_weights_

    def again(self, X: npt.ArrayLike | pd.DataFrame, sample_weight: npt.ArrayLike) -> LatentClass:
        """A copy that is fitted to these people from where it stands: its classes keep their places.

        Parameters
        ----------
        X, sample_weight
            As for ``fit``; no answer that it was not fitted with.
        """
        check_is_fitted(self, "class_weights_")
        table = people_by_columns(self, X, fitting=False, gaps=True)
        other, logs = copy.copy(self), np.log(np.maximum(self.class_weights_, _LOWEST))
        sample = AnswerCodes.of(self._categories, table, check_weights(sample_weight, len(table)))
        packed, _ = other._climb(sample, np.concatenate([logs, self._log_items.ravel()]), self.tol)
        other._tell(*_unpack(packed, len(logs), self._categories.starts))
        return other

    def recentre(self, segment: int, people: FloatArray, share: float) -> None:
        """Give a class the answers of these people (rows x items, NaN = not answered), with at least this share.

        Parameters
        ----------
        segment
            Number of the class, from 0.
        people
            Rows x items, NaN = not answered.
        share
            Least share of everyone that the class gets, 0 to 1.
        """
        codes = AnswerCodes.of(self._categories, people, np.ones(len(people)))
        weights, log_items = self.class_weights_.copy(), self._log_items.copy()
        log_items[:, [segment]] = _log_shares(codes.margin(), codes.starts)
        weights[segment] = max(share, weights[segment])
        self._tell(weights / weights.sum(), log_items)

    def coarsen(self, people: float) -> None:
        """Keep of every share what so many people allow (``segment.disclosure.coarse``)."""
        behind = (self.class_weights_ * people)[:, None]
        told = [coarse_shares(shares, behind) for shares in self.item_probabilities_ if shares.shape[1]]
        logs = np.log(np.maximum(np.concatenate([shares.T for shares in told]), _LOWEST))
        self._tell(coarse_shares(self.class_weights_, people), logs)

    def predict_proba(self, X: npt.ArrayLike | pd.DataFrame) -> FloatArray:
        """Membership per person and class; a person without answers gets the class weights."""
        return self._posterior(X)[0]

    def predict(self, X: npt.ArrayLike | pd.DataFrame) -> npt.NDArray[np.intp]:
        """Most probable class per person, 0 the largest."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def read(self, X: npt.ArrayLike | pd.DataFrame) -> tuple[FloatArray, FloatArray]:
        """Membership of each person in each class, and log-likelihood per person, in one go."""
        return self._posterior(X)

    def score_samples(self, X: npt.ArrayLike | pd.DataFrame) -> FloatArray:
        """Log-likelihood per person."""
        return self._posterior(X)[1]

    def score(self, X: npt.ArrayLike | pd.DataFrame, y: object = None) -> float:  # noqa: ARG002
        """Mean log-likelihood per person."""
        return float(self.score_samples(X).mean())

    def _posterior(self, X: npt.ArrayLike | pd.DataFrame) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self, "class_weights_")
        table = people_by_columns(self, X, fitting=False, gaps=True)
        self._range.refuse(table)
        membership, values = np.empty((len(table), len(self.class_weights_))), np.empty(len(table))
        log_weights = np.log(np.maximum(self.class_weights_, _LOWEST))
        codes = AnswerCodes.of(self._categories, table, np.ones(len(table)))
        for rows, member, logs in codes.expect(log_weights, self._log_items):
            membership[rows], values[rows] = member.T, logs
        return membership, values

    def __sklearn_tags__(self):  # type: ignore[no-untyped-def]
        """Missing answers are welcome; answers are categories."""
        tags = super().__sklearn_tags__()  # type: ignore[no-untyped-call]
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags


def _one_class(sample: AnswerCodes) -> FloatArray:
    """Packed parameters of a single class: everyone's shares of each answer."""
    return np.concatenate([np.zeros(1), _log_shares(sample.margin(), sample.starts).ravel()])


def _step(sample: AnswerCodes, packed: FloatArray) -> tuple[FloatArray, float]:
    """One EM step: packed parameters in, the next ones and the log-likelihood of those given out."""
    k = _classes(packed, sample.starts)
    weights, log_items = _unpack(packed, k, sample.starts)
    counts, sizes, value = sample.step(np.log(np.maximum(weights, _LOWEST)), log_items)
    shares = np.maximum(sizes / sizes.sum(), _LOWEST)
    return np.concatenate([np.log(shares), _log_shares(counts, sample.starts).ravel()]), value


def _random_start(margin: FloatArray, k: int, generator: np.random.Generator) -> FloatArray:
    """Every class at the overall shares, each log-share moved by an independent N(0, 1); equal class weights."""
    items = margin[1:, None] + generator.normal(0.0, 1.0, (len(margin) - 1, k))
    return np.concatenate([np.zeros(k), items.ravel()])


def _classes(packed: FloatArray, starts: npt.NDArray[np.intp]) -> int:
    return len(packed) // (int(starts[-1]) + 1)


def _unpack(packed: FloatArray, k: int, starts: npt.NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
    """Class weights, and log-probabilities (categories x classes) that sum to one within each item."""
    raw = packed[:k] - packed[:k].max()
    weights = np.exp(raw) / np.exp(raw).sum()
    items = np.clip(packed[k:].reshape(-1, k), -50.0, 50.0)
    return weights, _log_shares(np.exp(items), starts)


def _log_shares(counts: FloatArray, starts: npt.NDArray[np.intp]) -> FloatArray:
    """Logarithm of each category's share within its item and class, kept above 1e-12."""
    totals = np.add.reduceat(counts, _open(starts), axis=0)
    widths: Sequence[int] = np.diff(starts)[np.diff(starts) > 0].tolist()
    shares = counts / np.maximum(np.repeat(totals, widths, axis=0), 1e-290)
    return np.asarray(np.log(np.maximum(shares, _LOWEST)))


def _open(starts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Where the blocks of items with at least one category begin."""
    return starts[:-1][np.diff(starts) > 0]
