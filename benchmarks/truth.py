"""Is what is printed true? Intervals against a known truth, readers against each other, and what must not move.

    python benchmarks/truth.py [--short] [--seed 0] [--only means,segments,...]

``means``, ``segments``, ``leaving``, ``associations``, ``detection``: every interval that a reader sees, by simulation
from a known truth through the function that a stage calls: what it promises and how often it holds the truth.

``sameness``: a small study of each kind of outcome, walked again with another name, key, order of rows and columns,
settings and questions, time zone, language, one irrelevant attribute more, everyone twice with half the weight: what
moved.

Nothing of sameness is left to chance: anything that moved ends the command with 1. Of the intervals the figures are the
answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from reporting.command import run_parts
from truths.associations import associations
from truths.coverage import coverage
from truths.detecting import detecting
from truths.further import further
from truths.groups import groups
from truths.leaving import leaving
from truths.means import means
from truths.rows import Row
from truths.sameness import sameness


def parts(short: bool, seed: int) -> dict[str, Callable[[], list[Row]]]:
    """Part -> what measures it; each gives the rows of one table."""
    return {
        "means": lambda: coverage(means(), short=short, seed=seed),
        "segments": lambda: coverage(groups(), short=short, seed=seed),
        "leaving": lambda: coverage([*leaving(), *further()], short=short, seed=seed),
        "associations": lambda: coverage(associations(), short=short, seed=seed),
        "detection": lambda: coverage(detecting(), short=short, seed=seed),
        "sameness": lambda: sameness(short=short, seed=seed),
    }


def main(arguments: Sequence[str]) -> int:
    return run_parts(__doc__, parts, arguments, exact=("sameness",))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
