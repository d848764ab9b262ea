"""Is the detection limit true? Fresh worlds planted at the stated limit, searched as a whole and in the quick form."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from grouping.worlds import World, survey
from segment.segments import SegmentSelector
from segment.segments.detection import smallest_difference
from segment.segments.gates import Gates
from segment.segments.measurement import Measurement
from segment.segments.planting import Planting, world_of
from segment.segments.sightings import RECOVERED, learn_chance, seen_in

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
    seeds: Sequence[int],
    *,
    settings: Sequence[Setting] = SETTINGS,
    n_worlds: int = 36,
    surveys: int = 20,
    **search: object,
) -> pd.DataFrame:
    """One row per setting: limits stated from surveys in which nothing is planted, and how often the whole search finds
    groups planted at them in other worlds, which should be four times in five.

    A limit is an estimate: one that came out low, or high, is so for all worlds planted at it. So several surveys of a
    kind state one each, and the worlds are shared out over them.
    """
    rows = []
    for setting in settings:
        parts = [list(own) for own in np.array_split(list(seeds), min(surveys, len(seeds)))]
        found = pd.DataFrame([one for own in parts for one in _stated(setting, own, n_worlds, search)])
        limits = found.groupby("survey", sort=False)
        rows.append(
            {
                "kind": str(setting), "limits": " ".join(f"{limit:.2f}" for limit in limits["limit"].first()),
                "worlds": len(found), "found": found["found"].mean(),
                "of each limit": " ".join(f"{share:.1f}" for share in limits["found"].mean()),
                "found, quick form": found["quick"].mean(), "same answer": (found["found"] == found["quick"]).mean(),
                "ari": found["ari"].mean(), "limit costs, s": limits["stating"].first().mean(),
                "one search, s": found["seconds"].mean(),
            }
        )  # fmt: skip
        print(pd.DataFrame(rows[-1:]).round(3).to_string(), flush=True)
    return pd.DataFrame(rows)


def _stated(
    setting: Setting, seeds: Sequence[int], n_worlds: int, search: Mapping[str, object]
) -> Iterator[dict[str, object]]:
    """One row per world planted at the limit that one survey states."""
    empty = setting.world(0.0, np.random.default_rng([seeds[0], 7]))
    scales = dict.fromkeys(empty.items, _SCALE)
    begin = time.process_time()
    measured = Measurement.of(empty.items, empty.need_map, np.ones(setting.people), scales=scales)
    assert measured is not None
    planting = Planting.apart(measured, setting.shares, Gates(smallest_n=30))
    curve = smallest_difference(planting, n_worlds=n_worlds, random_state=seeds[0] % 1000)
    stating = time.process_time() - begin
    for seed in seeds:
        world = setting.world(curve.limit, np.random.default_rng([seed, 8]))
        begin = time.process_time()
        whole = SegmentSelector(random_state=seed % 1000, gates=planting.gates, **search).fit(
            world.items, world.need_map, scales=scales
        )
        seconds = time.process_time() - begin
        own, without = world_of(world.items, world.truth, measured), []
        while True:
            sighting = seen_in(own, planting, np.random.SeedSequence(seed), without)
            wanted = {sighting.named} - {None}
            chance = learn_chance(planting, curve.limit, wanted, np.random.SeedSequence([seed, 1]))
            quick = sighting.against(planting, chance)
            if sighting.named is None or quick.k > 1:
                break
            without.append(sighting.named[0])
        agreement = adjusted_rand_score(world.truth, whole.labels_)
        yield {
            "survey": seeds[0], "limit": curve.limit, "stating": stating, "seconds": seconds, "ari": agreement,
            "found": whole.n_segments_ > 1 and agreement >= RECOVERED * sighting.ceiling,
            "quick": quick.found,
        }  # fmt: skip
