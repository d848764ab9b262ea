"""Worlds in which groups are planted, and a quick form of the search that looks for them.

Each planted group finds one need ``difference`` points more important than the other groups do; inside the groups
people differ as they do in the survey that the world is made after. The quick form is the same search with fewer
repeats: the needs mixture alone, around the planted number, a few halvings of the people, its chance learned once; the
gates and the rule are the search's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from segment.errors import InvalidInput
from segment.needs.reliability import centred_reliability, median_reliability
from segment.segments.candidates import Material
from segment.segments.discriminant import GaussianRule
from segment.segments.evidence import Case, against_chance, toll_of
from segment.segments.families.needs_mixture import NeedsMixtureCandidate
from segment.segments.gates import Gates, Showing, show
from segment.segments.measurement import Measurement
from segment.segments.reading import Reading
from segment.segments.trials import HALF, Trial, chance_trial, split_trial

FloatArray = npt.NDArray[np.float64]

#: Most people the search decides on, and how often the quick form repeats what the search repeats.
MOST, _STARTS, _TRIAL_STARTS, _SPLITS, _CHANCE = 5000, 3, 2, 5, 8
#: Planted groups count as found from this share of the agreement that knowing them beforehand would give.
RECOVERED = 0.5


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


@dataclass(frozen=True)
class Outcome:
    """What was seen in one world: groups at all, how far they agree with the planted ones, and what knowing them
    would have given (both adjusted Rand indices)."""

    k: int
    agreement: float
    ceiling: float

    @property
    def found(self) -> bool:
        """Whether the planted groups were found: groups were, and they are more the planted ones than not."""
        return self.k > 1 and self.agreement >= RECOVERED * self.ceiling


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


def learn_chance(planting: Planting, difference: float, seed: np.random.SeedSequence) -> tuple[tuple[str, Trial], ...]:
    """What chance gives in worlds of this kind: the search's own trials on people simulated without groups."""
    first, *others = seed.spawn(1 + _CHANCE)
    world = plant(planting, difference, first)
    half = min(len(world.material) // 2, HALF)
    kinds = ["elliptical", "gradient"]
    drawn = []
    for number, own in enumerate(others):
        kind = kinds[number % 2]
        trial = chance_trial(NeedsMixtureCandidate, world.material, kind, half, planting.ks(), _TRIAL_STARTS, own)
        drawn.append((kind, trial))
    return tuple(drawn)


def look(
    planting: Planting, difference: float, chance: Sequence[tuple[str, Trial]], seed: np.random.SeedSequence
) -> Outcome:
    """Plant groups and look for them with the quick form of the search."""
    making, searching = seed.spawn(2)
    return seen_in(plant(planting, difference, making), planting, chance, searching)


def seen_in(
    world: World, planting: Planting, chance: Sequence[tuple[str, Trial]], seed: np.random.SeedSequence
) -> Outcome:
    """What the quick form of the search finds in a world, and how far that is what was planted."""
    k, labels = search_quickly(world, planting.ks(), planting.gates, chance, seed)
    rule = GaussianRule.learn(world.material.scores, np.eye(planting.k)[world.truth], world.material.weight)
    told = rule.posteriors(world.material.scores).argmax(axis=1)
    own = np.isin(world.truth, planting.among or range(planting.k))
    agreement, ceiling = (float(adjusted_rand_score(world.truth[own], by[own])) for by in (labels, told))
    return Outcome(k, agreement, ceiling)


def search_quickly(
    world: World,
    ks: Sequence[int],
    gates: Gates,
    chance: Sequence[tuple[str, Trial]],
    seed: np.random.SeedSequence,
) -> tuple[int, npt.NDArray[np.intp]]:
    """Number of groups found and the group of each person; 1 where nothing passes every gate."""
    fitting, splitting = seed.spawn(2)
    material, start = world.material, int(fitting.generate_state(1)[0]) % 2**31
    showings = [show(NeedsMixtureCandidate, material, world.level, k, _STARTS, start) for k in (1, *ks)]
    failed = {one.k: one.refusals(gates, world.reliability, showings[0].bic, np.inf) for one in showings}
    case = Case(NeedsMixtureCandidate, showings, failed, world.reliability, tuple(ks), (), tuple(chance))
    toll = toll_of(case, gates)

    def criterion(showing: Showing) -> float:
        return -2 * showing.log_likelihood + toll * (showing.k - 1)

    for showing in sorted((one for one in showings[1:] if not failed[one.k]), key=criterion):
        place = list(ks).index(showing.k)
        halvings = [
            split_trial(NeedsMixtureCandidate, material, [showing.k], _TRIAL_STARTS, own)
            for own in splitting.spawn(_SPLITS)
        ]
        own_chance = tuple((kind, _at(trial, place)) for kind, trial in chance)
        tried = replace(case, ks=(showing.k,), data=tuple(halvings), chance=own_chance)
        if not against_chance(tried, showing.k, gates)[1]:
            fit = NeedsMixtureCandidate(showing.k, n_starts=_STARTS, seed=start).fit(material)
            return showing.k, fit.labels(material)
    return 1, np.zeros(len(material), dtype=np.intp)


def _at(trial: Trial, place: int) -> Trial:
    """One number of groups of a trial."""
    own = slice(place, place + 1)
    return Trial(trial.agreement[own], trial.held_out[own], trial.gain[own], trial.rise[own])
