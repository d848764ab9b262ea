"""Does the model rank people rightly: of two people, did the one with the higher risk leave first?

Times here are months ahead of the day of prediction. Weights against censoring are one over the Kaplan-Meier chance
``G`` of still being watched.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import norm, rankdata

from segment.retention.outcomes import Watched

#: Up to this many pairs of a leaver and another person are compared one by one; beyond, by sorting.
FEW_PAIRS = 4_000_000


@dataclass(frozen=True)
class Followed:
    """What happened to each person after the day of prediction.

    ``time`` months until leaving or until watching stopped; ``event`` 0 or the cause's number; ``weight`` positive;
    ``stratum`` 0, 1, ..: people whose watching stopped in the same way. New hires, for instance, are watched for ever
    shorter times while people already employed are watched to the end; pooling the two would make watching depend on
    tenure, and tenure on leaving.
    """

    time: np.ndarray
    event: np.ndarray
    weight: np.ndarray
    stratum: np.ndarray

    def take(self, rows: np.ndarray) -> Followed:
        """The same for some people."""
        return Followed(self.time[rows], self.event[rows], self.weight[rows], self.stratum[rows])

    @cached_property
    def chance_at_exit(self) -> np.ndarray:
        """Each person's chance still to be watched just before their own time, shape (n,)."""
        return own_chance(self, self.time, just_before=True)


def follow_people(watched: Watched) -> tuple[np.ndarray, Followed, np.ndarray]:
    """One row per person: the row of their first stretch, what followed in months from its entry, and that entry.

    New hires and people already employed are strata of their own, because they are watched for different times.
    """
    order = np.lexsort((watched.entry, watched.person))
    person = watched.person[order]
    first = order[np.r_[True, person[1:] != person[:-1]]]
    last = order[np.r_[person[1:] != person[:-1], True]]
    start = watched.entry[first]
    stratum = (start > 0).astype(np.int64)
    followed = Followed(watched.exit[last] - start, watched.event[last], watched.weight[first], stratum)
    return first, followed, start


def watched_chance(followed: Followed, at: np.ndarray, *, stratum: int, just_before: bool = False) -> np.ndarray:
    """The Kaplan-Meier chance still to be watched in a stratum, ``G(t)`` or ``G(t-)``, kept above 0.01.

    People who leave at the same time as others are lost from sight count as still watched then.
    """
    part = followed.take(followed.stratum == stratum)
    if len(part.time) == 0:
        return np.ones(len(at))
    order = np.argsort(part.time, kind="stable")
    time, lost, weight = part.time[order], part.event[order] == 0, part.weight[order]
    unique, first = np.unique(time, return_index=True)
    total = np.add.reduceat(weight, first)
    dropped = np.add.reduceat(weight * lost, first)
    left = np.add.reduceat(weight * ~lost, first)
    at_risk = np.cumsum(total[::-1])[::-1] - left
    stay = np.where(dropped > 0, 1 - dropped / np.maximum(at_risk, 1e-12), 1.0)
    curve = np.r_[1.0, np.cumprod(np.clip(stay, 0, 1))]
    result: np.ndarray = np.maximum(curve[np.searchsorted(unique, at, side="left" if just_before else "right")], 0.01)
    return result


def own_chance(followed: Followed, at: np.ndarray, *, just_before: bool = False) -> np.ndarray:
    """Each person's chance, by their own stratum, still to be watched at their own time ``at``."""
    chance = np.ones(len(at))
    for stratum in np.unique(followed.stratum):
        mine = followed.stratum == stratum
        chance[mine] = watched_chance(followed, at[mine], stratum=int(stratum), just_before=just_before)
    return chance


def concordance(followed: Followed, risk: np.ndarray, *, until: float | None = None, censoring: bool = False) -> float:
    """The chance that of two people the one with the higher risk leaves first.

    Harrell et al. (JAMA 1982); with ``censoring=True`` Uno et al. (Statistics in Medicine 2011), which weighs each
    pair by ``1 / G_i(t) G_j(t)`` and does not depend on how long people were watched. Ties in risk count half.

    Parameters
    ----------
    followed, risk
        What happened, and one number per person, higher for earlier leaving.
    until
        Only exits before this many months count.

    Examples
    --------
    >>> import numpy as np
    >>> seen = Followed(np.array([1.0, 2, 3]), np.array([1, 1, 0]), np.ones(3), np.zeros(3))
    >>> concordance(seen, np.array([3.0, 2, 1]))
    1.0
    """
    harrell, uno = concordances(followed, risk, until=until)
    return uno if censoring else harrell


