"""The mixture on need scores as a family that competes."""

from __future__ import annotations

import copy

from segment.segments.candidates import Candidate, FloatArray, Known, Material
from segment.segments.mixtures import Crowd, TiedMixture


class NeedsMixtureCandidate(Candidate):
    """Tied Gaussian mixture on style-free scores, the person's stretch of the scale integrated out."""

    name, basis = "needs_mixture", "needs"
    place = 1

    def _new(self) -> TiedMixture:
        most, tolerance = (60, 1e-5) if self.quick else (600, 1e-6)
        return TiedMixture(self.k, n_init=self.n_starts, max_iter=most, tol=tolerance, random_state=self.seed)

    def fit(self, material: Material) -> NeedsMixtureCandidate:
        return self.fit_within(None, material)

    def crowd(self, material: Material) -> Crowd:
        return self._new().crowd(material.scores, material.weight, material.rest)

    def fit_within(self, crowd: Known | None, material: Material) -> NeedsMixtureCandidate:
        known = crowd if isinstance(crowd, Crowd) else None
        self.model = self._new().fit(material.scores, sample_weight=material.weight, rest=material.rest, crowd=known)
        return self

    def again(self, material: Material) -> NeedsMixtureCandidate:
        other = copy.copy(self)
        other.model = self.model.again(material.scores, material.weight, rest=material.rest)  # type: ignore[call-arg]
        return other

    def read(self, material: Material) -> tuple[FloatArray, FloatArray]:
        result: tuple[FloatArray, FloatArray] = self.model.read(material.scores, rest=material.rest)  # type: ignore[attr-defined]
        return result

    def memberships(self, material: Material) -> FloatArray:
        result: FloatArray = self.model.predict_proba(material.scores, rest=material.rest)  # type: ignore[attr-defined]
        return result

    def log_likelihoods(self, material: Material) -> FloatArray:
        result: FloatArray = self.model.score_samples(material.scores, rest=material.rest)  # type: ignore[attr-defined]
        return result

    def looked_at(self, material: Material) -> FloatArray:
        return material.scores


FAMILY = NeedsMixtureCandidate
