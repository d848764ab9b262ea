"""How well a segmentation describes people it has not seen, person by person: what two of them are compared by.

People are dealt into two halves in the same way whatever the settings; each half is described by segments learned from
the other. So two segmentations of the same answers are held against each other on the same people, in pairs.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from segment.segments.candidates import Candidate, Material
from segment.segments.checking import Floats
from segment.segments.families import FAMILIES
from segment.segments.selection import SegmentSelector
from segment.segments.trials import HALF

_STARTS = 3
#: What stands for one segment, by what a family looks at.
_ONE = {"needs": "needs_mixture", "items": "latent_class"}


def unseen_likelihood(selector: SegmentSelector, material: Material, *, random_state: int = 0) -> pd.DataFrame:
    """Log-likelihood of people under segments, and under one segment, both learned from the other half.

    Parameters
    ----------
    selector
        A fitted selector.
    material
        The people of its fit, read by it (``selector.reading_.read``).
    random_state
        Seed of the fits' starts; who is in which half does not depend on it.

    Returns
    -------
    DataFrame
        One row per person, 5,000 at most: ``row`` (place in ``material``), ``own`` and ``one`` (log-likelihood under
        the segments and under one), ``footing`` (rows with the same footing can be compared with each other).

    Examples
    --------
    >>> from segment.segments import SegmentSelector
    >>> rng = np.random.default_rng(0)
    >>> items = pd.DataFrame(rng.integers(1, 6, (60, 4)), columns=["p1", "p2", "m1", "m2"])
    >>> selector = SegmentSelector(range(2, 4)).fit(items, {"p1": "pay", "p2": "pay", "m1": "meaning", "m2": "meaning"})
    >>> found = unseen_likelihood(selector, selector.reading_.read(items, np.ones(60)))
    >>> len(found), bool((found["own"] == found["one"]).all())
    (60, True)
    """
    people = np.flatnonzero(selector.usable_)
    order = people[np.random.default_rng(0).permutation(len(people))]
    half = min(len(order) // 2, HALF)
    if half < max(2, selector.n_segments_):
        return pd.DataFrame({"row": [], "own": [], "one": [], "footing": []})
    sides = order[:half], order[half : 2 * half]
    parts = [material.take(rows) for rows in sides]
    basis = "items" if material.contrasts is None else "needs"
    if selector.candidate_ is not None:
        basis = selector.candidate_.basis
    one = _told(FAMILIES[_ONE[basis]], 1, parts, random_state)
    own = one
    if selector.candidate_ is not None:
        own = _told(type(selector.candidate_), selector.n_segments_, parts, random_state)
    looked_at = material.items if basis == "items" else material.scores
    digest = hashlib.sha256(np.ascontiguousarray(np.round(looked_at, 6)).tobytes()).hexdigest()[:16]
    found = pd.DataFrame({"row": np.concatenate(sides), "own": own, "one": one, "footing": f"{basis} {digest}"})
    return found.sort_values("row", ignore_index=True)


def _told(family: type[Candidate], k: int, parts: list[Material], seed: int) -> Floats:
    """Log-likelihood of both halves, each under segments of the other."""
    fits = [family(k, n_starts=_STARTS, seed=seed, quick=True).fit(part) for part in parts]
    return np.concatenate([fits[1].log_likelihoods(parts[0]), fits[0].log_likelihoods(parts[1])])
