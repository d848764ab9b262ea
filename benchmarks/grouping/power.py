"""Is the detection limit true? Fresh worlds planted at the stated limit, searched as a whole and in the quick form."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from grouping.worlds import World, survey
from segment.segments import SegmentSelector
from segment.segments.detection import smallest_difference
from segment.segments.gates import Gates
from segment.segments.measurement import Measurement
from segment.segments.planting import RECOVERED, Planting, learn_chance, seen_in, world_of

#: Mean loading of the items of ``survey``: a need that differs by one moves an answer by so many points.
_LOADING = 0.85
_SCALE = (1.0, 5.0)


@dataclass(frozen=True)
class Setting:
    """A survey, and the groups that are planted."""

    people: int
    needs: int
    per_need: int
    shares: tuple[float, ...]
    level_sd: float = 0.5
    log_stretch: float = 0.2

    def world(self, difference: float, generator: np.random.Generator) -> World:
        """People whose groups differ by so many points of the scale on a need of their own."""
        truth = generator.choice(len(self.shares), self.people, p=self.shares)
        means = np.eye(len(self.shares), self.needs) * difference / _LOADING
        means -= means.mean(axis=1, keepdims=True) + np.array(self.shares) @ (means - means.mean(axis=1, keepdims=True))
        root = np.linalg.cholesky(0.45**2 * (0.7 * np.eye(self.needs) + 0.3))
        needs = means[truth] + generator.normal(size=(self.people, self.needs)) @ root.T
        return survey(
            needs, truth, generator, level_sd=self.level_sd, log_stretch=self.log_stretch, per_need=self.per_need
        )

    def __str__(self) -> str:
        sizes = "/".join(f"{share:.0%}" for share in self.shares)
        return f"{self.people} people, {self.needs} needs x {self.per_need}, groups {sizes}"


SETTINGS = (
    Setting(500, 6, 4, (0.25, 0.25, 0.25, 0.25)),
    Setting(1000, 5, 3, (0.5, 0.3, 0.2), level_sd=0.8, log_stretch=0.3),
)


def power(
    seeds: Sequence[int], *, settings: Sequence[Setting] = SETTINGS, n_worlds: int = 48, **search: object
) -> pd.DataFrame:
    """One row per setting: the limit stated from a survey in which nothing is planted, and how often the whole search
    finds groups planted at it in other worlds, which should be four times in five."""
    rows = []
    for setting in settings:
        empty = setting.world(0.0, np.random.default_rng([seeds[0], 7]))
        scales = dict.fromkeys(empty.items, _SCALE)
        weight = np.ones(setting.people)
        begin = time.process_time()
        measured = Measurement.of(empty.items, empty.need_map, weight, scales=scales)
        assert measured is not None
        planting = Planting.apart(measured, setting.shares, Gates(smallest_n=30))
        curve = smallest_difference(planting, n_worlds=n_worlds, random_state=seeds[0] % 1000)
        stating = time.process_time() - begin
        chance = learn_chance(planting, curve.limit, np.random.SeedSequence(seeds[0]))
        found, quick, agreement, seconds = [], [], [], []
        for seed in seeds:
            world = setting.world(curve.limit, np.random.default_rng([seed, 8]))
            begin = time.process_time()
            whole = SegmentSelector(random_state=seed % 1000, gates=planting.gates, **search).fit(
                world.items, world.need_map, scales=scales
            )
            seconds.append(time.process_time() - begin)
            fast = seen_in(world_of(world.items, world.truth, measured), planting, chance, np.random.SeedSequence(seed))
            agreement.append(adjusted_rand_score(world.truth, whole.labels_))
            found.append(whole.n_segments_ > 1 and agreement[-1] >= RECOVERED * fast.ceiling)
            quick.append(fast.found)
        rows.append(
            {
                "survey": str(setting), "limit": curve.limit, "low": curve.low, "high": curve.high,
                "worlds": len(seeds), "found": np.mean(found), "found, quick form": np.mean(quick),
                "same answer": np.mean(np.equal(found, quick)), "ari": np.mean(agreement),
                "limit costs, s": stating, "one search, s": np.mean(seconds),
            }
        )  # fmt: skip
        print(pd.DataFrame(rows[-1:]).round(3).to_string(), flush=True)
    return pd.DataFrame(rows)