def concordances(followed: Followed, risk: np.ndarray, *, until: float | None = None) -> tuple[float, float]:
    """Harrell's and Uno's concordance (:func:`concordance`) of the same people, their pairs compared once."""
    leaves_first = followed.event > 0
    order = np.lexsort((leaves_first, -followed.time))
    seen, rank = followed.take(order), rankdata(risk[order], method="dense").astype(np.int64) - 1
    left = seen.event > 0
    counts = left & (seen.time < until) if until is not None else left
    pair, strata = seen.weight * counts, np.unique(seen.stratum)
    weights = np.column_stack([seen.weight, seen.weight[:, None] * (seen.stratum[:, None] == strata)])
    if np.count_nonzero(counts) * len(counts) <= FEW_PAIRS:
        agree, longer = _by_pairs(seen.time, rank, weights, left, counts)
    else:
        agree, longer = _by_ranks(seen.time, rank, weights, left)
    chances = [watched_chance(seen, seen.time, stratum=int(one), just_before=True) for one in strata]
    by_stratum = (pair / seen.chance_at_exit)[:, None] / np.column_stack(chances)
    return _share(pair[:, None], agree[:, :1], longer[:, :1]), _share(by_stratum, agree[:, 1:], longer[:, 1:])


def _share(pair: np.ndarray, agree: np.ndarray, longer: np.ndarray) -> float:
    possible = float(np.sum(pair * longer))
    return float(np.sum(pair * agree)) / possible if possible > 0 else float("nan")


