"""A small organisation with answers of every kind, for the tests of the relationship."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.tables.codebook import Codebook, read_codebook

SCALES = {
    "imp5": (1, 5), "true5": (1, 5), "prom5": (1, 5), "kept5": (1, 5), "mom5": (1, 5), "rank6": (1, 6), "0-10": (0, 10),
    "yesno": (0, 1), "pick3of12": (0, 1), "pick1": (1, 99),
}  # fmt: skip


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    file = Path(__file__).parents[2] / "configs" / "codebooks" / "relation.csv"
    return read_codebook(file, scales=SCALES)


@pytest.fixture(scope="session")
def assignments() -> pd.DataFrame:
    """Two waves of 240 people in three segments."""
    people = [f"p{number:03d}" for number in range(240)]
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "person": people * 2,
            "wave": ["2023"] * 240 + ["2024"] * 240,
            "segment": rng.choice([0, 1, 2], 480, p=[0.5, 0.3, 0.2]),
        }
    )


@pytest.fixture(scope="session")
def responses(codebook: Codebook, assignments: pd.DataFrame) -> pd.DataFrame:
    """Answers to every single item, with weights and gaps."""
    rng = np.random.default_rng(4)
    n = len(assignments)
    answers: dict[str, object] = {"person": assignments["person"], "wave": assignments["wave"]}
    answers["weight"] = rng.uniform(0.5, 3.0, n)
    for item in codebook.items:
        if item.scale in {"true5", "prom5", "kept5", "mom5", "imp5", "0-10", "yesno"}:
            given = rng.integers(int(item.low), int(item.high) + 1, n).astype(float)
            answers[item.code] = np.where(rng.random(n) < 0.1, np.nan, given)
    moments = [item.code for item in codebook.of_kind("moment")]
    picks = np.array(moments, dtype=object)[rng.integers(0, len(moments), n)]
    answers["J_weight"] = np.where(rng.random(n) < 0.1, None, picks)
    return pd.DataFrame(answers)
