"""A number of segments that was asked for is no leave to hand out response style."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.segments import SegmentSelector
from segment.segments.evidence import choose

FIELD = pd.DataFrame(
    {
        "family": ["needs_mixture", "k_means", "latent_class", "intercept_mixture"],
        "k": [5, 5, 5, 5],
        "basis": ["needs", "needs", "items", "items"],
        "failed": ["posterior, one segment, agreement", "posterior, one segment, outdone, agreement", "style", ""],
        "passed": [False, False, False, True],
        "criterion": [900.0, 950.0, 700.0, 800.0],
        "held_out": [-3.0, -3.1, -2.0, -2.1],
        "agreement": [0.4, 0.4, 0.9, 0.8],
    }
)


def test_what_passes_everything_goes_first() -> None:
    assert choose(FIELD, [5], requested=True) == ("intercept_mixture", 5)


def test_style_is_handed_out_last_however_many_gates_the_others_fail() -> None:
    assert choose(FIELD.iloc[:3], [5], requested=True) == ("needs_mixture", 5)


def test_without_any_other_candidate_style_is_handed_out_and_named() -> None:
    assert choose(FIELD.iloc[2:3], [5], requested=True) == ("latent_class", 5)


def test_segments_on_request_in_a_world_of_style_are_no_style() -> None:
    """Everyone wants about the same, and answers high or low: of three segments on request none is a level."""
    generator = np.random.default_rng(8)
    level, needs = generator.choice([-1.2, 0.0, 1.2], 600), [f"n{number}" for number in range(4)]
    items = pd.DataFrame(
        {
            f"{need}_{question}": (3 + level + 0.7 * generator.normal(size=600)).round().clip(1, 5)
            for need in needs
            for question in range(3)
        }
    )
    selector = SegmentSelector(3, n_splits=2, null_draws=2, n_starts=2, random_state=0)
    selector.fit(items, {code: code.split("_")[0] for code in items})
    assert selector.n_segments_ == 3 and selector.style_share_ < 0.25
