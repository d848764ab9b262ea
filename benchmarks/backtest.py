"""Histories of six waves whose truth is known, walked back: was what would have been said each time right?

    python benchmarks/backtest.py            # 10 histories, about half an hour of CPU
    python benchmarks/backtest.py --short    # one history of three waves
    python benchmarks/backtest.py --keep rows.jsonl    # goes on where a run stopped

Half of the histories have five planted segments, half have none; in all of them people leave at the rates they always
left at. At each wave three things are decided as a reviewer would have read them: whether there are segments (right:
five that are found, or none that are), whether they held until the next wave (right: yes), and whether as many left as
expected (right: yes).

Claim: 19 of 20 decisions are right.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from segment.proportions import wilson_interval
from segment.stages.backtest import Past, walk_back
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

HISTORIES, WAVES, MONTHS, PEOPLE, PLANTED = 10, 6, 6, 1500, 5
CLAIM = 19 / 20
#: Kinds of segments that are called found; others are made, or none.
FOUND, MADE = ("natural", "reproducible"), "made"
#: The demo's budget with one family of models: ten histories are sixty runs.
QUICK = (
    "segmentation.families=[needs_mixture]", "segmentation.n_segments=[2,3,4,5,6]", "segmentation.n_splits=6",
    "segmentation.null_draws=6", "segmentation.bootstrap=20",
    "segmentation.planted_worlds=0", "needs.bootstrap=0",
    "retention.learner=linear", "retention.max_rows=5000", "retention.bootstrap=2",
)  # fmt: skip
#: What is decided at a wave, and what was right or not.
DECISIONS = ("are there segments", "did they hold", "exits as expected")


def judged(past: Past, world: World) -> dict[str, bool | None]:
    """Whether each decision of a wave is right; None where nothing was decided, or no truth says what is right.

    >>> judged(Past("2024-03", kind="natural", k=5, agreement=0.9), World.NEEDS)
    {'are there segments': True, 'did they hold': True, 'exits as expected': None}
    >>> judged(Past("2024-03", kind="reproducible", k=2, agreement=0.4), World.NONE)["are there segments"]
    False
    """
    found = past.kind in FOUND and past.k > 1
    right = (found and past.k == PLANTED) if world is World.NEEDS else not found
    held = None if past.kind == MADE else past.segments_held
    return dict(zip(DECISIONS, (False if past.refused else right, held, past.level_held), strict=True))


def history(number: int, *, people: int, waves: int) -> Iterator[dict[str, object]]:
    """One row per wave of a fresh history: what was said, and whether it was right."""
    world = (World.NEEDS, World.NONE)[number % 2]
    with tempfile.TemporaryDirectory(prefix="segment-history-") as scratch:
        folder = Path(scratch).resolve() / "history"
        simulate_into(folder, people=people, seed=1000 + number, world=world, waves=waves, months_between_waves=MONTHS)
        settings = [*QUICK, f"workspace={folder / 'work'}"]
        for past in walk_back(folder / "study.yaml", overrides=settings):
            made = past.segments_held if past.kind == MADE else None
            told = {"history": number, "world": str(world), "wave": past.wave, "said": str(past), MADE: made}
            yield {**told, **judged(past, world)}


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """What was decided in each world, how often it was right, with a 95 % interval."""
    kinds = [(world, what) for world in rows["world"].unique() for what in DECISIONS]
    told = [(f"{world}: {what}", rows.loc[rows["world"] == world, what]) for world, what in kinds]
    every = pd.concat([rows[what] for what in DECISIONS])
    lines = []
    for name, answers in [*told, ("altogether", every), ("besides: groups called made that held", rows[MADE])]:
        known = answers.dropna().astype(bool)
        share = float(known.mean()) if len(known) else np.nan
        low, high = (float(end) for end in wilson_interval(known.mean(), len(known))) if len(known) else (0.0, 1.0)
        lines.append((name, f"{known.sum()} of {len(known)}", f"{share:.1%} ({low:.1%}-{high:.1%})"))
    return pd.DataFrame(lines, columns=["decision", "right", "share"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk the histories and print what was right; ends with 1 where the claim does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="one history of three waves")
    parser.add_argument("--histories", type=int, default=HISTORIES)
    parser.add_argument("--keep", type=Path, help="file of rows that are there already, to which new ones are added")
    given = parser.parse_args(arguments)
    there_is = given.keep is not None and given.keep.exists()
    kept = [json.loads(line) for line in given.keep.read_text().splitlines()] if there_is else []
    rows, there = list(kept), {row["history"] for row in kept}
    for number in range(1 if given.short else given.histories):
        if number in there:
            continue
        new = list(history(number, people=PEOPLE, waves=3 if given.short else WAVES))
        rows += new
        for row in new:
            print(f"{row['history']:>2} {row['world']:<6} {row['said']}", flush=True)
        if given.keep:
            with given.keep.open("a") as file:
                file.writelines(f"{json.dumps(row)}\n" for row in new)
    table = summary(pd.DataFrame(rows))
    print(table.to_string(index=False))
    every = [row[what] for row in rows for what in DECISIONS if row[what] is not None]
    return 0 if given.short or float(np.mean(every)) >= CLAIM else 1


if __name__ == "__main__":
    sys.exit(main())
