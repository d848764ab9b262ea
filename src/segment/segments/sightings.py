"""What a quick form of the search sees in a world: the same search with fewer repeats, on families of needs.

All families on need scores compete, because k-means, the special case with the fewest parameters, is what finds round
groups among few people. Fewer repeats: numbers of groups around the planted one, a few starts, a few halvings of the
people, and the first number that comes back is taken, in the order of BIC. Fits, gates and trials are the search's own.

What chance gives is asked only about what came back, as in the search, and learned once for several worlds of a kind.
Where chance gives as much, the other families are looked at (``without``): a cloud of two directions is cut into the
same thirds by k-means again and again, and by the mixture it is not.
Single items are not looked at: where segments of needs can be found they seldom decide, and they cost most.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score

from segment.segments.candidates import Candidate
from segment.segments.cases import Search
from segment.segments.discriminant import GaussianRule
from segment.segments.evidence import Case, against_chance
from segment.segments.families import FAMILIES
from segment.segments.planting import Planting, World, plant
from segment.segments.trials import HALF, Trial, chance_trial

#: How often the quick form repeats what the search repeats.
_STARTS, _TRIAL_STARTS, _SPLITS, _CHANCE = 3, 2, 5, 8
#: Planted groups count as found from this share of the agreement that knowing them beforehand would give.
RECOVERED = 0.5

#: A family by its name, and a number of groups.
Named = tuple[str, int]
#: What chance gives each of them: kinds of worlds without groups, and trials on them.
Chance = Mapping[Named, Sequence[tuple[str, Trial]]]


@dataclass(frozen=True)
class Outcome:
    """What was found in one world: groups at all, how far they agree with the planted ones, and what knowing them
    would have given (both adjusted Rand indices)."""

    k: int
    agreement: float
    ceiling: float

    @property
    def found(self) -> bool:
        """Whether the planted groups were found: groups were, and they are more the planted ones than not."""
        return self.k > 1 and self.agreement >= RECOVERED * self.ceiling


@dataclass(frozen=True)
class Sighting:
    """What came back on halves of the people of one world, before it is held against chance.

    Attributes
    ----------
    case
        The trials of the family and number that came back; None: none did.
    agreement, ceiling
        Adjusted Rand index with the planted groups, of what came back and of a reader who knows them.
    """

    case: Case | None
    agreement: float
    ceiling: float

    @property
    def named(self) -> Named | None:
        """What chance has to be asked about."""
        return None if self.case is None else (self.case.family.name, self.case.ks[0])

    def against(self, planting: Planting, chance: Chance) -> Outcome:
        """What is found: what came back, where chance gives less."""
        if self.case is None or self.named is None:
            return Outcome(1, 0.0, self.ceiling)
        case = replace(self.case, chance=tuple(chance[self.named]))
        if against_chance(case, case.ks[0], planting.gates)[1]:
            return Outcome(1, 0.0, self.ceiling)
        return Outcome(case.ks[0], self.agreement, self.ceiling)


def look(
    planting: Planting, difference: float, seed: np.random.SeedSequence, without: Collection[str] = ()
) -> Sighting:
    """Plant groups and look for them with the quick form of the search; ``without`` these families.

    The same seed plants the same world.
    """
    making, searching = (_own(seed, part) for part in (0, 1))
    return seen_in(plant(planting, difference, making), planting, searching, without)


def seen_in(world: World, planting: Planting, seed: np.random.SeedSequence, without: Collection[str] = ()) -> Sighting:
    """What comes back in a world, and how far that is what was planted."""
    case, labels = _come_back(world, planting, seed, without)
    rule = GaussianRule.learn(world.material.scores, np.eye(planting.k)[world.truth], world.material.weight)
    told = rule.posteriors(world.material.scores).argmax(axis=1)
    own = np.isin(world.truth, planting.among or range(planting.k))
    agreement, ceiling = (float(adjusted_rand_score(world.truth[own], by[own])) for by in (labels, told))
    return Sighting(case, agreement, ceiling)


def _come_back(
    world: World, planting: Planting, seed: np.random.SeedSequence, without: Collection[str]
) -> tuple[Case | None, npt.NDArray[np.intp]]:
    """The first family and number that passes every gate but chance, and the group of each person."""
    families, ks, fitting = _families(), tuple(planting.ks()), int(seed.generate_state(1)[0])
    search = Search(planting.gates, ks, _SPLITS, _STARTS, _CHANCE, n_jobs=1)
    trying = replace(search, n_starts=_TRIAL_STARTS)
    showings = search.shown(families, world.material, world.level, dict.fromkeys(families, fitting))
    cases = {family: search.heard(family, showings, world.reliability) for family in families}
    standing = [
        (showing.bic, family, showing.k)
        for family, case in cases.items()
        for showing in case.showings
        if showing.k > 1 and not case.failed[showing.k] and family.name not in without
    ]
    for _, family, k in sorted(standing, key=lambda one: one[0]):
        case = replace(cases[family], ks=(k,))
        halves = _own(seed, family.place, k).spawn(_SPLITS)
        case = replace(case, data=tuple(trying.split(case, world.material, halves, [k], [k])))
        if not against_chance(case, k, planting.gates)[1]:
            fit = family(k, n_starts=_STARTS, seed=fitting % 2**31).fit(world.material)
            return case, fit.labels(world.material)
    return None, np.zeros(len(world.material), dtype=np.intp)


def learn_chance(
    planting: Planting, difference: float, wanted: Collection[Named], seed: np.random.SeedSequence
) -> Chance:
    """What chance gives these families and numbers in worlds of this kind: the search's own trials on people simulated
    without groups."""
    if not wanted:
        return {}
    material = plant(planting, difference, seed).material
    half, learned = min(len(material) // 2, HALF), {}
    for name, k in sorted(wanted):
        family = FAMILIES[name]
        own = _own(seed, family.place, k)
        kinds = [("elliptical", "gradient")[number % 2] for number in range(_CHANCE)]
        trials = [
            chance_trial(family, material, kind, half, [k], _TRIAL_STARTS, one)
            for kind, one in zip(kinds, own.spawn(_CHANCE), strict=True)
        ]
        learned[name, k] = tuple(zip(kinds, trials, strict=True))
    return learned


def _families() -> list[type[Candidate]]:
    return [family for family in FAMILIES.values() if family.basis == "needs"]


def _own(seed: np.random.SeedSequence, *places: int) -> np.random.SeedSequence:
    """The seed of one part of the work, the same whatever else was drawn before."""
    return np.random.SeedSequence(entropy=seed.entropy, spawn_key=(*seed.spawn_key, *places))
