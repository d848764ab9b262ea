"""Segments by needs for a known number of segments: scoring and mixture in one estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import ClusterMixin
from sklearn.utils.validation import check_is_fitted

from segment.errors import InvalidInput
from segment.needs.answers import check_answers, check_weights
from segment.needs.scoring import contrast_matrix
from segment.parameters import Constraints, OfTables, at_least, check_parameters
from segment.progress import telling
from segment.segments.mixtures import TiedMixture
from segment.segments.reading import Reading, mapped, name_features

FloatArray = npt.NDArray[np.float64]


class NeedsMixture(ClusterMixin, OfTables):
    """From answers to segments of people with like needs, whatever their response style.

    Answers become style-free need scores (``segment.needs.NeedScorer``: the person's level is taken out); a Gaussian
    mixture with one covariance for all segments is fitted to their orthonormal contrasts, with each person's stretch
    of the scale integrated out (``TiedMixture``). Fitted on usable people; everyone gets a segment.

    Parameters
    ----------
    n_components
        Number of segments.
    n_init
        Starts.
    random_state
        Seed.
    need_map, scales
        As `fit` takes them, for who fits without them: a ``Pipeline``, ``cross_val_score``, ``GridSearchCV``.
    verbose
        1: every step of the fit is said in a line; 0: none.

    Attributes
    ----------
    feature_names_in_, n_features_in_ : codes of the items it was given, and how many
    labels_ : ndarray (n,), 0 the largest segment
    need_profiles_ : DataFrame, segments x needs, style-free mean scores in answer units
    weights_, log_likelihood_, bic_, n_reached_, stretch_sd_ : as in ``TiedMixture``

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pattern = np.repeat([[5.0, 5, 2, 2], [2, 2, 5, 5]], [60, 40], axis=0)
    >>> items = pd.DataFrame(pattern + rng.integers(-1, 1, (100, 4)), columns=["p1", "p2", "m1", "m2"])
    >>> needs = {"p1": "pay", "p2": "pay", "m1": "meaning", "m2": "meaning"}
    >>> np.bincount(NeedsMixture(2).fit(items, needs).labels_).tolist()
    [60, 40]
    """

    _parameter_constraints: ClassVar[Constraints] = {
        "n_components": at_least(1),
        "n_init": at_least(1),
        "random_state": ["random_state"],
        "need_map": [Mapping, None],
        "scales": [Mapping, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_init: int = 10,
        random_state: int | None = 0,
        need_map: Mapping[str, str] | None = None,
        scales: Mapping[str, tuple[float, float]] | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.n_init = n_init
        self.random_state = random_state
        self.need_map = need_map
        self.scales = scales
        self.verbose = verbose

    def fit(
        self,
        items: pd.DataFrame,
        need_map: Mapping[str, str] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        *,
        scales: Mapping[str, tuple[float, float]] | None = None,
    ) -> NeedsMixture:
        """Fit to answers (people x codes, NaN = not answered) and a map from code to need.

        Parameters
        ----------
        items
            People x codes, NaN = not answered.
        need_map
            Code to need; at least two needs. None: that of the estimator.
        sample_weight
            One weight per person, any scale; None: one each.
        scales
            Lowest and highest answer per code; None: those of the estimator, else one scale for all.

        Raises
        ------
        InvalidInput
            When fewer than two needs have answers, or fewer usable people than segments.
        """
        check_parameters(self)
        tell = telling(self)
        need_map, scales = mapped(need_map, self.need_map), mapped(scales, self.scales)
        answers = check_answers(items)
        weight = check_weights(sample_weight, len(answers))
        name_features(self, items)
        self._reading = Reading(items, need_map, weight=weight, scales=scales, choice_weight=0.0)
        if self._reading.scorer is None:
            raise InvalidInput(
                "Segments by needs compare needs with each other.",
                expected="items of at least two needs",
                advice="LatentClass works on single items",
            )
        material = self._reading.read(items, weight)
        usable = np.flatnonzero(self._reading.usable(items) & (weight > 0))
        if len(usable) < max(self.n_components, 2):
            raise InvalidInput(
                "There are fewer usable people than segments.",
                expected=f"at least {max(self.n_components, 2)} people who answered 60 % and not all the same",
                came=f"{len(usable)}",
            )
        tell("answers read")
        fitted = material.take(usable)
        model = TiedMixture(self.n_components, n_init=self.n_init, random_state=self.random_state)
        self.mixture_ = model.fit(fitted.scores, sample_weight=fitted.weight, rest=fitted.rest)
        tell(f"mixture of {self.n_components} fitted, in {model.n_iter_} steps from the best of {self.n_init} starts")
        self.weights_, self.stretch_sd_ = model.weights_, model.stretch_sd_
        self.log_likelihood_, self.bic_, self.n_reached_ = model.log_likelihood_, model.bic_, model.n_reached_
        self.need_profiles_ = need_profiles(model.means_, self._reading)
        self.labels_ = self.predict(items)
        return self

    def predict_proba(self, items: pd.DataFrame) -> FloatArray:
        """Membership of each person in each segment; new people do not move old ones.

        Parameters
        ----------
        items
            People x codes: answers on the scales it was fitted with, NaN = not answered.
        """
        check_is_fitted(self, "mixture_")
        material = self._reading.read(items, np.ones(len(items)))
        return self.mixture_.predict_proba(material.scores, rest=material.rest)

    def predict(self, items: pd.DataFrame) -> npt.NDArray[np.intp]:
        """Most probable segment per person.

        Parameters
        ----------
        items
            People x codes: answers on the scales it was fitted with, NaN = not answered.
        """
        return np.asarray(self.predict_proba(items).argmax(axis=1))

    def score_samples(self, items: pd.DataFrame) -> FloatArray:
        """Log-likelihood of each person's need scores, shape (n,).

        Parameters
        ----------
        items
            People x codes: answers on the scales it was fitted with, NaN = not answered.
        """
        check_is_fitted(self, "mixture_")
        material = self._reading.read(items, np.ones(len(items)))
        return self.mixture_.score_samples(material.scores, rest=material.rest)

    def score(self, items: pd.DataFrame, y: object = None) -> float:  # noqa: ARG002 - scikit-learn's signature
        """Mean log-likelihood per person of new people: higher is better, as ``cross_val_score`` takes it.

        Parameters
        ----------
        items
            People x codes: answers on the scales it was fitted with, NaN = not answered.
        y
            Not used.
        """
        return float(self.score_samples(items).mean())


def need_profiles(contrast_means: FloatArray, reading: Reading) -> pd.DataFrame:
    """Segment means back from contrasts to needs: segments x needs, rows summing to zero."""
    if reading.scorer is None:
        raise InvalidInput("There are no need scores.", advice="give a need map")
    needs = reading.scorer.needs_
    return pd.DataFrame((contrast_means - reading.origin) @ contrast_matrix(len(needs)), columns=needs)
