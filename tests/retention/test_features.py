"""The plan of attributes: frozen, complete, and the same for everyone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention.features import SHARE_STEP, plan_features
from segment.retention.splines import b_spline, restricted_cubic_spline


def test_terms_match_columns_and_owners(world) -> None:
    plan = plan_features(world.X)
    Z = plan.linear(world.X)
    assert Z.shape == (len(world.X), len(plan.terms)) and len(plan.owner) == len(plan.penalties) == len(plan.terms)
    assert np.isfinite(Z).all()
    np.testing.assert_allclose(Z.mean(axis=0), plan.term_means, atol=SHARE_STEP / 2 + 1e-9)  # no nearer
    assert plan.trees(world.X).shape == (len(world.X), 3) and plan.categorical == [2]


def test_new_people_do_not_move_the_plan(world) -> None:
    plan = plan_features(world.X)
    one = world.X.iloc[[7]]
    np.testing.assert_array_equal(plan.linear(one), plan.linear(world.X)[[7]])
    np.testing.assert_array_equal(plan.trees(one), plan.trees(world.X)[[7]])


def test_dtypes_that_say_the_same_give_the_same() -> None:
    plain = pd.DataFrame({"n": [1.0, 2.0, np.nan] * 10, "c": ["a", "b", None] * 10})
    other = pd.DataFrame({"n": pd.array([1, 2, None] * 10, dtype="Int64"), "c": pd.Categorical(["a", "b", None] * 10)})
    np.testing.assert_array_equal(plan_features(plain).linear(plain), plan_features(other).linear(other))
    np.testing.assert_array_equal(plan_features(plain).trees(plain), plan_features(other).trees(other))


def test_booleans_constants_and_empty_columns_are_fine() -> None:
    X = pd.DataFrame({"b": [True, False] * 10, "k": 3.0, "e": np.nan})
    assert np.isfinite(plan_features(X).linear(X)).all()


def test_rare_levels_share_a_term() -> None:
    X = pd.DataFrame({"c": ["big"] * 400 + ["small"] * 9 + ["tiny"]})
    plan = plan_features(X)
    assert plan.terms == ("c: big", "c: rare levels")
    assert plan.linear(X).sum(axis=0).tolist() == [400, 10]


def test_what_fewer_than_ten_people_carry_is_not_in_the_plan() -> None:
    """A level, a step, an end, a gap: each needs ten people, whatever the number of their rows."""
    rows = 60
    X = pd.DataFrame(
        {
            "level": ["A"] * 50 + ["Zwaluwstaart"] * 9 + [None],
            "step": [1.0] * 20 + [2.0] * 31 + [3.0] * 9,
            "pay": [*np.linspace(2_000, 4_000, 59), 987654.3],
            "gap": [np.nan] * 9 + [0.0, 1.0, 2.0] * 17,
            "three": [1.0] * 3 + [np.nan] * 57,
        }
    )
    plan = plan_features(X)
    level, step, pay, gap, three = plan.attributes
    assert (level.levels, level.pooled, level.gaps) == (("A",), False, False)
    assert step.middle + step.scale * step.high == pytest.approx(2.0, abs=0.05 * step.scale)
    assert pay.middle + pay.scale * pay.high < 4_000
    assert not gap.gaps and three.gaps and three.high == three.low == 0.0
    assert np.isfinite(plan.linear(X)).all() and plan.trees(X)[-1, 2] == plan.trees(X)[-2, 2]
    half = plan_features(X, np.arange(rows) // 2)
    assert half.attributes[0].levels == ("A",) and half.attributes[2].high < pay.high


def test_spline_is_straight_beyond_its_knots() -> None:
    x = np.linspace(3, 9, 50)
    bends = restricted_cubic_spline(x, (0.0, 1.0, 2.0, 3.0))
    np.testing.assert_allclose(np.diff(bends, n=2, axis=0), 0, atol=1e-9)
    assert (restricted_cubic_spline(np.array([-5.0]), (0.0, 1.0, 2.0)) == 0).all()


def test_b_splines_are_flat_beyond_their_knots() -> None:
    bends = b_spline(np.array([-50.0, -1.0, 2.0, 50.0]), (-1.0, 0.0, 2.0))
    np.testing.assert_allclose(bends.sum(axis=1), 1)
    np.testing.assert_allclose(bends[[0, 3]], bends[[1, 2]])


def test_a_wide_table_bends_by_squares_only() -> None:
    rng = np.random.default_rng(0)
    wide = pd.DataFrame({f"item {k}": rng.integers(1, 6, 200) for k in range(41)})
    assert len(plan_features(wide).terms) == 82
    assert len(plan_features(wide.iloc[:, :40]).terms) == 240


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="must be a table"):
        plan_features(np.ones((2, 2)))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="name of its own"):
        plan_features(pd.DataFrame({0: [1.0]}))
    plan = plan_features(pd.DataFrame({"n": [1.0, 2.0]}))
    with pytest.raises(InvalidInput, match="no longer is"):
        plan.linear(pd.DataFrame({"n": ["x", "y"]}))
