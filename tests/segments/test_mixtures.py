"""What is found out about people once, for fits of several numbers of segments, changes no fit."""

from __future__ import annotations

import numpy as np
import pytest

from segment.segments.candidates import Material
from segment.segments.families import FAMILIES
from segment.segments.gates import show
from segment.segments.stretch_model import largest_of_columns, sum_of_columns, sum_of_rows


def people(n: int = 160) -> Material:
    """People in three groups who stretch the scale differently, with answers, scores, scatter and weights."""
    rng = np.random.default_rng(3)
    stretch = np.exp(0.2 * rng.normal(size=n))
    scores = (2.0 * np.eye(3)[np.arange(n) % 3] + rng.normal(0, 0.5, (n, 3))) * stretch[:, None]
    rest = np.column_stack([stretch**2 * rng.chisquare(8, n), np.full(n, 8.0)])
    items = rng.integers(1, 6, (n, 6)).astype(float)
    return Material(items, rng.uniform(0.5, 2.0, n), scores, rest, stretch)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_fit_within_a_known_crowd_is_the_fit_alone_to_the_last_bit(name: str) -> None:
    family, some = FAMILIES[name], people()
    crowd = family(1, n_starts=2, seed=9, quick=True).crowd(some)
    for k in (1, 2, 3):
        alone = family(k, n_starts=2, seed=k, quick=True).fit(some)
        within = family(k, n_starts=2, seed=k, quick=True).fit_within(crowd, some)
        assert within.memberships(some).tobytes() == alone.memberships(some).tobytes()
        assert within.model.bic_ == alone.model.bic_


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_reading_in_one_go_says_what_memberships_and_likelihoods_say(name: str) -> None:
    fit, some = FAMILIES[name](3, n_starts=2, seed=1, quick=True).fit(people()), people(90)
    memberships, logs = fit.read(some)
    assert memberships.tobytes() == fit.memberships(some).tobytes()
    assert logs.tobytes() == fit.log_likelihoods(some).tobytes()
    assert np.allclose(memberships.sum(axis=1), 1.0)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_a_family_knows_of_people_beforehand_moves_nothing(name: str) -> None:
    family, level = FAMILIES[name], np.random.default_rng(3).normal(size=len(people()))
    known = family(1, n_starts=2).crowd(people())
    alone, within = (show(family, people(), level, 3, 2, 1, crowd) for crowd in (None, known))
    assert alone == within


@pytest.mark.parametrize("columns", [1, 2, 5, 7, 8, 9, 16, 17, 40])
def test_rows_column_by_column_are_rows(columns: int) -> None:
    table = np.random.default_rng(columns).normal(size=(50, columns))
    assert np.array_equal(largest_of_columns(table), table.max(axis=1))
    assert np.allclose(sum_of_columns(table), table.sum(axis=1), rtol=0, atol=1e-12)
    assert sum_of_rows(table).tobytes() == table.sum(axis=1).tobytes()
