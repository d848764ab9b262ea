"""An imagined person per segment: what it says more and less of, whatever its level, and never one person's answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.segments.exemplars import LESS, MORE, exemplars

NEEDS = ("pay", "social", "growth", "hours", "meaning", "rest")


def survey(level=(0.0, 0.0)) -> tuple[pd.DataFrame, np.ndarray, dict[str, str]]:
    """Two segments: the first about pay and hours, the second about the others; each with a level of its own."""
    rng = np.random.default_rng(1)
    segment = np.repeat([0, 1], [120, 80])
    tilt = np.array([[1.0, -0.6, -0.4, 0.8, -0.5, -0.3], [-0.9, 0.7, 0.5, -0.8, 0.4, 0.1]])
    answers = 3 + np.repeat(tilt[segment], 2, axis=1) + np.array(level)[segment][:, None]
    answers = answers + rng.normal(0, 0.5, answers.shape)
    answers[rng.random(answers.shape) < 0.05] = np.nan
    codes = [f"{need}{j}" for need in NEEDS for j in (1, 2)]
    return pd.DataFrame(answers, columns=codes), np.eye(2)[segment], {code: code[:-1] for code in codes}


def test_more_and_less_come_from_the_needs_that_stand_out():
    found = exemplars(*survey())
    sides = {key: set(rows["need"]) for key, rows in found.groupby(["segment", "side"])}
    assert {"pay", "hours"} <= sides[0, "more"] and "social" in sides[0, "less"]
    assert {"social", "growth"} <= sides[1, "more"] and sides[1, "less"] == {"pay", "hours"}
    assert all(
        len(rows) <= {"more": MORE, "less": LESS}[side] for (_, side), rows in found.groupby(["segment", "side"])
    )
    assert not found.duplicated(["segment", "need"]).any()


def test_a_segment_that_scores_everything_high_says_the_same_things():
    plain, lifted = exemplars(*survey()), exemplars(*survey(level=(1.0, 0.0)))
    both = plain.merge(lifted, on=["segment", "need"])
    assert (both["side_x"] == both["side_y"]).all() and len(both) >= len(plain) - 1
    means = ["mean", "overall"]  # a level may bring a segment's mean to everyone's: that question then says nothing
    assert (lifted[means].round(1).nunique(axis=1) == 2).all()


def test_means_are_those_of_the_segment_and_doubling_weights_changes_nothing():
    items, memberships, needs = survey()
    found = exemplars(items, memberships, needs).iloc[0]
    own = items.loc[:119, found["item"]]
    assert found["mean"] == own.mean() or abs(found["mean"] - own.mean()) < 1e-12
    assert found["n"] == own.notna().sum()
    doubled = exemplars(items, memberships, needs, sample_weight=np.full(200, 2.0))
    pd.testing.assert_frame_equal(doubled, exemplars(items, memberships, needs))


def test_questions_without_a_need_are_left_out_and_alike_segments_say_nothing():
    items, memberships, needs = survey()
    found = exemplars(items.assign(comment=1.0), memberships, needs)
    assert "comment" not in set(found["item"])
    alike = exemplars(items.fillna(3.0) * 0 + 3.0, memberships, needs)
    assert alike.empty


def test_a_question_that_everybody_answered_alike_tells_nobody_apart():
    """Where a segment answers higher throughout, one that all answered alike would be less of it than any other."""
    items, memberships, needs = survey(level=(1.0, 0.0))
    told = exemplars(items.assign(same=4.0, gaps=[3.0, np.nan] * 100), memberships, needs | {"same": "x", "gaps": "y"})
    pd.testing.assert_frame_equal(told, exemplars(items, memberships, needs))


def test_what_is_called_more_or_less_is_another_figure_as_it_is_shown():
    items, memberships, needs = survey(level=(0.6, 0.0))
    rng = np.random.default_rng(2)
    near = items.assign(near=3 + np.tile([-1.0, 1.0], 100) + rng.normal(0, 0.01, 200))
    for digits in (1, 2):
        found = exemplars(near, memberships, needs | {"near": "nearness"}, digits=digits)
        assert len(found) and (found["mean"].round(digits) != found["overall"].round(digits)).all()
