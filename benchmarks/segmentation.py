"""Recovery of planted needs segments, against the tools people use today, and refusal where nothing is planted.

    python benchmarks/segmentation.py [--seeds 20] [--short] [--only recovery,automatic,worlds,classes,scale]

Seeds are fresh every run (``--seed`` repeats one). Peers: scikit-learn's k-means and Gaussian mixture, StepMix, and
the definition of BIC in R's poLCA. Figures are adjusted Rand indices unless the table says otherwise.
"""

from __future__ import annotations

import argparse
import platform
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from segment.segments import LatentClass, NeedsMixture, SegmentSelector

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


def by_hand(world: World, k: int) -> np.ndarray:
    """The pipeline a careful analyst writes in scikit-learn: tied mixture on within-person centred need scores."""
    centred = world.items - world.items.mean()
    scores = pd.DataFrame(
        {
            need: centred[[c for c in centred if world.need_map[c] == need]].mean(axis=1)
            for need in dict.fromkeys(world.need_map.values())
        }
    )
    scores = scores.sub(scores.mean(axis=1), axis=0).fillna(0.0)
    contrasts = scores.to_numpy() @ np.linalg.svd(np.eye(scores.shape[1]) - 1 / scores.shape[1])[0][:, :-1]
    return GaussianMixture(k, covariance_type="tied", n_init=12, random_state=0).fit_predict(contrasts)


def centred_k_means(world: World, k: int) -> np.ndarray:
    centred = world.items.sub(world.items.mean(axis=1), axis=0)
    return KMeans(k, n_init=10, random_state=0).fit_predict((centred - centred.mean()).fillna(0.0))


def raw_k_means(world: World, k: int) -> np.ndarray:
    return KMeans(k, n_init=10, random_state=0).fit_predict(world.items.fillna(world.items.mean()))


def latent_classes(world: World, k: int) -> np.ndarray:
    return LatentClass(k, random_state=0).fit(world.items, sample_weight=world.weight).labels_


def ours(world: World, k: int) -> np.ndarray:
    return NeedsMixture(k, random_state=0).fit(world.items, world.need_map, sample_weight=world.weight).labels_


METHODS: dict[str, Callable[[World, int], np.ndarray]] = {
    "NeedsMixture (this project)": ours,
    "by hand: tied mixture, centred scores": by_hand,
    "k-means, centred items": centred_k_means,
    "k-means, raw answers": raw_k_means,
    "latent classes": latent_classes,
}


def recovered(world: World, labels: np.ndarray) -> float:
    """Adjusted Rand index over people who belong to a segment at all."""
    real = world.truth >= 0
    return float(adjusted_rand_score(world.truth[real], labels[real]))


def recovery(seeds: Sequence[int], n: int, names: Sequence[str]) -> pd.DataFrame:
    """True number of segments given: one row per method, one column per population."""
    found: dict[str, dict[str, float]] = {}
    for name in names:
        figures: dict[str, list[float]] = {method: [] for method in METHODS}
        for seed in seeds:
            generator = np.random.default_rng([seed, 1])
            world = condition(name, n, generator) if name in CONDITIONS else other_population(name, n, generator)
            k = len(np.unique(world.truth[world.truth >= 0]))
            for method, label in METHODS.items():
                figures[method].append(recovered(world, label(world, k)))
        found[name] = {method: float(np.mean(values)) for method, values in figures.items()}
    return pd.DataFrame(found)


