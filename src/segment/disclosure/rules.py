"""The floors under which no figure is shown: they can be raised, never lowered."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields

from segment.errors import RefusedRelease
from segment.floors import Floors

#: What a table can be about, and in words what its floor guards.
KINDS: dict[str, str] = {
    "scores": "mean scores of a group",
    "rates": "shares, rates, distributions and text of a group",
    "segments": "a segment with a name of its own",
    "curves": "retention curves of a group",
    "driver": "what goes together with an outcome within a group",
}


@dataclass(frozen=True)
class ReleaseRules(Floors):
    """How many people a group needs before anything about it may be shown.

    Parameters
    ----------
    min_group
        People behind a score; also the least number of people any hidden remainder consists of, and the least
        width of what can be known about the size of a hidden small group.
    min_rate_group
        People behind a share, a rate, a distribution or a text.
    min_segment, segment_share
        People in a named segment: at least this many, and at least this share of everyone.
    min_driver
        People behind a driver's impact.
    min_curve_people, min_curve_events
        People and exits behind a retention curve.
    min_response
        Share of invited people who answered, under which a group is hidden.

    Raises
    ------
    RefusedRelease
        A floor under its default.

    Examples
    --------
    >>> ReleaseRules(min_group=8).floor("scores")
    8
    >>> ReleaseRules().floor("segments", population=2_000)
    100
    >>> ReleaseRules(min_group=3)
    Traceback (most recent call last):
    segment.errors.RefusedRelease: A floor of the release rules can be raised, never lowered.
      expected: min_group at least 5
      found: 3
      what to do: leave the floor out, or choose a higher one
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not value >= float(str(field.default)):
                raise RefusedRelease(
                    "A floor of the release rules can be raised, never lowered.",
                    expected=f"{field.name} at least {field.default}",
                    came=str(value),
                    advice="leave the floor out, or choose a higher one",
                )

    def floor(self, kind: str, *, population: int = 0) -> int:
        """People a group needs before a table of this kind shows it.

        Parameters
        ----------
        kind
            One of ``KINDS``: what kind of figure the table holds.
        population
            People in all segments together, for tables of kind ``segments``.
        """
        if kind not in KINDS:
            raise RefusedRelease(
                "A table to release is of a kind we have no rule for.",
                expected="one of " + ", ".join(KINDS),
                came=repr(kind),
                advice="name the kind of figure the table holds",
            )
        share = math.ceil(self.segment_share * population - 1e-9)
        floors = {
            "scores": self.min_group,
            "rates": self.min_rate_group,
            "segments": max(self.min_segment, share),
            "curves": self.min_curve_people,
            "driver": self.min_driver,
        }
        return max(self.min_group, floors[kind])

    def as_dict(self) -> dict[str, float]:
        """The floors by name, for certificates."""
        return asdict(self)
