"""Is what is printed true? Intervals against a known truth, readers against each other, and what must not move.

    python benchmarks/truth.py [--short] [--seed 0] [--only means,segments,...]

``means``, ``segments``, ``leaving``, ``associations``: every interval that a reader sees, by simulation from a known
truth through the function that a stage calls: what it promises and how often it holds the truth.

``sameness``: a small study of each kind of outcome, walked again with another name, key, order of rows and columns,
time zone, one irrelevant attribute more, everyone twice with half the weight: what moved.

Claims that are missed are counted at the end and shown; the figures are reported either way.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence

import pandas as pd
from truths.associations import associations
from truths.coverage import coverage
from truths.groups import groups
from truths.leaving import leaving
from truths.means import means
from truths.rows import Row
from truths.sameness import sameness


def parts(*, short: bool, seed: int) -> dict[str, Callable[[], list[Row]]]:
    """Part -> what measures it; each gives the rows of one table."""
    return {
        "means": lambda: coverage(means(), short=short, seed=seed),
        "segments": lambda: coverage(groups(), short=short, seed=seed),
        "leaving": lambda: coverage(leaving(), short=short, seed=seed),
        "associations": lambda: coverage(associations(), short=short, seed=seed),
        "sameness": lambda: sameness(short=short, seed=seed),
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="under a minute of CPU, for every change")
    parser.add_argument("--only", default="", help="parts to run, with commas")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    chosen = parts(short=options.short, seed=options.seed)
    wanted = [name for name in options.only.split(",") if name] or list(chosen)
    unknown = sorted(set(wanted) - set(chosen))
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(chosen)}")
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    missed = 0
    for name in wanted:
        begun = time.process_time()
        table = pd.DataFrame(chosen[name]())
        if table.empty:
            print(f"\n{name}: nothing in the short form", flush=True)
            continue
        missed += int((table["met"] == "NO").sum())
        spent = time.process_time() - begun
        print(f"\n{name} ({spent:.0f} s of CPU)\n{table.to_string(index=False)}", flush=True)
    print(f"\nclaims missed: {missed}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
