"""Is the plan under a budget the best there is, and how long does it take? Beside what people do by hand.

    python benchmarks/planning.py            # up to 200 actions x 20 segments, a minute or two
    python benchmarks/planning.py --short    # the largest size once
    python benchmarks/planning.py --effects  # planted effects of stepped roll-outs: held 93 to 97 times of 100?

Worlds are drawn: actions with effects, costs and owners, segments with people and shortfalls. Beside the program stand
two ways to plan by hand: the most unmet need first, and the most relief per cost first (greedy), both until the budget
is spent; neither looks at the fair part. ``gap`` is how far the plan can be from the best at most, as proven.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd

from segment.personalisation import stepped_effects
from segment.personalisation.portfolio import choose_portfolio

OWNERS = ("hr", "manager", "organisation")


def world(actions: int, segments: int, *, needs: int, seed: int) -> pd.DataFrame:
    """Every action for every segment."""
    rng = np.random.default_rng(seed)
    short, people = rng.uniform(0, 0.5, (segments, needs)), rng.integers(30, 800, segments)
    blocks = []
    for number in range(actions):
        need, effort, effect = int(rng.integers(needs)), int(rng.integers(1, 4)), rng.uniform(0.02, 0.2)
        value = short[:, need]
        columns = {
            "action": f"a{number:03d}", "segment": np.arange(segments), "need": f"d{need}", "effort": effort,
            "owner": OWNERS[number % 3], "people": people, "shortfall": value, "low": np.maximum(value - 0.03, 0),
            "high": value + 0.03, "effect_low": effect / 2, "effect": effect, "effect_high": effect * 1.5,
            "once": rng.uniform(200, 2000) * effort**2, "per_person": rng.uniform(0, 20) * effort,
        }  # fmt: skip
        blocks.append(pd.DataFrame(columns))
    return pd.concat(blocks, ignore_index=True)


def by_hand(table: pd.DataFrame, budget: float, key: pd.Series) -> float:
    """Relief of taking rows by this key, largest first, as long as the budget lasts."""
    left: dict[tuple[int, str], float] = {}
    spent, begun = 0.0, set()
    for place in np.argsort(-key.to_numpy(), kind="stable"):
        row = table.iloc[int(place)]
        price = row["per_person"] * row["people"] + (0 if row["action"] in begun else row["once"])
        if spent + price > budget:
            continue
        spent += price
        begun.add(row["action"])
        pool = (int(row["segment"]), str(row["need"]))
        left[pool] = left.get(pool, 1.0) * (1 - row["effect"])
    unmet = table.groupby(["segment", "need"]).first()
    whole = unmet["people"] * unmet["shortfall"]
    return float(sum(whole[pool] * (1 - part) for pool, part in left.items()))


def measure(actions: int, segments: int, budget: float, seed: int) -> dict[str, float]:
    """One world, planned with and without a fair part and by hand."""
    table = world(actions, segments, needs=12, seed=seed)
    began = time.process_time()
    plan = choose_portfolio(table, budget=budget)
    spent = time.process_time() - began
    free = choose_portfolio(table, budget=budget, fair_reach=0.0)
    unmet = table["people"] * table["shortfall"]
    worth = unmet * table["effect"] / (table["once"] / segments + table["per_person"] * table["people"])
    return {
        "actions": actions, "segments": segments, "budget": budget, "relief": plan.relief,
        "gap %": 100 * max(plan.bound / max(plan.relief, 1e-9) - 1, 0), "CPU s": spent, "no fair part": free.relief,
        "greedy": by_hand(table, budget, worth), "most unmet first": by_hand(table, budget, unmet),
    }  # fmt: skip


#: Of the roll-outs: segments, people in each, waves, the share who answer a wave, and what is planted on which figure.
SEGMENTS, PEOPLE, WAVES, ANSWERED = 6, 50, 4, 0.75
PLANTED = {"target": -0.08, "side": 0.03, "untouched": 0.0}


def roll_out(seed: int) -> tuple[pd.DataFrame, dict[object, str], dict[str, float]]:
    """A stepped roll-out: outcomes, when each segment began, and what the action truly did to those it is told of.

    Segments differ, everyone changes from wave to wave, effects differ between segments and grow by a third a wave.
    """
    rng = np.random.default_rng(seed)
    begun = {int(one): 1 + at // 2 for at, one in enumerate(rng.permutation(SEGMENTS)[:4])}
    shape = (SEGMENTS, PEOPLE, WAVES)
    segment, person, wave = (grid.ravel() for grid in np.meshgrid(*map(np.arange, shape), indexing="ij"))
    since = np.array([begun.get(int(one), WAVES) for one in segment])
    rows = {"person": [f"{s}-{p}" for s, p in zip(segment, person, strict=True)], "wave": wave.astype(str)}
    frame, after = pd.DataFrame({**rows, "segment": segment, "after": wave >= since}), wave >= since
    frame["seen"] = rng.random(len(frame)) < ANSWERED
    grown = after * (1 + (wave - since) / 3) * rng.normal(1, 0.3, SEGMENTS)[segment]
    for name, effect in PLANTED.items():
        alike = rng.normal(0, 0.1, SEGMENTS)[segment] + np.cumsum(rng.normal(0, 0.03, WAVES))[wave]
        own = rng.normal(0.3, 0.12, shape[:2])[segment, person] + rng.normal(0, 0.1, len(frame))
        frame[name], frame[f"true {name}"] = alike + own + effect * grown, effect * grown
    frame = frame[frame["seen"]]
    waited = frame["person"].isin(frame.loc[~frame["after"], "person"]) & frame["after"]
    truth = {name: float(frame.loc[waited, f"true {name}"].mean()) for name in PLANTED}
    return frame, {one: str(step) for one, step in begun.items()}, truth


def effects(worlds: int, seed: int) -> int:
    """Print how often the intervals hold what was planted; 1 where that is not 93 to 97 times of a hundred."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in PLANTED}
    for number in range(worlds):
        frame, begun, truth = roll_out(seed + number)
        told = stepped_effects(frame, begun, waves=[str(one) for one in range(WAVES)], figures=list(PLANTED))
        for row in told.to_dict("records"):
            true = truth[row["figure"]]
            found[row["figure"]].append(
                (row["effect"] - true, row["low"] <= true <= row["high"], row["high"] - row["low"])
            )
    table = pd.DataFrame(
        {name: np.mean(rows, axis=0) for name, rows in found.items()}, index=["bias", "held", "width"]
    ).T
    print(table.round(4).to_string())
    return 0 if table["held"].between(0.93, 0.97).all() else 1


def main() -> int:
    """Print the table; 1 where a plan is farther than 1 % from the best, or more budget brought less."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the largest size, two budgets")
    parser.add_argument("--effects", action="store_true", help="what stepped roll-outs did, against what was planted")
    parser.add_argument("--worlds", type=int, default=1_000, help="of roll-outs")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.effects:
        return effects(asked.worlds, asked.seed)
    sizes = [(200, 20)] if asked.short else [(40, 5), (80, 10), (200, 20)]
    budgets = (100_000.0, 400_000.0) if asked.short else (25_000.0, 100_000.0, 400_000.0, 1_600_000.0)
    rows = [measure(*size, budget, asked.seed) for size in sizes for budget in budgets]
    table = pd.DataFrame(rows)
    print(table.round(2).to_string(index=False))
    rising = table.groupby(["actions", "segments"])["relief"].apply(lambda own: bool(own.is_monotonic_increasing))
    print(
        f"\nfarthest from the best: {table['gap %'].max():.2f} %; more budget never brings less: {bool(rising.all())}"
    )
    return 0 if table["gap %"].max() <= 1 and rising.all() else 1


if __name__ == "__main__":
    sys.exit(main())
