"""Why no segments are reported: the sentence follows the gate that the best candidate did not pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.exports.story import Story
from segment.locale import number, say
from segment.segments.evidence import nearest_candidate

#: Gates in the order in which they tell most: what a reader can do something about comes first.
GATES = ("size", "agreement", "chance", "style", "posterior", "reliability", "one segment", "outdone", "likelihood")


@dataclass(frozen=True)
class Nearest:
    """The candidate that came nearest: how many segments, how well they came back, and the gates it did not pass."""

    k: int
    agreement: float
    failed: tuple[str, ...]

    @property
    def gate(self) -> str:
        """The gate its sentence is about."""
        return next((gate for gate in GATES if gate in self.failed), "one segment")


def nearest(tried: pd.DataFrame | None) -> Nearest | None:
    """The candidate with the fewest gates not passed; of several the one that came back best.

    >>> failed = ["", "agreement, chance", "size"]
    >>> nearest(pd.DataFrame({"k": [1, 2, 4], "failed": failed, "agreement": [None, 0.41, 0.93]}))
    Nearest(k=4, agreement=0.93, failed=('size',))
    """
    if tried is None or tried.empty or "failed" not in tried:
        return None
    best = nearest_candidate(tried)
    if best is None:
        return None
    return Nearest(int(best["k"]), float(best.get("agreement", np.nan)), tuple(_gates(best["failed"])))


def refusal(story: Story, language: str) -> str:
    """What stood in the way of segments, in a sentence or two."""
    best = nearest(story.tried)
    if best is None:
        return say("report.refusal.alike", language)
    tried = say(f"report.refusal.{best.gate}", language, k=best.k)
    if best.agreement != best.agreement or best.gate in ("agreement", "chance"):
        return tried
    back = number(best.agreement, language, digits=2)
    return f"{tried} {say('report.refusal.agreement.was', language, agreement=back, k=best.k)}"


def _gates(failed: object) -> list[str]:
    return [gate for gate in str(failed).split(", ") if gate and gate != "nan"]
