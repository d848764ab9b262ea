"""What HR receives, as HR receives it: pages, words, the first screen, a large report, and every number found back.

    python benchmarks/outputs.py [--short] [--seed 0] [--only counted,asked,found,large]

``counted``: words, printed pages, charts, sentences of more than twenty words and outside requests of every page.
``asked``: five questions of HR, put to what can be read of the report without scrolling (1280 x 800), answered or not.
``found``: every number of report, method file, one-pagers, workbook, slides and actions, in the released tables.
``large``: bytes and processor time of a report of 8 segments, 12 needs and 40 departments.

Studies: the demo, two public ones (they need SEGMENT_DATA), a simulated one, a made division, a refusal and a firm of
80 people, with small budgets; the short form leaves out the first three and the made one. Pages are shown by Chromium;
without it and its driver the first two parts say so. Studies are walked in a scratch folder, or kept in
SEGMENT_BENCH_KEPT.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from received.browser import browser, there_is_one
from received.figures import found_back, planted
from received.large import large
from received.measures import measured
from received.questions import asked
from received.studies import SHIPPED, SHORT, SIMULATED, Look, Release, walked
from reporting.command import run_parts
from truths.rows import Row, row


def parts(short: bool, seed: int, folder: Path) -> dict[str, Callable[[], list[Row]]]:
    """Part -> what measures it; each gives the rows of one table."""
    one = cache(lambda name: walked(name, folder))
    names = SHORT if short else (*SHIPPED, *SIMULATED)

    def every(look: Look) -> list[Row]:
        rows = []
        for name in names:
            release: Release | None = one(name)
            rows += look(release) if release is not None else [row(name, "", "needs SEGMENT_DATA", None)]
        return rows

    def shown(look: Callable[..., list[Row]]) -> list[Row]:
        if not there_is_one():
            return [row("every page", "", "needs Chromium, its driver and pdfinfo", None)]
        with browser() as driver:
            return every(lambda release: look(release, driver))

    def numbers() -> list[Row]:
        first = one("simulated")
        return [*every(found_back), *([planted(first, seed=seed)] if first is not None else [])]

    return {
        "counted": lambda: shown(measured),
        "asked": lambda: shown(asked),
        "found": numbers,
        "large": lambda: large(first) if (first := one("simulated")) is not None else [],
    }


def main(arguments: Sequence[str]) -> int:
    kept = os.environ.get("SEGMENT_BENCH_KEPT")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(kept or scratch)
        return run_parts(__doc__, lambda short, seed: parts(short, seed, folder), arguments, exact=("found",))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
