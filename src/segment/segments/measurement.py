"""A survey as a measuring instrument: what its answers are made of, learned from answers or assumed beforehand.

An answer is the item's own place on the scale, plus what the person needs beyond other people, plus how much this
person says yes to everything, plus noise; all of it stretched about the middle of the scale, rounded and cut off at its
ends. With that, people with a known answer can be asked the same questions.

Rounding and cutting off take away from every spread, so the parts are learned by simulation: they are moved until
simulated answers show the same means, spreads and likeness of halves as the real ones (Gouriéroux, C., Monfort, A. &
Renault, E. (1993), Indirect inference, Journal of Applied Econometrics 8, S85-S118).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.needs.halves import parallel_halves
from segment.needs.scoring import NeedScorer

FloatArray = npt.NDArray[np.float64]

#: Rounds of moving the parts, and how many people are simulated in each.
_ROUNDS, _PEOPLE = 6, 4000
_LEAST = 1e-3


@dataclass(frozen=True)
class Measurement:
    """Who is asked what, and what answers are made of.

    Attributes
    ----------
    need_map, scales
        Code to need, and to lowest and highest answer.
    middle, noise
        Per item: mean answer before it is cut off, and the standard deviation of what is in this answer only.
    spread
        Needs x needs: covariance of what people need inside a group, in points of the scale.
    level_sd, stretch_sd
        How much people differ in saying yes to everything (points), and in the logarithm of their stretch.
    gaps
        People x items: who did not answer what.
    weight
        One per person.
    """

    need_map: Mapping[str, str]
    scales: Mapping[str, tuple[float, float]]
    middle: FloatArray
    noise: FloatArray
    spread: FloatArray
    level_sd: float
    stretch_sd: float
    gaps: npt.NDArray[np.bool_]
    weight: FloatArray

    def __len__(self) -> int:
        return len(self.gaps)

    @property
    def needs(self) -> list[str]:
        """The needs, in the order of their first item."""
        return list(dict.fromkeys(self.need_map.values()))

    @property
    def range(self) -> float:
        """Width of the answer scale in points; the median over items where scales differ."""
        return float(np.median([high - low for low, high in self.scales.values()]))

    @classmethod
    def assumed(
        cls,
        people: int,
        needs: int,
        items: int,
        *,
        scale: tuple[float, float] = (1.0, 5.0),
        within: float = 0.45,
        noise: float = 0.9,
        level_sd: float = 0.5,
        stretch_sd: float = 0.2,
        missing: float = 0.05,
    ) -> Measurement:
        """A survey that is not fielded yet: ``items`` questions for each need, and what surveys on needs usually show.

        The spreads are those of a scale of 1 to 5; another scale stretches them.
        """
        factor = (scale[1] - scale[0]) / 4
        need_map = {f"n{need + 1}_{item + 1}": f"n{need + 1}" for need in range(needs) for item in range(items)}
        asked = needs * items
        gaps = np.random.default_rng(0).random((people, asked)) < missing
        return cls(
            need_map,
            dict.fromkeys(need_map, scale),
            np.full(asked, (scale[0] + scale[1]) / 2 + 0.4 * factor),
            np.full(asked, noise * factor),
            np.eye(needs) * (within * factor) ** 2,
            level_sd * factor,
            stretch_sd,
            gaps,
            np.ones(people),
        )

    @classmethod
    def of(
        cls,
        items: pd.DataFrame,
        need_map: Mapping[str, str],
        weight: FloatArray,
        *,
        scales: Mapping[str, tuple[float, float]],
        labels: npt.NDArray[np.intp] | None = None,
        random_state: int = 0,
    ) -> Measurement | None:
        """Learned from answers; None where a need was asked about with one question: then nothing says what is noise.

        ``labels``: the group of each person, where groups were found; people then differ inside them.
        """
        known = {code: str(need_map[code]) for code in items.columns if code in need_map and items[code].notna().any()}
        own = items[list(known)]
        target = _Seen.of(own, known, weight, scales, labels)
        if target is None:
            return None
        first = cls(
            known, {code: scales[code] for code in known}, target.means, np.sqrt(target.variances / 2), target.spread,
            float(np.sqrt(max(target.level, 0.0))), target.stretch / 2, own.isna().to_numpy(), weight,
        )  # fmt: skip
        return _matched(first, target, np.random.SeedSequence(random_state))

    def asked_of(self, people: int) -> Measurement:
        """The same survey with so many people, who leave the same gaps."""
        rows = np.random.default_rng(0).choice(len(self), people, p=self.weight / self.weight.sum())
        return replace(self, gaps=self.gaps[rows], weight=np.ones(people))

    def answers(
        self, means: FloatArray, shares: Sequence[float], generator: np.random.Generator
    ) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
        """Answers of people of whom a share each needs what ``means`` (groups x needs) says; and their groups.

        What everyone needs is in the items already, so the means count from their average.
        """
        n, of = len(self), np.array([self.needs.index(need) for need in self.need_map.values()])
        part = np.array(shares) / np.sum(shares)
        groups = generator.permutation(np.searchsorted(np.cumsum(part)[:-1], (np.arange(n) + 0.5) / n))
        about = means - part @ means
        need = about[groups] + generator.normal(size=(n, len(self.needs))) @ _root(self.spread).T
        level = self.level_sd * generator.normal(size=(n, 1))
        stretch = np.exp(self.stretch_sd * generator.normal(size=(n, 1)))
        low, high = np.array(list(self.scales.values()), dtype=float).T
        felt = self.middle + need[:, of] + level + self.noise * generator.normal(size=(n, len(of)))
        centre = (low + high) / 2
        given = np.clip(np.rint(centre + stretch * (felt - centre)), low, high)
        frame = pd.DataFrame(np.where(self.gaps, np.nan, given), columns=list(self.need_map))
        return frame, groups.astype(np.intp)


@dataclass(frozen=True)
class _Seen:
    """What answers show of the parts they are made of."""

    means: FloatArray
    variances: FloatArray
    spread: FloatArray
    level: float
    stretch: float

    @classmethod
    def of(
        cls,
        items: pd.DataFrame,
        need_map: Mapping[str, str],
        weight: FloatArray,
        scales: Mapping[str, tuple[float, float]],
        labels: npt.NDArray[np.intp] | None,
    ) -> _Seen | None:
        halves = parallel_halves(items, need_map, weight, scales={code: scales[code] for code in need_map})
        if halves is None:
            return None
        values = items.to_numpy(dtype=float)
        means, variances = _moments(values, weight)
        scorer = NeedScorer().fit(items, need_map, weight, scales={code: scales[code] for code in need_map})
        first, second = (_inside(half.to_numpy(), weight, labels) for half in halves)
        centred = values - means
        levels = [_row_means(centred[:, start::2]) for start in (0, 1)]
        level = _covariance(levels[0][:, None], levels[1][:, None], weight)[0, 0]
        cross = _covariance(first, second, weight)
        return cls(means, variances, (cross + cross.T) / 2, float(level), float(scorer.spread_sd_))


def _matched(first: Measurement, target: _Seen, seed: np.random.SeedSequence) -> Measurement:
    """The parts moved until simulated answers show what the real ones do."""
    now, nobody = first, np.zeros((1, len(first.needs)))
    for _ in range(_ROUNDS):
        simulated = now.asked_of(_PEOPLE)
        answers, _groups = simulated.answers(nobody, [1.0], np.random.default_rng(seed))
        seen = _Seen.of(answers, now.need_map, simulated.weight, now.scales, None)
        if seen is None:
            return now
        now = replace(
            now,
            middle=now.middle + target.means - seen.means,
            noise=np.sqrt(np.maximum(now.noise**2 + target.variances - seen.variances, _LEAST)),
            spread=_possible(now.spread + target.spread - seen.spread),
            level_sd=float(np.sqrt(max(now.level_sd**2 + target.level - seen.level, 0.0))),
            stretch_sd=float(np.sqrt(max(now.stretch_sd**2 + target.stretch**2 - seen.stretch**2, 0.0))),
        )
    return now


def _moments(values: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    given = ~np.isnan(values)
    total = np.maximum(weight @ given, 1e-12)
    means = weight @ np.where(given, values, 0.0) / total
    around = np.where(given, values - means, 0.0)
    return means, weight @ around**2 / total


def _inside(scores: FloatArray, weight: FloatArray, labels: npt.NDArray[np.intp] | None) -> FloatArray:
    """Scores about the mean of the person's group."""
    groups = np.zeros(len(scores), dtype=np.intp) if labels is None else labels
    inside = np.full_like(scores, np.nan)
    for group in np.unique(groups):
        own = groups == group
        inside[own] = scores[own] - _moments(scores[own], weight[own])[0]
    return inside


def _row_means(values: FloatArray) -> FloatArray:
    given = ~np.isnan(values)
    counts = given.sum(axis=1)
    sums = np.where(given, values, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _covariance(first: FloatArray, second: FloatArray, weight: FloatArray) -> FloatArray:
    """Covariances between columns of two tables, over people with everything."""
    both = ~np.isnan(first).any(axis=1) & ~np.isnan(second).any(axis=1)
    own = weight[both] / max(weight[both].sum(), 1e-12)
    left, right = first[both] - own @ first[both], second[both] - own @ second[both]
    return np.asarray((left * own[:, None]).T @ right)


def _possible(covariance: FloatArray) -> FloatArray:
    """The nearest covariance matrix."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def _root(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
