"""Recovery of planted needs segments, against the tools people use today, and refusal where nothing is planted.

    python benchmarks/segmentation.py [--seeds 20] [--short] [--only recovery,automatic,worlds,made,large,...]

Seeds are fresh every run (``--seed`` repeats one). Peers: scikit-learn's k-means and Gaussian mixture, StepMix, and
the definition of BIC in R's poLCA. Figures are adjusted Rand indices unless the table says otherwise.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from grouping.awkward import fuzz
from grouping.made import made
from grouping.power import SETTINGS, power
from grouping.real import public
from grouping.speed import speed
from grouping.waves import WORLDS, waves
from grouping.worlds import CONDITIONS, EMPTY, OTHERS, World, condition, other_population, world_of
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from segment.segments import LatentClass, NeedsMixture, SegmentSelector, TypingTool

EVERY = "recovery,others,automatic,worlds,typing,classes,large,huge,public,made,power,fuzz,speed,waves"
#: Parts of the short form, unless others are asked for.
SHORT = {"recovery", "automatic", "made", "fuzz"}


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


def typing(seeds: Sequence[int], n: int, name: str = "C") -> pd.DataFrame:
    """Share of unseen people whom a short form puts where all questions would have put them, by its length."""
    rows = []
    for seed in seeds:
        world = condition(name, 2 * n, np.random.default_rng([seed, 3]))
        known, unseen = world.items.iloc[:n].reset_index(drop=True), world.items.iloc[n:].reset_index(drop=True)
        model = NeedsMixture(5, random_state=0).fit(known, world.need_map)
        tool = TypingTool(random_state=0).fit(known, model.predict_proba(known), np.ones(n))
        whole = model.predict(unseen)
        for size, form in tool.forms_.items():
            short = form.posteriors(unseen[list(form.names)].to_numpy(dtype=float)).argmax(axis=1)
            told = tool.agreement_.set_index("n_items").loc[size, "agreement"]
            row = {"form": f"{size:2d} questions", "questions, unseen": float(size)}
            rows.append(row | {"agreement, unseen": float((short == whole).mean()), "as the tool says": told})
        asked = tool.interview_.held_with(unseen.to_numpy(dtype=float))
        read, told = tool.interview_.form.posteriors(asked[..., 1]).argmax(axis=1), tool.adaptive_["agreement"].iloc[0]
        row = {"form": "adaptive", "questions, unseen": float(asked[..., 0].sum(axis=1).mean())}
        rows.append(row | {"agreement, unseen": float((read == whole).mean()), "as the tool says": told})
    return pd.DataFrame(rows).groupby("form").mean()


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
            "own 1 start, MB above the data": _memory_above(lambda own=answers: LatentClass(5, n_init=1).fit(own)),
        }
        if n <= 20_000:
            row |= _stepmix(answers, own)
        rows.append(row)
    return pd.DataFrame(rows)


def _memory_above(run: Callable[[], object]) -> float:
    """Most memory in use while something runs, beyond what was in use before, in MB (looked at every 5 ms)."""
    page, seen, done = os.sysconf("SC_PAGE_SIZE"), [], threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.append(int(Path("/proc/self/statm").read_text().split()[1]) * page / 1e6)
            time.sleep(0.005)

    before = int(Path("/proc/self/statm").read_text().split()[1]) * page / 1e6
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run()
    finally:
        done.set()
        watcher.join()
    return max(seen) - before


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


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="first seed; default: fresh")
    parser.add_argument("--short", action="store_true", help="under a minute of CPU, for continuous integration")
    parser.add_argument("--only", default=EVERY)
    parser.add_argument("--keep", type=Path, default=None, help="folder of finished simulations: a run goes on there")
    options = parser.parse_args(arguments)
    first = int(np.random.SeedSequence().entropy % 10**6) * 1000 if options.seed is None else options.seed
    seeds = range(first, first + (1 if options.short else options.seeds))
    parts = set(options.only.split(",")) if options.only != EVERY or not options.short else SHORT
    n = 1500 if options.short else 2000
    settings: dict[str, object] = {"n_splits": 4, "null_draws": 4, "n_segments": range(3, 7)} if options.short else {}
    print(f"first seed {first}, {len(seeds)} seeds, n = {n}, Python {platform.python_version()}, {platform.machine()}")
    _parts(parts, seeds, n, settings, short=options.short, kept=options.keep)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _parts(
    parts: set[str], seeds: range, n: int, settings: dict[str, object], *, short: bool, kept: Path | None
) -> None:
    """Run and print every part that was asked for, in a fixed order."""
    few = seeds[: max(len(seeds) // 4, 1)]
    conditions = ["C", "E"] if short else list(CONDITIONS)
    chosen = ["C", "correlated needs"] if short else [*CONDITIONS, "plain latent classes"]
    data = os.environ.get("SEGMENT_DATA")
    tables: dict[str, tuple[str, Callable[[], pd.DataFrame]]] = {
        "recovery": ("True number of segments given", lambda: recovery(seeds, n, conditions)),
        "others": ("Other populations, true number given", lambda: recovery(few, n, OTHERS)),
        "automatic": ("Family and number chosen", lambda: automatic(seeds, n, chosen, **settings)),
        "worlds": ("Worlds without segments", lambda: automatic(seeds, n, EMPTY, **settings)),
        "large": ("20,000 people", lambda: automatic(few, 20_000, ["C", "E", *EMPTY], **settings)),
        "typing": ("Short forms in C", lambda: typing(few, n)),
        "huge": ("200,000 people", lambda: automatic(seeds[:1], 200_000, ["C"], **settings)),
        "public": ("Real answers", lambda: public(Path(data)) if data else pd.DataFrame()),
        "made": (
            "Made where none are found",
            lambda: made(
                None if short or not data else Path(data),
                few,
                names=EMPTY[1:2] if short else EMPTY,
                sizes=(300,) if short else (300, 1000),
            ),
        ),
        "power": (
            "Planted at the stated limit: four in five should be found",
            lambda: power(
                range(seeds[0], seeds[0] + 3) if short else range(seeds[0], seeds[0] + 3 * len(seeds)),
                settings=SETTINGS[:1] if short else SETTINGS,
                n_worlds=12 if short else 36,
                surveys=1 if short else 20,
                **(settings | {"n_segments": range(2, 6)} if short else {}),
            ),
        ),
        "fuzz": ("Awkward inputs", lambda: fuzz(seeds[0], 40 if short else 1000)),
        "speed": (
            "CPU seconds, median",
            lambda: speed(
                few,
                (300, 500) if short else (500, 2000, 20_000, 200_000),
                ["C"] if short else ["C", "F", "gradient, normal"],
                **settings,
            ),
        ),
        "waves": (
            "Over four waves",
            lambda: waves(
                range(seeds[0], seeds[0] + (3 if short else 10 * len(seeds))),
                worlds=WORLDS[:1] if short else WORLDS,
                kept=kept,
            ),
        ),
        "classes": ("Latent classes", lambda: classes(seeds[0], [2000, 20_000, 200_000])),
    }
    for name, (title, make) in tables.items():
        if name in parts:
            _print(title, make())


def _print(title: str, table: pd.DataFrame) -> None:
    print(f"\n{title}\n{table.round(3).to_string()}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1:])
