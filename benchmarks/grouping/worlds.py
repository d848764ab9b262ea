"""Populations with a known answer: the yardstick, others met in practice, and worlds without segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

NEEDS = ("pay", "security", "social", "development", "meaning", "flexibility")
SHARES = np.array([0.35, 0.25, 0.20, 0.12, 0.08])
MEANS = np.array(
    [
        (1.2, 1.0, -0.3, -0.8, -0.6, -0.5),
        (-0.5, -0.8, -0.2, 1.3, 0.5, -0.3),
        (-0.4, 0.1, 1.2, -0.5, 0.4, -0.8),
        (-0.2, -0.4, -0.7, -0.2, -0.2, 1.7),
        (-1.2, -0.5, 0.2, 0.3, 1.6, -0.4),
    ]
)
#: acquiescence sd, sd of the log stretch, share missing, factor on the means
CONDITIONS = {
    "A": (0.0, 0.0, 0.0, 1.0), "B": (0.0, 0.0, 0.1, 1.0), "C": (0.5, 0.0, 0.1, 1.0),
    "D": (1.0, 0.0, 0.1, 1.0), "E": (0.8, 0.4, 0.1, 1.0), "F": (0.8, 0.0, 0.1, 0.6),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """A population with a known answer."""

    items: pd.DataFrame
    need_map: dict[str, str]
    truth: np.ndarray
    weight: np.ndarray | None = None


def survey(
    needs: np.ndarray,
    truth: np.ndarray,
    generator: np.random.Generator,
    *,
    level_sd: float | np.ndarray = 0.0,
    log_stretch: float | np.ndarray = 0.0,
    missing: float = 0.1,
    per_need: int = 4,
    graded: bool = False,
    low_missing: bool = False,
) -> World:
    """Answers on 1..5 of people with these needs; level and stretch: a standard deviation, or a value per person."""
    n, d = needs.shape
    of = np.repeat(np.arange(d), per_need)
    latent = needs[:, of] * generator.uniform(0.65, 1.05, len(of)) + generator.normal(0, 0.9, (n, len(of)))
    level = level_sd if np.ndim(level_sd) else generator.normal(0, 1, n) * level_sd
    stretch = log_stretch if np.ndim(log_stretch) else generator.normal(0, 1, n) * log_stretch
    if graded:
        cuts = np.sort(generator.normal([-1.8, -0.9, 0.1, 1.1], 0.25, (len(of), 4)), axis=1)
        moved = (latent + np.asarray(level)[:, None]) * np.exp(np.asarray(stretch))[:, None]
        answers = 1.0 + (moved[:, :, None] > cuts).sum(axis=2)
    else:
        moved = latent + 3.4 + generator.normal(0, 0.45, len(of)) + np.asarray(level)[:, None]
        answers = np.clip(np.round(3 + (moved - 3) * np.exp(np.asarray(stretch))[:, None]), 1, 5)
    chance = missing * (np.where(answers <= 2, 2.2, 0.6) if low_missing else 1.0)
    answers = np.where(generator.random(answers.shape) < chance, np.nan, answers)
    names = [f"need{place}" for place in range(d)] if d != len(NEEDS) else list(NEEDS)
    codes = [f"{names[place]}_{number}" for number, place in enumerate(of)]
    return World(pd.DataFrame(answers, columns=codes), {c: names[p] for c, p in zip(codes, of, strict=True)}, truth)


def _spread(generator: np.random.Generator, n: int, d: int, sd: float = 0.45, correlation: float = 0.3) -> np.ndarray:
    root = np.linalg.cholesky(sd**2 * ((1 - correlation) * np.eye(d) + correlation))
    return generator.normal(size=(n, d)) @ root.T


def condition(name: str, n: int, generator: np.random.Generator) -> World:
    """The yardstick: five segments, six needs, four items each."""
    level_sd, stretch_sd, missing, factor = CONDITIONS[name]
    truth = generator.choice(5, n, p=SHARES)
    needs = factor * MEANS[truth] + _spread(generator, n, 6)
    return survey(needs, truth, generator, level_sd=level_sd, log_stretch=stretch_sd, missing=missing)


def other_population(name: str, n: int, generator: np.random.Generator) -> World:
    """Populations met in practice: other shapes, graded items, missing because low, straight-liners, weights."""
    shape = {
        "three needs, 2 segments": (3, 2, 5),
        "nine needs, 7 segments": (9, 7, 3),
        "four needs, 4 segments": (4, 4, 6),
    }
    if name in shape:
        d, k, per_need = shape[name]
        means = generator.normal(size=(200, k, d))
        means = means - means.mean(axis=2, keepdims=True)
        apart = [np.min([np.linalg.norm(m[i] - m[j]) for i in range(k) for j in range(i)]) for m in means]
        chosen = means[int(np.argmax(apart))]
        shares = np.linspace(1.6, 0.7, k) / np.linspace(1.6, 0.7, k).sum()
        truth = generator.choice(k, n, p=shares)
        return survey(
            chosen[truth] + _spread(generator, n, d), truth, generator, level_sd=0.7, log_stretch=0.2, per_need=per_need
        )
    truth = generator.choice(5, n, p=SHARES)
    needs = MEANS[truth] + _spread(generator, n, 6)
    if name == "graded items":
        return survey(needs, truth, generator, level_sd=0.7, log_stretch=0.2, graded=True)
    if name == "missing because low":
        return survey(needs, truth, generator, level_sd=0.7, missing=0.12, low_missing=True)
    if name == "straight-liners 6 %":
        world = survey(needs, truth, generator, level_sd=0.7)
        items = world.items.copy()
        lines = generator.random(n) < 0.06
        items.loc[lines] = generator.integers(1, 6, int(lines.sum()))[:, None]
        return World(items, world.need_map, np.where(lines, -1, truth))
    weight = np.exp(0.8 * (truth == 0) + generator.normal(0, 0.3, n))
    world = survey(needs, truth, generator, level_sd=0.7)
    return World(world.items, world.need_map, truth, weight)


OTHERS = (
    "three needs, 2 segments", "four needs, 4 segments", "nine needs, 7 segments", "graded items",
    "missing because low", "straight-liners 6 %", "sampling weights",
)  # fmt: skip


def class_world(n: int, generator: np.random.Generator, *, k: int = 5) -> World:
    """Plain latent classes: answers independent given the class, need means alike in every class."""
    truth = generator.choice(k, n, p=SHARES)
    high = np.stack([np.concatenate([generator.permutation([1, 1, 0, 0]) for _ in range(6)]) for _ in range(k)])
    low_shares, high_shares = np.array([0.38, 0.3, 0.17, 0.1, 0.05]), np.array([0.05, 0.1, 0.17, 0.3, 0.38])
    cumulated = np.cumsum(np.where(high[truth][:, :, None] == 1, high_shares, low_shares), axis=2)
    answers = 1.0 + (generator.random((n, 24, 1)) > cumulated).sum(axis=2)
    answers = np.clip(answers, 1, 5)
    codes = [f"{need}_{number}" for need in NEEDS for number in range(4)]
    return World(pd.DataFrame(answers, columns=codes), {code: code.split("_")[0] for code in codes}, truth)


def empty_world(name: str, n: int, generator: np.random.Generator) -> World:
    """Worlds without segments."""
    nobody = np.zeros(n, dtype=int)
    if name == "correlated needs":
        root = generator.normal(size=(6, 6)) * 0.35
        return survey(
            generator.normal(size=(n, 6)) @ root + _spread(generator, n, 6),
            nobody,
            generator,
            level_sd=0.8,
            log_stretch=0.3,
        )
    if name.startswith("gradient"):
        direction = generator.normal(size=6)
        direction -= direction.mean()
        direction *= 2.0 / np.linalg.norm(direction)
        along = generator.normal(size=n) if name == "gradient, normal" else np.sqrt(3) * generator.uniform(-1, 1, n)
        return survey(0.7 * along[:, None] * direction + _spread(generator, n, 6), nobody, generator, level_sd=0.5)
    group = generator.choice(4, n, p=[0.4, 0.25, 0.2, 0.15])
    level = np.array([0.0, 1.0, -0.3, -0.8])[group] + generator.normal(0, 0.2, n)
    stretch = np.array([0.0, 0.0, 0.6, -0.6])[group]
    return survey(_spread(generator, n, 6, 0.7), group, generator, level_sd=level, log_stretch=stretch)


EMPTY = ("correlated needs", "gradient, normal", "gradient, uniform", "style groups")


def world_of(name: str, n: int, seed: int) -> World:
    generator = np.random.default_rng([seed, 1])
    if name in CONDITIONS:
        return condition(name, n, generator)
    if name in EMPTY:
        return empty_world(name, n, generator)
    return class_world(n, generator) if name == "plain latent classes" else other_population(name, n, generator)
