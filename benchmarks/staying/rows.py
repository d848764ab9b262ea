"""Rows of the benchmark's tables."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import beta, binom

#: How rarely a right figure misses its target at either end: of a run's ten targets together 1 in 1,000 times.
RARE = 0.00005
#: Standard errors that a right figure lies beyond as rarely as that.
ERRORS = 3.89

Row = dict[str, object]


def row(data: str, model: str, metric: str, value: float, target: str = "", met: bool | None = None) -> Row:
    return {"data": data, "model": model, "metric": metric, "value": round(float(value), 5), "target": target,
            "met": "" if met is None else "yes" if met else "NO"}  # fmt: skip


def not_run(data: str, reason: str) -> list[Row]:
    return [{"data": data, "model": "", "metric": "not run", "value": reason, "target": "", "met": ""}]


def held_row(
    data: str, model: str, metric: str, held: Sequence[bool], *, low: float, high: float, each: float = 1.0
) -> Row:
    """A share that must lie between two bounds, allowing for the chance of so many trials.

    What is right, with a share from ``low`` to ``high`` in the long run, hardly ever fails. The target tells within
    what it may lie here, and how wrong it must be to be noticed in nine of ten runs. ``each``: how many trials that go
    together count as one.
    """
    size = max(int(len(held) / each), 1)
    share = sum(held) / max(len(held), 1)
    least, most = int(binom.ppf(RARE, size, low)), int(binom.isf(RARE, size, high))
    ends = [] if least == 0 else [f"under {beta.ppf(0.1, least, size - least + 1):.2f}"]
    ends += [] if most == size else [f"over {beta.ppf(0.9, most + 1, size - most):.2f}"]
    noticed = f"; noticed {' or '.join(ends)}" if ends else "; nothing would be noticed"
    target = f"{low:g}-{high:g}, by chance {least / size:.2f}-{most / size:.2f}{noticed}"
    return row(data, model, metric, share, target, least <= share * size + 1e-9 and share * size <= most + 1e-9)
