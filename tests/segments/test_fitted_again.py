"""A model that is fitted again from where it stands: the same people leave it there, its segments keep their places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.segments.candidates import Candidate, Material
from segment.segments.families import DIVISIONS, FAMILIES, family_named
from segment.segments.reading import Reading

NEEDS = {f"{need}{k}": need for need in ("pay", "team", "time", "growth") for k in (1, 2, 3)}
N = 400


@pytest.fixture(scope="module")
def material() -> Material:
    """Three kinds of people, each with a need of its own."""
    rng = np.random.default_rng(5)
    middle = np.full((N, len(NEEDS)), 2.6)
    middle[np.arange(N)[:, None], 3 * rng.integers(0, 3, N)[:, None] + np.arange(3)] += 1.7
    items = pd.DataFrame(np.clip(np.round(middle + rng.normal(0, 0.8, middle.shape)), 1, 5), columns=list(NEEDS))
    return Reading(items, NEEDS, weight=np.ones(N), scales=None, choice_weight=0.0).read(items, np.ones(N))


def reweighted(material: Material, factors: np.ndarray) -> Material:
    parts = (material.items, material.weight * factors, material.contrasts, material.rest, material.stretch)
    return Material(*parts)


@pytest.fixture(params=[*FAMILIES, *DIVISIONS])
def fitted(request: pytest.FixtureRequest, material: Material) -> Candidate:
    return family_named(request.param)(3, n_starts=4, seed=1).fit(material)


def test_the_same_people_leave_it_where_it_is(fitted: Candidate, material: Material) -> None:
    again = fitted.again(material)
    assert again is not fitted and type(again) is type(fitted)
    assert np.abs(again.memberships(material) - fitted.memberships(material)).max() < 0.02


def test_other_weights_move_it_a_little_and_every_segment_keeps_its_place(
    fitted: Candidate, material: Material
) -> None:
    before = fitted.memberships(material)
    again = fitted.again(reweighted(material, np.random.default_rng(3).exponential(size=N)))
    moved = np.abs(again.memberships(material) - before)
    assert (again.memberships(material).argmax(axis=1) == before.argmax(axis=1)).mean() > 0.9
    assert moved.max() > 0 or fitted.name in DIVISIONS
    assert np.array_equal(fitted.memberships(material), before)


def test_everyone_twice_is_everyone_with_double_weight(fitted: Candidate, material: Material) -> None:
    heavy = np.where(np.arange(N) % 3 == 0, 2.0, 1.0)
    twice = material.take(np.concatenate([np.arange(N), np.flatnonzero(heavy == 2.0)]))
    one, other = fitted.again(reweighted(material, heavy)), fitted.again(twice)
    assert np.abs(one.memberships(material) - other.memberships(material)).max() < 1e-3
