"""What a version gains on people held out: over the simplest peer, and over the other side on the same people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.disclosure.rounding import in_band
from segment.floors import FLOORS
from segment.retention.paired import PairedGain, paired_gain, squared_loss
from segment.stages.base import OpenStudy
from segment.stages.comparison.kept import held_out_of
from segment.stages.comparison.sides import Side

#: What a gain is over.
PEER, OTHER = "peer", "other"
#: Fewest people that a gain rests on.
_FEWEST = FLOORS.min_driver

#: From what was said of people held out to the loss of the model and of its simplest peer, per person.
Losses = Callable[[pd.DataFrame], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Gain:
    """A gain of one side: ``side`` 0 or 1, of a ``model``, ``over`` the peer or the other side; or why there is none.

    ``missing``: ``not_kept`` (that version was made before such figures were kept, or judged otherwise) or ``unlike``
    (other people, answers or horizon).
    """

    model: str
    side: int
    over: str
    gain: PairedGain | None
    people: str = ""
    missing: str = ""


def gains_of(opened: OpenStudy, sides: tuple[Side, Side]) -> list[Gain]:
    """Every gain that can be measured, and why the others cannot."""
    found: list[Gain] = []
    both: tuple[tuple[str, Losses], ...] = (("segmentation", _answers), ("retention", _chances))
    for model, losses in both:
        kept = [
            held_out_of(opened, model, side.versions[model].sha256) if model in side.versions else None
            for side in sides
        ]
        for number, rows in enumerate(kept):
            if rows is None:
                continue
            if len(rows) < _FEWEST:
                found.append(Gain(model, number, PEER, None, missing="not_kept"))
                continue
            own, peer = losses(rows)
            found.append(_measured(model, number, PEER, peer, own, rows["weight"]))
        if kept[0] is not None and kept[1] is not None:
            found.append(_against(model, losses, kept[0], kept[1]))
    return found


def _against(model: str, losses: Losses, before: pd.DataFrame, after: pd.DataFrame) -> Gain:
    if min(len(before), len(after)) < _FEWEST:
        return Gain(model, 1, OTHER, None, missing="not_kept")
    same = ["person", "footing"] if model == "segmentation" else ["person", "horizon", "left"]
    rows = before.merge(after, on=same, suffixes=("_first", ""))
    if len(rows) < max(_FEWEST, 0.9 * max(len(before), len(after))):
        return Gain(model, 1, OTHER, None, missing="unlike")
    (first, _), (second, _) = losses(rows.assign(own=rows["own_first"])), losses(rows)
    return _measured(model, 1, OTHER, first, second, rows["weight"])


def _measured(model: str, side: int, over: str, first: np.ndarray, second: np.ndarray, weight: pd.Series) -> Gain:
    gain = paired_gain(first, second, weight=weight.to_numpy())
    return Gain(model, side, over, gain, in_band(gain.n))


def _answers(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Minus the log-likelihood under the segments, and under one segment: less is better."""
    return -rows["own"].to_numpy(), -rows["one"].to_numpy()


def _chances(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Squared distance of chances from what happened, of the model and of the simplest peer."""
    left = rows["left"].to_numpy()
    return squared_loss(left, rows["own"]), squared_loss(left, rows["floor"])
