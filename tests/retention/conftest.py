"""A small organisation with known hazards: left truncation, two causes, missing answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

MONTHS = 240


@dataclass(frozen=True)
class World:
    """People with attributes, what was watched of them, and the truth from hire on."""

    X: pd.DataFrame
    spells: pd.DataFrame
    survival: np.ndarray
    voluntary: np.ndarray


def make_world(n: int, seed: int, *, signal: float = 1.0) -> World:
    """Hires over ten years before a window of three; the watched ones only; truth at the end of months 1..240."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"unmet": rng.normal(size=n), "pay": rng.normal(size=n), "site": rng.choice(list("ABC"), n)})
    score = signal * (0.7 * X["unmet"] - 0.4 * X["pay"]).to_numpy()[:, None]
    X.loc[rng.random(n) < 0.1, "pay"] = np.nan
    tenure = np.arange(MONTHS)
    voluntary = np.exp(-4.2 + score - 0.015 * tenure)
    involuntary = np.exp(-5.5 + signal * 0.6 * (X["site"] == "A").to_numpy()[:, None] + 0 * tenure)
    total = voluntary + involuntary
    force = np.cumsum(total, axis=1)
    before = np.hstack([np.zeros((n, 1)), force[:, :-1]])
    drawn = rng.exponential(size=n)
    month = np.minimum((force < drawn[:, None]).sum(axis=1), MONTHS - 1)
    rows = np.arange(n)
    time = month + np.clip((drawn - before[rows, month]) / total[rows, month], 1e-3, 1)
    cause = np.where(rng.random(n) < voluntary[rows, month] / total[rows, month], 1, 2)
    hired = rng.uniform(-120, 36, n)
    entry, end = np.maximum(-hired, 0), 36 - hired
    spells = pd.DataFrame(
        {"entry": entry, "exit": np.minimum(time, end), "event": np.where(time < end, cause, 0)}, index=X.index
    )
    watched = spells["exit"] > spells["entry"] + 1e-3
    survival = np.exp(-force)
    incidence = np.cumsum(voluntary / total * (np.exp(-before) - survival), axis=1)
    return World(X[watched], spells[watched], survival[watched], incidence[watched])


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(4_000, 0)


@pytest.fixture(scope="session")
def new_world() -> World:
    return make_world(2_500, 1)


@pytest.fixture(scope="session")
def make() -> object:
    return make_world
