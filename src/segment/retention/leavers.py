"""How many of a group will have left within a year: a band that holds the number that comes, and sums that agree.

A share with an interval says how sure the share is. How many leave depends on three things more: chance (who is as
likely to leave as not does one or the other), the level of next year, which nobody has seen, and what the hold-out left
open about the level. All three are drawn together, so that a draw of everyone is the sum of the draws of its groups.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from segment.retention.levels import Level, joint_draws

#: Nine times in ten the number that comes lies in the band.
CERTAINTY = 0.9
#: By how much the hazard of everyone may be lower or higher next year than while it was watched.
DRIFT = 0.2
#: Joint draws, and people of like chance that are counted together in one.
DRAWS, _BINS = 4000, 40
#: The name of those who belong to no group.
OTHERS = "others"


def leaver_bands(
    chances: Mapping[Hashable, np.ndarray],
    levels: Mapping[Hashable, Level],
    everyone: Level,
    *,
    drift: float = DRIFT,
    certainty: float = CERTAINTY,
    random_state: int = 0,
) -> pd.DataFrame:
    """The number of people of each group, and of all of them, who will have left: one row per group.

    Groups share nobody. Their levels, drawn together as far as they are alike, say how groups differ; the level of
    everyone says how many leave in all, so each draw's groups are multiplied alike until they add up to it
    (benchmarking; Pfeffermann, D. (2013), New important developments in small area estimation, Statistical Science 28,
    40-68). Given its level, a group's number is a sum of unlike coins (Poisson-binomial). The limits are mid-P
    quantiles (Lancaster, H. O. (1961), Journal of the American Statistical Association 56, 223-234): numbers are whole,
    and a band that gave every doubt to the wide side would hold more often than it says.

    Parameters
    ----------
    chances
        Each person's chance to leave within the time, by the model, per group.
    levels
        Of each of these groups what later time said of its level, not drawn together yet.
    everyone
        The same of all together.
    drift
        By how much the hazard of all may be lower or higher next year, 0 to below 1; every change up to it is as
        likely.
    certainty
        How often the band is to hold what comes.
    random_state
        Seed of the draws.

    Returns
    -------
    DataFrame
        ``group`` (None: all of them), ``n`` people, ``expected`` people who leave, ``low`` and ``high`` (whole people).
        ``expected`` of all is the sum over groups.

    Examples
    --------
    >>> found = leaver_bands({"a": np.full(200, 0.1)}, {"a": Level(0.0, 0.1)}, Level(0.0, 0.1))
    >>> bool((found["low"] < 20).all() and (found["high"] > 20).all())
    True
    """
    groups = [group for group, people in chances.items() if len(people)]
    rng = np.random.default_rng(random_state)
    own = joint_draws({group: levels[group] for group in groups}, rng, n=DRAWS)
    whole = rng.normal(everyone.log_ratio, everyone.error, DRAWS)
    moved = np.log(rng.uniform(1 - drift, 1 + drift, DRAWS))
    binned = [_alike(np.asarray(chances[group], dtype=float)) for group in groups]
    shift = _until_they_add_up(binned, own, whole)
    found, total = list[tuple[Hashable, int, float, float, float]](), np.zeros(DRAWS)
    for (counts, log_stay), levels_drawn in zip(binned, own, strict=True):
        leave = _leave(log_stay, levels_drawn + shift + moved)
        number = rng.binomial(counts.astype(np.int64), leave).sum(axis=1)
        found.append((None, int(counts.sum()), float((leave @ counts).mean()), *_mid_p(number, certainty)))
        total += number
    rows = [(group, *row[1:]) for group, row in zip(groups, found, strict=True)]
    people, expected = sum(row[1] for row in rows), sum(row[2] for row in rows)
    rows.append((None, people, expected, *_mid_p(total, certainty)))
    told = pd.DataFrame([row[1:] for row in rows], columns=["n", "expected", "low", "high"])
    told.insert(0, "group", pd.Series([row[0] for row in rows], dtype=object))
    return told


def _alike(chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many people there are of each of a few chances, and the log of each one's chance to stay."""
    log_stay = np.sort(np.log1p(-np.clip(chances, 0.0, 1 - 1e-12)))
    parts = np.array_split(log_stay, min(_BINS, len(log_stay)))
    return np.array([float(len(part)) for part in parts]), np.array([part.mean() for part in parts])


def _leave(log_stay: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Draws x bins: the chance to leave at each draw's level."""
    result: np.ndarray = -np.expm1(np.exp(level)[:, None] * log_stay)
    return result


def _until_they_add_up(binned: list[tuple[np.ndarray, np.ndarray]], own: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """By what to move all groups of a draw alike so that they add up to what the level of everyone gives (Newton)."""
    shift = np.zeros(len(whole))
    aimed = sum(_leave(log_stay, whole) @ counts for counts, log_stay in binned)
    for _ in range(20):
        reached, steep = np.zeros(len(whole)), np.zeros(len(whole))
        for (counts, log_stay), level in zip(binned, own, strict=True):
            times = np.exp(level + shift)[:, None] * log_stay
            reached += -np.expm1(times) @ counts
            steep += -(times * np.exp(times)) @ counts
        step = np.clip((aimed - reached) / np.maximum(steep, 1e-9), -0.5, 0.5)
        shift += step
        if float(np.abs(step).max()) < 1e-9:
            break
    return shift


def _mid_p(numbers: np.ndarray, certainty: float) -> tuple[float, float]:
    """The whole numbers at which half of their own chance and all of the chance beyond make the tail."""
    values, counts = np.unique(numbers, return_counts=True)
    share = counts / counts.sum()
    below = np.cumsum(share) - share / 2
    tail = (1 - certainty) / 2
    low = values[int(np.searchsorted(below, tail))]
    high = values[int(np.searchsorted(below, 1 - tail, side="right")) - 1]
    return float(low), float(max(high, low))
