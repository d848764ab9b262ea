"""Rows that are shown again keep the scale of their answers, also where today's table has no such line."""

from __future__ import annotations

import pandas as pd

from segment.disclosure.linked_tables import Request
from segment.disclosure.release import release, with_kept
from segment.stages.release.carry_forward import published_rows

HOW = {"means": ["mean"], "lines": ["item"], "ends": {"mean": ("least", "most")}, "chosen": ["item"]}


def asked(item: str, least: float, most: float, mean: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"segment": [0.0], "item": [item], "n": [60], "mean": [mean], "least": [least], "most": [most]}
    )  # fmt: skip


def test_a_row_shown_again_has_its_scale_in_the_certificate() -> None:
    """A mean of 9.1 from 0 to 10 is told as such; on a scale of 1 to 5 whoever verifies takes it for a forgery."""
    frame = asked("pride", 0, 10, 9.1)
    before = Request("telling", frame, ("segment",), "answers", count="n", lines=("item",), options={})
    then = release("telling", frame, groups=["segment"], count="n", **HOW)
    earlier = {("0", row["item"]): row for rows in published_rows(before, then).values() for row in rows}
    now = release("telling", asked("rest", 1, 5, 3.0).assign(n=4), groups=["segment"], count="n", **HOW)
    kept = with_kept(now, ["0"], ["rest"], earlier, chosen=["item"])
    assert kept.frame[["item", "mean", "earlier"]].to_numpy().tolist() == [["pride", 9.1, True]]
    assert kept.certificate["scales"] == {"pride": [0.0, 10.0]}
    assert "_scale" not in kept.frame
