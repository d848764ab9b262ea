"""Latent classes on single answers as a family that competes."""

from __future__ import annotations

from segment.segments.candidates import Candidate, FloatArray, Known, Material
from segment.segments.carried import CarriedAnswers
from segment.segments.latent_class import LatentClass


class LatentClassCandidate(Candidate):
    """Latent classes on the answers as ten people or more gave them."""

    name, basis = "latent_class", "items"
    place = 3

    def _new(self) -> LatentClass:
        most, tolerance = (100, 1e-5) if self.quick else (2000, 1e-7)
        return LatentClass(self.k, n_init=self.n_starts, max_iter=most, tol=tolerance, random_state=self.seed)

    def fit(self, material: Material) -> LatentClassCandidate:
        return self.fit_within(None, material)

    def crowd(self, material: Material) -> CarriedAnswers:
        return CarriedAnswers.of(material.items)

    def fit_within(self, crowd: Known | None, material: Material) -> LatentClassCandidate:
        self._carried = crowd if isinstance(crowd, CarriedAnswers) else self.crowd(material)
        self.model = self._new().fit(self.looked_at(material), sample_weight=material.weight)
        return self

    def read(self, material: Material) -> tuple[FloatArray, FloatArray]:
        result: tuple[FloatArray, FloatArray] = self.model.read(self.looked_at(material))  # type: ignore[attr-defined]
        return result

    def memberships(self, material: Material) -> FloatArray:
        result: FloatArray = self.model.predict_proba(self.looked_at(material))  # type: ignore[attr-defined]
        return result

    def log_likelihoods(self, material: Material) -> FloatArray:
        result: FloatArray = self.model.score_samples(self.looked_at(material))  # type: ignore[attr-defined]
        return result

    def looked_at(self, material: Material) -> FloatArray:
        return self._carried.read(material.items)


FAMILY = LatentClassCandidate
