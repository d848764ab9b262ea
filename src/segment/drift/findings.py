"""An alarm: what changed, how sure that is, and what to do about it; and how sure each of many looks has to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from segment.errors import InvalidInput

#: Chance of a false alarm over all looks together, by what is watched; one in twenty altogether.
ALPHA: Mapping[str, float] = {
    "inputs": 0.02, "segments": 0.01, "response": 0.005, "outcomes": 0.01, "fairness": 0.005,
}  # fmt: skip


class Advice(StrEnum):
    """What an alarm asks for. A model is never changed by an alarm itself."""

    REFIT = "refit"
    RECALIBRATE = "recalibrate"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Alarm:
    """One finding of a watch.

    Parameters
    ----------
    code
        ``DR001`` input, ``DR002`` segments, ``DR003`` model against people, ``DR004`` exits, ``DR005`` exits of a
        protected group, ``DR006`` response.
    subject
        What it is about: an item, an attribute, a cause.
    text
        What was seen, without a number of few people.
    advice
        What to do.
    """

    code: str
    subject: str
    text: str
    advice: Advice

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.text} Advice: {self.advice}."


def level_of_look(alpha: float, look: int) -> float:
    """The level at which one look of many is read, so that all of them together raise a false alarm in ``alpha``.

    ``alpha / (look (look + 1))``: these levels add up to ``alpha`` over any number of looks, so nobody has to know
    beforehand how often a study will be watched (alpha spending; Lan & DeMets, 1983, Biometrika 70, 659-663).

    Parameters
    ----------
    alpha
        Chance of a false alarm over all looks.
    look
        Which look it is, from 1.

    Raises
    ------
    InvalidInput
        A look before the first.

    Examples
    --------
    >>> level_of_look(0.02, 1), round(sum(level_of_look(0.02, look) for look in range(1, 25)), 4)
    (0.01, 0.0192)
    """
    if look < 1:
        raise InvalidInput("Looks are counted from one.", expected="1 or more", came=str(look))
    return alpha / (look * (look + 1))
