"""The mixture on single answers with a level per person as a family that competes."""

from __future__ import annotations

from segment.segments.families.latent_class import LatentClassCandidate
from segment.segments.intercept_mixture import InterceptMixture


class InterceptMixtureCandidate(LatentClassCandidate):
    """Mixture on single items with the person's own level integrated out."""

    name, basis = "intercept_mixture", "items"
    place = 4

    def _new(self) -> InterceptMixture:
        most, tolerance = (60, 1e-5) if self.quick else (600, 1e-6)
        return InterceptMixture(self.k, n_init=self.n_starts, max_iter=most, tol=tolerance, random_state=self.seed)


FAMILY = InterceptMixtureCandidate
