"""Worlds in which groups are planted.

Each planted group finds one need ``difference`` points more important than the other groups do; inside the groups
people differ as they do in the survey that the world is made after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.errors import InvalidInput
from segment.needs.reliability import centred_reliability, median_reliability
from segment.segments.candidates import Material
from segment.segments.gates import Gates
from segment.segments.measurement import Measurement
from segment.segments.reading import Reading

FloatArray = npt.NDArray[np.float64]

#: Most people the search decides on.
MOST = 5000


@dataclass(frozen=True)
class Planting:
    """What is planted, where, and by which gates it is looked for.

    Attributes
    ----------
    measurement
        The survey.
    shares
        Share of the people in each group.
    gates
        Those of the search.
    base
        Groups x needs: where the groups lie before anything is planted; None: all in one place.
    own
        The need of each group that it finds more important; -1: none.
    among
        The groups that have to be told apart; empty: all of them.
    """

    measurement: Measurement
    shares: tuple[float, ...]
    gates: Gates
    base: FloatArray | None = None
    own: tuple[int, ...] = ()
    among: tuple[int, ...] = ()

    @classmethod
    def apart(cls, measurement: Measurement, shares: Sequence[float], gates: Gates) -> Planting:
        """Groups that each put a need of their own first.

        Raises
        ------
        InvalidInput
            For fewer than two groups, more groups than needs, or shares that are none.
        """
        needs = len(measurement.needs)
        if not 2 <= len(shares) <= needs:
            raise InvalidInput(
                "So many groups cannot be planted: each puts a need of its own first.",
                expected=f"2 to {needs} groups, with {needs} needs",
                came=f"{len(shares)}",
            )
        if min(shares) <= 0:
            raise InvalidInput("The share of a group must be above zero.", came=", ".join(map(str, shares)))
        part = tuple(float(share / np.sum(shares)) for share in shares)
        return cls(measurement, part, gates, None, tuple(range(len(part))))

    @classmethod
    def further(
        cls, measurement: Measurement, base: FloatArray, shares: Sequence[float], share: float, gates: Gates
    ) -> Planting:
        """One group more than were found: a share of the people, like the largest group but for one need.

        ``base``: groups x needs, where the groups that were found lie; ``shares``: theirs. The need is the one that the
        largest group finds least important, so that the further group is not one of the others.
        """
        largest = int(np.argmax(shares))
        part = [float(own / np.sum(shares)) for own in shares]
        taken = min(share, part[largest] / 2)
        part[largest] -= taken
        own = (*([-1] * len(part)), int(np.argmin(base[largest])))
        return cls(measurement, (*part, taken), gates, np.vstack([base, base[largest]]), own, (largest, len(part)))

    @property
    def k(self) -> int:
        """How many groups are planted."""
        return len(self.shares)

    def ks(self) -> list[int]:
        """Numbers of groups that are looked for: the planted one and those beside it."""
        return sorted({max(2, self.k - 1), self.k, self.k + 1})

    def means(self, difference: float) -> FloatArray:
        """Groups x needs, in points of the scale; a group's needs keep their mean, as style would move it."""
        means = np.zeros((self.k, len(self.measurement.needs))) if self.base is None else self.base.copy()
        for group, need in enumerate(self.own):
            if need >= 0:
                means[group, need] += difference
        return np.asarray(means - means.mean(axis=1, keepdims=True))

    def asked_of(self, people: int) -> Planting:
        """The same groups among so many people."""
        return replace(self, measurement=self.measurement.asked_of(people))


@dataclass(frozen=True)
class World:
    """What the search may look at in one simulated world, and the truth of the same people."""

    material: Material
    level: FloatArray
    reliability: float
    truth: npt.NDArray[np.intp]


def plant(planting: Planting, difference: float, seed: np.random.SeedSequence) -> World:
    """A world with these groups, with at most as many people as the search decides on."""
    measurement, generator = planting.measurement, np.random.default_rng(seed)
    if len(measurement) > MOST:
        measurement = measurement.asked_of(MOST)
    items, truth = measurement.answers(planting.means(difference), planting.shares, generator)
    return world_of(items, truth, measurement)


def world_of(items: pd.DataFrame, truth: npt.NDArray[np.intp], measurement: Measurement) -> World:
    """Answers of people whose group is known, read as the search reads a survey; those who cannot be used left out."""
    weight = measurement.weight / measurement.weight.mean()
    reading = Reading(items, measurement.need_map, weight=weight, scales=measurement.scales, choice_weight=0.0)
    usable = np.flatnonzero(reading.usable(items) & (weight > 0))
    everyone = reading.read(items, weight)
    known = items.iloc[usable]
    reliability = median_reliability(
        centred_reliability(known, measurement.need_map, weight[usable], scales=measurement.scales)
    )
    return World(everyone.take(usable), reading.level(everyone)[usable], reliability, truth[usable])
