"""How soon a watch finds what changed, and how often it cries wolf.

    python benchmarks/monitoring.py            # 1,000 worlds, a few minutes of CPU
    python benchmarks/monitoring.py --short    # 100 worlds

Claims: a drift of half a standard deviation in one of 24 questions is found at the first wave with 1,000 people in 95 %
of worlds; where nothing changes, at most 5 % of 24 monthly looks together raise any alarm.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.drift import (
    ALPHA,
    input_drift,
    level_of_look,
    observed_against_expected,
    proportions_differ,
    shares_differ,
)

ITEMS, PEOPLE, LOOKS, SEGMENTS, GROUPS = 24, 1000, 24, 5, 4
#: The monthly chance of leaving that a model gives, and the people it watches.
HAZARD = 0.012
_ITEMS = [f"q{number:02d}" for number in range(ITEMS)]


def wave(rng: np.random.Generator, *, people: int = PEOPLE, shift: float = 0.0) -> pd.DataFrame:
    """Answers on scales of 1 to 5 with a common part, as people give them; the first question is moved by ``shift``."""
    common = rng.normal(size=(people, 1))
    latent = 0.6 * common + 0.8 * rng.normal(size=(people, ITEMS)) + 0.4
    latent[:, 0] += shift
    return pd.DataFrame(np.clip(np.round(latent * 1.1 + 3), 1, 5), columns=_ITEMS)


def found_at_once(rng: np.random.Generator, *, standard_deviations: float) -> bool:
    """Whether the moved question, and no other, is found at the first look."""
    spread = float(wave(rng, people=20_000)["q00"].std())
    step = standard_deviations * spread / 1.1
    found = input_drift(wave(rng), wave(rng, shift=step), level=level_of_look(ALPHA["inputs"], 1))
    return bool(found["drifted"].iloc[0])


def false_alarm(rng: np.random.Generator, *, looks: int = LOOKS) -> bool:
    """Whether any of many monthly looks at a world in which nothing changes raises an alarm."""
    before, shares = wave(rng), rng.dirichlet(np.full(SEGMENTS, 5.0))
    sizes, answered = rng.multinomial(PEOPLE, shares), rng.binomial(1500, 2 / 3)
    group = rng.integers(GROUPS, size=PEOPLE)
    here, observed, expected = np.ones(PEOPLE, dtype=bool), np.zeros(GROUPS), np.zeros(GROUPS)
    for look in range(1, looks + 1):
        if input_drift(before, wave(rng), level=level_of_look(ALPHA["inputs"], look))["drifted"].any():
            return True
        if shares_differ(sizes, rng.multinomial(PEOPLE, shares)) < level_of_look(ALPHA["segments"], look):
            return True
        now = (int(rng.binomial(1500, 2 / 3)), 1500)
        if proportions_differ((int(answered), 1500), now) < level_of_look(ALPHA["response"], look):
            return True
        gone = here & (rng.random(PEOPLE) < HAZARD)
        expected += HAZARD * np.bincount(group[here], minlength=GROUPS)
        observed += np.bincount(group[gone], minlength=GROUPS)
        here &= ~gone
        if _exits(observed, expected):
            return True
    return False


def _exits(observed: np.ndarray, expected: np.ndarray) -> bool:
    whole = observed_against_expected(observed.sum(), expected.sum(), alpha=ALPHA["outcomes"])
    own = [
        observed_against_expected(seen, hoped, alpha=ALPHA["fairness"] / GROUPS)
        for seen, hoped in zip(observed, expected, strict=True)
        if hoped >= 5
    ]
    return whole.alarm or any(one.low > whole.high or one.high < whole.low for one in own)


def months_until(rng: np.random.Generator, *, factor: float, most: int = 36) -> int:
    """Months until exits at another rate than expected are noticed."""
    here = np.ones(PEOPLE, dtype=bool)
    observed = expected = 0.0
    for month in range(1, most + 1):
        gone = here & (rng.random(PEOPLE) < factor * HAZARD)
        expected += HAZARD * here.sum()
        observed += gone.sum()
        here &= ~gone
        if observed_against_expected(observed, expected, alpha=ALPHA["outcomes"]).alarm:
            return month
    return most


def measure(worlds: int, *, seed: int = 0) -> pd.DataFrame:
    """Every claim beside what was measured; ``holds`` where it does."""
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(worlds)]
    found = {
        size: float(np.mean([found_at_once(rng, standard_deviations=size) for rng in streams])) for size in (0.2, 0.5)
    }
    false = float(np.mean([false_alarm(rng) for rng in streams]))
    waited = {factor: float(np.median([months_until(rng, factor=factor) for rng in streams])) for factor in (1.5, 2.0)}
    rows = [
        (
            "drift of 0.5 SD in one of 24 questions found at the first wave",
            f"{found[0.5]:.1%}",
            ">= 95 %",
            found[0.5] >= 0.95,
        ),
        ("the same, 0.2 SD", f"{found[0.2]:.1%}", "", True),
        ("any false alarm over 24 monthly looks", f"{false:.1%}", "<= 5 %", false <= 0.05),
        ("half more exits than expected: median months until noticed", f"{waited[1.5]:.0f}", "", True),
        ("twice as many exits: median months until noticed", f"{waited[2.0]:.0f}", "", True),
    ]
    return pd.DataFrame(rows, columns=["what", "measured", "claim", "holds"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; ends with 1 where a claim does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="100 worlds")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    table = measure(100 if given.short else 1000, seed=given.seed)
    print(table.to_string(index=False))
    return 0 if bool(table["holds"].all()) else 1


if __name__ == "__main__":
    sys.exit(main())
