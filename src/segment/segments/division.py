"""Groups that are made when none are found: people who differ by degree, divided because that is useful.

Dolnicar, S., Grün, B. & Leisch, F. (2018), *Market Segmentation Analysis*, chapter 7, tell natural segments (distinct),
reproducible ones (they come back) and constructive ones (made; many other divisions would do) apart. A made division is
never a discovery, so it is held to what makes it useful, by criteria that are fixed beforehand:

- it explains needs: people are read from one half of the questions by a division learned on other people, and the other
  half of the questions is explained (cross-validated, with its interval); surely more than a hundredth, and surely more
  than anything HR knows of people, with as many groups;
- it is made of needs and not of style (the gate of found segments);
- people land in the same group when they are asked again, at least moderately beyond chance (Cohen's kappa .40);
- the same question put to other people gives about the same borders: divisions of disjoint halves of the people agree
  at least half way between chance and sameness (mean adjusted Rand index .50; found segments need .70);
- every group is as large as a release asks for.

Of the numbers of groups that pass, the smallest is taken that explains as much as the best one but for one standard
error (Breiman, L. et al. (1984), *Classification and Regression Trees*, section 3.4.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from segment.needs.answers import check_weights
from segment.needs.halves import parallel_halves
from segment.parallel import run_parallel
from segment.segments.asked_again import asked_again, kappa
from segment.segments.candidates import Material, StrongestNeedCandidate
from segment.segments.checking import Floats, Integers
from segment.segments.decision import Decision
from segment.segments.discriminant import GaussianRule
from segment.segments.explained import Explained, Grouping, cross_validated_losses, explained, unit_variance
from segment.segments.gates import Gates, eta_squared, log_scatter
from segment.segments.selection import SegmentSelector
from segment.segments.trials import split_trial
from segment.segments.verdict import attribute_groups

#: A division has to explain this share of needs, as far as is sure (lower 95 % limit).
WORTH_EXPLAINING = 0.01
#: Least agreement, beyond chance, between the group of a person now and when asked again: "moderate" (Landis, J. R. &
#: Koch, G. G. (1977), Biometrics 33, 159-174).
AGAIN = 0.40
#: Fewest people for a division, and fewest of whom other numbers of groups than two or three are tried.
FEWEST, FEW = 60, 100
#: Least mean agreement of the divisions of two halves of the people.
ELSEWHERE = 0.50
#: Most people that the number of groups is chosen on.
_MOST = 5000
_FOLDS = 5


@dataclass(frozen=True)
class Evidence:
    """Who is divided, and what a division is held against; one row per person everywhere.

    Attributes
    ----------
    material
        Need scores (``contrasts``) and style of these people, from rated questions alone: how sure rankings and wishes
        are is not known.
    level
        Each person's mean answer, item means taken out.
    halves
        Need scores from either half of the questions, people x needs, nothing missing.
    groupings
        What HR knows of these people: name to group number.
    """

    material: Material
    level: Floats
    halves: tuple[Floats, Floats]
    groupings: Mapping[str, Integers]

    def __len__(self) -> int:
        return len(self.material)


@dataclass(frozen=True)
class Shown:
    """What a division into ``k`` groups showed.

    Attributes
    ----------
    explained, explained_low, explained_high
        Cross-validated share of what people answered to the other half of the questions, with its 95 % interval.
    rival, rival_explained, ahead, ahead_low
        What HR knows that comes nearest, what it explains, and how far the division is ahead with as many groups.
    again, same
        Kappa of the group now and when asked again, and the share of people in the same group; each with its 95 %
        interval over samples of people (``again_low``, ``again_high``, ``same_low``, ``same_high``).
    by_halves
        Kappa of the groups read from either half of the questions: observed, not modelled.
    agreement
        Mean adjusted Rand index of divisions of disjoint halves of the people. ``agreement_low`` and ``agreement_high``
        hold nine in ten of these splits: a range and no confidence interval, as the splits are of the same people.
    """

    k: int
    n: int
    explained: float
    explained_low: float
    explained_high: float
    rival: str
    rival_explained: float
    ahead: float
    ahead_low: float
    again: float
    again_low: float
    again_high: float
    same: float
    same_low: float
    same_high: float
    by_halves: float
    agreement: float
    agreement_low: float
    agreement_high: float
    style_share: float
    spread_share: float
    smallest_share: float
    smallest_n: int
    failed: str = ""

    def held_to(self, gates: Gates) -> Shown:
        """The same with the gates it fails, in the order in which they tell most."""
        fails = {
            "size": self.smallest_share < gates.smallest_share or self.smallest_n < gates.smallest_n,
            "explains": not self.explained_low > WORTH_EXPLAINING,
            "departments": self.rival != "" and not self.ahead_low > 0,
            "style": max(self.style_share, self.spread_share) > gates.style_share,
            "again": not self.again >= AGAIN,
            "agreement": not self.agreement >= ELSEWHERE,
        }
        return replace(self, failed=", ".join(name for name, failed in fails.items() if failed))


def divided(
    selector: SegmentSelector,
    items: pd.DataFrame,
    need_map: Mapping[str, str],
    sample_weight: npt.ArrayLike | None = None,
    *,
    scales: Mapping[str, tuple[float, float]],
    choices: pd.DataFrame | None = None,
    groupings: pd.DataFrame | None = None,
    ks: Sequence[int] = (2, 3, 4, 5, 6, 7, 8),
    gates: Gates | None = None,
    n_splits: int = 20,
    random_state: int = 0,
    n_jobs: int | None = None,
) -> tuple[SegmentSelector, pd.DataFrame]:
    """Groups to work with for people among whom a search found none, where that pays.

    Parameters
    ----------
    selector
        A fitted selector that found no segments.
    items, need_map, sample_weight, scales, choices
        What it was fitted on; rankings and wishes count in the groups, not in what they are held to.
    groupings
        What is known of the same people without the survey, such as department: people x attributes.
    ks
        Numbers of groups to try: at most one per need, and at most three with fewer than ``FEW`` people.
    gates
        ``smallest_share``, ``smallest_n`` and ``style_share`` count.
    n_splits
        Random halves of people and of items on which a division is repeated.
    random_state
        Seed.
    n_jobs
        Cores; the same bytes on one or many.

    Returns
    -------
    The selector with its people divided (``kind_`` is ``made``), or as it was where no division pays; and one row per
    number of groups tried, as ``divisions`` gives it: none with fewer than ``FEWEST`` people; one, without figures and
    with ``one question`` as what failed, where a need was asked about with one question only: then nobody can know
    whether answers would come back.
    """
    weight = check_weights(sample_weight, len(items))
    everyone = selector.reading_.read(items, weight, choices)
    halves = parallel_halves(items, need_map, weight, scales=scales)
    if everyone.contrasts is None:
        return selector, pd.DataFrame()
    if halves is None:
        return selector, _untried(int(selector.usable_.sum()), "one question")
    known = halves[0].notna().all(axis=1).to_numpy() & halves[1].notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(selector.usable_ & known)
    rows = rows[:: max(1, int(np.ceil(len(rows) / _MOST)))]
    if len(rows) < FEWEST:
        return selector, pd.DataFrame()
    rated = selector.reading_.read(items, weight)
    evidence = Evidence(
        material=rated.take(rows),
        level=selector.reading_.level(rated)[rows],
        halves=(halves[0].to_numpy()[rows], halves[1].to_numpy()[rows]),
        groupings={} if groupings is None else attribute_groups(groupings.iloc[rows], len(rows)),
    )
    most = min(StrongestNeedCandidate.most(evidence.material), 3 if len(rows) < FEW else len(items))
    tried = [k for k in sorted(set(ks)) if 1 < k <= most]
    if not tried:
        return selector, pd.DataFrame()
    table = divisions(
        evidence, tried, gates=gates or Gates(), n_splits=n_splits, random_state=random_state, n_jobs=n_jobs
    )
    if not len(table) or not table["chosen"].any():
        return selector, table
    row = table[table["chosen"]].iloc[0]
    told = {name: round(float(row[name]), 2) for name in ("same", "same_low", "same_high")}
    parts = {"k": int(row["k"]), **told, "explained": round(float(row["explained"]), 3)}
    return selector.divided(StrongestNeedCandidate.name, Decision("made", parts), everyone), table


def divisions(
    evidence: Evidence,
    ks: Sequence[int],
    *,
    gates: Gates,
    n_splits: int = 20,
    random_state: int = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """One row per number of groups: everything in ``Shown``, and ``chosen``; nothing is chosen where nothing passes.

    The result is the same on one core and many.
    """
    seeds = np.random.SeedSequence(random_state).spawn(len(ks))
    jobs = [(evidence, k, n_splits, seed) for k, seed in zip(ks, seeds, strict=True)]
    shown = [one.held_to(gates) for one in run_parallel(show_division, jobs, n_jobs=n_jobs)]
    table = pd.DataFrame([asdict(one) for one in shown])
    return table.assign(chosen=table["k"] == _choice(table))


def _untried(n: int, why: str) -> pd.DataFrame:
    """The row of a division that could not be tried."""
    nothing = dict.fromkeys((one.name for one in fields(Shown)), np.nan)
    shown = Shown(**(nothing | {"k": 2, "n": n, "rival": "", "smallest_n": 0, "failed": why}))  # type: ignore[arg-type]
    return pd.DataFrame([asdict(shown)]).assign(chosen=False)


def _choice(table: pd.DataFrame) -> int:
    """The smallest number that explains as much as the best but for one standard error; 1 if none passes."""
    passed = table[table["failed"] == ""]
    if passed.empty:
        return 1
    best = passed.iloc[int(passed["explained"].to_numpy().argmax())]
    error = float(best["explained_high"] - best["explained_low"]) / 2 / float(stats.norm.ppf(0.975))
    return int(passed.loc[passed["explained"] >= best["explained"] - error, "k"].min())


def show_division(evidence: Evidence, k: int, n_splits: int, seed: np.random.SeedSequence) -> Shown:
    """Divide these people into ``k`` groups and say what that shows."""
    folding, drawing, *splits = seed.spawn(2 + n_splits)
    material, weight = evidence.material, evidence.material.weight
    division = StrongestNeedCandidate(k).fit(material)
    labels = division.labels(material)
    sizes = np.bincount(labels, weights=weight, minlength=k) / weight.sum()
    folds = np.random.default_rng(folding).permutation(len(evidence)) % _FOLDS
    reader = _Reader(evidence, k)
    told = _explained(evidence, reader.groupings(), reader.groupings(), folds)
    rivals = {
        name: _explained(evidence, _as_known(known), reader.groupings(), folds)
        for name, known in evidence.groupings.items()
    }
    rival = min(rivals, key=lambda name: rivals[name].difference[1], default="")
    nearest = rivals.get(rival)
    again = asked_again(division, material, evidence.halves, np.random.default_rng(drawing))
    alike = [split_trial(StrongestNeedCandidate, material, [k], 1, one).agreement[0] for one in splits]
    least, most = np.quantile(alike, (0.05, 0.95))
    return Shown(
        k=k, n=len(evidence), explained=told.groups[0], explained_low=told.groups[1], explained_high=told.groups[2],
        rival=rival,
        rival_explained=nearest.groups[0] if nearest else np.nan,
        ahead=nearest.difference[0] if nearest else np.nan,
        ahead_low=nearest.difference[1] if nearest else np.nan,
        again=again.kappa, again_low=again.kappa_low, again_high=again.kappa_high,
        same=again.same, same_low=again.same_low, same_high=again.same_high, by_halves=reader.agreement(folds),
        agreement=float(np.mean(alike)), agreement_low=float(least), agreement_high=float(most),
        style_share=eta_squared(evidence.level, labels, weight),
        spread_share=eta_squared(log_scatter(material), labels, weight),
        smallest_share=float(sizes.min()), smallest_n=int(np.bincount(labels, minlength=k).min()),
    )  # fmt: skip


@dataclass(frozen=True)
class _Reader:
    """Reads people's groups from one half of the questions, by a division learned on the training people only."""

    evidence: Evidence
    k: int
    _seen: dict[tuple[bytes, int], Integers] = field(default_factory=dict)

    def groupings(self) -> tuple[Grouping, Grouping]:
        """Readers of the first half and of the second."""
        return partial(self.read, half=0), partial(self.read, half=1)

    def read(self, train: npt.NDArray[np.bool_], half: int) -> Integers:
        """Everyone's group; what was learned on these training people is kept."""
        key = (train.tobytes(), half)
        if key not in self._seen:
            material, values = self.evidence.material, self.evidence.halves[half]
            rows = np.flatnonzero(train)
            known = material.take(rows)
            learned = StrongestNeedCandidate(self.k).fit(known).labels(known)
            rule = GaussianRule.learn(values[rows], np.eye(self.k)[learned], known.weight)
            self._seen[key] = rule.posteriors(values).argmax(axis=1)
        return self._seen[key]

    def agreement(self, folds: Integers) -> float:
        """Kappa of the groups of people who were not used, read from the first half and from the second."""
        first, second = np.zeros_like(folds), np.zeros_like(folds)
        for fold in range(_FOLDS):
            test = folds == fold
            first[test], second[test] = (self.read(~test, half)[test] for half in (0, 1))
        return kappa(first, second, self.evidence.material.weight)[0]


def _as_known(groups: Integers) -> tuple[Grouping, Grouping]:
    """What HR knows is the same whoever it is learned on, and whichever half is read."""
    return (lambda _: groups), (lambda _: groups)


def _explained(
    evidence: Evidence, groups: tuple[Grouping, Grouping], rival: tuple[Grouping, Grouping], folds: Integers
) -> Explained:
    """What a grouping and its rival, read from either half of the questions, explain of the other half."""
    weight = evidence.material.weight
    losses = [
        cross_validated_losses(
            unit_variance(evidence.halves[1 - half], weight), groups[half], rival[half], weights=weight, folds=folds
        )
        for half in (0, 1)
    ]
    return explained(losses, known=weight > 0, level=0.95)
