"""Inputs nobody would wish for: a clear refusal or a valid answer, never NaN and never a traceback."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.segments import SegmentSelector


def awkward(generator: np.random.Generator) -> tuple[pd.DataFrame, dict[str, str] | None, np.ndarray | None]:
    """One input nobody would wish for: constant items, one answer per person, few people, extreme weights, one need."""
    n, needs, per_need = int(generator.integers(1, 160)), int(generator.integers(1, 5)), int(generator.integers(1, 4))
    top = int(generator.choice([2, 5, 7]))
    answers = generator.integers(1, top + 1, (n, needs * per_need)).astype(float)
    kind = generator.choice(["plain", "constant", "one answer", "mostly missing", "alike", "twins", "huge"])
    if kind == "constant":
        answers[:, generator.random(answers.shape[1]) < 0.6] = 3.0
    elif kind == "one answer":
        answers[np.arange(answers.shape[1]) != generator.integers(0, answers.shape[1], n)[:, None]] = np.nan
    elif kind == "mostly missing":
        answers[generator.random(answers.shape) < 0.8] = np.nan
    elif kind == "alike":
        answers[:] = generator.integers(1, top + 1)
    elif kind == "twins":
        answers = answers[generator.integers(0, min(3, n), n)]
    elif kind == "huge":
        answers[generator.random(answers.shape) < 0.05] = 1e9
    codes = [f"q{number}" for number in range(answers.shape[1])]
    need_map = {code: f"need{number // per_need}" for number, code in enumerate(codes)}
    weight = generator.choice([None, "even", "extreme", "some zero", "bad"])
    weights = {
        None: None, "even": np.ones(n), "extreme": 10.0 ** generator.uniform(-9, 9, n),
        "some zero": generator.integers(0, 2, n).astype(float), "bad": np.full(n, -1.0),
    }[weight]  # fmt: skip
    return pd.DataFrame(answers, columns=codes), need_map if generator.random() < 0.8 else None, weights


def fuzz(seed: int, count: int) -> pd.DataFrame:
    """A clear refusal or a valid answer for every awkward input, never NaN and never a traceback."""
    outcomes = {"refused in words": 0, "one segment": 0, "segments": 0, "NaN or wrong shape": 0, "traceback": 0}
    for number in range(count):
        generator = np.random.default_rng([seed, number])
        items, need_map, weight = awkward(generator)
        family = str(generator.choice(["needs_mixture", "k_means", "latent_class", "intercept_mixture"]))
        selector = SegmentSelector(
            int(generator.integers(1, 5)), families=(family,), n_splits=1, n_starts=1, null_draws=1
        )
        try:
            chances = selector.fit(items, need_map, weight).predict_proba(items)
        except ValueError as refusal:
            known = type(refusal).__module__ == "segment.errors"
            outcomes["refused in words" if known else "traceback"] += 1
        except Exception:
            outcomes["traceback"] += 1
        else:
            right = chances.shape == (len(items), selector.n_segments_) and np.allclose(chances.sum(axis=1), 1)
            outcomes[
                "NaN or wrong shape" if not right else "segments" if selector.n_segments_ > 1 else "one segment"
            ] += 1
    return pd.DataFrame([outcomes])
