"""Centres of need scores as a family that competes."""

from __future__ import annotations

import numpy as np

from segment.segments.candidates import Candidate, FloatArray, Material
from segment.segments.centres import NeedCentres
from segment.segments.mixtures import TiedMixture


class NeedCentresCandidate(Candidate):
    """k-means on style-free scores divided by the person's shrunken spread."""

    name, basis, special_case_of = "k_means", "needs", "needs_mixture"
    place = 2

    def _new(self) -> NeedCentres:
        return NeedCentres(self.k, n_init=self.n_starts, random_state=self.seed)

    def fit(self, material: Material) -> NeedCentresCandidate:
        self.model = self._new().fit(_divided(material), sample_weight=material.weight)
        self._mixture = self._mixed(material)
        return self

    def again(self, material: Material) -> NeedCentresCandidate:
        other = super().again(material)
        assert isinstance(other, NeedCentresCandidate)
        other._mixture = other._mixed(material)
        return other

    def kept(self, material: Material) -> NeedCentresCandidate:
        super().kept(material)
        self._mixture = self._mixed(material)
        self._mixture.coarsen(float(len(material)))
        return self

    def _mixed(self, material: Material) -> TiedMixture:
        """The mixture that these centres are a special case of."""
        model: NeedCentres = self.model  # type: ignore[assignment]
        stretch = material.stretch if material.stretch is not None else np.ones(len(material))
        rest = material.rest if material.rest is not None else np.zeros((len(material), 2))
        degrees = float(material.weight @ rest[:, 1])
        scatter = float(material.weight @ (rest[:, 0] / stretch**2))
        return TiedMixture.round_segments(
            model.means_,
            model.variance_,
            stretch_sd=float(np.log(stretch).std()),
            rest_variance=max(scatter / degrees, 1e-9) if degrees > 0 else 1.0,
            information=degrees / float(material.weight.sum()) + model.means_.shape[1],
        )

    def memberships(self, material: Material) -> FloatArray:
        result: FloatArray = self.model.predict_proba(_divided(material))  # type: ignore[attr-defined]
        return result

    def log_likelihoods(self, material: Material) -> FloatArray:
        return self._mixture.score_samples(material.scores, rest=material.rest)

    @property
    def shares(self) -> FloatArray:
        """Equal: somebody belongs to the nearest centre, however few people do."""
        return np.full(self.k, 1 / self.k)

    def looked_at(self, material: Material) -> FloatArray:
        return _divided(material)


def _divided(material: Material) -> FloatArray:
    stretch = material.stretch if material.stretch is not None else np.ones(len(material))
    return np.asarray(material.scores / stretch[:, None])


FAMILY = NeedCentresCandidate
