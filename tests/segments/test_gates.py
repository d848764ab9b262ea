"""What counts as response style: how far people stretch the scale, never which questions of a need they choose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.segments.families import FAMILIES
from segment.segments.gates import Showing, show
from segment.segments.reading import Reading

NEED_MAP = {f"{need}{number}": need for need in ("pay", "social", "growth") for number in range(4)}


def shown(family: str, answers: np.ndarray, *, missing: float = 0.0) -> Showing:
    rng = np.random.default_rng(4)
    answers = np.where(rng.random(answers.shape) < missing, np.nan, answers)
    items, weight = pd.DataFrame(answers, columns=list(NEED_MAP)), np.ones(len(answers))
    reading = Reading(items, NEED_MAP, weight=weight, scales=None, choice_weight=0.3)
    material = reading.read(items, weight, None)
    return show(FAMILIES[family], material, reading.level(material), 2, 5, 1)


def rounded(propensity: np.ndarray) -> np.ndarray:
    return np.clip(np.round(propensity), 1, 5)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("family", ["latent_class", "intercept_mixture"])
def test_choosing_other_questions_of_the_same_need_is_content_for_segments_made_of_questions(family, missing):
    rng = np.random.default_rng(1)
    pattern = np.vstack([np.tile([3, 3, 3, 3], (300, 3)), np.tile([4.2, 1.8, 4.2, 1.8], (100, 3))])
    seen = shown(family, rounded(pattern + rng.normal(0, 0.5, pattern.shape)), missing=missing)
    assert seen.smallest_share == pytest.approx(0.25, abs=0.02)
    assert seen.spread_share < 0.1 and seen.style_share < 0.1


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_a_group_that_only_stretches_the_scale_is_style(missing):
    rng = np.random.default_rng(2)
    stretch = np.repeat([0.4, 2.5], [240, 160])[:, None]
    seen = shown("latent_class", rounded(3 + stretch * rng.normal(size=(400, 12))), missing=missing)
    assert seen.smallest_share == pytest.approx(0.4, abs=0.05)
    assert seen.spread_share > 0.25


@pytest.mark.parametrize("size", [1, 3])
def test_people_with_hardly_any_answers_are_no_trouble(size):
    rng = np.random.default_rng(3)
    answers = rounded(3 + rng.normal(size=(200, 12)))
    answers[:20, size:] = np.nan
    assert np.isfinite(shown("latent_class", answers).spread_share)
