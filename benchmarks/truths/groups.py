"""Intervals about segments: profiles, unmet needs, outcomes, what explains needs, small organisations, short forms."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

import numpy as np
import pandas as pd

from segment.needs.shortfalls import need_shortfalls
from segment.segments.archetypes import describe_small_organisation
from segment.segments.outcomes import compare_outcome
from segment.segments.profiling import profile_segments
from segment.segments.verdict import judge_segments
from truths.coverage import Interval
from truths.means import people_weights

SHARES = np.array([0.5, 0.3, 0.2])
#: Where the segments lie on two scores they are told apart by; mean membership about .85.
CENTRES = np.array([[1.2, 0.0], [-1.0, 1.0], [-0.8, -1.3]])


def members(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Segment, scores and memberships of people, when the model is the true one."""
    own = rng.choice(3, n, p=SHARES)
    scores = CENTRES[own] + rng.normal(size=(n, 2)) * 0.9
    return own, scores, memberships(scores)


def memberships(scores: np.ndarray) -> np.ndarray:
    likely = SHARES * np.exp(-((scores[:, None, :] - CENTRES) ** 2).sum(axis=2) / (2 * 0.9**2))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def _inside(table: pd.DataFrame, truth: np.ndarray, *, name: str = "") -> Iterable[float]:
    low, high = (table[f"{name}_{end}" if name else end].to_numpy(dtype=float) for end in ("low", "high"))
    return np.where(np.isfinite(low) & np.isfinite(high), (low <= truth) & (truth <= high), np.nan)


def profile(rng: np.random.Generator, *, n: int, weighted: bool = False) -> Iterable[float]:
    _, scores, p = members(rng, n)
    weights = people_weights(rng, n, weighted=weighted)
    found = profile_segments(pd.DataFrame({"a": scores[:, 0]}), p, sample_weight=weights).sort_values("segment")
    yield from _inside(found, CENTRES[:, 0])
    yield from _inside(found, CENTRES[:, 0] - float(SHARES @ CENTRES[:, 0]), name="difference")


def lacking(own: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Unmet needs: nothing for many people, much for a few; each segment in its own way."""
    asked = np.clip(np.round(rng.normal(np.array([4.0, 3.5, 4.4])[own], 0.7)), 1, 5)
    lived = np.clip(np.round(rng.normal(np.array([3.8, 3.6, 3.1])[own], 0.8)), 1, 5)
    return need_shortfalls(pd.DataFrame({"a": asked}), pd.DataFrame({"a": lived}))["a"].to_numpy()


@cache
def mean_shortfalls(*, weighed: bool) -> np.ndarray:
    """The mean unmet need of everyone's membership in each segment, and of each segment's true members."""
    rng = np.random.default_rng(1)
    own, _, p = members(rng, 1_000_000)
    values = lacking(own, rng)
    count = p if weighed else np.eye(3)[own]
    return np.asarray(count.T @ values / count.sum(axis=0))


def unmet(rng: np.random.Generator, *, n: int, weighed: bool, weighted: bool = False) -> Iterable[float]:
    own, scores, p = members(rng, n)
    table = pd.DataFrame({"a": scores[:, 0]})
    told = {"shortfall": pd.DataFrame({"a": lacking(own, rng)})}
    weights = people_weights(rng, n, weighted=weighted)
    found = profile_segments(table, p, measures=told, sample_weight=weights)
    rows = found[found["measure"] == "shortfall"].sort_values("segment")
    return _inside(rows, mean_shortfalls(weighed=weighed))


def outcome(rng: np.random.Generator, *, n: int, weighted: bool = False) -> Iterable[float]:
    """An answer of 1 to 5 that goes with the true segment only."""
    own, _, p = members(rng, n)
    chances = np.array([[0.05, 0.1, 0.2, 0.4, 0.25], [0.1, 0.25, 0.3, 0.25, 0.1], [0.3, 0.3, 0.2, 0.15, 0.05]])
    answers = (rng.random(n)[:, None] > np.cumsum(chances[own], axis=1)[:, :4]).sum(axis=1) + 1.0
    found = compare_outcome(answers, p, sample_weight=people_weights(rng, n, weighted=weighted))
    return _inside(found.means, chances @ np.arange(1.0, 6.0))


def small(rng: np.random.Generator, *, n: int, spread: float) -> Iterable[float]:
    """What weighs in a small organisation, the organisation itself being one of many."""
    needs = [f"n{k}" for k in range(6)]
    truth = rng.normal(0, spread, 6)
    truth -= truth.mean()
    values = truth + rng.normal(0, 0.8, (n, 6))
    values -= values.mean(axis=1, keepdims=True)
    found = describe_small_organisation(pd.DataFrame(values, columns=needs)).drivers
    order = [needs.index(need) for need in found["need"]]
    return _inside(found, truth[order], name="shrunken")


def _surveyed(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, tuple[pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    own, department = rng.choice(3, n, p=SHARES), rng.integers(0, 4, n)
    needs = np.column_stack([CENTRES[own], np.zeros((n, 2))])
    needs = needs + 0.35 * np.eye(4)[department] + rng.normal(0, 0.7, (n, 4))
    halves = tuple(pd.DataFrame(needs + rng.normal(0, 0.5, (n, 4))) for _ in range(2))
    scores = (halves[0] + halves[1]) / 2
    about = pd.DataFrame({"department": department.astype(str)})
    return scores.assign(own=own), (halves[0], halves[1]), about


def _judged(rng: np.random.Generator, n: int) -> pd.DataFrame:
    scores, halves, about = _surveyed(rng, n)
    verdict = judge_segments(
        scores.drop(columns="own"), scores["own"].to_numpy(), about, halves=halves, n_bootstrap=20, random_state=0
    )
    return verdict.table.set_index("grouping")


@cache
def _explained(n: int) -> pd.Series:
    """What groups learned from so many people explain of others, on average over many such people."""
    return (
        pd.concat([_judged(rng, n)["explained"] for rng in np.random.default_rng(2).spawn(300)]).groupby(level=0).mean()
    )


def verdict(rng: np.random.Generator, *, n: int) -> Iterable[float]:
    found = _judged(rng, n)
    return _inside(found, _explained(n).reindex(found.index).to_numpy())


def groups() -> list[Interval]:
    """What is said of segments, by people who are members for a part."""
    found = []
    for n in (150, 600):
        found += [
            Interval(f"profiles: score, and its distance from everyone; {n} people", partial(profile, n=n)),
            Interval(f"shortfalls: unmet need, as memberships weigh it; {n} people", partial(unmet, n=n, weighed=True)),
            Interval(f"segment outcomes: mean; {n} people", partial(outcome, n=n)),
        ]
    found += [
        Interval(
            "shortfalls: unmet need of the true members; 600 people",
            partial(unmet, n=600, weighed=False),
            promised=None,
        ),
        Interval("profiles: score; 300 people, weighted", partial(profile, n=300, weighted=True)),
        Interval("segment outcomes: mean; 300 people, weighted", partial(outcome, n=300, weighted=True)),
    ]
    for spread in (0.1, 0.4):
        name = f"drivers of a small organisation: 30 people, needs {spread} apart"
        found.append(Interval(name, partial(small, n=30, spread=spread), cautious=True))
    found.append(Interval("verdict: explained share; 400 people", partial(verdict, n=400), draws=400, short=0))
    return found
