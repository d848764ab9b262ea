"""Is the plan under a budget the best there is, and how long does it take? Beside what people do by hand.

    python benchmarks/planning.py            # up to 200 actions x 20 segments, a minute or two
    python benchmarks/planning.py --short    # the largest size once

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


def main() -> int:
    """Print the table; 1 where a plan is farther than 1 % from the best, or more budget brought less."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the largest size, two budgets")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
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
