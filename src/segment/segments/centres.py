"""Segments as the nearest of a few typical need profiles: k-means, with memberships.

Lloyd, S. P. (1982), IEEE Transactions on Information Theory 28, 129-137. Memberships and likelihood come from the
mixture k-means is the limit of: round segments with one variance (Celeux, G. & Govaert, G. (1992), Computational
Statistics & Data Analysis 14, 315-332).
"""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import KMeans
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.coarse import coarse, coarse_shares, coarse_spread
from segment.errors import InvalidInput
from segment.needs.answers import check_weights
from segment.segments.rows import collapse, people_by_columns
from segment.segments.starts import spawn

FloatArray = npt.NDArray[np.float64]


class NeedCentres(ClusterMixin, BaseEstimator):
    """k-means whose segments come largest first, with weights, memberships and a likelihood.

    Parameters
    ----------
    n_components, n_init, random_state
        Segments, starts and seed.

    Attributes
    ----------
    means_ : ndarray (k, d); weights_ : ndarray (k,), largest first; variance_ : float, within segments
    log_likelihood_, bic_, n_parameters_, n_reached_, labels_

    Examples
    --------
    >>> X = np.array([[0.0, 0], [0, 1], [1, 0], [9, 9], [9, 8]])
    >>> NeedCentres(2).fit(X).labels_.tolist()
    [0, 0, 0, 1, 1]
    """

    def __init__(
        self, n_components: int = 2, *, n_init: int = 10, random_state: int | np.random.RandomState | None = 0
    ) -> None:
        self.n_components = n_components
        self.n_init = n_init
        self.random_state = random_state

    def fit(
        self,
        X: npt.ArrayLike,
        y: object = None,  # noqa: ARG002 - scikit-learn's signature
        sample_weight: npt.ArrayLike | None = None,
    ) -> NeedCentres:
        """Fit to scores: people x dimensions.

        Raises
        ------
        InvalidInput
            When there are fewer different people than segments.
        """
        table = people_by_columns(self, X, fitting=True)
        rows = collapse(table, check_weights(sample_weight, len(table)))
        space, weight = rows.distinct[rows.weight > 0], rows.weight[rows.weight > 0]
        if not 1 <= self.n_components <= len(space):
            raise InvalidInput(
                "There are fewer different people than segments.",
                expected=f"between 1 and {len(space)} segments",
                came=f"{self.n_components}",
                advice="ask for fewer segments",
            )
        self._solve(space, weight)
        d = space.shape[1]
        self.n_parameters_ = (self.n_components - 1) + self.n_components * d + 1
        self.log_likelihood_ = float(weight @ self._posterior(space)[1])
        self.bic_ = float(-2 * self.log_likelihood_ + self.n_parameters_ * np.log(len(table)))
        self.labels_ = self.predict(X)
        return self

    def _solve(self, space: FloatArray, weight: FloatArray) -> None:
        fits = []
        for generator in spawn(self.random_state, self.n_init):
            seed = int(generator.integers(2**31 - 1))
            model = KMeans(self.n_components, n_init=1, random_state=seed, algorithm="lloyd")
            fits.append(model.fit(space, sample_weight=weight))
        inertia = np.array([model.inertia_ for model in fits])
        best = fits[int(inertia.argmin())]
        self.n_reached_ = int((inertia <= inertia.min() * 1.0001 + 1e-12).sum())
        shares = np.bincount(best.labels_, weights=weight, minlength=self.n_components) / weight.sum()
        order = np.lexsort((best.cluster_centers_[:, 0], -shares.round(9)))
        self.means_, self.weights_ = best.cluster_centers_[order], shares[order]
        floor = 1e-6 * float(space.var(axis=0).mean()) + 1e-12
        self.variance_ = max(float(inertia.min()) / (float(weight.sum()) * space.shape[1]), floor)

    def again(self, X: npt.ArrayLike, sample_weight: npt.ArrayLike) -> NeedCentres:
        """A copy that is fitted to these people from where it stands: its segments keep their places.

        Parameters
        ----------
        X, sample_weight
            As for ``fit``.
        """
        check_is_fitted(self, "means_")
        space = people_by_columns(self, X, fitting=False)
        weight = check_weights(sample_weight, len(space))
        model = KMeans(len(self.means_), init=self.means_, n_init=1, algorithm="lloyd").fit(space, sample_weight=weight)
        other = copy.copy(self)
        other.means_ = model.cluster_centers_
        other.weights_ = np.bincount(model.labels_, weights=weight, minlength=len(self.means_)) / weight.sum()
        other.variance_ = max(float(model.inertia_) / (float(weight.sum()) * space.shape[1]), 1e-12)
        return other

    def recentre(self, segment: int, people: FloatArray, share: float) -> None:
        """Put a segment at the mean of these people (rows x dimensions), with at least this share."""
        self.means_, weights = self.means_.copy(), self.weights_.copy()
        self.means_[segment], weights[segment] = people.mean(axis=0), max(share, weights[segment])
        self.weights_ = weights / weights.sum()

    def coarsen(self, people: float) -> None:
        """Keep of every figure what so many people allow (``segment.disclosure.coarse``)."""
        self.means_ = coarse(self.means_, self.weights_[:, None] * people, np.sqrt(self.variance_))
        self.variance_ = float(coarse_spread(self.variance_, people))
        self.weights_ = coarse_shares(self.weights_, people)

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Membership of each person in each segment; equal shares before, so the nearest centre is the likeliest."""
        return self._checked(X)[0]

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """The segment with the nearest centre, 0 the largest."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def score_samples(self, X: npt.ArrayLike) -> FloatArray:
        """Log-likelihood per person under round segments of one variance."""
        return self._checked(X)[1]

    def _checked(self, X: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self, "means_")
        return self._posterior(people_by_columns(self, X, fitting=False))

    def _posterior(self, X: FloatArray) -> tuple[FloatArray, FloatArray]:
        k, d = self.means_.shape
        distance = (X**2).sum(axis=1)[:, None] - 2 * X @ self.means_.T + (self.means_**2).sum(axis=1)
        joint = -0.5 * np.maximum(distance, 0.0) / self.variance_
        top = joint.max(axis=1, keepdims=True)
        member = np.exp(joint - top)
        total = member.sum(axis=1, keepdims=True)
        logs = (np.log(total) + top).ravel() - np.log(k) - 0.5 * d * np.log(2 * np.pi * self.variance_)
        return member / total, logs
