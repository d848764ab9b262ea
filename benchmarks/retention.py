"""Who stays: retention models against the tools people use today, on public data and where the truth is known.

    python benchmarks/retention.py [--short] [--seed 0] [--only ibm,mfg10year,job_retention,truncation,...]

Public data come from the folder in SEGMENT_DATA; ``job_retention`` is read from the wheel of the package
peopleanalyticsdata, which pip downloads into a temporary folder. What is not there is reported as not run. Peers run
on the same folds: Cox and Kaplan-Meier (ours, honouring entry), scikit-learn's logistic regression with splines,
random forest and gradient boosting; and, in environments of their own that are made once in a cache folder,
scikit-survival, hazardous and lifelines (part ``outside``).

Shares over simulations are judged beyond chance: what is right fails in fewer than 1 of 1,000 runs, and each target
tells how wrong a share must be to be noticed in nine of ten; the long form notices smaller faults than the short one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from reporting.command import run_parts
from staying.abroad import abroad
from staying.coverage import coverage
from staying.leavers import leavers
from staying.public import ibm, job_retention, mfg10year
from staying.rows import Row
from staying.simulated import leaks_and_null, many_curves, sampled_controls, scale, truncation, value_bands


def parts(short: bool, seed: int) -> dict[str, Callable[[], list[Row]]]:
    if short:
        return {
            "ibm": lambda: ibm(repeats=1, learner="linear"),
            "truncation": lambda: truncation(n=5_000, draws=1, seed=seed),
            "leaks": lambda: leaks_and_null(worlds=8, seed=seed),
            "coverage": lambda: coverage(simulations=12, seed=seed),
            "leavers": lambda: leavers(simulations=12, seed=seed),
            "scale": lambda: scale(people=3_000, label="100,000 person-months", most_cpu=20, most_mb=1_000),
        }
    return {
        # Memory is the process's peak so far: the small table runs first, the large one last.
        "scale": lambda: scale(people=29_500, label="1 million person-months", most_cpu=20, most_mb=700),
        "ibm": lambda: ibm(repeats=2, learner="auto"),
        "mfg10year": mfg10year,
        "job_retention": lambda: job_retention(repeats=2),
        "truncation": lambda: truncation(n=16_000, draws=3, seed=seed),
        "outside": lambda: abroad(people=16_000, folds=5, seed=seed),
        "curves": lambda: many_curves(people=100_000, seed=seed),
        "sampled": lambda: sampled_controls(people=1_000_000, seed=seed),
        "leaks": lambda: leaks_and_null(worlds=20, seed=seed),
        "coverage": lambda: coverage(simulations=200, seed=seed),
        "leavers": lambda: leavers(simulations=1200, seed=seed),
        "value": lambda: value_bands(simulations=100, seed=seed),
        # As many employees as give 60 million person-months in five years: nearly half of a million leave within them.
        "million": lambda: scale(people=1_750_000, label="60 million person-months", most_cpu=1_200, most_mb=6_000),
    }


def main(arguments: Sequence[str]) -> int:
    return run_parts(__doc__, parts, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
