"""The case of every family of models: fits, gates, and trials, each made only where it can still decide something.

What costs most comes last. A number of segments that fails a gate on everyone is tried on halves of the people only
where nothing else of its family stands, and it may have come nearest; worlds by chance are made for a family of which
something came back on the halves, and read for those numbers; single items are looked at when no segments of needs
stand. Seeds belong to a family, a trial and a number, so what is left out moves nothing of the rest (stopping once the
verdict is known: Besag, J. & Clifford, P. (1991), Sequential Monte Carlo p-values, Biometrika 78, 301-304).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.parallel import run_parallel
from segment.progress import Tell, silent
from segment.segments.candidates import Candidate, Known, Material
from segment.segments.chance import AnswersByChance
from segment.segments.decision import Decision
from segment.segments.evidence import Case, against_chance, evidence_table, untried
from segment.segments.families import FAMILIES
from segment.segments.gates import Gates, Showing, show
from segment.segments.ladder import CLEAR_VALLEY, separation
from segment.segments.trials import HALF, Trial, chance_trial, merged, split_trial

FloatArray = npt.NDArray[np.float64]
Families = Sequence[type[Candidate]]

#: Fewest usable people for any search: below this no split of the people can repeat itself.
FEWEST = 100
#: What is said of a number of segments that was not looked at, because something before it stands.
NOT_TRIED = "not tried"


def barrier_to(everyone: Material, people: npt.NDArray[np.intp]) -> Decision | None:
    """Why nothing is searched for among these people (rows of everyone); None when something is."""
    if len(people) < FEWEST:
        return Decision("too_few", {"n": len(people), "fewest": FEWEST})
    looked_at = everyone.items if everyone.contrasts is None else everyone.contrasts
    seen = looked_at[people]
    given = ~np.isnan(seen)
    spread = np.where(given, seen, -np.inf).max(axis=0) - np.where(given, seen, np.inf).min(axis=0)
    return None if (spread > 1e-9).any() else Decision("too_alike")


def kind_of(fitted: Material, memberships: FloatArray) -> str:
    """Whether segments that were found are separated, or come back without being so."""
    if fitted.contrasts is None:
        return "reproducible"
    valleys = separation(pd.DataFrame(fitted.contrasts), memberships, sample_weight=fitted.weight)
    return "natural" if valleys[np.triu_indices(len(valleys), 1)].min() >= CLEAR_VALLEY else "reproducible"


@dataclass(frozen=True)
class Search:
    """How a search goes: its gates, the numbers of segments, and how often everything is tried."""

    gates: Gates
    ks: Sequence[int]
    n_splits: int
    n_starts: int
    null_draws: int
    n_jobs: int | None = None
    tell: Tell = silent

    @property
    def requested(self) -> bool:
        """Whether one number of segments was asked for: then nothing of it and its neighbours is left out."""
        return len(self.ks) == 1

    def cases(
        self,
        families: Families,
        sample: Material,
        level: FloatArray,
        reliability: float,
        seeds: Sequence[np.random.SeedSequence],
    ) -> list[Case]:
        """Every family's case, in the order of the families; those on single items come after those on needs."""
        fitting = dict(zip(families, map(int, seeds[0].generate_state(len(families))), strict=True))
        trying = dict(zip(families, seeds[1].spawn(len(families)), strict=True))
        cases: list[Case] = []
        for basis in ("needs", "items"):
            own = [family for family in families if family.basis == basis]
            stands = bool(cases) and bool(evidence_table(cases, self.gates)["passed"].any())
            if stands and not self.requested:
                cases += [self._left_out(family, len(sample)) for family in own]
                continue
            showings = self.shown(own, sample, level, fitting)
            self._say(own, "fitted to everyone")
            limit = reliability if basis == "needs" else float("nan")
            for family in own:
                case = self.heard(family, showings, limit)
                stands = bool(cases) and bool(evidence_table(cases, self.gates)["passed"].any())
                if basis == "items" and stands:
                    case = replace(case, failed={k: [*failed, NOT_TRIED] for k, failed in case.failed.items()})
                elif self.requested or any(not case.failed[k] for k in self.ks):
                    case = self._tried(case, sample, trying[family])
                cases.append(case)
        return sorted(cases, key=lambda case: list(families).index(case.family))

    def _say(self, families: Families, step: str) -> None:
        if families:
            self.tell(f"{', '.join(family.name for family in families)}: {step}")

    def _numbers(self, people: int) -> list[int]:
        around = {k + step for k in self.ks for step in (-1, 0, 1)} if self.requested else set(self.ks)
        return sorted(k for k in {1, *around} if 1 <= k <= people)

    def shown(
        self, families: Families, sample: Material, level: FloatArray, seeds: Mapping[type[Candidate], int]
    ) -> list[Showing]:
        crowds = run_parallel(_crowd, [(family, sample, self.n_starts) for family in families], n_jobs=self.n_jobs)
        jobs = [
            (family, sample, level, k, self.n_starts, seeds[family] % 2**31, crowd)
            for family, crowd in zip(families, crowds, strict=True)
            for k in self._numbers(len(sample))
        ]
        return run_parallel(show, jobs, n_jobs=self.n_jobs)

    def heard(self, family: type[Candidate], showings: Sequence[Showing], reliability: float) -> Case:
        """What a family showed on everyone, and the gates that each number of segments fails there.

        On needs the best one segment of any family is the rival; on single items that of the family itself.
        """
        own = [showing for showing in showings if showing.family == family.name]
        rivals = showings if family.basis == "needs" else own
        one = min((s.bic for s in rivals if s.k == 1 and FAMILIES[s.family].basis == family.basis), default=np.inf)
        general = min((s.bic for s in showings if s.family == family.special_case_of), default=np.inf)
        failed = {showing.k: showing.refusals(self.gates, reliability, one, general) for showing in own}
        return Case(family, own, failed, reliability)

    def _left_out(self, family: type[Candidate], people: int) -> Case:
        numbers = self._numbers(people)
        showings = [untried(family.name, k, people) for k in numbers]
        return Case(family, showings, {k: [NOT_TRIED] for k in numbers}, float("nan"))

    def _tried(self, case: Case, sample: Material, seed: np.random.SeedSequence) -> Case:
        """The same case with trials on halves of the people and on chance."""
        first, second, third = seed.spawn(3)
        ks = self._numbers(len(sample))[1:]
        splits = first.spawn(self.n_splits)
        wanted = [k for k in ks if self.requested or not case.failed[k]]
        halved = replace(case, ks=tuple(ks), data=tuple(self.split(case, sample, splits, ks, wanted)))
        self._say([case.family], f"tried on {self.n_splits} pairs of halves of the people")
        back = [k for k in wanted if self.requested or not against_chance(halved, k, self.gates)[1]]
        tried = halved
        if back:
            tried = replace(halved, chance=tuple(self._by_chance(case, sample, (second, third), ks, back)))
            self._say([case.family], f"tried on {self.null_draws} worlds by chance")
        rest = self._perhaps_nearer(tried, wanted)
        if not rest:
            return tried
        more = self.split(case, sample, splits, ks, rest)
        return replace(tried, data=tuple(merged(*pair) for pair in zip(tried.data, more, strict=True)))

    def _perhaps_nearer(self, case: Case, tried: Sequence[int]) -> list[int]:
        """Numbers that fail a gate on everyone and may still have come nearer than any that was tried; none where one
        stands."""
        table = evidence_table([case], self.gates)
        if table["passed"].any():
            return []
        least = min(len(one.split(", ")) for one in table.loc[table["k"].isin(tried), "failed"])
        return [k for k in case.ks if k not in tried and len(case.failed[k]) <= least]

    def split(
        self,
        case: Case,
        sample: Material,
        seeds: Sequence[np.random.SeedSequence],
        ks: Sequence[int],
        wanted: Sequence[int],
    ) -> list[Trial]:
        jobs = [(case.family, sample, ks, min(3, self.n_starts), own, wanted) for own in seeds]
        return run_parallel(split_trial, jobs, n_jobs=self.n_jobs)

    def _by_chance(
        self,
        case: Case,
        sample: Material,
        seeds: tuple[np.random.SeedSequence, np.random.SeedSequence],
        ks: Sequence[int],
        wanted: Sequence[int],
    ) -> list[tuple[str, Trial]]:
        """Trials on worlds without segments. The toll of a further segment is learned on elliptical ones, at every
        number of segments; the others are asked about ``wanted`` only."""
        source: Material | AnswersByChance = sample
        kinds = ["elliptical", "gradient"]
        if case.family.basis == "items":
            source, kinds = AnswersByChance(sample, np.random.default_rng(seeds[1])), ["answers"]
        named = [kinds[number % len(kinds)] for number in range(self.null_draws)]
        half, starts = min(len(sample) // 2, HALF), min(3, self.n_starts)
        draws = [
            (case.family, source, kind, half, ks, starts, own, ks if kind == "elliptical" else wanted)
            for kind, own in zip(named, seeds[0].spawn(len(named)), strict=True)
        ]
        return list(zip(named, run_parallel(chance_trial, draws, n_jobs=self.n_jobs), strict=True))


def _crowd(family: type[Candidate], sample: Material, n_starts: int) -> Known | None:
    return family(1, n_starts=n_starts).crowd(sample)
