"""What a family of models is that describes an organisation's segments: one small interface for all of them."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from segment.disclosure.crowds import FEWEST_CARRYING
from segment.errors import InvalidInput
from segment.segments.carried import CarriedAnswers, carriers
from segment.segments.mixtures import Crowd
from segment.segments.strongest import StrongestNeed

FloatArray = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
#: What a family knows of people before it asks for a number of segments.
Known = Crowd | CarriedAnswers


@dataclass(frozen=True)
class Material:
    """What a family may look at: one row per person everywhere.

    Attributes
    ----------
    items
        Answers, NaN = not answered.
    weight
        One per person.
    contrasts, rest, stretch
        Style-free scores in orthonormal coordinates, the scatter around the person's own need means (sum of squares,
        degrees of freedom), and the person's shrunken spread; None when items belong to no needs.
    """

    items: FloatArray
    weight: FloatArray
    contrasts: FloatArray | None = None
    rest: FloatArray | None = None
    stretch: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.weight)

    def take(self, rows: Rows) -> Material:
        """The same for some of the people."""
        if self.contrasts is None or self.rest is None or self.stretch is None:
            return Material(self.items[rows], self.weight[rows])
        return Material(self.items[rows], self.weight[rows], self.contrasts[rows], self.rest[rows], self.stretch[rows])

    @property
    def scores(self) -> FloatArray:
        """The contrasts, which must be there.

        Raises
        ------
        InvalidInput
            When items belong to no needs.
        """
        if self.contrasts is None:
            raise InvalidInput("There are no need scores.", advice="give a need map")
        return self.contrasts

    def with_scores(self, contrasts: FloatArray) -> Material:
        """The same people with other scores."""
        return replace(self, contrasts=contrasts)


class Estimator(Protocol):
    """What a fitted estimator of any family knows."""

    n_components: int
    weights_: FloatArray
    log_likelihood_: float
    n_parameters_: int
    bic_: float
    n_reached_: int

    def again(self, X: FloatArray, sample_weight: FloatArray) -> Estimator:
        """A copy that is fitted to these people from where it stands: its segments keep their places."""
        ...

    def recentre(self, segment: int, people: FloatArray, share: float) -> None:
        """Put a segment at the mean of these people, with this share."""
        ...

    def coarsen(self, people: float) -> None:
        """Keep of every figure what so many people allow."""
        ...


class Candidate(ABC):
    """One family of models at one number of segments.

    A subclass says what it looks at (``basis``) and turns a ``Material`` into its estimator's arguments; fitting,
    memberships and likelihood then have one form for every family.

    Parameters
    ----------
    k
        Number of segments.
    n_starts
        Starts of the fit.
    seed
        Seed of the starts.
    quick
        Stop earlier: for trials, where many fits are compared and none is reported.
    """

    name: ClassVar[str]
    basis: ClassVar[str]  # "needs": style-free need scores; "items": answers as they were given
    special_case_of: ClassVar[str] = ""  # the more general family this one is a special case of
    place: ClassVar[int] = 100  # where it stands when a tie is settled: the lowest goes first

    def __init__(self, k: int, *, n_starts: int = 10, seed: int = 0, quick: bool = False) -> None:
        self.k, self.n_starts, self.seed, self.quick = k, n_starts, seed, quick
        self.model: Estimator = self._new()

    @abstractmethod
    def _new(self) -> Estimator:
        """An estimator that is not fitted yet."""

    @abstractmethod
    def fit(self, material: Material) -> Candidate:
        """Fit to these people; returns itself."""

    def crowd(self, material: Material) -> Known | None:  # noqa: ARG002 - most families have nothing to say
        """What does not depend on the number of segments, found out once for several fits to these people."""
        return None

    def fit_within(self, crowd: Known | None, material: Material) -> Candidate:  # noqa: ARG002
        """Fit to these people, of whom ``crowd`` tells what is known; returns itself, as ``fit`` alone would."""
        return self.fit(material)

    def read(self, material: Material) -> tuple[FloatArray, FloatArray]:
        """Memberships and log-likelihood per person."""
        return self.memberships(material), self.log_likelihoods(material)

    @abstractmethod
    def memberships(self, material: Material) -> FloatArray:
        """People x segments, rows summing to one; frozen."""

    @abstractmethod
    def log_likelihoods(self, material: Material) -> FloatArray:
        """Log-likelihood per person; on one footing for families with the same basis of scores."""

    @abstractmethod
    def looked_at(self, material: Material) -> FloatArray:
        """What centres are made of: people x scores or answers."""

    def filled(self, material: Material) -> Candidate:
        """Segments that fewer than ten of these people carry, put at the mean of their ten likeliest; returns itself.

        A model that is kept holds nobody's own answers, also where a number of segments was asked for that makes a
        segment of one.
        """
        memberships = self.memberships(material)
        few = np.flatnonzero(memberships.sum(axis=0) < FEWEST_CARRYING)
        told, behind = self.looked_at(material), carriers(memberships)
        for segment in few:
            own = behind[:, segment] > 0
            self.model.recentre(int(segment), told[own], min(1.0, FEWEST_CARRYING / len(material)))
        return self

    def kept(self, material: Material) -> Candidate:
        """As a model may keep what these people, of the fit, told: no segment of a few, and coarse figures; itself.

        Everyone is read by what is kept, so that the study, its saved model and a service agree.
        """
        self.filled(material)
        self.model.coarsen(float(len(material)))
        return self

    def again(self, material: Material) -> Candidate:
        """The same fitted to these people from where it stands, as a new one: segments keep their places."""
        other = copy.copy(self)
        other.model = self.model.again(self.looked_at(material), material.weight)
        return other

    @classmethod
    def most(cls, material: Material) -> int:
        """Most segments that these people can be put into."""
        return len(material)

    @property
    def shares(self) -> FloatArray:
        """What the model thinks of somebody of whom it knows nothing: one share per segment, before any answer."""
        return np.asarray(self.model.weights_)

    def labels(self, material: Material) -> npt.NDArray[np.intp]:
        """Most probable segment per person."""
        return np.asarray(self.memberships(material).argmax(axis=1))


class StrongestNeedCandidate(Candidate):
    """The bundle of needs that stands out most: groups that are made, never found, so never part of the search."""

    name, basis = "strongest_need", "needs"

    @classmethod
    def most(cls, material: Material) -> int:
        result: int = min(len(material), material.scores.shape[1] + 1)
        return result

    def _new(self) -> StrongestNeed:
        return StrongestNeed(self.k)

    def fit(self, material: Material) -> StrongestNeedCandidate:
        self.model = self._new().fit(material.scores, sample_weight=material.weight, rest=material.rest)
        return self

    def memberships(self, material: Material) -> FloatArray:
        result: FloatArray = self.model.predict_proba(material.scores)  # type: ignore[attr-defined]
        return result

    def log_likelihoods(self, material: Material) -> FloatArray:
        result: FloatArray = self.model.score_samples(material.scores)  # type: ignore[attr-defined]
        return result

    def looked_at(self, material: Material) -> FloatArray:
        return material.scores
