"""Processor time of a whole search beside what its peers take for the same numbers of segments, without any proof.

A peer's figure is its fits alone, of two to eight segments: k-means and a tied Gaussian mixture of scikit-learn, ten
starts each, on answers from which the person's level was taken; StepMix's latent classes, three starts, on the answers
(one world of each kind, for it takes a minute). The search also holds its numbers against halves of the people and
against worlds without segments.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from grouping.worlds import World, world_of
from segment.segments import SegmentSelector

KS = range(2, 9)
#: Most people that StepMix is asked about: it takes minutes beyond.
MOST_STEPMIX = 2000


def speed(seeds: Sequence[int], sizes: Sequence[int], names: Sequence[str], **settings: object) -> pd.DataFrame:
    """Median CPU seconds over seeds, all cores counted: one row per world and number of people."""
    rows = []
    for n in sizes:
        own = seeds if n <= 20_000 else seeds[:1]
        for name in names:
            taken: dict[str, list[float]] = {}
            for number, seed in enumerate(own):
                world = world_of(name, n, seed)
                taken.setdefault("search", []).append(_seconds(lambda w=world, s=seed: _search(w, s, settings)))
                for peer, run in PEERS.items():
                    if peer != "StepMix" or (n <= MOST_STEPMIX and number == 0):
                        taken.setdefault(peer, []).append(_seconds(lambda w=world, run=run: run(w)))
            rows.append(
                {"people": n, "world": name, "searches": len(own)} | {k: np.median(v) for k, v in taken.items()}
            )
    return pd.DataFrame(rows)


def _seconds(run: Callable[[], object]) -> float:
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        begin = time.process_time()
        run()
        return time.process_time() - begin


def _search(world: World, seed: int, settings: dict[str, object]) -> None:
    SegmentSelector(random_state=seed % 1000, n_jobs=1, **settings).fit(world.items, world.need_map, world.weight)


def _centred(world: World) -> np.ndarray:
    items = world.items.sub(world.items.mean(axis=1), axis=0)
    return (items - items.mean()).fillna(0.0).to_numpy()


def _k_means(world: World) -> None:
    scores = _centred(world)
    for k in KS:
        KMeans(k, n_init=10, random_state=0).fit(scores)


def _mixture(world: World) -> None:
    scores = _centred(world)
    for k in KS:
        GaussianMixture(k, covariance_type="tied", n_init=10, random_state=0).fit(scores)


def _stepmix(world: World) -> None:
    from stepmix.stepmix import StepMix

    for k in KS:
        StepMix(k, measurement="categorical_nan", n_init=3, random_state=0, verbose=0, progress_bar=0).fit(
            world.items - 1
        )


PEERS: dict[str, Callable[[World], None]] = {
    "k-means x k": _k_means,
    "Gaussian mixture x k": _mixture,
    "StepMix": _stepmix,
}
