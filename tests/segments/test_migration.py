"""Laws of movement between waves, an example by hand, the advice to refit, and every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments.migration import compare_waves, migration_matrix


def _waves(seed: int = 0, n: int = 500, moved: float = 0.2) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    people = [f"p{number}" for number in range(n)]
    then = pd.Series(rng.integers(4, size=n), index=people)
    now = then.where(rng.random(n) > moved, rng.integers(4, size=n))
    return then, now.sample(frac=1, random_state=seed)


def test_shares_add_to_one_per_segment_then_and_intervals_hold_them() -> None:
    then, now = _waves()
    matrix = migration_matrix(then, now)
    assert matrix.groupby("segment_from")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert matrix["n"].sum() == 500
    assert ((matrix["low"] <= matrix["share"]) & (matrix["share"] <= matrix["high"])).all()


def test_nobody_moves_when_nothing_changed_and_doubling_weights_changes_nothing() -> None:
    then, now = _waves(moved=0.0)
    matrix = migration_matrix(then, now)
    stays = matrix["segment_from"] == matrix["segment_to"]
    assert matrix.loc[stays, "share"].to_numpy() == pytest.approx(1.0)
    assert matrix.loc[~stays, "n"].sum() == 0
    weights = pd.Series(np.linspace(0.5, 2, 500), index=then.index)
    pd.testing.assert_frame_equal(
        migration_matrix(then, now, sample_weight=weights), migration_matrix(then, now, sample_weight=2 * weights)
    )


def test_a_matrix_worked_by_hand() -> None:
    then = pd.Series([0, 0, 0, 1, 1], index=list("abcde"))
    now = pd.Series([0, 1, 1, 1, 0], index=list("abcdf"))
    weights = pd.Series([2.0, 1, 1, 1, 1, 1], index=list("abcdef"))
    matrix = migration_matrix(then, now, sample_weight=weights).set_index(["segment_from", "segment_to"])
    assert matrix["n"].to_dict() == {(0, 0): 1, (0, 1): 2, (1, 0): 0, (1, 1): 1}
    assert matrix["share"].to_dict() == pytest.approx({(0, 0): 0.5, (0, 1): 0.5, (1, 0): 0.0, (1, 1): 1.0})
    assert matrix["expected"].to_dict() == pytest.approx({(0, 0): 0.4, (0, 1): 0.6, (1, 0): 0.4, (1, 1): 0.6})
    assert matrix.loc[(1, 1), "ratio"] == pytest.approx(1 / 0.6)


def test_people_and_model_are_told_apart() -> None:
    then, now = _waves(2)
    model = compare_waves(then, now, pd.Series(np.array([3, 2, 1, 0])[now], index=now.index))
    sources = model.sources.set_index("moved")
    assert model.model_agreement == 1.0
    assert sources.loc[["model", "both"], "n"].sum() == 0
    assert sources.loc["people", "n"] == int((now.loc[then.index] != then).sum())
    assert sources["share"].sum() == pytest.approx(1.0)
    assert model.advice.code == "MG000"
    assert model.advice.count == 0


def test_a_model_that_moved_is_advised_against_and_people_are_not_blamed() -> None:
    then, _ = _waves(3)
    shifted = then.where(np.arange(500) % 5 != 0, (then + 1) % 4)
    migration = compare_waves(then, then, shifted)
    sources = migration.sources.set_index("moved")["n"]
    assert sources["people"] == 0
    assert sources["model"] == 100
    assert migration.advice.code == "MG001"
    assert migration.advice.severity == "warning"
    assert migration.advice.count == 100


def test_a_segment_that_came_or_went_is_named() -> None:
    then, now = _waves(4)
    rng = np.random.default_rng(0)
    now = now.where((now != 3) | (rng.random(len(now)) < 0.5), 2)  # segment 3 is the small one
    merged = now.where(now != 3, 0)
    migration = compare_waves(then, now, merged)
    assert migration.advice.code == "MG002"
    assert "3 (gone)" in migration.advice.subject


def test_one_shaky_segment_is_a_note() -> None:
    old = pd.Series(np.repeat([0, 1, 2, 3], [600, 600, 600, 60]))
    new = old.copy()
    new.iloc[1800:1825] = 0  # segment 3 keeps 35 of its 60 people
    new.iloc[:15] = 3  # and gets 15 others: 35 of 75 in either, 0.47
    migration = compare_waves(old, old, new)
    assert migration.model_agreement > 0.7
    assert migration.advice.code == "MG003"
    assert migration.advice.subject == "segment 3"


ONE = pd.Series([0, 1], index=["a", "b"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: migration_matrix(ONE, ONE.rename({"a": "x", "b": "y"})), "Nobody is in both waves"),
        (lambda: migration_matrix(ONE, pd.concat([ONE, ONE])), "people who occur twice"),
        (lambda: migration_matrix(ONE, [0, 1]), "must be a Series indexed by person"),
        (lambda: migration_matrix(ONE, ONE - 1), "whole numbers from 0"),
        (lambda: compare_waves(ONE, ONE, ONE.iloc[:1]), "not applied to the same people"),
        (lambda: compare_waves(ONE, ONE, ONE, keep_from=3), "must lie between 0 and 1"),
    ],
)
def test_refusals_say_what_is_wrong(call, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
