"""What was promised and not kept: the gaps of a segment, the widest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.displays.labels import (
    Edges,
    Labels,
    answer_text,
    bands_of,
    floats,
    in_order,
    of_segment,
    rows_of,
    said_yes,
)
from segment.exports.near_ties import following
from segment.exports.story import Story
from segment.tables.shapes import SAID_YES


@dataclass(frozen=True)
class Gap:
    """A need of which less was kept than promised; ``alike``: how many of the next gaps are about as wide.

    ``promised`` and ``kept`` are means, 1 to 5, or, of what was asked with yes and no, the ``share`` who say yes.
    """

    name: str
    promised: float
    kept: float
    alike: int
    share: bool = False
    bands: Edges = None

    def told(self, language: str) -> tuple[str, str]:
        """What was promised and what was kept, as text."""
        return tuple(  # type: ignore[return-value]
            answer_text(one, language, share=self.share, bands=self.bands) for one in (self.promised, self.kept)
        )


def widest_gaps(story: Story, labels: Labels, segment: int | None) -> tuple[Gap, ...]:
    """The gaps between promised and kept of a segment (``None``: of everyone), the widest first.

    Those of which less was kept than promised, as a reader sees it, in the rank of the figures before rounding. What is
    printed as much kept as promised, or more, is no gap, also where it is about as much as one.
    """
    rows = _promises_of(story, segment)
    promised, kept, share = _both_sides(rows)
    ranked = in_order(rows, promised - kept)
    order = [at for at in ranked if _seen(promised[at], share=share[at]) > _seen(kept[at], share=share[at])]
    more = following(rows)
    follow = (set(ranked[place + 1 : place + 1 + more[at]]) for place, at in enumerate(ranked))
    alike = [len(next_ones & set(order)) for at, next_ones in zip(ranked, follow, strict=True) if at in order]
    return tuple(
        Gap(
            labels.need(str(rows["need"].iloc[at])), promised[at], kept[at], count, bool(share[at]),
            bands_of(rows.iloc[at]),
        )
        for at, count in zip(order, alike, strict=True)
    )  # fmt: skip


def _seen(value: float, *, share: bool) -> float:
    """A figure as it is printed: a mean to a tenth, a share to a whole percent."""
    return round(value, 2 if share else 1)


def gaps_known(story: Story, segment: int | None) -> bool:
    """Whether of any need both what was promised and what was kept is shown."""
    promised, kept, _ = _both_sides(_promises_of(story, segment))
    return bool(np.isfinite(promised - kept).any())


def _promises_of(story: Story, segment: int | None) -> pd.DataFrame:
    table = story.released.get("promises")
    return of_segment(rows_of(table), segment) if table is not None else pd.DataFrame()


def _both_sides(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What was promised and what was kept as released, and which of these are shares of people."""
    share = said_yes(rows, SAID_YES["promises"])
    sides = (np.where(share, floats(rows, yes), floats(rows, mean)) for mean, yes in SAID_YES["promises"].items())
    return *sides, share  # type: ignore[return-value]
