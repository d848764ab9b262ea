"""How many of a segment will have left within a year: does the band hold the number that comes?

Simulated organisations with late entry (people are watched from the day the window opens), two causes of leaving,
segments whose hazards lie apart, an unknown change of the level between learning and hold-out, and one of at most a
fifth between the hold-out and the year that is foretold.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.retention import HazardModel
from segment.retention.leavers import leaver_bands
from segment.retention.levels import level_of_exits
from staying.coverage import AHEAD, APART, HELD, LEARNED, SIZES, TOGETHER, cumulative_hazards
from staying.rows import Row, held_row, row

#: Standard deviation of the log level between learning and hold-out, and the largest drift after it.
BETWEEN, DRIFT = 0.15, 0.2
#: Hazard per month and its slope in pay, by cause.
CAUSES = {"voluntary": (0.009, -0.6), "involuntary": (0.004, 0.3)}


def leavers(*, simulations: int, seed: int) -> list[Row]:
    """Per segment and of everyone: how often the 90 % band of leavers holds how many left."""
    found = pd.concat(_year(np.random.default_rng((seed, number, 13))) for number in range(simulations))
    bounds = {"low": 0.88, "high": 0.92}
    of_segments = found.loc[found["group"] != "everyone", "held"].tolist()
    agree = float(found["agrees"].mean())
    return [
        held_row("simulated", "leavers by segment", "90 % band holds the number", of_segments, **bounds, each=TOGETHER),
        *(
            held_row("simulated", f"leavers, {group}", "held", one["held"].tolist(), **bounds)
            for group, one in found.groupby("group")
        ),
        row("simulated", "leavers", "sums of segments hold everyone's band", agree, "1", agree == 1),
    ]  # fmt: skip


def _year(rng: np.random.Generator) -> pd.DataFrame:
    """One organisation: a row per segment and one of everyone."""
    segment = np.repeat(np.arange(len(SIZES)), SIZES)
    pay, apart = rng.normal(size=len(segment)), rng.normal(0, APART, len(SIZES))[segment]
    tenure = np.minimum(rng.exponential(60, len(segment)), 480)
    rates = np.column_stack([base * np.exp(slope * pay + apart) for base, slope in CAUSES.values()])
    # Hazards are constant within each of three spans: learned from, held out, ahead.
    times = np.cumprod([1.0, np.exp(rng.normal(0, BETWEEN)), rng.uniform(1 - DRIFT, 1 + DRIFT)])
    learned, held, ahead = (rng.exponential(1 / (rates * one)) for one in times)
    X = pd.DataFrame({"pay": pay})
    spells = _spells(tenure, learned, LEARNED)
    model = HazardModel("linear", causes=tuple(CAUSES), max_rows=4_000).fit(X, spells)
    cut = spells["event"].to_numpy() == 0
    after = _spells(tenure[cut] + LEARNED, held[cut], HELD)
    watched = (after["exit"] - after["entry"]).to_numpy()
    hazards = cumulative_hazards(model, X[cut], tenure[cut] + LEARNED, watched)
    gone, label = (after["event"] > 0).to_numpy(), segment[cut]
    here = np.flatnonzero(cut)[~gone]
    chances = 1 - model.predict_ahead(X.iloc[here], [AHEAD], start=tenure[here] + LEARNED + HELD).survival[:, 0]
    bands = leaver_bands(
        {k: chances[segment[here] == k] for k in range(len(SIZES))},
        {k: level_of_exits(gone[label == k].sum(), hazards[label == k].sum()) for k in range(len(SIZES))},
        level_of_exits(gone.sum(), hazards.sum()),
    )
    left = ahead[here].min(axis=1) < AHEAD
    came = [*(int(left[segment[here] == k].sum()) for k in range(len(SIZES))), int(left.sum())]
    sums, everyone = bands.iloc[:-1][["low", "high"]].sum(), bands.iloc[-1]
    return pd.DataFrame(
        {
            "group": [*(f"{size} people" for size in SIZES), "everyone"],
            "held": (bands["low"] <= came) & (came <= bands["high"]),
            "agrees": bool(sums["low"] <= everyone["low"] and everyone["high"] <= sums["high"]),
        }
    )


def _spells(entry: np.ndarray, leaves: np.ndarray, months: float) -> pd.DataFrame:
    first = leaves.min(axis=1)
    event = np.where(first < months, leaves.argmin(axis=1) + 1, 0)
    return pd.DataFrame({"entry": entry, "exit": entry + np.minimum(first, months), "event": event})
