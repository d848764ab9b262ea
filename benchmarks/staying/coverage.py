"""Do the intervals of staying hold the truth as often as they promise: simulated studies, the real intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.retention import HazardModel, check_spells, estimate_curve
from segment.retention.levels import drawn_levels, level_of_exits
from staying.rows import Row, held_row, row

#: People of each segment when the watching begins, and how far its log hazard lies from everyone's.
SIZES = (900, 600, 400, 250, 150)
APART = 0.25
#: Months learned from, months held out, months ahead.
LEARNED, HELD, AHEAD = 36.0, 15.0, 12.0
#: Intervals of one study go together: so many count as one (1.35 and 1.45 were measured over 60 studies).
TOGETHER = 1.5


def coverage(*, simulations: int, seed: int) -> list[Row]:
    """Per segment: the interval of expected leaving, and the band of its curve, over simulated studies."""
    held, inside, widths, curve = [], 0, [], []
    for number in range(simulations):
        rng = np.random.default_rng((seed, number))
        for place, (truth, (value, low, high)) in enumerate(_study(rng)):
            held.append((place, low <= truth <= high))
            inside += low < value < high
            widths.append((place, high - low))
        curve += _curves(rng)
    table = pd.DataFrame(held, columns=["segment", "held"]).groupby("segment")["held"].mean()
    width = pd.DataFrame(widths, columns=["segment", "width"]).groupby("segment")["width"].mean()
    grows = float(width.iloc[-1] / width.iloc[1])
    return [
        held_row("simulated", "leaving by segment", "95 % interval holds the truth", [one for _, one in held],
                 low=0.93, high=0.97, each=TOGETHER),
        *(
            row("simulated", f"leaving, {SIZES[int(k) - 1]} people" if k else "leaving, everyone", "held", share)
            for k, share in table.items()
        ),
        row("simulated", "leaving by segment", "value strictly inside", inside / len(held), "1", inside == len(held)),
        row("simulated", "leaving by segment", "width, smallest to largest segment", grows, "> 1", grows > 1),
        held_row("simulated", "curve by segment", "95 % band holds the truth", curve, low=0.93, high=0.97,
                 each=TOGETHER),
    ]  # fmt: skip


def _study(rng: np.random.Generator) -> list[tuple[float, tuple[float, float, float]]]:
    """The truth and the interval of everyone, then of each segment, in one simulated study."""
    segment = np.repeat(np.arange(len(SIZES)), SIZES)
    size, apart = len(segment), rng.normal(0, APART, len(SIZES))
    pay = rng.normal(size=size) + 0.3 * (segment == 0)
    tenure = rng.exponential(60, size)
    rate = 0.012 * np.exp(0.5 * pay + apart[segment])
    leaves = rng.exponential(1 / rate)
    X = pd.DataFrame({"pay": pay})
    before = pd.DataFrame({"entry": tenure, "exit": tenure + np.minimum(leaves, LEARNED), "event": leaves < LEARNED})
    model = HazardModel("linear", causes=("left",), max_rows=4_000).fit(X, before.astype({"event": int}))
    at_cut, after = leaves >= LEARNED, leaves - LEARNED
    watched = np.minimum(after, HELD)
    hazards = cumulative_hazards(model, X[at_cut], tenure[at_cut] + LEARNED, watched[at_cut])
    gone, label = (after < HELD)[at_cut], segment[at_cut]
    everyone = level_of_exits(gone.sum(), hazards.sum())
    own = {k: level_of_exits(gone[label == k].sum(), hazards[label == k].sum()) for k in range(len(SIZES))}
    levels = drawn_levels(everyone, own)
    here = after >= HELD
    chances = 1 - model.predict_ahead(X[here], [AHEAD], start=tenure[here] + LEARNED + HELD).survival[:, 0]
    truth = -np.expm1(-AHEAD * rate[here])
    of = {None: np.ones(here.sum(), dtype=bool), **{k: segment[here] == k for k in range(len(SIZES))}}
    return [(float(truth[rows].mean()), levels[k].shares(chances[rows])) for k, rows in of.items()]


def cumulative_hazards(model: HazardModel, X: pd.DataFrame, start: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Each person's cumulative hazard over so many months from the start, by the model."""
    grid = np.arange(1.0, np.ceil(months.max()) + 1)
    log_stay = np.hstack([np.zeros((len(X), 1)), np.log(model.predict_ahead(X, grid, start=start).survival)])
    return np.array([-np.interp(m, np.r_[0.0, grid], row) for m, row in zip(months, log_stay, strict=True)])


def _curves(rng: np.random.Generator) -> list[bool]:
    """Whether bands of small, left-truncated curves hold the truth, at three tenures."""
    held = []
    for size in (60, 150):
        hired, leaves = rng.uniform(-60, 36, size), rng.exponential(70, size)
        entry, end = np.maximum(-hired, 0), 48 - hired
        seen = leaves > entry
        spells = pd.DataFrame({"entry": entry, "exit": np.minimum(leaves, end), "event": (leaves < end).astype(int)})[
            seen
        ]
        curve = estimate_curve(check_spells(spells, causes=("left",)))
        for months in (6.0, 12.0, 24.0):
            if curve.fewest[int(months)] >= 10:
                low, high = curve.band_at([months])
                held.append(bool(low[0] <= np.exp(-months / 70) <= high[0]))
    return held
