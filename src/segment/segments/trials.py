"""Repeated trials of a family of models: on halves of the people, and on people made by chance.

A trial fits one family at every number of segments on two halves that share nobody. Both fits then assign all people
of the trial: how far they agree is the split-half agreement (adjusted Rand index). Each fit is also asked how likely
the other half is: what it gains there over one segment cannot be an overfit. The same trial on people simulated
without segments says what chance gives (Lange, T., Roth, V., Braun, M. L. & Buhmann, J. M. (2004), Neural Computation
16, 1299-1323; Dolnicar, S. & Leisch, F. (2010), Marketing Letters 21, 83-101; McLachlan, G. J. (1987), JRSS C 36).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segment.segments.candidates import Candidate, Material
from segment.segments.chance import AnswersByChance, scores_by_chance
from segment.segments.stability import agreement

FloatArray = npt.NDArray[np.float64]

#: Most people in one half.
HALF = 2500


@dataclass(frozen=True)
class Trial:
    """What one pair of halves says, one entry per number of segments; NaN where that number was not tried.

    Attributes
    ----------
    agreement
        Adjusted Rand index between the two fits, over the people of both halves.
    held_out
        Mean log-likelihood per person of the half a fit has not seen, mean of both directions.
    gain
        ``held_out`` minus that of one segment.
    rise
        Twice the log-likelihood gained over one segment on the people fitted, mean of both halves.
    """

    agreement: FloatArray
    held_out: FloatArray
    gain: FloatArray
    rise: FloatArray


def split_trial(
    family: type[Candidate],
    material: Material,
    ks: Sequence[int],
    n_starts: int,
    seed: np.random.SeedSequence,
    wanted: Sequence[int] | None = None,
) -> Trial:
    """One trial on two disjoint halves of the people, at most 2,500 each; of ``ks`` only ``wanted`` where given."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(material))
    half = min(len(material) // 2, HALF)
    halves = material.take(order[:half]), material.take(order[half : 2 * half])
    return _trial(family, halves, ks, n_starts, generator, wanted)


def chance_trial(
    family: type[Candidate],
    source: Material | AnswersByChance,
    kind: str,
    half: int,
    ks: Sequence[int],
    n_starts: int,
    seed: np.random.SeedSequence,
    wanted: Sequence[int] | None = None,
) -> Trial:
    """The same trial on two halves simulated without segments; ``kind`` as in ``chance``."""
    generator = np.random.default_rng(seed)
    first, second = (_simulated(source, kind, half, generator) for _ in range(2))
    return _trial(family, (first, second), ks, n_starts, generator, wanted)


def merged(one: Trial, other: Trial) -> Trial:
    """What either of two trials on the same halves says; the first where both do."""
    parts = ((getattr(one, name), getattr(other, name)) for name in ("agreement", "held_out", "gain", "rise"))
    return Trial(*(np.where(np.isnan(own), more, own) for own, more in parts))


def _simulated(source: Material | AnswersByChance, kind: str, n: int, generator: np.random.Generator) -> Material:
    if isinstance(source, AnswersByChance):
        return source.draw(generator, n=n)
    return scores_by_chance(source, generator, kind=kind, n=n)


def _trial(
    family: type[Candidate],
    halves: tuple[Material, Material],
    ks: Sequence[int],
    n_starts: int,
    generator: np.random.Generator,
    wanted: Sequence[int] | None,
) -> Trial:
    weight = np.concatenate([half.weight for half in halves])
    crowds = [family(1, n_starts=n_starts, quick=True).crowd(half) for half in halves]
    rows: list[tuple[float, float, float]] = []
    for k in (1, *ks):
        seeds = generator.integers(2**31 - 1, size=2)  # also of what is left out: the others keep their seeds
        if k > 1 and wanted is not None and k not in wanted:
            rows.append((np.nan, np.nan, np.nan))
            continue
        fits = [
            family(k, n_starts=n_starts, seed=int(seed), quick=True).fit_within(crowd, half)
            for seed, crowd, half in zip(seeds, crowds, halves, strict=True)
        ]
        read = [[fit.read(half) for half in halves] for fit in fits]
        labels = [np.concatenate([member.argmax(axis=1) for member, _ in own]) for own in read]
        logs = [[_mean(log, half) for (_, log), half in zip(own, halves, strict=True)] for own in read]
        held_out = float(np.mean([logs[0][1], logs[1][0]]))
        seen = float(np.mean([logs[place][place] * half.weight.sum() for place, half in enumerate(halves)]))
        rows.append((agreement(*labels, sample_weight=weight), held_out, 2 * seen))
    table = np.array(rows, dtype=np.float64)
    return Trial(table[1:, 0], table[1:, 1], table[1:, 1] - table[0, 1], table[1:, 2] - table[0, 2])


def _mean(values: FloatArray, material: Material) -> float:
    return float(np.average(values, weights=material.weight))
