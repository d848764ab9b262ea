"""Groups by what stands out most in each person: a division that means the same in every sample.

Where people differ by degree in many directions at once, k-means puts its borders anywhere: on other people they lie
elsewhere. A fixed question has a fixed answer: which of these needs weighs more for this person than it does for
others, more than any other need? Needs that go together are asked about as one bundle.
"""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.coarse import coarse, coarse_shares, coarse_spread
from segment.errors import InvalidInput
from segment.needs.answers import check_weights
from segment.needs.scoring import contrast_matrix
from segment.segments.rows import people_by_columns

FloatArray = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]


class StrongestNeed(ClusterMixin, BaseEstimator):
    """Which bundle of needs stands out most, in standard deviations of everyone.

    Parameters
    ----------
    n_components
        Number of bundles, 1 to the number of needs.

    Attributes
    ----------
    bundles_ : ndarray (needs,), the bundle of each need, numbered as the groups are
    anchors_ : ndarray (k, d), one direction per bundle; offset_ : ndarray (k,), where everyone's middle lies on it
    trust_ : float, share of the variance of a bundle's score that is not chance
    means_ : ndarray (k, d), mean scores of the groups; weights_ : ndarray (k,), their shares, largest first
    variance_ : float, within groups
    log_likelihood_, bic_, n_parameters_, n_reached_, labels_

    Notes
    -----
    Needs are joined by average linkage on one minus their correlation (Sokal, R. R. & Michener, C. D. (1958),
    University of Kansas Science Bulletin 38, 1409-1438). A membership is the chance that this bundle truly stands out
    most: true scores are the observed ones shrunken towards everyone's mean, and a doubt that follows Gumbel's law, so
    that the chances have a closed form (McFadden, D. (1974), in Zarembka, P., *Frontiers in Econometrics*, 105-142).
    How much is chance comes from answers to questions about one need (``rest``). The likelihood is that of round
    groups about ``means_``, for comparison only.

    Examples
    --------
    >>> scores = np.array([[1.0, 0.1], [0.9, 0.0], [-1.0, 0.1], [-0.9, 0.0]])
    >>> StrongestNeed(2).fit(scores).labels_.tolist()
    [0, 0, 1, 1]
    """

    def __init__(self, n_components: int = 2) -> None:
        self.n_components = n_components

    def fit(
        self,
        X: npt.ArrayLike,
        y: object = None,  # noqa: ARG002 - scikit-learn's signature
        sample_weight: npt.ArrayLike | None = None,
        rest: FloatArray | None = None,
    ) -> StrongestNeed:
        """Learn bundles and directions from scores in contrasts (people x (needs - 1)).

        ``rest``: people x 2, sum of squares and degrees of freedom of answers around the own need means; None: scores
        are taken to hold no chance.

        Raises
        ------
        InvalidInput
            When there are fewer needs than groups.
        """
        table = people_by_columns(self, X, fitting=True)
        weight = check_weights(sample_weight, len(table))
        turn = contrast_matrix(table.shape[1] + 1)
        if not 1 <= self.n_components <= turn.shape[1]:
            raise InvalidInput(
                "There are fewer needs than groups.",
                expected=f"between 1 and {turn.shape[1]} groups",
                came=f"{self.n_components}",
                advice="ask for fewer groups",
            )
        self._direct(table, weight / weight.sum(), turn, rest)
        self._describe(table, weight)
        return self

    def _direct(self, table: FloatArray, share: FloatArray, turn: FloatArray, rest: FloatArray | None) -> None:
        """Bundles, their directions and how far these are to be trusted."""
        middle = share @ table
        spread = turn.T @ ((share[:, None] * (table - middle)).T @ (table - middle)) @ turn
        self.bundles_ = _bundles(spread, self.n_components)
        member = (self.bundles_[:, None] == np.arange(self.n_components)) / np.bincount(self.bundles_)
        directions = member.T @ turn.T
        scale = np.sqrt(np.maximum(np.diag(member.T @ spread @ member), 1e-12))
        by_chance = _chance(rest, share, turn.shape[1]) * (directions**2).sum(axis=1) / scale**2
        # What is kept of people is coarse, and made so before anyone is read.
        self.trust_ = round(float(np.clip(1 - by_chance.mean(), 0.05, 0.99)), 2)
        self.anchors_ = directions / coarse_spread(scale, len(table))[:, None]
        self.offset_ = coarse(-(directions @ middle) / scale, len(table), 1.0)
        sizes = np.bincount(self.predict(table), weights=share, minlength=self.n_components)
        order = np.argsort(-sizes.round(9), kind="stable")
        self.anchors_, self.offset_ = self.anchors_[order], self.offset_[order]
        self.bundles_ = np.argsort(order)[self.bundles_]

    def _describe(self, table: FloatArray, weight: FloatArray) -> None:
        """Means, shares and likelihood of the groups that these directions make."""
        self.labels_ = self.predict(table)
        belongs = weight[:, None] * (self.labels_[:, None] == np.arange(self.n_components))
        sizes = belongs.sum(axis=0)
        self.weights_ = sizes / weight.sum()
        self.means_ = belongs.T @ table / np.maximum(sizes, 1e-12)[:, None]
        inside = float(weight @ ((table - self.means_[self.labels_]) ** 2).sum(axis=1))
        self.variance_ = max(inside / (float(weight.sum()) * table.shape[1]), 1e-6)
        self.n_reached_, self.n_parameters_ = 1, self.n_components * (table.shape[1] + 1)
        self.log_likelihood_ = float(weight @ self.score_samples(table))
        self.bic_ = float(-2 * self.log_likelihood_ + self.n_parameters_ * np.log(len(table)))

    def again(self, X: npt.ArrayLike, sample_weight: npt.ArrayLike) -> StrongestNeed:
        """A copy that is described by these people (``fit``'s); its borders stay: they were drawn by a rule."""
        check_is_fitted(self, "anchors_")
        table, other = people_by_columns(self, X, fitting=False), copy.copy(self)
        other._describe(table, check_weights(sample_weight, len(table)))
        return other

    def recentre(self, segment: int, people: FloatArray, share: float) -> None:
        """Take these people (rows x dimensions) as what the group's mean says; its border stays where it is."""
        self.means_, weights = self.means_.copy(), self.weights_.copy()
        self.means_[segment], weights[segment] = people.mean(axis=0), max(share, weights[segment])
        self.weights_ = weights / weights.sum()

    def coarsen(self, people: float) -> None:
        """Keep of the groups' figures what so many people allow; directions and borders are made so by the fit."""
        self.means_ = coarse(self.means_, self.weights_[:, None] * people, np.sqrt(self.variance_))
        self.variance_ = float(coarse_spread(self.variance_, people))
        self.weights_ = coarse_shares(self.weights_, people)

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """The chance of each bundle to be what truly stands out most for a person: people x groups."""
        check_is_fitted(self, "anchors_")
        table = people_by_columns(self, X, fitting=False)
        doubt = np.sqrt(self.trust_ * (1 - self.trust_)) * np.sqrt(6) / np.pi
        logs = self.trust_ * (table @ self.anchors_.T + self.offset_) / doubt
        chances = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))

    def predict(self, X: npt.ArrayLike) -> Labels:
        """The group of each person, 0 the largest."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def score_samples(self, X: npt.ArrayLike) -> FloatArray:
        """Log-likelihood per person under round groups about the means."""
        table = people_by_columns(self, X, fitting=False)
        gaps = ((table[:, None, :] - self.means_) ** 2).sum(axis=2)
        with np.errstate(divide="ignore"):
            joint = np.log(self.weights_) - gaps / (2 * self.variance_)
        return np.asarray(np.logaddexp.reduce(joint, axis=1) - table.shape[1] / 2 * np.log(2 * np.pi * self.variance_))


def _bundles(spread: FloatArray, k: int) -> Labels:
    """Needs that go together, in ``k`` bundles, numbered by their first need; ``spread`` is needs x needs."""
    if k == len(spread):
        return np.arange(k)
    sd = np.sqrt(np.maximum(np.diag(spread), 1e-12))
    distance = np.clip(1 - spread / np.outer(sd, sd), 0, 2)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform((distance + distance.T) / 2, checks=False), method="average")
    found = fcluster(tree, k, criterion="maxclust")
    _, first, bundles = np.unique(found, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[bundles])


def _chance(rest: FloatArray | None, share: FloatArray, needs: int) -> float:
    """Variance of a need score that is chance: that of single answers over the number of questions per need."""
    if rest is None:
        return 0.0
    degrees = float(share @ rest[:, 1])
    return float(share @ rest[:, 0]) / degrees / (1 + degrees / needs) if degrees > 0 else 0.0