def automatic(seeds: Sequence[int], n: int, names: Sequence[str], **settings: object) -> pd.DataFrame:
    """Family and number chosen: one row per world."""
    rows = []
    for name in names:
        outcomes = []
        for seed in seeds:
            world = world_of(name, n, seed)
            begin = time.process_time()
            selector = SegmentSelector(random_state=seed % 1000, **settings).fit(
                world.items, world.need_map, world.weight
            )
            seconds = time.process_time() - begin
            outcomes.append(
                (
                    selector.n_segments_,
                    selector.family_,
                    recovered(world, selector.labels_),
                    selector.style_share_,
                    seconds,
                )
            )
        ks, families, aris, style, seconds = zip(*outcomes, strict=True)
        rows.append(
            {
                "world": name, "n": n, "ari": np.mean(aris), "refused": sum(k == 1 for k in ks),
                "k": " ".join(f"{k}:{ks.count(k)}" for k in sorted(set(ks))),
                "families": " ".join(f"{f}:{families.count(f)}" for f in sorted(set(families))),
                "style share max": max(style), "seconds": np.mean(seconds),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def world_of(name: str, n: int, seed: int) -> World:
    generator = np.random.default_rng([seed, 1])
    if name in CONDITIONS:
        return condition(name, n, generator)
    if name in EMPTY:
        return empty_world(name, n, generator)
    return class_world(n, generator) if name == "plain latent classes" else other_population(name, n, generator)


def classes(seed: int, sizes: Sequence[int]) -> pd.DataFrame:
    """Latent classes against StepMix: same likelihood, same BIC as poLCA defines it, and the processor time."""
    rows = []
    for n in sizes:
        answers = condition("B", n, np.random.default_rng([seed, 2])).items
        begin = time.process_time()
        own = LatentClass(5, n_init=10, random_state=0).fit(answers)
        seconds = time.process_time() - begin
        begin = time.process_time()
        one = LatentClass(5, n_init=1, random_state=0).fit(answers)
        row = {
            "n": n,
            "own 10 starts, s": seconds,
            "own 1 start, s": time.process_time() - begin,
            "converged": one.converged_,
        }
        if n <= 20_000:
            row |= _stepmix(answers, own)
        rows.append(row)
    return pd.DataFrame(rows)


def _stepmix(answers: pd.DataFrame, own: LatentClass) -> dict[str, float]:
    from stepmix.stepmix import StepMix

    begin = time.process_time()
    peer = StepMix(
        5,
        measurement="categorical_nan",
        n_init=3,
        random_state=0,
        max_iter=1000,
        abs_tol=1e-9,
        rel_tol=1e-9,
        verbose=0,
        progress_bar=0,
    ).fit(answers - 1)
    seconds = time.process_time() - begin
    value = float(peer.score(answers - 1)) * len(answers)
    free = 4 + 5 * sum(int(answers[c].nunique()) - 1 for c in answers)
    return {
        "StepMix 3 starts, s": seconds,
        "own - StepMix, relative": (own.log_likelihood_ - value) / abs(value),
        "BIC - poLCA's": own.bic_ - (-2 * own.log_likelihood_ + free * np.log(len(answers))),
    }


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
    weight = generator.choice([None, "even", "extreme", "some nought", "bad"])
    weights = {
        None: None, "even": np.ones(n), "extreme": 10.0 ** generator.uniform(-9, 9, n),
        "some nought": generator.integers(0, 2, n).astype(float), "bad": np.full(n, -1.0),
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


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="first seed; default: fresh")
    parser.add_argument("--short", action="store_true", help="under a minute of CPU, for continuous integration")
    parser.add_argument("--only", default="recovery,others,automatic,worlds,classes,large,fuzz")
    options = parser.parse_args(arguments)
    first = int(np.random.SeedSequence().entropy % 10**6) * 1000 if options.seed is None else options.seed
    seeds = range(first, first + (1 if options.short else options.seeds))
    parts = {"recovery", "automatic", "fuzz"} if options.short else set(options.only.split(","))
    n = 1500 if options.short else 2000
    settings: dict[str, object] = {"n_splits": 4, "null_draws": 4, "n_segments": range(3, 7)} if options.short else {}
    print(f"first seed {first}, {len(seeds)} seeds, n = {n}, Python {platform.python_version()}, {platform.machine()}")
    _parts(parts, seeds, n, settings, short=options.short)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _parts(parts: set[str], seeds: range, n: int, settings: dict[str, object], *, short: bool) -> None:
    conditions = ["C", "E"] if short else list(CONDITIONS)
    if "recovery" in parts:
        _print("True number of segments given", recovery(seeds, n, conditions))
    if "others" in parts:
        _print("Other populations, true number given", recovery(seeds[: max(len(seeds) // 4, 1)], n, OTHERS))
    if "automatic" in parts:
        names = ["C", "correlated needs"] if short else [*CONDITIONS, "plain latent classes"]
        _print("Family and number chosen", automatic(seeds, n, names, **settings))
    if "worlds" in parts:
        _print("Worlds without segments", automatic(seeds, n, EMPTY, **settings))
    if "large" in parts:
        few = seeds[: max(len(seeds) // 4, 1)]
        _print("20,000 people", automatic(few, 20_000, ["C", "E", *EMPTY], **settings))
    if "fuzz" in parts:
        _print("Awkward inputs", fuzz(seeds[0], 40 if short else 1000))
    if "classes" in parts:
        _print("Latent classes", classes(seeds[0], [2000, 20_000, 200_000]))


def _print(title: str, table: pd.DataFrame) -> None:
    print(f"\n{title}\n{table.round(3).to_string()}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1:])
