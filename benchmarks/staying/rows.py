"""Rows of the benchmark's tables."""

from __future__ import annotations

Row = dict[str, object]


def row(data: str, model: str, metric: str, value: float, target: str = "", met: bool | None = None) -> Row:
    return {"data": data, "model": model, "metric": metric, "value": round(float(value), 5), "target": target,
            "met": "" if met is None else "yes" if met else "NO"}  # fmt: skip


def not_run(data: str, reason: str) -> list[Row]:
    return [{"data": data, "model": "", "metric": "not run", "value": reason, "target": "", "met": ""}]
