"""Why a search for segments ended as it did, as a code, its facts and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Decision:
    """Why the answer is what it is: a stable code, and the facts its sentence is made of.

    Codes: ``found``; ``made`` (none were found, and a division pays); ``requested`` (one number of segments was asked
    for, ``parts["failed"]`` lists its failed gates); ``too_few`` (people); ``too_alike`` (nobody differs);
    ``not_accepted`` (found, of a kind the study does not take); ``none`` (nothing passed).

    Examples
    --------
    >>> print(Decision("too_few", {"n": 80, "fewest": 100}))
    No segments: 80 usable people answered, and fewer than 100 cannot show that a split repeats itself.
    """

    code: str
    parts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(**self.parts)


_SENTENCES = {
    "found": "{k} segments: found by {family}, split-half agreement {agreement:.2f}, beyond chance.",
    "made": (
        "{k} groups, made and not found: people differ by degree; asked again, {same:.0%} "
        "({same_low:.0%} to {same_high:.0%}) land in the same group. "
        "Needs explained on people not used: {explained:.1%}."
    ),
    "not_accepted": "No segments: {k} were found, {kind} ones, and this study accepts {accept} only.",
    "requested": "{k} segments as requested, by {family}; gates it fails: {failed}.",
    "too_few": (
        "No segments: {n} usable people answered, and fewer than {fewest} cannot show that a split repeats itself."
    ),
    "too_alike": "No segments: the people who answered do not differ from each other.",
    "none": (
        "No reproducible segments. Tried {families} with {first} to {last} segments; what stood in the way: {why}."
    ),
}