def _by_pairs(
    time: np.ndarray, rank: np.ndarray, weights: np.ndarray, left: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each person that counts, and each column of weights, the weight of those who stayed longer.

    Returns ``(agree, longer)``: of lower risk (ties half), and all of them. Pair by pair; for few pairs.
    """
    agree, longer = np.zeros(weights.shape), np.zeros(weights.shape)
    place = np.flatnonzero(counts)
    for start in range(0, len(place), 64):
        rows = place[start : start + 64]
        stayed = (time > time[rows, None]) | ((time == time[rows, None]) & ~left)
        lower = (rank < rank[rows, None]) + 0.5 * (rank == rank[rows, None])
        longer[rows] = stayed @ weights
        agree[rows] = (stayed * lower) @ weights
    return agree, longer


def _by_ranks(
    time: np.ndarray, rank: np.ndarray, weights: np.ndarray, left: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same as :func:`_by_pairs`, by sorting; for many pairs."""
    tie = np.unique(time, return_inverse=True)[1]
    found = []
    for weight in weights.T:
        lower, longer = _below(rank, weight, left, tie)
        higher, _ = _below(int(rank.max(initial=0)) - rank, weight, left, tie)
        found.append((lower + (longer - lower - higher) / 2, longer))
    return np.column_stack([one for one, _ in found]), np.column_stack([one for _, one in found])


def _below(rank: np.ndarray, weight: np.ndarray, left: np.ndarray, tie: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each person, the weight of those who stayed longer: of lower rank, and all of them.

    People come longest first; those who leave at the very same time cannot be compared and are taken out again.
    """
    lower = _preceding_lower(rank, weight, np.zeros(len(rank), dtype=np.int64))
    every = np.cumsum(weight) - weight
    place = np.flatnonzero(left)
    lower[place] -= _preceding_lower(rank[place], weight[place], tie[place])
    group_start = np.flatnonzero(np.r_[True, tie[place][1:] != tie[place][:-1]])
    within = np.cumsum(weight[place]) - weight[place]
    every[place] -= within - np.repeat(within[group_start], np.diff(np.r_[group_start, len(place)]))
    return lower, every


def _preceding_lower(rank: np.ndarray, weight: np.ndarray, group: np.ndarray) -> np.ndarray:
    """For each element, the weight of earlier elements of its group with a lower rank, in O(n log^2 n).

    Goes through the bits of the rank from the top: among elements that agree so far, those with a 0 lie below those
    with a 1.
    """
    total = np.zeros(len(rank))
    if len(rank) == 0:
        return total
    bits = max(1, int(rank.max()).bit_length())
    key = (group << bits) | rank
    current = np.argsort(group, kind="stable")
    for bit in range(bits - 1, -1, -1):
        above = key[current] >> (bit + 1)
        is_high = ((key[current] >> bit) & 1).astype(bool)
        low_weight = np.where(is_high, 0.0, weight[current])
        before = np.cumsum(low_weight) - low_weight
        begins = np.flatnonzero(np.r_[True, above[1:] != above[:-1]])
        base = np.repeat(before[begins], np.diff(np.r_[begins, len(above)]))
        total[current[is_high]] += (before - base)[is_high]
        current = current[np.argsort(key[current] >> bit, kind="stable")]
    return total


def known_by(followed: Followed, months: float, *, cause: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Whether each person left within so many months (for the cause), and their weight against censoring.

    Weight ``w / G(t-)`` for those who left at ``t``, ``w / G(months-)`` for those still there, 0 for those lost before.
    Where nobody was watched that long, the longest anybody was watched stands for it: who was still there then stays
    beside those who left.
    """
    until = min(float(months), float(followed.time.max()))
    gone = (followed.event > 0) & (followed.time <= until)
    case = gone if cause is None else gone & (followed.event == cause)
    still = ~gone & (followed.time >= until)
    at_exit = followed.chance_at_exit
    at_months = own_chance(followed, np.full(len(followed.time), until), just_before=True)
    weight = np.where(gone, followed.weight / at_exit, np.where(still, followed.weight / at_months, 0.0))
    return case, weight


def weighted_auc(case: np.ndarray, risk: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The chance that a case has a higher risk than a control, ties counting half; nan without both.

    >>> weighted_auc(np.array([1, 0, 0]), np.array([0.9, 0.2, 0.9]))
    0.75
    """
    case = np.asarray(case, dtype=bool)
    weight = np.ones(len(risk)) if weight is None else weight
    _, place = np.unique(risk, return_inverse=True)
    of_case, of_control = np.bincount(place, weight * case), np.bincount(place, weight * ~case)
    below = np.cumsum(of_control) - of_control
    total = float(of_case.sum() * of_control.sum())
    return float(of_case @ (below + of_control / 2)) / total if total > 0 else float("nan")


def auc_interval(case: np.ndarray, risk: np.ndarray, *, level: float = 0.95) -> tuple[float, float, float]:
    """AUC with the interval of DeLong, DeLong & Clarke-Pearson (Biometrics 1988), on the logit scale.

    >>> auc_interval(np.array([1, 1, 0, 0]), np.array([4.0, 3, 2, 3]))[0]
    0.875
    """
    case = np.asarray(case, dtype=bool)
    n_case, n_control = int(case.sum()), int((~case).sum())
    if min(n_case, n_control) < 2:
        return float("nan"), float("nan"), float("nan")
    every, own = rankdata(risk), np.empty(len(risk))
    own[case], own[~case] = rankdata(risk[case]), rankdata(risk[~case])
    above = (every[case] - own[case]) / n_control
    under = 1 - (every[~case] - own[~case]) / n_case
    auc = float(above.mean())
    error = float(np.sqrt(above.var(ddof=1) / n_case + under.var(ddof=1) / n_control))
    if not 0 < auc < 1:
        return auc, auc, auc
    reach = norm.ppf(0.5 + level / 2) * error / (auc * (1 - auc))
    low, high = (1 / (1 + np.exp(-(np.log(auc / (1 - auc)) + side * reach))) for side in (-1, 1))
    return auc, float(low), float(high)


def brier_curve(followed: Followed, survival: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The Brier score of survival at each time, weighted against censoring (Graf et al., Statistics in Medicine 1999).

    ``survival`` has shape (n, T); the score of a coin is 0.25.
    """
    at_exit = followed.chance_at_exit
    total = followed.weight.sum()
    strata, stratum = np.unique(followed.stratum, return_inverse=True)
    asked = np.minimum(np.asarray(times, dtype=float), followed.time.max())
    chance = np.stack([watched_chance(followed, asked, stratum=int(one), just_before=True) for one in strata])
    scores = np.empty(len(times))
    for place, time in enumerate(asked):
        gone = (followed.event > 0) & (followed.time <= time)
        still = ~gone & (followed.time >= time)
        said, at_time = survival[:, place], chance[stratum, place]
        parts = np.where(gone, said**2 / at_exit, np.where(still, (1 - said) ** 2 / at_time, 0.0))
        scores[place] = followed.weight @ parts / total
    return scores


def integrated_brier(followed: Followed, survival: np.ndarray, times: np.ndarray) -> float:
    """The mean Brier score over the times (trapezoid rule)."""
    scores = brier_curve(followed, survival, times)
    if len(times) == 1:
        return float(scores[0])
    return float(np.trapezoid(scores, times) / (times[-1] - times[0]))
